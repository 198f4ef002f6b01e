"""The ledger between turns: claiming, releasing, sweeping, retrying, reading; serves sending."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, delete, exists, or_, select, update

from publisher.errors import Conflict, NotFound
from publisher.model.editions import (
    BY_FEED,
    Delivery,
    DeliveryId,
    DeliveryState,
    EditionId,
    EditionState,
    Refusal,
)
from publisher.model.subscribers import SubscriberId
from publisher.ports import Pacing
from publisher.store.consent import Verdict, verdicts
from publisher.store.database import Part, chunks
from publisher.store.edition_rows import (
    DELIVERY,
    HELD,
    cancel_waiting,
    check_whole,
    read_deliveries,
    state_of,
    taken_up,
)
from publisher.store.editions import CANCELLED, claimable
from publisher.store.feeding import fill
from publisher.store.keeping import is_held, step
from publisher.store.memory import remember
from publisher.store.pacing import postpone
from publisher.store.schema import delivery, edition, lease, run, selection
from publisher.store.selections import read_selection

RETRIED = (DeliveryState.FAILED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN)
DIED = "the worker died while this was on the wire"
KEPT = 50
"""How many of a person's deliveries say how their mailbox does."""

FREE = {"owner": "", "due": None}


class DeliveryVerbs(Part):
    """Ledger rows; `turn` stands in turns.py."""

    def claim(
        self,
        edition: EditionId,
        owner: str,
        now: datetime,
        lease_until: datetime,
        limit: int = 500,
        pacing: Pacing | None = None,
    ) -> Sequence[Delivery]:
        """Take a batch: queued, or deferred and due, oldest first. Claimed is not sending.

        Those who must not be written to any more become suppressed instead, those who by `pacing`
        may not get it yet are deferred again, without counting a try, and readers by feed find it
        there. Empty when nothing is left to claim, the edition is not open, or the store is held back.
        """
        with self._db.write() as tx:
            self._db.hold(tx, edition, shared=True)
            if state_of(tx, edition) is not EditionState.OPEN or is_held(tx):
                return []
            may: list[int] = []
            while not may and (numbers := self._take(tx, edition, owner, now, limit)):
                by_mail, by_feed = self._judge(tx, edition, numbers, now)
                may = sorted([*by_mail, *by_feed])
                if pacing is not None:
                    may = postpone(self._db, tx, edition, may, now, pacing)
                fill(self._db.raw(tx), [one for one in may if one in by_feed], now)
                may = [one for one in may if one not in by_feed]
            if may:
                self._lease(tx, edition, owner, lease_until)
            claimed = [
                one
                for part in chunks(may)
                for one in read_deliveries(
                    tx, DELIVERY.where(delivery.c.id.in_(part)).order_by(delivery.c.id)
                )
            ]
            count = step(self._db.raw(tx))
        self._db.noted(count)
        return claimed

    def release(self, edition: EditionId, owner: str, now: datetime) -> int:
        """Return what this owner has claimed but not begun to the queue."""
        with self._db.write() as tx:
            self._db.hold(tx, edition)
            mine = (delivery.c.edition == edition, delivery.c.owner == owner)
            claimed = delivery.c.state == DeliveryState.CLAIMED.value
            back = {**FREE, "state": DeliveryState.QUEUED.value, "at": now}
            count = tx.execute(update(delivery).where(*mine, claimed).values(back)).rowcount
            _settle_cancelled(tx, edition, now)
            _drop_lease(tx, edition, owner)
            return count

    def sweep(self, now: datetime, dead: Collection[str], resend: bool) -> tuple[int, int]:  # noqa: FBT001  the port's
        """Settle expired leases and those of dead owners. Return (returned, uncertain).

        Claimed ones return to the queue; those on the wire become uncertain, which counts as sent,
        or (`resend`) return to the queue too.
        """
        with self._db.write() as tx:
            return self._sweep(tx, now, dead, resend=resend)

    def _sweep(
        self, tx: Connection, now: datetime, dead: Collection[str], *, resend: bool
    ) -> tuple[int, int]:
        returned = uncertain = 0
        lost = or_(lease.c.until <= now, lease.c.owner.in_(sorted(dead)))
        leases = select(lease.c.edition, lease.c.owner).where(lost)
        for number, owner in tx.execute(leases.order_by(lease.c.edition, lease.c.owner)).all():
            self._db.hold(tx, number)
            mine_too = (lease.c.edition == number, lease.c.owner == owner)
            if tx.execute(leases.where(*mine_too)).first() is None:
                continue  # prolonged, or swept by another, before it was ours to judge
            mine = (delivery.c.edition == number, delivery.c.owner == owner)
            settled = self._settle(tx, mine, now, resend=resend)
            returned, uncertain = returned + settled[0], uncertain + settled[1]
            _settle_cancelled(tx, number, now)
            _drop_lease(tx, number, owner)
        return returned, uncertain

    def _settle(
        self, tx: Connection, mine: tuple[Any, ...], now: datetime, *, resend: bool
    ) -> tuple[int, int]:
        """Take rows out of a lost owner's hands; return (returned to the queue, uncertain)."""
        uncertain = self._doubt(tx, mine, now, resend=resend)
        back = {**FREE, "state": DeliveryState.QUEUED.value, "at": now}
        claimed = delivery.c.state == DeliveryState.CLAIMED.value
        returned = tx.execute(update(delivery).where(*mine, claimed).values(back)).rowcount
        return returned, uncertain

    def owners(self) -> Sequence[str]:
        """Return who holds leases on deliveries or runs."""
        workers = select(lease.c.owner).union(select(run.c.owner).where(run.c.owner != ""))
        with self._db.read() as tx:
            return sorted(tx.execute(workers).scalars())

    def deliveries(
        self, edition: EditionId, states: Collection[DeliveryState] = (), limit: int | None = None
    ) -> Sequence[Delivery]:
        """Return ledger rows, ordered by id; no states means all."""
        wanted = DELIVERY.where(delivery.c.edition == edition)
        if states:
            wanted = wanted.where(delivery.c.state.in_([state.value for state in states]))
        with self._db.read() as tx:
            return read_deliveries(tx, wanted.order_by(delivery.c.id).limit(limit))

    def delivery(self, delivery: DeliveryId) -> Delivery:
        """Return one row. Raises NotFound."""
        with self._db.read() as tx:
            return _by_id(tx, delivery)

    def retry(self, edition: EditionId, states: Collection[DeliveryState], now: datetime) -> int:
        """Queue failed, deferred or uncertain ones again; reopens a finished edition.

        A failed copy whose stories a later edition has taken up stays failed: promise 4 goes before
        the wish. Return how many were queued. Raises Conflict for a cancelled edition, NotFound.
        """
        asked = [state.value for state in RETRIED if state in states]
        with self._db.write() as tx:
            self._db.hold(tx, edition)
            stands = state_of(tx, edition)
            if stands is EditionState.CANCELLED:
                raise Conflict(f"edition {edition}", "it was cancelled; nothing more is sent")
            check_whole(tx, edition)
            mine = (delivery.c.edition == edition, delivery.c.state.in_(asked))
            told = (selection.c.articles, selection.c.more)
            columns = (delivery.c.id, delivery.c.subscriber, *told)
            rows = tx.execute(
                select(*columns).join(selection).where(*mine).with_for_update()
            ).all()
            taken = taken_up(tx, edition, DeliveryState.FAILED)
            again = [
                row.id
                for row in rows
                if taken[row.subscriber].isdisjoint((*row.articles, *row.more))
            ]
            # Back-off begins anew, as does the time after which it gives up.
            back = {**FREE, "state": DeliveryState.QUEUED.value, "since": None, "at": now}
            for part in chunks(again):
                tx.execute(update(delivery).where(delivery.c.id.in_(part)).values(back))
            if again:
                _reopen(tx, edition, stands)
            return len(again)

    def delivery_to(self, subscriber: SubscriberId, edition: EditionId) -> Delivery:
        """Return one person's row of an edition. Raises NotFound."""
        mine = (delivery.c.subscriber == subscriber, delivery.c.edition == edition)
        with self._db.read() as tx:
            found = read_deliveries(tx, DELIVERY.where(*mine))
        if not found:
            raise NotFound(
                f"edition {edition}", f"subscriber {subscriber} is not among its readers"
            )
        return found[0]

    def deliveries_to(self, subscriber: SubscriberId, limit: int = 50) -> Sequence[Delivery]:
        """Return what one person was sent, newest first."""
        wanted = DELIVERY.where(delivery.c.subscriber == subscriber)
        with self._db.read() as tx:
            return read_deliveries(tx, wanted.order_by(delivery.c.id.desc()).limit(limit))

    def soft_failures(self, subscriber: SubscriberId) -> Sequence[datetime]:
        """Return when the person's copies failed softly since the last that was accepted.

        Newest first, at most `KEPT` looked at. What says nothing of them (a refused sender, a lost
        worker) is passed over.
        """
        told = (DeliveryState.ACCEPTED.value, DeliveryState.FAILED.value)
        mailed = delivery.c.transport != BY_FEED  # a feed says nothing of a mailbox
        mine = (delivery.c.subscriber == subscriber, delivery.c.state.in_(told), mailed)
        wanted = select(delivery.c.state, delivery.c.refusal, delivery.c.at).where(*mine)
        with self._db.read() as tx:
            rows = tx.execute(wanted.order_by(delivery.c.at.desc()).limit(KEPT)).all()
        since = takewhile(lambda row: row.state == DeliveryState.FAILED.value, rows)
        return [row.at for row in since if row.refusal == Refusal.SOFT.value]

    def _take(
        self, tx: Connection, number: EditionId, owner: str, now: datetime, limit: int
    ) -> list[int]:
        """Mark the oldest claimable rows as this owner's and return their ids."""
        numbers: list[int] = []
        for ready in claimable(now):
            oldest = select(delivery.c.id).where(delivery.c.edition == number, ready)
            oldest = oldest.order_by(delivery.c.id).limit(limit - len(numbers))
            numbers += tx.execute(oldest.with_for_update(skip_locked=True)).scalars()
        taken = {
            "state": DeliveryState.CLAIMED.value,
            "owner": owner,
            "due": None,
            "at": now,
        }
        for part in chunks(numbers):
            tx.execute(update(delivery).where(delivery.c.id.in_(part)).values(taken))
        return numbers

    def _judge(
        self, tx: Connection, number: EditionId, numbers: Sequence[int], now: datetime
    ) -> tuple[list[int], set[int]]:
        """Suppress those who must not be written to any more; return the others: by mail, by feed."""
        raw = self._db.raw(tx)
        by_mail: list[int] = []
        by_feed: set[int] = set()
        for part in chunks(numbers):
            judged = verdicts(raw, number, part)
            may = [one for one in part if judged[one].may]
            by_mail += [one for one in may if not judged[one].by_feed]
            by_feed.update(one for one in may if judged[one].by_feed)
            for verdict in judged.values():
                _suppress(tx, verdict, now)
        return by_mail, by_feed

    def _lease(self, tx: Connection, number: EditionId, owner: str, until: datetime) -> None:
        row = {"edition": number, "owner": owner, "until": until}
        upsert = self._db.insert(lease).values(row)
        tx.execute(
            upsert.on_conflict_do_update(
                index_elements=["edition", "owner"], set_={"until": until}
            )
        )

    def _doubt(self, tx: Connection, mine: tuple[Any, ...], now: datetime, *, resend: bool) -> int:
        """Settle what was on the wire; what is held back counts as sent. Return how many."""
        sending = delivery.c.state == DeliveryState.SENDING.value
        columns = (delivery.c.id, delivery.c.subscriber, delivery.c.selection)
        rows = tx.execute(select(*columns).where(*mine, sending).order_by(delivery.c.id)).all()
        state = DeliveryState.QUEUED if resend else DeliveryState.UNCERTAIN
        raw = self._db.raw(tx)
        for row in rows:
            values = {
                **FREE,
                "state": state.value,
                "reason": DIED,
                "at": now,
                "remembered": delivery.c.remembered if resend else True,
            }
            tx.execute(update(delivery).where(delivery.c.id == row.id).values(values))
        if not resend:
            sent = [(row.subscriber, read_selection(raw, row.selection)) for row in rows]
            remember(raw, sent)
        return len(rows)


