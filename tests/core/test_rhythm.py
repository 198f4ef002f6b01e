"""When a source is asked next, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.rhythm import (
    JITTER,
    LONGEST,
    SHORTEST,
    USUAL,
    after_answer,
    after_error,
    habit,
    said,
)
from publisher.model.articles import Collected, CollectedArticle, SourceState

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
HOUR = timedelta(hours=1)


def stories(gap, count=10, newest=NOON):
    return [
        CollectedArticle(external_id=str(n), title=str(n), published=newest - n * gap)
        for n in range(count)
    ]


def state(gap=timedelta(0), silence=timedelta(0), **more):
    return SourceState(key="feed:a", gap=gap, newest=NOON - silence if gap else None, **more)


def interval(*arguments, news=False, **more):
    return after_answer(state(*arguments, **more), Collected(), NOON, None, news=news).interval


def near(span, wanted):
    return abs(span - wanted) <= wanted * JITTER + timedelta(seconds=1)


def test_a_habit_is_read_from_the_newest_dates():
    found = habit(stories(HOUR), NOON)
    assert (found.gap, found.newest, found.oldest) == (HOUR, NOON, NOON - 9 * HOUR)
    assert habit(stories(HOUR, newest=NOON + 20 * HOUR), NOON).newest is None
    assert habit([CollectedArticle(external_id="a", title="a")], NOON).gap == timedelta(0)
    lively = stories(timedelta(minutes=1), 20) + stories(30 * 24 * HOUR, 20)
    assert habit(lively, NOON).gap < timedelta(minutes=2)


def test_a_burst_once_a_day_is_no_story_every_minute():
    bursts = [
        story
        for day in range(4)
        for story in stories(timedelta(minutes=1), 5, NOON - day * 24 * HOUR)
    ]
    assert habit(bursts, NOON).gap > 3 * HOUR


def test_busy_sources_are_asked_often_and_sleeping_ones_rarely():
    assert interval(timedelta(minutes=2)) == SHORTEST
    assert near(interval(8 * HOUR), HOUR)
    assert near(interval(24 * HOUR), 3 * HOUR)
    assert interval(HOUR, silence=400 * 24 * HOUR) == LONGEST
    assert interval(30 * 24 * HOUR) == LONGEST
    assert interval(HOUR, silence=24 * HOUR) < interval(HOUR, silence=72 * HOUR)


def test_a_source_without_dates_is_asked_more_rarely_as_long_as_it_brings_nothing():
    first = interval()
    assert near(first, USUAL)
    second = interval(interval=first)
    assert second > 1.3 * first
    assert near(interval(interval=second, news=True), USUAL)
    assert interval(interval=timedelta(hours=20)) == LONGEST


def test_operators_and_publishers_have_the_last_word():
    wish = after_answer(state(HOUR), Collected(), NOON, timedelta(minutes=1), news=True)
    assert (wish.interval, wish.why) == (timedelta(minutes=1), "as set")
    asked = Collected(fresh_until=NOON + 6 * HOUR)
    later = after_answer(state(HOUR), asked, NOON, timedelta(minutes=1), news=True)
    assert (later.at, later.why) == (NOON + 6 * HOUR, "it asks for that long")


def test_hours_and_days_that_a_source_skips_are_passed_over():
    asked = Collected(skip_hours=frozenset(range(12, 20)), skip_days=frozenset({2}))
    late = after_answer(state(HOUR), asked, NOON, HOUR, news=False)
    assert late.at == NOON.replace(hour=20)
    assert late.why == "its quiet hours"
    wednesday = after_answer(
        state(HOUR), asked, NOON.replace(hour=23, minute=30), HOUR, news=False
    )
    assert wednesday.at == datetime(2026, 11, 26, tzinfo=UTC)
    always = Collected(skip_days=frozenset(range(7)))
    assert after_answer(state(HOUR), always, NOON, HOUR, news=False).at == NOON + HOUR


def test_errors_are_waited_out_longer_each_time_up_to_a_day():
    waits = [after_error(state(failures=n), NOON, None, None).interval for n in range(12)]
    assert all(one <= other for one, other in pairwise(waits))
    assert near(waits[0], USUAL)
    assert near(waits[-1], LONGEST)


def test_a_server_that_names_a_time_is_given_it():
    then = after_error(state(), NOON, None, timedelta(days=3))
    assert (then.at, then.why) == (NOON + timedelta(days=3), "the server asks for that long")
    assert after_error(state(), NOON, None, timedelta(seconds=1)).interval > timedelta(minutes=20)


def test_sources_of_one_rhythm_do_not_come_at_once_but_each_always_at_its_time():
    def at(key):
        one = replace(state(8 * HOUR), key=key)
        return after_answer(one, Collected(), NOON, None, news=False).at

    assert len({at(f"feed:{n}") for n in range(50)}) > 40
    assert at("feed:7") == at("feed:7")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=25), "25 min"),
        (timedelta(minutes=89), "89 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=12), "12 days"),
    ],
)
def test_spans_are_said_in_one_unit(span, words):
    assert said(span) == words


spans = st.timedeltas(timedelta(0), timedelta(days=5000))


states = st.builds(
    SourceState,
    key=st.text(),
    gap=spans,
    newest=spans.map(lambda silence: NOON - silence),
    interval=spans,
)


@given(
    known=states,
    news=st.booleans(),
    hours=st.frozensets(st.integers(0, 23)),
    days=st.frozensets(st.integers(0, 6)),
)
def test_the_next_check_is_always_ahead_and_allowed(known, news, hours, days):
    asked = Collected(skip_hours=hours, skip_days=days)
    then = after_answer(known, asked, NOON, None, news=news)
    assert SHORTEST <= then.interval <= LONGEST
    assert NOON + SHORTEST <= then.at <= NOON + timedelta(days=8)
    if len(hours) < 24 and len(days) < 7:
        assert then.at.hour not in hours
        assert then.at.weekday() not in days


def test_a_source_whose_hub_tells_of_news_is_asked_a_quarter_as_often_but_once_a_day():
    """Not where the operator has said how often; its own rhythm is remembered as it is."""
    plain = after_answer(state(8 * HOUR), Collected(), NOON, None, news=False)
    told = after_answer(state(8 * HOUR), Collected(), NOON, None, news=False, listened=True)
    assert told.at - NOON == 4 * (plain.at - NOON)
    assert (told.interval, told.why) == (plain.interval, "its hub tells of news")
    rare = after_answer(state(90 * HOUR), Collected(), NOON, None, news=False, listened=True)
    assert rare.at - NOON == LONGEST
    assert (
        after_answer(state(), Collected(), NOON, HOUR, news=False, listened=True).why == "as set"
    )
    wish = Collected(fresh_until=NOON + 99 * HOUR)
    assert (
        after_answer(state(), wish, NOON, None, news=False, listened=True).at == NOON + 99 * HOUR
    )
