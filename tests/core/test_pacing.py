"""Alerts wait for quiet hours to end and for caps to free; none is lost, and order is kept."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.pacing import Pace, is_quiet, pace_of, wakes
from publisher.model.definitions import Action, Cap, Quiet, ScheduleDefinition

NIGHT = Quiet(begins=time(22), ends=time(7))
BERLIN = "Europe/Berlin"
ZONES = (BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def pace(count=3, within=DAY, quiet=NIGHT):
    return Pace(quiet=quiet, cap=Cap(count=count, within=within), home=BERLIN)


def test_by_day_an_alert_goes_at_once():
    assert pace().wait(at("2026-11-25T12:00"), BERLIN, (), ()) is None


@pytest.mark.parametrize(
    ("now", "zone", "until", "reason"),
    [
        ("2026-11-25T21:00", BERLIN, "2026-11-26T06:00", "quiet until 07:00 (Europe/Berlin)"),
        ("2026-11-25T21:00", "", "2026-11-26T06:00", "quiet until 07:00 (Europe/Berlin)"),
        ("2026-11-25T21:00", "No/Such", "2026-11-26T06:00", "quiet until 07:00 (Europe/Berlin)"),
        ("2026-11-25T05:59:59", BERLIN, "2026-11-25T06:00", "quiet until 07:00 (Europe/Berlin)"),
        (
            "2026-11-25T04:00",
            "America/New_York",
            "2026-11-25T12:00",
            "quiet until 07:00 (America/New_York)",
        ),
    ],
)
def test_at_night_it_waits_by_the_readers_clock(now, zone, until, reason):
    wait = pace().wait(at(now), zone, (), ())
    assert (wait.until, wait.reason) == (at(until), reason)


def test_when_quiet_ends_it_goes():
    assert pace().wait(at("2026-11-25T06:00"), BERLIN, (), ()) is None
    assert pace().wait(at("2026-11-25T20:59:59"), BERLIN, (), ()) is None


def test_over_the_cap_it_waits_until_the_oldest_no_longer_counts():
    gone = [at("2026-11-25T09:00:30"), at("2026-11-25T10:00"), at("2026-11-25T11:00")]
    wait = pace().wait(at("2026-11-25T12:00"), BERLIN, gone, ())
    assert wait.until == at("2026-11-26T09:01")
    assert wait.reason == (
        "3 alerts within 1 d; the next may go at 2026-11-26 10:01 (Europe/Berlin)"
    )
    assert pace().wait(at("2026-11-25T12:00"), BERLIN, gone[:2], ()) is None


def test_a_cap_that_frees_at_night_waits_for_the_morning():
    gone = [at("2026-11-25T20:00")]
    wait = pace(1, timedelta(hours=2)).wait(at("2026-11-25T20:30"), BERLIN, gone, ())
    assert wait.until == at("2026-11-26T06:00")
    assert wait.reason.startswith("1 alert within 2 h; the next may go at 2026-11-26 07:00")


def test_those_that_wait_count_so_that_they_do_not_burst():
    now, planned = at("2026-11-25T23:00"), []
    for _ in range(5):
        planned.append(pace(2, timedelta(hours=1)).wait(now, BERLIN, (), planned).until)
    hours = ["06:00", "06:00", "07:00", "07:00", "08:00"]
    assert planned == [at(f"2026-11-26T{hour}") for hour in hours]


def test_a_later_one_never_overtakes_one_that_waits():
    planned = [at("2026-11-26T06:00")]
    wait = pace(quiet=None).wait(at("2026-11-25T12:00"), BERLIN, (), planned)
    assert wait.until == planned[0]
    assert (
        wait.reason
        == "an earlier alert waits; this one may go at 2026-11-26 07:00 (Europe/Berlin)"
    )


def test_only_alerts_have_a_pace():
    alert = ScheduleDefinition(slug="breaking", action=Action.ALERT, quiet=NIGHT)
    assert pace_of(alert, BERLIN) == pace()
    assert pace_of(ScheduleDefinition(slug="m", action=Action.DIGEST), BERLIN) is None


@pytest.mark.parametrize(
    ("now", "quiet", "expected"),
    [
        # 29 March 2026 in Berlin: 02:00 becomes 03:00, so that 02:30 never comes.
        ("2026-03-28T23:00", Quiet(begins=time(22), ends=time(2, 30)), "2026-03-29T01:00"),
        ("2026-03-28T23:00", Quiet(begins=time(22), ends=time(7)), "2026-03-29T05:00"),
        # 25 October 2026: 03:00 becomes 02:00; 02:30 comes twice, and is quiet until it did.
        ("2026-10-24T23:00", Quiet(begins=time(22), ends=time(2, 30)), "2026-10-25T00:30"),
        ("2026-10-25T01:10", Quiet(begins=time(22), ends=time(2, 30)), "2026-10-25T01:30"),
        ("2026-10-24T23:00", Quiet(begins=time(22), ends=time(7)), "2026-10-25T06:00"),
    ],
)
def test_clocks_that_change(now, quiet, expected):
    assert wakes(at(now), ZoneInfo(BERLIN), quiet) == at(expected)


times = st.times().map(lambda value: value.replace(second=0, microsecond=0))
quiets = st.builds(lambda begins, ends: Quiet(begins=begins, ends=ends), times, times).filter(
    lambda quiet: quiet.begins != quiet.ends
)
zones = st.sampled_from([zone for zone in ZONES if zone])
instants = st.integers(0, 8_000_000).map(lambda minutes: at("2011-12-28") + minutes * MINUTE)
# Nights in which clocks change: Berlin and New York both ways, and the day that Samoa left out.
turns = st.sampled_from(["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2011-12-30"])
nights = st.builds(lambda day, minutes: at(day) + minutes * MINUTE, turns, st.integers(-900, 900))


@given(instants | nights, zones, quiets)
def test_the_first_waking_instant(now, zone, quiet):
    place = ZoneInfo(zone)

    def quiet_at(instant):
        return is_quiet(instant.astimezone(place).time(), quiet)

    woken = wakes(now, place, quiet)
    assert woken >= now
    assert not quiet_at(woken)
    step = max((woken - now) / 50, timedelta(seconds=1))
    before = itertools.takewhile(lambda one: one < woken, (now + n * step for n in range(60)))
    assert all(quiet_at(one) for one in before)
    assert woken == now or quiet_at(woken - timedelta(microseconds=1))


@dataclass
class Reader:
    """One reader's ledger: what waits, in order, and what went."""

    zone: str
    pace: Pace
    waiting: list = field(default_factory=list)
    gone: list = field(default_factory=list)

    def alert(self, number, now):
        self.waiting.append((number, now))
        self.settle(now, only=number)

    def settle(self, now, only=None):
        """Send what may go, oldest first, as claiming does; what may not waits on."""
        for index, (number, due) in enumerate(self.waiting):
            if due > now or only not in {None, number}:
                continue
            elders = [at for _, at in self.waiting[:index] if at is not None]
            went = [at for _, at in self.gone] + [now for at in elders if at <= now]
            wait = self.pace.wait(now, self.zone, went, [at for at in elders if at > now])
            self.waiting[index] = (number, wait.until if wait else None)
            if wait is None:
                self.gone.append((number, now))
            else:
                assert wait.until > now
                assert wait.reason
        self.waiting = [(number, due) for number, due in self.waiting if due is not None]


