import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.catching_up import ON_TIME, SUPERSEDED, Policy, Slot, decide, length
from publisher.model.definitions import CatchUp
from publisher.model.timetable import RunState

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def slots(*ages, rests=()):
    """Slots so many hours old, the oldest first."""
    return [
        Slot(
            key=f"{age}",
            slot=f"{age}",
            at=NOW - age * HOUR,
            rests="holiday: Nikolaus" if age in rests else "",
        )
        for age in ages
    ]


def reasons(found, catch_up, *, max_lateness=6, more=False):
    policy = Policy(catch_up=catch_up, max_lateness=max_lateness * HOUR)
    runs = decide(found, NOW, policy, more=more)
    assert [run.key for run in runs] == [slot.key for slot in found]
    assert [run.due for run in runs] == [slot.at for slot in found]
    for run in runs:
        assert (run.state is RunState.SKIPPED) == bool(run.reason)
    return [run.reason for run in runs]


THREE_NIGHTS = (51, 27, 3)


def test_three_missed_nights_latest():
    assert reasons(slots(*THREE_NIGHTS), CatchUp.LATEST) == [SUPERSEDED, SUPERSEDED, ""]


def test_three_missed_nights_all():
    assert reasons(slots(*THREE_NIGHTS), CatchUp.ALL, max_lateness=72) == ["", "", ""]
    assert reasons(slots(*THREE_NIGHTS), CatchUp.ALL) == [
        "missed by 2 d 3 h (max_lateness is 6 h)",
        "missed by 1 d 3 h (max_lateness is 6 h)",
        "",
    ]


def test_three_missed_nights_skip():
    assert reasons(slots(*THREE_NIGHTS), CatchUp.SKIP) == [
        "missed by 2 d 3 h (catch_up is skip)",
        "missed by 1 d 3 h (catch_up is skip)",
        "missed by 3 h (catch_up is skip)",
    ]


def test_nothing_is_superseded_by_what_does_not_run():
    assert reasons(slots(31, 7), CatchUp.LATEST) == [
        "missed by 1 d 7 h (max_lateness is 6 h)",
        "missed by 7 h (max_lateness is 6 h)",
    ]
    assert reasons(slots(3, 1, rests=[1]), CatchUp.LATEST) == ["", "holiday: Nikolaus"]


def test_what_rests_has_its_own_reason():
    assert reasons(slots(5, 3, 1, rests=[3]), CatchUp.LATEST) == [
        SUPERSEDED,
        "holiday: Nikolaus",
        "",
    ]
    assert reasons(slots(0, rests=[0]), CatchUp.ALL) == ["holiday: Nikolaus"]


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_slots_on_time_all_run(catch_up):
    found = slots(1 / 60, 1 / 120, 0)
    assert reasons(found, catch_up, max_lateness=0) == ["", "", ""]


def test_a_part_of_many_is_superseded_by_what_follows():
    found = slots(3, 2)
    assert reasons(found, CatchUp.LATEST, more=True) == [SUPERSEDED, SUPERSEDED]
    assert reasons(found, CatchUp.ALL, more=True) == ["", ""]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (5_400, "1 h 30 min"),
        (185_400, "2 d 3 h"),
    ],
)
def test_lengths_in_words(seconds, words):
    assert length(dt.timedelta(seconds=seconds)) == words


@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.booleans()), max_size=30),
    st.sampled_from(list(CatchUp)),
    st.integers(0, 5_000),
)
def test_every_slot_is_accounted_for(found, catch_up, lateness):
    ages = sorted(dict(found).items(), reverse=True)
    given_slots = [
        Slot(
            key=str(age),
            slot=str(age),
            at=NOW - dt.timedelta(minutes=age),
            rests="paused" if rests else "",
        )
        for age, rests in ages
    ]
    policy = Policy(catch_up=catch_up, max_lateness=dt.timedelta(minutes=lateness))
    runs = decide(given_slots, NOW, policy)
    assert [run.key for run in runs] == [slot.key for slot in given_slots]
    running = [run for run in runs if run.state is RunState.WAITING]
    late = [run for run in running if NOW - run.due > ON_TIME]
    assert all(NOW - run.due <= policy.max_lateness for run in late)
    if catch_up is CatchUp.LATEST:
        assert len(late) <= 1
    if catch_up is CatchUp.SKIP:
        assert not late
    if any(run.reason == SUPERSEDED for run in runs):
        assert running
