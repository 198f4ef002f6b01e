"""The words of a text as things to compare: lower case, lightly stemmed, without stop words.

Serves the key points and Read also. Pure. Chinese, Japanese and Thai are written without spaces:
there a term is a pair of characters. Endings are our own short lists: Snowball's stemmers (3.1) cost 35 µs
a word, and part Turkish "liman" from "limanlar" and an Arabic noun from itself with "and the" before it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from unicodedata import combining, normalize

# Points and vowel signs belong to their word, though they are no letters (Unicode, categories Mn and Mc).
_SIGNS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u0711\u0730-\u074a\u0900-\u0963\u0966-\u0dff\u0f71-\u0f84\u102b-\u103e\u17b4-\u17d3"
)
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]+"
    rf"|[^\W_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]"
    rf"(?:[^\W_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]|[{_SIGNS}])*"
    r"(?:['’](?=[^\W\d_]{1,2}\b)[^\W\d_]+)?"
)
_SOLID = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]")
_POSSESSIVE = re.compile(r"['’].*")
_SUFFIXES = ("ing", "ed", "es", "s", "ly")
_STEM, _WORD = 4, 5
"""Letters that must stay; in words up to so many, of scripts that write few vowels, one less."""


def tokens(text: str) -> list[str]:
    """Return the words of a text as they stand; unspaced scripts give overlapping pairs."""
    return [token for found in _TOKEN.findall(text) for token in _pairs(found)]


def count_words(text: str) -> int:
    """Return how many words a text has, two characters to a word in unspaced scripts."""
    return sum(
        (len(found) + 1) // 2 if _SOLID.match(found) else 1 for found in _TOKEN.findall(text)
    )


def _pairs(token: str) -> Iterator[str]:
    if not _SOLID.match(token) or len(token) == 1:
        yield token
        return
    for position in range(len(token) - 1):
        yield token[position : position + 2]


def term(token: str, language: str = "") -> str:
    """Return what a word is compared by: lower case, no possessive, a plain ending off.

    Of languages in `suffixes.txt` accents go, too; a word of any other is taken for English.
    """
    lowered = _POSSESSIVE.sub("", token.casefold())
    affixes = _affixes().get(language.partition("-")[0].lower())
    if affixes is None or _SOLID.match(token):
        return _english(lowered)
    return _bare(_without_accents(lowered), affixes)


def _english(lowered: str) -> str:
    if lowered.endswith("ies") and len(lowered) > _STEM:
        return f"{lowered[:-3]}y"
    for suffix in _SUFFIXES:
        if lowered.endswith(suffix) and len(lowered) - len(suffix) >= _STEM:
            return lowered[: -len(suffix)]
    return lowered


def _bare(word: str, affixes: "_Affixes") -> str:
    """Return a word without the longest beginning and ending that leave a stem."""
    least = _STEM if word.isascii() or len(word) > _WORD else _STEM - 1
    for prefix in affixes.prefixes:
        if word.startswith(prefix) and len(word) - len(prefix) >= least:
            word = word[len(prefix) :]
            break
    for suffix in affixes.suffixes:
        if word.endswith(suffix) and len(word) - len(suffix) >= least:
            return word[: -len(suffix)]
    return word


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    plain = word.replace("ı", "i")
    return "".join(mark for mark in normalize("NFKD", plain) if not combining(mark))


@dataclass(frozen=True, slots=True)
class _Affixes:
    """What may be cut off words of a language, the longest first."""

    suffixes: tuple[str, ...]
    prefixes: tuple[str, ...]


@cache
def _affixes() -> Mapping[str, _Affixes]:
    lines = files(__package__).joinpath("suffixes.txt").read_text("utf-8").splitlines()
    rows = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {
        code: _Affixes(*map(_longest_first, f"{words}|".split("|")[:2])) for code, _, words in rows
    }


def _longest_first(words: str) -> tuple[str, ...]:
    plain = {_without_accents(word) for word in words.split()}
    return tuple(sorted(plain, key=lambda word: (-len(word), word)))


def terms(text: str, language: str = "") -> list[str]:
    """Return the terms of a text in order, stop words and single letters left out."""
    return [term(token, language) for token in telling(text, language)]


def telling(text: str, language: str = "") -> Iterator[str]:
    """Yield the words that may tell what a text is about, as they are written."""
    unwanted = stop_words(language)
    for token in tokens(text):
        if len(token) > 1 and _POSSESSIVE.sub("", token.casefold()) not in unwanted:
            yield token


def stop_words(language: str) -> frozenset[str]:
    """Return the stop words of a BCP 47 language; English ones when it is not known."""
    table = _stop_words()
    return table.get(language.partition("-")[0].lower(), table["en"])


@cache
def _stop_words() -> dict[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for name in ("language_words.txt", "stopwords.txt"):
        lines = files(__package__).joinpath(name).read_text("utf-8").splitlines()
        rows = (line.partition(":") for line in lines if line and not line.startswith("#"))
        table |= {code: frozenset(words.split()) for code, _, words in rows if words}
    return table
