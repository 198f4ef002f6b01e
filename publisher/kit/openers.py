"""How a sentence opens: whether it leans on the one before, and what may be cut off it.

Serves the key points, which must stand alone. Pure. Languages that `openers.txt` does not know
lean on nothing.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from publisher.kit.terms import tokens

_QUOTES = "\"'“‘„«»”’"
_FIRST_WORD = re.compile(rf"[{_QUOTES}(\[]*([^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class _Openers:
    pointing: frozenset[str]
    conjunctions: frozenset[str]
    first_person: frozenset[str]


_NONE = _Openers(frozenset(), frozenset(), frozenset())


@cache
def _table() -> dict[str, _Openers]:
    lines = files(__package__).joinpath("openers.txt").read_text("utf-8").splitlines()
    rows = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {
        code: _Openers(*(frozenset(column.split()) for column in words.split("|")))
        for code, _, words in rows
    }


def _openers(language: str) -> _Openers:
    return _table().get(language.partition("-")[0].lower(), _NONE)


def leans_back(sentence: str, language: str) -> bool:
    """Tell whether a sentence opens with a word that points at an earlier one (he, this, there)."""
    found = _FIRST_WORD.match(sentence)
    known = _openers(language)
    return found is not None and found[1].casefold() in known.pointing | known.conjunctions


def speaks_of_itself(sentence: str, language: str) -> bool:
    """Tell whether a sentence is in the first person: a quotation, or somebody's column."""
    own = _openers(language).first_person
    return bool(own) and any(token.casefold() in own for token in tokens(sentence))


def without_conjunction(sentence: str, language: str) -> str:
    """Return the sentence without a leading "But", "And" or "However,"."""
    first, _, rest = sentence.partition(" ")
    word = first.rstrip(",")
    cut = word.casefold() in _openers(language).conjunctions and word[:1].isupper()
    return rest[:1].upper() + rest[1:] if cut and rest else sentence
