"""Whether an article supports what somebody else says of it: every number, name and quotation.

Serves what rewrites articles. Pure and total; knows nothing of who wrote the sentence. A number must
be worth what one of the article's is; a name's words must stand in the article, and close together
there where they are next to each other; a quotation must stand there word for word; and most of the
other words must be the article's own. Where a script has no capitals nobody can tell a name by its
letters: nearly all words must be the article's there.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from publisher.kit.amounts import Amount, amounts, names_unit, plain_figures
from publisher.kit.date_words import folded, month_of
from publisher.kit.language import guess_language
from publisher.kit.terms import stop_words, term

_SOLID = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f"
_TOKEN = re.compile(rf"[{_SOLID}]+|[^\W_{_SOLID}]+")
_UNSPACED = re.compile(rf"[{_SOLID}]")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]{2,}")
_TITLED = re.compile(
    "([\u4e00-\u9fff]{2})(?:总统|總統|首相|总理|主席|部长|先生|女士|大統領|社長|教授|容疑者|氏|さん)"
)
_QUOTED = re.compile(
    "“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|»([^«»]+)«|「([^「」]+)」|『([^『』]+)』|《([^《》]+)》"
    '|"([^"]+)"'
)
_NEW = re.compile(r"(?:^|[.!?:…][\"”’»)\]]*\s+|[\"“„«»‘(\[\u2014\u2013]\s*)[\"“„«»‘(\[¿¡]*\Z")
_PARTED = re.compile("[.!?,;:\n。、\uff0c]")
_TIED = re.compile(r"[ \u00a0]?[-’'&.]?[ \u00a0]?")

_CASED = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN"))
_EAST = ("ru", "uk", "bg", "sr", "mk", "be", "pl", "cs", "sk", "sl", "hr", "bs", "lv", "lt")
_BENT = frozenset((*_EAST, "et", "fi", "hu", "tr", "az", "kk", "el", "ro", "is", "de", "eu", "sq"))
"""Languages that bend names: of one name, other endings stand in other places."""

_STEM, _ENDING = 4, 3  # letters that two forms of a name share, and by which each may be longer
_NEAR = 3  # words from one part of a name to the next in the article
_ROOT = 5  # letters by which words are compared otherwise
_OWN, _OWN_UNCASED, _OWN_UNSPACED = 0.55, 0.75, 0.6
"""The share of a sentence's words (pairs of characters) that must be the article's."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """Return what it is compared by."""
        return folded(self.text)

    @property
    def capital(self) -> bool:
        """Tell whether it begins like a name, or is of letters and figures (A320)."""
        mixed = not self.text.isalpha() and not self.text.isdecimal()
        return self.text[0].isupper() or (mixed and not self.text[0].isdecimal())


class Grounds:
    """One article as what may be said of it. `language` is BCP 47; "" lets the text tell."""

    def __init__(self, title: str, text: str, language: str = "") -> None:
        self.language = (language or guess_language(text or title)).partition("-")[0].lower()
        self._text = plain_figures(f"{title}\n{text}")

    def objection(self, sentence: str) -> str:
        """Return why the article does not support a sentence, "" where it does."""
        plain = plain_figures(sentence)
        tokens = _tokens(plain)
        if not tokens:
            return "says nothing"
        checks = (self._number(plain), self._quotation(plain), self._name(plain, tokens))
        return next(filter(None, checks), "") or self._stranger(plain, tokens)

    # Numbers

    @cached_property
    def _amounts(self) -> Sequence[Amount]:
        return amounts(self._text, self.language)

    @cached_property
    def _months(self) -> frozenset[int]:
        named = {self._month(one) for one in self._tokens if len(one.text) >= _NEAR}
        dated = re.findall(
            r"(?<!\d)\d{4}[-/.](\d{1,2})[-/.]\d|\d[./](\d{1,2})[./]\d{2}", self._text
        )
        counted = re.findall(r"(\d{1,2})[月월]", self._text)
        return frozenset({*named, *(int(a or b) for a, b in dated), *map(int, counted)} - {0})

    def _number(self, plain: str) -> str:
        for one in amounts(plain, self.language):
            alike = [known for known in self._amounts if known.values & one.values]
            if not alike:
                return f"the article has no {plain[one.start : one.end].strip()}"
            if one.units and not any(known.units & one.units for known in alike):
                said = plain[one.start : one.end].strip()
                return f"{said} is of something else in the article"
        return ""

    # Quotations

    @cached_property
    def _words(self) -> str:
        return _spelled(self._tokens)

    def _quotation(self, plain: str) -> str:
        for match in _QUOTED.finditer(plain):
            said = next(filter(None, match.groups()), "")
            if _spelled(_tokens(said)) not in self._words:
                return f"nobody says “{said[:40]}” in the article"
        return ""

    # Names

    @cached_property
    def _tokens(self) -> Sequence[_Token]:
        return _tokens(self._text)

    @cached_property
    def _places(self) -> Mapping[str, Sequence[int]]:
        """Return where each word stands, by what it is compared by."""
        found: dict[str, list[int]] = defaultdict(list)
        place, end, length = 0, 0, 0
        for token in self._tokens:
            parted = _PARTED.search(self._text, end, token.start)
            # "Mr. Smith" is one name, "Anna Smith. John" and "Smith, John" are two.
            place += 1 + _NEAR * (parted is not None and (parted[0] != "." or length > _NEAR))
            found[token.key].append(place)
            end, length = token.end, len(token.text)
        return found

    @cached_property
    def _stems(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for key in self._places:
            found[key[:_STEM]].append(key)
        return found

    @cached_property
    def _initials(self) -> str:
        """Return the first letters of the article's capitalised runs, small words passed over."""
        letters: list[str] = []
        for one in self._tokens:
            if one.capital:
                letters.append(one.text[0])
            elif len(one.text) > _NEAR:
                letters.append(" ")
        return "".join(letters)

    @cached_property
    def _exact(self) -> frozenset[str]:
        return frozenset(one.text for one in self._tokens)

    def _at(self, token: _Token) -> Sequence[int]:
        """Return where a word stands in the article, in any of its forms; [] where it does not."""
        key = token.key
        if key in self._places:
            return self._places[key]
        return [
            place
            for other in self._stems.get(key[:_STEM], ())
            if _same(key, other, bends=self.language in _BENT)
            for place in self._places[other]
        ]

    def _name(self, plain: str, tokens: Sequence[_Token]) -> str:
        runs = [match[0] for match in _KATAKANA.finditer(plain)]
        runs += [match[1] for match in _TITLED.finditer(plain)]
        absent = next((run for run in runs if run not in self._text), "")
        if absent:
            return f"the article has no {absent}"
        before: _Token | None = None
        for token in tokens:
            if len(token.text) >= _STEM and self._in_another_month(token):
                return f"the article has no {token.text}"
            begins = token.capital and _NEW.search(plain[: token.start]) is not None
            if not token.capital or (begins and self._small(plain, token)):
                before = None
                continue
            if not self._knows(token) and not (begins and term(token.key) in self._terms):
                return f"the article has no {token.text}"
            if before is not None and self._apart(before, token, plain):
                return f"{before.text} {token.text} are apart in the article"
            before = token
        return ""

    @cached_property
    def _terms(self) -> frozenset[str]:
        return frozenset(map(term, self._places))

    def _small(self, plain: str, token: _Token) -> bool:
        """Tell whether a word that begins a sentence has its capital from that, and from nothing else."""
        article = len(token.text) == 1 and plain[token.end : token.end + 1] in {"'", "’"}
        return article or token.text.casefold() in stop_words(self.language)

    def _month(self, token: _Token) -> int:
        """Return the number of a month, 0 for what is none; names with endings begin like it."""
        bent = self.language in _EAST and token.text.lower() != token.text.upper()
        begins = month_of(token.text[:_STEM]) if bent and len(token.text) > _STEM else 0
        return month_of(token.text) or begins

    def _in_another_month(self, token: _Token) -> bool:
        """Tell whether a word is a month's name, which many languages write small, of no month here."""
        month = self._month(token)
        return bool(month) and month not in self._months and not self._at(token)

    def _knows(self, token: _Token) -> bool:
        if len(token.text) == 1:
            return token.text in self._exact
        if self._at(token) or self._month(token) in self._months:
            return True
        if names_unit(token.text, self.language):
            return True  # 4.5 Mio. Euro: what the amount is of is looked at with it
        if token.text.isupper() and token.text in self._initials:
            return True
        parts = re.findall(r"\d+|[^\W\d_]+", token.key)  # G20 for G-20
        return len(parts) > 1 and " ".join(parts) in self._words

    def _apart(self, one: _Token, other: _Token, plain: str) -> bool:
        """Tell whether two words that are one name here are not so in the article."""
        if not _TIED.fullmatch(plain, one.end, other.start):
            return False
        here, there = self._at(one), self._at(other)
        if not here or not there or self._common(one) or self._common(other):
            return False  # a month, initials; "John Miller, mayor" may be "Mayor John Miller"
        places = sorted(there)
        return not any(_is_near(places, place) for place in here)

    def _common(self, token: _Token) -> bool:
        """Tell whether the article writes a word small, too."""
        return token.text.lower() in self._exact

    # What else is said

    @cached_property
    def _roots(self) -> frozenset[str]:
        return frozenset(key[:_ROOT] for key in self._places)

    @cached_property
    def _pairs(self) -> frozenset[str]:
        return frozenset(_pairs_of(self._tokens))

    def _stranger(self, plain: str, tokens: Sequence[_Token]) -> str:
        """Return an objection where a sentence's words are mostly not the article's."""
        pairs = list(_pairs_of(tokens))
        if len(pairs) > sum(len(one.text) for one in tokens) / 3:
            own, least = sum(one in self._pairs for one in pairs) / len(pairs), _OWN_UNSPACED
        else:
            small, cased = stop_words(self.language), _cased(plain)
            words = [
                one.key
                for one in tokens
                if one.text.casefold() not in small
                and not (one.text[0].isdecimal() or (cased and one.capital and one.start))
            ]
            own = sum(self._has(one) for one in words) / max(len(words), 1) if words else 1.0
            least = _OWN if cased else _OWN_UNCASED
        return "" if own >= least else "is in words that are not the article's"

    def _has(self, key: str) -> bool:
        alike = key in self._places or term(key) in self._terms
        return alike or (len(key) >= _STEM and key[:_ROOT] in self._roots)


