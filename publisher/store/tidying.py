"""Old editions without their rows: table `delivery` and what hangs on it; serves core.tidying.

What each reader was sent stands in their memory, what became of an edition in its totals: the rows
are only needed for retrying, and for explaining.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, or_, select, update

from publisher.model.editions import ENDED_EDITIONS, EditionId
from publisher.store.database import Part
from publisher.store.edition_rows import counts_of
from publisher.store.schema import delivery, edition, edition_message, lease, selection


class TidyVerbs(Part):
    """Dropping what nobody needs any more, a little at a time."""

    def fold_edition(
        self, before: datetime, now: datetime, limit: int = 5_000
    ) -> tuple[EditionId, int] | None:
        """Drop deliveries of the oldest edition that ended before; None when there is none left.

        At most `limit` at once, so that who sends need not wait. Returns the edition and how many
        were dropped; its counts stay as they were.
        """
        with self._db.write() as tx:
            found = tx.execute(_oldest(before)).first()
            if found is None:
                return None
            number: int = found.id
            self._db.hold(tx, number)
            counts = counts_of(tx, [number])[number]
            totals = {state.value: count for state, count in counts.items()}
            folded = {"totals": totals, "folded": found.folded or now}
            tx.execute(update(edition).where(edition.c.id == number).values(folded))
            return EditionId(number), _drop(tx, number, limit)


def _oldest(before: datetime) -> Select[Any]:
    """Return the query for the edition that is to be folded next, or to be folded on."""
    ended = edition.c.state.in_([state.value for state in ENDED_EDITIONS])
    old = or_(edition.c.ended < before, and_(edition.c.ended.is_(None), edition.c.opened < before))
    rows = exists().where(delivery.c.edition == edition.c.id)
    wanted = and_(ended, old, or_(edition.c.folded.is_(None), rows))
    return select(edition.c.id, edition.c.folded).where(wanted).order_by(edition.c.id).limit(1)


def _drop(tx: Connection, number: int, limit: int) -> int:
    """Drop some of an edition's rows, and after the last ones what they shared."""
    mine = select(delivery.c.id).where(delivery.c.edition == number).limit(limit)
    gone = tx.execute(delete(delivery).where(delivery.c.id.in_(mine.scalar_subquery()))).rowcount
    if gone < limit:
        for table in (selection, edition_message, lease):
            tx.execute(delete(table).where(table.c.edition == number))
    return gone
