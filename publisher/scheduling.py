"""The scheduler of `run`: an alarm clock that looks at the timetable, and threads that do the work.

Serves the command line. The only importer of apscheduler, which wakes us and owns no truth: one job
in memory, armed anew after each tick, never more than ten seconds ahead. What is due, has run or was
missed stands in the store, so that any number of processes may run this at once.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from publisher import config
from publisher.app import App
from publisher.core.running import Ending
from publisher.core.timetabling import Timetable
from publisher.engine.clock import SystemClock
from publisher.engine.local import PAUSE, Job, LocalEngine, Stop
from publisher.errors import ConfigError
from publisher.model.editions import SendReport
from publisher.model.timetable import Run
from publisher.ports import Progress

TICK = timedelta(seconds=10)
"""The longest time between two looks at the clock: what a jump of the clock or a suspend costs."""

SOON = timedelta(milliseconds=10)
"""The shortest: a tick that left work behind comes again, without spinning."""

ZONES_KEPT = timedelta(minutes=1)
"""How long the readers' time zones are remembered: to list them reads every subscriber."""

Complain = Callable[[str, str], None]
Tell = Callable[[Run, Ending], None]
_JOB = "tick"


class Alarm:
    """Calls `tick` again and again; `tick` answers how long it is until something falls due.

    An error of a tick is complained about once, and the next tick comes all the same.
    """

    def __init__(
        self, tick: Callable[[], timedelta | None], complain: Complain, longest: timedelta = TICK
    ) -> None:
        self._tick = tick
        self._complain = complain
        self._longest = longest
        self._clock = SystemClock()  # apscheduler waits by the system's clock, whatever ours says
        self._lock = Lock()
        self._stopping = False
        self._ticking = self._again = False
        self._error = ""
        # It would tell of every tick at INFO.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(1)},
            timezone="UTC",
        )
        self._scheduler.add_listener(self._ticked, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)

    def start(self) -> None:
        """Begin; the first tick comes at once."""
        self._scheduler.start()
        self._arm(timedelta(0))

    def ring(self) -> None:
        """Ask for a tick now; one that is under way is followed by another."""
        self._again = True
        if not self._ticking:
            self._arm(timedelta(0))

    def watch(self) -> None:
        """Ring when the clock was set, or slept, so that the alarm stands at a wrong time.

        To be called every few seconds: apscheduler waits for a time of day, and after the clock has
        gone back by an hour it would sleep for that hour.
        """
        job = self._scheduler.get_job(_JOB)
        now = self._clock.now()
        if job is None or not now - SOON <= job.next_run_time <= now + self._longest:
            self.ring()

    def stop(self) -> None:
        """End after the tick that is under way; may be called twice."""
        # apscheduler holds its lock while it waits for the tick: nothing may arm the alarm then.
        with self._lock:
            if self._stopping:
                return
            self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _arm(self, delay: timedelta) -> None:
        with self._lock:
            if not self._stopping:
                self._scheduler.add_job(
                    self._run,
                    DateTrigger(self._clock.now() + min(max(delay, SOON), self._longest)),
                    id=_JOB,
                    replace_existing=True,
                    coalesce=True,
                    max_instances=1,
                    misfire_grace_time=None,
                )

    def _run(self) -> timedelta | None:
        self._ticking, self._again = True, False
        try:
            delay = self._tick()
        except Exception as error:  # noqa: BLE001  an accident in a tick never ends the scheduler
            if str(error) != self._error:
                self._error = str(error)
                self._complain("scheduler", self._error or repr(error))
            return None
        finally:
            self._ticking = False
        self._error = ""
        return delay

    def _ticked(self, event: JobExecutionEvent) -> None:
        """Arm the alarm anew. Not in the tick itself: there one of its kind would still be running."""
        delay = self._longest if event.retval is None else event.retval
        self._arm(timedelta(0) if self._again else delay)


class Rereading:
    """Reads definitions again when their files have changed; an invalid edit keeps the old set."""

    def __init__(
        self, fingerprint: Callable[[], str], read: Callable[[], None], complain: Complain
    ) -> None:
        self._fingerprint = fingerprint
        self._read = read
        self._complain = complain
        self._seen = fingerprint()
        self.asked = False

    def ask(self) -> None:
        """Read them at the next look, changed or not (SIGHUP)."""
        self.asked = True

    def look(self) -> bool:
        """Read them again if there is reason to; True when a new set is in force."""
        seen = self._fingerprint()
        if seen == self._seen and not self.asked:
            return False
        # Taken before reading: what is written meanwhile is seen the next time.
        self._seen, self.asked = seen, False
        try:
            self._read()
        except ConfigError as error:
            self._complain("definitions", f"the old ones stay in force: {error}")
            return False
        return True


