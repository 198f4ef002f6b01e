"""Publishing from a real store: archives cover everything, and bytes rest while content does."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from publisher.core.publishing import Publisher, newest_first
from publisher.core.viewing import distinct, entry
from publisher.errors import FormatError, OutletError
from publisher.lint.feeds import DocumentInspector
from publisher.model.articles import CollectedArticle, SourceState
from publisher.model.definitions import FeedDefinition, Publication
from publisher.model.podcasts import Podcast
from publisher.model.views import Document
from publisher.ports import ArticleChanges, CollectionResult
from publisher.registry import load
from publisher.store import open_store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FEED = FeedDefinition(
    slug="harbour", title="Harbour", limit=5, formats=("rss", "json"), public=False
)


class Noon:
    def now(self):
        return NOON


class Shelf:
    """An outlet that keeps what it is given."""

    def __init__(self):
        self.documents = {}
        self.written = []

    def write(self, documents):
        changed = [d.path for d in documents if self.documents.get(d.path) != d.data]
        self.documents.update({d.path: d.data for d in documents})
        self.written += [document.path for document in documents]
        return changed

    def remove(self, paths):
        for path in paths:
            self.documents.pop(path, None)

    def lacks(self, paths):
        return not set(paths) <= set(self.documents)


class Stuck(Shelf):
    """An outlet that takes nothing away: it cannot, or the process dies while it does."""

    def __init__(self, documents, error):
        super().__init__()
        self.documents, self.error = documents, error

    def remove(self, paths):
        raise self.error


class NoPages:
    def around(self, site):
        return []

    def feed(self, site, feed):
        raise FormatError(feed.slug, "has no page")

    def stories(self, site, pages):
        return []

    def maps(self, site, parts, news):
        return iter(())


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


def add(store, numbers, feeds=("harbour",)):
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
            [(slug, True) for slug in feeds],
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
            "media": lambda _path: None,
            "judge": DocumentInspector(),
            **more,
        }
    )


def titles(document):
    return [n for n in range(1, 40) if f"<title>Story {n}</title>" in document.decode()]


def test_archives_and_the_current_document_together_hold_every_story(store, shelf):
    add(store, range(1, 14))
    publisher(store, shelf).publish([FEED], [FEED])
    rss = {path: data for path, data in shelf.documents.items() if path.endswith(".rss")}
    first, last, current = sorted(rss, key=len)[1], sorted(rss, key=len)[2], "feeds/harbour.rss"
    assert first == "feeds/harbour/archive/1.rss"
    assert last.startswith("feeds/harbour/archive/2-")
    assert set(rss) == {current, first, last}
    held = {number for data in rss.values() for number in titles(data)}
    assert held == set(range(1, 14))
    assert [titles(rss[path]) for path in (first, last, current)] == [
        [1, 2, 3, 4, 5],
        [6, 7, 8],
        [9, 10, 11, 12, 13],
    ]
    assert f'href="https://g.example/{last}" rel="prev-archive"'.encode() in rss[current]
    assert f'href="https://g.example/{first}" rel="prev-archive"'.encode() in rss[last]
    assert b"next-archive" not in rss[first], "the last page is followed by another"
    assert b"fh:complete" not in rss[current]


def test_full_archive_pages_rest_when_stories_are_added(store, shelf):
    add(store, range(1, 14))
    publisher(store, shelf).publish([FEED], [FEED])
    first = shelf.documents["feeds/harbour/archive/1.rss"]
    add(store, range(14, 20))
    report = publisher(store, shelf).publish([FEED], [FEED])
    again = shelf.documents["feeds/harbour/archive/1.rss"]
    assert b"next-archive" in again, "it learns once of the page after it"
    assert [line for line in again.splitlines() if b"next-archive" not in line] == (
        first.splitlines()
    )
    assert "feeds/harbour.rss" in report.changed
    add(store, range(20, 30))
    publisher(store, shelf).publish([FEED], [FEED])
    assert shelf.documents["feeds/harbour/archive/1.rss"] == again
    assert publisher(store, shelf).publish([FEED], [FEED]).changed == ()


def test_a_short_feed_says_that_it_is_the_whole_history(store, shelf):
    add(store, [1, 2])
    publisher(store, shelf).publish([FEED], [FEED])
    assert b"<fh:complete/>" in shelf.documents["feeds/harbour.rss"]


def test_without_a_change_no_feed_is_looked_at(store, shelf):
    add(store, range(1, 14))
    publisher(store, shelf).publish([FEED], [FEED])
    shelf.written.clear()
    report = publisher(store, shelf).publish([FEED], [FEED])
    assert (report.untouched, report.changed, shelf.written) == (1, (), [])
    assert report.documents == len(shelf.documents)


def test_a_story_appears_when_its_date_has_come(store, shelf):
    clock = Noon()
    add(store, [1, 101])
    made = publisher(store, shelf, clock=clock)
    made.publish([FEED], [FEED])
    assert titles(shelf.documents["feeds/harbour.rss"]) == [1]
    assert made.publish([FEED], [FEED]).untouched == 1
    clock.now = lambda: NOON + timedelta(days=1)
    made.publish([FEED], [FEED])
    assert b"Story 101<" in shelf.documents["feeds/harbour.rss"]


def test_a_publish_of_one_feed_hides_no_change_of_another(store, shelf):
    quay = replace(FEED, slug="quay", title="Quay")
    add(store, [1])
    add(store, [2], feeds=("quay",))
    publisher(store, shelf).publish([FEED, quay], [FEED, quay])
    add(store, [3])
    publisher(store, shelf).publish([quay], [FEED, quay])
    publisher(store, shelf).publish([FEED, quay], [FEED, quay])
    assert titles(shelf.documents["feeds/harbour.rss"]) == [1, 3]


def test_a_change_of_one_story_touches_the_feeds_that_hold_it(store, shelf):
    quay = replace(FEED, slug="quay", title="Quay")
    add(store, range(1, 14))
    add(store, range(20, 24), feeds=("quay",))
    publisher(store, shelf).publish([FEED, quay], [FEED, quay])
    shelf.written.clear()
    add(store, [24], feeds=("quay",))
    report = publisher(store, shelf).publish([FEED, quay], [FEED, quay])
    assert set(report.changed) == {"feeds/quay.rss", "feeds/quay.json"}
    assert {path.split("/")[1].partition(".")[0] for path in shelf.written} == {"quay"}


def test_only_the_pages_that_changed_are_made_again(store, shelf):
    add(store, range(1, 28))
    publisher(store, shelf).publish([FEED], [FEED])
    shelf.written.clear()
    add(store, [28])
    publisher(store, shelf).publish([FEED], [FEED])
    made = {path for path in shelf.written if path.endswith(".rss")}
    assert {path for path in made if "-" not in path} == {"feeds/harbour.rss"}
    assert len(made) == 2, "the last page, under its new name"


def test_a_hidden_story_leaves_its_page_and_the_old_address_leads_to_the_new_one(store, shelf):
    add(store, range(1, 14))
    publisher(store, shelf).publish([FEED], [FEED])
    store.change_article(store.find_article("story-3").id, ArticleChanges(hidden=True), NOON)
    report = publisher(store, shelf).publish([FEED], [FEED])
    assert "feeds/harbour/archive/1.rss" in report.removed
    assert "feeds/harbour/archive/1.rss" not in shelf.documents
    renewed = store.moved_to("feeds/harbour/archive/1.rss")
    assert titles(shelf.documents[renewed]) == [1, 2, 4, 5]
    assert not [path for path, data in shelf.documents.items() if b"Story 3<" in data]
    assert store.moved_to("feeds/harbour.rss") is None
    store.change_article(store.find_article("story-4").id, ArticleChanges(hidden=True), NOON)
    publisher(store, shelf).publish([FEED], [FEED])
    last = store.moved_to("feeds/harbour/archive/1.rss")
    assert last == store.moved_to(renewed)
    assert titles(shelf.documents[last]) == [1, 2, 5]


def test_a_hidden_story_goes_also_while_something_else_fails(store, shelf):
    add(store, range(1, 14))
    formats = {"rss": load("formats", "rss").create(None, None), "json": Broken()}
    publisher(store, shelf, formats=formats).publish([FEED], [FEED])
    store.change_article(store.find_article("story-3").id, ArticleChanges(hidden=True), NOON)
    assert publisher(store, shelf, formats=formats).publish([FEED], [FEED]).failed
    assert not [path for path, data in shelf.documents.items() if b"Story 3<" in data]
    assert publisher(store, shelf, formats=formats).publish([FEED], [FEED]).failed, "tried again"
    publisher(store, shelf).publish([FEED], [FEED])
    assert "feeds/harbour.json" in shelf.documents


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OutletError("public", "read only")])
def test_a_hidden_story_goes_also_when_it_could_not_be_taken_away_at_once(store, shelf, error):
    add(store, range(1, 14))
    publisher(store, shelf).publish([FEED], [FEED])
    store.change_article(store.find_article("story-3").id, ArticleChanges(hidden=True), NOON)
    with suppress(KeyboardInterrupt):
        report = publisher(store, Stuck(shelf.documents, error)).publish([FEED], [FEED])
        assert "read only" in dict(report.failed)["Stuck"]
    assert b"Story 3<" in shelf.documents["feeds/harbour/archive/1.rss"]
    assert not publisher(store, shelf).publish([FEED], [FEED]).failed
    assert not [path for path, data in shelf.documents.items() if b"Story 3<" in data]
    renewed = store.moved_to("feeds/harbour/archive/1.rss")
    assert titles(shelf.documents[renewed]) == [1, 2, 4, 5]
    assert not publisher(store, shelf).publish([FEED], [FEED]).changed


def test_a_feed_that_could_not_be_taken_away_is_not_forgotten(store, shelf):
    add(store, range(1, 14))
    other = replace(FEED, slug="culture")
    publisher(store, shelf).publish([FEED, other], [FEED, other])
    stuck = Stuck(shelf.documents, OutletError("public", "read only"))
    publisher(store, stuck).publish([other], [other])
    assert "feeds/harbour.rss" in shelf.documents
    publisher(store, shelf).publish([other], [other])
    assert "feeds/harbour.rss" not in shelf.documents


def test_what_somebody_took_away_is_made_again(store, shelf):
    add(store, range(1, 14))
    publisher(store, shelf).publish([FEED], [FEED])
    before = dict(shelf.documents)
    del shelf.documents["feeds/harbour/archive/1.rss"]
    publisher(store, shelf).publish([FEED], [FEED])
    assert shelf.documents == before


def test_a_feed_that_is_no_more_takes_its_documents_along(store, shelf):
    add(store, range(1, 14))
    publisher(store, shelf).publish([FEED], [FEED])
    report = publisher(store, shelf).publish([], [])
    assert set(report.removed) >= {"feeds/harbour.rss", "feeds/harbour/archive/1.json"}
    assert shelf.documents == {}


def test_a_feed_and_its_stories_keep_their_ids_under_another_slug_host_and_scheme(store, shelf):
    add(store, range(1, 8))
    publisher(store, shelf).publish([FEED], [FEED])
    before = json.loads(shelf.documents["feeds/harbour.json"])
    atom = {n: load("formats", n).create(None, None) for n in ("atom", "json")}
    first = publisher(store, shelf, formats=atom).view(replace(FEED, formats=("atom",)))
    port = replace(FEED, slug="port", was=("harbour",))
    store.set_memberships("port", [one.id for one in store.articles(now=NOON)], NOON)
    moved = Publication(title="Gazette", url="http://elsewhere.example/news/")
    publisher(store, shelf, publication=moved).publish([port], [port])
    after = json.loads(shelf.documents["feeds/port.json"])
    assert [item["id"] for item in after["items"]] == [item["id"] for item in before["items"]]
    assert publisher(store, shelf).view(port).uid == first.uid
    assert first.uid.startswith("tag:")
    again = replace(port, slug="quays", was=("harbour", "port"))
    assert publisher(store, shelf).view(again).uid == first.uid
    assert "feeds/harbour.json" not in shelf.documents


def test_a_renamed_feed_keeps_its_past_until_it_is_published_itself(store, shelf):
    quay = replace(FEED, slug="quay", title="Quay")
    add(store, range(1, 14))
    add(store, [20], feeds=("quay",))
    publisher(store, shelf).publish([FEED, quay], [FEED, quay])
    uid = publisher(store, shelf).view(FEED).uid
    port = replace(FEED, slug="port", was=("harbour",))
    publisher(store, shelf).publish([quay], [port, quay])
    assert "feeds/harbour/archive/1.rss" in shelf.documents
    store.set_memberships(
        "port", [one.id for one in store.articles(feed="harbour", now=NOON)], NOON
    )
    publisher(store, shelf).publish([port], [port, quay])
    assert "feeds/harbour/archive/1.rss" not in shelf.documents
    assert titles(shelf.documents["feeds/port/archive/1.rss"]) == [1, 2, 3, 4, 5]
    assert publisher(store, shelf).view(port).uid == uid


def test_an_outlet_that_refuses_one_document_gets_the_others(store, shelf):
    add(store, [1])
    quay = replace(FEED, slug="quay", title="Quay")
    add(store, [2], feeds=("quay",))
    write = shelf.write

    def picky(documents):
        if any(one.path == "feeds/harbour.rss" for one in documents):
            raise OutletError("feeds/harbour.rss", "no space")
        return write(documents)

    shelf.write = picky
    with pytest.raises(OutletError, match="no space"):
        publisher(store, shelf).publish([FEED, quay], [FEED, quay])
    assert "feeds/quay.rss" in shelf.documents
    shelf.write = write
    assert (
        "feeds/harbour.rss" in publisher(store, shelf).publish([FEED, quay], [FEED, quay]).changed
    )


def test_what_cannot_be_made_keeps_its_last_good_document(store, shelf):
    add(store, [1])
    publisher(store, shelf).publish([FEED], [FEED])
    good = shelf.documents["feeds/harbour.rss"]
    add(store, [2])
    formats = {"rss": Broken(), "json": load("formats", "json").create(None, None)}
    report = publisher(store, shelf, formats=formats).publish([FEED], [FEED])
    assert report.failed
    assert shelf.documents["feeds/harbour.rss"] == good
    publisher(store, shelf).publish([FEED], [FEED])
    assert titles(shelf.documents["feeds/harbour.rss"]) == [1, 2]


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


def test_a_feed_says_what_its_text_shows_and_which_list_its_tags_are_from(store, shelf):
    add(store, [1])
    made = publisher(store, shelf)
    feed = replace(FEED, key_points_in_text=False)
    view = made.view(feed)
    assert view.category_scheme == "https://g.example/"
    assert not view.entries[0].key_points_in_text
    assert view.entries[0].read_also_in_text
    named = replace(feed, category_scheme="https://iptc.example/")
    assert made.view(named).category_scheme == "https://iptc.example/"


PODCAST = Podcast(image="covers/a.png", categories=(("News", ""),))


def guid_in(data):
    return re.search(rb"<podcast:guid>(.*?)<", data)[1].decode()


def test_a_podcast_keeps_its_guid_whatever_becomes_of_its_address(store, shelf):
    add(store, [1])
    feed = replace(FEED, podcast=PODCAST)
    publisher(store, shelf).publish([feed], [feed])
    first = shelf.documents["feeds/harbour.rss"]
    namespace = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
    assert guid_in(first) == str(uuid5(namespace, "g.example/feeds/harbour.rss"))
    assert b"new-feed-url" not in first

    moved = replace(feed, slug="port", was=("harbour",))
    elsewhere = Publication(title="Gazette", url="http://new.example/")
    publisher(store, shelf, publication=elsewhere).publish([moved], [moved])
    second = shelf.documents["feeds/port.rss"]
    assert guid_in(second) == guid_in(first)
    assert b"<itunes:new-feed-url>http://new.example/feeds/port.rss<" in second

    silent = replace(moved, podcast=None)
    publisher(store, shelf, publication=elsewhere).publish([silent], [silent])
    assert b"podcast" not in shelf.documents["feeds/port.rss"]
    publisher(store, shelf, publication=elsewhere).publish([moved], [moved])
    assert shelf.documents["feeds/port.rss"] == second

    own = replace(moved, podcast=replace(PODCAST, guid="917393e3-1b1e-5cef-ace4-edaa54e1f810"))
    publisher(store, shelf, publication=elsewhere).publish([own], [own])
    assert guid_in(shelf.documents["feeds/port.rss"]) == own.podcast.guid


def test_a_podcast_is_completed_by_what_the_publication_is(store, shelf):
    add(store, [1])
    asked = []

    def media(path):
        asked.append(path)
        return Document(path=f"media/{path}", data=b"png", media_type="image/png")

    who = Publication(title="Gazette", url="https://g.example/", contact="ed@g.example")
    feed = replace(FEED, podcast=PODCAST, ended=True)
    publisher(store, shelf, media=media, publication=who).publish([feed], [feed])
    document = shelf.documents["feeds/harbour.rss"]
    for said in (
        b"<itunes:author>Gazette<",
        b"<itunes:email>ed@g.example<",
        b'<itunes:image href="https://g.example/media/covers/a.png"/>',
        b"<itunes:complete>Yes<",
    ):
        assert said in document
    assert asked == ["covers/a.png"]
    assert shelf.documents["media/covers/a.png"] == b"png"
