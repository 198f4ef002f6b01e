"""Collecting into a real store: nothing twice, one bad source alone, backlog never mailed."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from publisher.core.collecting import Collector, subjects_of
from publisher.core.editing import chooser
from publisher.core.reselecting import Reselector
from publisher.errors import FetchError, StoreError
from publisher.model.articles import Collected, CollectedArticle
from publisher.model.definitions import (
    AdapterDefinition,
    FeedDefinition,
    SelectRules,
    SourceDefinition,
)
from publisher.model.editions import OpenEdition
from publisher.model.subscribers import NewSubscriber
from publisher.model.timetable import PlannedRun
from publisher.store import open_store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Watch:
    time: datetime = NOON

    def now(self):
        return self.time


@dataclass
class Shelf:
    """A source that brings what stands on it, or fails."""

    articles: list = field(default_factory=list)
    error: Exception | None = None
    asked: int = 0

    def collect(self, state, now):
        self.asked += 1
        if self.error:
            raise self.error
        return Collected(articles=tuple(self.articles), etag=f"v{self.asked}")


def story(name, **more):
    return CollectedArticle(
        **{
            "external_id": name,
            "title": f"Title {name}",
            "text": f"The text of {name}.",
            "published": NOON,
            **more,
        }
    )


def source(name, kind="feed"):
    return SourceDefinition(
        key=f"{kind}:{name}",
        adapter=AdapterDefinition(name=name, type=kind),
        every=timedelta(hours=1),
    )


class House:
    def __init__(self, folder):
        self.store = open_store("sqlite:///store.db", folder)
        self.watch = Watch()
        self.shelves: dict[str, Shelf] = {}
        self.feeds: list[FeedDefinition] = []

    def collect(self, **how):
        Reselector(store=self.store, clock=self.watch).reselect(self.feeds)
        collector = Collector(
            store=self.store, clock=self.watch, open_source=lambda d: self.shelves[d.key]
        )
        collector.register(subjects_of(self.feeds))
        return {report.source: report for report in collector.collect(self.feeds, **how)}

    def state(self, key):
        return self.store.source_states([key])[key]

    def titles(self, feed):
        return [a.title for a in self.store.articles(feed=feed, now=self.watch.now())]

    def edition(self, key, feeds=("harbour",), limit=50):
        planned = PlannedRun(key=f"manual:{key}", slot="", due=self.watch.now())
        run, _ = self.store.add_run("morning", planned)
        intent = OpenEdition(
            run=run.id,
            schedule="morning",
            slot="",
            title="Morning",
            transport="outbox",
            feeds=feeds,
            now=self.watch.now(),
        )
        return self.store.open_edition(intent, chooser(limit))


@pytest.fixture
def house(tmp_path):
    here = House(tmp_path)
    yield here
    here.store.close()


def harbour(*sources, **more):
    return FeedDefinition(slug="harbour", title="Harbour", sources=tuple(sources), **more)


def test_collecting_twice_is_collecting_once(house):
    house.feeds = [harbour(source("a"))]
    house.shelves = {"feed:a": Shelf([story("1"), story("2")])}
    assert house.collect()["feed:a"].new == 2
    again = house.collect(everything=True)["feed:a"]
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    assert sorted(house.titles("harbour")) == ["Title 1", "Title 2"]


def test_an_edit_is_stored_and_keeps_the_permanent_id(house):
    house.feeds = [harbour(source("a"))]
    house.shelves = {"feed:a": Shelf([story("1")])}
    house.collect()
    (before,) = house.store.articles(feed="harbour", now=NOON)
    house.watch.time += timedelta(hours=2)
    house.shelves["feed:a"].articles = [story("1", title="Another title")]
    assert house.collect()["feed:a"].changed == 1
    (after,) = house.store.articles(feed="harbour", now=house.watch.now())
    assert (after.uid, after.slug, after.id) == (before.uid, before.slug, before.id)
    assert after.title == "Another title"
    assert after.updated > before.updated


def test_one_bad_source_never_stops_the_others_and_waits_longer_each_time(house):
    house.feeds = [harbour(source("bad"), source("good"))]
    refused = FetchError("https://bad.example", "503", retry_after=timedelta(hours=5))
    house.shelves = {"feed:bad": Shelf(error=refused), "feed:good": Shelf([story("1")])}
    reports = house.collect()
    assert "503" in reports["feed:bad"].error
    assert reports["feed:good"].new == 1
    state = house.store.source_states(["feed:bad"])["feed:bad"]
    assert state.failures == 1
    assert state.next_check == NOON + timedelta(hours=5)
    house.watch.time += timedelta(hours=2)
    assert set(house.collect()) == {"feed:good"}


def test_an_adapter_that_breaks_is_a_report_not_a_crash(house):
    house.feeds = [harbour(source("odd"))]
    house.shelves = {"feed:odd": Shelf(error=ZeroDivisionError("oops"))}
    assert "oops" in house.collect()["feed:odd"].error


def test_an_error_wipes_nothing(house):
    house.feeds = [harbour(source("a"))]
    shelf = Shelf([story("1")])
    house.shelves = {"feed:a": shelf}
    house.collect()
    shelf.error = FetchError("a", "gone")
    house.collect(everything=True)
    assert house.titles("harbour") == ["Title 1"]
    state = house.store.source_states(["feed:a"])["feed:a"]
    assert (state.etag, state.failures) == ("v1", 1)


def test_a_story_two_sources_bring_is_stored_once_and_enters_both_feeds(house):
    culture = FeedDefinition(slug="culture", title="Culture", sources=(source("b"),))
    house.feeds = [harbour(source("a")), culture]
    house.shelves = {
        "feed:a": Shelf([story("1", url="https://x.example/1")]),
        "feed:b": Shelf([story("9", url="http://x.example/1/?utm_source=b")]),
    }
    house.collect()
    house.collect(everything=True)
    everything = house.store.articles(now=NOON)
    assert len(everything) == 1
    assert house.titles("harbour") == house.titles("culture") == [everything[0].title]


def test_a_new_sources_backlog_is_in_the_feed_but_never_mailed(house):
    house.feeds = [harbour(source("a"))]
    house.shelves = {"feed:a": Shelf([story("1")]), "feed:b": Shelf([story("old")])}
    house.store.add_subscriber(
        NewSubscriber(email="ada@example.org", subscriptions=(("harbour", "morning"),)), NOON
    )
    house.collect()
    assert len(house.edition("one").articles) == 1
    house.feeds = [harbour(source("a"), source("b"))]
    house.collect(everything=True)
    assert sorted(house.titles("harbour")) == ["Title 1", "Title old"]
    assert house.edition("two") is None
    house.shelves["feed:b"].articles.append(story("fresh"))
    house.collect(everything=True)
    third = house.edition("three")
    assert [house.store.article(n).title for n in third.articles] == ["Title fresh"]


def test_an_edited_selection_moves_stories_without_mailing_them(house):
    house.feeds = [harbour(source("a"), select=SelectRules(any_of=("tag:ships",)))]
    house.shelves = {"feed:a": Shelf([story("1", tags=("ships",)), story("2", tags=("cats",))])}
    house.store.add_subscriber(
        NewSubscriber(email="ada@example.org", subscriptions=(("harbour", "morning"),)), NOON
    )
    house.collect()
    assert house.titles("harbour") == ["Title 1"]
    house.feeds = [replace(house.feeds[0], select=SelectRules(any_of=("tag:cats",)))]
    house.collect(everything=True)
    assert house.titles("harbour") == ["Title 2"]
    assert house.edition("one") is None


def test_a_new_feed_takes_what_a_known_source_brought_before(house):
    house.feeds = [harbour(source("a"))]
    house.shelves = {"feed:a": Shelf([story("1")])}
    house.collect()
    house.feeds.append(FeedDefinition(slug="late", title="Late", sources=(source("a"),)))
    house.collect()
    assert house.titles("late") == ["Title 1"]


def test_a_storm_of_new_ids_is_held_back_and_never_mailed(house):
    house.feeds = [harbour(source("a"))]
    shelf = Shelf([story(str(n), published=NOON - timedelta(days=n)) for n in range(9)])
    house.shelves = {"feed:a": shelf}
    house.store.add_subscriber(
        NewSubscriber(email="ada@example.org", subscriptions=(("harbour", "morning"),)), NOON
    )
    house.collect()
    house.edition("one")
    house.watch.time += timedelta(hours=2)
    shelf.articles = [
        replace(one, external_id=f"new-{one.external_id}", title=f"{one.title}, moved")
        for one in shelf.articles
    ]
    report = house.collect()["feed:a"]
    assert (report.new, report.held) == (0, 9)
    assert len(house.titles("harbour")) == 9
    again = house.collect(everything=True)["feed:a"]
    assert (again.same, again.held) == (9, 0)
    shelf.articles.insert(0, story("fresh", published=house.watch.time))
    assert house.collect(everything=True)["feed:a"].new == 1
    assert house.store.release_held("feed:a", house.watch.time) == 9
    assert len(house.titles("harbour")) == 19
    edition = house.edition("two")
    assert [house.store.article(n).title for n in edition.articles] == ["Title fresh"]


def test_a_source_whose_ids_move_to_https_brings_nothing_new(house):
    house.feeds = [harbour(source("a"))]
    links = [
        story(f"http://a.example/{n}", url=f"http://a.example/{n}", title=f"T{n}")
        for n in range(9)
    ]
    shelf = Shelf(links)
    house.shelves = {"feed:a": shelf}
    house.collect()
    before = {one.title: one.uid for one in house.store.articles(feed="harbour", now=NOON)}
    house.watch.time += timedelta(hours=2)
    shelf.articles = [
        replace(one, **dict.fromkeys(("external_id", "url"), one.url.replace("http", "https")))
        for one in links
    ]
    report = house.collect()["feed:a"]
    assert (report.same, report.new, report.held) == (9, 0, 0)
    shelf.articles = [replace(one, text="Edited since.") for one in shelf.articles]
    assert house.collect(everything=True)["feed:a"].changed == 9
    after = {one.title: one.uid for one in house.store.articles(feed="harbour", now=NOON)}
    assert after == before


def test_two_sources_of_one_batch_that_bring_one_story_bring_one(house):
    names = [str(n) for n in range(20)]
    house.feeds = [harbour(*(source(name) for name in names))]
    house.shelves = {
        f"feed:{name}": Shelf([story(name, url="https://x.example/1?utm_source=" + name)])
        for name in names
    }
    reports = house.collect()
    assert sum(report.new for report in reports.values()) == 1
    assert sum(report.duplicate for report in reports.values()) == 19
    assert len(house.titles("harbour")) == 1


def test_what_no_feed_selects_is_counted_apart(house):
    house.feeds = [harbour(source("a"), select=SelectRules(any_of=("tag:ships",)))]
    house.shelves = {"feed:a": Shelf([story("1", tags=("ships",)), story("2"), story("3")])}
    report = house.collect()["feed:a"]
    assert (report.new, report.filtered) == (1, 2)
    assert house.state("feed:a").fates == {"new": 1, "filtered": 2}


def test_a_source_that_is_gone_is_asked_no_more_until_it_is_resumed(house):
    house.feeds = [harbour(source("a"))]
    house.shelves = {"feed:a": Shelf(error=FetchError("a", "410", status=410))}
    report = house.collect()["feed:a"]
    assert (report.next_check, report.told) == (None, False)
    assert "410" in house.state("feed:a").stopped
    house.watch.time += timedelta(days=400)
    assert house.collect() == {}


def test_a_source_that_keeps_failing_is_told_once_until_it_works_again(house):
    house.feeds = [harbour(source("a"))]
    shelf = Shelf(error=FetchError("a", "502"))
    house.shelves = {"feed:a": shelf}
    told = [house.collect(everything=True)["feed:a"].told for _ in range(5)]
    assert told == [False, False, False, True, True]
    shelf.error = None
    house.collect(everything=True)
    state = house.state("feed:a")
    assert (state.failures, state.told, state.last_error) == (0, False, "")


def test_a_story_older_than_all_that_was_shown_enters_and_is_no_news(house):
    house.feeds = [harbour(source("a"))]
    shelf = Shelf([story(str(n), published=NOON - timedelta(days=n)) for n in range(3)])
    house.shelves = {"feed:a": shelf}
    house.store.add_subscriber(
        NewSubscriber(email="ada@example.org", subscriptions=(("harbour", "morning"),)), NOON
    )
    house.collect()
    house.edition("one")
    shelf.articles.append(story("dug out", published=NOON - timedelta(days=900)))
    assert house.collect(everything=True)["feed:a"].new == 1
    assert "Title dug out" in house.titles("harbour")
    assert house.edition("two") is None


def test_what_is_pushed_is_treated_as_if_it_had_been_collected(house):
    house.feeds = [harbour(source("a"))]
    house.shelves = {"feed:a": Shelf([story("1")])}
    house.collect()
    before = house.state("feed:a")
    collector = Collector(store=house.store, clock=house.watch, open_source=None)
    pushed = Collected(articles=(story("1"), story("2")), partial=True)
    report = collector.take(subjects_of(house.feeds)["feed:a"], pushed)
    assert (report.new, report.same) == (1, 1)
    assert sorted(house.titles("harbour")) == ["Title 1", "Title 2"]
    assert house.state("feed:a") == before


class Picky:
    """A store that refuses to write one source, and notes how many it was given at a time."""

    def __init__(self, store, refused):
        self._store, self._refused, self.sizes = store, refused, []

    def __getattr__(self, name):
        return getattr(self._store, name)

    def save_collected(self, *results):
        self.sizes.append(len(results))
        if any(result.state.key == self._refused for result in results):
            raise StoreError("store.db", "a value that it cannot take")
        return self._store.save_collected(*results)


def test_a_source_that_cannot_be_written_stops_no_other_of_its_batch(house):
    names = "abcdef"
    house.feeds = [harbour(*(source(name) for name in names))]
    house.shelves = {f"feed:{name}": Shelf([story(name)]) for name in names}
    house.store = Picky(house.store, "feed:c")
    reports = house.collect()
    assert [key for key, one in reports.items() if one.error] == ["feed:c"]
    assert len(house.titles("harbour")) == len(names) - 1
    state = house.state("feed:c")
    assert (state.failures, state.last_success) == (1, None)
    assert state.next_check > NOON


def test_what_a_program_hands_in_is_news_from_the_first_also_in_a_feed_in_use(house):
    house.feeds = [harbour(source("a"), source("desk", "inbox"))]
    house.shelves = {"feed:a": Shelf([story("1")]), "inbox:desk": Shelf()}
    house.store.add_subscriber(
        NewSubscriber(email="ada@example.org", subscriptions=(("harbour", "morning"),)), NOON
    )
    collector = Collector(store=house.store, clock=house.watch, open_source=None)
    house.feeds = [harbour(source("a"))]
    house.collect()
    house.edition("one")
    house.feeds = [harbour(source("a"), source("desk", "inbox"))]
    handed = Collected(articles=(story("in"),), partial=True)
    assert collector.take(subjects_of(house.feeds)["inbox:desk"], handed).new == 1
    assert len(house.edition("two").articles) == 1
