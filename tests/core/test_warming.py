"""The curve of a new transport, its days by the publication's clock, and what a process may take."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.warming import Quota, Warming, allowance
from publisher.model.definitions import WarmUp
from publisher.model.editions import DeliveryId, Outcome, OutcomeState
from publisher.model.messages import Parcel

FIRST = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CURVE = WarmUp(begins=FIRST)


def on(days, **more):
    return allowance(WarmUp(begins=FIRST, **more), FIRST + timedelta(days=days))


@pytest.mark.parametrize(
    ("days", "most"),
    [(-9, 50), (0, 50), (1, 75), (2, 112), (7, 854), (14, 14_596), (17, 49_263), (18, None)],
)
def test_the_usual_curve(days, most):
    assert on(days) == most


@given(st.integers(-400, 40_000), st.integers(1, 10**6), st.floats(1, 10), st.integers(1, 10**9))
def test_a_day_never_takes_less_than_the_one_before(days, per_day, growth, until):
    curve = {"per_day": per_day, "growth": growth, "until": until}
    today, tomorrow = on(days, **curve), on(days + 1, **curve)
    assert today is None or 1 <= today <= until
    assert tomorrow is None or (today is not None and tomorrow >= today)


def test_without_growth_the_limit_stays():
    assert on(9_999, growth=1.0) == 50
    assert on(0, per_day=100, until=100) is None


def warming(**more):
    return Warming(transport="relay", curve=WarmUp(begins=FIRST, **more), zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("editions", "letters", "room"),
    [(0, 0, 45), (0, 5, 45), (0, 6, 44), (44, 0, 1), (45, 0, 0), (45, 9, 0), (0, 60, 0)],
)
def test_letters_have_a_part_of_the_day_of_their_own(editions, letters, room):
    assert warming().room(NOON, editions, letters) == room
    assert warming(per_day=10**6).room(NOON, editions, letters) is None


def test_days_are_the_publications_and_the_rest_waits_for_the_next():
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    assert warming().day(late) == "2026-11-25"
    assert warming().room(late, 0, 0) == 68
    assert warming().wait(NOON, 44, 0) is None
    found = warming().wait(NOON, 45, 1)
    assert found.until == datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert found.reason == (
        "relay warms up: 45 copies and 1 letter of at most 50 went today,"
        " the rest goes on 2026-11-25 (Europe/Berlin)"
    )
    assert warming(per_day=10**6).wait(NOON, 10**7, 0) is None


class Days:
    """Days in memory."""

    def __init__(self):
        self.counts = {}

    def taken(self, _transport, day):
        return self.counts.get(day, 0), 0

    def take(self, curve, wanted, now):
        day = curve.day(now)
        number = min(wanted, curve.room(now, *self.taken("relay", day)))
        self.counts[day] = self.counts.get(day, 0) + number
        return number

    def give_back(self, _transport, day, number):
        self.counts[day] -= number


def parcels(*numbers):
    return [
        Parcel(delivery=n, sender="a@b", recipient="c@d", message_id=f"<{n}>", pieces=())
        for n in numbers
    ]


def said(number, state):
    return Outcome(delivery=DeliveryId(number), state=OutcomeState(state))


def test_only_what_was_taken_counts():
    days = Days()
    quota = Quota(store=days, warming=warming())
    five = parcels(1, 2, 3, 4, 5)
    assert quota.admit(five, NOON) == five
    quota.settle([said(1, "accepted"), said(2, "uncertain"), said(3, "failed")], five[3:4])
    assert days.counts == {"2026-11-24": 3}
    # Refused after midnight, it is given back to the day it was counted on; nothing twice.
    quota.settle([said(5, "deferred"), said(3, "failed"), said(1, "failed")], ())
    assert days.counts == {"2026-11-24": 2}


def test_what_is_above_the_day_does_not_go():
    days = Days()
    quota = Quota(store=days, warming=warming(reserve=0))
    assert quota.within(500, NOON) == 50
    assert len(quota.admit(parcels(*range(48)), NOON)) == 48
    assert quota.within(500, NOON) == 2
    more = parcels(100, 101, 102)
    assert quota.admit(more, NOON) == more[:2]
    assert quota.admit((), NOON) == ()
    assert quota.within(500, NOON) == 0
    assert quota.wait(NOON) is not None
