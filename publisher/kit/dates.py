"""Instants as strangers write them: RFC 3339, RFC 5322 and their sloppy kin.

Serves the sources. Pure. A time without a zone is UTC.
"""

import re
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime

_LOOSE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?)?\s*"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
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
    return _iso(text) or _loose(text) or _rfc5322(text)


def _utc(moment: datetime) -> datetime | None:
    """Return the instant in UTC, whole seconds; None outside the plausible years."""
    if not EARLIEST <= moment.year <= LATEST:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)


def _iso(text: str) -> datetime | None:
    """Read ISO 8601 as Python does."""
    try:
        return _utc(datetime.fromisoformat(text))
    except ValueError:
        return None


def _loose(text: str) -> datetime | None:
    """Read what means an ISO date but has one digit too few or a blank too many."""
    match = _LOOSE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    zone = (match[7] or "Z").upper().replace("UTC", "Z").replace("GMT", "Z")
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").utcoffset()
        return _utc(moment - offset) if offset else _utc(moment)
    except (ValueError, OverflowError):
        return None


def _rfc5322(text: str) -> datetime | None:
    """Read the date of a mail or an RSS document."""
    try:
        return _utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
