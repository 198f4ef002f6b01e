"""Editions after they were opened; serves editing, sending, the command line and the pages."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from publisher.model.editions import DeliveryState, Edition, EditionId, EditionState
from publisher.model.timetable import RunId
from publisher.store.database import Part
from publisher.store.edition_rows import (
    EDITION,
    TRIED,
    UNDER_WAY,
    cancel_waiting,
    check_state,
    counts_of,
    read_edition,
    read_editions,
    state_of,
)
from publisher.store.messages import forget_untouched
from publisher.store.schema import delivery, edition, lease, subscriber
from publisher.store.withholding import give_back

CANCELLED = "the edition was cancelled"


class EditionVerbs(Part):
    """Frozen editions, their states and their accounting."""

    def edition(self, edition: EditionId) -> Edition:
        """Return one with its counts. Raises NotFound."""
        with self._db.read() as tx:
            return read_edition(tx, edition)

    def edition_of_run(self, run: RunId) -> Edition | None:
        """Return the run's edition."""
        with self._db.read() as tx:
            found = read_editions(tx, select(*EDITION).where(edition.c.run == run))
            return found[0] if found else None

    def editions(
        self,
        *,
        schedule: str | None = None,
        states: Collection[EditionState] = (),
        limit: int | None = 50,
    ) -> Sequence[Edition]:
        """Return editions with counts, newest first; no states means all."""
        wanted = select(*EDITION).order_by(edition.c.id.desc()).limit(limit)
        if states:
            wanted = wanted.where(edition.c.state.in_([state.value for state in states]))
        if schedule is not None:
            wanted = wanted.where(edition.c.schedule == schedule)
        with self._db.read() as tx:
            return read_editions(tx, wanted)

    def sendable(self, now: datetime) -> Sequence[Edition]:
        """Return open editions that have deliveries to claim now, oldest first."""
        mine = delivery.c.edition == edition.c.id
        waiting = or_(*(exists().where(mine, ready) for ready in claimable(now)))
        wanted = select(*EDITION).where(_open(), waiting).order_by(edition.c.id)
        with self._db.read() as tx:
            return read_editions(tx, wanted)

    def tried(self, edition: EditionId) -> int:
        """Return how many copies that wait were tried already, so that they may have arrived."""
        waiting = select(func.count()).where(delivery.c.edition == edition, TRIED)
        with self._db.read() as tx:
            return tx.execute(waiting).scalar_one()

    def languages(self, edition: EditionId) -> Sequence[str]:
        """Return the different languages of an edition's readers ("" for who named none)."""
        mine = select(subscriber.c.language).distinct().where(delivery.c.edition == edition)
        joined = mine.join(delivery, delivery.c.subscriber == subscriber.c.id)
        with self._db.read() as tx:
            return sorted(tx.execute(joined).scalars())

    def set_subject(self, edition: EditionId, subject: str) -> None:
        """Remember the whole edition's subject. Raises NotFound."""
        with self._db.write() as tx:
            state_of(tx, edition)
            _change(tx, edition, subject=subject)

    def move_edition(
        self, edition: EditionId, states: Collection[EditionState], to: EditionState, reason: str
    ) -> Edition:
        """Change the state if it is one of `states` (cancelling suppresses what is queued).

        Raises Conflict, saying what it is instead, and NotFound.
        """
        with self._db.write() as tx:
            self._db.hold(tx, edition)
            check_state(tx, edition, states, to)
            _change(tx, edition, state=to.value, reason=reason, totals=None)
            if to is EditionState.OPEN:
                forget_untouched(tx, edition)
            if to is EditionState.CANCELLED:
                give_back(self._db, tx, edition, delivery.c.at)
                cancel_waiting(tx, edition, reason or CANCELLED, delivery.c.at)
            return read_edition(tx, edition)

    def finish_editions(self, now: datetime) -> Sequence[Edition]:
        """Mark open editions whose audience adds up as done, and return them."""
        with self._db.write() as tx:
            numbers = self._ended(tx)
            counts = counts_of(tx, numbers)
            for number in numbers:
                totals = {state.value: count for state, count in counts[number].items()}
                _change(tx, number, state=EditionState.DONE.value, totals=totals, ended=now)
                tx.execute(delete(lease).where(lease.c.edition == number))
            done = select(*EDITION).where(edition.c.id.in_(numbers)).order_by(edition.c.id)
            return read_editions(tx, done)

    def _ended(self, tx: Connection) -> list[int]:
        """Return open editions with nothing under way, each held until the commit."""
        under_way = exists().where(
            delivery.c.edition == edition.c.id, delivery.c.state.in_(UNDER_WAY)
        )
        ended = select(edition.c.id).where(_open(), ~under_way).order_by(edition.c.id)
        numbers: list[int] = []
        for number in tx.execute(ended).scalars().all():
            self._db.hold(tx, number)
            # A retry may have queued copies before it was ours to judge.
            numbers += tx.execute(ended.where(edition.c.id == number).with_for_update()).scalars()
        return numbers

    def next_due(self, now: datetime) -> datetime | None:  # noqa: ARG002  the port's
        """Return when the next deferred delivery of an open edition may be tried."""
        deferred = delivery.c.state == DeliveryState.DEFERRED.value
        soonest = select(func.min(delivery.c.due)).join(
            edition, and_(edition.c.id == delivery.c.edition, _open())
        )
        with self._db.read() as tx:
            return tx.execute(soonest.where(deferred)).scalar()


def claimable(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the two conditions under which a delivery may be claimed: queued, deferred and due.

    They are asked one after the other: an OR would keep both databases from walking the index.
    """
    return (
        delivery.c.state == DeliveryState.QUEUED.value,
        and_(delivery.c.state == DeliveryState.DEFERRED.value, delivery.c.due <= now),
    )


def _open() -> ColumnElement[bool]:
    return edition.c.state == EditionState.OPEN.value


def _change(tx: Connection, number: int, **values: object) -> None:
    tx.execute(update(edition).where(edition.c.id == number).values(**values))
