"""Sentences of a text that speak to a machine instead of to readers ("ignore previous instructions").

Serves whoever hands strangers' texts to a language model. Pure and total. This is no defence by itself,
for there is always another way to say it: what comes back is checked as if nothing had been removed.
"""

import re
from collections.abc import Sequence

from publisher.kit.sentences import sentences

AFTER = 2
"""Sentences after such a one that go with it: what is to be said mostly follows."""

_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,40}\b(?:instruction|prompt|rule|context"
    r"|guideline|everything|above|previous|prior)"
    r"|\b(?:system|developer)\s+(?:prompt|message)\b"
    r"|\byou are (?:now|a|an) [^.!?]{0,30}\b(?:ai|assistant|model|bot)\b"
    r"|\bas an? (?:ai|language model|assistant)\b|\b(?:new|following|these) instructions\s*:"
    r"|\b(?:assistant|system|user)\s*:|\bdo not summari[sz]e\b"
    r"|\bignorier\w*\b[^.!?]{0,40}\b(?:anweisung|vorgabe|anleitung)"
    r"|\b(?:ignor|oubli)\w*\b[^.!?]{0,40}\b(?:instruction|consigne)"
    r"|\b(?:ignor|olvid)\w*\b[^.!?]{0,40}\b(?:instruccion|orden|indicacion)"
    r"|(?<!\w)(?:игнорируй|забудь|не обращай)\w{0,6}[^.!?]{0,40}(?:инструкци|указани)"
    r"|(?:önceki|yukarıdaki)[^.!?]{0,30}(?:talimat|yönerge)"
    r"|(?:تجاهل|انس)[^.!؟]{0,40}(?:تعليمات|أوامر)"
    r"|(?:忽略|无视|無視|忘记)[^。]{0,20}(?:指令|指示|说明|規則|规则|提示)|(?:指示|命令|プロンプト)[^。]{0,10}(?:無視|忘れ)"
    r"|<\|[a-z_]+\|>|\[/?INST\]|#{2,}\s*(?:instruction|system|response)",
    re.IGNORECASE,
)


def without_orders(text: str, language: str = "") -> str:
    """Return a text without such sentences and what follows each; as it is where there are none."""
    if not gives_orders(text):
        return text
    return "\n\n".join(
        block for block in (_kept(part, language) for part in re.split(r"\n\s*\n", text)) if block
    )


def gives_orders(text: str) -> bool:
    """Tell whether something in a text speaks to a machine."""
    return _ORDER.search(text) is not None


def _kept(block: str, language: str) -> str:
    """Return a paragraph without its orders."""
    if not gives_orders(block):
        return block
    found: Sequence[str] = sentences(block, language)
    refused: set[int] = set()
    for place, one in enumerate(found):
        if gives_orders(one):
            refused.update(range(place, place + 1 + AFTER))
    return " ".join(one for place, one in enumerate(found) if place not in refused)
