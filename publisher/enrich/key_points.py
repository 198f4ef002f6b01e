"""Key points by extraction: whole, clean sentences of the text, for articles that bring none.

Serves core.enriching and the command `key-points`. Pure: no model, no file, no clock. A sentence
scores by its position and by how much it shares with the rest of the article (degree centrality,
Erkan and Radev 2004, LexRank); one that repeats a chosen one loses (Carbonell and Goldstein 1998,
maximal marginal relevance). The few weights are round numbers in the middle of the region that held
across folds of the sample articles, not the best found.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from publisher.kit.language import guess_language
from publisher.kit.openers import leans_back, speaks_of_itself, without_conjunction
from publisher.kit.sentences import sentences
from publisher.kit.terms import count_words, terms
from publisher.ports import KeyPoints

MAX_TEXT, MAX_SENTENCES = 100_000, 400
"""Characters and sentences looked at; what stands later in a text is not its main point."""

SHORTEST, LONGEST = 8, 45  # words
WORDS_PER_POINT = 27
TOO_ALIKE = 0.5  # cosine to a chosen sentence
TITLE_REPEATED = 0.9  # cosine to the title

POSITION_DECAY = 5.0  # sentences
DEGREE, TITLE, NUMBER = 0.2, 0.3, 0.1
LEANING, OWN_VOICE, LABELLED = 0.3, 0.15, 0.4
REDUNDANCY = 0.7

_Vector = Mapping[str, float]

_BULLET = re.compile(r"^(?:[-*•·]|\d{1,2}[.)])\s+")
_CITATION = re.compile(r"\s*\[\d{1,3}\]")
_STRAY_SPACE = re.compile(r"\s+(?=[,.;:!?](?:\s|$))")
_DATELINE = re.compile(
    r"^(?:[A-Z][\w.,' ]{0,40})?\((?:CNN|AP|Reuters|AFP|dpa|UPI)\)\s*(?:--|[-–—])?\s*"
)
_LABEL = re.compile(r"^[^\W\d_][\w’' ]{1,24}: ")
_ENDED = re.compile(r"[.!…。\uff01\uff61\u06d4\u0964\u0589\u1362][\"'”’“»)\]」』]*$")
_BOILERPLATE = re.compile(
    r"scroll down|click here|read more|all rights reserved|copyright|subscribe|newsletter|follow us"
    r"|sign up|getty images|photo:|https?://|www\.|©",
    re.IGNORECASE,
)
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"), ("「", "」"))


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Key points take no options; how many is said by each feed."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence with what its score is made of; `vector` has length 1 (or is empty)."""

    position: int
    text: str
    words: int
    vector: _Vector


class Extractive:
    """The enricher `key_points`."""

    def points(self, title: str, text: str, count: int, language: str = "") -> tuple[str, ...]:
        """Return at most `count` sentences, in text order, never more than half of the text's."""
        spoken = language or guess_language(text)
        found = sentences(text[:MAX_TEXT], spoken)[:MAX_SENTENCES]
        wanted = min(count, len(found) // 2)
        if wanted <= 0:
            return ()
        known = _vectors(found, spoken)
        scores = _scores(known, _vector(terms(title, spoken), {}), spoken)
        chosen = _choose(known, scores, wanted)
        return tuple(clean_point(one.text, spoken) for one in chosen)


def create(options: Options, context: object = None) -> KeyPoints:
    """Return the enricher; it needs neither options nor context."""
    del options, context
    return Extractive()


def clean_point(sentence: str, language: str) -> str:
    """Return a sentence without what only made sense in its place: mark, `[n]`, dateline, "But"."""
    cut = _DATELINE.sub("", _BULLET.sub("", _CITATION.sub("", sentence).strip()))
    return without_conjunction(_STRAY_SPACE.sub("", cut), language)


def _vectors(found: Sequence[str], language: str) -> list[_Sentence]:
    """Return the sentences as unit vectors of TF-IDF, a sentence taken for a document."""
    bags = [terms(sentence, language) for sentence in found]
    frequency = Counter(word for bag in bags for word in set(bag))
    rarity = {word: math.log(1 + len(found) / count) for word, count in frequency.items()}
    return [
        _Sentence(position, text, count_words(text), _vector(bag, rarity))
        for position, (text, bag) in enumerate(zip(found, bags, strict=True))
    ]


def _vector(bag: Iterable[str], rarity: Mapping[str, float]) -> _Vector:
    weights = {
        word: (1 + math.log(count)) * rarity.get(word, 1.0) for word, count in Counter(bag).items()
    }
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}


