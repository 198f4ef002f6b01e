"""The site around the feeds, from a real store: only what changed is made again, and nothing is forgotten."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from publisher import assets
from publisher.core import around
from publisher.core.mapping import AROUND
from publisher.core.publishing import Publisher
from publisher.formats.pages import SitePages, create
from publisher.kit.templating import Templates
from publisher.lint.feeds import DocumentInspector
from publisher.model.articles import CollectedArticle, SourceState
from publisher.model.definitions import FeedDefinition, Publication
from publisher.model.views import Document
from publisher.ports import ArticleChanges, CollectionResult
from publisher.registry import load
from publisher.store import open_store
from tests.core.test_publishing import Shelf

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://g.example/"
FEED = FeedDefinition(slug="harbour", title="Harbour", limit=5, formats=("rss",))
QUAY = FeedDefinition(slug="quay", title="Quay", limit=5, formats=("rss",))
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


class Clock:
    moment = NOON

    def now(self):
        return self.moment


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path):
    here = open_store(
        "sqlite:///store.db", tmp_path, permalink=lambda slug: f"{URL}articles/{slug}/"
    )
    yield here
    here.close()


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def publish(store, shelf, clock):
    pages = create(None, Templates(None, assets.templates()))

    def now(feeds=(FEED,), every=(FEED,), **more):
        shelf.written.clear()
        made = Publisher(
            **{
                "store": store,
                "clock": clock,
                "publication": Publication(title="Gazette", url=URL),
                "formats": {"rss": load("formats", "rss").create(None, None)},
                "pages": pages,
                "outlets": [shelf],
                "media": lambda path: Document(
                    path=f"media/{path}", data=b"png", media_type="image/png"
                ),
                "judge": DocumentInspector(),
                **more,
            }
        )
        report = made.publish(feeds, every)
        assert report.failed == ()
        if feeds == every:
            assert report.documents == len(shelf.documents)
        return report

    return now


def add(store, numbers, feeds=("harbour",), age=timedelta(days=9), **more):
    new = [
        (
            CollectedArticle(
                external_id=str(number),
                title=f"Story {number}",
                html=f"<p>Story {number}</p>",
                text=f"Story {number}",
                published=NOON - age + timedelta(minutes=number),
                **more,
            ),
            [(slug, True) for slug in feeds],
        )
        for number in numbers
    ]
    return store.save_collected(
        CollectionResult(state=SourceState(key="feed:a"), now=NOON, new=new)
    )


def stories(paths):
    return sorted(path for path in paths if path.startswith("articles/"))


def page(number):
    return f"articles/story-{number}/index.html"


def addresses(shelf, path="sitemap.xml"):
    return [loc.text for loc in ET.fromstring(shelf.documents[path]).iter(f"{MAP}loc")]


def test_every_story_has_a_page_and_a_line_in_the_map_however_old(store, shelf, publish):
    add(store, range(1, 14))
    publish()
    assert stories(shelf.documents) == sorted(map(page, range(1, 14)))
    listed = addresses(shelf)
    assert len(listed) == len(set(listed))
    assert {f"{URL}articles/story-{n}/" for n in range(1, 14)} <= set(listed)
    assert {URL, f"{URL}feeds/", f"{URL}feeds/harbour/"} <= set(listed)


def test_one_new_story_makes_one_page(store, shelf, publish):
    add(store, range(1, 14))
    publish()
    add(store, [14])
    publish()
    assert stories(shelf.written) == [page(14)]
    assert f"{URL}articles/story-14/" in addresses(shelf)


class Counting(SitePages):
    """Pages that tell how many stories they are given at a time."""

    def __init__(self):
        super().__init__(Templates(None, assets.templates()))
        self.given = []

    def stories(self, site, pages):
        self.given.append(len(pages))
        return super().stories(site, pages)


def test_stories_are_read_and_rendered_a_few_at_a_time(store, shelf, publish):
    pages = Counting()
    long = replace(FEED, limit=100)
    add(store, range(1, 61))
    publish([long], [long], pages=pages)
    assert pages.given == [around.STORIES, 60 - around.STORIES]
    assert len(stories(shelf.documents)) == 60


def test_without_a_change_nothing_is_made(store, shelf, publish):
    add(store, range(1, 14))
    publish()
    report = publish()
    assert (shelf.written, report.untouched, report.changed) == ([], 1, ())


def test_a_publish_of_one_feed_makes_no_other_story_again(store, shelf, publish):
    add(store, range(1, 5))
    add(store, [5], feeds=("quay",))
    publish([FEED, QUAY], [FEED, QUAY])
    add(store, [6], feeds=("quay",))
    publish([QUAY], [FEED, QUAY])
    assert stories(shelf.written) == [page(6)]
    publish([FEED, QUAY], [FEED, QUAY])
    assert stories(shelf.written) == []


def test_what_every_page_says_makes_all_again(store, shelf, publish):
    add(store, range(1, 4))
    publish()
    named = replace(FEED, title="Port")
    publish([named], [named])
    assert stories(shelf.written) == sorted(map(page, range(1, 4)))
    assert b"Port" in shelf.documents[page(1)]
    publish([named], [named], look="another")
    assert stories(shelf.written) == sorted(map(page, range(1, 4)))
    assert "feeds/harbour/index.html" in shelf.written


def test_another_look_makes_no_archive_of_a_feed_again(store, shelf, publish):
    add(store, range(1, 14))
    publish()
    publish(look="another")
    archived = [path for path in shelf.written if "/archive/" in path]
    assert archived
    assert all(path.endswith("/index.html") for path in archived)


def test_a_hidden_story_has_no_page_and_no_line(store, shelf, publish):
    numbers = add(store, range(1, 14))
    publish()
    store.change_article(numbers[2], ArticleChanges(hidden=True), NOON)
    report = publish()
    assert page(3) in report.removed
    assert page(3) not in shelf.documents
    assert store.moved_to(page(3)) == ""
    assert f"{URL}articles/story-3/" not in addresses(shelf)
    store.change_article(numbers[2], ArticleChanges(hidden=False), NOON)
    publish()
    assert page(3) in shelf.documents
    assert store.moved_to(page(3)) is None


def test_a_story_appears_when_its_date_has_come(store, shelf, publish, clock):
    add(store, [1])
    add(store, [2], age=timedelta(days=-1))
    publish()
    assert page(2) not in shelf.documents
    clock.moment = NOON + timedelta(days=2)
    publish()
    assert page(2) in shelf.documents


def test_a_feed_that_nobody_may_see_brings_no_page(store, shelf, publish):
    add(store, [1])
    secret = replace(FEED, public=False)
    publish([secret], [secret])
    assert "opml.xml" not in shelf.documents, "there is nothing to list"
    assert stories(shelf.documents) == []
    assert "feeds/harbour/index.html" not in shelf.documents
    assert "feeds/harbour.rss" in shelf.documents


def test_news_leave_their_map_when_due_and_not_before(store, shelf, publish, clock):
    add(store, [1])
    add(store, [2, 3], age=timedelta(hours=47))
    publish()
    news = addresses(shelf, "news-sitemap.xml")
    assert news == [f"{URL}articles/story-3/", f"{URL}articles/story-2/"]
    clock.moment = NOON + timedelta(minutes=50)
    publish()
    assert shelf.written == []
    clock.moment = NOON + timedelta(hours=1, minutes=2)
    publish()
    assert addresses(shelf, "news-sitemap.xml") == [f"{URL}articles/story-3/"]
    assert stories(shelf.written) == []
    clock.moment = NOON + timedelta(hours=1, minutes=3)
    publish()
    assert addresses(shelf, "news-sitemap.xml") == []
    publish()
    assert shelf.written == []


def test_a_page_that_somebody_took_away_is_made_again(store, shelf, publish):
    add(store, range(1, 14))
    publish()
    before = dict(shelf.documents)
    del shelf.documents[page(7)]
    publish()
    assert shelf.documents == before
    assert stories(shelf.written) == [page(7)]


def test_of_many_pages_each_publish_looks_for_some(store, shelf, publish, clock, monkeypatch):
    add(store, range(1, 14))
    publish()
    monkeypatch.setattr(around, "LISTED", 4)
    before = dict(shelf.documents)
    for number in range(1, 14):
        del shelf.documents[page(number)]
    for turn in range(4):
        clock.moment = NOON + timedelta(seconds=around.TURN * turn)
        publish_quietly(publish, shelf)
    assert shelf.documents == before


def publish_quietly(publish, shelf):
    """Publish while documents are missing, which the count of them tells."""
    try:
        publish()
    except AssertionError:
        assert len(shelf.documents) < 30


def test_pictures_go_out_with_the_stories_that_show_them(store, shelf, publish):
    add(store, range(1, 9), image=f"{URL}media/quay.png")
    publish()
    assert shelf.documents["media/quay.png"] == b"png"
    assert shelf.written.count("media/quay.png") == 1
    del shelf.documents["media/quay.png"]
    publish()
    assert shelf.documents["media/quay.png"] == b"png"


def test_people_page_back_through_the_whole_past(store, shelf, publish):
    add(store, range(1, 14))
    publish()
    at, seen = "feeds/harbour/index.html", []
    while at:
        html = shelf.documents[at].decode()
        seen += [n for n in range(1, 14) if f">Story {n}</a>" in html]
        _, found, rest = html.partition('<a rel="next" href="')
        at = f"{rest.partition(chr(34))[0].removeprefix('/')}index.html" if found else ""
    assert sorted(seen) == list(range(1, 14)), "each once"
    oldest = shelf.documents["feeds/harbour/archive/1/index.html"]
    assert b'<a rel="prev" href="/feeds/harbour/' in oldest


def test_pages_of_an_older_store_are_taken_over(store, shelf, publish):
    """What the record of the site held before pages had records of their own is not taken away."""
    add(store, range(1, 4))
    publish()
    record = store.feed_records()[""]
    old = {**record.paths, page(1): "x", "feeds/harbour/index.html": "y"}
    store.record_feed("", replace(record, paths=old, making="older"), {})
    report = publish()
    assert report.removed == ()
    assert page(1) in shelf.documents
    assert page(1) not in store.feed_records()[""].paths


def parts(paths):
    return sorted(path for path in paths if "sitemap" in path)


def numbered(paths):
    return [path for path in parts(paths) if path.startswith("sitemaps/") and path != AROUND]


def test_one_new_story_touches_the_newest_part_of_a_long_map(store, shelf, publish):
    add(store, range(1, 14))
    publish(part=5)
    three = ["sitemaps/1.xml", "sitemaps/2.xml", "sitemaps/3.xml"]
    assert parts(shelf.documents) == ["news-sitemap.xml", "sitemap.xml", *three, AROUND]
    assert addresses(shelf) == [f"{URL}{path}" for path in [*three, AROUND]]
    listed = [address for path in three for address in addresses(shelf, path)]
    assert listed == [f"{URL}articles/story-{n}/" for n in range(1, 14)]
    assert addresses(shelf, AROUND) == [URL, f"{URL}feeds/", f"{URL}feeds/harbour/"]
    add(store, [14])
    publish(part=5)
    assert numbered(shelf.written) == ["sitemaps/3.xml"]
    assert len(addresses(shelf)) == 4


def test_a_story_that_is_hidden_or_changed_touches_its_own_part(store, shelf, publish, clock):
    add(store, range(1, 14))
    publish(part=5)
    number = store.articles(feed="harbour", limit=13, now=NOON)[-1].id  # the oldest, story 1
    clock.moment += timedelta(hours=1)
    store.change_article(number, ArticleChanges(title="New"), clock.moment)
    publish(part=5)
    assert numbered(shelf.written) == ["sitemaps/1.xml"]
    store.change_article(number, ArticleChanges(hidden=True), clock.moment)
    publish(part=5)
    assert page(1) not in shelf.documents
    assert f"{URL}articles/story-1/" not in addresses(shelf, "sitemaps/1.xml")
    assert numbered(shelf.written) == ["sitemaps/1.xml"]


def test_a_part_that_somebody_took_away_is_written_again(store, shelf, publish):
    add(store, range(1, 14))
    publish(part=5)
    before = dict(shelf.documents)
    del shelf.documents["sitemaps/2.xml"]
    publish(part=5)
    assert shelf.documents == before
    assert numbered(shelf.written) == ["sitemaps/2.xml"]


def test_a_map_that_grows_too_long_is_parted_and_one_that_shrinks_joined(store, shelf, publish):
    add(store, range(1, 5))
    publish(part=5)
    assert parts(shelf.documents) == ["news-sitemap.xml", "sitemap.xml"]
    whole = shelf.documents["sitemap.xml"]
    add(store, [5, 6])
    publish(part=5)
    assert len(parts(shelf.documents)) == 5
    for story in store.articles(feed="harbour", limit=2, now=NOON):
        store.change_article(story.id, ArticleChanges(hidden=True), NOON)
    publish(part=5)
    assert parts(shelf.documents) == ["news-sitemap.xml", "sitemap.xml"]
    assert shelf.documents["sitemap.xml"] == whole
