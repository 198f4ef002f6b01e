"""The calendar of schedules: the port Calendar over rules, zones and holidays.

Serves timetabling, composing, `check` and the pages. Touches the zone's tables and, when a
schedule asks for holidays, the table of holidays.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from publisher.errors import ConfigError
from publisher.kit import holidays
from publisher.kit.calendar import zones
from publisher.kit.calendar.crontab import parse_cron
from publisher.kit.calendar.grammar import parse_when
from publisher.kit.calendar.rhythm import Rhythm
from publisher.kit.calendar.rules import Rule
from publisher.model.definitions import ScheduleDefinition
from publisher.model.timetable import Occurrence

AT_ONCE = "at once"
"""The rule, in words, of a schedule that follows each collection."""

_MINUTE = timedelta(minutes=1)


class Almanac:
    """Implements the port Calendar; holds nothing, so that one may serve every thread."""

    def occurrences(
        self, schedule: ScheduleDefinition, after: datetime, zone: str
    ) -> Iterator[Occurrence]:
        """Yield occurrences strictly after `after`, strictly increasing, in the IANA zone.

        None for a schedule that follows each collection. Raises RuleError or ConfigError at the
        first of them when rule or zone cannot be used.
        """
        if schedule.follows:
            return
        rule, place = _rule(schedule.when, schedule.cron), _zone(zone)
        try:
            yield from rule.occurrences(after, place)
        except OverflowError:  # the year 9999 has passed
            return

    def fingerprint(self, schedule: ScheduleDefinition) -> str:
        """Return the rule in its normal form and its zone."""
        text = AT_ONCE if schedule.follows else _rule(schedule.when, schedule.cron).text
        return f"{text} ({schedule.timezone})"

    def rests(self, schedule: ScheduleDefinition, occurrence: Occurrence) -> str:
        """Return why the schedule rests on the occurrence's local day, or ""."""
        day, skip = occurrence.local.date(), schedule.skip
        if day in skip.dates:
            return f"rests on {day}"
        for first, last in skip.between:
            if first <= day <= last:
                return f"rests from {first} to {last}"
        name = holidays.holiday(skip.holidays, day) if skip.holidays else ""
        return f"holiday: {name}" if name else ""

    def describe(self, schedule: ScheduleDefinition) -> str:
        """Return the rule in English, for operators; the wording says it to readers."""
        return AT_ONCE if schedule.follows else _rule(schedule.when, schedule.cron).words

    def offset(self, zone: str, slot: str) -> int | None:
        """Return the minutes by which a local slot is ahead of its instant; None: unknown zone.

        That is the zone's UTC offset, except in a gap, where the slot runs when the gap ends: with
        it a slot less its offset is always the instant at which it runs there.
        """
        if slot.endswith("Z"):
            return 0
        try:
            place = _zone(zone)
        except ConfigError:
            return None
        local = datetime.fromisoformat(slot)
        return (local.replace(tzinfo=UTC) - zones.moment(local, place).at) // _MINUTE


def rhythm_of(when: str, cron: str = "") -> Rhythm | None:
    """Return what a rule says, apart from any language; None for a crontab line, and for no rule.

    Raises RuleError.
    """
    return None if cron or not when else _rule(when, "").rhythm


@lru_cache(maxsize=4096)
def _rule(when: str, cron: str) -> Rule:
    return parse_cron(cron) if cron else parse_when(when)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        reason = f'there is no time zone "{name}": write it as in Europe/Berlin'
        raise ConfigError("", reason) from error
