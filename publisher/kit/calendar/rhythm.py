"""What a rule says, apart from the words of any language.

Serves the grammar, which makes it, and the wording of mails, which says it. Touches nothing.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of rules; each names its phrase in `[rhythm]` of `templates/words/`."""

    HOURLY = "hourly"
    MINUTELY = "minutely"
    INTERVAL = "interval"
    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKENDS = "weekends"
    DAYS = "days"
    WEEKS = "weeks"
    NTH_DAYS = "nth_days"
    MONTH_DAYS = "month_days"
    LAST_WEEKDAY = "last_weekday"
    ONCE = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """One rule. `days` count from Monday 0; among `numbers` 0 is the last one of the month.

    `count` is of weeks, `every` the length of an interval, `day` the date of what comes once.
    """

    kind: Kind
    times: tuple[time, ...] = ()
    days: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    count: int = 0
    every: timedelta = timedelta(0)
    day: date | None = None
