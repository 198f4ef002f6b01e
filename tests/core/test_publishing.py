"""Publishing from a real store: archives cover everything, and bytes rest while content does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from publisher.core.publishing import Publisher, newest_first
from publisher.core.viewing import distinct, entry
from publisher.errors import FormatError
from publisher.model.articles import CollectedArticle, SourceState
from publisher.model.definitions import FeedDefinition, Publication
from publisher.model.views import Document
from publisher.ports import CollectionResult
from publisher.registry import load
from publisher.store import open_store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FEED = FeedDefinition(slug="harbour", title="Harbour", limit=5, formats=("rss", "json"))


class Noon:
    def now(self):
        return NOON


class Shelf:
    """An outlet that keeps what it is given."""

    def __init__(self):
        self.documents = {}

    def write(self, documents):
        changed = [d.path for d in documents if self.documents.get(d.path) != d.data]
        self.documents.update({d.path: d.data for d in documents})
        return changed


class NoPages:
    def site(self, view):
        return []


class Broken:
    name, extension, media_type = "rss", "rss", "application/rss+xml"

    def render(self, view):
        raise FormatError(view.slug, "out of ink")


@pytest.fixture
def store(tmp_path):
    here = open_store("sqlite:///store.db", tmp_path)
    yield here
    here.close()


@pytest.fixture
def shelf():
    return Shelf()


def add(store, numbers):
    new = [
        (
            CollectedArticle(
                external_id=str(n),
                title=f"Story {n}",
                url=f"https://x.example/{n}",
                html=f"<p>Story {n}</p>",
                text=f"Story {n}",
                published=NOON - timedelta(days=100 - n),
            ),
            [("harbour", True)],
        )
        for n in numbers
    ]
    store.save_collected(CollectionResult(state=SourceState(key="feed:a"), now=NOON, new=new))


def publisher(store, shelf, **more):
    return Publisher(
        **{
            "store": store,
            "clock": Noon(),
            "publication": Publication(title="Gazette", url="https://g.example/"),
            "formats": {n: load("formats", n).create(None, None) for n in ("rss", "json")},
            "pages": NoPages(),
            "outlets": [shelf],
            "identity": store.identity(),
            "media": lambda _path: None,
            **more,
        }
    )


def titles(document):
    return [n for n in range(1, 40) if f"<title>Story {n}</title>" in document.decode()]


def test_archives_and_the_current_document_together_hold_every_story(store, shelf):
    add(store, range(1, 14))
    publisher(store, shelf).publish([FEED], [FEED])
    rss = {path: data for path, data in shelf.documents.items() if path.endswith(".rss")}
    assert set(rss) == {
        "feeds/harbour.rss",
        "feeds/harbour/archive/1.rss",
        "feeds/harbour/archive/2.rss",
    }
    held = {number for data in rss.values() for number in titles(data)}
    assert held == set(range(1, 14))
    assert titles(rss["feeds/harbour.rss"]) == [9, 10, 11, 12, 13]
    assert b'href="https://g.example/feeds/harbour/archive/2.rss"' in rss["feeds/harbour.rss"]


def test_full_archive_pages_rest_when_stories_are_added(store, shelf):
    add(store, range(1, 14))
    publisher(store, shelf).publish([FEED], [FEED])
    first = shelf.documents["feeds/harbour/archive/1.rss"]
    add(store, range(14, 20))
    report = publisher(store, shelf).publish([FEED], [FEED])
    assert shelf.documents["feeds/harbour/archive/1.rss"] == first
    assert "feeds/harbour.rss" in report.changed
    assert publisher(store, shelf).publish([FEED], [FEED]).changed == ()


def test_a_format_that_fails_is_reported_and_the_others_go_out(store, shelf):
    add(store, [1])
    formats = {"rss": Broken(), "json": load("formats", "json").create(None, None)}
    report = publisher(store, shelf, formats=formats).publish([FEED], [FEED])
    assert report.failed == (("feeds/harbour.rss", "harbour: out of ink"),)
    assert "feeds/harbour.json" in shelf.documents


def test_a_logo_of_the_folder_goes_out_with_the_pages(store, shelf):
    def media(path):
        return Document(path=f"media/{path}", data=b"png", media_type="image/png")

    logos = ("https://g.example/media/brand/logo.png", "https://cdn.example/media/night.png")
    publisher(store, shelf, media=media, logos=logos).publish([FEED], [FEED])
    assert shelf.documents["media/brand/logo.png"] == b"png"
    assert "media/night.png" not in shelf.documents


def test_entries_of_one_second_are_told_apart_and_elders_keep_theirs(store):
    add(store, [1, 2, 3])
    entries = [entry(a, FEED) for a in store.articles(feed="harbour", now=NOON)]
    same = [replace(item, updated=NOON) for item in entries]
    moments = {item.id: item.updated for item in distinct(same)}
    assert len(set(moments.values())) == 3
    assert moments == {item.id: item.updated for item in distinct(list(reversed(same)))}
    elders = [item for item in same if item.id != 3]
    assert {i.id: i.updated for i in distinct(elders)} == {
        number: moment for number, moment in moments.items() if number != 3
    }
    assert [item.id for item in newest_first(entries)] == [3, 2, 1]
