"""Putting the ledger right after an accident; serves `repair`.

What a crash leaves is settled by `sweep` in daily work. This also looks for what no crash of ours
should leave: rows whose lease is gone, finished editions that are not, sums that do not add up.
"""

from collections.abc import Collection, Iterable
from contextlib import nullcontext
from datetime import datetime

from sqlalchemy import Column, Connection, and_, delete, exists, func, or_, select, update

from publisher.model.editions import DeliveryState, EditionState
from publisher.model.keeping import Repaired
from publisher.model.timetable import RunState
from publisher.store.database import undone
from publisher.store.deliveries import DeliveryVerbs
from publisher.store.edition_rows import HELD, UNDER_WAY, WAITING, cancel_waiting, counts_of
from publisher.store.editions import CANCELLED
from publisher.store.schema import delivery, edition, lease, run, selection, subscriber

PROBLEMS = 20
"""At most so many lines of the database's own check."""

LINKS: tuple[tuple[str, Column[int], Column[int]], ...] = (
    ("delivery without its edition", delivery.c.edition, edition.c.id),
    ("delivery without its subscriber", delivery.c.subscriber, subscriber.c.id),
    ("delivery without its selection", delivery.c.selection, selection.c.id),
    ("selection without its edition", selection.c.edition, edition.c.id),
    ("edition without its run", edition.c.run, run.c.id),
)
"""What a row must belong to; the database watches over it as well, unless somebody switched it off."""


class RepairVerbs(DeliveryVerbs):
    """The ledger, and what brings it back into order."""

    def repair(
        self,
        now: datetime,
        dead: Collection[str],
        resend: bool,  # noqa: FBT001  the verb is always called with its names
        dry: bool,  # noqa: FBT001  as above
    ) -> Repaired:
        """Put the ledger right in one transaction; `dry` only says what would be done.

        `dead` are owners that are certainly gone, `resend` is what `sweep` takes.
        """
        damage = self._damage()
        with self._db.write() as tx, undone(tx) if dry else nullcontext():
            runs = _free_runs(tx, now, dead)
            returned, uncertain = self._sweep(tx, now, dead, resend=resend)
            more = self._free_rows(tx, now, resend=resend)
            timeless = and_(
                delivery.c.state == DeliveryState.DEFERRED.value, delivery.c.due.is_(None)
            )
            due = tx.execute(update(delivery).where(timeless).values(due=now)).rowcount
            return Repaired(
                damage=damage,
                orphans=_orphans(tx),
                runs=runs,
                returned=returned + more[0],
                uncertain=uncertain + more[1],
                due=due,
                reopened=_reopen(tx),
                cancelled=_cancel(tx, now),
                recounted=_recount(tx),
                leases=_drop_leases(tx),
            )

    def _damage(self) -> tuple[str, ...]:
        """Return what the database's own check finds; a server checks its pages by itself."""
        if not self._db.sqlite:
            return ()
        with self._db.read() as tx:
            lines = [row[0] for row in tx.exec_driver_sql(f"PRAGMA integrity_check({PROBLEMS})")]
        return tuple(line for line in lines if line != "ok")

    def _free_rows(self, tx: Connection, now: datetime, *, resend: bool) -> tuple[int, int]:
        """Settle rows that are held under no lease; return (returned, uncertain)."""
        leased = exists().where(
            lease.c.edition == delivery.c.edition, lease.c.owner == delivery.c.owner
        )
        held = select(delivery.c.edition, delivery.c.owner).distinct()
        lost = held.where(delivery.c.state.in_(HELD), ~leased)
        returned = uncertain = 0
        for number, owner in tx.execute(lost).all():
            self._db.hold(tx, number)
            mine = (delivery.c.edition == number, delivery.c.owner == owner)
            settled = self._settle(tx, mine, now, resend=resend)
            returned, uncertain = returned + settled[0], uncertain + settled[1]
        return returned, uncertain


def _free_runs(tx: Connection, now: datetime, dead: Collection[str]) -> int:
    """Let runs wait again whose process died or was silent for too long."""
    lost = or_(run.c.owner.in_(sorted(dead)), run.c.lease.is_(None), run.c.lease <= now)
    running = run.c.state == RunState.RUNNING.value
    freed = {"state": RunState.WAITING.value, "owner": "", "lease": None}
    return tx.execute(update(run).where(running, lost).values(freed)).rowcount


def _reopen(tx: Connection) -> tuple[int, ...]:
    """Open finished editions of which somebody still waits."""
    waits = exists().where(delivery.c.edition == edition.c.id, delivery.c.state.in_(UNDER_WAY))
    done = edition.c.state == EditionState.DONE.value
    numbers = _numbers(tx.execute(select(edition.c.id).where(done, waits)).scalars())
    opened = {"state": EditionState.OPEN.value, "totals": None, "ended": None}
    tx.execute(update(edition).where(edition.c.id.in_(numbers)).values(opened))
    return numbers


def _cancel(tx: Connection, now: datetime) -> int:
    """Settle what still waits of cancelled editions; return how many."""
    cancelled = edition.c.state == EditionState.CANCELLED.value
    mine = delivery.c.state.in_(WAITING)
    waiting = select(edition.c.id, func.count()).join(
        delivery, and_(delivery.c.edition == edition.c.id, mine)
    )
    found = tx.execute(waiting.where(cancelled).group_by(edition.c.id)).all()
    for number, _ in found:
        cancel_waiting(tx, number, CANCELLED, now)
    return sum(count for _, count in found)


def _recount(tx: Connection) -> tuple[int, ...]:
    """Make audiences and folded totals equal to the rows, where there are rows."""
    rows = select(delivery.c.edition, func.count().label("readers"))
    counted = rows.group_by(delivery.c.edition).subquery()
    wanted = select(edition.c.id, edition.c.audience, edition.c.totals, counted.c.readers)
    whole = edition.c.folded.is_(None)
    listed = tx.execute(wanted.join(counted, counted.c.edition == edition.c.id).where(whole)).all()
    folded = [row.id for row in listed if row.totals is not None]
    tx.execute(update(edition).where(edition.c.id.in_(folded)).values(totals=None))
    counts = counts_of(tx, folded)
    wrong: list[int] = []
    for row in listed:
        totals = {state.value: n for state, n in counts[row.id].items()} if row.totals else None
        if row.audience != row.readers or totals != row.totals:
            wrong.append(row.id)
        if totals is not None or row.audience != row.readers:
            values = {"audience": row.readers, "totals": totals}
            tx.execute(update(edition).where(edition.c.id == row.id).values(values))
    return _numbers(wrong)


def _drop_leases(tx: Connection) -> int:
    """Forget leases under which nothing is held."""
    held = exists().where(
        delivery.c.edition == lease.c.edition,
        delivery.c.owner == lease.c.owner,
        delivery.c.state.in_(HELD),
    )
    return tx.execute(delete(lease).where(~held)).rowcount


def _orphans(tx: Connection) -> dict[str, int]:
    """Count rows that have lost what they belong to."""
    found: dict[str, int] = {}
    for name, link, target in LINKS:
        lost = select(func.count()).where(~exists().where(target == link)).select_from(link.table)
        if count := tx.execute(lost).scalar_one():
            found[name] = count
    return found


def _numbers(found: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(found))
