"""Two schedulers on one store and a fast clock: every slot once (guarantees, promise 1)."""

import datetime as dt
import itertools
import sys
from collections import Counter
from threading import Event, Lock

import pytest

from publisher.core.running import Runner
from publisher.core.timetabling import Timetable
from publisher.kit.calendar import Almanac
from publisher.model.definitions import Action, CatchUp, ScheduleDefinition
from publisher.model.timetable import RunState
from publisher.scheduling import Pace, Rereading, Scheduler
from publisher.store import open_store
from tests.scheduling.fakes import FakeRuns, FastClock
from tests.torture.results import Result

WAIT, LONG = 120, 900
BEGIN = "2026-10-24T22:00"  # an hour is repeated in the first night
PATIENT = dt.timedelta(days=3650)


def schedules(count):
    return {
        f"s{number}": ScheduleDefinition(
            slug=f"s{number}",
            action=Action.COLLECT,
            when="every minute" if number % 2 else "every 2m",
            timezone="Europe/Berlin",
            catch_up=CatchUp.ALL,
            max_lateness=PATIENT,
        )
        for number in range(count)
    }


class Tally:
    """Counts how often each run was done, and tells when enough were."""

    def __init__(self, enough):
        self.lock, self.done, self.enough, self.reached = Lock(), Counter(), enough, Event()

    def __call__(self, run, _definition):
        with self.lock:
            self.done[run.schedule, run.key] += 1
            if len(self.done) >= self.enough:
                self.reached.set()
        return RunState.DONE, "done"


class Worker:
    def __init__(self, name):
        self.name = name

    def me(self):
        return self.name

    def dead(self, owner):
        return False


class Unhurried:
    """A store whose leases do not run out because this clock does."""

    def __init__(self, store):
        self.store = store

    def claim_run(self, owner, now, lease_until, schedule=None):
        return self.store.claim_run(owner, now, lease_until + PATIENT, schedule)

    def finish_run(self, *arguments):
        return self.store.finish_run(*arguments)


def scheduler(name, store, clock, definitions, tally, complaints):
    times = Timetable(store=store, calendar=Almanac())
    runner = Runner(
        store=Unhurried(store),
        clock=clock,
        workers=Worker(name),
        schedules=lambda: definitions,
        actions={Action.COLLECT: tally},
    )

    def tick():
        ticked = times.tick(definitions, clock.now())
        if ticked.work:
            made.wake()
        return dt.timedelta(0)

    made = Scheduler(
        tick=tick,
        jobs={"runs": lambda stop: runner.work(stop=stop)},
        rereading=Rereading(lambda: "", lambda: None, lambda *_: None),
        complain=lambda *words: complaints.append(words),
        pace=Pace(
            tick=dt.timedelta(milliseconds=20), pulse=dt.timedelta(milliseconds=5), pause=0.02
        ),
    )
    return made


def race(stores, count, slots, times, wait=WAIT):
    """Run a scheduler on each of two handles of one store until so many slots were done.

    `wait` is how many seconds that may take.
    """
    clock, tally, complaints = FastClock(BEGIN, times), Tally(slots), []
    definitions = schedules(count)
    pair = [
        scheduler(name, store, clock, definitions, tally, complaints)
        for name, store in zip("ab", stores, strict=True)
    ]
    for one in pair:
        one.start()
    reached = tally.reached.wait(wait)
    ended = [one.stop() for one in pair]
    assert reached, f"{len(tally.done)} of {slots} slots in {wait} s"
    assert all(ended)
    assert not complaints
    return tally


def check(store, tally):
    assert set(tally.done.values()) == {1}
    rows = store.history(limit=1_000_000)
    keys = [(row.schedule, row.key) for row in rows]
    assert len(keys) == len(set(keys))
    assert not [row for row in rows if row.attempts > 1]
    # Nothing is missing between the first slot of a schedule and its last.
    for slug, definition in schedules(20).items():
        mine = sorted(row.due for row in rows if row.schedule == slug)
        step = dt.timedelta(minutes=1 if definition.when == "every minute" else 2)
        assert all(later - earlier == step for earlier, later in itertools.pairwise(mine))


@pytest.fixture
def restless():
    """Threads take turns at almost every step, so that races happen."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
def test_two_schedulers_and_ten_thousand_slots():
    store = FakeRuns()
    tally = race((store, store), 20, 10_000, times=20_000)
    check(store, tally)
    assert store.lost > 0  # they did meet


@pytest.fixture
def pair(tmp_path):
    """One database, opened twice, as by two processes."""
    stores = [open_store(f"sqlite:///{tmp_path}/publisher.db", tmp_path) for _ in range(2)]
    yield stores
    for store in stores:
        store.close()


def test_two_schedulers_on_a_real_store(pair):
    tally = race(pair, 4, 120, times=1_200)
    check(pair[0], tally)


@pytest.mark.torture
def test_two_schedulers_on_a_real_store_for_long(pair, report):
    tally = race(pair, 20, 10_000, times=600, wait=LONG)
    check(pair[0], tally)
    report(
        Result(
            proof=2,
            fault="two schedulers, a clock 600 times as fast, SQLite",
            rounds=len(tally.done),
            lost=0,
            twice=0,
            uncertain=0,
            bound=0,
        )
    )
