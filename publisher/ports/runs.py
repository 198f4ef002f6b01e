"""The store's memory of schedules.

Each verb is one transaction, begun and ended inside it. Any verb may raise StoreError.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from publisher.model.articles import ArticleId
from publisher.model.timetable import PlannedRun, Run, RunId, RunState, ScheduleState


class Runs(Protocol):
    """Schedules' memory and their runs; used by timetabling and scheduling."""

    def schedule_states(self) -> Mapping[str, ScheduleState]:
        """Return what is remembered of each schedule."""
        ...

    def start_schedule(
        self, schedule: str, fingerprint: str, cursor: datetime, first: Sequence[PlannedRun] = ()
    ) -> bool:
        """Remember a schedule never seen, with its first runs; False when another process was first."""
        ...

    def restart_schedule(self, schedule: str, old: str, new: str, cursor: datetime) -> bool:
        """Replace the fingerprint `old` by `new` and move the cursor; False when another was first."""
        ...

    def advance_schedule(
        self, schedule: str, expected: datetime, cursor: datetime, runs: Sequence[PlannedRun]
    ) -> Sequence[Run]:
        """Compare-and-set the cursor and write the runs (same key: kept). [] when another was first."""
        ...

    def add_run(self, schedule: str, run: PlannedRun) -> tuple[Run, bool]:
        """Find or create a run; True when it was created (manual runs, alerts)."""
        ...

    def unalerted(
        self, schedule: str, feeds: Sequence[str], now: datetime, since: datetime, priority: int
    ) -> Sequence[ArticleId]:
        """Return stories worth an alert that have no run `alert:ID` of the schedule, oldest first.

        Mailable and readable, in one of the feeds, of at least that priority; come in or dated
        `since` then, or readable only now; none dated more than a day before that.
        """
        ...

    def claim_run(
        self, owner: str, now: datetime, lease_until: datetime, schedule: str | None = None
    ) -> Run | None:
        """Take the oldest due run that waits, or whose owner's lease has expired; None when none."""
        ...

    def extend_run(self, run: RunId, owner: str, lease_until: datetime) -> bool:
        """Prolong the lease; False when it was lost."""
        ...

    def finish_run(
        self, run: RunId, owner: str, state: RunState, reason: str, now: datetime
    ) -> bool:
        """End a run with its reason; False when the lease was lost."""
        ...

    def release_runs(self, owners: Collection[str]) -> int:
        """Return the running runs of dead owners to waiting."""
        ...

    def run(self, run: RunId) -> Run:
        """Return one. Raises NotFound."""
        ...

    def history(self, schedule: str | None = None, limit: int = 50) -> Sequence[Run]:
        """Return runs, newest first."""
        ...

    def pause_schedule(
        self,
        schedule: str,
        until: datetime | None,
        paused: bool,  # noqa: FBT001  the verb is always called with its names
    ) -> None:
        """Pause (until an instant, or for good) or resume. Raises NotFound."""
        ...
