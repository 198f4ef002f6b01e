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

_CLOSING = "\"'”’“‘»«\u203a)\\]"
_OPENING = "\"'“‘„\u201a«\u2039([¿¡—–- "
_WIDE_STOPS = "。\uff01\uff1f\uff61"
_WIDE_CLOSING = "」』\uff09】\u3015”’"
_OTHER_STOPS = "\u061f\u06d4\u0964\u0965\u0589\u1362"  # Arabic, Urdu, Hindi, Armenian, Amharic
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*•·]|\d{1,2}[.)])\s)")
# A run of stops is looked at once, from its beginning: a text of nothing else must not cost its square.
_STOP = re.compile(
    rf"(?<![.!?…])[.!?…\u203c\u2047-\u2049]++[{_CLOSING}]*(?:\s[»\u203a])?(?=\s)"
    rf"|[{_WIDE_STOPS}]+[{_WIDE_CLOSING}]*"
    rf"|(?<!…)…++[{_WIDE_CLOSING}]*(?=[\u3040-\u9fff])"
    rf"|(?<![{_OTHER_STOPS}])[{_OTHER_STOPS}]++[{_CLOSING}]*(?=\s)"
)
_WORD_BEFORE = re.compile(r"[^\s\"'“‘„«(\[]+\Z")
_INITIAL = re.compile(r"(?:[^\W\d_]\.-?)*[^\W\d_]\Z")
_SPACED = re.compile(r"(?<![^\s(])([^\W\d_]{1,2})\. ([^\W\d_]{1,2})\Z")
"""What is also written with a space inside: "z. B.", "т. д.", "EE. UU."."""
_DEGREES = re.compile(r"[°º] ?[CF]\Z")
_SHORT_NUMBER = re.compile(r"\d{1,2}\Z")
_ROMAN = re.compile(r"[IVX]{1,5}\Z")
_ELISION = re.compile(r"[\s,'’]")
_WINDOW = 60
"""Characters looked at on either side of a stop, so that no text costs more than its length."""
_QUOTED = re.compile(
    r"“[^“”]{1,200}”|„[^„“”]{1,200}[“”]|«[^«»]{1,200}»|»[^«»]{1,200}«|「[^「」]{1,200}」|『[^『』]{1,200}』"
    r"|(?<![^\s(\[—–-])\"(?=\S)[^\"]{1,200}(?<=\S)\"(?!\w)"
    r"|\([^()]{1,120}\)|\uff08[^\uff08\uff09]{1,120}\uff09"
)
"""What is said in one breath: not cut at the stops inside it, unless it is long."""
_SAID = re.compile(
    r"[^。\uff0c]{0,20}?[说說道喊称稱]|[^。\uff0c]{0,8}?[问問答]|[^。\uff0c]{0,20}?表示|と|って|っ"
)
"""What goes on after a quotation in Chinese and Japanese (`“…。”他说`, `「…。」と言った`)."""
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


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's line of `abbreviations.txt`; abbreviations are in lower case."""

    inside: frozenset[str]
    numbered: frozenset[str]
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
        inside=frozenset(word.casefold() for word in inside if not word.endswith("#")),
        numbered=frozenset(word[:-1].casefold() for word in inside if word.endswith("#")),
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
    quoted = [found.span() for found in _QUOTED.finditer(line)]
    for stop in _STOP.finditer(line):
        while quoted and quoted[0][1] < stop.end():
            del quoted[0]
        inside = bool(quoted) and quoted[0][0] < stop.start() and stop.end() < quoted[0][1]
        if not inside and _parts(line, start, stop, code):
            pieces.append(line[start : stop.end()].strip())
            start = stop.end()
    pieces.append(line[start:].strip())
    return pieces


def _parts(line: str, start: int, stop: re.Match[str], code: str) -> bool:
    """Tell whether a stop ends the sentence that began at `start`."""
    after = line[stop.end() : stop.end() + _WINDOW].lstrip()
    mark = stop[0]
    if not after:
        return False
    if mark[-1] in _WIDE_CLOSING and mark[0] in _WIDE_STOPS:
        return _parts_quoted(line[start], mark, after)
    if after.lstrip(_OPENING)[:1].islower():
        return False
    if mark != ".":
        return True
    before = line[max(start, stop.start() - _WINDOW) : stop.start()].strip()
    return not (before.isdecimal() or _goes_on(before, after, code))


def _parts_quoted(first: str, mark: str, after: str) -> bool:
    """Tell whether a sentence ends with a wide stop and the end of what is quoted or in brackets."""
    if mark[-1] == "\uff09":
        return first == "\uff08"
    return _SAID.match(after) is None


def _goes_on(before: str, after: str, code: str) -> bool:
    """Tell whether the full stop belongs to the word or the number before it."""
    found = _WORD_BEFORE.search(before)
    if found is None or _DEGREES.search(before):
        return False
    word, english = found[0], _table()["en"]
    known = _table().get(code, english)
    follower = _ELISION.split(after.lstrip(_OPENING), maxsplit=1)[0]
    may_end = {follower, follower.capitalize()} & (known.first | english.first) != set()
    if _SHORT_NUMBER.match(word) and after[0].isdecimal():
        return True
    if _SHORT_NUMBER.match(word) or (code in _ORDINALS and _ROMAN.match(word)):
        return code in _ORDINALS and not may_end
    spaced = _SPACED.search(before)
    for key in (f"{spaced[1]}.{spaced[2]}".casefold() if spaced else "", word.casefold()):
        if key in known.either or key in english.either:
            return not may_end
        if key in known.inside or (key in known.numbered and after[0].isdecimal()):
            return True
    return _INITIAL.match(word) is not None and not may_end
