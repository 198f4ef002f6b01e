"""Which of the scored sentences become key points: good ones that do not repeat one another.

Serves the key points (Carbonell and Goldstein 1998, maximal marginal relevance). Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.kit.sentence_features import Sentence, cosine


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How sentences are chosen.

    `redundancy` is what a cosine of 1 to a chosen sentence costs, in points of the score; from
    `too_alike` on a sentence is left out. All points together have `words` for each on average.
    """

    redundancy: float
    too_alike: float
    words: float


def score(features: Sequence[float], weights: Sequence[float], usual: Sequence[float]) -> float:
    """Return what a sentence is worth beyond a usual one."""
    return sum(
        weight * (found - mean)
        for weight, found, mean in zip(weights, features, usual, strict=True)
    )


def choose(
    sentences: Sequence[Sentence], scores: Sequence[float], count: int, habits: Habits
) -> list[int]:
    """Return the places of at most `count` sentences, best first."""
    costs = {place: 0.0 for place, one in enumerate(sentences) if not one.flaw}
    chosen: list[int] = []
    left = habits.words * count
    while costs and len(chosen) < count:
        best = max(costs, key=lambda place: scores[place] - habits.redundancy * costs[place])
        alike, length = costs.pop(best), sentences[best].size
        if alike >= habits.too_alike or (chosen and length > left):
            continue
        chosen.append(best)
        left -= length
        for place, cost in costs.items():
            near = cosine(sentences[place].vector, sentences[best].vector)
            costs[place] = max(cost, near)
    return chosen
