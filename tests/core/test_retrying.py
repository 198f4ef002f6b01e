"""Back-off: the table of the facts, stable jitter, hints respected, an end after 72 hours."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.retrying import GREYLISTED, PATIENCE, SPREAD, WAITS, asked_wait, next_try

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def life(number, **more):
    """Return the times from the first to the last try of a copy that is always put off."""
    tried = [NOON]
    while (until := next_try(number, NOON, tried[-1], **more)) is not None:
        tried.append(until)
    return [at - NOON for at in tried]


@given(st.integers(1, 10**12))
def test_a_copy_is_tried_as_the_table_says_and_given_up_after_three_days(number):
    tries = life(number)
    waits = [later - before for before, later in pairwise(tries)]
    assert len(waits) == len(WAITS) + 1
    for wait, named in zip(waits[:-2], WAITS, strict=False):
        assert named <= wait <= named * (1 + SPREAD) + timedelta(milliseconds=1)
    assert tries[-1] == PATIENCE


def test_a_crowd_is_spread_and_each_stays_where_it_was():
    crowd = [next_try(number, NOON, NOON) for number in range(1_000)]
    assert crowd == [next_try(number, NOON, NOON) for number in range(1_000)]
    assert len(set(crowd)) > 900
    assert max(crowd) - min(crowd) > MINUTE * SPREAD * 0.9


def test_waits_grow_with_time_though_nobody_tried_meanwhile():
    late = NOON + 7 * HOUR  # down since the first try
    assert next_try(1, NOON, late) - late >= 4 * HOUR
    assert next_try(1, NOON, NOON + 30 * timedelta(days=1)) is None


@given(st.integers(1, 10**6), st.integers(0, 71 * 60), st.integers(0, 10**5))
def test_what_is_asked_for_is_respected_until_patience_ends(number, passed, asked):
    now = NOON + passed * MINUTE
    wait = timedelta(minutes=asked)
    until = next_try(number, NOON, now, asked=wait)
    assert until >= min(now + wait, NOON + PATIENCE)
    assert now < until <= NOON + PATIENCE


def test_a_greylisting_server_is_left_alone_for_five_minutes():
    assert all(
        until - NOON >= GREYLISTED
        for until in (life(n, greylisted=True)[1] + NOON for n in range(99))
    )
    assert life(1, greylisted=True)[-1] == PATIENCE


def test_a_clock_that_was_set_back_hurries_nobody():
    assert next_try(1, NOON, NOON - HOUR) >= NOON - HOUR + MINUTE


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("450 4.2.0 Greylisted for 300 seconds", 5),
        ("451 4.7.1 Greylisting in action, please come back in 00:05:00", 5),
        ("450 try again in 10 minutes", 10),
        ("450 Retry after 2h", 120),
        ("421 Retry-After: 120", 2),
        ("451 please wait 1 hour", 60),
        ("450 4.2.0 Greylisted, see http://help.example/300.html", None),
        ("450 try again later. 100 messages per 60 seconds are allowed", None),
        ("421 4.7.0 try again later", None),
        ("550 5.1.1 no such user", None),
    ],
)
def test_hints_are_read(said, minutes):
    assert asked_wait(said) == (None if minutes is None else minutes * MINUTE)


@given(st.text(max_size=300))
def test_anything_may_be_said(text):
    asked = asked_wait(text)
    assert asked is None or asked >= timedelta(0)
    assert next_try(1, NOON, NOON, asked=asked) <= NOON + PATIENCE
