"""What we hear from our sources' WebSub hubs; serves core.pushes. One transaction a verb.

Decisions are written by compare-and-set on `change`: the page that a hub calls and whoever asks the
hub decide about the same row at once. What is counted needs none of that.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from publisher.model.pushes import (
    Listening,
    ListeningId,
    ListeningState,
    Offer,
    WaitingId,
    WaitingPush,
)
from publisher.store.database import Part, chunks
from publisher.store.push_schema import listening, waiting
from publisher.store.schema import source
from publisher.store.types import Instant, clean

LONGEST_ERROR = 300
_ALIVE = ListeningState.ALIVE.value
_DECIDED = (
    "token",
    "secret",
    "waits",
    "asked",
    "verified",
    "until",
    "due",
    "since",
)
_SHOWN = [column for column in listening.c if column.name not in {"held", "polled"}]


class PushVerbs(Part):
    """One row a listening, one a push that waits."""

    def offers(self) -> Mapping[str, Offer]:
        """Return what sources say of their hubs."""
        wanted = select(source.c.key, source.c.hubs, source.c.topic).where(source.c.hubs != [])
        with self._db.read() as connection:
            return {
                row.key: Offer(source=row.key, hubs=tuple(row.hubs), topic=row.topic)
                for row in connection.execute(wanted)
            }

    def listenings(self) -> Sequence[Listening]:
        """Return all listenings."""
        order = (listening.c.source, listening.c.id)
        with self._db.read() as connection:
            return [_read(row) for row in connection.execute(select(*_SHOWN).order_by(*order))]

    def listening_of(self, token: str) -> Listening | None:
        """Return the listening behind an address."""
        wanted = select(*_SHOWN).where(listening.c.token == clean(token))
        with self._db.read() as connection:
            row = connection.execute(wanted).first()
        return _read(row) if row else None

    def begin_listening(
        self, offer: Offer, hub: str, token: str, secret: str, now: datetime
    ) -> bool:
        """Begin with one hub of an offer."""
        values = {
            "source": offer.source,
            "hub": hub,
            "topic": offer.topic,
            "token": token,
            "secret": secret,
            "state": ListeningState.ASKING.value,
            "due": now,
        }
        with self._db.write() as tx:
            made = self._db.insert(listening).values(values)
            return bool(
                tx.execute(made.on_conflict_do_nothing().returning(listening.c.id)).first()
            )

    def put_listening(self, row: Listening, now: datetime) -> Listening | None:
        """Write what was decided."""
        same = and_(listening.c.id == row.id, listening.c.change == row.change)
        values = {name: getattr(row, name) for name in _DECIDED}
        values |= {"state": row.state.value, "error": row.error[:LONGEST_ERROR], "held": None}
        if row.verified is None:
            values |= {"polled": None, "missed": None}
        with self._db.write() as tx:
            before = select(listening.c.state).where(same).with_for_update()
            state = tx.execute(before).scalar()
            if state is None:
                return None
            changed = update(listening).where(same).values(change=row.change + 1, **values)
            made = tx.execute(changed.returning(*_SHOWN)).first()
            if state == _ALIVE and row.state is not ListeningState.ALIVE:
                _check_by(tx, [row.source], now)
        return _read(made) if made else None

    def drop_listening(self, row: Listening) -> None:
        """Forget a listening."""
        same = and_(listening.c.id == row.id, listening.c.change == row.change)
        with self._db.write() as tx:
            tx.execute(delete(listening).where(same))

    def take_listening(self, now: datetime, until: datetime) -> Listening | None:
        """Return the listening that has been due longest."""
        with self._db.write() as tx:
            first = select(listening.c.id).where(_due(now)).order_by(listening.c.due)
            number = tx.execute(first.limit(1).with_for_update(skip_locked=True)).scalar()
            if number is None:
                return None
            taken = update(listening).where(listening.c.id == number).values(held=until)
            return _read(tx.execute(taken.returning(*_SHOWN)).one())

    def keep_push(
        self, row: Listening, body: bytes, content_type: str, now: datetime, *, most: int
    ) -> bool:
        """Keep what a hub has brought until it is read."""
        mine = waiting.c.source == row.source
        values = {
            "listening": row.id,
            "source": row.source,
            "topic": row.topic,
            "digest": sha256(body).hexdigest(),
            "content_type": content_type,
            "body": body,
            "came": now,
            "due": now,
        }
        with self._db.write() as tx:
            here = tx.execute(select(func.count()).select_from(waiting).where(mine)).scalar_one()
            if here >= most:
                return False
            tx.execute(self._db.insert(waiting).values(values).on_conflict_do_nothing())
            heard = update(listening).where(listening.c.id == row.id)
            counted = {"last": now, "missed": None, "pushes": listening.c.pushes + 1}
            tx.execute(heard.values(counted))
            return True

    def drop_push(self, number: ListeningId) -> int:
        """Count a push that is not believed."""
        with self._db.write() as tx:
            counted = update(listening).where(listening.c.id == number)
            dropped = counted.values(dropped=listening.c.dropped + 1)
            return tx.execute(dropped.returning(listening.c.dropped)).scalar() or 0

    def take_waiting(self, now: datetime, until: datetime) -> WaitingPush | None:
        """Return the push that has waited longest."""
        free = or_(waiting.c.held.is_(None), waiting.c.held <= now)
        with self._db.write() as tx:
            first = select(waiting.c.id).where(waiting.c.due <= now, free).order_by(waiting.c.id)
            number = tx.execute(first.limit(1).with_for_update(skip_locked=True)).scalar()
            if number is None:
                return None
            taken = update(waiting).where(waiting.c.id == number).values(held=until)
            row = tx.execute(taken.returning(*waiting.c)).one()
        return WaitingPush(
            id=WaitingId(row.id),
            listening=ListeningId(row.listening),
            source=row.source,
            topic=row.topic,
            body=row.body,
            content_type=row.content_type,
            came=row.came,
            tries=row.tries,
        )

    def settle_waiting(self, number: WaitingId, now: datetime, *, poll: bool = False) -> None:
        """Forget a push that was read, or that cannot be."""
        with self._db.write() as tx:
            gone = delete(waiting).where(waiting.c.id == number).returning(waiting.c.source)
            name = tx.execute(gone).scalar()
            if poll and name is not None:
                _check_by(tx, [name], now)

    def put_off_waiting(self, number: WaitingId, due: datetime) -> None:
        """Have a push read again."""
        with self._db.write() as tx:
            later = update(waiting).where(waiting.c.id == number)
            tx.execute(later.values(due=due, held=None, tries=waiting.c.tries + 1))

    def waiting_pushes(self) -> Mapping[ListeningId, int]:
        """Return how many pushes wait."""
        wanted = select(waiting.c.listening, func.count()).group_by(waiting.c.listening)
        with self._db.read() as connection:
            return {ListeningId(number): many for number, many in connection.execute(wanted)}

    def pushes_due(self, now: datetime) -> int:
        """Return how many pieces of work are due."""
        wanted = (
            select(func.count()).select_from(listening).where(_due(now)),
            select(func.count()).select_from(waiting).where(waiting.c.due <= now),
        )
        with self._db.read() as connection:
            return sum(connection.execute(one).scalar_one() for one in wanted)

    def polled(self, news: Mapping[str, bool], now: datetime, late: timedelta) -> Sequence[str]:
        """Note polls of sources that are listened to, and which found what no hub brought."""
        if not news:
            return ()
        live = and_(listening.c.state == _ALIVE, listening.c.until > now)
        with self._db.read() as connection:
            columns = (listening.c.id, listening.c.source)
            heard = connection.execute(select(*columns).where(live)).all()
        here = [row.id for row in heard if row.source in news]
        if not here:
            return ()
        silent = or_(listening.c.last.is_(None), listening.c.last < listening.c.polled)
        new = [row.id for row in heard if news.get(row.source)]
        found: list[str] = []
        with self._db.write() as tx:
            for some in chunks(new):
                doubted = (
                    update(listening)
                    .where(listening.c.id.in_(some), listening.c.polled.is_not(None), silent)
                    .where(listening.c.missed.is_(None))
                    .values(missed=now, due=_sooner(listening.c.due, now + late))
                )
                found += tx.execute(doubted.returning(listening.c.source)).scalars()
            for some in chunks(here):
                tx.execute(update(listening).where(listening.c.id.in_(some)).values(polled=now))
            _check_by(tx, found, now + late)
        return found

    def alive_sources(self, now: datetime, late: timedelta) -> Collection[str]:
        """Return the sources whose hubs may be relied on."""
        sure = or_(listening.c.missed.is_(None), listening.c.missed > now - late)
        wanted = select(listening.c.source).where(
            listening.c.state == _ALIVE, listening.c.until > now, sure
        )
        with self._db.read() as connection:
            return frozenset(connection.execute(wanted).scalars())


def _due(now: datetime) -> ColumnElement[bool]:
    """Tell of listenings with something to do that nobody is doing; failed ones wait for a plan."""
    free = or_(listening.c.held.is_(None), listening.c.held <= now)
    at_work = listening.c.state != ListeningState.FAILED.value
    return and_(listening.c.due <= now, at_work, free)


def _check_by(tx: Connection, sources: Sequence[str], when: datetime) -> None:
    """Have sources polled by an instant."""
    for some in chunks(sources):
        late = and_(source.c.key.in_(some), source.c.next_check > when)
        tx.execute(update(source).where(late).values(next_check=when))


def _sooner(column: Any, when: datetime) -> ColumnElement[Any]:
    """Return the earlier of a column's instant and another; columns without one stay so."""
    return case((column > when, literal(when, Instant())), else_=column)


def _read(row: Any) -> Listening:
    values = dict(row._mapping)  # noqa: SLF001  the documented name, see its manual under Row
    return Listening(**values | {"state": ListeningState(row.state), "id": ListeningId(row.id)})
