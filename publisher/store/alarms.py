"""What the operators were told; serves core.alarming.

Several processes may find the same trouble: who writes the row sends the message.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete

from publisher.store.database import Part
from publisher.store.schema import alarm

KEPT = timedelta(days=31)
"""How long a note is kept; a day is all that is needed of it."""


class AlarmVerbs(Part):
    """Notes of one cause and day each."""

    def note_alarm(self, cause: str, day: str, now: datetime) -> bool:
        """Note a cause once per local day; False when that was done before."""
        row = {"cause": cause, "day": day, "noted": now}
        noted = self._db.insert(alarm).values(row).on_conflict_do_nothing()
        with self._db.write() as tx:
            tx.execute(delete(alarm).where(alarm.c.noted < now - KEPT))
            return tx.execute(noted.returning(alarm.c.cause)).first() is not None

    def forget_alarm(self, cause: str, day: str) -> None:
        """Take a note back: the message was not accepted."""
        with self._db.write() as tx:
            tx.execute(delete(alarm).where(and_(alarm.c.cause == cause, alarm.c.day == day)))
