"""What a transport took on each day; serves warm-up. All processes count on the same rows."""

from datetime import datetime

from sqlalchemy import select, update

from publisher.ports import Warming
from publisher.store.database import Part
from publisher.store.schema import relay_day


class WarmingVerbs(Part):
    """Counts of a transport's days."""

    def taken(self, transport: str, day: str) -> tuple[int, int]:
        """Return how many copies and how many letters a transport took on a day."""
        columns = (relay_day.c.editions, relay_day.c.letters)
        wanted = select(*columns).where(relay_day.c.transport == transport, relay_day.c.day == day)
        with self._db.read() as tx:
            found = tx.execute(wanted).first()
        return (0, 0) if found is None else (found.editions, found.letters)

    def take(self, warming: Warming, wanted: int, now: datetime) -> int:
        """Count copies that are about to go, as many of `wanted` as today still takes; return them.

        Together processes never take more than the day allows.
        """
        row = {"transport": warming.transport, "day": warming.day(now)}
        insert = self._db.insert(relay_day).values(row)
        # Changing nothing holds the row: whoever comes next waits, and sees what was taken.
        held = insert.on_conflict_do_update(
            index_elements=list(row), set_={"editions": relay_day.c.editions}
        )
        counts = held.returning(relay_day.c.editions, relay_day.c.letters)
        mine = [relay_day.c[name] == value for name, value in row.items()]
        with self._db.write() as tx:
            had = tx.execute(counts).one()
            room = warming.room(now, had.editions, had.letters)
            number = wanted if room is None else min(wanted, room)
            more = {"editions": relay_day.c.editions + number}
            tx.execute(update(relay_day).where(*mine).values(more))
            return number

    def give_back(self, transport: str, day: str, number: int) -> None:
        """Count copies no more that a transport did not take after all."""
        mine = (relay_day.c.transport == transport, relay_day.c.day == day)
        less = {"editions": relay_day.c.editions - number}
        with self._db.write() as tx:
            tx.execute(update(relay_day).where(*mine).values(less))

    def note_letter(self, transport: str, day: str) -> None:
        """Count a letter that a transport took on a day."""
        row = {"transport": transport, "day": day, "letters": 1}
        insert = self._db.insert(relay_day).values(row)
        one_more = {"letters": relay_day.c.letters + 1}
        with self._db.write() as tx:
            tx.execute(
                insert.on_conflict_do_update(index_elements=["transport", "day"], set_=one_more)
            )
