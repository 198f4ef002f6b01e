"""Alert: find the stories that are to go out at once, and plan one run for each.

A run's key holds the article, so that any number of processes may look at once and each story is
alerted once by a schedule (guarantees, promise 1). Who gets it, and when, opening decides.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from publisher.errors import Conflict
from publisher.model.articles import ArticleState
from publisher.model.definitions import ScheduleDefinition
from publisher.model.editions import Edition, EditionState
from publisher.model.timetable import ALERT, Occurrence, PlannedRun, RunState
from publisher.ports import Articles, Calendar, Clock, Editions, Runs

WITHDRAWN = "the story was withdrawn"


class AlertStore(Articles, Runs, Editions, Protocol):
    """What alerting needs of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """The alert use-case."""

    store: AlertStore
    clock: Clock
    calendar: Calendar

    def look(self, schedule: ScheduleDefinition) -> int:
        """Plan a run for each story that came in; return how many are to go. Raises StoreError.

        A schedule that `run` has not started yet plans nothing. While it rests or is paused the
        stories are passed over, each with the reason.
        """
        state = self.store.schedule_states().get(schedule.slug)
        if state is None:
            return 0
        now = self.clock.now()
        reason = state.rests(now) or self.calendar.rests(schedule, _today(schedule, now))
        runs = alerts(self.store, schedule, now, reason)
        made = [self.store.add_run(schedule.slug, run) for run in runs]
        return sum(created and run.state is RunState.WAITING for run, created in made)

    def withdrawn(self, edition: Edition) -> bool:
        """Cancel an open alert whose story was hidden since; True when there was reason to.

        Those for whom it waits never get it as an alert. Raises StoreError.
        """
        key = self.store.run(edition.run).article
        if key is None:
            return False
        found = self.store.articles_by_id([key]).get(key)
        if found is not None and found.state is ArticleState.PUBLISHED:
            return False
        states = (EditionState.OPEN,)
        with suppress(Conflict):  # another process was first
            self.store.move_edition(edition.id, states, EditionState.CANCELLED, WITHDRAWN)
        return True


def alerts(
    store: Runs, schedule: ScheduleDefinition, now: datetime, reason: str = ""
) -> tuple[PlannedRun, ...]:
    """Return a run for each story worth an alert, oldest first; with a reason they are skipped."""
    since = now - schedule.max_lateness
    found = store.unalerted(schedule.slug, schedule.feeds, now, since, schedule.min_priority)
    slot = now.astimezone(ZoneInfo(schedule.timezone)).isoformat(timespec="seconds")
    return tuple(
        PlannedRun(
            key=f"{ALERT}{article}",
            slot=slot,
            due=now,
            state=RunState.SKIPPED if reason else RunState.WAITING,
            reason=reason,
        )
        for article in found
    )


def _today(schedule: ScheduleDefinition, now: datetime) -> Occurrence:
    local = now.astimezone(ZoneInfo(schedule.timezone)).replace(tzinfo=None)
    return Occurrence(slot=local.isoformat(timespec="seconds"), at=now, local=local)
