"""Clusters: how many edited copies are found, how right clusters are, what they cost as archives grow.

Copies are made by dropping sentences and replacing words by words of other stories. The labelled
articles are not ours and stand beside the checkout; without them only costs are measured.
"""

import itertools
import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path

from benchmarks.archive import Archive, Story
from benchmarks.material import NOON
from benchmarks.measure import Figure
from benchmarks.read_also import LABELLED, SIZES, postgres, sqlite
from publisher.core.cluster_rules import STRONG
from publisher.core.clustering import Clusterer
from publisher.core.enriching import ASKED, Enricher
from publisher.enrich.read_also import PostingIndex
from publisher.kit.memory_library import MemoryLibrary
from publisher.kit.near_copies import likeness, sketch
from publisher.kit.terms import tokens
from publisher.model.articles import Article, ArticleId, CollectedArticle, SourceState
from publisher.model.clusters import NEAR, Sketch
from publisher.ports import CollectionResult, EnrichSettings
from publisher.store import open_store
from publisher.store.store import SqlStore

EDITS = (0.1, 0.2, 0.35)
TRIES = tuple(round(0.3 + 0.025 * step, 3) for step in range(13))
FOLDS = 5
RIGHT = 0.999
"""Share of pairs that must be right among the stories that a threshold is chosen on."""
BATCH, ADDED = 500, 100
Pair = tuple[int, int]


def everything() -> Iterator[Figure]:
    """Yield what is found and how right it is, then what it costs on either database."""
    if LABELLED.is_file():
        rows = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
        yield from found(rows)
        yield from chosen(rows)
        yield from together(rows)
    else:
        print(f"clusters: not measured how right they are: no {LABELLED}", file=sys.stderr)
    yield sketched()
    for name, opened in (("sqlite", sqlite), ("postgres", postgres)):
        yield from growth(name, opened)


def edited(story: Story, share: float, dice: random.Random, words: Sequence[str]) -> Story:
    """Return a copy of which so much is edited: half by dropping sentences, half by replacing words."""
    title, text = story
    kept = [one for one in text.split(". ") if dice.random() >= share / 2]
    changed = (
        dice.choice(words) if dice.random() < share / 2 else word
        for word in ". ".join(kept).split()
    )
    return title, " ".join(changed)


def found(rows: Sequence[Mapping[str, str]]) -> Iterator[Figure]:
    """Yield the share of edited copies that are found; baseline: single words, as strict as needed."""
    stories = [(row["title"], row["text"]) for row in rows]
    words = [token for _, text in stories for token in tokens(text)]
    known = [sketch(*story) for story in stories]
    bags = [set(tokens(f"{title} {text}".casefold())) for title, text in stories]
    others = [
        (one, other)
        for one, other in itertools.combinations(range(len(rows)), 2)
        if rows[one]["story"] != rows[other]["story"]
    ]
    least = max(_shared(bags[one], bags[other]) for one, other in others)
    for share in EDITS:
        dice = random.Random(f"{share}")
        copies = [edited(story, share, dice, words) for story in stories]
        sketches = [sketch(*copy) for copy in copies]
        hits = [_is_found(one, other) for one, other in zip(sketches, known, strict=True)]
        bare = [
            _shared(set(tokens(f"{title} {text}".casefold())), bag) > least
            for (title, text), bag in zip(copies, bags, strict=True)
        ]
        recall, base = statistics.fmean(hits), statistics.fmean(bare)
        yield _figure(
            f"{share:.0%} edited", 100 * recall, "% found", "single words", recall / base
        )
    false = sum(likeness(known[one], known[other]) >= NEAR for one, other in others)
    told = f"{len(others):,} pairs of two stories"
    yield _figure("false copies", float(false), "pairs", told, false / len(others))


