"""Find out how much each feature of a sentence says about its being a key point.

`python -m benchmarks.key_points_training FILE.jsonl [--points 3] [--write]`

FILE has one `{text, key_points, language?}` a line. Prints what the weights gain over the first
sentences on articles they have not seen: k-fold cross-validation, repeated, and nested, so that ridge
and habits are chosen on the training folds only. `--write` fits all articles and writes
`publisher/kit/sentence_weights.py`.
"""

import argparse
import json
import random
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from benchmarks.rouge import Rouge, rouge
from publisher.kit.language import guess_language
from publisher.kit.selection import Habits, choose, score
from publisher.kit.sentence_features import FEATURES, MARKS, Sentence, look_at
from publisher.kit.sentences import sentences

FOLDS, REPEATS, INNER = 5, 20, 4
ROUNDS = 5  # of the inner folds, for what is shipped
RIDGES = (30.0, 100.0, 300.0)
HABITS = tuple(
    Habits(redundancy=redundancy, too_alike=0.5, words=words)
    for redundancy, words in product((6.0, 12.0), (28.0, 31.0))
)
"""Fewer words for each point are no better on average, and leave many articles without the last one."""
TARGET = Path("publisher/kit/sentence_weights.py")

_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])")
_A_SENTENCE = 3  # words
_ROUNDS = 2000


@dataclass(frozen=True, slots=True)
class Lesson:
    """One article with what a reader would have liked; `worths` are of its sentences, in percent."""

    sentences: Sequence[Sentence]
    worths: Sequence[float]
    reference: Sequence[str]
    first: Rouge
    known: dict[tuple[int, ...], Rouge] = field(default_factory=dict)

    def rouge(self, places: Sequence[int]) -> Rouge:
        """Return what the sentences at these places are worth together."""
        chosen = tuple(sorted(places))
        if chosen not in self.known:
            points = [self.sentences[place].text for place in chosen]
            self.known[chosen] = rouge(self.reference, points)
        return self.known[chosen]


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear score: a weight and a usual value for each feature."""

    weights: Sequence[float]
    usual: Sequence[float]

    def scores(self, lesson: Lesson) -> list[float]:
        """Return the scores of an article's sentences."""
        return [score(one.features, self.weights, self.usual) for one in lesson.sentences]


def lead(text: str, count: int) -> list[str]:
    """Return the first sentences of a text, cut by the plainest rule: what others show."""
    found = [one.strip() for one in _END.split(text)]
    return [one for one in found if len(re.findall(r"\w+", one)) >= _A_SENTENCE][:count]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of a mean by bootstrap, the same each time."""
    dice = random.Random(0)
    means = sorted(statistics.fmean(dice.choices(values, k=len(values))) for _ in range(_ROUNDS))
    return means[int(_ROUNDS * 0.025)], means[int(_ROUNDS * 0.975)]


def lessons(path: Path, points: int) -> list[Lesson]:
    """Read articles with their key points."""
    lines = path.read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [
        lesson(row["text"], row["key_points"], row.get("language", ""), points) for row in rows
    ]


def lesson(text: str, reference: Sequence[str], language: str, points: int) -> Lesson:
    """Look at an article as the key points do."""
    language = language or guess_language(text)
    found = look_at(sentences(text, language), language)
    worths = [rouge(reference, [one.text]) for one in found]
    return Lesson(
        found,
        [(worth.one + worth.two) / 2 for worth in worths],
        reference,
        rouge(reference, lead(text, points)),
    )


def fit(articles: Sequence[Lesson], ridge: float) -> Weights:
    """Return the ridge regression of worth on features, over sentences that may be key points.

    Each feature is scaled to a standard deviation of 1, so that all are held back alike.
    """
    pairs = [
        (one.features, worth)
        for lesson in articles
        for one, worth in zip(lesson.sentences, lesson.worths, strict=True)
        if not one.flaw
    ]
    columns = list(zip(*(features for features, _ in pairs), strict=True))
    usual = [statistics.fmean(column) for column in columns]
    spread = [statistics.pstdev(column) or 1.0 for column in columns]
    scaled = [
        [(value - usual[at]) / spread[at] for value in column] for at, column in enumerate(columns)
    ]
    mean = statistics.fmean(worth for _, worth in pairs)
    worths = [worth - mean for _, worth in pairs]
    matrix = [[_dot(one, other) for other in scaled] for one in scaled]
    for at, row in enumerate(matrix):
        row[at] += ridge
    solved = solve(matrix, [_dot(column, worths) for column in scaled])
    return Weights([weight / spread[at] for at, weight in enumerate(solved)], usual)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(map(float.__mul__, one, other))


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve a system of linear equations by elimination, the largest pivot first."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(rows[row][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for row in rows[at + 1 :]:
            factor = row[at] / rows[at][at]
            for column in range(at, size + 1):
                row[column] -= factor * rows[at][column]
    solution = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][column] * solution[column] for column in range(at + 1, size))
        solution[at] = (rows[at][size] - known) / rows[at][at]
    return solution


def folds(count: int, parts: int, seed: int) -> Iterator[tuple[list[int], list[int]]]:
    """Yield (to learn from, to be tested on), by number."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    for part in range(parts):
        held = set(order[part::parts])
        yield [at for at in order if at not in held], sorted(held)


