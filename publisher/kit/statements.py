"""Which sentences can stand alone as a statement, and what may be cut off them so that they do.

Serves the key points. Pure. Cuts only what loses no meaning: never ", police said", for an
allegation must not become a fact.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from publisher.kit.openers import points_back, without_conjunction

SHORTEST, LONGEST = 6.0, 45.0
"""Words of English size; see `size`."""

_LETTERS = 5.8
_SOLID = re.compile(
    r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]"
)
_SYLLABLE = 2
"""Letters more that a character of an East Asian script stands for."""

_BULLET = re.compile(r"^(?:[-–—*•·▪►]|\d{1,2}[.)])\s+")
_CITATION = re.compile(r"\s?\[\d{1,3}\]")
_STRAY_STOP = re.compile(r" \.(?= [a-z])")
"""What a broken line leaves in the middle of a sentence."""
_STRAY_SPACE = re.compile(r"\s+(?=[,.](?:\s|$))")
_AGENCIES = r"CNN|AP|Reuters|AFP|dpa[\w/]*|UPI|EFE|ANSA|Lusa|APA|AA|DHA|\u0422\u0410\u0421\u0421|Xinhua|Kyodo"
_DATELINE = re.compile(
    rf"^(?:[^\W\d_][\w.,'’ ]{{0,40}})?\((?i:{_AGENCIES})\)[.:]?\s*(?:--|[-–—])?\s*"
    r"|^[^\W\d_a-z]{3,30}(?:, [\w. ]{2,20})? (?:--|[–—]) (?=[^\W\d_a-z])"
    r"|^[^\W\d_a-z]{3,30}, \d{1,2} [^\W\d_]{3,9}\.? - "
    r"|^(?:新华社|中新社|中新网)[^。\uff0c]{0,15}电\s?(?:[\uff08(][^\uff09)]{0,20}[\uff09)])?\s*"
    r"|^【[^】]{1,15}】\s*"
)
_DIRECTION = re.compile(
    r" \((?:(?:far|top|bottom) )?(?:left|right|centre|center|above|below|pictured|links|rechts|Mitte"
    r"|à gauche|à droite|au centre|izquierda|derecha|centro|слева|справа|в центре|solda|sağda|ortada)\)"
)
_ENDED = re.compile(r"[.!…。\uff01\uff61\u06d4\u0964\u0589\u1362][\"'”’“»«)\]」』\uff09\u203a ]*$")
_CAPITALS = 0.8
"""The share of letters that are capitals from which on a sentence is shouted, or a heading."""
_FLAWS = (
    ("a question", re.compile(r"[?\u061f\uff1f\u1367]")),
    ("trails off", re.compile(r"(?:\.\.|…)[\"'”’“»«)\]」』\uff09 ]*$")),
    ("a caption", re.compile(r"^[^\W\d_][\w’' ]{1,24}: (?![\"'“„«‘\u201a»])")),
    (
        "a caption",
        re.compile(
            r"\((?:[\w ]{1,30}, )?(?:left|right|centre|center|above|below)\b", re.IGNORECASE
        ),
    ),
    (
        "a time stamp",
        re.compile(
            r"^\W*\d{1,2}[:.] ?\d{2}(?:\b|[ap]m\b).{0,40}\b(?:19|20)\d\d\b|^(?:published|updated|posted)\b:?",
            re.IGNORECASE,
        ),
    ),
    (
        "a byline",
        re.compile(r"^(?:By|Von|Par|Por|Di|Door|Av) [^\W\d_a-z][\w.-]+ [^\W\d_a-z][\w.-]+\W"),
    ),
    (
        "boilerplate",
        re.compile(r"https?://|www\.|©|[\w.]@[\w-]+\.\w|copyright \W?\d", re.IGNORECASE),
    ),
    ("left-over markup", re.compile(r"[{}<>|\\]|\*\*|__|&(?:amp|nbsp|lt|gt|quot|#\d+);")),
    ("unreadable characters", re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")),
    ("a cut quotation", re.compile(r":['‘] [^'’]*$")),
    ("no full stop", re.compile(rf"^(?!.*{_ENDED.pattern})", re.DOTALL)),
)
"""What keeps a sentence from being a key point, and how it is seen, in the order it is told."""

_PAIRS = (
    *(("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"), ("「", "」"), ("『", "』")),
    ("\uff08", "\uff09"),
)
_OPENS_SINGLE = re.compile(r"(?:^|(?<=[\s(]))['‘](?=[^\W\d_])")
_CLOSES_SINGLE = re.compile(r"['’](?=$|[\s,.;:!?)])")
_ENDS_SINGLE = re.compile(r"[.,!?…]['’](?=$|\s)")
_ONLY_QUOTED = re.compile(r"^[\"'“„«‘»「『].*[\"'”“»«’」』][.。]?$", re.DOTALL)
_THEN_WORDS = re.compile(r"[\"”“»«」』],?\s?[^\W\d_]|[.,!?…]['’] [^\W\d_]")
_QUOTED_ON = 8
"""Sentences that a quotation may go on for; what is open longer was never closed."""


def size(sentence: str) -> float:
    """Return how long a sentence is, in words of English length, whatever its language."""
    return (len(sentence) + _SYLLABLE * len(_SOLID.findall(sentence))) / _LETTERS


def standing_alone(sentence: str, language: str) -> str:
    """Return a sentence without what only made sense in its place: mark, `[n]`, dateline, "But"."""
    cut = _BULLET.sub("", _CITATION.sub("", sentence).strip())
    cut = _DATELINE.sub("", _DATELINE.sub("", cut))  # the agency's and the place's
    tidy = _STRAY_SPACE.sub("", _STRAY_STOP.sub("", _DIRECTION.sub("", cut)))
    return without_conjunction(tidy, language)


def flaw(sentence: str, language: str) -> str:
    """Return in plain words why a sentence cannot be a key point; "" when it can."""
    length = size(sentence)
    if not SHORTEST <= length <= LONGEST:
        return "too short" if length < SHORTEST else "too long"
    for reason, sign in _FLAWS:
        if sign.search(sentence):
            return reason
    if points_back(sentence, language):
        return "points back at an earlier one"
    if _open(sentence) or _closes_what_is_not_open(sentence):
        return "a cut quotation"
    if _ONLY_QUOTED.match(sentence) and not _THEN_WORDS.search(sentence, 1):
        return "nobody says this quotation"
    return (
        "boilerplate" if _boilerplate(language.partition("-")[0].lower()).search(sentence) else ""
    )


def in_capitals(sentence: str) -> bool:
    """Tell whether a sentence is shouted, or a heading: in capitals where there are such."""
    capitals = sum(map(str.isupper, sentence))
    return capitals > _CAPITALS * (capitals + sum(map(str.islower, sentence)))


def inside_quotations(sentences: Sequence[str]) -> list[bool]:
    """Tell of each sentence whether it stands in a quotation that an earlier one opened."""
    inside: list[bool] = []
    mark, since = "", 0
    for sentence in sentences:
        inside.append(bool(mark))
        since += 1
        if mark and (_closed(sentence, mark) or since > _QUOTED_ON):
            mark = ""
        elif not mark:
            mark, since = _open(sentence), 0
    return inside


def _open(sentence: str) -> str:
    """Return the mark of a quotation or a bracket that a sentence opens and does not close."""
    if sentence.count('"') % 2:
        return '"'
    for left, right in _PAIRS:
        if sentence.count(left) > sentence.count(right) + (left == "“" and "„" in sentence):
            return right
    single = _OPENS_SINGLE.search(sentence)
    return "’" if single and not _CLOSES_SINGLE.search(sentence, single.end()) else ""


def _closed(sentence: str, mark: str) -> bool:
    return bool(_CLOSES_SINGLE.search(sentence)) if mark == "’" else mark in sentence


def _closes_what_is_not_open(sentence: str) -> bool:
    lone = any(sentence.count(left) < sentence.count(right) for left, right in _PAIRS)
    return (lone and "„" not in sentence and not sentence.startswith("»")) or (
        _ENDS_SINGLE.search(sentence) is not None and not _OPENS_SINGLE.search(sentence)
    )


@cache
def _boilerplate(code: str) -> re.Pattern[str]:
    """Return what finds the phrases of a language, and the English ones."""
    lines = files(__package__).joinpath("boilerplate.txt").read_text("utf-8").splitlines()
    rows = (line.partition(": ") for line in lines if line and not line.startswith("#"))
    phrases = [
        phrase for name, _, row in rows if name in (code, "en") for phrase in row.split(",")
    ]
    return re.compile("|".join(map(_whole, phrases)), re.IGNORECASE)


def _whole(phrase: str) -> str:
    """Return a phrase as a pattern that does not begin or end within a word."""
    front = r"\b" if phrase[0].isascii() and phrase[0].isalnum() else ""
    back = r"\b" if phrase[-1].isascii() and phrase[-1].isalnum() else ""
    return f"{front}{re.escape(phrase)}{back}"