def _by_id(tx: Connection, number: DeliveryId) -> Delivery:
    found = read_deliveries(tx, DELIVERY.where(delivery.c.id == number))
    if not found:
        raise NotFound(f"delivery {number}", "there is no such delivery")
    return found[0]


def _suppress(tx: Connection, verdict: Verdict, now: datetime) -> None:
    if not verdict.may:
        ended = {
            **FREE,
            "state": DeliveryState.SUPPRESSED.value,
            "reason": verdict.reason,
            "at": now,
        }
        tx.execute(update(delivery).where(delivery.c.id == verdict.delivery).values(ended))


def _settle_cancelled(tx: Connection, number: int, now: datetime) -> None:
    if state_of(tx, number) is EditionState.CANCELLED:
        cancel_waiting(tx, number, CANCELLED, now)


def _drop_lease(tx: Connection, number: int, owner: str) -> None:
    """Forget a lease under which nothing is held any more."""
    held = exists().where(
        delivery.c.edition == number,
        delivery.c.owner == owner,
        delivery.c.state.in_(HELD),
    )
    tx.execute(delete(lease).where(lease.c.edition == number, lease.c.owner == owner, ~held))


def _reopen(tx: Connection, number: int, stands: EditionState) -> None:
    """Open a finished edition again; its counts move once more."""
    state = EditionState.OPEN if stands is EditionState.DONE else stands
    values = {"state": state.value, "totals": None}
    tx.execute(update(edition).where(edition.c.id == number).values(values))
