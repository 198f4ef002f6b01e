"""Local times and instants: what a wall clock reads when, over gaps and folds (PEP 495).

Serves the rules of this package. Local times are naive datetimes here, instants aware UTC ones.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a wall clock reads a local time.

    `at` is the first such instant; in a gap, where there is none, the first one after the gap.
    `again` is the second one in a fold. `gap` is how far the clock leapt over this local time.
    """

    at: datetime
    again: datetime | None = None
    gap: timedelta = timedelta(0)


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """Return what a clock on the wall reads at an instant, naive."""
    return at.astimezone(zone).replace(tzinfo=None)


def offset(at: datetime, zone: ZoneInfo) -> timedelta:
    """Return the zone's UTC offset at an instant."""
    return at.astimezone(zone).utcoffset() or timedelta(0)


def moment(local: datetime, zone: ZoneInfo) -> Moment:
    """Return when the wall clock reads `local` in the zone."""
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first == second:
        return Moment(at=first)
    if first < second:
        return Moment(at=first, again=second)
    # In a gap fold=0 counts with the offset before it and fold=1 with the one after, so that the
    # leap lies between the two instants.
    return Moment(at=_leap(second, first, zone), gap=first - second)


def _leap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant at which the offset of `after` counts."""
    target = offset(after, zone)
    seconds = int((after - before).total_seconds())
    low, high = 0, seconds
    while low < high:
        middle = (low + high) // 2
        if offset(before + timedelta(seconds=middle), zone) == target:
            high = middle
        else:
            low = middle + 1
    return before + timedelta(seconds=low)


def set_back(at: datetime, zone: ZoneInfo) -> timedelta:
    """Return by how much clocks go back within a day after an instant, else zero."""
    return max(offset(at, zone) - offset(at + _DAY, zone), timedelta(0))


def change(at: datetime, zone: ZoneInfo) -> timedelta:
    """Return by how much the clocks move on the local day of an instant."""
    midnight = wall(at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = midnight.replace(tzinfo=zone).utcoffset() or timedelta(0)
    ends = (midnight + _DAY).replace(tzinfo=zone, fold=1).utcoffset() or timedelta(0)
    return ends - begins


@lru_cache(maxsize=1024)
def standard_offset(zone: ZoneInfo) -> timedelta:
    """Return the zone's offset outside summer time, by today's rules.

    Read from two days of one fixed year, so that every process and every restart agrees.
    """
    days = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC))
    return min(offset(day, zone) for day in days)
