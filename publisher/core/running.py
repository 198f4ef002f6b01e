"""Run: take due runs one after another, do what their schedules ask, and keep what became of each.

A run is claimed by compare-and-set, so that any number of processes may do this at once
(guarantees, promise 1); every action may be run again without harm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from publisher.errors import PublisherError, StoreError, StoreTrouble
from publisher.model.definitions import Action, ScheduleDefinition
from publisher.model.timetable import Run, RunState
from publisher.ports import Clock, Runs, Workers

RUN_LEASE = timedelta(minutes=15)
"""Longer than any run that lives: a dead process on this machine is noticed at once anyway."""

Ending = tuple[RunState, str]
Work = Callable[[Run, ScheduleDefinition], Ending]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """The run use-case. `schedules` gives the definitions in force; `tell` hears of every ending."""

    store: Runs
    clock: Clock
    workers: Workers
    schedules: Callable[[], Mapping[str, ScheduleDefinition]]
    actions: Mapping[Action, Work]
    tell: Callable[[Run, Ending], None] = lambda _run, _ending: None
    broken: list[Run] = field(default_factory=list)

    def work(
        self, schedule: str | None = None, stop: Callable[[], bool] = lambda: False
    ) -> tuple[tuple[Run, Ending], ...]:
        """Do every due run (of one schedule, or of all); return each with its ending.

        Raises StoreError; whatever else a run raises is its ending. A run that the store's trouble
        broke off is taken up again by the next call.
        """
        if self.broken:
            self.store.release_runs([self.workers.me()])
            self.broken.clear()
        ended: list[tuple[Run, Ending]] = []
        while not stop():
            now = self.clock.now()
            run = self.store.claim_run(self.workers.me(), now, now + RUN_LEASE, schedule)
            if run is None:
                break
            try:
                ending = self._attempt(run)
                self.store.finish_run(run.id, self.workers.me(), *ending, self.clock.now())
            except StoreTrouble:
                self.broken.append(run)
                raise
            self.tell(run, ending)
            ended.append((run, ending))
        return tuple(ended)

    def _attempt(self, run: Run) -> Ending:
        definition = self.schedules().get(run.schedule)
        if definition is None:
            return RunState.SKIPPED, "the schedule is no longer defined"
        work = self.actions.get(definition.action)
        if work is None:
            return RunState.SKIPPED, f"nothing to do for {definition.action} in this version"
        try:
            return work(run, definition)
        except StoreError:
            raise
        except PublisherError as error:
            return RunState.FAILED, str(error)
        except Exception as error:  # noqa: BLE001  one run's accident never ends the scheduler
            return RunState.FAILED, f"unexpected: {error!r}"
