"""Filled phrases, directions and wrapped lines."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(st.text(), st.integers(20, 80), st.sampled_from(["", "- ", "  "]))
def test_wrapping_keeps_every_word_and_no_line_is_wider_than_it_must_be(text, width, first):
    wrapped = phrases.wrap(text, width, first)
    marks = wrapped.split().count("-") - text.split().count("-")
    assert marks == (0 if first.strip() == "" else wrapped.count("\n\n") + 1) or not text.split()
    kept = [word for word in wrapped.split() if word != "-"]
    assert kept == [word for word in text.split() if word != "-"]
    for line in wrapped.split("\n"):
        assert len(line) <= width or len(line.removeprefix(first).split()) == 1


def test_an_address_is_never_cut():
    address = "https://gazette.example/" + "long-" * 30
    assert address in phrases.wrap(f"See {address} for more", 40).split("\n")


def test_later_lines_hang_below_the_first():
    assert phrases.wrap("one two three", 9, "- ") == "- one two\n  three"
