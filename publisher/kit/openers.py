"""How a sentence opens: whether it leans on the one before, and what may be cut off it.

Serves the key points, which must stand alone. Pure. Languages that `openers.txt` does not know
lean on nothing.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_QUOTES = "\"'“‘„«»”’「『"
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff"  # vowels of Indic scripts and the like
)
_FIRST_WORD = re.compile(rf"[{_QUOTES}(\[\s]*([^\W\d_](?:[^\W\d_]|[{_MARKS}])*)")
_SOLID = frozenset({"zh", "ja"})
_DOTTED_I = frozenset({"tr", "az"})
_MEANS_ELSE = re.compile(r"(?:but for|and yet) ", re.IGNORECASE)
"""What opens with a conjunction that is none, or is not the only one."""

_COMMAS = (",", "，", "、")  # noqa: RUF001  Chinese and Japanese ones
_AFTER_A_PHRASE = re.compile(
    r"(?:In|On|At|By|For|From|With|Without|During|Despite|Under|Over|Of|To|Until|Like|Unlike|Among"
    r"|Last|Next|Just|Yesterday|Today|Now|Later|Earlier|Again|Speaking|According|Asked|Instead"
    r"|[A-Z][a-z]+ly)\b[^,]{0,50}, (?:he|she|it|they|his|her|its|their|this|these|those)\b"
)
"""English only: elsewhere a comma parts clauses, too, and what follows may point at the first one."""


@dataclass(frozen=True, slots=True)
class _Openers:
    """A language's line; phrases in lower case, `cut` longest first."""

    pointing: frozenset[str] = frozenset()
    leaning: frozenset[str] = frozenset()
    cut: tuple[str, ...] = ()
    first_person: frozenset[str] = frozenset()


_NONE = _Openers()


@cache
def _table() -> dict[str, _Openers]:
    lines = files(__package__).joinpath("openers.txt").read_text("utf-8").splitlines()
    rows = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {code: _line(words) for code, _, words in rows}


def _line(words: str) -> _Openers:
    pointing, leaning, cut, own = (column.casefold().split() for column in words.split("|"))
    return _Openers(
        pointing=frozenset(pointing),
        leaning=frozenset(leaning),
        cut=tuple(sorted((phrase.replace("-", " ") for phrase in cut), key=len, reverse=True)),
        first_person=frozenset(own),
    )


def _code(language: str) -> str:
    return language.partition("-")[0].lower()


def _openers(language: str) -> _Openers:
    return _table().get(_code(language), _NONE)


def points_back(sentence: str, language: str) -> bool:
    """Tell whether a sentence opens with what only an earlier one explains: he, this, I."""
    if _code(language) == "en" and _AFTER_A_PHRASE.match(sentence):
        return True
    return _opens_with(sentence, _openers(language).pointing, language)


def leans_back(sentence: str, language: str) -> bool:
    """Tell whether a sentence goes on from an earlier one: there, then, but."""
    return _opens_with(sentence, _openers(language).leaning, language)


def speaks_of_itself(sentence: str, language: str) -> bool:
    """Tell whether a sentence is in the first person: a quotation, or somebody's column."""
    return any(
        len(word) == 1 or not word.isupper()  # the US is not, nor is M. Dupont, but "m'a" is
        for word in _own_words(_code(language)).findall(sentence)
    )


@cache
def _own_words(code: str) -> re.Pattern[str]:
    """Return what finds the words of the first person; an empty set of them is found nowhere."""
    own = _openers(code).first_person
    if code in _SOLID:
        return re.compile("|".join(map(re.escape, own)))
    if not own:
        return re.compile(r"(?!)")
    words = "|".join(re.escape(word) for word in own if not word.endswith("'"))
    elided = "|".join(re.escape(word[:-1]) for word in own if word.endswith("'"))
    after = rf"|(?:{elided})(?=['’])" if elided else ""
    return re.compile(rf"(?<!\w)(?:(?:{words})(?!\w){after})", re.IGNORECASE)


def without_conjunction(sentence: str, language: str) -> str:
    """Return the sentence without a leading "But", "And" or "However,"."""
    if not sentence[:1].isalpha() or _MEANS_ELSE.match(sentence):
        return sentence
    solid = _code(language) in _SOLID
    for phrase in _openers(language).cut:
        if sentence[: len(phrase)].casefold() != phrase:
            continue
        rest = sentence[len(phrase) :]
        if not phrase.endswith(_COMMAS):
            rest = rest.removeprefix(",")
        if solid or rest.startswith(" "):
            return _capital(rest.lstrip(), language) or sentence
    return sentence


def _opens_with(sentence: str, words: frozenset[str], language: str) -> bool:
    if not words:
        return False
    if _code(language) in _SOLID:
        return sentence.lstrip(_QUOTES).startswith(tuple(words))
    found = _FIRST_WORD.match(sentence)
    return found is not None and found[1].casefold() in words


def _capital(sentence: str, language: str) -> str:
    first = sentence[:1]
    return ("İ" if first == "i" and _code(language) in _DOTTED_I else first.upper()) + sentence[1:]
