import datetime as dt
import itertools
import zoneinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.calendar import Almanac, parse_cron, parse_when
from publisher.kit.calendar.rules import Wall
from publisher.model.definitions import Action, ScheduleDefinition

UTC = dt.UTC


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=UTC)


def rows(rule, zone, after, count):
    found = rule.occurrences(at(after), ZoneInfo(zone))
    return [
        (o.slot, f"{o.at:%m-%d %H:%M}", f"{o.local:%H:%M%z}", o.note)
        for o in itertools.islice(found, count)
    ]


def test_a_time_that_does_not_exist_runs_once_when_the_gap_ends():
    assert rows(parse_when("daily at 02:30"), "Europe/Berlin", "2026-03-28", 3) == [
        ("2026-03-28T02:30", "03-28 01:30", "02:30+0100", ""),
        (
            "2026-03-29T02:30",
            "03-29 01:00",
            "03:00+0200",
            "clocks go forward: 02:30 does not exist, runs at 03:00",
        ),
        ("2026-03-30T02:30", "03-30 00:30", "02:30+0200", ""),
    ]


def test_a_time_that_comes_twice_runs_the_first_time():
    assert rows(parse_when("daily at 02:30"), "Europe/Berlin", "2026-10-24T12:00", 2) == [
        (
            "2026-10-25T02:30",
            "10-25 00:30",
            "02:30+0200",
            "clocks go back: 02:30 comes twice, runs the first time",
        ),
        ("2026-10-26T02:30", "10-26 01:30", "02:30+0100", ""),
    ]


def test_a_cursor_inside_the_second_pass_does_not_bring_the_first_back():
    found = rows(parse_when("daily at 02:30"), "Europe/Berlin", "2026-10-25T01:10", 1)
    assert found[0][0] == "2026-10-26T02:30"


def test_other_times_of_such_a_day_say_so():
    forward = rows(parse_when("daily at 07:30"), "Europe/Berlin", "2026-03-28T12:00", 1)
    back = rows(parse_when("daily at 07:30"), "Europe/Berlin", "2026-10-24T12:00", 2)
    assert forward[0][3] == "clocks go forward this day"
    assert [note for *_, note in back] == ["clocks go back this day", ""]


def test_two_times_in_one_gap_are_one_run_under_the_first_key():
    rule = parse_when("daily at 02:00, 02:30, 03:00 and 04:00")
    for after in ("2026-03-28T12:00", "2026-03-29T00:59"):
        found = rows(rule, "Europe/Berlin", after, 2)
        assert [slot for slot, *_ in found] == ["2026-03-29T02:00", "2026-03-29T04:00"]


def test_a_gap_over_midnight_keeps_the_local_date():
    # Greenland, at the EU's hour: 23:00 on Saturday is followed by 00:00 on Sunday.
    found = rows(parse_when("daily at 23:30"), "America/Nuuk", "2026-03-28T12:00", 2)
    assert [row[:3] for row in found] == [
        ("2026-03-28T23:30", "03-29 01:00", "00:00-0100"),
        ("2026-03-29T23:30", "03-30 00:30", "23:30-0100"),
    ]


def test_a_day_without_a_clock_has_no_slot_but_a_single_run_is_kept():
    daily = rows(parse_when("daily at 07:30"), "Pacific/Apia", "2011-12-29T12:00", 2)
    assert [slot for slot, *_ in daily] == ["2011-12-29T07:30", "2011-12-31T07:30"]
    once = rows(parse_when("once on 2011-12-30 at 07:30"), "Pacific/Apia", "2011-12-01", 2)
    assert [row[:2] for row in once] == [("2011-12-30T07:30", "12-30 10:00")]


def test_an_interval_runs_through_the_repeated_hour_twice():
    found = rows(parse_when("every 30m"), "Europe/Berlin", "2026-10-24T23:45", 5)
    assert [(slot, note) for slot, _, _, note in found] == [
        ("2026-10-25T00:00Z", "clocks go back: 02:00 for the first time"),
        ("2026-10-25T00:30Z", "clocks go back: 02:30 for the first time"),
        ("2026-10-25T01:00Z", "clocks go back: 02:00 for the second time"),
        ("2026-10-25T01:30Z", "clocks go back: 02:30 for the second time"),
        ("2026-10-25T02:00Z", ""),
    ]


@pytest.mark.parametrize(
    ("zone", "minute"),
    [("Asia/Kolkata", 0), ("Asia/Kathmandu", 0), ("Asia/Tokyo", 0), ("UTC", 0)],
)
def test_hourly_is_on_the_hour_where_the_offset_is_not(zone, minute):
    found = parse_when("hourly").occurrences(at("2026-11-24T00:10"), ZoneInfo(zone))
    assert {o.local.minute for o in itertools.islice(found, 30)} == {minute}


def test_intervals_of_hours_count_from_midnight_in_standard_time():
    winter = rows(parse_when("every 6h"), "Europe/Berlin", "2026-01-01T23:00", 4)
    assert [local for _, _, local, _ in winter] == [
        f"{hour:02}:00+0100" for hour in (6, 12, 18, 0)
    ]


