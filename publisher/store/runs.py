"""Schedules' cursors and their runs; serves core.timetabling and the scheduler.

Two processes may do the same at once: every move is a compare-and-set, and a key is unique.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from publisher.errors import NotFound
from publisher.model.timetable import PlannedRun, Run, RunId, RunState, ScheduleState
from publisher.store.database import Part, chunks, fields
from publisher.store.schema import run, schedule

COLUMNS = (
    run.c.id,
    run.c.schedule,
    run.c.key,
    run.c.slot,
    run.c.due,
    run.c.state,
    run.c.reason,
    run.c.attempts,
    run.c.started,
    run.c.finished,
)


class RunVerbs(Part):
    """What is due, who does it, what became of it."""

    def schedule_states(self) -> Mapping[str, ScheduleState]:
        """Return what is remembered of each schedule."""
        with self._db.read() as tx:
            return {
                row.slug: ScheduleState(
                    schedule=row.slug,
                    fingerprint=row.fingerprint,
                    cursor=row.cursor,
                    paused=row.paused,
                    paused_until=row.paused_until,
                )
                for row in tx.execute(select(schedule).order_by(schedule.c.slug))
            }

    def start_schedule(
        self, schedule: str, fingerprint: str, cursor: datetime, first: Sequence[PlannedRun] = ()
    ) -> bool:
        """Remember a schedule never seen, with its first runs; False when another was first."""
        with self._db.write() as tx:
            if not self._begin(tx, schedule, fingerprint, cursor):
                return False
            self._plan(tx, schedule, first)
            return True

    def restart_schedule(self, schedule: str, old: str, new: str, cursor: datetime) -> bool:
        """Replace the fingerprint `old` by `new` and move the cursor; False when another was first."""
        with self._db.write() as tx:
            return _move(
                tx, schedule, {"fingerprint": old}, {"fingerprint": new, "cursor": cursor}
            )

    def advance_schedule(
        self, schedule: str, expected: datetime, cursor: datetime, runs: Sequence[PlannedRun]
    ) -> Sequence[Run]:
        """Compare-and-set the cursor and write the runs (same key: kept).

        Returns those that were written now, in the order given; [] when another was first.
        """
        with self._db.write() as tx:
            if not _move(tx, schedule, {"cursor": expected}, {"cursor": cursor}):
                return []
            return self._plan(tx, schedule, runs)

    def add_run(self, schedule: str, run: PlannedRun) -> tuple[Run, bool]:
        """Find or create a run; True when it was created (manual runs, alerts)."""
        with self._db.write() as tx:
            created = self._plan(tx, schedule, [run])
            return (created[0], True) if created else (_by_key(tx, schedule, run.key), False)

    def claim_run(
        self, owner: str, now: datetime, lease_until: datetime, schedule: str | None = None
    ) -> Run | None:
        """Take the oldest due run that waits, or whose owner's lease has expired; None when none."""
        waits = and_(run.c.state == RunState.WAITING.value, run.c.due <= now)
        lost = and_(run.c.state == RunState.RUNNING.value, run.c.lease <= now)
        oldest = select(run.c.due, run.c.id).order_by(run.c.due, run.c.id).limit(1)
        if schedule is not None:
            oldest = oldest.where(run.c.schedule == schedule)
        oldest = oldest.with_for_update(skip_locked=True)
        with self._db.write() as tx:
            # One after the other: each walks an index, both together would sort all that wait.
            firsts = [tx.execute(oldest.where(which)).first() for which in (waits, lost)]
            found = min((tuple(first) for first in firsts if first is not None), default=None)
            if found is None:
                return None
            _, number = found
            taken = {
                "state": RunState.RUNNING.value,
                "owner": owner,
                "lease": lease_until,
                "started": now,
                "attempts": run.c.attempts + 1,
            }
            claimed = update(run).where(run.c.id == number).values(taken).returning(*COLUMNS)
            return _read(tx.execute(claimed).one())

    def extend_run(self, run: RunId, owner: str, lease_until: datetime) -> bool:
        """Prolong the lease; False when it was lost."""
        with self._db.write() as tx:
            return _held(tx, run, owner, {"lease": lease_until})

    def finish_run(
        self, run: RunId, owner: str, state: RunState, reason: str, now: datetime
    ) -> bool:
        """End a run with its reason; False when the lease was lost."""
        ended = {
            "state": state.value,
            "reason": reason,
            "finished": now,
            "owner": "",
            "lease": None,
        }
        with self._db.write() as tx:
            return _held(tx, run, owner, ended)

    def release_runs(self, owners: Collection[str]) -> int:
        """Return the running runs of dead owners to waiting."""
        freed = {"state": RunState.WAITING.value, "owner": "", "lease": None}
        running = run.c.state == RunState.RUNNING.value
        with self._db.write() as tx:
            return sum(
                tx.execute(
                    update(run).where(running, run.c.owner.in_(part)).values(freed)
                ).rowcount
                for part in chunks(owners)
            )

    def run(self, run: RunId) -> Run:
        """Return one. Raises NotFound."""
        with self._db.read() as tx:
            return _by_id(tx, run)

    def history(self, schedule: str | None = None, limit: int = 50) -> Sequence[Run]:
        """Return runs, newest first (by when they were due)."""
        wanted = select(*COLUMNS).order_by(run.c.due.desc(), run.c.id.desc()).limit(limit)
        if schedule is not None:
            wanted = wanted.where(run.c.schedule == schedule)
        with self._db.read() as tx:
            return [_read(row) for row in tx.execute(wanted)]

    def pause_schedule(self, schedule: str, until: datetime | None, paused: bool) -> None:  # noqa: FBT001  the port's
        """Pause (until an instant, or for good) or resume. Raises NotFound."""
        with self._db.write() as tx:
            values = {"paused": paused, "paused_until": until if paused else None}
            if not _move(tx, schedule, {}, values):
                raise NotFound(schedule, "no such schedule has been started")

    def _begin(self, tx: Connection, slug: str, fingerprint: str, cursor: datetime) -> bool:
        row = {"slug": slug, "fingerprint": fingerprint, "cursor": cursor}
        began = self._db.insert(schedule).values(row).on_conflict_do_nothing()
        return tx.execute(began.returning(schedule.c.slug)).first() is not None

    def _plan(self, tx: Connection, slug: str, runs: Sequence[PlannedRun]) -> list[Run]:
        """Write runs whose key is new and return those."""
        written: list[Run] = []
        for planned in runs:
            row = {
                "schedule": slug,
                "key": planned.key,
                "slot": planned.slot,
                "due": planned.due,
                "state": planned.state.value,
                "reason": planned.reason,
            }
            insert = self._db.insert(run).values(row)
            insert = insert.on_conflict_do_nothing(index_elements=["schedule", "key"])
            found = tx.execute(insert.returning(*COLUMNS)).first()
            if found is not None:
                written.append(_read(found))
        return written


def _move(
    tx: Connection, slug: str, expected: Mapping[str, Any], values: Mapping[str, Any]
) -> bool:
    """Change a schedule's row if it still is as expected."""
    here = [schedule.c[name] == value for name, value in expected.items()]
    moved = update(schedule).where(schedule.c.slug == slug, *here).values(**values)
    return tx.execute(moved).rowcount > 0


def _held(tx: Connection, number: RunId, owner: str, values: Mapping[str, Any]) -> bool:
    """Change a run that this owner still holds (a lease that expired untaken is still held)."""
    mine = and_(run.c.id == number, run.c.owner == owner, run.c.state == RunState.RUNNING.value)
    return tx.execute(update(run).where(mine).values(**values)).rowcount > 0


def _read(row: Any) -> Run:
    return Run(**{**fields(row), "state": RunState(row.state)})


def _by_id(tx: Connection, number: RunId) -> Run:
    row = tx.execute(select(*COLUMNS).where(run.c.id == number)).first()
    if row is None:
        raise NotFound(f"run {number}", "there is no such run")
    return _read(row)


def _by_key(tx: Connection, slug: str, key: str) -> Run:
    found = select(*COLUMNS).where(run.c.schedule == slug, run.c.key == key)
    return _read(tx.execute(found).one())
