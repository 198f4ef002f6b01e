"""Pace: when a reader may get an alert, by their quiet hours and by how many they had. Pure.

Serves opening and sending. A copy that may not go now waits; none is dropped, and a reader's alerts
keep their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from publisher.core.catching_up import length
from publisher.model.definitions import Action, Cap, Quiet, ScheduleDefinition
from publisher.model.editions import Wait

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A schedule's pace; `home` is the zone of readers who named none."""

    quiet: Quiet | None
    cap: Cap
    home: str

    @property
    def within(self) -> timedelta:
        """Return for how long an alert counts."""
        return self.cap.within

    def wait(
        self, now: datetime, zone: str, gone: Sequence[datetime], planned: Sequence[datetime]
    ) -> Wait | None:
        """Return until when the reader's next alert must wait, None when it may go now.

        `gone` is when the others went (those that go now included), `planned` when those will that
        wait already: the next one goes no earlier than these.
        """
        others = sorted((*gone, *planned))
        capped = others[-self.cap.count] + self.within if len(others) >= self.cap.count else now
        earliest = max(now, capped, *planned)
        place = _place(zone, self.home)
        awake = wakes(earliest if earliest == now else _whole(earliest), place, self.quiet)
        if awake <= now:
            return None
        at = f"{awake.astimezone(place):%Y-%m-%d %H:%M} ({place})"
        if earliest == now:
            reason = f"quiet until {awake.astimezone(place):%H:%M} ({place})"
        elif capped == earliest:
            alerts = "1 alert" if self.cap.count == 1 else f"{self.cap.count} alerts"
            reason = f"{alerts} within {length(self.within)}; the next may go at {at}"
        else:
            reason = f"an earlier alert waits; this one may go at {at}"
        return Wait(until=awake, reason=reason)


def pace_of(schedule: ScheduleDefinition, home: str) -> Pace | None:
    """Return the pace of an alert schedule, None for any other."""
    if schedule.action is not Action.ALERT:
        return None
    return Pace(quiet=schedule.quiet, cap=schedule.per_person, home=home)


@lru_cache(maxsize=4096)
def wakes(at: datetime, zone: ZoneInfo, quiet: Quiet | None) -> datetime:
    """Return the first instant from `at` on at which the clock on the wall reads no quiet hour."""
    while quiet is not None and is_quiet(_wall(at, zone), quiet):
        later = at + _until(quiet.ends, _wall(at, zone))
        if is_quiet(_wall(later, zone), quiet):  # the clocks went back meanwhile
            at = later
        else:
            return _first_awake(at, later, zone, quiet)
    return at


def is_quiet(wall: time, quiet: Quiet) -> bool:
    """Tell whether a time of day lies within the quiet hours."""
    if quiet.begins < quiet.ends:
        return quiet.begins <= wall < quiet.ends
    return wall >= quiet.begins or wall < quiet.ends


def _first_awake(asleep: datetime, awake: datetime, zone: ZoneInfo, quiet: Quiet) -> datetime:
    """Return when quiet ends between two instants: earlier than the second if clocks go forward."""
    if _wall(awake, zone) == quiet.ends:
        return awake
    begin = asleep.replace(microsecond=0)
    low, high = 0, int((awake - begin).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if is_quiet(_wall(begin + timedelta(seconds=middle), zone), quiet):
            low = middle + 1
        else:
            high = middle
    return begin + timedelta(seconds=low)


def _wall(at: datetime, zone: ZoneInfo) -> time:
    return at.astimezone(zone).time()


def _until(ends: time, wall: time) -> timedelta:
    """Return how long it is from one time of day to the next occurrence of another."""
    day = datetime(2000, 1, 1, tzinfo=UTC).date()
    span = datetime.combine(day, ends, UTC) - datetime.combine(day, wall, UTC)
    return span if span > timedelta(0) else span + DAY


def _whole(at: datetime) -> datetime:
    """Return the instant, or the next whole minute: what people read, and what many may share."""
    over = timedelta(seconds=at.second, microseconds=at.microsecond)
    return at - over + MINUTE if over else at


@lru_cache(maxsize=1024)
def _place(zone: str, home: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone or home)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(home)
