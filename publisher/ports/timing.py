"""Ports of when: fire times, workers, and how fast an edition may go."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from publisher.model.definitions import ScheduleDefinition
from publisher.model.editions import Wait
from publisher.model.timetable import Occurrence


class Calendar(Protocol):
    """Turns a schedule's rule into occurrences."""

    def occurrences(
        self, schedule: ScheduleDefinition, after: datetime, zone: str
    ) -> Iterator[Occurrence]:
        """Yield occurrences strictly after `after`, strictly increasing, in the IANA zone."""
        ...

    def fingerprint(self, schedule: ScheduleDefinition) -> str:
        """Return a text that changes when the schedule fires at other times."""
        ...

    def rests(self, schedule: ScheduleDefinition, occurrence: Occurrence) -> str:
        """Return why the schedule rests on that day ("holiday: Reformationstag"), or ""."""
        ...

    def describe(self, schedule: ScheduleDefinition) -> str:
        """Return the rule in English, for operators ("weekdays at 07:30")."""
        ...

    def offset(self, zone: str, slot: str) -> int | None:
        """Return the zone's UTC offset in minutes at a local slot; None for an unknown zone."""
        ...


class Workers(Protocol):
    """Knows which owners of leases are alive."""

    def me(self) -> str:
        """Return this process's owner name."""
        ...

    def dead(self, owner: str) -> bool:
        """Tell whether an owner is certainly gone (same machine, no such process)."""
        ...


class Pacing(Protocol):
    """When each reader may get the next alert of a schedule; pure."""

    @property
    def within(self) -> timedelta:
        """Return for how long an alert counts."""
        ...

    def wait(
        self, now: datetime, zone: str, gone: Sequence[datetime], planned: Sequence[datetime]
    ) -> Wait | None:
        """Return until when a reader's next alert waits, None when it may go now.

        `gone` is when their other alerts went, `planned` when those will that wait already.
        """
        ...


class Warming(Protocol):
    """How many copies a transport may take on a day while it is new; pure."""

    @property
    def transport(self) -> str:
        """Return whose days are counted."""
        ...

    def day(self, at: datetime) -> str:
        """Return the day an instant belongs to."""
        ...

    def room(self, now: datetime, editions: int, letters: int) -> int | None:
        """Return how many more copies may go today, beside these; None: as many as there are."""
        ...