def _is_found(one: Sketch, other: Sketch) -> bool:
    return bool(set(one.keys) & set(other.keys)) and likeness(one, other) >= NEAR


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def chosen(rows: Sequence[Mapping[str, str]]) -> Iterator[Figure]:
    """Yield how right pairs of coverage are where the threshold was chosen on other stories."""
    strengths = _strengths(rows)
    stories = sorted({row["story"] for row in rows})
    random.Random(1).shuffle(stories)
    right, wrong, all_, used = 0, 0, 0, []
    for fold in range(FOLDS):
        held = set(stories[fold::FOLDS])
        inside = {at for at, row in enumerate(rows) if row["story"] in held}
        train = [p for p in strengths if inside.isdisjoint(p)]
        least = min((t for t in TRIES if _right(train, strengths, rows, t) >= RIGHT), default=1.0)
        used.append(least)
        # A pair counts where one of the two is of a held story: wrong ones may be of any other.
        mine = [p for p in strengths if not inside.isdisjoint(p) and strengths[p] >= least]
        right += sum(_same(rows, p) for p in mine)
        wrong += sum(not _same(rows, p) for p in mine)
        sizes = Counter(rows[at]["story"] for at in inside)
        all_ += sum(size * (size - 1) // 2 for size in sizes.values())
    told = f"shipped {STRONG}; chosen {min(used)}-{max(used)}, {FOLDS} folds"
    yield _figure("pairs right", 100 * right / (right + wrong), "%", told, 1.0)
    yield _figure("pairs found", 100 * right / all_, "%", told, 1.0)


def _strengths(rows: Sequence[Mapping[str, str]]) -> dict[Pair, float]:
    finder, library = PostingIndex(), MemoryLibrary()
    terms = {ArticleId(at): finder.terms(row["title"], row["text"]) for at, row in enumerate(rows)}
    library.index(terms)
    found = {number: finder.related(its, library, ASKED) for number, its in terms.items()}
    return {
        (number, tie.article): tie.score / math.sqrt(one.own * found[tie.article].own)
        for number, one in found.items()
        for tie in one.ties
        if number < tie.article
    }


def _right(
    pairs: Sequence[Pair],
    strengths: Mapping[Pair, float],
    rows: Sequence[Mapping[str, str]],
    least: float,
) -> float:
    judged = [_same(rows, pair) for pair in pairs if strengths[pair] >= least]
    return statistics.fmean(judged) if judged else 1.0


def _same(rows: Sequence[Mapping[str, str]], pair: Pair) -> bool:
    return rows[pair[0]]["story"] == rows[pair[1]]["story"]


def together(rows: Sequence[Mapping[str, str]]) -> Iterator[Figure]:
    """Yield how right clusters are when articles come one after the other, each from its own source."""
    order = list(range(len(rows)))
    random.Random(2).shuffle(order)
    shuffled = [rows[at] for at in order]
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_store("sqlite:///publisher.db", Path(folder))) as store,
    ):
        enricher = Enricher(
            store=store,
            key_points=_None(),
            read_also=PostingIndex(),
            complain=lambda what, why: print(what, why, file=sys.stderr),
            clusters=clusterer(store),
        )
        numbers = []
        for at, row in enumerate(shuffled):
            story = (row["title"], row["text"])
            numbers += _saved(store, [story], at, sources=True)
            enricher.enrich(EnrichSettings(key_points=0))
        articles = store.articles_by_id(numbers)
    members = defaultdict(list)
    for number, row in zip(numbers, shuffled, strict=True):
        if (cluster := articles[number].cluster) is not None:
            members[cluster].append(row["story"])
    pure = sum(len(set(stories)) == 1 for stories in members.values())
    held = sum(map(len, members.values()))
    entries = len(rows) - held + len(members)
    told = f"{len(members)} clusters of {held} of {len(rows)} articles"
    yield _figure("clusters right", 100 * pure / len(members), "%", told, pure / len(members))
    yield _figure("entries left", float(entries), "entries", "articles", entries / len(rows))


class _None:
    """No key points."""

    def points(self, *_args: object) -> tuple[str, ...]:
        """Return none."""
        return ()


def clusterer(store: SqlStore) -> Clusterer:
    """Return the use-case on a store."""
    finder = PostingIndex()

    def own(one: Article) -> float:
        return finder.own(finder.terms(one.title, one.text, one.language), store.library())

    return Clusterer(store=store, sketch=sketch, likeness=likeness, own=own)


def sketched() -> Figure:
    """Return what a sketch costs; baseline: splitting the same text into words."""
    stories = list(Archive(5).stories(2_000))
    ours = min(_each(lambda: [sketch(*one) for one in stories], len(stories)) for _ in range(3))
    base = min(
        _each(lambda: [tokens(f"{one}\n{two}") for one, two in stories], len(stories))
        for _ in range(3)
    )
    return _figure("sketch", ours, "ms", "splitting into words", ours / base)


def _each(work: Callable[[], object], count: int) -> float:
    begun = time.process_time()
    work()
    return 1_000 * (time.process_time() - begun) / count


def growth(name: str, opened: Callable[[], object]) -> Iterator[Figure]:
    """Yield the time of a newcomer, every second one a copy; baseline: in the smallest archive."""
    dice, first, held = random.Random(3), 0.0, 0
    stories = Archive(12).stories(sys.maxsize)
    with opened() as store:  # type: ignore[attr-defined]  # a context manager
        use = clusterer(store)
        for size in SIZES:
            while held < size:
                part = list(islice(stories, min(BATCH, size - held)))
                numbers = _saved(store, part, held)
                texts = zip(numbers, part, strict=True)
                store.save_sketches({number: sketch(*story) for number, story in texts})
                held += len(part)
            fresh = list(islice(stories, ADDED // 2))
            copies = [edited(story, 0.2, dice, ("again", "now")) for story in fresh]
            numbers = _saved(store, [*fresh, *copies], held, sources=True)
            held += ADDED
            articles = store.articles_by_id(numbers)
            # On SQLite the processor's time: what the disk takes is no affair of the archive's size.
            clock = time.process_time if name == "sqlite" else time.perf_counter
            times = [_timed(clock, use, articles[number]) for number in numbers]
            median = statistics.median(times)
            first = first or median
            p95 = sorted(times)[-ADDED // 20]
            told = f"at {SIZES[0]:,}; p95 {p95:.1f} ms"
            unit = f"ms at {size // 1000}k"
            yield _figure(f"add {name}", median, unit, told, median / first)


def _timed(clock: Callable[[], float], use: Clusterer, article: Article) -> float:
    begun = clock()
    use.cluster([article], {})
    return 1_000 * (clock() - begun)


def _saved(
    store: SqlStore, stories: Sequence[Story], held: int, *, sources: bool = False
) -> list[ArticleId]:
    """Store stories, all of one source or each of its own."""
    new = [
        CollectedArticle(
            external_id=f"{held + at}",
            title=title,
            text=text,
            url=f"https://{f'port-{held + at}' if sources else 'port'}.example/{held + at}",
            published=NOON + timedelta(minutes=0 if sources else held + at),
        )
        for at, (title, text) in enumerate(stories)
    ]
    results = [
        CollectionResult(
            state=SourceState(key=f"s{one.external_id}" if sources else "s"),
            now=NOON,
            new=((one, ()),),
        )
        for one in new
    ]
    return list(store.save_collected(*results))


def _figure(what: str, rate: float, unit: str, baseline: str, ratio: float) -> Figure:
    return Figure(
        what=what, rate=rate, unit=unit, baseline=baseline, ratio=ratio, low=ratio, high=ratio
    )
