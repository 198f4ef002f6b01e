"""Feeds of teasers, collected into a real store: pages read once, texts that stay, nothing lost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from publisher.core.collecting import Collector, subjects_of
from publisher.kit.polite_pages import PolitePages
from publisher.model.articles import SourceState
from publisher.model.definitions import AdapterDefinition, FeedDefinition, SourceDefinition
from publisher.net import HttpFetcher
from publisher.ports import SourceContext
from publisher.sources import feed
from publisher.store import open_store
from tests.sources.loopback import site

WORDS = "The harbour lies still in the morning, and the boats wait for the tide to come in again."
HTML = {"Content_Type": "text/html; charset=utf-8"}
ITEM = """<item><title>Story {n}{more}</title><link>{url}/story/{n}</link><guid>g{n}</guid>
<pubDate>Tue, 24 Nov 2026 0{n}:00:00 GMT</pubDate><description>{text}</description></item>"""
TEASER = "The harbour lies still in the morning, and the boats wait […]"


def rss(url, *numbers, text=TEASER, more=""):
    items = "".join(ITEM.format(n=n, url=url, text=text, more=more) for n in numbers)
    return f"<rss version='2.0'><channel><title>Quay</title>{items}</channel></rss>".encode()


def page(n):
    paragraphs = "".join(f"<p>{WORDS} This is paragraph {i} of story {n}.</p>" for i in range(8))
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>Story {n}</title></head><body>"
        f"<nav><a href='/'>Home</a></nav><article><h1>Story {n}</h1>{paragraphs}"
        f"<p>{WORDS} <a href='/story/{n}/more'>Its map</a> is old.</p></article></body></html>"
    ).encode()


@dataclass
class Watch:
    time: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)
    slept: float = 0.0

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.slept += seconds


@dataclass
class House:
    """A store, a site, and a feed of it with the texts of its pages."""

    store: object
    here: object
    root: object
    watch: Watch = field(default_factory=Watch)
    known: str = "full"

    def source(self, url, *, full=True):
        http = HttpFetcher(allow_private=True)
        pages = PolitePages(http, ticks=lambda: self.watch.slept, sleep=self.watch.sleep)
        context = SourceContext(key="feed:quay", root=self.root, fetcher=http, pages=pages)
        return feed.Feed(feed.Options(url=url, fetch_full_text=full), context)

    def collect(self, *, full=True):
        url = self.here.url + "/feed"
        adapter = AdapterDefinition(name=url, type="feed", options={"url": url})
        source = SourceDefinition(key="feed:quay", adapter=adapter, every=timedelta(hours=1))
        publication = [FeedDefinition(slug="quay", title="Quay", sources=(source,))]
        collector = Collector(
            store=self.store,
            clock=self.watch,
            open_source=lambda _: self.source(url, full=full),
        )
        collector.register(subjects_of(publication))
        self.here.asked.clear()
        (report,) = collector.collect(publication)
        self.watch.time += timedelta(hours=25)
        assert not report.error
        return report

    def articles(self):
        return {one.title: one for one in self.store.articles(feed="quay", now=self.watch.now())}

    def asked(self):
        return [path for path, _ in self.here.asked]


@pytest.fixture
def house(tmp_path):
    store = open_store("sqlite:///store.db", tmp_path)
    with site() as here:
        for n in range(1, 10):
            here.document(f"/story/{n}", page(n), **HTML)
        here.document("/feed", rss(here.url, 1, 2), ETag='"1"')
        yield House(store, here, tmp_path)
    store.close()


def test_teasers_become_texts_and_stay_texts(house):
    assert house.collect().new == 2
    assert house.asked() == ["/feed", "/robots.txt", "/story/1", "/story/2"]
    first = house.articles()["Story 1"]
    assert first.text.count("paragraph") == 8
    assert first.summary == ""  # the teaser is how the text begins
    assert "Home" not in first.html
    assert f"{house.here.url}/story/1/more" in first.html

    report = house.collect()  # the teasers again
    assert (report.new, report.changed, report.same) == (0, 0, 2)
    assert house.asked() == ["/feed"]
    assert house.articles()["Story 1"] == first

    house.here.document("/feed", b"", 304)
    assert house.collect().same == 0
    house.here.document("/feed", rss(house.here.url, 1, 2, 3), ETag='"2"')
    report = house.collect()
    assert (report.new, report.changed, report.same) == (1, 0, 2)
    assert house.asked() == ["/feed", "/robots.txt", "/story/3"]
    assert house.articles()["Story 1"] == first


def test_a_changed_entry_is_read_again(house):
    house.collect()
    house.here.document("/feed", rss(house.here.url, 1, 2, more=", corrected"))
    report = house.collect()
    assert (report.changed, report.same) == (2, 0)
    assert house.articles()["Story 1, corrected"].text.count("paragraph") == 8
    assert house.collect().same == 2


def test_a_page_that_fails_keeps_the_teaser_and_comes_later(house):
    house.here.document("/story/1", b"", 503)
    report = house.collect()
    assert report.new == 2
    assert [one.where for one in report.problems] == [house.here.url + "/story/1"]
    assert house.articles()["Story 1"].text == TEASER
    house.here.document("/story/1", page(1), **HTML)
    report = house.collect()
    assert "if-none-match" not in house.here.asked[0][1]  # or a 304 would hide what waits
    assert (report.changed, report.same, report.problems) == (1, 1, ())
    assert house.articles()["Story 1"].text.count("paragraph") == 8
    house.collect()
    assert house.here.asked[0][1]["if-none-match"] == '"1"'


def test_what_robots_txt_bars_stays_a_teaser_and_is_told_once(house):
    house.here.document("/robots.txt", b"User-agent: *\nDisallow: /story/2\n")
    report = house.collect()
    assert [one.message for one in report.problems] == [
        "full text: its site's robots.txt bars publisher from it"
    ]
    assert house.articles()["Story 2"].text == TEASER
    assert "/story/2" not in house.asked()
    assert house.collect().problems == ()


def test_hosts_get_a_pause_between_pages(house):
    house.here.document("/robots.txt", b"User-agent: *\nCrawl-delay: 2\n")
    house.collect()
    assert house.watch.slept == pytest.approx(2.0)


def test_a_bot_check_is_no_text(house):
    check = (
        b"<html><body><p>"
        + b"Please enable cookies and scripts to go on. " * 40
        + b"</p></body></html>"
    )
    house.here.document("/story/1", check, **HTML)
    house.collect()
    assert house.articles()["Story 1"].text == TEASER


def test_without_the_option_no_page_is_asked(house):
    house.collect(full=False)
    assert house.asked() == ["/feed"]
    assert house.articles()["Story 1"].text == TEASER


def test_only_what_is_new_can_come_and_nothing_is_forgotten(house):
    """RFC 3229: a part of the feed says nothing of what is not in it."""
    house.collect()
    house.here.document("/feed", rss(house.here.url, 3), 226, IM="feed", ETag='"2"')
    assert house.collect().new == 1
    assert house.here.asked[0][1]["a-im"] == "feed"
    house.here.document("/feed", rss(house.here.url, 1, 2, 3))
    report = house.collect()
    assert house.here.asked[0][1]["if-none-match"] == '"2"'
    assert (report.same, house.asked()) == (3, ["/feed"])


def test_what_a_hub_brings_does_not_take_a_text_away(house):
    url = house.here.url + "/feed"
    source = house.source(url)
    first = source.collect(SourceState(key="feed:quay"), house.watch.now())
    state = SourceState(key="feed:quay", cursor=first.cursor)
    pushed = source.pushed(rss(house.here.url, 1), "application/rss+xml", state)
    assert pushed.kept == {"g1"}
    assert [one.text for one in pushed.articles] == [TEASER]
    new = source.pushed(rss(house.here.url, 1, 3), "application/rss+xml", state)
    assert new is None, "the feed is asked, so that the page of the new one is read"


def test_a_feed_in_a_file_is_followed_too(house):
    (house.root / "quay.xml").write_bytes(rss(house.here.url, 1))
    source = house.source("quay.xml")
    first = source.collect(SourceState(key="k"), house.watch.now())
    assert first.articles[0].text.count("paragraph") == 8
    again = source.collect(SourceState(key="k", cursor=first.cursor), house.watch.now())
    assert again.kept == {"g1"}
