"""Holding copies of alerts back until their readers may get them; serves freezing and claiming.

What counts is read from the ledger itself: the other alerts of the schedule that each reader got
within the last while, or that wait for them.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, select

from publisher.model.editions import DeliveryState, EditionState, Wait
from publisher.ports import Pacing
from publisher.store.database import Database, Raw, chunks, marks
from publisher.store.edition_rows import HELD, UNDER_WAY
from publisher.store.schema import delivery
from publisher.store.types import clean, micros, moment

WHOM = """
SELECT d.id, d.subscriber, s.timezone
  FROM delivery d JOIN subscriber s ON s.id = d.subscriber
 WHERE d.id IN ({marks}) ORDER BY d.id"""

EDITIONS = """
SELECT o.id, o.state FROM edition e JOIN edition o ON o.schedule = e.schedule
 WHERE e.id = ? AND o.id <> e.id AND (o.state <> 'done' OR o.ended > ?)"""

OTHERS = """
SELECT d.subscriber, d.edition, d.state, d.attempts, d.at, d.due FROM delivery d
 WHERE d.subscriber IN ({readers}) AND d.edition IN ({editions})"""

DEFER = """
UPDATE delivery SET state = 'deferred', owner = '', reason = ?, due = ?, at = ?
 WHERE id IN ({marks})"""

WENT = (DeliveryState.ACCEPTED.value, DeliveryState.UNCERTAIN.value)
OPEN = EditionState.OPEN.value
Times = dict[int, list[int]]
"""Instants in microseconds, by reader."""


def postpone_all(
    database: Database, tx: Connection, edition: int, now: datetime, pacing: Pacing
) -> None:
    """Defer those copies of an edition just written whose readers may not get them yet."""
    queued = delivery.c.state == DeliveryState.QUEUED.value
    mine = select(delivery.c.id).where(delivery.c.edition == edition, queued)
    postpone(database, tx, edition, list(tx.execute(mine).scalars()), now, pacing)


def postpone(
    database: Database,
    tx: Connection,
    edition: int,
    numbers: Sequence[int],
    now: datetime,
    pacing: Pacing,
) -> list[int]:
    """Defer those copies (by id) whose readers may not get them yet; return the others."""
    raw = database.raw(tx)
    others: dict[int, str] = dict(raw.rows(EDITIONS, edition, micros(now - pacing.within)))
    wait_for = _judge(now, pacing)
    may: list[int] = []
    waiting: dict[tuple[datetime, str], list[int]] = defaultdict(list)
    for part in chunks(numbers):
        rows = raw.rows(WHOM.format(marks=marks(len(part))), *part)
        gone, planned = _times(raw, [row[1] for row in rows], edition, others, now)
        for number, reader, zone in rows:
            wait = wait_for(zone, tuple(gone[reader]), tuple(planned[reader]))
            if wait is None:
                may.append(number)
            else:
                waiting[wait.until, wait.reason].append(number)
    for (until, reason), held in waiting.items():
        for part in chunks(held):
            statement = DEFER.format(marks=marks(len(part)))
            raw.run(statement, clean(reason), micros(until), micros(now), *part)
    return may


def _judge(
    now: datetime, pacing: Pacing
) -> Callable[[str, tuple[int, ...], tuple[int, ...]], Wait | None]:
    """Return the judgement for a zone and times in microseconds; most readers share theirs."""

    @cache
    def judge(zone: str, gone: tuple[int, ...], planned: tuple[int, ...]) -> Wait | None:
        return pacing.wait(now, zone, [*map(moment, gone)], [*map(moment, planned)])

    return judge


def _times(
    raw: Raw, readers: Sequence[int], edition: int, others: dict[int, str], now: datetime
) -> tuple[Times, Times]:
    """Return when each reader's other alerts went or go now, and when those that wait are planned.

    An alert that waits counts for later ones of an open edition only: two never wait for each
    other, and one that an editor holds stops nobody. One put off by the other side is tried again
    whenever that allows; it is counted then.
    """
    at_once = micros(now)
    gone: Times = defaultdict(list)
    planned: Times = defaultdict(list)
    if not readers or not others:
        return gone, planned
    statement = OTHERS.format(readers=marks(len(readers)), editions=marks(len(others)))
    for reader, other, state, attempts, at, due in raw.rows(statement, *readers, *others):
        is_open = others[other] == OPEN
        if state in WENT:
            gone[reader].append(at)
        elif state in HELD or (state in UNDER_WAY and is_open and other < edition):
            if due is None or due <= at_once:
                gone[reader].append(at_once)
            elif not attempts:
                planned[reader].append(due)
    return gone, planned
