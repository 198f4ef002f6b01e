"""Instants as strangers write them: RFC 3339, RFC 5322, their sloppy kin, and dates in many languages.

Serves the sources. Pure. A time without a zone is UTC, and so is one with a zone nobody knows.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from publisher.kit.date_words import in_words, month_of, year_of, zone_of

_ZONE = r"(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|(?![AP]M)[A-Z]{1,5}"
_LOOSE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?)?\s*"
    rf"({_ZONE})?",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,?\s*)?(\d{1,2})[\s-]+([^\W\d_]{3,12})\.?[\s-]+(\d{4}|\d{2}),?"
    rf"(?:\s+(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?\s*({_ZONE})?)?",
    re.IGNORECASE,
)
_SECONDS = re.compile(r"(1\d{9})(?:\d{3})?")
EARLIEST, LATEST = 1900, 2500
"""Years outside are taken for mistakes; arithmetic on them overflows."""


def as_instant(value: object) -> datetime | None:
    """Return an aware UTC instant for a datetime, a date or a text; None when it is none."""
    if isinstance(value, datetime):
        return _utc(value)
    if isinstance(value, date):
        return _utc(datetime.combine(value, time(), UTC))
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    found = _iso(text) or _loose(text) if text[:4].isdigit() else _mail(text)
    return found or _worded(text)


def _utc(moment: datetime) -> datetime | None:
    """Return the instant in UTC, whole seconds; None outside the plausible years."""
    if not EARLIEST <= moment.year <= LATEST:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)


def _iso(text: str) -> datetime | None:
    """Read ISO 8601 as Python does, and seconds since 1970 as some programs write them."""
    try:
        if seconds := _SECONDS.fullmatch(text):
            return _utc(datetime.fromtimestamp(int(seconds[1]), UTC))
        return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def _loose(text: str) -> datetime | None:
    """Read what means an ISO date but has one digit too few, a blank too many or a zone's name."""
    match = _LOOSE.fullmatch(text)
    return _moment(match.groups(), int(match[2])) if match else None


def _mail(text: str) -> datetime | None:
    """Read the date of a mail or an RSS document, the month in any language."""
    match = _MAIL.fullmatch(text)
    if match is None:
        return None
    day, month, year, *clock = match.groups()
    return _moment((str(year_of(year)), month, day, *clock), month_of(month))


def _moment(parts: tuple[str | None, ...], month: int) -> datetime | None:
    """Return the instant of year, month, day, hour, minute, second and zone; None for none."""
    year, _, day, hour, minute, second = (int(p) if p and p.isdigit() else 0 for p in parts[:6])
    try:
        midnight = datetime(year, month, day, tzinfo=UTC)
        if (hour, minute) == (24, 0):  # ISO 8601: the end of the day
            midnight, hour = midnight + timedelta(days=1), 0
        moment = midnight.replace(hour=hour, minute=minute, second=min(second, 59))
        return _utc(moment - zone_of(parts[6] or ""))
    except (ValueError, OverflowError):
        return None


def _worded(text: str) -> datetime | None:
    """Read a date in words."""
    found = in_words(text)
    return _utc(found) if found else None
