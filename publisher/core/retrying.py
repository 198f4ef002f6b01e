"""When a copy that was put off is tried again, and when it is given up. Pure.

Serves sending. The waits grow with the time that has passed, not with a count, so that a publisher
that was down for a day neither hurries nor gives up early. The same copy waits the same time at
every attempt to compute it: what spreads a crowd is its number, not chance.
"""

import re
from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import accumulate
from zlib import crc32

WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 480, 960, 1440))
"""Waits between tries; the last one ends when patience does."""

PATIENCE = timedelta(hours=72)
"""A copy put off for so long is given up, after a last try (RFC 5321 section 4.5.4.1: 4–5 days
for relays; a digest is old before that)."""

GREYLISTED = timedelta(minutes=5)
"""A greylisting server is not asked again sooner."""

SPREAD = 0.1
"""A wait is longer by up to this share of it, by the copy's number."""

_OFFSETS = tuple(accumulate(WAITS))
_ASKS = r"(?:again|come back|retry|retry.after|wait|delay(?:ed)?|gr[ea]y-?\s?listed)"
_CLOCK = re.compile(_ASKS + r"\D{0,30}(\d{1,2}):(\d\d):(\d\d)\b", re.IGNORECASE)
_SPAN = re.compile(
    _ASKS + r"\D{0,30}(\d{1,6})\s?(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\b",
    re.IGNORECASE,
)
_BARE = re.compile(r"retry.after\W{0,3}(\d{1,6})(?![\w.:])", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


def next_try(
    number: int,
    since: datetime,
    now: datetime,
    *,
    asked: timedelta | None = None,
    greylisted: bool = False,
) -> datetime | None:
    """Return when copy `number`, first put off at `since`, is tried again; None gives it up.

    `asked` is how long the other side wants to be left alone: no try comes sooner, but for the
    last one at the end of patience.
    """
    passed, end = now - since, since + PATIENCE
    if passed >= PATIENCE:
        return None
    step = min(bisect_right(_OFFSETS, passed), len(WAITS) - 1)
    wait = max(WAITS[step], asked or timedelta(0), GREYLISTED if greylisted else timedelta(0))
    share = crc32(f"{number}:{step}".encode()) / 2**32
    wait += timedelta(seconds=round(wait.total_seconds() * SPREAD * share, 6))
    return min(now + wait, end) if wait < PATIENCE else end


def asked_wait(reason: str) -> timedelta | None:
    """Return how long an answer asks us to wait ("try again in 5 minutes"), None when it does not."""
    if found := _CLOCK.search(reason):
        hours, minutes, seconds = map(int, found.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if found := _SPAN.search(reason):
        return timedelta(**{_UNITS[found[2][0].lower()]: int(found[1])})
    if found := _BARE.search(reason):
        return timedelta(seconds=int(found[1]))
    return None
