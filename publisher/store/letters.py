"""Letters to one person that nobody has taken yet; serves core.posting.

Several processes may carry them: who takes a letter holds it until it is due again.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from publisher.model.letters import LetterId, LetterKind, PendingLetter
from publisher.model.subscribers import SubscriberId
from publisher.store.alarms import forget, note
from publisher.store.database import Part
from publisher.store.schema import letter

COLUMNS = (
    letter.c.id,
    letter.c.kind,
    letter.c.subscriber,
    letter.c.choice,
    letter.c.period,
    letter.c.made,
    letter.c.since,
)


class LetterVerbs(Part):
    """One row a letter, until it was taken or given up."""

    def post_letter(
        self,
        kind: LetterKind,
        subscriber: SubscriberId,
        choice: str,
        period: str,
        now: datetime,
        due: datetime,
    ) -> PendingLetter | None:
        """Keep a letter, due at `due`; None when one of its kind was posted in this period."""
        row = {
            "kind": kind.value,
            "subscriber": subscriber,
            "choice": choice,
            "period": period,
            "made": now,
            "due": due,
        }
        with self._db.write() as tx:
            if not note(self._db, tx, _cause(kind, subscriber), period, now):
                return None
            made = self._db.insert(letter).values(row).returning(*COLUMNS)
            return _read(tx.execute(made).one())

    def take_letter(self, now: datetime, due: datetime) -> PendingLetter | None:
        """Return the letter that has been due longest; nobody else takes it until `due`."""
        first = select(letter.c.id).where(letter.c.due <= now).order_by(letter.c.due, letter.c.id)
        with self._db.write() as tx:
            number = tx.execute(first.limit(1).with_for_update(skip_locked=True)).scalar()
            if number is None:
                return None
            taken = update(letter).where(letter.c.id == number).values(due=due)
            return _read(tx.execute(taken.returning(*COLUMNS)).one())

    def put_off_letter(self, number: LetterId, since: datetime, due: datetime) -> None:
        """Have a letter tried again at `due`; it was first put off at `since`."""
        with self._db.write() as tx:
            later = update(letter).where(letter.c.id == number)
            tx.execute(later.values(since=since, due=due))

    def drop_letter(self, number: LetterId, *, again: bool = False) -> None:
        """Keep a letter no longer; `again` lets another of its kind be posted at once."""
        with self._db.write() as tx:
            gone = delete(letter).where(letter.c.id == number).returning(*COLUMNS)
            found = tx.execute(gone).first()
            if again and found is not None:
                one = _read(found)
                forget(tx, _cause(one.kind, one.subscriber), one.period)


def _cause(kind: LetterKind, subscriber: SubscriberId) -> str:
    return f"{kind}:{subscriber}"


def _read(row: Any) -> PendingLetter:
    return PendingLetter(
        id=LetterId(row.id),
        kind=LetterKind(row.kind),
        subscriber=SubscriberId(row.subscriber),
        choice=row.choice,
        period=row.period,
        made=row.made,
        since=row.since,
    )
