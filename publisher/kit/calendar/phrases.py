"""The parts that rules in words are made of: days, ordinals, dates, times, lengths of time.

Serves the `when` grammar. Each reader moves past its phrase or raises RuleError.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from publisher.kit.calendar.reading import Reader
from publisher.kit.calendar.rhythm import Kind

_FULL = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_SHORT = {
    "tues": 2,
    "wednes": 3,
    "thur": 4,
    "thurs": 4,
} | {name[:3]: number for number, name in enumerate(_FULL)}
DAY_NAMES = _SHORT | {name: number for number, name in enumerate(_FULL)}
"""Names of days, full and short, with crontab's numbers (Sunday 0)."""
_GROUPS = {"weekday": (1, 2, 3, 4, 5), "weekend": (0, 6)}
DAY_WORDS = (*DAY_NAMES, *_GROUPS)
"""What may stand in a list of days."""

LAST = 0
"""Stands for "last" among ordinals."""
_WORDS = ("first", "second", "third", "fourth", "fifth")
MOST_IN_A_MONTH = len(_WORDS)
"""A month has at most five of a weekday."""


def nth(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th … and "last" for 0."""
    if number == LAST:
        return "last"
    teen = number // 10 % 10 == 1
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


ORDINALS = {nth(number): number for number in range(1, 32)} | {
    word: number for number, word in enumerate(_WORDS, 1)
}
"""1st to 31st, first to fifth."""

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHORT_LENGTH = re.compile(r"(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m(?:in)?)?")
_UNITS = {"m": 1, "min": 1, "minute": 1, "minutes": 1, "h": 60, "hour": 60, "hours": 60}
_DAY_UNITS = {"d", "day", "days"}
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Times of the day, in order, without repeats."""

    clock: tuple[dt.time, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Return each as HH:MM."""
        return tuple(f"{time:%H:%M}" for time in self.clock)

    def crons(self, days: str) -> tuple[str, ...]:
        """Return the crontab lines of these times on `days` (the last three fields)."""
        minutes = sorted({time.minute for time in self.clock})
        hours = {
            minute: ",".join(str(time.hour) for time in self.clock if time.minute == minute)
            for minute in minutes
        }
        return tuple(f"{minute} {hours[minute]} {days}" for minute in minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days of the week: as written, for a sentence, and as crontab's fifth field.

    `week` holds them counted from Monday 0, `numbers` which ones of the month, if not all.
    """

    text: str
    singular: str
    plural: str
    cron: str
    week: tuple[int, ...]
    numbers: tuple[int, ...] = ()

    @property
    def kind(self) -> Kind:
        """Return what kind of rule these days alone make."""
        if self.numbers:
            return Kind.NTH_DAYS
        return {"weekday": Kind.WEEKDAYS, "weekend": Kind.WEEKENDS}.get(self.text, Kind.DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Days of the month: as written, for a sentence, and as crontab's third field.

    `numbers` are the days, LAST among them; none for the last weekday, Monday to Friday.
    """

    text: str
    singular: str
    cron: str
    week: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()

    @property
    def kind(self) -> Kind:
        """Return what kind of rule these days alone make."""
        return Kind.MONTH_DAYS if self.numbers else Kind.LAST_WEEKDAY


def listed(items: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return " and ".join(part for part in (", ".join(items[:-1]), items[-1]) if part)


def counted(number: int, what: str) -> str:
    """Return "2 hours", "1 hour", and "" for none."""
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""


def days(reader: Reader) -> Days:
    """Read `mon, thu`, `tuesday and friday`, `weekday`, `weekend`."""
    found: set[int] = set()
    while True:
        found |= _day(reader)
        if not reader.separator():
            return _days(found)


def _day(reader: Reader) -> set[int]:
    if reader.word in _GROUPS:
        return set(_GROUPS[reader.step()])
    if reader.word not in DAY_NAMES:
        raise reader.stopped("expected a day, as in monday or mon", DAY_WORDS)
    return {DAY_NAMES[reader.step()]}


def _days(found: set[int]) -> Days:
    # Monday first, as a week is read; crontab's Sunday is 0.
    ordered = sorted(found, key=lambda number: (number - 1) % 7)
    names = [_FULL[number] for number in ordered]
    text = next((word for word, group in _GROUPS.items() if found == set(group)), listed(names))
    plain = text in _GROUPS
    return Days(
        text=text,
        singular=text if plain else listed([name.title() for name in names]),
        plural=f"{text}s" if plain else listed([f"{name.title()}s" for name in names]),
        cron=",".join(str(number) for number in ordered),
        week=tuple((number - 1) % 7 for number in ordered),
    )


def dates(reader: Reader) -> Days | Dates:
    """Read `1st and 15th`, `last day`, `last weekday`, `2nd tuesday`, `1st and last friday`."""
    place = reader.current
    numbers = _ordinals(reader)
    ordered = sorted(numbers, key=lambda number: (number == LAST, number))
    if reader.word in DAY_NAMES:
        if max(numbers) > MOST_IN_A_MONTH:
            raise reader.stopped(
                "a month has at most five of a day: expected 1st to 5th or last", at=place
            )
        return _nth_days(ordered, DAY_NAMES[reader.step()])
    if numbers == {LAST} and reader.take("weekday"):
        return Dates(text="last weekday", singular="last weekday", cron="LW")
    if reader.take("day") or (LAST not in numbers and reader.word == "at"):
        return _month_days(ordered)
    if LAST in numbers:
        known = () if reader.word == "at" else DAY_WORDS
        raise reader.stopped('expected "day" or a day, as in "last day" or "last friday"', known)
    raise reader.stopped('expected "at", or a day as in "2nd tuesday"', DAY_WORDS)


def _ordinals(reader: Reader) -> set[int]:
    found: set[int] = set()
    while True:
        if reader.word == "last":
            found.add(LAST)
        elif reader.word in ORDINALS:
            found.add(ORDINALS[reader.word])
        else:
            raise reader.stopped("expected 1st to 31st or last", ("last", *_WORDS))
        reader.step()
        if not reader.separator():
            return found


def _nth_days(numbers: Sequence[int], day: int) -> Days:
    crons = [f"{day}L" if number == LAST else f"{day}#{number}" for number in numbers]
    which = listed([nth(number) for number in numbers])
    text, title = f"{which} {_FULL[day]}", f"{which} {_FULL[day].title()}"
    return Days(
        text=text,
        singular=title,
        plural=title,
        cron=",".join(crons),
        week=((day - 1) % 7,),
        numbers=tuple(numbers),
    )


def _month_days(numbers: Sequence[int]) -> Dates:
    text = listed([nth(number) for number in numbers]) + " day" * (LAST in numbers)
    cron = ",".join("L" if number == LAST else str(number) for number in numbers)
    return Dates(text=text, singular=text, cron=cron, numbers=tuple(numbers))


def times(reader: Reader) -> Times:
    """Read `at 07:30`, `at 07:30 and 18:00`."""
    reader.expect("at", 'expected "at" and a time, as in "at 07:30"')
    found: set[dt.time] = set()
    while True:
        found.add(_time(reader))
        if not reader.separator():
            return Times(clock=tuple(sorted(found)))


def _time(reader: Reader) -> dt.time:
    match = _TIME.fullmatch(reader.word)
    if not match:
        raise reader.stopped("expected a time from 00:00 to 23:59, as in 07:30")
    hour, minute = int(match[1]), int(match[2])
    if (hour, minute) == (24, 0):
        raise reader.stopped(
            "a day ends with 23:59: for midnight write 00:00 of the day that begins then"
        )
    if hour > 23 or minute > 59:  # noqa: PLR2004  a clock's own figures
        raise reader.stopped("no clock shows this: expected a time from 00:00 to 23:59")
    reader.step()
    if reader.word in {"am", "pm", "a", "p"}:
        raise reader.stopped("times are written on the 24-hour clock, as in 07:30 or 19:30")
    return dt.time(hour, minute)


def date(reader: Reader) -> dt.date:
    """Read `2026-12-01`."""
    if not _DATE.fullmatch(reader.word):
        raise reader.stopped("expected a date, as in 2026-12-01")
    try:
        found = dt.date.fromisoformat(reader.word)
    except ValueError as error:
        raise reader.stopped("there is no such date") from error
    reader.step()
    return found


def duration(reader: Reader) -> timedelta:
    """Read `15m`, `2h`, `1h30m`, `20 minutes`, `2 hours`: whole minutes, less than a day."""
    place = reader.current
    if place.is_number:
        minutes = _spelled(reader)
    else:
        match = _SHORT_LENGTH.fullmatch(place.text)
        if not match or not any(match.groups()):
            raise reader.stopped("expected a length of time, as in 15m, 2h or 1h30m")
        reader.step()
        minutes = int(match[1] or 0) * 60 + int(match[2] or 0)
    if not timedelta(0) < timedelta(minutes=minutes) < _A_DAY:
        raise reader.stopped(
            'an interval is from 1m to 23h59m; for whole days write "daily at 07:30"', at=place
        )
    return timedelta(minutes=minutes)


def _spelled(reader: Reader) -> int:
    unit = reader.ahead(1)
    if unit.text in _DAY_UNITS:
        raise reader.stopped(
            'an interval is less than a day; for whole days write "daily at 07:30"'
        )
    number = reader.step()
    if unit.text not in _UNITS:
        raise reader.stopped("expected minutes, hours or weeks", ("minutes", "hours", "weeks"))
    reader.step()
    # Six digits are more than a day in any unit; longer ones need not be computed.
    return int(number[:6]) * _UNITS[unit.text] if len(number) <= 6 else 10**6  # noqa: PLR2004  see above
