"""Editions to be read online: whole ones by everybody, a reader's own copy, and the archive.

Serves the web pages. Reads the store, changes nothing (promise 7). Everything comes from what the
edition froze, so that a page says what the mail said. What everybody may read is decided here:
stories that stand in a public feed and that no editor has hidden.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Protocol
from zoneinfo import ZoneInfo

from publisher.core.arranging import AT_LENGTH, Arranger, section_of
from publisher.core.composing import zone_of
from publisher.errors import NotFound
from publisher.model.articles import ArticleId, Link
from publisher.model.definitions import Action, FeedDefinition, Publication, ScheduleDefinition
from publisher.model.editions import (
    SHOWN,
    Delivery,
    EditionContent,
    EditionId,
    EditionState,
    Issue,
)
from publisher.model.views import StoryView
from publisher.ports import Articles, Editions, Wording

PAGE = 30
"""Editions on one page of the archive."""

FARTHEST = 100_000
"""Pages beyond this one are not looked for."""

NEIGHBOURS = 3
"""How many editions are looked at on either side for one that everybody may read."""

HELD = (EditionState.PREPARING, EditionState.REVIEW)


class OnlineStore(Articles, Editions, Protocol):
    """What reading online needs of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One feed's stories: the first ones at length, the others in brief."""

    slug: str
    title: str
    told: tuple[StoryView, ...]
    brief: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An edition as one page: `stories` in reading order, the first of them leads; `lines` by title.

    `kicker` is the title of the lead's section, `date` the local time at which it was opened.
    """

    id: EditionId
    schedule: str
    title: str
    number: int
    date: datetime
    timezone: str
    language: str
    note: str
    kicker: str
    stories: tuple[StoryView, ...]
    sections: tuple[Section, ...]
    lines: tuple[StoryView, ...]
    extent: str

    @property
    def lead(self) -> StoryView:
        """Return the first story."""
        return self.stories[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One page of past editions, newest first. `schedules` are all there are, `schedule` the one asked for."""

    editions: tuple[Reading, ...]
    schedules: tuple[ScheduleDefinition, ...]
    schedule: ScheduleDefinition | None
    page: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """The use-case of reading online."""

    store: OnlineStore
    publication: Publication
    feeds: Mapping[str, FeedDefinition]
    schedules: Mapping[str, ScheduleDefinition]
    wording: Wording

    def edition(self, number: EditionId) -> Reading:
        """Return what everybody may read of an edition. Raises NotFound."""
        issue = self.store.issue(number)
        reading = self._public(issue) if issue.state in SHOWN else None
        if reading is None:
            raise NotFound(f"edition {number}", "is not public")
        return self._without_private_links(reading)

    def shows(self, number: EditionId) -> bool:
        """Tell whether everybody may read something of an edition. Raises NotFound."""
        issue = self.store.issue(number)
        return issue.state in SHOWN and self._public(issue) is not None

    def neighbours(self, reading: Reading) -> tuple[Reading | None, Reading | None]:
        """Return the editions before and after, of the same schedule, that everybody may read."""
        slugs = _slugs(self._schedule(reading.schedule))
        older = self.store.issues(slugs, before=reading.id, limit=NEIGHBOURS)
        newer = self.store.issues(slugs, after=reading.id, limit=NEIGHBOURS)
        return self._first(older), self._first(newer)

    def copy(self, delivery: Delivery) -> Reading:
        """Return one reader's own selection, in their order and language. Raises NotFound.

        Somebody who was erased has no copy any more; somebody who only left keeps theirs.
        """
        issue = self.store.issue(delivery.edition)
        content = issue.content
        if content is None or issue.state in HELD or not delivery.email:
            raise NotFound(f"edition {delivery.edition}", "has no such copy")
        home = self.publication.language
        language = self.wording.nearest(delivery.language or home, home)
        told = frozenset(delivery.articles)
        stories = [story for story in content.stories if story.id in told]
        by_title = frozenset(delivery.more)
        lines = [story for story in content.stories if story.id in by_title]
        made = self._read(issue, content, language, (stories, lines), delivery.feeds)
        if made is None:
            raise NotFound(f"edition {delivery.edition}", "has no story left in this copy")
        return made

    def archive(self, slug: str = "", page: int = 1) -> Archive:
        """Return one page of what everybody may read. Raises NotFound beyond the last one.

        Editions without any public story are left out, so that a page may hold fewer.
        """
        wanted = tuple(one for one in self.public_schedules if slug in {"", one.slug})
        if not wanted or not 1 <= page <= FARTHEST:
            raise NotFound(f"archive {slug or 'of editions'}", "there is no such page")
        slugs = [name for schedule in wanted for name in _slugs(schedule)]
        found = self.store.issues(slugs, limit=PAGE + 1, offset=(page - 1) * PAGE)
        if page > 1 and not found:
            raise NotFound(f"archive page {page}", "there is no such page")
        read = (self._public(issue) for issue in found[:PAGE])
        return Archive(
            editions=tuple(reading for reading in read if reading is not None),
            schedules=self.public_schedules,
            schedule=wanted[0] if slug else None,
            page=page,
            more=len(found) > PAGE,
        )

    @property
    def public_schedules(self) -> tuple[ScheduleDefinition, ...]:
        """Return the schedules whose editions everybody may read."""
        return archived(self.schedules, self.feeds)

    def _public(self, issue: Issue) -> Reading | None:
        """Return an edition without what is private; None when nothing is left."""
        schedule = next(
            (one for one in self.public_schedules if issue.schedule in _slugs(one)), None
        )
        if schedule is None or issue.content is None:
            return None
        public = self._public_slugs
        stories = [story for story in issue.content.stories if not public.isdisjoint(story.feeds)]
        language = self.publication.language
        return self._read(issue, issue.content, language, (stories, []), tuple(public))

    def _first(self, issues: Iterable[Issue]) -> Reading | None:
        return next((made for issue in issues if (made := self._public(issue))), None)

    def _read(
        self,
        issue: Issue,
        content: EditionContent,
        language: str,
        selection: tuple[Sequence[StoryView], Sequence[StoryView]],
        wanted: Collection[str],
    ) -> Reading | None:
        """Lay out (stories, lines), given in edition order, for a reader of some feeds."""
        known = {one.id: one for part in selection for one in part if not one.hidden}
        shown, lines = ([one.id for one in part if one.id in known] for part in selection)
        if not shown:
            return None
        places = {number: section_of(known[number].feeds, wanted) for number in known}
        # A page may be as long as it likes; only mails are cut.
        order = Arranger({}).arrange(shown, lines, places).stories
        schedule = self._schedule(issue.schedule)
        zone = zone_of(schedule, self.publication)
        minutes = sum(known[number].minutes for number in order)
        return Reading(
            id=issue.id,
            schedule=schedule.slug,
            title=schedule.title or schedule.slug,
            number=issue.number,
            date=issue.opened.astimezone(ZoneInfo(zone)),
            timezone=zone,
            language=language,
            note=content.note,
            kicker=self._title(places[order[0]]),
            stories=tuple(known[number] for number in order),
            sections=tuple(self._sections(order[1:], places, known)),
            lines=tuple(known[number] for number in lines),
            extent=self.wording.extent(language, len(order), max(1, minutes)),
        )

    def _sections(
        self,
        order: Sequence[ArticleId],
        places: Mapping[ArticleId, str],
        known: Mapping[ArticleId, StoryView],
    ) -> Iterable[Section]:
        for slug, numbers in groupby(order, key=places.__getitem__):
            stories = tuple(known[number] for number in numbers)
            yield Section(
                slug=slug,
                title=self._title(slug),
                told=stories[:AT_LENGTH],
                brief=stories[AT_LENGTH:],
            )

    def _without_private_links(self, reading: Reading) -> Reading:
        """Take out links to stories of ours that stand in no public feed, with their titles."""
        links = [link for story in reading.stories for link in (*story.read_also, *story.also_at)]
        known = self.store.articles_at({link.url for link in links})
        feeds = self.store.memberships({number for ids in known.values() for number in ids})
        private = {
            url
            for url, ids in known.items()
            if all(self._public_slugs.isdisjoint(feeds.get(number, ())) for number in ids)
        }

        def kept(links: Sequence[Link]) -> tuple[Link, ...]:
            return tuple(link for link in links if link.url not in private)

        def clean(story: StoryView) -> StoryView:
            return replace(story, read_also=kept(story.read_also), also_at=kept(story.also_at))

        sections = (
            replace(
                section,
                told=tuple(map(clean, section.told)),
                brief=tuple(map(clean, section.brief)),
            )
            for section in reading.sections
        )
        stories = tuple(map(clean, reading.stories))
        return replace(reading, stories=stories, sections=tuple(sections))

    @property
    def _public_slugs(self) -> frozenset[str]:
        """Return the names of public feeds, former ones too unless another feed has them now."""
        public = [feed for feed in self.feeds.values() if feed.public]
        former = {slug for feed in public for slug in feed.was} - set(self.feeds)
        return frozenset({feed.slug for feed in public} | former)

    def _title(self, slug: str) -> str:
        feed = self.feeds.get(slug)
        feed = feed or next((one for one in self.feeds.values() if slug in one.was), None)
        return feed.title if feed else self.publication.title

    def _schedule(self, slug: str) -> ScheduleDefinition:
        found = self.schedules.get(slug)
        found = found or next((one for one in self.schedules.values() if slug in one.was), None)
        if found is None:
            raise NotFound(f"schedule {slug}", "is no longer defined")
        return found


def archived(
    schedules: Mapping[str, ScheduleDefinition], feeds: Mapping[str, FeedDefinition]
) -> tuple[ScheduleDefinition, ...]:
    """Return the schedules whose editions everybody may read: public, with a public feed."""
    return tuple(
        schedule
        for schedule in schedules.values()
        if schedule.public
        and schedule.action in {Action.DIGEST, Action.ALERT}
        and any(slug in feeds and feeds[slug].public for slug in schedule.feeds)
    )


def _slugs(schedule: ScheduleDefinition) -> tuple[str, ...]:
    """Return the name of a schedule and those it had."""
    return (schedule.slug, *schedule.was)
