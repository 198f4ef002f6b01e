"""The gate: a document with an error never replaces a good one, and keeps nothing else back."""

from dataclasses import replace

import pytest

from publisher.core.gating import Gate
from publisher.lint.feeds import DocumentInspector
from publisher.model.definitions import FeedDefinition
from publisher.model.views import Document
from publisher.registry import load
from tests.core.test_publishing import FEED, NOON, NoPages, Shelf, add, publisher
from tests.core.test_publishing import store as store  # noqa: PLC0414 - a fixture, used by name
from tests.lint.documents import RSS

OTHER = FeedDefinition(slug="quay", title="Quay", limit=5, formats=("rss",))
PATH = "feeds/harbour.rss"


class Spoilt:
    """A format whose documents have something wrong in them, as `spoil` makes it."""

    name, extension, media_type = "rss", "rss", "application/rss+xml"

    def __init__(self, spoil):
        self.spoil = spoil

    def render(self, view):
        data = load("formats", "rss").create(None, None).render(view)
        return self.spoil(data) if view.slug == "harbour" else data


HTML = "text/html; charset=utf-8"


class Plain(NoPages):
    """Pages of one line each."""

    def around(self, site):
        return [Document(path="index.html", data=b"<p>here", media_type=HTML)]

    def feed(self, site, feed):
        path = f"{feed.home.removeprefix(site.url)}index.html"
        return Document(path=path, data=b"<p>feed", media_type=HTML)


class Maps(Plain):
    """The same with a sitemap."""

    def __init__(self, text):
        self.text = text

    def maps(self, site, parts, news):
        yield Document(path="sitemap.xml", data=self.text.encode(), media_type="application/xml")


def formats(spoil):
    return {"rss": Spoilt(spoil), "json": load("formats", "json").create(None, None)}


def test_a_broken_document_never_replaces_a_good_one(store):
    shelf = Shelf()
    add(store, range(1, 4), ("harbour", "quay"))
    publisher(store, shelf).publish([FEED, OTHER], [FEED, OTHER])
    good = shelf.documents[PATH]
    add(store, range(4, 6), ("harbour", "quay"))
    broken = publisher(store, shelf, formats=formats(lambda data: data[:-20]), pages=Plain())
    report = broken.publish([FEED, OTHER], [FEED, OTHER])
    assert shelf.documents[PATH] == good
    ((path, reason),) = report.failed
    assert path == PATH
    assert reason.startswith("document.malformed: ")
    assert reason.endswith("; the last good document stays")
    assert b"Story 5" in shelf.documents["feeds/harbour.json"], "the other formats go out"
    assert b"Story 5" in shelf.documents["feeds/quay.rss"], "the other feeds go out"
    again = publisher(store, shelf).publish([FEED, OTHER], [FEED, OTHER])
    assert again.failed == ()
    assert b"Story 5" in shelf.documents[PATH], "what was kept back is made up for"


def test_a_first_document_that_is_broken_is_not_written(store):
    shelf = Shelf()
    add(store, [1])
    report = publisher(store, shelf, formats=formats(lambda _data: b"")).publish([FEED], [FEED])
    assert [path for path, _ in report.failed] == [PATH]
    assert set(shelf.documents) == {"feeds/harbour.json"}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"Story 1</title>", b"Story</title><title>2</title>", "element.repeated"),
        (b"<pubDate>", b"<pubDate>late ", "rss.date"),
        (b"<channel>", b"<channel><mood/>", "element.unknown"),
    ],
)
def test_errors_of_every_kind_keep_a_document_back(store, old, new, rule):
    shelf = Shelf()
    add(store, [1])
    spoilt = formats(lambda data: data.replace(old, new, 1))
    report = publisher(store, shelf, formats=spoilt).publish([FEED], [FEED])
    ((_, reason),) = report.failed
    assert reason.startswith(f"{rule}: ")
    assert PATH not in shelf.documents


def test_one_bad_story_is_left_out_and_the_others_go_out(store):
    shelf = Shelf()
    add(store, range(1, 5))
    spoilt = formats(
        lambda data: data.replace(b"<title>Story 3</title>", b"<title>3</title><mood/>")
    )
    report = publisher(store, shelf, formats=spoilt).publish([FEED], [FEED])
    assert report.failed == ()
    ((path, told),) = report.warned
    assert path == PATH
    assert told.startswith("left out 'Story 3' (https://x.example/3): element.unknown: ")
    written = shelf.documents[PATH]
    assert [n for n in range(1, 5) if f"Story {n}</title>".encode() in written] == [1, 2, 4]
    assert b"mood" not in written


def test_warnings_are_told_and_keep_nothing_back(store):
    shelf = Shelf()
    add(store, [1])
    spoilt = formats(lambda data: data.replace(b"Story 1</title>", b"a&lt;b</title>", 1))
    report = publisher(store, shelf, formats=spoilt).publish([FEED], [FEED])
    assert report.failed == ()
    ((path, told),) = report.warned
    assert path == PATH
    assert told.startswith("text.markup: ")
    assert PATH in shelf.documents


def test_a_broken_sitemap_leaves_the_last_one(store):
    shelf = Shelf()
    add(store, [1])
    head = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>'
    good = f"{head}https://g.example/</loc></url></urlset>"
    publisher(store, shelf, pages=Maps(good)).publish([FEED], [FEED])
    kept = shelf.documents["sitemap.xml"]
    add(store, [2])
    bad = good.replace("https://g.example/", "/")
    report = publisher(store, shelf, pages=Maps(bad)).publish([FEED], [FEED])
    assert [path for path, _ in report.failed] == ["sitemap.xml"]
    assert shelf.documents["sitemap.xml"] == kept
    assert "index.html" in shelf.documents


def test_pages_for_people_are_not_judged():
    gate = Gate(judge=DocumentInspector(), url="https://g.example/", now=NOON)
    page = Document(path="index.html", data=b"<p>&nothing;", media_type="text/html; charset=utf-8")
    assert gate.refuses(page) == ""
    feed = Document(path="f.rss", data=RSS.encode(), media_type="application/rss+xml")
    assert gate.refuses(feed) == ""
    assert [path for path, _ in gate.warned] == ["f.rss"], "it says that it stands elsewhere"
    assert "self.wrong" in gate.warned[0][1]
    assert gate.refuses(replace(feed, data=b"")).startswith("document.malformed")
    assert gate.refuses(replace(feed, media_type="application/atom+xml")) != ""
