"""When an edition stops by itself: thresholds, their least numbers, and who looks how often."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.braking import (
    GLANCE,
    PATIENCE,
    WINDOW,
    Watch,
    complaints,
    errors,
    policy,
    suspects,
    too_many,
)
from publisher.model.definitions import PauseSettings
from publisher.model.editions import EditionId, Trouble

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = PauseSettings()
NEVER = PauseSettings(errors=0, policy=0, complaints=0)


class Ledger:
    """A store that answers as told, and remembers what it was asked; it is its own slow clock."""

    def __init__(self, trouble=None, tried=0, count=0, accepted=0, slow=0):
        self.told = (trouble or Trouble(), tried, count, accepted)
        self.asked, self.stopped, self.time, self.slow = [], [], NOON, slow

    def now(self):
        return self.time

    def trouble(self, _edition):
        self.asked.append("trouble")
        self.time += timedelta(seconds=self.slow)
        return self.told[0]

    def tried_at(self, _edition, domain):
        self.asked.append(domain)
        return self.told[1]

    def complaints(self, since):
        assert since == self.time - WINDOW or self.slow
        self.asked.append("complaints")
        return self.told[2]

    def accepted(self, _since, most):
        self.asked.append(most)
        return min(most, self.told[3])

    def brake(self, edition, cause, reason, now):
        self.stopped.append((edition, cause, reason, now))
        return True


def watch(ledger, limits=LIMITS):
    return Watch(store=ledger, clock=ledger, limits=limits, edition=EditionId(5))


@pytest.mark.parametrize(
    ("failed", "tried", "stops"),
    [(99, 99, False), (9, 100, False), (10, 100, True), (99, 1_000, False), (100, 1_000, True)],
)
def test_errors_count_after_a_hundred(failed, tried, stops):
    found = errors(Trouble(failed=failed, tried=tried), LIMITS)
    assert bool(found) is stops
    if found:
        assert found.name == "errors"
        assert f"{failed} of {tried:,} copies (10.0%)" in found.reason
        assert "the limit is 10% ([mail.pause] errors)" in found.reason
    assert errors(Trouble(failed=failed, tried=tried), NEVER) is None


@pytest.mark.parametrize(
    ("blocked", "tried", "stops"),
    [(50, 99, False), (4, 100, False), (5, 100, True), (499, 10_000, False), (500, 10_000, True)],
)
def test_a_domain_that_blocks_us_stops_the_edition(blocked, tried, stops):
    found = policy("gmail.com", blocked, tried, LIMITS)
    assert bool(found) is stops
    if found:
        assert found.name == "policy:gmail.com"
        assert "gmail.com blocks us" in found.reason
    assert policy("gmail.com", blocked, tried, NEVER) is None


@pytest.mark.parametrize(
    ("count", "accepted", "stops"),
    [
        (999, 999, False),
        (2, 1_000, False),
        (3, 1_000, True),
        (29, 10_000, False),
        (30, 10_000, True),
    ],
)
def test_complaints_count_after_a_thousand(count, accepted, stops):
    found = complaints(count, accepted, LIMITS)
    assert bool(found) is stops
    if found:
        assert "within 7 days; the limit is 0.3%" in found.reason
    assert complaints(count, accepted, NEVER) is None


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 100), st.integers(1, 10**4))
def test_more_trouble_never_lets_go_what_less_stops(bad, among, per_cent, after):
    bad = min(bad, among)
    if too_many(bad, among, per_cent / 100, after):
        assert too_many(min(bad + 1, among), among, per_cent / 100, after)
        assert among >= after
    assert not too_many(bad, among, 0, after)


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 50)), st.integers(0, 1_000))
def test_no_domain_that_stops_an_edition_is_overlooked(blocked, tried):
    found = suspects(Trouble(blocked=blocked), LIMITS)
    assert [blocked[domain] for domain in found] == sorted(map(blocked.get, found), reverse=True)
    for domain in set(blocked) - set(found):
        assert policy(domain, blocked[domain], max(tried, blocked[domain]), LIMITS) is None


def test_without_trouble_only_complaints_are_counted():
    ledger = Ledger(Trouble(failed=100, tried=100))
    assert watch(ledger).look() == ""
    assert ledger.asked == ["complaints"]


def test_the_first_cause_stops_the_edition_and_is_told():
    blocked = {"a.example": 9, "b.example": 50}
    ledger = Ledger(Trouble(failed=60, tried=300, blocked=blocked), 100, accepted=1_000)
    looked = watch(ledger)
    looked.refused = 1
    reason = looked.look()
    assert "b.example blocks us: 50 of 100" in reason
    assert ledger.stopped == [(5, "policy:b.example", reason, NOON)]
    assert ledger.asked == ["trouble", 1_000, "b.example"]


def test_blocks_count_only_after_a_thousand_were_accepted():
    trouble = Trouble(failed=60, tried=1_000, blocked={"b.example": 60})
    for accepted, stops in [(999, False), (1_000, True)]:
        looked = watch(Ledger(trouble, tried=100, accepted=accepted))
        looked.refused = 1
        assert bool(looked.look()) is stops
        assert looked.refused == (
            not stops
        )  # who was not judged yet is, without a further refusal


def test_complaints_stop_it_and_no_more_is_counted_than_needed():
    ledger = Ledger(count=4, accepted=1_200)
    assert "4 complaints about 1,200 copies" in watch(ledger).look()
    assert ledger.asked == ["complaints", 1_334]
    assert watch(Ledger(count=4, accepted=10**6)).look() == ""
    few = Ledger(count=2, accepted=10)
    assert watch(few).look() == ""
    assert few.asked == ["complaints"]


def test_what_costs_time_is_looked_at_seldom_but_for_the_last_time():
    ledger = Ledger(slow=1)
    looked = watch(ledger)
    for _ in range(3):
        looked.refused = 1
        looked.look()
    assert ledger.asked.count("trouble") == 1
    looked.look(last=True)
    assert ledger.asked.count("trouble") == 2
    ledger.time += timedelta(seconds=PATIENCE + 1)
    looked.refused = 1
    looked.look()
    assert ledger.asked.count("trouble") == 3


def test_enough_refusals_make_it_look_within_a_batch():
    ledger = Ledger(Trouble(failed=100, tried=100))
    looked = watch(ledger)
    for looked.refused in range(GLANCE):
        looked.glance()
    assert ledger.asked == []
    looked.refused = GLANCE
    looked.glance()
    assert "100 of 100 copies" in looked.reason
    asked = len(ledger.asked)
    looked.refused = GLANCE
    looked.glance()
    assert looked.look(last=True) == looked.reason
    assert len(ledger.asked) == asked  # it stands: nothing is left to find out


def test_a_cause_that_comes_too_late_to_stop_anything_is_remembered():
    ledger = Ledger(Trouble(failed=100, tried=100))
    ledger.brake = lambda *_: False
    looked = watch(ledger)
    looked.refused = 1
    assert looked.look() == ""
    assert looked.look(last=True) == ""
    assert "100 of 100 copies" in looked.unheeded


def test_an_edition_that_somebody_else_stopped_is_left_to_them():
    ledger = Ledger(Trouble(failed=100, tried=100))
    ledger.brake = lambda *_: False
    looked = watch(ledger)
    looked.refused = 1
    assert looked.look() == ""
