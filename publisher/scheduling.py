"""The scheduler of `run`: a bell that has us look at the timetable, and threads that do the work.

Serves the command line. The only importer of apscheduler, which wakes us and owns no truth: one job
in memory. What is due, has run or was missed stands in the store, so that any number of processes
may run this at once.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from publisher import config
from publisher.app import App
from publisher.app.actions import runner
from publisher.app.keeping import watch
from publisher.app.listening import carry_pushes, read_pushes
from publisher.app.reviewing import decide_reviews
from publisher.app.sending import send_all, send_due
from publisher.app.watching import FolderWatch
from publisher.app.writing import line
from publisher.core.mirroring import Mirrored
from publisher.core.running import Ending
from publisher.core.timetabling import Timetable
from publisher.engine.clock import SystemClock
from publisher.engine.local import PAUSE, Job, LocalEngine, Stop
from publisher.errors import ConfigError
from publisher.model.articles import SourceReport
from publisher.model.editions import EditionId, SendReport
from publisher.model.timetable import Run
from publisher.ports import Progress

ZONES_KEPT = timedelta(minutes=1)
"""How long the readers' time zones are remembered: to list them reads every subscriber."""

Complain = Callable[[str, str], None]
Tell = Callable[[Run, Ending], None]
Sent = Callable[[SendReport], None]
Brought = Callable[[Mirrored], None]
Pushed = Callable[[SourceReport], None]
Wrote = Callable[[str], None]
_JOB = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often things are looked at.

    `tick`: the timetable, at the longest: what a jump of the clock or a suspend costs. `pulse`:
    whether it is time for a tick: how late a slot may be seen. `pause`: whether there is work, in
    seconds.
    """

    tick: timedelta = timedelta(seconds=10)
    pulse: timedelta = timedelta(seconds=1)
    pause: float = PAUSE


@BaseTrigger.register
class _Beat:
    """Fires again and again, a pulse after it was looked at.

    apscheduler's own interval counts every pulse between two looks: on a machine that boots in 1970
    and then learns the time these are a thousand million.
    """

    def __init__(self, pulse: timedelta) -> None:
        self._pulse = pulse

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Return when to fire next; at once the first time."""
        return now + self._pulse if previous else now


