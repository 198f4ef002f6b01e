import datetime as dt
import itertools
import sys

import pytest

from publisher.errors import ConfigError
from publisher.kit.calendar import Almanac
from publisher.kit.holidays import check_region, holiday
from publisher.model.definitions import Action, ScheduleDefinition, SkipRules

ALMANAC = Almanac()
NOVEMBER = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def schedule(when="daily at 07:30", **changes):
    return ScheduleDefinition(slug="morning", action=Action.DIGEST, when=when, **changes)


def first(definition, after=NOVEMBER, zone="Europe/Berlin"):
    return next(iter(ALMANAC.occurrences(definition, after, zone)))


def test_words_and_fingerprint_do_not_depend_on_the_spelling():
    one = schedule("every mon, thu at 7:30", timezone="Europe/Berlin")
    two = schedule("every Thursday and monday at 07:30", timezone="Europe/Berlin")
    assert ALMANAC.fingerprint(one) == ALMANAC.fingerprint(two)
    assert ALMANAC.describe(one) == "Mondays and Thursdays at 07:30"


@pytest.mark.parametrize(
    "other",
    [
        schedule("daily at 07:31", timezone="Europe/Berlin"),
        schedule("daily at 07:30", timezone="Europe/Paris"),
        schedule("", cron="30 7 * * *", timezone="Europe/Berlin"),
    ],
)
def test_the_fingerprint_changes_with_rule_and_zone(other):
    assert ALMANAC.fingerprint(other) != ALMANAC.fingerprint(schedule(timezone="Europe/Berlin"))


def test_the_fingerprint_does_not_change_with_anything_else():
    other = schedule(title="New title", min_articles=4)
    assert ALMANAC.fingerprint(other) == ALMANAC.fingerprint(schedule())


@pytest.mark.parametrize(
    ("skip", "day", "reason"),
    [
        (SkipRules(dates=(dt.date(2026, 12, 24),)), 24, "rests on 2026-12-24"),
        (SkipRules(dates=(dt.date(2026, 12, 24),)), 25, ""),
        (
            SkipRules(between=((dt.date(2026, 12, 27), dt.date(2027, 1, 2)),)),
            27,
            "rests from 2026-12-27 to 2027-01-02",
        ),
        (SkipRules(between=((dt.date(2026, 12, 27), dt.date(2027, 1, 2)),)), 26, ""),
        (SkipRules(holidays="DE-BE"), 25, "holiday: Erster Weihnachtstag"),
        (SkipRules(holidays="DE-BE"), 24, ""),
    ],
)
def test_days_of_rest_have_reasons(skip, day, reason):
    definition = schedule(skip=skip)
    after = dt.datetime(2026, 12, day, tzinfo=dt.UTC)
    assert ALMANAC.rests(definition, first(definition, after)) == reason


def test_the_day_of_rest_is_the_local_one():
    definition = schedule("daily at 07:30", skip=SkipRules(dates=(dt.date(2026, 12, 24),)))
    tokyo = first(definition, dt.datetime(2026, 12, 23, 20, tzinfo=dt.UTC), "Asia/Tokyo")
    assert tokyo.at.day == 23
    assert ALMANAC.rests(definition, tokyo) == "rests on 2026-12-24"


def test_holidays_differ_by_part_of_the_country():
    reformation = dt.date(2026, 10, 31)
    assert holiday("DE-BB", reformation) == "Reformationstag"
    assert holiday("de-be", reformation) == ""


@pytest.mark.parametrize(
    ("region", "known"), [("XX", "such as DE"), ("DE-XX", "BE"), ("", "such as DE")]
)
def test_unknown_regions_name_the_known_ones(region, known):
    with pytest.raises(ConfigError, match=known):
        check_region(region)


@pytest.mark.parametrize(
    ("zone", "slot", "minutes"),
    [
        ("Europe/Berlin", "2026-11-24T07:30", 60),
        ("Europe/Berlin", "2026-07-24T07:30", 120),
        ("America/New_York", "2026-11-24T07:30", -300),
        ("Asia/Kathmandu", "2026-11-24T07:30", 345),
        ("Europe/Berlin", "2026-10-25T02:30", 120),  # comes twice: the first time
        ("Europe/Berlin", "2026-03-29T02:30", 90),  # does not exist: runs at 01:00 UTC
        ("Europe/Berlin", "2026-11-24T06:30Z", 0),
        ("Mars/Olympus", "2026-11-24T07:30", None),
        ("", "2026-11-24T07:30", None),
        ("../etc/passwd", "2026-11-24T07:30", None),
    ],
)
def test_a_slot_less_its_offset_is_the_instant(zone, slot, minutes):
    assert ALMANAC.offset(zone, slot) == minutes


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Nuuk", "Australia/Lord_Howe"])
def test_offsets_and_occurrences_agree_all_year(zone):
    definition = schedule("daily at 00:30, 02:15 and 23:30")
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for occurrence in itertools.islice(ALMANAC.occurrences(definition, start, zone), 1100):
        local = dt.datetime.fromisoformat(occurrence.slot).replace(tzinfo=dt.UTC)
        minutes = ALMANAC.offset(zone, occurrence.slot)
        assert local - dt.timedelta(minutes=minutes) == occurrence.at


@pytest.mark.parametrize(
    ("definition", "zone", "reason"),
    [
        (schedule("daily at 25:00"), "Europe/Berlin", "no clock shows this"),
        (schedule("", cron="0 25 * * *"), "Europe/Berlin", "expected hour"),
        (schedule(), "Europe/Berlim", 'no time zone "Europe/Berlim"'),
    ],
)
def test_what_cannot_run_says_so(definition, zone, reason):
    with pytest.raises(ConfigError, match=reason):
        first(definition, zone=zone)


def test_the_table_of_holidays_is_loaded_only_when_asked_for():
    import subprocess

    program = "import sys, publisher.kit.calendar; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
