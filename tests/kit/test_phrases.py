"""Filled phrases, directions and wrapped lines."""

from datetime import UTC, datetime

import pytest

from publisher.kit import phrases

MOMENT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


def test_a_phrase_is_filled_once_and_names_what_it_lacks():
    assert phrases.fill("{a} and {b}", a="{b}", b=2) == "{b} and 2"
    assert phrases.fill("100 % {not a place}", a=1) == "100 % {not a place}"
    with pytest.raises(ValueError, match=r"there is no \{c\} in this phrase; there are: a, b"):
        phrases.fill("{c}", b=1, a=2)


def test_times():
    assert phrases.iso(MOMENT) == "2026-11-23T23:30:00Z"
    assert phrases.reading_time("word " * 460) == 2
    assert phrases.reading_time("") == 1


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "ltr"), ("ar-EG", "rtl"), ("he", "rtl"), ("fa", "rtl"), ("", "ltr"), ("arn", "ltr")],
)
def test_direction(language: str, expected: str):
    assert phrases.direction(language) == expected