def settled(articles: Sequence[Lesson], points: int, seeds: Sequence[int]) -> tuple[float, Habits]:
    """Return the ridge and the habits that are best on average over held-out folds."""
    totals: dict[tuple[float, Habits], float] = dict.fromkeys(product(RIDGES, HABITS), 0.0)
    parted = [pair for seed in seeds for pair in folds(len(articles), INNER, seed)]
    for learn, held in parted:
        for ridge in RIDGES:
            weights = fit([articles[at] for at in learn], ridge)
            for lesson in (articles[at] for at in held):
                scores = weights.scores(lesson)
                for habits in HABITS:
                    found = lesson.rouge(choose(lesson.sentences, scores, points, habits))
                    totals[ridge, habits] += found.one + found.two + found.lsum
    return max(totals, key=lambda pair: totals[pair])


def validate(articles: Sequence[Lesson], points: int) -> list[list[Rouge]]:
    """Return each article's worth at each repeat, when nothing had been learned from it."""
    found: list[list[Rouge]] = [[] for _ in articles]
    for repeat in range(REPEATS):
        for learn, held in folds(len(articles), FOLDS, repeat):
            known = [articles[at] for at in learn]
            ridge, habits = settled(known, points, [repeat])
            weights = fit(known, ridge)
            for at in held:
                lesson = articles[at]
                places = choose(lesson.sentences, weights.scores(lesson), points, habits)
                found[at].append(lesson.rouge(places))
    return found


@dataclass(frozen=True, slots=True)
class Gain:
    """What was reached by one ROUGE, what the first sentences reach, and 95 % limits of the gain."""

    name: str
    ours: float
    first: float
    low: float
    high: float


def gains(ours: Sequence[Rouge], first: Sequence[Rouge]) -> Iterator[Gain]:
    """Yield the gains over the first sentences, with intervals over articles."""
    for name in ("one", "two", "lsum"):
        mine, theirs = ([float(getattr(one, name)) for one in some] for some in (ours, first))
        low, high = interval([one - other for one, other in zip(mine, theirs, strict=True)])
        yield Gain(f"ROUGE-{name}", statistics.fmean(mine), statistics.fmean(theirs), low, high)


def unseen(articles: Sequence[Lesson], points: int) -> list[Rouge]:
    """Return each article's mean worth over the repeats of the cross-validation."""
    return [
        Rouge(
            statistics.fmean(one.one for one in row),
            statistics.fmean(one.two for one in row),
            statistics.fmean(one.lsum for one in row),
        )
        for row in validate(articles, points)
    ]


def write(path: Path, weights: Weights, ridge: float, habits: Habits, made: str) -> None:
    """Write the constants where the key points read them."""
    lines = [
        f'    "{name}": ({weight:.3g}, {0.0 if name in MARKS else usual:.3g}),'
        for name, weight, usual in zip(FEATURES, weights.weights, weights.usual, strict=True)
    ]
    path.write_text(
        f'''"""How much each feature of a sentence says about its being a key point. Written, not edited.

{made}
(`python -m benchmarks.key_points_training FILE.jsonl --write`): ridge regression ({ridge:g}) of ROUGE F1 in
percent on the features of `sentence_features.py`.
"""

from publisher.kit.selection import Habits

WEIGHTS = {{
{chr(10).join(lines)}
}}
"""The points a feature adds for each unit above its usual value, and that usual value."""

HABITS = Habits(redundancy={habits.redundancy}, too_alike={habits.too_alike}, words={habits.words})
''',
        "utf-8",
    )


def main() -> None:
    """Validate, and write when asked."""
    parser = argparse.ArgumentParser(description="Learn which sentences are key points.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--points", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    articles = lessons(asked.file, asked.points)
    for gain in gains(unseen(articles, asked.points), [one.first for one in articles]):
        print(
            f"{gain.name:<11}{gain.ours:6.2f}  first sentences {gain.first:6.2f}"
            f"  gain {gain.ours - gain.first:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]"
        )
    if asked.write:
        ridge, habits = settled(articles, asked.points, range(ROUNDS))
        made = f"From {len(articles)} articles of {asked.file.name}, {datetime.now(UTC):%Y-%m-%d}"
        write(TARGET, fit(articles, ridge), ridge, habits, made)
        print(f"wrote {TARGET}: ridge {ridge:g}, {habits}")


if __name__ == "__main__":
    main()
