"""Text from strangers, made safe: legal characters, one kind of white space, plain titles.

Serves every source, the page form and whoever shows a text on one line. Pure; every function is
total.
"""

import html as entities
import re

MAX_TITLE = 10_000
"""Characters read of a title."""

# Outside XML 1.0's Char production, plus non-characters, the replacement character (validators
# warn of it) and invisible marks that only deceive: byte order mark, zero-width space, overrides.
_PLANES = range(0x10000, 0x110000, 0x10000)
_PLANE_ENDS = "".join(chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in _PLANES)
_NEVER = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffd-\uffff"
    f"\u200b\u202d\u202e\u2060{_PLANE_ENDS}"
)
_ILLEGAL = re.compile(f"[{_NEVER}]")
# What is none of these may be illegal: one set of characters below 0x10000 is looked up five times
# as fast as one that names planes, or as the set of a text's characters.
_UNUSUAL = re.compile(
    "[^\t\n\r -~\xa0-\u200a\u200c-\u202c\u202f-\u205f\u2061-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\ufffc]"
)
_SUSPECT = re.compile(f"[{_NEVER}\x80-\x9f]")
_CONTROLS = dict.fromkeys({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0D})
_FORMER = re.compile("[\x80-\x9f]")
_C1 = {code: bytes([code]).decode("cp1252", "ignore") or None for code in range(0x80, 0xA0)}
_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY_LIKE = re.compile(r"&(?=#?\w+;)")
_SPACES = re.compile(
    r"\s{2,}|[^\S \u00a0\u202f\u2007]"
)  # not one blank, nor one that keeps together
_CLOSED_BY = {
    **dict.fromkeys("\u202a\u202b", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
_DIRECTIONS = re.compile("[\u202a-\u202c\u2066-\u2069]")


def strip_illegal(text: str) -> str:
    """Return the text without what XML 1.0 (section 2.2) forbids or validators warn about.

    C1 controls are read as windows-1252, as browsers do (WHATWG Encoding, windows-1252).
    """
    if text.isascii():  # most text, and ten times faster
        return text.translate(_CONTROLS)
    if not _UNUSUAL.search(text):
        return text
    # A long text has few characters, each many times: to look at each once is ten times faster.
    if not _SUSPECT.search("".join(set(text))):
        return text
    return _ILLEGAL.sub("", text.translate(_C1) if _FORMER.search(text) else text)


def clean_text(text: str) -> str:
    """Return one line: legal characters, single spaces. A no-break space inside is kept.

    Marks that open a direction and are never closed go: they would turn what stands beside the line.
    """
    if text.isascii():
        return " ".join((text if text.isprintable() else text.translate(_CONTROLS)).split())
    return joined(strip_illegal(text))


def joined(legal: str) -> str:
    """Return a text of legal characters as one line, as `clean_text` does."""
    if legal.isascii():
        return " ".join(legal.split())
    line = _SPACES.sub(" ", legal).strip()
    return line if _closes(line) else _DIRECTIONS.sub("", line)


def readable(text: str) -> str:
    """Return plain text that reads the same where a reader of feeds takes it for HTML.

    What looks like a tag or an entity (`a<b`, `&amp;`) would be eaten; a space after its first
    character keeps it.
    """
    if "<" not in text and "&" not in text:
        return text
    return _ENTITY_LIKE.sub("& ", _TAG_LIKE.sub("< ", text))


def _closes(line: str) -> bool:
    """Tell whether embeddings and isolates are closed in the order they were opened (UAX #9)."""
    waiting: list[str] = []
    for mark in _DIRECTIONS.findall(line):
        if mark in _CLOSED_BY:
            waiting.append(_CLOSED_BY[mark])
        elif not waiting or waiting.pop() != mark:
            return False
    return not waiting


def clean_lines(text: str) -> str:
    """Return plain text with its lines: legal characters, LF only, trailing blanks gone."""
    legal = strip_illegal(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not legal.isascii():
        legal = legal.replace("\u2028", "\n").replace("\u2029", "\n")
    return "\n".join([line.rstrip() for line in legal.split("\n")]).strip("\n")


def text_to_html(text: str) -> str:
    """Return plain text as paragraphs: an empty line parts them, an end of line is a break."""
    blocks = re.split(r"\n\s*\n", clean_lines(text))
    return "\n".join(
        "<p>" + "<br>".join(escape(line.strip()) for line in block.split("\n")) + "</p>"
        for block in blocks
        if block.strip()
    )


def escape(text: str) -> str:
    """Return text as HTML text (quotes stay: this is not for attributes)."""
    return entities.escape(text, quote=False)


_TITLE_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|br|cite|code|del|div|em|font|h[1-6]|i|img|ins|kbd|mark|p|q|s|small"
    r"|span|strike|strong|sub|sup|tt|u|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)


def plain_title(raw: str) -> str:
    """Return a title as plain text: mark-up gone, entities resolved exactly once, one line.

    Only real mark-up is taken away: `I <3 AT&T` and `a <details> element` stay as they are.
    """
    title = raw[:MAX_TITLE]
    if "<" in title or "]" in title:
        title = _TITLE_TAG.sub("", _TITLE_NOISE.sub("", title))
    return clean_text(entities.unescape(title))


_TITLE_NOISE = re.compile(
    r"<!--.*?-->|<!\[CDATA\[|\]\]>|<(script|style)\b[^<>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)

_SENTENCE = re.compile(
    r"(?<=[.!?…])[\"'”’»)]*\s+(?=[\"'“‘«(¿¡]*[^\W\d_a-z])|(?<=[。\uff01\uff1f؟।])\s*"
)


def lead_sentence(text: str) -> str:
    """Return the first sentence of a text, on one line; the first paragraph when it has no end."""
    first = next((block for block in re.split(r"\n\s*\n", text) if block.strip()), "")
    return _SENTENCE.split(clean_text(first), maxsplit=1)[0]


def shorten(text: str, limit: int) -> str:
    """Return at most `limit` characters, cut between words, an ellipsis for what is missing."""
    line = clean_text(text)
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    between = cut.rfind(" ")
    return (cut[:between] if between > limit // 2 else cut).rstrip(" ,;:–—-") + "…"


def derive_title(text: str, limit: int = 80) -> str:
    """Return a title for a story that has none: its first sentence, shortened."""
    return shorten(lead_sentence(text), limit)
