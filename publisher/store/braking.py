"""Complaints, and editions that stop by themselves; serves core.braking.

Everything is counted from the ledger. What is asked after every batch reads few rows; what reads
many is asked only when the few give reason to.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)

from publisher.errors import NotFound
from publisher.model.editions import (
    BY_FEED,
    DeliveryState,
    EditionId,
    EditionState,
    Refusal,
    Trouble,
)
from publisher.model.subscribers import Complaint, SubscriberStatus
from publisher.store.database import Part
from publisher.store.edition_rows import UNDER_WAY, state_of
from publisher.store.schema import (
    brake,
    complaint,
    delivery,
    edition,
    subscriber,
    suppression,
)
from publisher.store.turns import BOUNCED
from publisher.store.types import EPOCH

COMPLAINTS = "complaints"
"""The cause that concerns every edition at once."""

ERRORS = "errors"
"""The cause that may be our own fault: nobody is suppressed for it."""

COMPLAINED = "complained"
FAILED, ACCEPTED = DeliveryState.FAILED.value, DeliveryState.ACCEPTED.value


class BrakeVerbs(Part):
    """What stops an edition, and the record of it."""

    def complain(self, complaint_: Complaint, now: datetime) -> bool:
        """Record a complaint: its author is unsubscribed, the address suppressed.

        False, and nothing done, for evidence that was recorded before. Raises NotFound.
        """
        who = subscriber.c.id == complaint_.subscriber
        row = {
            "evidence": complaint_.evidence,
            "subscriber": complaint_.subscriber,
            "at": complaint_.at,
        }
        noted = self._db.insert(complaint).values(row).on_conflict_do_nothing()
        with self._db.write() as tx:
            person = tx.execute(
                select(subscriber.c.address, subscriber.c.email, subscriber.c.erased).where(who)
            ).first()
            if person is None:
                raise NotFound(
                    f"subscriber {complaint_.subscriber}", "there is no such subscriber"
                )
            if tx.execute(noted.returning(complaint.c.evidence)).first() is None:
                return False
            if person.erased is None:
                left = {"status": SubscriberStatus.UNSUBSCRIBED.value}
                tx.execute(update(subscriber).where(who).values(left))
                barred = {"address": person.address, "email": person.email}
                told = {**barred, "reason": COMPLAINED, "since": now}
                tx.execute(self._db.insert(suppression).values(told).on_conflict_do_nothing())
            return True

    def trouble(self, number: EditionId) -> Trouble:
        """Return what went wrong with an edition since it was last released. Raises NotFound."""
        with self._db.read() as tx:
            state_of(tx, number)
            released = _released(tx, brake.c.edition == number)
            failed = _count(tx, number, released, FAILED)
            return Trouble(
                failed=failed,
                tried=failed + _count(tx, number, released, ACCEPTED),
                blocked=_blocked(tx, number, released),
            )

    def complaints(self, since: datetime) -> int:
        """Return how many complaints came in since then, or since they last were forgiven."""
        with self._db.read() as tx:
            return _complaints(tx, since)

    def accepted(self, since: datetime, most: int) -> int:
        """Return how many copies of all editions were accepted in that time; counts to `most`.

        In the same time as `complaints`. Editions that ended before it are not looked at.
        """
        with self._db.read() as tx:
            since = max(since, _released(tx, brake.c.cause == COMPLAINTS) or EPOCH)
            gone_on = edition.c.ended.is_(None) | (edition.c.ended >= since)
            here = (delivery.c.edition == edition.c.id, delivery.c.state == ACCEPTED)
            mine = and_(*here, delivery.c.transport != BY_FEED)
            wanted: Select[Any] = (
                select(literal_column("1")).select_from(edition).join(delivery, mine)
            )
            wanted = wanted.where(gone_on, delivery.c.at >= since).limit(most)
            return _size(tx, wanted)

    def tried_at(self, number: EditionId, domain: str) -> int:
        """Return how many copies to a domain were tried, since the edition was released."""
        with self._db.read() as tx:
            released = _released(tx, brake.c.edition == number)
            wanted = select(func.count()).select_from(delivery).join(subscriber)
            return tx.execute(
                wanted.where(
                    delivery.c.edition == number,
                    delivery.c.attempts > 0,
                    *_after(released),
                    subscriber.c.address.endswith(f"@{domain}", autoescape=True),
                )
            ).scalar_one()

    def brake(self, number: EditionId, cause: str, reason: str, now: datetime) -> bool:
        """Pause an open edition of which somebody still waits; False when there is none such.

        Where the cause is too many errors, whom it suppressed since it was released is suppressed no
        more, whether somebody waits or not: so many addresses do not die at once.
        """
        waits = exists().where(delivery.c.edition == number, delivery.c.state.in_(UNDER_WAY))
        with self._db.write() as tx:
            self._db.hold(tx, number)
            if cause == ERRORS:
                _spare(tx, number)
            open_still = (edition.c.id == number, edition.c.state == EditionState.OPEN.value)
            paused = {"state": EditionState.PAUSED.value, "reason": reason, "totals": None}
            done = tx.execute(update(edition).where(*open_still, waits).values(paused)).rowcount
            if done:
                row = {"edition": number, "cause": cause, "pulled": now}
                tx.execute(insert(brake).values(row))
            return done > 0


def release_brake(tx: Connection, number: int, now: datetime) -> None:
    """Note that somebody lets an edition go on in spite of what had stopped it."""
    pulled = (brake.c.edition == number, brake.c.released.is_(None))
    tx.execute(update(brake).where(*pulled).values(released=now))


def _spare(tx: Connection, number: int) -> None:
    """Lift the suppressions that an edition's refusals brought about."""
    released = _released(tx, brake.c.edition == number)
    told: Select[Any] = select(literal_column("1")).select_from(subscriber).join(delivery)
    told = told.where(
        subscriber.c.address == suppression.c.address,
        delivery.c.edition == number,
        delivery.c.refusal == Refusal.HARD.value,
        delivery.c.at == suppression.c.since,
        *_after(released),
    )
    bounced = suppression.c.reason.startswith(BOUNCED)
    tx.execute(delete(suppression).where(bounced, told.correlate(suppression).exists()))


