"""Hostile servers: each is refused or bounded, and no other source of the run notices."""

import re
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.core.collecting import Collector, subjects_of
from publisher.errors import FetchError, SourceError
from publisher.model.articles import SourceState
from publisher.model.definitions import (
    AdapterDefinition,
    FeedDefinition,
    SourceDefinition,
)
from publisher.net import HttpFetcher, Limits
from publisher.ports import SourceContext
from publisher.sources import feed
from publisher.store import open_store
from tests.sources.hostility import MIB, RSS, path_of, prepared, tricks, whole
from tests.sources.raw_server import world

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECONDS = 1.0
NAMES = sorted(tricks("http://a", "http://b"))


@pytest.fixture
def here():
    with world() as running:
        yield running


def fetcher(**more):
    """A fetcher to which all of loopback is the internet, but for one host."""
    limits = Limits(bytes=MIB, seconds=SECONDS)
    reachable = lambda address: address.startswith("127.") and address != "127.66.0.1"  # noqa: E731
    return HttpFetcher(limits=limits, reachable=reachable, **more)


def source(url, root, http):
    context = SourceContext(key=f"feed:{url}", root=root, fetcher=http)
    return feed.Feed(feed.Options(url=url), context, seconds=2.0)


class Peak:
    """How far this process's memory rises, in bytes (Linux: the peak is set back first)."""

    def __enter__(self):
        Path("/proc/self/clear_refs").write_text("5")
        self.before = self._read("VmRSS")
        return self

    def __exit__(self, *_):
        self.rise = self._read("VmHWM") - self.before

    @staticmethod
    def _read(name):
        found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
        return int(found[1]) * 1024


@pytest.mark.parametrize("name", NAMES)
def test_each_is_refused_or_bounded(here, tmp_path, name):
    trick = prepared(here)[name]
    url = here.url(trick.where or path_of(name))
    begun = time.monotonic()
    with Peak() as peak, pytest.raises(SourceError, match=trick.says):
        source(url, tmp_path, fetcher()).collect(SourceState(key="k"), NOON)
    assert time.monotonic() - begun < 10
    assert peak.rise < 300 * MIB
    assert "/secret" not in here.asked


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "FILE:///etc/passwd", "file:%2Fetc%2Fpasswd", "file:/../../etc/x"),
        *("file://server/share", "\\\\server\\share", "//server/share", "file:////server/share"),
        *("gopher://x/1", "ftp://x/f", "data:text/xml,<rss/>", "javascript:1", "unix:/run/x"),
        *("http://a:b@127.0.0.1/f", "http:///f", "http://", "http://[::1", "http://127.0.0.1:x/"),
        *(
            "http:\\\\127.0.0.1\\f",
            "http://\u2100.example/",
            "http://a b/",
            "https://" + "a" * 9000,
        ),
        *("http://%31%32%37.0.0.1:1/f", "http://" + "a." * 200 + "example/", "http://xn--a/"),
    ],
)
def test_odd_addresses_are_refused(tmp_path, url):
    root = tmp_path / "gazette"
    root.mkdir()
    with pytest.raises(SourceError):
        source(url, root, fetcher()).collect(SourceState(key="k"), NOON)


def test_a_name_that_resolves_to_something_else_the_second_time_gains_nothing(here):
    """The address is looked at when connecting, so the one that was asked first does not count."""
    answers = iter(["127.0.0.1", "127.66.0.1"])

    def resolve(host, port, **named):
        assert host == "feeds.example"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    here.answers["/f"] = whole(RSS)
    http = fetcher(resolve=resolve)
    assert http.get(here.url("/f", "feeds.example")).body == RSS
    with pytest.raises(FetchError, match=r"127\.66\.0\.1 is a private address"):
        http.get(here.url("/f", "feeds.example"))
    assert here.accepted == 1


def test_a_name_with_one_private_address_among_others_is_refused(here):
    def resolve(host, port, **named):
        return [(socket.AF_INET, 1, 6, "", (at, port)) for at in ("127.0.0.1", "127.66.0.1")]

    with pytest.raises(FetchError, match="private"):
        fetcher(resolve=resolve).get(here.url("/f", "feeds.example"))
    assert here.accepted == 0


@dataclass
class Watch:
    def now(self):
        return NOON


def test_a_run_with_many_hostile_sources_brings_what_the_good_ones_have(here, tmp_path):
    found = prepared(here)
    urls = {}
    for number, (name, trick) in enumerate(found.items()):
        urls[name] = here.url(trick.where or path_of(name), f"127.0.1.{number + 1}")
    for number in range(5):
        here.answers[f"/good/{number}"] = whole(RSS.replace(b"One", b"Story %d" % number))
        urls[f"good {number}"] = here.url(f"/good/{number}", f"127.0.2.{number + 1}")
    sources = tuple(
        SourceDefinition(
            key=f"feed:{url}",
            adapter=AdapterDefinition(name=url, type="feed", options={"url": url}),
            every=timedelta(hours=1),
        )
        for url in urls.values()
    )
    publication = [FeedDefinition(slug="all", title="All", sources=sources)]
    store, http = open_store("sqlite:///store.db", tmp_path), fetcher()
    collector = Collector(
        store=store,
        clock=Watch(),
        open_source=lambda one: source(str(one.adapter.options["url"]), tmp_path, http),
    )
    collector.register(subjects_of(publication))
    begun = time.monotonic()
    with Peak() as peak:
        reports = {one.source: one for one in collector.collect(publication)}
    taken = time.monotonic() - begun
    titles = sorted(one.title for one in store.articles(feed="all", now=NOON))
    store.close()
    assert len(found) >= 20
    assert len(reports) == len(urls)
    for name, url in urls.items():
        assert bool(reports[f"feed:{url}"].error) == (not name.startswith("good")), name
    assert titles == [f"Story {number}" for number in range(5)]
    assert taken < 10
    assert peak.rise < 300 * MIB
