"""Collecting from a loopback world: first, again when nothing changed, at 10,000 feeds, and what is due.

Every feed is a host of its own, so that politeness stays on. What is collected is parsed, cleaned
and stored; enriching is a later step, measured apart.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import urllib3

from benchmarks import material, world
from benchmarks.measure import Figure, compare
from benchmarks.sender import peak_octets
from publisher.app import App
from publisher.core.collecting import Collector, subjects_of
from publisher.model.articles import SourceReport

FEEDS, MANY, REGISTERED = 1_000, 10_000, 100_000
EACH = 100
"""Sources of one outgoing feed."""

SOURCE = '[[sources]]\ntype = "feed"\nurl = "{url}"\n'
THREADS = 32


@contextmanager
def publication(count: int, port: int) -> Iterator[App]:
    """Open a publication whose feeds take from so many sources of the world."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "gazette")
        material.publication(root, 0)
        (root / "feeds/stories.toml").unlink()
        (root / "schedules/daily.toml").unlink()
        with (root / "publisher.toml").open("a", encoding="utf-8") as config:
            config.write("\n[collect]\nallow_private_addresses = true\n")
        for begin in range(0, count, EACH):
            tables = (
                SOURCE.format(url=world.address(number, port))
                for number in range(begin, min(begin + EACH, count))
            )
            written = f'title = "Feed {begin}"\n' + "".join(tables)
            (root / f"feeds/f{begin}.toml").write_text(written, encoding="utf-8")
        app = App.open(root)
        try:
            yield app
        finally:
            app.close()


def collector(app: App) -> Collector:
    """Return the use-case, every source known to the store."""
    made = Collector(store=app.store, clock=app.clock, open_source=app.source)
    made.register(subjects_of(app.feeds()))
    return made


def _good(reports: Sequence[SourceReport], count: int) -> int:
    failed = [report for report in reports if report.error]
    if failed or len(reports) != count:
        raise RuntimeError(f"{len(failed)} of {len(reports)} failed: {failed[:1]}")
    return count


def _rate(work: Callable[[], int]) -> float:
    begun = time.perf_counter()
    count = work()
    return count / (time.perf_counter() - begun)


def first(port: int) -> Figure:
    """Collect 1,000 feeds nobody has seen; baseline: feedparser alone on the same documents."""
    document = world.template()
    with publication(FEEDS, port) as app:
        made = collector(app)
        rate = _rate(lambda: _good(made.collect(app.feeds(), everything=True), FEEDS))
    base = _rate(lambda: sum(bool(feedparser.parse(document).entries) for _ in range(40)))
    return _figure("collect", rate, "feeds/s", "feedparser alone", rate / base)


def unchanged(port: int) -> Figure:
    """Collect them again: nothing but 304; baseline: urllib3 in threads, nothing remembered."""
    with publication(FEEDS, port) as app:
        made = collector(app)
        _good(made.collect(app.feeds(), everything=True), FEEDS)
        pool = urllib3.PoolManager(num_pools=FEEDS, maxsize=1)

        def bare(number: int) -> int:
            tag = {"If-None-Match": f'"{number:07d}"'}
            answer = pool.request("GET", world.address(number, port), headers=tag)
            return answer.status

        def theirs() -> int:
            with ThreadPoolExecutor(THREADS) as threads:
                return sum(status == 304 for status in threads.map(bare, range(FEEDS)))

        def ours() -> int:
            return _good(made.collect(app.feeds(), everything=True), FEEDS)

        return compare("unchanged", "feeds/s", ours, "urllib3 in threads", theirs)


def memory(port: int) -> Figure:
    """Collect 10,000 feeds in a fresh process; the largest that it and its readers have been."""
    command = [sys.executable, "-m", "benchmarks.collecting", str(port)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    own, readers = (int(word) for word in said.split())
    return _figure(
        "10,000", (own + readers) / 1e6, "MB at peak", "the process alone", 1 + readers / own
    )


def collect_many(port: int) -> None:
    """Collect 10,000 feeds; print the peaks of this process and of its readers together, in bytes."""
    with publication(MANY, port) as app:
        _good(collector(app).collect(app.feeds(), everything=True), MANY)
        # Not by getrusage: it counts what a child was before it became another program.
        named = "".join(one.read_text() for one in Path("/proc/self/task").glob("*/children"))
        peaks = (Path(f"/proc/{number}/status").read_text() for number in named.split())
        lines = (line for peak in peaks for line in peak.splitlines() if line.startswith("VmHWM"))
        print(peak_octets(), sum(int(line.split()[1]) * 1024 for line in lines))


def due() -> Figure:
    """Choose what is due of 100,000 sources, a hundredth of them; baseline: read all of them."""
    with publication(1, 80) as app:
        keys = [f"feed:https://f{number}.example/" for number in range(REGISTERED)]
        app.store.register_sources(keys)
        now = app.clock.now()
        states = app.store.source_states(keys)
        later = [
            replace(states[key], next_check=now + timedelta(minutes=number % 100 or -1))
            for number, key in enumerate(keys)
        ]
        app.store.save_state(*later)

        def ours() -> int:
            return bool(len(app.store.due_sources(now, 20_000)) == REGISTERED // 100)

        def theirs() -> int:
            every = app.store.source_states(keys).values()
            return bool(sum(one.next_check is None or one.next_check <= now for one in every))

        figure = compare("due", "looks/s", ours, "every state read", theirs, rounds=3)
        return replace(figure, rate=1000 / figure.rate, unit="ms of 100,000")


def _figure(what: str, rate: float, unit: str, baseline: str, ratio: float) -> Figure:
    return Figure(
        what=what, rate=rate, unit=unit, baseline=baseline, ratio=ratio, low=ratio, high=ratio
    )


def everything() -> list[Figure]:
    """Measure all of it."""
    with world.world() as port:
        return [first(port), unchanged(port), memory(port), due()]


if __name__ == "__main__":
    collect_many(int(sys.argv[1]))
