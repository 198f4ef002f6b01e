"""Readers for whom an edition holds nothing but hidden stories; serves the edition verbs.

They are told nothing rather than sent an empty mail. The stories count as dealt with, for editors
hid them on purpose; whoever is taken in again, or whose edition is cancelled, is owed them.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from publisher.model.editions import DeliveryState
from publisher.store.database import Database, chunks
from publisher.store.edition_rows import WAITING
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
        left = [(row.subscriber, _titles(told, hidden)) for row, told in rows]
        carry_over(raw, [(reader, told) for reader, told in left if told.articles])


def readmit(database: Database, tx: Connection, edition: int, now: Any) -> None:
    """Queue again those from whom an edition was withheld; they are owed its stories."""
    wanted = _ROWS.where(
        delivery.c.edition == edition,
        delivery.c.state == DeliveryState.SUPPRESSED.value,
        delivery.c.reason == WITHHELD,
    )
    rows = _selected(database, tx, wanted)
    back = {"state": DeliveryState.QUEUED.value, "reason": "", "remembered": False, "at": now}
    _change(tx, rows, back)
    carry_over(database.raw(tx), [(row.subscriber, told) for row, told in rows])


def _selected(
    database: Database, tx: Connection, wanted: Select[Any]
) -> Sequence[tuple[Row[Any], Selected]]:
    rows = tx.execute(wanted).all()
    raw = database.raw(tx)
    chosen = {number: read_selection(raw, number) for number in {row.selection for row in rows}}
    return [(row, chosen[row.selection]) for row in rows]


def _titles(told: Selected, hidden: Collection[int]) -> Selected:
    return replace(told, articles=tuple(set(told.more) - set(hidden)), more=())


def _change(
    tx: Connection, rows: Sequence[tuple[Row[Any], Selected]], values: dict[str, object]
) -> None:
    for part in chunks(row.id for row, _ in rows):
        tx.execute(update(delivery).where(delivery.c.id.in_(part)).values(values))