def _cosine(one: _Vector, other: _Vector) -> float:
    """Return the cosine of two unit vectors."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return sum(weight * long.get(word, 0.0) for word, weight in short.items())


def _degrees(known: Sequence[_Sentence]) -> list[float]:
    """Return how near each sentence is to all others, as standard scores within the article."""
    everything: Counter[str] = Counter()
    for one in known:
        everything.update(one.vector)
    raw = [_cosine(one.vector, everything) - bool(one.vector) for one in known]
    mean = sum(raw) / len(raw)
    spread = math.sqrt(sum((value - mean) ** 2 for value in raw) / len(raw)) or 1.0
    return [(value - mean) / spread for value in raw]


def _scores(known: Sequence[_Sentence], title: _Vector, language: str) -> dict[int, float]:
    """Return the scores of the sentences that may be key points, by position."""
    degrees = _degrees(known)
    return {
        one.position: _score(one, degrees[one.position], title, language)
        for one in known
        if _presentable(one) and _cosine(one.vector, title) < TITLE_REPEATED
    }


def _score(one: _Sentence, degree: float, title: _Vector, language: str) -> float:
    plain = clean_point(one.text, language)
    return (
        math.exp(-one.position / POSITION_DECAY)
        + DEGREE * degree
        + TITLE * _cosine(one.vector, title)
        + NUMBER * any(character.isdigit() for character in plain)
        - LEANING * leans_back(plain, language)
        - OWN_VOICE * speaks_of_itself(plain, language)
        - LABELLED * bool(_LABEL.match(plain))
    )


def _presentable(one: _Sentence) -> bool:
    """Tell whether a sentence is whole and clean: a statement with an end, quotes in pairs."""
    text = one.text
    return (
        SHORTEST <= one.words <= LONGEST
        and _ENDED.search(text) is not None
        and _BOILERPLATE.search(text) is None
        and text.count('"') % 2 == 0
        and all(text.count(left) == text.count(right) for left, right in _PAIRS)
    )


def _choose(
    known: Sequence[_Sentence], scores: Mapping[int, float], count: int
) -> list[_Sentence]:
    """Return the best sentences that do not repeat one another, within the words allowed."""
    chosen: list[_Sentence] = []
    repeated = dict.fromkeys(scores, 0.0)
    left = WORDS_PER_POINT * count
    while repeated and len(chosen) < count:
        best = max(repeated, key=lambda place: scores[place] - REDUNDANCY * repeated[place])
        alike = repeated.pop(best)
        candidate = known[best]
        if alike >= TOO_ALIKE or (chosen and candidate.words > left):
            continue
        chosen.append(candidate)
        left -= candidate.words
        for place in repeated:
            near = _cosine(known[place].vector, candidate.vector)
            repeated[place] = max(repeated[place], near)
    return sorted(chosen, key=lambda one: one.position)


def key_points_rows(
    rows: Iterable[Mapping[str, object]], points: int = 3
) -> Iterator[dict[str, object]]:
    """Yield `{id, key_points}` for rows `{id, title?, text, language?}`, one by one."""
    enricher = Extractive()
    for row in rows:
        title, text, language = (
            str(row.get(name) or "") for name in ("title", "text", "language")
        )
        yield {
            "id": row.get("id"),
            "key_points": list(enricher.points(title, text, points, language)),
        }
