"""What of a sentence may tell that it is a key point, in figures that need no language.

Serves the key points: `sentence_weights.py` says how much each counts, and
`benchmarks/key_points_training.py` finds that out. Pure.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from publisher.kit.openers import leans_back, speaks_of_itself
from publisher.kit.statements import flaw, in_capitals, inside_quotations, size, standing_alone
from publisher.kit.terms import terms

_PLACE, _LIKE, _LENGTH = (
    "where it stands",
    "shares words with the first sentences",
    "its length",
)
FEATURES = {
    "early": _PLACE,
    "opening": _PLACE,
    "late": _PLACE,
    "central": "shares words with the rest of the text",
    "like_opening": _LIKE,
    "tells_opening": _LIKE,
    "short": _LENGTH,
    "long": _LENGTH,
    "number": "has a number",
    "own_voice": "is in the first person",
    "leaning": "goes on from the sentence before",
    "quotation": "has a quotation",
}
"""The features by name, each with what it tells, in plain words: several may tell of the same."""

MARKS = frozenset({"number", "own_voice", "leaning", "quotation"})
"""Features that a sentence has or has not; what has none of them is usual."""

_DECAY = 4.0  # sentences
_OPENING = 3  # sentences
_ALIKE, _COPIED = 0.5, 0.8
"""Cosines to the opening: nearer than the first tells no more of it; from the second on it is a copy."""
_SHORT, _LONG = 12.0, 28.0  # words: news points have some 13, whole sentences of news some 22
_QUOTE = re.compile(r"[\"“”„«»「」『』‘]|(?<!\w)'|'(?!\w)")

Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it would be a key point; `flaw` says why it cannot be one, `vector` has length 1."""

    text: str
    size: float
    flaw: str
    vector: Vector
    features: tuple[float, ...]


def look_at(found: Sequence[str], language: str) -> list[Sentence]:
    """Return the sentences of a text with their features, in the order of `FEATURES`."""
    points = [standing_alone(sentence, language) for sentence in found]
    vectors = _vectors([terms(point, language) for point in points])
    central = _standard(_degrees(vectors))
    like = [_like_opening(vectors, place) for place in range(len(vectors))]
    nearer = _standard([mean for _, mean in like])
    own = [speaks_of_itself(point, language) for point in points]
    flaws = _flaws(found, points, own, language)
    copies = _copies(points, vectors)
    sentences = []
    for place, text in enumerate(points):
        length = size(text)
        features = (
            1 / (1 + place),
            math.exp(-place / _DECAY),
            place / max(1, len(points) - 1),
            central[place],
            min(_ALIKE, like[place][0]),
            nearer[place],
            max(0.0, _SHORT - length) / _SHORT,
            max(0.0, length - _LONG) / 10,
            float(any(character.isdigit() for character in text)),
            float(own[place]),
            float(leans_back(text, language)),
            float(_QUOTE.search(text) is not None),
        )
        why = flaws[place] or ("repeats an earlier one" if copies[place] else "")
        sentences.append(Sentence(text, length, why, vectors[place], features))
    return sentences


def cosine(one: Vector, other: Vector) -> float:
    """Return the cosine of two vectors of length 1."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return sum(weight * long.get(word, 0.0) for word, weight in short.items())


def vector(bag: Iterable[str], rarity: Mapping[str, float]) -> Vector:
    """Return the terms of a text as a vector of length 1, or an empty one."""
    weights = {
        word: (1 + math.log(count)) * rarity.get(word, 1.0) for word, count in Counter(bag).items()
    }
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}


def _vectors(bags: Sequence[Sequence[str]]) -> list[Vector]:
    """Return sentences as vectors of TF-IDF, a sentence taken for a document."""
    frequency = Counter(word for bag in bags for word in set(bag))
    rarity = {word: math.log(1 + len(bags) / count) for word, count in frequency.items()}
    return [vector(bag, rarity) for bag in bags]


def _flaws(
    found: Sequence[str], points: Sequence[str], own: Sequence[bool], language: str
) -> list[str]:
    """Return why each sentence cannot be a key point.

    Capitals and the first person keep a sentence out of a text that is mostly written otherwise.
    """
    quoted = inside_quotations(found)
    loud = _odd([in_capitals(point) for point in points])
    bare = _odd(
        [mine and not _QUOTE.search(point) for mine, point in zip(own, points, strict=True)]
    )
    return [
        flaw(point, language)
        or ("in capitals" if loud[place] else "")
        or ("in the first person" if bare[place] else "")
        or ("within a longer quotation" if quoted[place] else "")
        for place, point in enumerate(points)
    ]


def _copies(points: Sequence[str], vectors: Sequence[Vector]) -> list[bool]:
    """Tell which sentences repeat an earlier one: to the letter, or one of the first nearly so."""
    seen: set[str] = set()
    copies = []
    for place, point in enumerate(points):
        opening = vectors[: min(place, _OPENING)]
        near = any(cosine(vectors[place], other) >= _COPIED for other in opening)
        copies.append(near or point in seen)
        seen.add(point)
    return copies


def _odd(signs: Sequence[bool]) -> Sequence[bool]:
    """Return the signs, or none at all when most sentences bear them."""
    return signs if sum(signs) * 2 <= len(signs) else [False] * len(signs)


def _degrees(vectors: Sequence[Vector]) -> list[float]:
    """Return how near each sentence is to all others (degree centrality, Erkan and Radev 2004)."""
    everything: Counter[str] = Counter()
    for one in vectors:
        everything.update(one)
    return [cosine(one, everything) - bool(one) for one in vectors]


def _like_opening(vectors: Sequence[Vector], place: int) -> tuple[float, float]:
    """Return the greatest and the mean cosine to the first sentences other than itself."""
    near = [
        cosine(vectors[place], other) for at, other in enumerate(vectors[:_OPENING]) if at != place
    ]
    return (max(near), sum(near) / len(near)) if near else (0.0, 0.0)


def _standard(values: Sequence[float]) -> list[float]:
    """Return standard scores: how many standard deviations each is above the mean."""
    mean = sum(values) / max(1, len(values))
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / max(1, len(values)))
    return [(value - mean) / spread if spread else 0.0 for value in values]
