"""Which stories a reader gets in an edition: pure choices over what the reader remembers.

`Opening` asks the store to freeze articles and audience with these choices.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from publisher.model.articles import ArticleId
from publisher.model.definitions import ScheduleDefinition
from publisher.model.editions import Candidate, Choice, Edition, OpenEdition, ReaderGroup
from publisher.model.timetable import Run
from publisher.ports import Calendar, Clock, Editions

Chooser = Callable[[Sequence[Candidate], ReaderGroup], Choice]


def rank(candidate: Candidate) -> tuple[bool, int, float, int]:
    """Return the key by which better stories sort first: pinned, priority, newest, latest stored."""
    return (
        not candidate.pinned,
        -candidate.priority,
        -candidate.published.timestamp(),
        -candidate.id,
    )


def chooser(limit: int) -> Chooser:
    """Return the choice for editions of at most `limit` stories; what is over is owed."""

    def choose(candidates: Sequence[Candidate], group: ReaderGroup) -> Choice:
        fresh = sorted((c for c in candidates if is_due(c, group)), key=rank)
        told = {c.cluster for c in candidates if was_sent(c, group)} - {None}
        unique: list[Candidate] = []
        for candidate in fresh:
            if candidate.cluster is None or candidate.cluster not in told:
                unique.append(candidate)
                told.add(candidate.cluster)
        return Choice(articles=_ids(unique[:limit]), owed=_ids(unique[limit:]))

    return choose


def is_due(candidate: Candidate, group: ReaderGroup) -> bool:
    """Tell whether a reader has yet to get this story through one of the feeds they take."""
    if candidate.id in group.sent:
        return False
    if candidate.id in group.owed:
        return bool(set(group.subscribed) & set(candidate.feeds))
    if was_sent(candidate, group):
        return False
    memory = {feed.feed: feed for feed in group.memory}
    return any(
        place > max(memory[feed].start, memory[feed].watermark) if feed in memory else True
        for feed, place in candidate.feeds.items()
        if feed in group.subscribed
    )


def was_sent(candidate: Candidate, group: ReaderGroup) -> bool:
    """Tell whether the story reached this reader already, by whatever feed or cadence."""
    if candidate.id in group.sent:
        return True
    if candidate.id in group.owed:
        return False
    return any(
        feed.start < candidate.feeds[feed.feed] <= feed.watermark
        for feed in group.memory
        if feed.feed in candidate.feeds
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The open use-case; `home` is the zone of readers who named none."""

    store: Editions
    clock: Clock
    calendar: Calendar
    home: str

    def open(self, run: Run, schedule: ScheduleDefinition, transport: str) -> Edition | None:
        """Find or create the run's edition; None when nobody has anything to get.

        A run keyed `slot@offset` (schedules in the reader's own time) takes only readers whose zone
        has that offset, in minutes, at the slot. Raises StoreError.
        """
        slot, at, offset = run.key.partition("@")
        by_hand = run.key.startswith(("manual:", "alert:"))
        own_time = bool(at) and not by_hand and schedule.timezone == "subscriber"
        intent = OpenEdition(
            run=run.id,
            schedule=schedule.slug,
            slot=run.slot,
            title=schedule.title or schedule.slug,
            transport=transport,
            feeds=schedule.feeds,
            now=self.clock.now(),
            min_articles=max(1, schedule.min_articles),
            max_articles=schedule.max_articles,
            review=schedule.review.required,
            offset=int(offset) if own_time else None,
        )

        def compatible(zone: str) -> bool:
            known = self.calendar.offset(zone, slot)
            here = self.calendar.offset(self.home, slot) if known is None else known
            return here == int(offset)

        choose = chooser(schedule.max_articles)
        return self.store.open_edition(intent, choose, compatible if own_time else None)


def _ids(candidates: Sequence[Candidate]) -> tuple[ArticleId, ...]:
    return tuple(candidate.id for candidate in candidates)
