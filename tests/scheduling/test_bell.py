"""The bell of the scheduler: one job, always armed, whatever ticks and clocks do."""

import datetime as dt
import logging
from threading import Event

import pytest

from publisher.scheduling import Bell, Pace, _Beat

LONG = dt.timedelta(hours=1)
WAIT = 10
PULSE = dt.timedelta(milliseconds=2)


@pytest.fixture
def bells():
    made = []

    def make(tick, complain=lambda *_: None, longest=LONG, pulse=PULSE):
        made.append(Bell(tick, complain, Pace(tick=longest, pulse=pulse)))
        return made[-1]

    yield make
    for bell in made:
        bell.stop()


class Ticks:
    """Answers the delays given, then for ever; lets a test wait for the n-th call."""

    def __init__(self, *delays, rest=None):
        self.delays, self.rest, self.calls = list(delays), rest, 0
        self.reached = {}

    def __call__(self):
        self.calls += 1
        if self.calls in self.reached:
            self.reached[self.calls].set()
        answer = self.delays.pop(0) if self.delays else self.rest
        if isinstance(answer, Exception):
            raise answer
        return answer

    def event(self, call):
        return self.reached.setdefault(call, Event())


def test_it_ticks_at_once_and_again_when_something_falls_due(bells):
    ticks = Ticks(dt.timedelta(milliseconds=20), dt.timedelta(0))
    third = ticks.event(3)
    bells(ticks).start()
    assert third.wait(WAIT)


def test_it_never_sleeps_longer_than_told(bells):
    ticks = Ticks(rest=dt.timedelta(days=300))
    third = ticks.event(3)
    bells(ticks, longest=dt.timedelta(milliseconds=5)).start()
    assert third.wait(WAIT)


def test_an_error_is_told_once_and_the_next_tick_comes(bells):
    told = []
    locked = ValueError("the store is locked")
    ticks = Ticks(locked, locked, dt.timedelta(0), ValueError("another"), ValueError())
    seventh = ticks.event(7)
    bell = bells(ticks, lambda *words: told.append(words), dt.timedelta(milliseconds=5))
    bell.start()
    assert seventh.wait(WAIT)
    assert told == [
        ("scheduler", "the store is locked"),
        ("scheduler", "another"),
        ("scheduler", "ValueError()"),
    ]


def test_ringing_brings_the_tick_forward(bells):
    ticks = Ticks()
    first, second = ticks.event(1), ticks.event(2)
    bell = bells(ticks)
    bell.start()
    assert first.wait(WAIT)
    bell.ring()
    assert second.wait(WAIT)


def test_ringing_during_a_tick_brings_another(bells):
    inside, go_on, again = Event(), Event(), Event()

    def tick():
        if inside.is_set():
            again.set()
        inside.set()
        go_on.wait(WAIT)

    bell = bells(tick)
    bell.start()
    assert inside.wait(WAIT)
    bell.ring()
    go_on.set()
    assert again.wait(WAIT)


def next_pulse(bell):
    return bell._scheduler.get_job("tick").next_run_time


def test_a_clock_that_was_set_back_is_noticed(bells):
    ticks = Ticks(rest=dt.timedelta(0))
    first = ticks.event(1)
    bell = bells(ticks, pulse=dt.timedelta(seconds=1))
    bell.start()
    assert first.wait(WAIT)
    # To apscheduler this is what a clock set back by an hour looks like.
    bell._scheduler.modify_job("tick", next_run_time=next_pulse(bell) + LONG)
    again = ticks.event(ticks.calls + 1)
    bell.watch()
    assert again.wait(WAIT)
    assert next_pulse(bell) < bell._clock.now() + LONG / 2


def test_watching_a_right_clock_changes_nothing(bells):
    ticks = Ticks()
    first = ticks.event(1)
    bell = bells(ticks, pulse=LONG)
    bell.start()
    assert first.wait(WAIT)
    before = next_pulse(bell)
    for _ in range(5):
        bell.watch()
    assert next_pulse(bell) == before
    assert ticks.calls == 1


def test_a_clock_that_leaps_from_1970_is_one_pulse():
    # apscheduler asks for each fire time up to now, one by one.
    beat, now = _Beat(PULSE), dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    old = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert beat.get_next_fire_time(None, now) == now
    assert beat.get_next_fire_time(old, now) == now + PULSE


def test_it_ends_promptly_and_twice(bells):
    ticks = Ticks()
    first = ticks.event(1)
    bell = bells(ticks)
    bell.start()
    assert first.wait(WAIT)
    bell.stop()
    bell.stop()
    bell.ring()
    bell.watch()
    assert ticks.calls == 1


def test_it_ends_after_the_tick_that_is_under_way(bells):
    inside, ended = Event(), []

    def tick():
        inside.set()
        Event().wait(0.05)
        ended.append(True)
        return dt.timedelta(0)

    bell = bells(tick)
    bell.start()
    assert inside.wait(WAIT)
    bell.stop()
    assert ended == [True]


def test_it_may_be_watched_and_end_before_it_began(bells):
    bell = bells(Ticks())
    bell.watch()
    bell.stop()


def test_every_tick_is_not_a_line_of_the_log(bells, caplog):
    caplog.set_level(logging.INFO)
    ticks = Ticks(rest=dt.timedelta(0))
    fifth = ticks.event(5)
    bell = bells(ticks)
    bell.start()
    assert fifth.wait(WAIT)
    bell.stop()
    assert not [record for record in caplog.records if record.name.startswith("apscheduler")]