class Scheduler:
    """Alarm, definitions and threads of one process. `jobs` do what has been found due."""

    def __init__(
        self,
        *,
        tick: Callable[[], timedelta | None],
        jobs: Mapping[str, Job],
        rereading: Rereading,
        complain: Complain,
        longest: timedelta = TICK,
        pause: float = PAUSE,
    ) -> None:
        self._tick = tick
        self._rereading = rereading
        self._alarm = Alarm(self._look, complain, longest)
        watch: dict[str, Job] = {"alarm": lambda _stop: self._watch()}
        self._engine = LocalEngine(
            {**jobs, **watch}, lambda name, error: complain(name, str(error) or repr(error)), pause
        )

    def start(self) -> None:
        """Start the threads; returns at once."""
        self._engine.start()
        self._alarm.start()

    def wake(self) -> None:
        """Tell the threads that there may be work."""
        self._engine.wake()

    def reload(self) -> None:
        """Read the definitions again soon, changed or not.

        Takes no lock: a signal handler may call it wherever the main thread is.
        """
        self._rereading.ask()

    def stop(self, timeout: float = 20.0) -> bool:
        """End after what is under way; False when a thread did not end in time."""
        self._alarm.stop()
        return self._engine.stop(timeout)

    def _watch(self) -> None:
        if self._rereading.asked:
            self._alarm.ring()
        self._alarm.watch()

    def _look(self) -> timedelta | None:
        self._rereading.look()
        return self._tick()


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What `run --once` did: runs with their endings, editions sent, what an operator should know."""

    runs: tuple[tuple[Run, Ending], ...]
    sent: tuple[SendReport, ...]
    notes: tuple[tuple[str, str], ...]


def timetable(app: App) -> Timetable:
    """Return the timetable of a publication."""
    kept: dict[str, tuple[datetime, tuple[str, ...]]] = {}

    def zones() -> tuple[str, ...]:
        now, own = app.clock.now(), app.definitions.publication.timezone
        asked, known = kept.get(own, (None, ()))
        if asked is None or not timedelta(0) <= now - asked < ZONES_KEPT:
            known = (*app.store.reader_zones(), own)
            kept[own] = (now, known)
        return known

    return Timetable(store=app.store, calendar=app.calendar, zones=zones)


def scheduler(
    app: App,
    *,
    tell: Tell = lambda _run, _ending: None,
    sent: Callable[[SendReport], None] = lambda _report: None,
    progress: Progress | None = None,
) -> Scheduler:
    """Return the scheduler of a publication, not yet started.

    `tell` hears of every run's ending, `sent` of every pass over an edition's queue.
    """
    times, told = timetable(app), set[tuple[str, str]]()

    def ended(run: Run, ending: Ending) -> None:
        tell(run, ending)
        made.wake()  # an edition may have been opened

    def tick() -> timedelta | None:
        now = app.clock.now()
        app.store.beat(now)
        ticked = times.tick(app.definitions.schedules, now)
        for note in ticked.notes:
            if note not in told:
                app.complain(*note)
        told.intersection_update(ticked.notes)
        told.update(ticked.notes)
        if ticked.work:
            made.wake()
        return ticked.next - app.clock.now() if ticked.next else None

    def read() -> None:
        app.replace_definitions(config.load(app.definitions.root))

    runner = app.runner(ended)
    jobs: dict[str, Job] = {
        "runs": lambda stop: runner.work(stop=stop),
        "sending": _sending(app, progress, sent),
    }
    root = app.definitions.root
    rereading = Rereading(lambda: config.fingerprint(root), read, app.complain)
    made = Scheduler(tick=tick, jobs=jobs, rereading=rereading, complain=app.complain)
    return made


def _sending(app: App, progress: Progress | None, sent: Callable[[SendReport], None]) -> Job:
    """Return the job that sends what is due and tells of it."""

    def send(stop: Stop) -> None:
        for report in app.send_due(progress, stop):
            sent(report)

    return send


def run_once(
    app: App,
    *,
    tell: Tell = lambda _run, _ending: None,
    progress: Progress | None = None,
    stop: Stop = lambda: False,
) -> Once:
    """Do all that is due now, then return. Raises StoreError."""
    now = app.clock.now()
    app.store.beat(now)
    app.store.release_runs([owner for owner in app.store.owners() if app.workers.dead(owner)])
    times, runner = timetable(app), app.runner(tell)
    notes: list[tuple[str, str]] = []
    runs: list[tuple[Run, Ending]] = []
    while not stop():
        ticked = times.tick(app.definitions.schedules, now)
        ended = runner.work(stop=stop)
        notes += ticked.notes
        runs += ended
        left = ticked.next is not None and ticked.next <= now
        if not ended and not left:
            break
    sent = app.send_due(progress, stop)
    return Once(runs=tuple(runs), sent=sent, notes=tuple(dict.fromkeys(notes)))
