import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.timetabling import AT_MOST, Timetable
from publisher.errors import StoreBusy
from publisher.kit.calendar import Almanac
from publisher.model.definitions import Action, CatchUp, ScheduleDefinition, SkipRules
from publisher.model.timetable import PlannedRun, RunState
from tests.scheduling.fakes import FakeRuns, HandClock, instant


def schedule(slug="morning", when="daily at 07:30", **changes):
    definition = {"timezone": "Europe/Berlin", "action": Action.DIGEST, **changes}
    return ScheduleDefinition(slug=slug, when=when, **definition)


class World:
    """One store, one clock, one process's timetable."""

    def __init__(self, *definitions, now="2026-11-24T12:00", zones=()):
        self.store, self.clock, self.zones = FakeRuns(), HandClock(now), list(zones)
        self.define(*definitions)
        self.boot()

    def define(self, *definitions):
        self.schedules = {item.slug: item for item in definitions}

    def boot(self):
        self.times = Timetable(store=self.store, calendar=Almanac(), zones=lambda: self.zones)

    def tick(self, **lengths):
        self.clock.go(**lengths)
        return self.times.tick(self.schedules, self.clock.now())

    def rows(self, *names, schedule="morning"):
        rows = reversed(self.store.history(schedule, limit=100_000))
        return [
            tuple(str(getattr(row, name)) for name in names or ("key", "state")) for row in rows
        ]


def test_a_new_schedule_begins_with_its_next_slot():
    world = World(schedule())
    first = world.tick()
    assert not first.runs
    assert not first.work
    assert first.next == instant("2026-11-25T06:30")
    assert not world.tick(hours=18, minutes=29).runs
    due = world.tick(minutes=1)
    assert due.work
    assert [(run.key, run.slot, run.state) for run in due.runs] == [
        ("2026-11-25T07:30", "2026-11-25T07:30:00+01:00", RunState.WAITING)
    ]
    assert due.next == instant("2026-11-26T06:30")
    assert not world.tick(seconds=10).runs


def test_first_now_is_due_at_once_and_only_once():
    world = World(schedule(first="now"))
    assert world.tick().work
    assert world.rows("key", "state", "due") == [("first", "waiting", "2026-11-24 12:00:00+00:00")]
    world.boot()
    assert not world.tick(minutes=5).work
    assert world.tick(hours=18, minutes=25).work
    assert [key for key, _ in world.rows()] == ["first", "2026-11-25T07:30"]


def test_what_is_due_together_runs_in_the_order_of_the_work():
    world = World(
        schedule("a-digest", first="now"),
        schedule("b-publish", "every 15m", first="now", action=Action.PUBLISH),
        schedule("z-collect", "every 15m", first="now", action=Action.COLLECT),
    )
    world.tick()
    found = sorted(world.store.rows.values(), key=lambda run: run.id)
    assert [run.schedule for run in found] == ["z-collect", "b-publish", "a-digest"]


@pytest.mark.parametrize(
    ("catch_up", "states"),
    [
        (CatchUp.LATEST, ["skipped", "skipped", "waiting"]),
        (CatchUp.ALL, ["waiting", "waiting", "waiting"]),
        (CatchUp.SKIP, ["skipped", "skipped", "skipped"]),
    ],
)
def test_three_missed_nights(catch_up, states):
    world = World(schedule(catch_up=catch_up, max_lateness=dt.timedelta(days=3)))
    world.tick()
    world.boot()
    assert len(world.tick(days=2, hours=21).runs) == 3
    rows = world.rows("key", "state", "reason")
    assert [key for key, _, _ in rows] == [f"2026-11-{day}T07:30" for day in (25, 26, 27)]
    assert [state for _, state, _ in rows] == states
    assert all(bool(reason) == (state == "skipped") for _, state, reason in rows)


def test_an_edit_while_down_begins_at_now_and_is_remembered():
    world = World(schedule())
    world.tick()
    world.define(schedule(when="daily at 08:00"))
    world.boot()
    edited = world.tick(days=3)
    assert not edited.runs
    assert edited.next == instant("2026-11-28T07:00")
    assert "the rule changed from daily at 07:30 (Europe/Berlin) to daily at 08:00" in str(
        edited.notes
    )
    ((key, state, reason),) = world.rows("key", "state", "reason")
    assert (key, state) == ("edited:2026-11-27T12:00:00Z", "skipped")
    assert "a slot that fell due after 2026-11-24T12:00:00+00:00 and has not run" in reason
    assert not world.tick(seconds=10).notes


