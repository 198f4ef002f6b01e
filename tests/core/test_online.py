"""What everybody may read of an edition, whichever feeds and schedules are public."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.online import PAGE, Online
from publisher.errors import NotFound
from publisher.model.articles import ArticleId, Link
from publisher.model.definitions import Action, FeedDefinition, Publication, ScheduleDefinition
from publisher.model.editions import (
    SHOWN,
    Delivery,
    DeliveryId,
    EditionContent,
    EditionId,
    EditionState,
    Issue,
)
from publisher.model.subscribers import SubscriberId
from publisher.model.views import StoryView

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WHO = Publication(title="Gazette", url="https://gazette.example/", timezone="Europe/Berlin")
SLUGS = ("harbour", "culture", "tides")


class Words:
    def nearest(self, language: str, fallback: str) -> str:
        return language if language in {"de", "en"} else fallback

    def extent(self, language: str, stories: int, minutes: int) -> str:
        return f"{stories}/{minutes}"

    def rhythm(self, language: str, schedule: object) -> str:
        return ""

    def why(self, language: str, schedule: object, feeds: object, since: date | None) -> str:
        return ""


@dataclass
class Shelf:
    """Issues in memory, with the addresses of stories and the feeds they stand in."""

    kept: list[Issue] = field(default_factory=list)
    at: dict[str, ArticleId] = field(default_factory=dict)
    feeds: dict[ArticleId, tuple[str, ...]] = field(default_factory=dict)

    def issue(self, edition: EditionId) -> Issue:
        found = next((one for one in self.kept if one.id == edition), None)
        if found is None:
            raise NotFound(f"edition {edition}", "there is no such edition")
        return found

    def issues(
        self,
        schedules: Collection[str],
        *,
        before: EditionId | None = None,
        after: EditionId | None = None,
        limit: int = 30,
        offset: int = 0,
    ) -> Sequence[Issue]:
        found = [
            one
            for one in self.kept
            if one.schedule in schedules
            and one.state in SHOWN
            and (before is None or one.id < before)
            and (after is None or one.id > after)
        ]
        found.sort(key=lambda one: one.id, reverse=after is None)
        return found[offset : offset + limit]

    def articles_at(self, urls: Collection[str]) -> Mapping[str, Sequence[ArticleId]]:
        return {url: (self.at[url],) for url in urls if url in self.at}

    def memberships(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Sequence[str]]:
        return {number: self.feeds.get(number, ()) for number in articles}


def story(number: int, *feeds: str, **more: Any) -> StoryView:
    return StoryView(
        id=ArticleId(number),
        feeds=feeds,
        title=f"Story {number}.",
        url=f"https://gazette.example/articles/{number}/",
        published=NOON,
        **more,
    )


def feed(slug: str, *, public: bool = True, was: tuple[str, ...] = ()) -> FeedDefinition:
    return FeedDefinition(slug=slug, title=slug.title(), public=public, was=was)


def schedule(slug: str = "morning", **more: Any) -> ScheduleDefinition:
    return ScheduleDefinition(slug=slug, action=Action.DIGEST, **{"feeds": SLUGS, **more})


def issue(number: int, *stories: StoryView, **more: Any) -> Issue:
    usual = {"schedule": "morning", "state": EditionState.DONE, "number": number}
    content = EditionContent(stories=stories, note="Good morning.", version=1)
    return Issue(id=EditionId(number), opened=NOON, content=content, **{**usual, **more})


def online(
    shelf: Shelf,
    feeds: Sequence[FeedDefinition] = tuple(map(feed, SLUGS)),
    schedules: Sequence[ScheduleDefinition] = (schedule(),),
) -> Online:
    store = cast("Any", shelf)
    by_slug = {one.slug: one for one in feeds}
    return Online(
        store=store,
        publication=WHO,
        feeds=by_slug,
        schedules={one.slug: one for one in schedules},
        wording=Words(),
    )


def delivery(*articles: int, more: tuple[int, ...] = (), **other: Any) -> Delivery:
    usual = {"id": DeliveryId(1), "edition": EditionId(1), "subscriber": SubscriberId(1)}
    numbers = tuple(map(ArticleId, articles))
    lines = tuple(map(ArticleId, more))
    return Delivery(**{**usual, "email": "ada@x.example", **other}, articles=numbers, more=lines)


def refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except NotFound:
        return True
    return False


SETS = st.frozensets(st.sampled_from(SLUGS))
STORIES = st.lists(st.tuples(SETS, st.booleans()), max_size=8)


@given(public=SETS, drawn=STORIES, links=st.lists(st.integers(0, 9), max_size=6))
def test_no_private_story_ever_shows(
    public: frozenset[str], drawn: list[tuple[frozenset[str], bool]], links: list[int]
) -> None:
    feeds = [feed(slug, public=slug in public) for slug in SLUGS]
    told = [
        story(
            number,
            *sorted(places),
            hidden=hidden,
            read_also=tuple(
                Link(title=f"Story {n}.", url=f"https://gazette.example/articles/{n}/")
                for n in links
            ),
        )
        for number, (places, hidden) in enumerate(drawn)
    ]
    shelf = Shelf(kept=[issue(1, *told)])
    shelf.at = {one.url: one.id for one in told}
    shelf.feeds = {one.id: one.feeds for one in told}
    may = {one.title for one in told if set(one.feeds) & public and not one.hidden}
    stands = {one.title for one in told if set(one.feeds) & public}
    site = online(shelf, feeds)
    if not may:
        assert refused(lambda: site.edition(EditionId(1)))
        assert not public or site.archive().editions == ()
        return
    reading = site.edition(EditionId(1))
    assert {one.title for one in reading.stories} == may
    ours = [one for section in reading.sections for one in (*section.told, *section.brief)]
    assert [one.title for one in (reading.lead, *ours)] == [one.title for one in reading.stories]
    known = {one.title for one in told}
    for one in (*reading.stories, *ours):
        for link in one.read_also:
            assert link.title in stands or link.title not in known
    titles = {slug.title() for slug in public}
    assert {section.title for section in reading.sections} <= titles
    assert reading.kicker in titles
    (listed,) = site.archive().editions
    assert listed.lead.title in may


@pytest.mark.parametrize("state", list(EditionState))
def test_only_what_went_out_is_public(state: EditionState) -> None:
    site = online(Shelf(kept=[issue(1, story(1, "harbour"), state=state)]))
    assert refused(lambda: site.edition(EditionId(1))) == (state not in SHOWN)


def test_what_was_never_frozen_is_not_made_up() -> None:
    bare = replace(issue(1, story(1, "harbour")), content=None)
    site = online(Shelf(kept=[bare]))
    assert refused(lambda: site.edition(EditionId(1)))
    assert refused(lambda: site.copy(delivery(1)))


def test_a_private_schedule_has_no_public_editions() -> None:
    shelf = Shelf(kept=[issue(1, story(1, "harbour"))])
    site = online(shelf, schedules=[schedule(public=False)])
    assert refused(lambda: site.edition(EditionId(1)))
    assert refused(site.archive)
    assert site.copy(delivery(1, feeds=("harbour",))).lead.title == "Story 1."


def test_renamed_feeds_and_schedules_keep_their_past() -> None:
    shelf = Shelf(kept=[issue(1, story(1, "port"))])
    site = online(
        shelf,
        [feed("harbour", was=("port",))],
        [schedule("dawn", was=("morning",), feeds=("harbour",), title="Dawn")],
    )
    reading = site.edition(EditionId(1))
    assert (reading.title, reading.kicker) == ("Dawn", "Harbour")
    assert [one.id for one in site.archive("dawn").editions] == [1]
    taken = online(shelf, [feed("harbour", was=("port",)), feed("port", public=False)])
    assert refused(lambda: taken.edition(EditionId(1)))


def test_a_copy_is_the_readers_own_selection() -> None:
    told = [story(n, "culture" if n % 2 else "harbour", minutes=2) for n in range(1, 9)]
    told[5] = replace(told[5], hidden=True)
    shelf = Shelf(kept=[issue(1, *told)])
    reading = online(shelf).copy(delivery(7, 2, 3, 6, 4, more=(1, 6), language="de"))
    assert [one.id for one in reading.stories] == [2, 3, 7, 4]
    assert [section.title for section in reading.sections] == ["Culture", "Harbour"]
    assert [one.id for one in reading.lines] == [1]
    assert (reading.language, reading.extent, reading.kicker) == ("de", "4/8", "Harbour")
    assert reading.date.isoformat() == "2026-11-24T13:00:00+01:00"


def test_a_section_tells_three_stories_and_the_others_in_brief() -> None:
    told = [story(n, "harbour") for n in range(1, 8)]
    (section,) = online(Shelf(kept=[issue(1, *told)])).edition(EditionId(1)).sections
    assert [one.id for one in section.told] == [2, 3, 4]
    assert [one.id for one in section.brief] == [5, 6, 7]


@pytest.mark.parametrize("state", [EditionState.PREPARING, EditionState.REVIEW])
def test_nobody_sees_a_copy_that_is_not_decided(state: EditionState) -> None:
    site = online(Shelf(kept=[issue(1, story(1, "harbour"), state=state)]))
    assert refused(lambda: site.copy(delivery(1)))


def test_a_copy_needs_somebody_and_a_story() -> None:
    site = online(Shelf(kept=[issue(1, story(1, "harbour", hidden=True), story(2, "harbour"))]))
    assert refused(lambda: site.copy(delivery(2, email="")))
    assert refused(lambda: site.copy(delivery(1)))
    assert not refused(lambda: site.copy(delivery(2)))


def test_neighbours_skip_what_nobody_may_read() -> None:
    shelf = Shelf(kept=[issue(n, story(1, "harbour")) for n in range(1, 6)])
    shelf.kept[1] = issue(2, story(1, "secret"))
    shelf.kept[3] = issue(4, story(1, "harbour", hidden=True))
    site = online(shelf)
    older, newer = site.neighbours(site.edition(EditionId(3)))
    assert older is not None
    assert newer is not None
    assert (older.id, newer.id) == (1, 5)
    assert site.neighbours(older)[0] is None
    assert site.neighbours(newer)[1] is None


@given(count=st.integers(0, 3 * PAGE))
def test_pages_hold_every_edition_once(count: int) -> None:
    kept = [
        replace(issue(n, story(1, "harbour")), opened=NOON + timedelta(days=n))
        for n in range(1, count + 1)
    ]
    site = online(Shelf(kept=kept))
    seen: list[int] = []
    page, more = 0, True
    while more:
        page += 1
        found = site.archive(page=page)
        assert len(found.editions) <= PAGE
        seen += [one.id for one in found.editions]
        more = found.more
    assert seen == list(range(count, 0, -1))
    assert refused(lambda: site.archive(page=page + 1))
    assert refused(lambda: site.archive("evening"))
