"""When a source is asked next, and why: by its stories, by its own wish, by its errors. Pure.

Serves collecting. A busy source is asked every five minutes, a sleeping one once a day; nothing
is asked earlier than it wishes, and no two sources of one rhythm at the same second.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from publisher.model.articles import Collected, CollectedArticle, SourceState

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)
USUAL = timedelta(minutes=30)
"""For sources of which nothing is known yet."""

LOOKS = 8
"""How often a source is asked between two of its stories: then one waits an eighth of the gap."""

DROWSY = 4
"""A source that has been silent for so many gaps is asked more rarely, and ever more so."""

NEWEST = 20
"""How many of the newest stories tell how often there are some."""

GROWTH = 1.5
"""How much longer a source without dates waits each time that it brings nothing."""

RARELY = 4
"""How many times longer one waits whose hub tells of news by itself."""

JITTER = 0.1
"""Share of the interval by which a source is asked earlier or later than others, always the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """When a source is asked next, after which interval, and why so."""

    at: datetime
    interval: timedelta
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How a source publishes: mean gap between stories (zero: unknown), newest and oldest date."""

    gap: timedelta = timedelta(0)
    newest: datetime | None = None
    oldest: datetime | None = None


def habit(articles: Sequence[CollectedArticle], now: datetime) -> Habit:
    """Return the habit that dated stories show; dates to come tell nothing."""
    dates = sorted({one.published for one in articles if one.published and one.published <= now})
    if not dates:
        return Habit()
    last = dates[-NEWEST:]
    gap = (last[-1] - last[0]) / (len(last) - 1) if len(last) > 1 else timedelta(0)
    return Habit(gap=gap, newest=dates[-1], oldest=dates[0])


def after_answer(
    state: SourceState,
    collected: Collected,
    now: datetime,
    every: timedelta | None,
    *,
    news: bool,
    listened: bool = False,
) -> Next:
    """Return when a source that answered is asked next; `state` knows its habit already.

    `every` is the operator's wish, None for adaptive. One that is `listened` to, whose
    hub tells of news, waits longer; its interval is still the one that it would have without.
    """
    if every is not None:
        interval, why = every, "as set"
    else:
        interval, why = _adaptive(state, now, news=news)
        interval *= 1 + JITTER * _spread(state.key)
        interval = _whole(min(max(interval, SHORTEST), LONGEST))
    at = now + interval
    if listened and every is None:
        at, why = now + min(interval * RARELY, LONGEST), "its hub tells of news"
    if collected.fresh_until is not None and collected.fresh_until > at:
        at, why = collected.fresh_until, "it asks for that long"
        interval = at - now
    allowed = _allowed(at, collected)
    return Next(at=allowed, interval=interval, why=why if allowed == at else "its quiet hours")


def after_error(
    state: SourceState, now: datetime, every: timedelta | None, asked: timedelta | None
) -> Next:
    """Return when a source that failed is asked next: twice as long each time, at most a day.

    `asked` is what the server wants (Retry-After).
    """
    begin = every or max(state.interval, USUAL)
    wait = min(begin * 2 ** min(state.failures, 8), max(LONGEST, begin))
    wait = _whole(wait * (1 + JITTER * _spread(state.key)))
    why = f"after {state.failures + 1} errors" if state.failures else "after an error"
    if asked is not None and asked > wait:
        wait, why = asked, "the server asks for that long"
    return Next(at=now + wait, interval=wait, why=why)


def _adaptive(state: SourceState, now: datetime, *, news: bool) -> tuple[timedelta, str]:
    if state.gap and state.newest:
        silence = now - state.newest
        if silence > DROWSY * state.gap:
            return silence / DROWSY / LOOKS, f"silent for {said(silence)}"
        return state.gap / LOOKS, f"a story every {said(state.gap)}"
    if news or not state.interval:
        return min(state.interval or USUAL, USUAL), "not known yet"
    return state.interval * GROWTH, "nothing new"


def _allowed(at: datetime, collected: Collected) -> datetime:
    """Return the first instant from `at` on that is in none of the hours and days a source skips."""
    moment = at.astimezone(UTC)
    for _ in range(24 * 7):
        if moment.hour not in collected.skip_hours and moment.weekday() not in collected.skip_days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return at  # all week is skipped: that cannot be meant


def _spread(key: str) -> float:
    """Return -1 to 1 for a source, always the same."""
    digest = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=4).digest()
    return int.from_bytes(digest) / 2**31 - 1


def _whole(span: timedelta) -> timedelta:
    return timedelta(seconds=round(span.total_seconds()))


def said(span: timedelta) -> str:
    """Return a span in words: `40 s`, `25 min`, `3 h`, `12 days`."""
    seconds = span.total_seconds()
    for size, unit in ((172_800, "days"), (5_400, "h"), (90, "min")):
        if seconds >= size:
            return f"{round(seconds / {'days': 86_400, 'h': 3600, 'min': 60}[unit])} {unit}"
    return f"{round(seconds)} s"
