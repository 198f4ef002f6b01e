"""Readers for whom an edition holds nothing but hidden stories; serves the edition verbs.

They are told nothing rather than sent an empty mail. The stories count as dealt with, for editors
hid them on purpose; whoever is taken in again, or whose edition is cancelled, is owed them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from publisher.model.editions import DeliveryState
from publisher.store.database import Database, chunks
from publisher.store.edition_rows import WAITING, taken_up
from publisher.store.memory import Selected, carry_over, remember
from publisher.store.schema import delivery, selection
from publisher.store.selections import read_selection

WITHHELD = "every story of theirs was hidden by the editors"

_ROWS = select(delivery.c.id, delivery.c.subscriber, delivery.c.selection).order_by(delivery.c.id)


def withhold(
    database: Database, tx: Connection, edition: int, hidden: Collection[int], now: datetime
) -> None:
    """Suppress those who wait for nothing but hidden stories; their memory moves as if sent."""
    listed = select(selection.c.id, selection.c.articles).where(selection.c.edition == edition)
    empty = [row.id for row in tx.execute(listed) if not set(row.articles) - set(hidden)]
    waiting = delivery.c.state.in_(WAITING)
    for part in chunks(empty):
        mine = (delivery.c.edition == edition, delivery.c.selection.in_(part))
        rows = _selected(database, tx, _ROWS.where(*mine, waiting))
        values = {"state": DeliveryState.SUPPRESSED.value, "reason": WITHHELD, "due": None}
        _change(tx, rows, {**values, "remembered": True, "at": now})
        raw = database.raw(tx)
        remember(raw, [(row.subscriber, told) for row, told in rows])
        # What they would have been told by title alone was not hidden: it comes next time.
        carry_over(raw, [(row.subscriber, _without(told, hidden)) for row, told in rows])


def readmit(
    database: Database, tx: Connection, edition: int, hidden: Collection[int], now: datetime
) -> None:
    """Queue again those from whom an edition was withheld that shows them a story now.

    Who was told some of it by a later edition stays out, lest they get it twice. They are owed
    what is shown and was not told to them.
    """
    rows, taken = _withheld(database, tx, edition)
    back = [
        (row, told)
        for row, told in rows
        if set(told.articles) - set(hidden) and taken[row.subscriber].isdisjoint(told.told)
    ]
    _queue(tx, back, now)
    again = {row.id for row, _ in back}
    owed = [
        (
            row.subscriber,
            told if row.id in again else _without(told, {*hidden, *taken[row.subscriber]}),
        )
        for row, told in rows
    ]
    carry_over(database.raw(tx), owed)


def give_back(database: Database, tx: Connection, edition: int, now: Any) -> None:
    """Owe readers everything that was withheld from them; their copies wait, to be cancelled.

    What a later edition told them is not owed again.
    """
    rows, taken = _withheld(database, tx, edition)
    _queue(tx, rows, now)
    owed = [(row.subscriber, _without(told, taken[row.subscriber])) for row, told in rows]
    carry_over(database.raw(tx), owed)


def _withheld(
    database: Database, tx: Connection, edition: int
) -> tuple[Sequence[tuple[Row[Any], Selected]], Mapping[int, set[int]]]:
    """Return the rows of an edition that were withheld, and what their readers had since."""
    wanted = _ROWS.where(
        delivery.c.edition == edition,
        delivery.c.state == DeliveryState.SUPPRESSED.value,
        delivery.c.reason == WITHHELD,
    )
    rows = _selected(database, tx, wanted)
    return rows, taken_up(tx, edition, DeliveryState.SUPPRESSED) if rows else {}


def _queue(tx: Connection, rows: Sequence[tuple[Row[Any], Selected]], now: Any) -> None:
    back = {"state": DeliveryState.QUEUED.value, "reason": "", "remembered": False, "at": now}
    _change(tx, rows, back)


def _selected(
    database: Database, tx: Connection, wanted: Select[Any]
) -> Sequence[tuple[Row[Any], Selected]]:
    rows = tx.execute(wanted).all()
    raw = database.raw(tx)
    chosen = {number: read_selection(raw, number) for number in {row.selection for row in rows}}
    return [(row, chosen[row.selection]) for row in rows]


def _without(told: Selected, dropped: Collection[int]) -> Selected:
    """Return a selection but for some articles; carrying over knows no titles."""
    return replace(told, articles=tuple(sorted(set(told.told) - set(dropped))), more=())


def _change(
    tx: Connection, rows: Sequence[tuple[Row[Any], Selected]], values: dict[str, object]
) -> None:
    for part in chunks(row.id for row, _ in rows):
        tx.execute(update(delivery).where(delivery.c.id.in_(part)).values(values))
