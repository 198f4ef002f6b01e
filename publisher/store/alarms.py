"""What the operators were told, and which letters went; serves core.alarming and letters.py.

Several processes may find the same trouble: who writes the row sends the message.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete

from publisher.store.database import Database, Part
from publisher.store.schema import alarm

KEPT = timedelta(days=31)
"""How long a note is kept; a day is all that is needed of it."""


class AlarmVerbs(Part):
    """Notes of one cause and day each."""

    def note_alarm(self, cause: str, day: str, now: datetime) -> bool:
        """Note a cause once per local day; False when that was done before."""
        with self._db.write() as tx:
            return note(self._db, tx, cause, day, now)

    def forget_alarm(self, cause: str, day: str) -> None:
        """Take a note back: the message was not accepted."""
        with self._db.write() as tx:
            forget(tx, cause, day)


def note(database: Database, tx: Connection, cause: str, day: str, now: datetime) -> bool:
    """Note a cause in a transaction; False when that was done before."""
    row = {"cause": cause, "day": day, "noted": now}
    noted = database.insert(alarm).values(row).on_conflict_do_nothing()
    tx.execute(delete(alarm).where(alarm.c.noted < now - KEPT))
    return tx.execute(noted.returning(alarm.c.cause)).first() is not None


def forget(tx: Connection, cause: str, day: str) -> None:
    """Take a note back in a transaction."""
    tx.execute(delete(alarm).where(and_(alarm.c.cause == cause, alarm.c.day == day)))
