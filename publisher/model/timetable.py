"""Occurrences of schedules, the runs made of them, and what became of each."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NewType

from publisher.model.articles import ArticleId

RunId = NewType("RunId", int)

ALERT = "alert:"
"""Begins the key of a run that sends one article at once; the article's id follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One occurrence of a rule.

    `slot` is its key: the local date-time (`2026-11-24T07:30`), or for interval rules the UTC
    instant (`2026-11-24T06:30Z`), so that a repeated hour counts twice there and only there.
    `note` is for people ("clocks go back"), else "".
    """

    slot: str
    at: datetime
    local: datetime
    note: str = ""


class RunState(StrEnum):
    """`waiting → running → done | failed`; `skipped` always has a reason."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """A run to be written: `key` is slot | slot@offset | manual:KEY | alert:ARTICLE.

    `state` is `waiting`, or `skipped` with its reason. `due` is the instant it may start.
    """

    key: str
    slot: str
    due: datetime
    state: RunState = RunState.WAITING
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a schedule under one key."""

    id: RunId
    schedule: str
    key: str
    slot: str
    due: datetime
    state: RunState
    reason: str = ""
    attempts: int = 0
    started: datetime | None = None
    finished: datetime | None = None

    @property
    def article(self) -> ArticleId | None:
        """Return the article that this run alerts, None for any other run."""
        number = self.key.removeprefix(ALERT)
        alert = number != self.key and number.isascii() and number.isdigit()
        return ArticleId(int(number)) if alert else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleState:
    """What the store remembers of a schedule.

    `fingerprint` tells when and in which zone it fires; when it changes the cursor restarts at now.
    `cursor` is the instant up to which every slot has been dealt with.
    """

    schedule: str
    fingerprint: str
    cursor: datetime
    paused: bool = False
    paused_until: datetime | None = None

    def rests(self, at: datetime) -> str:
        """Return why the schedule is paused at an instant ("paused until …"), "" when it is not."""
        if not self.paused or (self.paused_until is not None and at >= self.paused_until):
            return ""
        if self.paused_until is None:
            return "paused"
        return f"paused until {self.paused_until.astimezone(UTC).isoformat(timespec='seconds')}"