def test_a_changed_time_zone_is_an_edit_and_a_changed_title_is_not():
    world = World(schedule())
    world.tick()
    world.define(schedule(title="New", catch_up=CatchUp.ALL))
    assert not world.tick().notes
    world.define(schedule(timezone="Asia/Tokyo"))
    assert world.tick().next == instant("2026-11-24T22:30")
    assert len(world.rows()) == 1


def test_an_edit_from_subscribers_zones_and_back_never_repeats_a_slot():
    world = World(schedule(), now="2026-11-24T06:29")
    world.tick()
    assert world.tick(minutes=1).work
    world.define(schedule(when="daily at 07:31"))
    world.tick()
    world.define(schedule())
    world.clock.go(seconds=-30)  # set back meanwhile: the old slot lies ahead again
    world.tick()
    assert not world.tick(minutes=1).work
    assert [key for key, _ in world.rows()].count("2026-11-24T07:30") == 1


def test_a_renamed_schedule_goes_on_where_it_was():
    world = World(schedule("dawn", first="now"))
    world.tick()
    world.store.pause_schedule("dawn", None, paused=True)
    world.define(schedule("morning", first="now", was=("dawn",)))
    world.tick(hours=1)
    world.tick(hours=18)
    assert world.rows("key", "reason") == [("2026-11-25T07:30", "paused")]


def test_pauses_are_reasons():
    world = World(schedule())
    world.tick()
    world.store.pause_schedule("morning", instant("2026-11-26T00:00"), paused=True)
    world.tick(days=1)
    world.tick(days=1)
    world.store.pause_schedule("morning", None, paused=True)
    world.tick(days=1)
    world.store.pause_schedule("morning", None, paused=False)
    world.tick(hours=18, minutes=30)
    assert world.rows("key", "state", "reason") == [
        ("2026-11-25T07:30", "skipped", "paused until 2026-11-26T00:00:00+00:00"),
        ("2026-11-26T07:30", "waiting", ""),
        ("2026-11-27T07:30", "skipped", "paused"),
        ("2026-11-28T07:30", "waiting", ""),
    ]


def test_days_of_rest_are_reasons():
    skip = SkipRules(holidays="DE-BE", dates=(dt.date(2026, 12, 24),))
    world = World(schedule(skip=skip), now="2026-12-23T12:00")
    world.tick()
    for _ in range(4):
        world.tick(hours=18, minutes=30)
        world.tick(hours=5, minutes=30)
    assert world.rows("key", "state", "reason") == [
        ("2026-12-24T07:30", "skipped", "rests on 2026-12-24"),
        ("2026-12-25T07:30", "skipped", "holiday: Erster Weihnachtstag"),
        ("2026-12-26T07:30", "skipped", "holiday: Zweiter Weihnachtstag"),
        ("2026-12-27T07:30", "waiting", ""),
    ]


def test_a_clock_that_goes_back_fires_nothing_twice_and_says_so_once():
    world = World(schedule(when="every 15m"))
    world.tick()
    for _ in range(8):
        world.tick(minutes=15)
    before = world.rows()
    assert len(before) == 8
    assert "the clock went back by 2 h" in str(world.tick(hours=-2).notes)
    for _ in range(11):
        again = world.tick(minutes=10)
        assert not again.runs
        assert not again.notes
    assert world.rows() == before
    world.tick(minutes=25)
    assert len(world.rows()) == 9


def test_a_clock_that_leaps_a_day_and_returns_fires_nothing_twice():
    world = World(schedule(when="hourly", catch_up=CatchUp.ALL))
    world.tick()
    world.tick(days=1)
    world.tick(days=-1)
    for _ in range(30):
        world.tick(hours=1)
    keys = [key for key, _ in world.rows()]
    assert len(keys) == len(set(keys)) == 30


def test_many_missed_slots_are_written_part_by_part():
    world = World(schedule(when="every minute"))
    world.tick()
    ticks = [world.tick(days=2)]
    while ticks[-1].next <= world.clock.now():
        ticks.append(world.tick())
    assert [len(tick.runs) for tick in ticks] == [AT_MOST, AT_MOST, 2 * 1440 - 2 * AT_MOST]
    states = [state for _, state in world.rows()]
    # The last of those missed runs, and the two that are on time.
    assert states[:-2] == ["skipped"] * (2 * 1440 - 2)
    assert states[-2:] == ["waiting", "waiting"]


def test_each_offset_of_readers_has_a_run_of_its_own():
    zones = ["Europe/Berlin", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "", "Mars/X"]
    world = World(schedule(timezone="subscriber"), zones=zones)
    assert world.tick().next == instant("2026-11-24T12:30")
    world.tick(minutes=30)
    world.tick(hours=13, minutes=15)
    world.tick(hours=4, minutes=45)
    assert world.rows("key", "state", "due") == [
        ("2026-11-24T07:30@-300", "waiting", "2026-11-24 12:30:00+00:00"),
        ("2026-11-25T07:30@345", "waiting", "2026-11-25 01:45:00+00:00"),
        ("2026-11-25T07:30@60", "waiting", "2026-11-25 06:30:00+00:00"),
    ]


