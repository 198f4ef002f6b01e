"""When a feed wants to be asked: how long it stays fresh, and the hours and days it wants to be left alone.

Serves `kit.feed_reader`. Pure. What cannot be meant counts as not said.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = 24
_LONGEST = 7 * 1440
_EDGE = 20_000
"""Characters of a document, before its first entry and after its last, that are looked at."""

_NO_MARKUP = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_SKIPPED = re.compile(r"<skip(hours|days)\s*>(.{0,2000}?)</skip\1\s*>", re.DOTALL | re.IGNORECASE)
_ONE = re.compile(r"<(hour|day)\s*>\s*(\w{1,9})\s*</\1\s*>", re.IGNORECASE)
_ENTRY = re.compile(r"</?(?:item|entry)[\s>/]", re.IGNORECASE)


def fresh_for(feed: Mapping[str, Any]) -> timedelta | None:
    """Return how long a feed says it need not be asked again (ttl, sy:updatePeriod)."""
    ttl = str(feed.get("ttl") or "")
    if ttl.isascii() and ttl.isdigit():
        return timedelta(minutes=min(int(ttl[:9]), _LONGEST))
    hours = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    frequency = str(feed.get("sy_updatefrequency") or "1").strip()
    if hours is None or not (frequency.isascii() and frequency.isdigit()):
        return None
    return timedelta(hours=hours) / max(1, int(frequency[:6]))


def skipped(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the hours (0 to 23, UTC) and days (0 is Monday) at which an RSS document is not read.

    RSS 2.0.11: `skipHours` holds numbers (0.91 began at 1, so 24 is midnight) and `skipDays` English
    names. Who skips every hour or every day says nothing.
    """
    if "<skip" not in text and "<SKIP" not in text:
        return frozenset(), frozenset()
    places = _ENTRY.finditer(text)
    first = next(places, None)
    last = text.lower().rfind("</item") if first else 0
    head = text[: first.start() if first else len(text)][:_EDGE]
    tail = text[last:][:_EDGE] if last > 0 else ""
    found: dict[str, set[int]] = {"hour": set(), "day": set()}
    for part in _SKIPPED.finditer(_NO_MARKUP.sub("", head + tail)):
        for kind, said in _ONE.findall(part[2]):
            if (number := _number(kind.lower(), said.lower())) is not None:
                found[kind.lower()].add(number)
    hours, days = frozenset(found["hour"]), frozenset(found["day"])
    return (
        hours if len(hours) < _HOURS else frozenset(),
        days if len(days) < len(_DAYS) else frozenset(),
    )


def _number(kind: str, said: str) -> int | None:
    """Return an hour or a day as a number, None for what is neither."""
    if kind == "day":
        return _DAYS.index(said) if said in _DAYS else None
    good = said.isascii() and said.isdigit() and int(said) <= _HOURS
    return int(said) % _HOURS if good else None