class Bell:
    """Calls `tick` when it falls due; `tick` answers how long that is until the next time.

    apscheduler gives the pulse, at each of which this looks whether it is time. An error of a tick is
    complained about once, and the next tick comes all the same.
    """

    def __init__(
        self,
        tick: Callable[[], timedelta | None],
        complain: Complain,
        pace: Pace,
    ) -> None:
        self._tick = tick
        self._complain = complain
        self._pace = pace
        self._clock = SystemClock()  # apscheduler waits by the system's clock, whatever ours says
        self._due = monotonic()
        self._asked = True
        self._error = ""
        # A tick that outlasts a pulse is no reason to warn at every one.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(1)},
            timezone=UTC,
        )
        self._scheduler.add_job(
            self._look,
            _Beat(pace.pulse),
            id=_JOB,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin; the first tick comes at once."""
        self._scheduler.start()

    def ring(self) -> None:
        """Ask for a tick at the next pulse. Takes no lock: a signal handler may call it."""
        self._asked = True

    def watch(self) -> None:
        """Bring the next pulse back when the clock was set back; to be called every few seconds.

        apscheduler waits for a time of day: an hour's change would make it sleep for an hour.
        """
        # Until it runs, a job has no next time at all.
        job = self._scheduler.get_job(_JOB) if self._scheduler.running else None
        now = self._clock.now()
        if job is not None and job.next_run_time > now + 2 * self._pace.pulse:
            with suppress(JobLookupError):  # stopped meanwhile
                self._scheduler.modify_job(_JOB, next_run_time=now)

    def stop(self) -> None:
        """End after the tick that is under way; may be called twice."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _look(self) -> None:
        if self._asked or monotonic() >= self._due:
            self._asked = False
            delay = self._safely()
            wait = self._pace.tick if delay is None else min(delay, self._pace.tick)
            self._due = monotonic() + wait.total_seconds()

    def _safely(self) -> timedelta | None:
        try:
            delay = self._tick()
        except Exception as error:  # noqa: BLE001  an accident in a tick never ends the scheduler
            if repr(error) != self._error:
                self._error = repr(error)
                self._complain("scheduler", str(error) or repr(error))
            return None
        self._error = ""
        return delay


class Rereading:
    """Reads definitions again when their files have changed; an invalid edit keeps the old set."""

    def __init__(
        self, fingerprint: Callable[[], str], read: Callable[[], None], complain: Complain
    ) -> None:
        self._fingerprint = fingerprint
        self._read = read
        self._complain = complain
        self._seen = fingerprint()
        self._asked = False

    def ask(self) -> None:
        """Read them at the next look, changed or not (SIGHUP)."""
        self._asked = True

    def look(self) -> bool:
        """Read them again if there is reason to; True when a new set is in force."""
        seen = self._fingerprint()
        if seen == self._seen and not self._asked:
            return False
        # Taken before reading: what is written meanwhile is seen the next time.
        self._seen, self._asked = seen, False
        try:
            self._read()
        except ConfigError as error:
            self._complain("definitions", f"the old ones stay in force: {error}")
            return False
        return True


class Scheduler:
    """Bell, definitions and threads of one process. `jobs` do what has been found due."""

    def __init__(
        self,
        *,
        tick: Callable[[], timedelta | None],
        jobs: Mapping[str, Job],
        rereading: Rereading,
        complain: Complain,
        pace: Pace | None = None,
    ) -> None:
        pace = pace or Pace()
        self._tick = tick
        self._rereading = rereading
        self._bell = Bell(self._look, complain, pace)
        watch: dict[str, Job] = {"bell": lambda _stop: self._bell.watch()}
        self._engine = LocalEngine(
            {**jobs, **watch},
            lambda name, error: complain(name, str(error) or repr(error)),
            pace.pause,
        )

    def start(self) -> None:
        """Start the threads; returns at once."""
        self._bell.start()
        self._engine.start()

    def wake(self) -> None:
        """Tell the threads that there may be work."""
        self._engine.wake()

    def reload(self) -> None:
        """Read the definitions again at the next pulse, changed or not.

        Takes no lock: a signal handler may call it wherever the main thread is.
        """
        self._rereading.ask()
        self._bell.ring()

    def stop(self, timeout: float = 20.0) -> bool:
        """End after what is under way; False when a thread did not end in time."""
        self._bell.stop()
        return self._engine.stop(timeout)

    def _look(self) -> timedelta | None:
        self._rereading.look()
        return self._tick()


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What `run --once` did: runs with their endings, editions sent, what an operator should know."""

    runs: tuple[tuple[Run, Ending], ...]
    sent: tuple[SendReport, ...]
    notes: tuple[tuple[str, str], ...]
    brought: tuple[Mirrored, ...] = ()


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
    sent: Sent = lambda _report: None,
    brought: Brought = lambda _done: None,
    pushed: Pushed = lambda _report: None,
    wrote: Wrote = lambda _line: None,
) -> Scheduler:
    """Return the scheduler of a publication, not yet started.

    `tell` hears of every run's ending, `sent` of an edition whenever its figures have changed,
    `brought` of what further outlets were given, `pushed` of what hubs have brought and of what was
    written in a folder, `wrote` of key points that a model was asked for; all are called from the
    threads of the work.
    """

    def wake() -> None:
        made.wake()

    def ended(run: Run, ending: Ending) -> None:
        tell(run, ending)
        wake()  # an edition may have been opened

    def refused(subject: str, reason: str) -> None:
        app.complain(subject, reason)
        app.alarm.tell("definitions", "an edit of the definitions is refused", reason)

    runs, root = runner(app, ended), app.definitions.root
    made = Scheduler(
        tick=_ticking(app, wake),
        jobs={
            "letters": app.carry_letters,  # apart: they do not wait for the edition on the wire
            "websub": app.carry_changes,
            "pushes": _listening(app, pushed),
            "folders": _watching(app, pushed),
            "outlets": _mirroring(app, brought),
            "points": _writing(app, wrote),  # apart: nobody waits for a language model
            "runs": lambda stop: runs.work(stop=stop),
            "sending": _sending(app, sent),
        },
        rereading=Rereading(
            lambda: config.fingerprint(root),
            lambda: app.replace_definitions(config.load(root)),
            refused,
        ),
        complain=app.complain,
    )
    return made


def _ticking(app: App, wake: Callable[[], None]) -> Callable[[], timedelta | None]:
    """Return what to do when the bell rings; it answers how long it is until the next slot."""
    times = timetable(app)
    told: set[tuple[str, str]] = set()

    def tick() -> timedelta | None:
        now = app.clock.now()
        watch(app)
        ticked = times.tick(app.definitions.schedules, now)
        for note in set(ticked.notes) - told:
            app.complain(*note)
        told.intersection_update(ticked.notes)
        told.update(ticked.notes)
        if ticked.work:
            wake()
        return ticked.next - app.clock.now() if ticked.next else None

    return tick


def _listening(app: App, pushed: Pushed) -> Job:
    """Return the job that hears hubs of our sources, and tells of what is new."""

    def hear(stop: Stop) -> None:
        for report in carry_pushes(app, stop):
            if report.new or report.changed:
                pushed(report)

    return hear


def _watching(app: App, pushed: Pushed) -> Job:
    """Return the job that takes in stories as they are written, and tells of them."""
    folders = FolderWatch(app)

    def look(stop: Stop) -> None:
        for report in folders.look(stop):
            if report.new or report.changed:
                pushed(report)

    return look


def _writing(app: App, wrote: Wrote) -> Job:
    """Return the job that has key points written, and tells of it where somebody was asked."""

    def write(stop: Stop) -> None:
        if app.definitions.enrichers and (said := line(app.point_writing.look(stop))):
            wrote(said)

    return write


def _mirroring(app: App, brought: Brought) -> Job:
    """Return the job that brings documents to further outlets, and tells of it where there is news."""
    told: dict[str, Mirrored] = {}

    def mirror(stop: Stop) -> None:
        for done in app.carry_documents(stop):
            news = done.written or done.removed or done.failed
            if news and told.get(done.outlet) != done:
                brought(done)
            told[done.outlet] = done

    return mirror


def _sending(app: App, sent: Sent) -> Job:
    """Return the job that sends what is due, and tells of an edition whose figures have changed."""
    told: dict[EditionId, SendReport] = {}

    def send(stop: Stop) -> None:
        decide_reviews(app)
        for report in send_due(app, None, stop):
            if told.get(report.edition) != report:
                told[report.edition] = report
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
    watch(app)
    app.store.release_runs([owner for owner in app.store.owners() if app.workers.dead(owner)])
    times, work = timetable(app), runner(app, tell).work
    notes: list[tuple[str, str]] = []
    runs: list[tuple[Run, Ending]] = []
    while not stop():
        ticked = times.tick(app.definitions.schedules, now)
        ended = work(stop=stop)
        notes += ticked.notes
        runs += ended
        left = ticked.next is not None and ticked.next <= now
        if not ended and not left:
            break
    read_pushes(app, stop)
    app.carry_letters(stop)
    decide_reviews(app)
    sent = send_all(app, progress, stop)
    app.carry_changes(stop)
    if app.definitions.enrichers:
        app.point_writing.write(stop)
    brought = app.carry_documents(stop)
    return Once(
        runs=tuple(runs), sent=sent, notes=tuple(dict.fromkeys(notes)), brought=tuple(brought)
    )