def test_readers_of_one_offset_do_not_supersede_those_of_another():
    zones = ["Europe/Berlin", "America/New_York"]
    world = World(schedule(timezone="subscriber", max_lateness=dt.timedelta(days=2)), zones=zones)
    world.tick()
    world.boot()
    world.tick(days=2, hours=6)
    assert world.rows() == [
        ("2026-11-24T07:30@-300", "skipped"),
        ("2026-11-25T07:30@60", "skipped"),
        ("2026-11-25T07:30@-300", "skipped"),
        ("2026-11-26T07:30@60", "waiting"),
        ("2026-11-26T07:30@-300", "waiting"),
    ]


def test_a_zone_in_its_gap_has_a_run_at_its_own_instant():
    # 02:30 does not exist in Berlin: it runs at 01:00 UTC, half an hour before Lagos's 02:30.
    zones = ["Europe/Berlin", "Africa/Lagos"]
    world = World(
        schedule(when="daily at 02:30", timezone="subscriber"), zones=zones, now="2026-03-28T12:00"
    )
    world.tick()
    world.tick(hours=13)
    world.tick(minutes=30)
    assert world.rows("key", "due") == [
        ("2026-03-29T02:30@90", "2026-03-29 01:00:00+00:00"),
        ("2026-03-29T02:30@60", "2026-03-29 01:30:00+00:00"),
    ]


def test_a_reader_in_a_new_zone_does_not_bring_the_past():
    world = World(schedule(timezone="subscriber"), zones=["Europe/Berlin"])
    world.tick()
    for _ in range(20):
        world.tick(hours=1)
    world.zones.append("America/New_York")
    assert not world.tick(minutes=10).runs


def test_one_schedule_that_cannot_be_used_does_not_stop_the_others():
    world = World(schedule("bad", "daily at noon"), schedule(first="now"))
    ticked = world.tick()
    assert ticked.work
    assert [slug for slug, _ in ticked.notes] == ["bad"]


def test_a_store_that_refuses_is_the_callers_to_know():
    class Busy(FakeRuns):
        def schedule_states(self):
            raise StoreBusy("store", "locked")

    times = Timetable(store=Busy(), calendar=Almanac())
    with pytest.raises(StoreBusy):
        times.tick({"morning": schedule()}, instant("2026-11-24T12:00"))


def test_a_lost_race_writes_nothing():
    one = World(schedule(first="now"))
    two = Timetable(store=one.store, calendar=Almanac())
    one.tick()
    assert not two.tick(one.schedules, one.clock.now()).work
    states = one.store.schedule_states()
    now = one.clock.go(hours=19)
    assert one.tick().work
    one.store.schedule_states = lambda: states  # what the slower one had read before
    late = two.tick(one.schedules, now)
    assert not late.runs
    assert one.store.lost == 1


def test_a_run_written_by_hand_under_a_slots_key_is_kept():
    world = World(schedule())
    world.tick()
    run = PlannedRun(key="2026-11-25T07:30", slot="x", due=instant("2026-11-24T12:00"))
    world.store.add_run("morning", run)
    assert not world.tick(days=1).runs
    assert len(world.rows()) == 1


def test_quiet_schedules_are_not_computed_again_and_again():
    class Counting(Almanac):
        asked = 0

        def occurrences(self, *arguments):
            Counting.asked += 1
            return super().occurrences(*arguments)

    world = World(schedule())
    world.times = Timetable(store=world.store, calendar=Counting())
    for _ in range(400):
        world.tick(seconds=10)
    assert Counting.asked == 2  # at the start, and after the cursor followed the clock


@given(st.lists(st.integers(-90, 400), min_size=1, max_size=40), st.sampled_from(list(CatchUp)))
def test_any_clock_gives_each_slot_at_most_one_run(steps, catch_up):
    world = World(schedule(when="every 30m", catch_up=catch_up))
    world.tick()
    furthest = world.clock.now()
    for number, step in enumerate(steps):
        world.tick(minutes=step)
        furthest = max(furthest, world.clock.now())
        if number % 5 == 4:
            world.boot()
    keys = [key for key, _ in world.rows()]
    expected = itertools.takewhile(
        lambda occurrence: occurrence.at <= furthest,
        Almanac().occurrences(schedule(when="every 30m"), instant("2026-11-24T12:00"), "UTC"),
    )
    assert keys == [occurrence.slot for occurrence in expected]
