import datetime as dt
import pickle
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ConfigError
from publisher.kit.calendar import RuleError, parse_cron, parse_when

BERLIN = ZoneInfo("Europe/Berlin")
START = dt.datetime(2026, 11, 23, 23, 0, tzinfo=dt.UTC)  # midnight, a Tuesday, in Berlin


def slots(rule, count, after=START, zone=BERLIN):
    found = rule.occurrences(after, zone)
    return [occurrence.slot for _, occurrence in zip(range(count), found, strict=False)]


@pytest.mark.parametrize(
    ("text", "normal", "words", "first"),
    [
        ("every 15m", "every 15m", "every 15 minutes", ["2026-11-23T23:15Z", "2026-11-23T23:30Z"]),
        ("every 20 minutes", "every 20m", "every 20 minutes", ["2026-11-23T23:20Z"]),
        ("every minute", "every minute", "every minute", ["2026-11-23T23:01Z"]),
        ("every 1m", "every minute", "every minute", ["2026-11-23T23:01Z"]),
        ("hourly", "hourly", "hourly", ["2026-11-24T00:00Z", "2026-11-24T01:00Z"]),
        ("every hour", "hourly", "hourly", ["2026-11-24T00:00Z"]),
        ("every 60m", "hourly", "hourly", ["2026-11-24T00:00Z"]),
        ("every 2 hours", "every 2h", "every 2 hours", ["2026-11-24T01:00Z"]),
        ("every 1h30m", "every 1h30m", "every 1 hour and 30 minutes", ["2026-11-24T00:30Z"]),
        ("every 6h", "every 6h", "every 6 hours", ["2026-11-24T05:00Z", "2026-11-24T11:00Z"]),
        ("daily at 07:30", "daily at 07:30", "daily at 07:30", ["2026-11-24T07:30"]),
        ("daily at 7:30", "daily at 07:30", "daily at 07:30", ["2026-11-24T07:30"]),
        ("every day at 00:00", "daily at 00:00", "daily at 00:00", ["2026-11-25T00:00"]),
        (
            "daily at 18:00, 07:30",
            "daily at 07:30 and 18:00",
            "daily at 07:30 and 18:00",
            ["2026-11-24T07:30", "2026-11-24T18:00", "2026-11-25T07:30"],
        ),
        (
            "daily at 07:30, 12:15 and 18:30",
            "daily at 07:30, 12:15 and 18:30",
            "daily at 07:30, 12:15 and 18:30",
            ["2026-11-24T07:30", "2026-11-24T12:15", "2026-11-24T18:30", "2026-11-25T07:30"],
        ),
        (
            "every weekday at 07:30",
            "every weekday at 07:30",
            "weekdays at 07:30",
            [f"2026-11-{day}T07:30" for day in (24, 25, 26, 27, 30)],
        ),
        (
            "every weekend at 10:00",
            "every weekend at 10:00",
            "weekends at 10:00",
            ["2026-11-28T10:00", "2026-11-29T10:00", "2026-12-05T10:00"],
        ),
        (
            "every mon, thu at 18:00",
            "every monday and thursday at 18:00",
            "Mondays and Thursdays at 18:00",
            ["2026-11-26T18:00", "2026-11-30T18:00"],
        ),
        (
            "EVERY  Thursday, wed, and sunday AT 18:00",
            "every wednesday, thursday and sunday at 18:00",
            "Wednesdays, Thursdays and Sundays at 18:00",
            ["2026-11-25T18:00", "2026-11-26T18:00", "2026-11-29T18:00"],
        ),
        (
            "on the 2nd tuesday at 09:00",
            "on the 2nd tuesday at 09:00",
            "on the 2nd Tuesday of the month at 09:00",
            ["2026-12-08T09:00", "2027-01-12T09:00"],
        ),
        (
            "on the first and third friday at 09:00",
            "on the 1st and 3rd friday at 09:00",
            "on the 1st and 3rd Friday of the month at 09:00",
            ["2026-12-04T09:00", "2026-12-18T09:00", "2027-01-01T09:00"],
        ),
        (
            "on the 5th monday at 09:00",
            "on the 5th monday at 09:00",
            "on the 5th Monday of the month at 09:00",
            ["2026-11-30T09:00", "2027-03-29T09:00"],
        ),
        (
            "on the last friday at 16:00",
            "on the last friday at 16:00",
            "on the last Friday of the month at 16:00",
            ["2026-11-27T16:00", "2026-12-25T16:00"],
        ),
        (
            "on the 1st and 15th at 08:00",
            "on the 1st and 15th at 08:00",
            "on the 1st and 15th of the month at 08:00",
            ["2026-12-01T08:00", "2026-12-15T08:00", "2027-01-01T08:00"],
        ),
        (
            "on the 31st at 08:00",
            "on the 31st at 08:00",
            "on the 31st of the month at 08:00",
            ["2026-12-31T08:00", "2027-01-31T08:00", "2027-03-31T08:00"],
        ),
        (
            "on the last day at 08:00",
            "on the last day at 08:00",
            "on the last day of the month at 08:00",
            ["2026-11-30T08:00", "2026-12-31T08:00", "2027-01-31T08:00", "2027-02-28T08:00"],
        ),
        (
            "on the last weekday at 08:00",
            "on the last weekday at 08:00",
            "on the last weekday of the month at 08:00",
            ["2026-11-30T08:00", "2026-12-31T08:00", "2027-01-29T08:00"],
        ),
        (
            "every 2 weeks on tuesday at 09:00 from 2026-12-01",
            "every 2 weeks on tuesday at 09:00 from 2026-12-01",
            "every 2 weeks on Tuesday at 09:00",
            ["2026-12-01T09:00", "2026-12-15T09:00", "2026-12-29T09:00"],
        ),
        (  # weeks count from the date itself, whatever day it is
            "every 3 weeks on mon, thu at 09:00 from 2026-12-02",
            "every 3 weeks on monday and thursday at 09:00 from 2026-12-02",
            "every 3 weeks on Monday and Thursday at 09:00",
            ["2026-12-03T09:00", "2026-12-07T09:00", "2026-12-24T09:00", "2026-12-28T09:00"],
        ),
        (
            "once on 2026-12-24 at 09:00",
            "once on 2026-12-24 at 09:00",
            "once on 2026-12-24 at 09:00",
            ["2026-12-24T09:00"],
        ),
    ],
)
def test_the_grammar(text, normal, words, first):
    rule = parse_when(text)
    assert rule.text == normal
    assert rule.words == words
    assert slots(rule, len(first)) == first
    assert parse_when(normal) == rule


