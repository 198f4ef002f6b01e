"""The closed grammar of `when`: rules in words, each with one meaning.

Serves schedules. What is not in the grammar is an error that shows where reading stopped; what
people read two ways is refused with both suggestions. `Rule.text` is the rule in its normal form,
which reads as the same rule again.

    every 15m | every 2h | every 1h30m | every 20 minutes | every minute | hourly
    daily at TIMES
    every DAYS at TIMES                           days: names, weekday, weekend
    every N weeks on DAYS at TIMES from DATE
    on the NTHS at TIMES                          1st to 31st; "last day", "last weekday"
    on the NTHS DAYNAME at TIMES                  1st to 5th, last
    once on DATE at TIME
"""

from datetime import datetime, timedelta

from publisher.kit.calendar import phrases
from publisher.kit.calendar.phrases import Dates, Days, listed
from publisher.kit.calendar.reading import Reader, RuleError
from publisher.kit.calendar.rhythm import Kind, Rhythm
from publisher.kit.calendar.rules import Interval, Once, Rule, Wall

_FIRST_WORDS = ("every", "hourly", "daily", "on", "once")
_STARTS = 'expected "every", "hourly", "daily", "on the" or "once on"'
_EVERY = "expected an interval (15m), a day (monday), weekday, weekend or a number of weeks"
_EVERY_WORDS = ("minute", "hour", "day", *phrases.DAY_WORDS)
_HINTS = {
    "weekly": 'write "every monday at 07:30"',
    "monthly": 'write "on the 1st at 07:30"',
    "weekdays": 'write "every weekday at 07:30"',
    "weekends": 'write "every weekend at 07:30"',
    "yearly": 'not in the grammar; use cron = "30 7 1 1 *"',
    "at": 'say on which days: "daily at 07:30"',
}
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_MAX_WEEKS = 52


def parse_when(text: str) -> Rule:
    """Read a rule. Raises RuleError."""
    reader = Reader(text)
    rule = _rule(reader)
    reader.end("expected nothing more here")
    return rule


def _rule(reader: Reader) -> Rule:
    if reader.word in _HINTS:
        raise reader.stopped(f'"{reader.word}" does not begin a rule: {_HINTS[reader.word]}')
    if reader.take("hourly"):
        return _interval(_HOUR)
    if reader.take("daily"):
        return _daily(reader)
    if reader.take("once"):
        return _once(reader)
    if reader.take("on"):
        return _monthly(reader)
    if reader.take("every"):
        return _every(reader)
    raise reader.stopped(_STARTS, _FIRST_WORDS)


def _every(reader: Reader) -> Rule:
    if reader.take("minute"):
        return _interval(_MINUTE)
    if reader.take("hour"):
        return _interval(_HOUR)
    if reader.take("day"):
        return _daily(reader)
    if reader.word in phrases.ORDINALS or reader.word in {"other", "last"}:
        raise _ambiguous(reader)
    if reader.current.is_number and reader.ahead(1).text in {"week", "weeks"}:
        return _weeks(reader)
    if reader.word[:1].isdigit():
        return _interval(phrases.duration(reader))
    if reader.word not in phrases.DAY_WORDS:
        raise reader.stopped(_EVERY, _EVERY_WORDS)
    days = phrases.days(reader)
    times = phrases.times(reader)
    return Wall(
        text=f"every {days.text} at {listed(times.texts)}",
        words=f"{days.plural} at {listed(times.texts)}",
        crons=times.crons(f"* * {days.cron}"),
        rhythm=Rhythm(kind=days.kind, days=days.week, times=times.clock),
    )


def _ambiguous(reader: Reader) -> RuleError:
    """Return the error for "every 2nd tuesday": some read it by the month, some by weeks."""
    ordinal, day = reader.word, reader.ahead(1).text
    number = 2 if ordinal == "other" else phrases.ORDINALS.get(ordinal, phrases.LAST)
    if day not in phrases.DAY_NAMES:
        which = phrases.nth(number)
        return reader.stopped(f'write "on the {which} … at 09:00", or the days one by one')
    rest = reader.rest(2) or "at 09:00"
    month = f'"on the {phrases.nth(number)} {day} {rest}" (of each month)'
    weeks = f'"every {number} weeks on {day} {rest} from YYYY-MM-DD"'
    if number == phrases.LAST:
        return reader.stopped(f"write {month}")
    if number > phrases.MOST_IN_A_MONTH:
        return reader.stopped(f"write {weeks}")
    weeks = f'"every {day} {rest}"' if number == 1 else weeks
    read = f'"every {ordinal} {day}" can be read two ways'
    return reader.stopped(f"{read}: write {month} or {weeks}")


def _daily(reader: Reader) -> Wall:
    times = phrases.times(reader)
    text = f"daily at {listed(times.texts)}"
    rhythm = Rhythm(kind=Kind.DAILY, times=times.clock)
    return Wall(text=text, words=text, crons=times.crons("* * *"), rhythm=rhythm)


def _weeks(reader: Reader) -> Wall:
    place = reader.current
    count = int(reader.step()) if len(place.text) <= len(str(_MAX_WEEKS)) else 0
    if not 1 < count <= _MAX_WEEKS:
        raise reader.stopped(
            f'expected 2 to {_MAX_WEEKS} weeks; for each week write "every monday at 07:30"',
            at=place,
        )
    reader.step()
    reader.expect("on", 'expected "on" and a day')
    days = phrases.days(reader)
    times = phrases.times(reader)
    reader.expect("from", 'expected "from" and a date in the first of these weeks (2026-12-01)')
    start = phrases.date(reader)
    middle = f"every {count} weeks on {days.text} at {listed(times.texts)}"
    return Wall(
        text=f"{middle} from {start}",
        words=f"every {count} weeks on {days.singular} at {listed(times.texts)}",
        crons=times.crons(f"* * {days.cron}"),
        weeks=count,
        start=start,
        rhythm=Rhythm(kind=Kind.WEEKS, count=count, days=days.week, times=times.clock),
    )


def _monthly(reader: Reader) -> Wall:
    reader.expect("the", 'expected "the", as in "on the 1st and 15th at 08:00"')
    which: Days | Dates = phrases.dates(reader)
    times = phrases.times(reader)
    cron = f"* * {which.cron}" if isinstance(which, Days) else f"{which.cron} * *"
    return Wall(
        text=f"on the {which.text} at {listed(times.texts)}",
        words=f"on the {which.singular} of the month at {listed(times.texts)}",
        crons=times.crons(cron),
        rhythm=Rhythm(kind=which.kind, numbers=which.numbers, days=which.week, times=times.clock),
    )


def _once(reader: Reader) -> Once:
    reader.expect("on", 'expected "on" and a date, as in "once on 2026-12-24 at 09:00"')
    day = phrases.date(reader)
    times = phrases.times(reader)
    if len(times.clock) > 1:
        raise reader.stopped("expected one time only")
    text = f"once on {day} at {listed(times.texts)}"
    return Once(text=text, words=text, local=datetime.combine(day, times.clock[0]))


def _interval(every: timedelta) -> Interval:
    hours, minutes = divmod(every // _MINUTE, 60)
    if every == _HOUR:
        return Interval(text="hourly", words="hourly", every=every)
    if every == _MINUTE:
        return Interval(text="every minute", words="every minute", every=every)
    short = f"{hours}h" * bool(hours) + f"{minutes}m" * bool(minutes)
    words = [phrases.counted(hours, "hour"), phrases.counted(minutes, "minute")]
    said = " and ".join(word for word in words if word)
    return Interval(text=f"every {short}", words=f"every {said}", every=every)