def _released(tx: Connection, which: Any) -> datetime | None:
    return tx.execute(select(func.max(brake.c.released)).where(which)).scalar()


def _after(released: datetime | None) -> tuple[Any, ...]:
    return () if released is None else (delivery.c.at >= released,)


def _count(tx: Connection, number: int, released: datetime | None, state: str) -> int:
    """Count what ended in a state; what we refused ourselves, or put into a feed, was never tried."""
    mine = (delivery.c.edition == number, delivery.c.state == state)
    tried = delivery.c.attempts > 0 if state == FAILED else delivery.c.transport != BY_FEED
    wanted = select(func.count()).select_from(delivery).where(*mine, tried, *_after(released))
    return tx.execute(wanted).scalar_one()


def _blocked(tx: Connection, number: int, released: datetime | None) -> dict[str, int]:
    # The literal lets both databases use the index of those rows.
    policy = delivery.c.refusal == literal_column(f"'{Refusal.POLICY.value}'")
    wanted = select(subscriber.c.address).join(delivery, delivery.c.subscriber == subscriber.c.id)
    wanted = wanted.where(delivery.c.edition == number, policy, *_after(released))
    wanted = wanted.where(delivery.c.state == FAILED)  # who puts off asks for less, or for time
    addresses = tx.execute(wanted).scalars()
    return dict(Counter(address.rpartition("@")[2] for address in addresses))


def _complaints(tx: Connection, since: datetime) -> int:
    since = max(since, _released(tx, brake.c.cause == COMPLAINTS) or EPOCH)
    wanted = select(func.count()).select_from(complaint).where(complaint.c.at >= since)
    return tx.execute(wanted).scalar_one()


def _size(tx: Connection, wanted: Any) -> int:
    return tx.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