def test_once_is_over_when_it_is_over():
    rule = parse_when("once on 2026-11-23 at 09:00")
    assert slots(rule, 5) == []


REFUSED = [
    ("", 0, "expected"),
    ("weekly", 0, "every monday at 07:30"),
    ("dayly at 07:30", 0, 'did you mean "daily"'),
    ("every tusday at 07:30", 6, 'did you mean "tuesday"'),
    ("every weekdays at 07:30", 6, 'did you mean "weekday"'),
    ("every mon-fri at 07:30", 9, 'expected "at"'),
    ("every mon, at 07:30", 11, "expected a day"),
    ("daily", 5, 'expected "at"'),
    ("daily at", 8, "expected a time"),
    ("daily at 24:00", 9, "write 00:00"),
    ("daily at 24:01", 9, "no clock shows this"),
    ("daily at 07:60", 9, "no clock shows this"),
    ("daily at 7", 9, "as in 07:30"),
    ("daily at 7:5", 9, "as in 07:30"),
    ("daily at noon", 9, "expected a time"),
    ("daily at 7:30 pm", 14, "24-hour clock"),
    ("daily at 7:30pm", 9, "as in 07:30"),
    ("daily at 07:30 Europe/Berlin", 15, "nothing more"),
    ("daily at 07:30 and", 18, "expected a time"),
    ("daily at \uff10\uff17:30", 9, "expected a time"),
    ("every 0m", 6, "from 1m to 23h59m"),
    ("every 24h", 6, "from 1m to 23h59m"),
    ("every 99999999999999999999 minutes", 6, "from 1m to 23h59m"),
    ("every 3 days", 6, "daily at 07:30"),
    ("every 30s", 6, "as in 15m, 2h"),
    ("every 15", 8, "minutes, hours or weeks"),
    ("every 15m at 07:00", 10, "nothing more"),
    ("every \u00b2 weeks on mon at 09:00 from 2026-12-01", 6, "expected"),
    ("every 1 week on monday at 09:00 from 2026-12-01", 6, "every monday at 07:30"),
    ("every 2 weeks on tuesday at 09:00", 33, 'expected "from"'),
    ("every 2 weeks on tuesday at 09:00 from 2026-02-30", 39, "no such date"),
    ("every 2 weeks on tuesday at 09:00 from 1.12.2026", 39, "as in 2026-12-01"),
    ("every 2nd day at 09:00", 6, 'write "on the 2nd'),
    ("every last friday at 09:00", 6, '"on the last friday at 09:00"'),
    ("on monday at 09:00", 3, 'expected "the"'),
    ("on the 32nd at 09:00", 7, "1st to 31st"),
    ("on the 2th friday at 09:00", 7, "1st to 31st"),
    ("on the 6th friday at 09:00", 7, "at most five"),
    ("on the last at 09:00", 12, "last friday"),
    ("on the 2nd tuesdy at 09:00", 11, 'did you mean "tuesday"'),
    ("once on 2026-12-24 at 09:00 and 10:00", 37, "one time only"),
    ("once at 09:00", 5, 'expected "on"'),
]