def _tokens(plain: str) -> Sequence[_Token]:
    return [_Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(plain)]


def _spelled(tokens: Sequence[_Token]) -> str:
    """Return words as one text to look for others in; solid scripts have no blanks."""
    said = " ".join(
        re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", one.key) for one in tokens
    )
    return f" {said} " if not _UNSPACED.search(said) else said.replace(" ", "")


def _pairs_of(tokens: Sequence[_Token]) -> Iterator[str]:
    for one in tokens:
        if _UNSPACED.match(one.text):
            yield from (one.text[place : place + 2] for place in range(len(one.text) - 1))


def _same(one: str, other: str, *, bends: bool) -> bool:
    """Tell whether two words are forms of one name."""
    if one.rstrip("s") == other.rstrip("s"):
        return True
    shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    shared = min(len(one), len(other)) if shared is None else shared
    return bends and shared >= _STEM and max(len(one), len(other)) - shared <= _ENDING


def _is_near(places: Sequence[int], here: int) -> bool:
    """Tell whether one of the places, which rise, is not far from here."""
    at = bisect_left(places, here - _NEAR)
    return at < len(places) and places[at] <= here + _NEAR


def _cased(plain: str) -> bool:
    """Tell whether a text is in a script with capitals."""
    letters = (one for one in plain if one.isalpha())
    first = next(letters, "")
    return not first or unicodedata.name(first, "").partition(" ")[0] in _CASED