def test_crontab_wildcards_follow_the_clock_where_it_moves_by_half_an_hour():
    # Lord Howe: at 02:00 the clocks go back to 01:30; 02:00 itself comes after that, once.
    rule = parse_cron("0 */2 * * *")
    found = rows(rule, "Australia/Lord_Howe", "2026-04-04T12:30", 3)
    assert [local for _, _, local, _ in found] == ["00:00+1100", "02:00+1030", "04:00+1030"]
    halves = rows(parse_cron("*/30 * * * *"), "Australia/Lord_Howe", "2026-04-04T14:15", 4)
    assert [local for _, _, local, _ in halves] == [
        "01:30+1100",
        "01:30+1030",
        "02:00+1030",
        "02:30+1030",
    ]


def test_a_rule_ends_with_the_calendar():
    for rule in ({"when": "daily at 07:30"}, {"when": "every 15m"}, {"cron": "*/7 * * * *"}):
        schedule = ScheduleDefinition(slug="s", action=Action.TIDY, **rule)
        found = Almanac().occurrences(schedule, at("9999-12-20T12:00"), "Europe/Berlin")
        assert list(found)[-1].at.year == 9999


# A second way to compute the same, without cronsim and without PEP 495: a zone is a list of spans
# of one offset, and a wall-clock time runs at the first instant at which the clock reads it or
# later.


