"""Key points: how near they come to what editors wrote, how they open, and what they cost.

The labelled articles are not ours and stand beside the checkout; without them nothing is measured.
"""

import json
import re
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.key_points_training import Gain, gains, lead, lessons, unseen
from benchmarks.measure import Figure
from benchmarks.rouge import rouge
from publisher.enrich.key_points import Extractive

LABELLED = Path(__file__).parents[2] / "shared/samples/articles/key_points.jsonl"
POINTS = 3
MORE = (4, 5)
_DANGLING = re.compile(
    r"(?:he|she|it|they|we|i|this|these|those|his|her|their|its|but|and|so|however|meanwhile)\b",
    re.IGNORECASE,
)
Rows = Sequence[dict[str, object]]


def everything() -> Iterator[Figure]:
    """Yield ROUGE on articles that nothing was learned from, then of what is shipped; then manners."""
    if not LABELLED.is_file():
        print(f"key_points: not measured: no {LABELLED}", file=sys.stderr)
        return
    articles = lessons(LABELLED, POINTS)
    for gain in gains(unseen(articles, POINTS), [one.first for one in articles]):
        yield _figure("unseen, 3", gain, POINTS)
    rows: Rows = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    for count in (POINTS, *MORE):
        for gain in shipped(rows, count):
            yield _figure(f"shipped, {count}", gain, count)
    yield from manners(rows)


def shipped(rows: Rows, count: int) -> Iterator[Gain]:
    """Yield the gains of the shipped weights: on the articles that they were learned from."""
    finder = Extractive()
    ours, first = [], []
    for row in rows:
        text, reference = str(row["text"]), _texts(row["key_points"])
        ours.append(rouge(reference, finder.points("", text, count)))
        first.append(rouge(reference, lead(text, count)))
    yield from gains(ours, first)


def manners(rows: Rows) -> Iterator[Figure]:
    """Yield how points open, whether they stand in the text letter by letter, and what they cost."""
    finder = Extractive()
    points, first, times = [], [], []
    for row in rows:
        text = str(row["text"])
        begun = time.process_time()
        found = finder.points("", text, POINTS)
        times.append(1000 * (time.process_time() - begun))
        flat = " ".join(text.split())
        points += [(point, point.rstrip(".") in flat) for point in found]
        first += lead(text, POINTS)
    whom = f"the first {POINTS} sentences"
    yield _share("dangling", [bool(_DANGLING.match(one)) for one, _ in points], whom, first)
    verbatim = 100 * statistics.fmean(same for _, same in points)
    yield _plain("verbatim", verbatim, "%", "the text itself", 100)
    words = sum(len(one.split()) for one, _ in points) / len(rows)
    theirs = sum(len(one.split()) for one in first) / len(rows)
    yield _plain("words", words, "an article", whom, theirs)
    times.sort()
    yield _plain("median", statistics.median(times), "CPU ms", "5 ms allowed", 5)
    yield _plain("95 of 100", times[int(len(times) * 0.95)], "CPU ms", "5 ms allowed", 5)


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _figure(what: str, gain: Gain, count: int) -> Figure:
    return Figure(
        what=what,
        rate=gain.ours,
        unit=gain.name,
        baseline=f"the first {count} sentences: {gain.ours - gain.first:+.2f}"
        f" [{gain.low:+.2f}, {gain.high:+.2f}]",
        ratio=gain.ours / gain.first,
        low=1 + gain.low / gain.first,
        high=1 + gain.high / gain.first,
    )


def _share(what: str, signs: Sequence[bool], whom: str, first: Sequence[str]) -> Figure:
    theirs = 100 * statistics.fmean(bool(_DANGLING.match(one)) for one in first)
    return _plain(what, 100 * statistics.fmean(signs), "%", whom, theirs)


def _plain(what: str, rate: float, unit: str, whom: str, theirs: float) -> Figure:
    ratio = rate / theirs
    return Figure(
        what=what, rate=rate, unit=unit, baseline=whom, ratio=ratio, low=ratio, high=ratio
    )
