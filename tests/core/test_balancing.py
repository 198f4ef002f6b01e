"""An edition's parts are its audience, whatever mix of states; times and rates promise nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.balancing import advice, balance, times
from publisher.core.tempo import LEAST, SPAN, Tempo
from publisher.model.editions import DeliveryState, Edition, EditionId, EditionState
from publisher.model.sheets import REASONED, ReasonTally, Sheet, Tally
from publisher.model.timetable import RunId

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ACCEPTED, FAILED = DeliveryState.ACCEPTED, DeliveryState.FAILED
QUEUED, DEFERRED = DeliveryState.QUEUED, DeliveryState.DEFERRED


def sheet(counts, *, state=EditionState.OPEN, audience=None, **more):
    edition = Edition(
        id=EditionId(7),
        run=RunId(7),
        schedule="morning",
        slot="2026-11-24T07:30:00+01:00",
        number=7,
        state=state,
        opened=NOON,
        audience=sum(counts.values()) if audience is None else audience,
        counts=counts,
    )
    return Sheet(edition=edition, asked=NOON + timedelta(minutes=10), **more)


def came(state, count, first=0.0, last=0.0, recent=0, transport="relay"):
    return Tally(
        state=state,
        transport=transport,
        count=count,
        first=NOON + first * SECOND,
        last=NOON + last * SECOND,
        recent=recent,
    )


@st.composite
def mixtures(draw):
    """Any number of copies in every state, with some of the reasons of those that have any."""
    counts = {state: draw(st.integers(0, 2_000_000)) for state in DeliveryState}
    reasons = []
    for state in REASONED:
        left = counts[state]
        while left and draw(st.booleans()):
            count = draw(st.integers(1, left))
            left -= count
            reasons.append(ReasonTally(state=state, words=draw(st.text()), count=count))
    return sheet(counts, reasons=tuple(reasons))


@given(mixtures())
def test_the_parts_are_always_the_audience(found):
    made = balance(found)
    assert made.ended + made.under_way == made.audience
    assert made.missing == 0
    for part in made.parts.values():
        assert sum(one.count for one in part.reasons) + part.others == part.count
    assert (made.under_way == 0) == found.edition.complete


@given(mixtures(), st.integers(-50, 50))
def test_what_is_missing_is_said(found, lost):
    counts = dict(found.edition.counts)
    short = sheet(counts, audience=max(0, sum(counts.values()) + lost))
    assert balance(short).missing == short.edition.audience - sum(counts.values())


def test_before_the_first_answer_nothing_is_promised():
    found = times(sheet({QUEUED: 5}))
    assert (found.started, found.finished, found.expected, found.rate) == (None,) * 4


def test_the_last_minute_says_when_it_may_end():
    tallies = (came(ACCEPTED, 500, 0, 599, recent=240), came(FAILED, 10, 3, 590, recent=60))
    found = times(sheet({ACCEPTED: 500, FAILED: 10, QUEUED: 300, DEFERRED: 9}, tallies=tallies))
    assert found.started == NOON
    assert found.rate == 5.0
    assert found.expected == NOON + timedelta(minutes=10) + 60 * SECOND


def test_in_its_first_seconds_the_rate_is_that_of_these_seconds():
    tallies = (came(ACCEPTED, 40, 590, 599, recent=40),)
    assert times(sheet({ACCEPTED: 40, QUEUED: 400}, tallies=tallies)).rate == 4.0


def test_what_stands_still_has_no_end():
    tallies = (came(ACCEPTED, 40, 0, 9, recent=0),)
    found = times(sheet({ACCEPTED: 40, QUEUED: 400}, tallies=tallies))
    assert (found.rate, found.expected, found.finished) == (0.0, None, None)


def test_afterwards_the_rate_is_that_of_the_whole():
    tallies = (came(ACCEPTED, 90, 0, 10), came(FAILED, 10, 1, 20))
    ended = NOON + 21 * SECOND
    found = times(sheet({ACCEPTED: 90, FAILED: 10}, tallies=tallies, ended=ended))
    assert (found.started, found.finished, found.rate) == (NOON, ended, 5.0)
    at_once = times(sheet({ACCEPTED: 9}, tallies=(came(ACCEPTED, 9),)))
    assert at_once.rate is None


@pytest.mark.parametrize(
    ("state", "counts", "hands", "commands"),
    [
        (EditionState.OPEN, {QUEUED: 5}, 1, ["editions pause 7"]),
        (EditionState.OPEN, {QUEUED: 5}, 0, ["run", "editions pause 7"]),
        (EditionState.PAUSED, {QUEUED: 5}, 0, ["editions resume 7", "editions cancel 7"]),
        (EditionState.DONE, {ACCEPTED: 5}, 0, []),
        (EditionState.DONE, {FAILED: 5}, 0, ["retry 7 --state failed"]),
        (EditionState.CANCELLED, {FAILED: 5}, 0, []),
        (
            EditionState.REVIEW,
            {QUEUED: 5},
            0,
            ["editions approve 7", "editions edit 7", "editions reject 7"],
        ),
        (
            EditionState.OPEN,
            {DEFERRED: 2, DeliveryState.UNCERTAIN: 1},
            0,
            [
                "run",
                "editions pause 7",
                "retry 7 --state deferred",
                "retry 7 --state uncertain",
            ],
        ),
    ],
)
def test_what_can_be_done_now(state, counts, hands, commands):
    found = advice(sheet(counts, state=state, hands=hands))
    assert [one.command for one in found] == commands
    assert all(one.does for one in found)


def test_nobody_is_told_to_retry_where_nobody_is():
    gone = ReasonTally(state=FAILED, words="550 5.1.1 gone", count=4, refusal="hard")
    assert advice(sheet({FAILED: 4}, state=EditionState.DONE, reasons=(gone,))) == ()
    (one,) = advice(sheet({FAILED: 6}, state=EditionState.DONE, reasons=(gone,)))
    assert one.does == "tries the 2 failed again"


def test_a_rate_needs_two_looks():
    tempo = Tempo()
    assert (tempo.rate, tempo.left, tempo.still) == (None, None, 0.0)
    tempo.look(100.0, {QUEUED: 900})
    assert (tempo.rate, tempo.left) == (None, None)
    tempo.look(100.0 + LEAST / 2, {QUEUED: 890})
    assert tempo.rate is None
    tempo.look(101.0, {QUEUED: 800})
    assert (tempo.rate, tempo.left) == (100.0, 8.0)


def test_the_rate_follows_what_happens_now():
    tempo = Tempo()
    queue = 10_000
    for second in range(60):
        tempo.look(float(second), {QUEUED: queue})
        queue -= 100 if second < 30 else 10
    assert tempo.rate == 10.0


def test_a_queue_that_stands_still_says_for_how_long():
    tempo = Tempo()
    for second in range(40):
        tempo.look(float(second), {QUEUED: max(500, 600 - 10 * second)})
    assert tempo.still == 29.0
    assert (tempo.rate, tempo.left) == (0.0, None)
    tempo.look(41.0, {QUEUED: 0})
    assert tempo.still == 0.0


def test_a_retry_begins_anew():
    tempo = Tempo()
    tempo.look(0.0, {QUEUED: 100})
    tempo.look(1.0, {QUEUED: 0})
    tempo.look(2.0, {QUEUED: 50})
    assert tempo.rate is None
    tempo.look(3.0, {QUEUED: 40})
    assert (tempo.rate, tempo.left) == (10.0, 4.0)


@given(st.lists(st.tuples(st.floats(0.01, 5.0), st.integers(0, 500)), min_size=1, max_size=60))
def test_a_rate_is_never_below_zero_nor_above_what_was_seen(steps):
    tempo, at, queue = Tempo(), 0.0, 20_000
    tempo.look(at, {QUEUED: queue})
    fastest = 0.0
    for wait, sent in steps:
        at, queue = at + wait, queue - min(sent, queue)
        fastest = max(fastest, sent / wait)
        tempo.look(at, {QUEUED: queue})
        assert tempo.rate is None or 0.0 <= tempo.rate <= fastest * 1.000001
        assert 0.0 <= tempo.still <= at
    assert SPAN > LEAST
