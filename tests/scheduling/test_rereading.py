"""Changed definitions are read while running; an invalid edit keeps the old set."""

import datetime as dt
from threading import Event

import pytest

from publisher.errors import DefinitionError, Problem
from publisher.scheduling import Pace, Rereading, Scheduler

WAIT = 10


class Files:
    """Definition files that tests edit."""

    def __init__(self):
        self.version, self.broken, self.reads, self.told = "one", False, 0, []

    def fingerprint(self):
        return self.version

    def read(self):
        self.reads += 1
        if self.broken:
            problem = Problem(file="schedules/morning.toml", key="when", message="stopped")
            raise DefinitionError([problem])

    def rereading(self):
        return Rereading(self.fingerprint, self.read, lambda *words: self.told.append(words))


def test_nothing_is_read_while_nothing_changes():
    files = Files()
    rereading = files.rereading()
    assert [rereading.look() for _ in range(3)] == [False] * 3
    assert files.reads == 0


def test_a_change_is_read_once():
    files = Files()
    rereading = files.rereading()
    files.version = "two"
    assert [rereading.look() for _ in range(3)] == [True, False, False]
    assert files.reads == 1


def test_an_invalid_edit_is_told_once_and_tried_again_when_it_changes():
    files = Files()
    rereading = files.rereading()
    files.version, files.broken = "two", True
    assert [rereading.look() for _ in range(3)] == [False] * 3
    assert files.told == [
        (
            "definitions",
            "the old ones stay in force: schedules/morning.toml: when: stopped",
        )
    ]
    files.version, files.broken = "three", False
    assert rereading.look()


def test_asking_reads_what_has_not_changed():
    files = Files()
    rereading = files.rereading()
    rereading.ask()
    assert [rereading.look(), rereading.look()] == [True, False]


@pytest.fixture
def running():
    made = []

    def start(files, tick):
        scheduler = Scheduler(
            tick=tick,
            jobs={},
            rereading=files.rereading(),
            complain=lambda *words: files.told.append(words),
            pace=Pace(tick=dt.timedelta(hours=1), pulse=dt.timedelta(milliseconds=5), pause=0.01),
        )
        made.append(scheduler)
        scheduler.start()
        return scheduler

    yield start
    for scheduler in made:
        assert scheduler.stop()


def test_a_signal_is_followed_by_a_look_at_once(running):
    files, first, second = Files(), Event(), Event()

    def tick():
        (second if first.is_set() else first).set()

    scheduler = running(files, tick)
    assert first.wait(WAIT)
    scheduler.reload()
    assert second.wait(WAIT)
    assert files.reads == 1
