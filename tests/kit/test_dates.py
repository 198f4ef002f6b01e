"""Dates as the world writes them; what nobody can know is no date."""

import re
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from babel.dates import format_date, get_month_names
from hypothesis import assume, given
from hypothesis import strategies as st

from publisher.kit.date_words import folded
from publisher.kit.dates import as_instant

LANGUAGES = (
    *(
        "bg",
        "ca",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fi",
        "fr",
        "hu",
        "id",
        "is",
        "it",
        "lt",
    ),
    *(
        "lv",
        "ms",
        "nb",
        "nl",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sl",
        "sq",
        "sr",
        "sv",
        "tr",
        "uk",
        "vi",
    ),
)
HEAD = "# Names of months, one month a line: CLDR's, folded, and their beginnings; test_dates makes them."


def month_names():
    """Return the file of months as CLDR and the rules make it."""
    names, beginnings = defaultdict(set), defaultdict(set)
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    word = folded(name).rstrip(".")
                    if len(word) > 1 and word.isalpha():
                        names[word].add(number)
                        beginnings[word[:3]].add(number)
                        beginnings[word[:4]].add(number)
    for word, numbers in beginnings.items():
        if word not in names:
            names[word] = numbers
    rows = [sorted(word for word, one in names.items() if one == {n}) for n in range(1, 13)]
    return "\n".join([HEAD, *(" ".join(row) for row in rows), ""])


def test_the_names_of_months_are_those_of_cldr():
    assert files("publisher.kit").joinpath("month_names.txt").read_text("utf-8") == month_names()


@pytest.mark.parametrize(
    ("said", "instant"),
    [
        ("Tue, 24 Nov 2026 07:30:00 +0100", "2026-11-24T06:30:00"),
        ("Tue, 24 Nov 2026 07:30:00 +0100 (CET)", "2026-11-24T06:30:00"),
        ("Tue,24 Nov 26 07:30 EST", "2026-11-24T12:30:00"),
        ("24 Nov 99 07:30 GMT", "1999-11-24T07:30:00"),
        ("Wed,  5 Nov 2025  22:21:32 PDT", "2025-11-06T05:21:32"),
        ("24 Nov 2026 07:30:00 CET", "2026-11-24T06:30:00"),
        ("24 Nov 2026 07:30:00 MSK", "2026-11-24T04:30:00"),
        ("24 Nov 2026 07:30:00 JST", "2026-11-23T22:30:00"),
        ("24 Nov 2026 07:30:00 IST", "2026-11-24T02:00:00"),
        ("24 Nov 2026 07:30:00 XYZ", "2026-11-24T07:30:00"),
        ("24 Nov 2026 07:30:00 GMT+2", "2026-11-24T05:30:00"),
        ("24 Nov 2026 7:30:00PM", "2026-11-24T19:30:00"),
        ("24-Nov-2026 07:30", "2026-11-24T07:30:00"),
        ("Tue Nov 24 07:30:00 2026", "2026-11-24T07:30:00"),
        ("Tue Nov 24 07:30:00 EST 2026", "2026-11-24T12:30:00"),
        ("2026-11-24 07:30:00 EST", "2026-11-24T12:30:00"),
        ("2026-11-24T07:30:00 UTC+2", "2026-11-24T05:30:00"),
        ("2026-11-24T24:00:00Z", "2026-11-25T00:00:00"),
        ("2026/11/24 07:30:00", "2026-11-24T07:30:00"),
        ("202611240730", None),
        ("1732433400", "2024-11-24T07:30:00"),
        ("1732433400000", "2024-11-24T07:30:00"),
        ("November 24th, 2026 at 7:30 p.m. PST", "2026-11-25T03:30:00"),
        ("12:05 am, 24 November 2026", "2026-11-24T00:05:00"),
        ("24.11.2026, 07:30 Uhr", "2026-11-24T07:30:00"),
        ("24/11/2026 07:30", "2026-11-24T07:30:00"),
        ("11/24/2026 07:30", "2026-11-24T07:30:00"),
        ("05/05/2026", "2026-05-05T00:00:00"),
        ("05/06/2026", None),  # the fifth of June, or the sixth of May
        ("31 Feb 2026", None),
        ("24 Nov 2026 25:00", None),
        ("Dienstag, 24. November 2026 um 07:30 MEZ", "2026-11-24T06:30:00"),
        ("mar. 24 mars 2026 à 7h30", "2026-03-24T07:30:00"),
        ("le 1er août 2026", "2026-08-01T00:00:00"),
        ("Mar, 24 Nov 2026 07:30:00 +0100", "2026-11-24T06:30:00"),
        ("24 de noviembre de 2026 a las 07:30", "2026-11-24T07:30:00"),
        ("terça-feira, 24 de março de 2026", "2026-03-24T00:00:00"),
        ("24 ottobre 2026", "2026-10-24T00:00:00"),
        ("di 24 mrt. 2026 07:30", "2026-03-24T07:30:00"),
        ("den 24 maj 2026 kl. 07:30", "2026-05-24T07:30:00"),
        ("24 listopada 2026 07:30", "2026-11-24T07:30:00"),
        ("Вт, 24 ноя 2026 07:30:00 +0300", "2026-11-24T04:30:00"),
        ("24 августа 2026 г., 07:30", "2026-08-24T07:30:00"),
        ("Sal, 24 Ağu 2026 07:30:00 +0300", "2026-08-24T04:30:00"),
        ("24 KASIM 2026", "2026-11-24T00:00:00"),
        ("2026. november 24. 07:30", "2026-11-24T07:30:00"),
        ("2026年11月24日(火) 7時30分", "2026-11-24T07:30:00"),
        ("2026年11月24日 下午3:30:05", "2026-11-24T15:30:05"),
        ("2026년 11월 24일 오전 12:30", "2026-11-24T00:30:00"),
    ],
)
def test_dates_of_the_world(said, instant):
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC) if instant else None
    assert as_instant(said) == expected


DAYS = st.dates(date(1970, 1, 1), date(2069, 12, 31))


# Latvian puts the year before the day, and Vietnamese numbers its months.
WRITTEN = sorted({*LANGUAGES, "ja", "zh", "ko"} - {"lv", "vi"})


@given(DAYS, st.sampled_from(WRITTEN), st.sampled_from(["medium", "long", "full"]))
def test_what_cldr_writes_is_read(day, language, width):
    written = format_date(day, width, language)
    assume(width != "medium" or not re.fullmatch(r"[\d/. -]+\D*", written))
    assert as_instant(written) == datetime(day.year, day.month, day.day, tzinfo=UTC), written


@given(st.dates(date(1950, 1, 2), date(2049, 12, 30)), st.times(), st.integers(-12, 14))
def test_mail_dates_with_short_years_and_zones(day, clock, hours):
    whole = datetime.combine(day, clock.replace(microsecond=0))
    written = f"{whole:%a, %d %b %y %H:%M:%S} {'-' if hours < 0 else '+'}{abs(hours):02}00"
    assert as_instant(written) == whole.replace(tzinfo=UTC) - timedelta(hours=hours)


@given(
    st.lists(
        st.sampled_from(
            [
                *"0123456789:/.-+ ,T",
                "24",
                "2026",
                " Nov ",
                " mar ",
                "pm",
                "EST",
                "年",
                "月",
                "h",
                "de ",
            ]
        ),
        max_size=14,
    ).map("".join)
)
def test_anything_like_a_date_is_one_or_none(said):
    found = as_instant(said)
    assert found is None or found.tzinfo is UTC
