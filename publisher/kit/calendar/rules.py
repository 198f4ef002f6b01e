"""Rules and their occurrences: intervals, wall-clock times, one single time.

Serves the calendar. Touches nothing but the zone's tables. Three ways to count:

- an interval runs by elapsed time, counted from midnight standard time of its zone, the same in
  every process; its slots are UTC instants;
- a wall-clock rule has one slot per local time, over gaps and folds too (the rule of Debian's
  cron: a time that does not exist runs at the first instant after the gap, one that comes twice
  runs the first time); its slots are local times;
- a crontab line with `*` in minute or hour runs whenever the clock reads so, hence twice in a
  repeated hour; its slots are UTC instants.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from publisher.kit.calendar import zones
from publisher.kit.calendar.rhythm import Kind, Rhythm
from publisher.model.timetable import Occurrence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """`every 15m`: equal steps of elapsed time, whatever the clocks do."""

    text: str
    words: str
    every: timedelta

    @property
    def rhythm(self) -> Rhythm:
        """Return what the rule says."""
        kinds = {timedelta(hours=1): Kind.HOURLY, timedelta(minutes=1): Kind.MINUTELY}
        return Rhythm(kind=kinds.get(self.every, Kind.INTERVAL), every=self.every)

    @property
    def elapsed(self) -> bool:
        """Tell that slots are instants, not local times."""
        return True

    def occurrences(self, after: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
        """Yield occurrences strictly after an instant, without end."""
        # Midnight in standard time, not UTC: "hourly" is at :00 where the offset is :30 as well.
        anchor = _EPOCH - zones.standard_offset(zone)
        at = anchor + ((after - anchor) // self.every + 1) * self.every
        while True:
            yield _by_instant(at, zone)
            at += self.every


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """Times on the wall clock, as crontab lines; `weeks` > 1 counts seven-day blocks from `start`.

    `elapsed` is crontab's meaning of `*` in minute or hour. `rhythm` is what the rule says, None for
    a crontab line, which can say more than words do.
    """

    text: str
    words: str
    crons: tuple[str, ...]
    weeks: int = 1
    start: date | None = None
    elapsed: bool = False
    rhythm: Rhythm | None = None

    def occurrences(self, after: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
        """Yield occurrences strictly after an instant, strictly increasing."""
        return self._instants(after, zone) if self.elapsed else self._times(after, zone)

    def _times(self, after: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
        # After a fold the wall repeats times whose only run was before: they are passed over here.
        last = after
        for local in self._locals(zones.wall(after, zone)):
            moment = zones.moment(local, zone)
            # A whole day without a clock (Samoa, 30 December 2011) has no slot of its own.
            if moment.at > last and moment.gap < _DAY:
                last = moment.at
                yield _by_wall(local, moment, zone)

    def _instants(self, after: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
        # The second pass of a fold comes after all of the first: those instants wait in a heap.
        later: list[datetime] = []
        for local in self._locals(zones.wall(after, zone) - zones.set_back(after, zone)):
            moment = zones.moment(local, zone)
            if moment.gap:
                continue
            heapq.heappush(later, moment.at)
            if moment.again:
                heapq.heappush(later, moment.again)
            while later and later[0] <= moment.at:
                at = heapq.heappop(later)
                if at > after:
                    yield _by_instant(at, zone)

    def _locals(self, after: datetime) -> Iterator[datetime]:
        """Yield the local times after one, as if no clock ever moved."""
        # cronsim sees naive times only. Given a zone it answers a time before the one asked from
        # inside a fold, and loses slots where clocks move by half an hour (Lord Howe).
        if self.start:
            after = max(after, datetime.combine(self.start, time()) - _SECOND)
        lines = [CronSim(cron, after) for cron in self.crons]
        last = after
        for local in heapq.merge(*lines):
            if local > last and self._in_week(local.date()):
                last = local
                yield local

    def _in_week(self, day: date) -> bool:
        return self.start is None or (day - self.start).days // 7 % self.weeks == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """`once on 2026-12-24 at 09:00`."""

    text: str
    words: str
    local: datetime

    @property
    def rhythm(self) -> Rhythm:
        """Return what the rule says."""
        return Rhythm(kind=Kind.ONCE, day=self.local.date(), times=(self.local.time(),))

    @property
    def elapsed(self) -> bool:
        """Tell that the slot is a local time."""
        return False

    def occurrences(self, after: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
        """Yield the one occurrence, if it is after the instant."""
        moment = zones.moment(self.local, zone)
        if moment.at > after:
            yield _by_wall(self.local, moment, zone)


Rule = Interval | Wall | Once


def instant_slot(at: datetime) -> str:
    """Return the slot key of an instant."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}Z"


def _by_instant(at: datetime, zone: ZoneInfo) -> Occurrence:
    local = at.astimezone(zone)
    moment = zones.moment(local.replace(tzinfo=None), zone)
    note = ""
    if moment.again:
        which = "second" if moment.again == at else "first"
        note = f"clocks go back: {local:%H:%M} for the {which} time"
    return Occurrence(slot=instant_slot(at), at=at, local=local, note=note)


def _by_wall(local: datetime, moment: zones.Moment, zone: ZoneInfo) -> Occurrence:
    real = moment.at.astimezone(zone)
    note = ""
    if moment.gap:
        note = f"clocks go forward: {local:%H:%M} does not exist, runs at {real:%H:%M}"
    elif moment.again:
        note = f"clocks go back: {local:%H:%M} comes twice, runs the first time"
    elif change := zones.change(moment.at, zone):
        note = f"clocks go {'forward' if change > timedelta(0) else 'back'} this day"
    return Occurrence(slot=f"{local:%Y-%m-%dT%H:%M}", at=moment.at, local=real, note=note)