def spans(zone, first, last):
    """(begin, end, offset) of each span of one offset between two instants."""

    def offset(instant):
        return instant.astimezone(zone).utcoffset()

    begin, day, found = first, first, []
    while day < last:
        following = day + dt.timedelta(hours=12)
        if offset(following) != offset(day):
            low, high = day, following
            while high - low > dt.timedelta(seconds=1):
                middle = (low + (high - low) // 2).replace(microsecond=0)
                low, high = (middle, high) if offset(middle) == offset(day) else (low, middle)
            found.append((begin, high, offset(day)))
            begin = high
        day = following
    return (*found, (begin, last, offset(begin)))


def first_reading(local, table):
    """The first instant of the table at which the clock reads `local` or later."""
    naive = local.replace(tzinfo=UTC)
    return next(max(begin, naive - offset) for begin, end, offset in table if naive - offset < end)


def by_date(table, first, last, days, times):
    """{slot: instant} of a rule with fixed times on some days, computed date by date."""
    found = {}
    day = first.date()
    while day <= last.date():
        for time in times if days(day) else ():
            local = dt.datetime.combine(day, time)
            found[f"{local:%Y-%m-%dT%H:%M}"] = first_reading(local, table)
        day += dt.timedelta(days=1)
    return found


def by_clock(table, minutes):
    """Instants at which the clock shows a minute divisible by `minutes`, span by span."""
    step = dt.timedelta(minutes=minutes)
    epoch = dt.datetime(1970, 1, 1, tzinfo=UTC)
    found = []
    for begin, end, offset in table:
        instant = begin + -(begin + offset - epoch) % step
        while instant < end:
            found.append(instant)
            instant += step
    return found


def time(text):
    return dt.time.fromisoformat(text)


FIXED = {
    "daily at 00:00": (lambda day: True, [time("00:00")]),
    "daily at 00:30": (lambda day: True, [time("00:30")]),
    "daily at 01:30": (lambda day: True, [time("01:30")]),
    "daily at 02:30": (lambda day: True, [time("02:30")]),
    "daily at 03:00": (lambda day: True, [time("03:00")]),
    "daily at 23:30": (lambda day: True, [time("23:30")]),
    "every sunday at 02:30": (lambda day: day.weekday() == 6, [time("02:30")]),
    "every weekday at 07:30": (lambda day: day.weekday() < 5, [time("07:30")]),
    "every 2 weeks on sunday at 02:15 from 2020-01-05": (
        lambda day: day.weekday() == 6 and (day - dt.date(2020, 1, 5)).days % 14 == 0,
        [time("02:15")],
    ),
    "on the last sunday at 01:45": (
        lambda day: day.weekday() == 6 and (day + dt.timedelta(days=7)).month != day.month,
        [time("01:45")],
    ),
    "on the 1st and 15th at 00:15": (lambda day: day.day in {1, 15}, [time("00:15")]),
}


def different_zones(first, last):
    """One zone of each behaviour between two instants, with its spans."""
    found = {}
    for name in sorted(zoneinfo.available_timezones() - {"localtime"}):
        table = spans(ZoneInfo(name), first, last)
        found.setdefault(table, name)
    return [(ZoneInfo(name), table) for table, name in found.items()]


def check_fixed(text, zone, table, first, last):
    days, times = FIXED[text]
    margin = dt.timedelta(days=2)
    expected = by_date(table, first + margin, last - margin, days, times)
    got, before = {}, first
    for occurrence in parse_when(text).occurrences(first, zone):
        if occurrence.at >= last:
            break
        assert occurrence.at > before
        assert occurrence.slot not in got
        before = got[occurrence.slot] = occurrence.at
    inner = {slot: instant for slot, instant in got.items() if slot in expected}
    assert inner == expected, zone
    assert len(got) - len(inner) <= 4 * len(times)


def check_interval(text, step, zone, first, last):
    rule = parse_when(text)
    found = [
        o.at for o in itertools.takewhile(lambda o: o.at < last, rule.occurrences(first, zone))
    ]
    assert {later - earlier for earlier, later in itertools.pairwise(found)} == {step}, zone
    again = next(iter(rule.occurrences(found[17] - dt.timedelta(seconds=1), zone))).at
    assert again == found[17]


def check_wildcard(minutes, zone, table, first, last):
    rule = parse_cron(f"*/{minutes} * * * *")
    start = first - dt.timedelta(seconds=1)
    found = [
        o.at for o in itertools.takewhile(lambda o: o.at < last, rule.occurrences(start, zone))
    ]
    assert found == by_clock(table, minutes), zone


def test_every_behaviour_of_a_year_agrees_with_the_second_way():
    first, last = at("2026-01-01"), at("2027-01-01")
    zones = different_zones(first, last)
    assert len(zones) > 60
    moving = [(zone, table) for zone, table in zones if len(table) > 1]
    assert len(moving) > 20
    for zone, table in moving:
        for text in ("daily at 02:30", "daily at 00:00", "every sunday at 02:30"):
            check_fixed(text, zone, table, first, last)
        check_interval("hourly", dt.timedelta(hours=1), zone, first, last)


def test_wildcards_agree_with_the_second_way_around_each_change():
    for zone, table in different_zones(at("2026-01-01"), at("2027-01-01")):
        for begin, _, _ in table[1:]:
            first, last = begin - dt.timedelta(days=2), begin + dt.timedelta(days=2)
            check_wildcard(20, zone, spans(zone, first, last), first, last)


@pytest.mark.torture
@pytest.mark.parametrize("text", sorted(FIXED))
def test_every_zone_for_twenty_years_has_one_slot_per_local_date(text):
    first, last = at("2020-01-01"), at("2041-01-01")
    for zone, table in different_zones(first, last):
        check_fixed(text, zone, table, first, last)


@pytest.mark.torture
def test_every_zone_for_twenty_years_counts_elapsed_time():
    first, last = at("2020-01-01"), at("2041-01-01")
    for zone, _ in different_zones(first, last):
        check_interval("hourly", dt.timedelta(hours=1), zone, first, last)


@pytest.mark.torture
def test_every_zone_for_twenty_years_follows_the_clock():
    first, last = at("2020-01-01"), at("2041-01-01")
    for zone, table in different_zones(first, last):
        for begin, _, _ in table[1:]:
            start, end = begin - dt.timedelta(days=2), begin + dt.timedelta(days=2)
            check_wildcard(30, zone, spans(zone, start, end), start, end)


ZONES = st.sampled_from(
    [
        "Europe/Berlin",
        "America/New_York",
        "America/Nuuk",
        "America/Havana",
        "Australia/Lord_Howe",
        "Asia/Beirut",
        "Africa/Casablanca",
        "Pacific/Chatham",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "UTC",
    ]
)
RULES = st.one_of(
    st.sampled_from(
        [*FIXED, "hourly", "every 7m", "every 5h", "daily at 01:00, 02:00 and 03:00"]
    ).map(parse_when),
    st.sampled_from(["*/20 1-3 * * *", "5 * * * *", "15,45 1-2 * * 0", "0 0 1 * *"]).map(
        parse_cron
    ),
)
SPAN = 20 * 366 * 24 * 60


@given(RULES, ZONES, st.integers(0, SPAN), st.integers(1, 6))
def test_asking_again_from_any_occurrence_goes_on_with_the_next(rule, zone, minute, skipped):
    place = ZoneInfo(zone)
    after = at("2020-01-01") + dt.timedelta(minutes=minute)
    found = list(itertools.islice(rule.occurrences(after, place), skipped + 3))
    assert all(o.at > after for o in found)
    assert all(one.at < two.at for one, two in itertools.pairwise(found))
    assert len({o.slot for o in found}) == len(found)
    again = rule.occurrences(found[skipped].at, place)
    assert list(itertools.islice(again, 2)) == found[skipped + 1 : skipped + 3]
    just_before = found[skipped].at - dt.timedelta(seconds=1)
    assert next(iter(rule.occurrences(just_before, place))) == found[skipped]


@given(RULES, ZONES, st.integers(0, SPAN))
def test_a_fixed_slot_is_a_local_time_and_an_elapsed_one_an_instant(rule, zone, minute):
    after = at("2020-01-01") + dt.timedelta(minutes=minute)
    occurrence = next(iter(rule.occurrences(after, ZoneInfo(zone))))
    assert occurrence.at.tzinfo is UTC
    assert occurrence.local == occurrence.at
    if isinstance(rule, Wall) and not rule.elapsed:
        nominal = dt.datetime.fromisoformat(occurrence.slot)
        real = occurrence.local.replace(tzinfo=None)
        assert nominal == real or "does not exist" in occurrence.note
    else:
        assert occurrence.slot == f"{occurrence.at:%Y-%m-%dT%H:%M}Z"