gaps = st.lists(st.integers(0, 2_000), min_size=1, max_size=25)
outages = st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 2_000)), max_size=3)
caps = st.builds(
    Cap, count=st.integers(1, 4), within=st.integers(1, 3_000).map(lambda n: n * MINUTE)
)


def simulate(reader, arrivals, down):
    """Let alerts come and go, but for stretches (from, until) in which nobody is there to send."""

    def up(instant):
        for since, until in sorted(down):
            instant = until if since <= instant < until else instant
        return instant

    coming = list(enumerate(arrivals))
    while coming or reader.waiting:
        now = min(up(at) for _, at in (*reader.waiting, *coming[:1]))
        reader.settle(now)
        while coming and up(coming[0][1]) <= now:
            reader.alert(coming.pop(0)[0], now)


@given(nights | instants, gaps, outages, caps, st.none() | quiets, st.sampled_from(ZONES))
def test_no_sequence_of_alerts_breaks_a_promise(begin, gaps, outages, cap, quiet, zone):
    """Never over the cap, never in quiet hours, none lost, in order; also after an outage."""
    reader = Reader(zone, Pace(quiet=quiet, cap=cap, home=BERLIN))
    arrivals = [begin + n * MINUTE for n in itertools.accumulate(gaps)]
    down = [(begin + n * MINUTE, begin + (n + long) * MINUTE) for n, long in outages]
    simulate(reader, arrivals, down)
    went = [at for _, at in reader.gone]
    assert [number for number, _ in reader.gone] == list(range(len(arrivals)))
    assert went == sorted(went)
    assert all(at >= came for at, came in zip(went, arrivals, strict=True))
    place = ZoneInfo(zone or BERLIN)
    if quiet is not None:
        assert not any(is_quiet(at.astimezone(place).time(), quiet) for at in went)
    for first, over in zip(went, went[cap.count :], strict=False):
        assert over - first >= cap.within
