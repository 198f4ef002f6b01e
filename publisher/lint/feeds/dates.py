"""Dates as the formats spell them: RFC 822 with four digits, RFC 3339, W3C-DTF.

Serves the judges. Pure: each check returns what is wrong, "" when nothing is.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_822 = re.compile(
    rf"(?:({'|'.join(_DAYS)}), )?(\d\d?) ({'|'.join(_MONTHS)}) (\d{{4}})"
    rf" (\d\d):(\d\d)(?::(\d\d))? (GMT|UT|Z|{'|'.join(_ZONES)}|[+-]\d{{4}})"
)
_LOOSE = re.compile(
    rf"(?:(?:{'|'.join(_DAYS)})\s*,\s*)?\d\d?\s+(?:{'|'.join(_MONTHS)})\s+\d\d(?:\d\d)?"
    rf"\s+\d\d:\d\d(?::\d\d)?(?:\s+(?:[A-Z]|UT|GMT|{'|'.join(_ZONES)}|[+-]\d{{4}}))?",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\([^()]*\)")
_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))"
)
_W3C = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|([+-])(\d\d):(\d\d)))?)?)?"
)
_AS_822 = "write it like Thu, 26 Nov 2026 07:30:00 GMT"
_AS_3339 = "write it like 2026-11-26T07:30:00Z"
_EARLIEST = 1970


@lru_cache(maxsize=4096)
def rfc822(text: str) -> str:
    """Judge a date of RSS (RFC 822 section 5 with the year of RFC 1123)."""
    found = _822.fullmatch(text.strip())
    if not found:
        if _LOOSE.fullmatch(_bare(text)):
            return ""  # `loose` speaks of it
        return f"is no date of RFC 822; {_AS_822}"
    day, number, month, year, hour, minute, second, zone = found.groups()
    made = _day(int(year), _MONTHS.index(month) + 1, int(number))
    if made is None or not _is_time(hour, minute, second or "0") or not _is_zone(zone):
        return f"is no moment there is; {_AS_822}"
    if day and _DAYS[made.weekday()] != day:
        return "names the wrong day of the week: name the right one, or none"
    return ""


def _bare(text: str) -> str:
    """Return a date without comments (RFC 822 section 3.4.3)."""
    left, bare = "", re.sub(r"\\.", "", text[:200])
    while left != bare:
        left, bare = bare, _COMMENT.sub(" ", bare)
    return bare.strip()


def loose(text: str) -> str:
    """Return what makes a date of RSS hard to read for some, though RFC 822 allows it."""
    if _822.fullmatch(text.strip()) or rfc822(text):
        return ""
    return f"is a date that not every reader understands; {_AS_822}"


@lru_cache(maxsize=4096)
def rfc3339(text: str) -> str:
    """Judge a date of Atom or JSON Feed (RFC 3339; upper-case T and Z)."""
    found = _3339.fullmatch(text)
    if not found:
        return f"is no date of RFC 3339; {_AS_3339}"
    year, month, day, hour, minute, second, _, away, aside = found.groups()
    good = _day(int(year), int(month), int(day)) and _is_time(hour, minute, second)
    if not good or not (away is None or _is_time(away, aside, "0")):
        return f"is no moment there is; {_AS_3339}"
    return ""


def w3c(text: str) -> str:
    """Judge a date of Dublin Core or of a sitemap (W3C-DTF)."""
    found = _W3C.fullmatch(text.strip())
    if not found:
        return "is no date of W3C-DTF; write 2026-11-26 or 2026-11-26T07:30:00Z"
    year, month, day, hour, minute, second, _, away, aside = found.groups()
    made = _day(int(year), int(month or 1), int(day or 1))
    good = made and _is_time(hour or "0", minute or "0", second or "0")
    if not good or not (away is None or _is_time(away, aside, "0")):
        return "is no moment there is; write 2026-11-26 or 2026-11-26T07:30:00Z"
    return ""


@lru_cache(maxsize=4096)
def instant(text: str) -> datetime | None:
    """Return the moment a date names, in any of the spellings; None when there is none."""
    text = text.strip()
    try:
        if found := _822.fullmatch(text):
            _, day, month, year, hour, minute, second, zone = found.groups()
            clock = (int(hour), int(minute), min(int(second or 0), 59))
            number = _MONTHS.index(month) + 1
            local = datetime(int(year), number, int(day), *clock, tzinfo=_offset(zone))
            return local.astimezone(UTC)
        made = datetime.fromisoformat(text)
        return (made if made.tzinfo else made.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def implausible(text: str) -> str:
    """Return what speaks against a date that is spelled well."""
    made = instant(text)
    if made and made.year < _EARLIEST:
        return "lies before there were feeds: give the day of publication"
    return ""


def _offset(zone: str) -> timezone:
    if zone[0] in "+-":
        minutes = int(zone[1:3]) * 60 + int(zone[3:])
        return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
    return timezone(timedelta(hours=_ZONES.get(zone, 0)))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _is_time(hour: str, minute: str, second: str) -> bool:
    return int(hour) < 24 and int(minute) < 60 and int(second) <= 60  # noqa: PLR2004 - a clock's


def _is_zone(zone: str) -> bool:
    return zone[0] not in "+-" or _is_time(zone[1:3], zone[3:], "0")


def loose_or_implausible(text: str) -> str:
    """Return what speaks against a date of RSS that RFC 822 allows."""
    return loose(text) or implausible(text)
