"""Cuts text into sentences, in the languages newsrooms write in; our own, without a dependency.

Serves the key points. Pure and total: no character other than white space is ever lost. Goes by
marks, capitals and a list of abbreviations (`abbreviations.txt`); what follows a stop in lower case
is the same sentence.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from publisher.kit.language import guess_language

_CLOSING = "\"'”’“‘»\u203a)\\]"
_OPENING = "\"'“‘„\u201a«\u2039([¿¡—–-"
_WIDE_STOPS = "。\uff01\uff1f\uff61"
_WIDE_CLOSING = "」』\uff09】\u3015”’"
_OTHER_STOPS = "\u061f\u06d4\u0964\u0965\u0589\u1362"  # Arabic, Urdu, Hindi, Armenian, Amharic
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*•·]|\d{1,2}[.)])\s)")
_STOP = re.compile(
    rf"[.!?…\u203c\u2047-\u2049]+[{_CLOSING}]*(?:\s[»\u203a])?(?=\s)"
    rf"|[{_WIDE_STOPS}]+[{_WIDE_CLOSING}]*"
    rf"|[{_OTHER_STOPS}]+[{_CLOSING}]*(?=\s)"
)
_WORD_BEFORE = re.compile(r"[^\s\"'“‘„«(\[]+\Z")
_INITIAL = re.compile(r"(?:[^\W\d_]\.-?)*[^\W\d_]\Z")
_SHORT_NUMBER = re.compile(r"\d{1,2}\Z")
# Where "3." is "third".
_ORDINALS = frozenset(
    [
        "de",
        "da",
        "nb",
        "nn",
        "no",
        "fi",
        "cs",
        "sk",
        "hu",
        "tr",
        "pl",
        "hr",
        "sl",
        "sr",
        "et",
        "lv",
    ]
)
_QUOTED_ON = frozenset("とっ")
"""Kana that carry a sentence on after a quotation (`「…。」と言った`)."""


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's line of `abbreviations.txt`; those of the first two sets are in lower case."""

    inside: frozenset[str]
    either: frozenset[str]
    first: frozenset[str]


@cache
def _table() -> dict[str, _Words]:
    """Return the abbreviations and first words by language."""
    lines = files(__package__).joinpath("abbreviations.txt").read_text("utf-8").splitlines()
    rows = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {code: _words(words) for code, _, words in rows}


def _words(line: str) -> _Words:
    inside, either, first = (column.split() for column in f"{line}||".split("|")[:3])
    return _Words(
        inside=frozenset(map(str.casefold, inside)) - frozenset(map(str.casefold, either)),
        either=frozenset(map(str.casefold, either)),
        first=frozenset(first),
    )


def sentences(text: str, language: str = "") -> tuple[str, ...]:
    """Return the sentences of a text in order, each on one line with single spaces.

    An empty line or a list mark always parts. `language` is BCP 47; "" lets the text tell.
    """
    code = (language or guess_language(text)).partition("-")[0].lower()
    return tuple(
        sentence
        for block in _BLOCK.split(text)
        for sentence in _cut(" ".join(block.split()), code)
        if sentence
    )


def _cut(line: str, code: str) -> list[str]:
    """Return the sentences of one line of single spaces."""
    pieces: list[str] = []
    start = 0
    for stop in _STOP.finditer(line):
        if _parts(line, start, stop, code):
            pieces.append(line[start : stop.end()].strip())
            start = stop.end()
    pieces.append(line[start:].strip())
    return pieces


def _parts(line: str, start: int, stop: re.Match[str], code: str) -> bool:
    """Tell whether a stop ends the sentence that began at `start`."""
    after = line[stop.end() :].lstrip()
    mark = stop[0]
    if not after:
        return False
    if mark[0] in _WIDE_STOPS:
        return _parts_wide(line[start : stop.end()], mark, after)
    if after.lstrip(_OPENING)[:1].islower():
        return False
    before = line[start : stop.start()]
    plain = mark[0] == "." and not mark.startswith("..")
    return not (plain and (_numbers_an_item(before) or _abbreviated(before, mark, after, code)))


def _numbers_an_item(before: str) -> bool:
    """Tell whether the sentence so far is the number of a list's item."""
    return before.strip().isdecimal()


def _parts_wide(sentence: str, mark: str, after: str) -> bool:
    """Tell whether a wide stop ends a sentence: not inside or right after a quotation."""
    if sentence.count("「") > sentence.count("」"):
        return False
    quoted = mark[-1] in _WIDE_CLOSING
    return not (quoted and after[0] in _QUOTED_ON)


def _abbreviated(before: str, mark: str, after: str, code: str) -> bool:
    """Tell whether the full stop belongs to the word before it."""
    found = _WORD_BEFORE.search(before)
    if found is None or len(mark) > 1:
        return False
    word, english = found[0], _table()["en"]
    known = _table().get(code, english)
    follower = after.split(" ", 1)[0].strip(_OPENING + ",")
    may_end = follower in known.first or follower in english.first
    if _SHORT_NUMBER.match(word):
        return code in _ORDINALS and not may_end
    key = word.casefold()
    if key in known.inside:
        return True
    either = key in known.either or key in english.either or bool(_INITIAL.match(word))
    return either and not may_end