@pytest.mark.parametrize(("text", "column", "reason"), REFUSED)
def test_anything_else_shows_where_reading_stopped(text, column, reason):
    with pytest.raises(RuleError) as caught:
        parse_when(text)
    error = caught.value
    assert error.column == column
    assert reason in error.expected
    assert f'"{text[:column]}^{text[column:]}"' in str(error)
    assert "\n" not in str(error)
    assert isinstance(error, ConfigError)


@pytest.mark.parametrize(
    ("text", "suggestions"),
    [
        (
            "every 2nd tuesday at 08:15",
            ["on the 2nd tuesday at 08:15", "every 2 weeks on tuesday at 08:15 from 2026-12-01"],
        ),
        (
            "every other tue",
            ["on the 2nd tue at 09:00", "every 2 weeks on tue at 09:00 from 2026-12-01"],
        ),
        ("every first friday at 10:00", ["on the 1st friday at 10:00", "every friday at 10:00"]),
        ("every 9th monday at 10:00", ["every 9 weeks on monday at 10:00 from 2026-12-01"]),
    ],
)
def test_what_reads_two_ways_is_refused_with_suggestions_that_can_be_read(text, suggestions):
    with pytest.raises(RuleError) as caught:
        parse_when(text)
    for suggestion in suggestions:
        assert f'"{suggestion.replace("2026-12-01", "YYYY-MM-DD")}"' in caught.value.expected
        parse_when(suggestion)


def test_the_error_survives_a_process_border():
    error = RuleError("daily at x", 9, "expected a time")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.column) == (str(error), 9)


VOCABULARY = """
every daily hourly on the once at from and , 15m 2h 24:00 07:30 9:00 2nd 1st last first tuesday mon
weekday weekend day days week weeks 2 15 minutes 2026-12-01 2026-02-30 other ² ٣ - ^ .
"""
WORDS = st.sampled_from(VOCABULARY.split())


def read(parse, text):
    """The rule, or None when it was refused with a place inside the text."""
    try:
        return parse(text)
    except RuleError as error:
        column = error.column
    assert 0 <= column <= len(text)
    return None


@given(st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=9).map(" ".join)))
def test_any_text_is_read_or_refused(text):
    rule = read(parse_when, text)
    assert rule is None or parse_when(rule.text) == rule


@given(st.one_of(st.text(max_size=30), st.text("0123456789*/-, #LWMON", max_size=20)))
def test_any_crontab_line_is_read_or_refused(text):
    rule = read(parse_cron, text)
    assert rule is None or parse_cron(rule.text.removeprefix("cron ")) == rule


@pytest.mark.parametrize(
    ("cron", "words", "first"),
    [
        ("30 7 * * 1-5", "at 07:30 on Monday through Friday", ["2026-11-24T07:30"]),
        ("0 7 * * 1", "at 07:00 on Monday", ["2026-11-30T07:00"]),
        ("0 7 * * 0", "at 07:00 on Sunday", ["2026-11-29T07:00"]),
        ("0 7 * * 7", "at 07:00 on Sunday", ["2026-11-29T07:00"]),
        (
            "0 8 13 * 5",  # day of month OR day of week
            "at 08:00 on the 13th day of month and on Friday",
            ["2026-11-27T08:00", "2026-12-04T08:00", "2026-12-11T08:00", "2026-12-13T08:00"],
        ),
        ("0 9 * * tue#2", "at 09:00 on the second Tuesday of the month", ["2026-12-08T09:00"]),
        ("@daily", "at 00:00 every day", ["2026-11-25T00:00"]),
        (
            "*/30 7 * * *",
            "every 30th minute from 07:00 through 07:59",
            ["2026-11-24T06:00Z", "2026-11-24T06:30Z", "2026-11-25T06:00Z"],
        ),
        ("  0   */6 * * *  ", "at minute 0 past every sixth hour", ["2026-11-24T05:00Z"]),
    ],
)
def test_crontab_lines_keep_their_meaning(cron, words, first):
    rule = parse_cron(cron)
    assert rule.words == words
    assert slots(rule, len(first)) == first


@pytest.mark.parametrize(
    ("cron", "column", "reason"),
    [
        ("", 0, "minute is missing"),
        ("0 7 * *", 7, "day of week is missing"),
        ("0 0 7 * * 1", 10, "five fields"),
        ("61 7 * * *", 0, "expected minute"),
        ("0 24 * * *", 2, "expected hour"),
        ("0 7 0 * *", 4, "expected day of month"),
        ("0 7 * 13 *", 6, "expected month"),
        ("0 7 * * 8", 8, "expected day of week"),
        ("0 7 * * fri-mon", 8, "expected day of week"),
        ("0 7 * * \u00b2", 8, "expected day of week"),
        ("*/0 7 * * *", 0, "expected minute"),
        ("0 0 31 2 *", 4, "never comes"),
        ("@reboot", 0, "@daily"),
    ],
)
def test_bad_crontab_lines_show_their_field(cron, column, reason):
    with pytest.raises(RuleError) as caught:
        parse_cron(cron)
    assert caught.value.column == column
    assert reason in caught.value.expected
