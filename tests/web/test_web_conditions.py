"""Conditional requests and encodings hold to RFC 9110."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.web.conditions import accepts_gzip, http_date, is_current

CHANGED = datetime(2026, 11, 24, 7, 30, 12, 345678, tzinfo=UTC)
TAGS = ('"abc"', '"abc-gzip"')


@pytest.mark.parametrize(
    "header",
    ['"abc"', 'W/"abc"', '"abc-gzip"', '"x", "abc"', 'W/"x",W/"abc"', "*", " * ", '"a,b", "abc"'],
)
def test_one_matching_tag_is_enough(header: str) -> None:
    assert is_current(TAGS, CHANGED, header, None)


@pytest.mark.parametrize("header", ['"abcd"', "abc", '"ab', "", '"x", "y"', 'W/"ABC"', '"*"'])
def test_other_tags_do_not_match_and_the_date_is_not_asked(header: str) -> None:
    assert not is_current(TAGS, CHANGED, header, http_date(CHANGED + timedelta(days=1)))


@pytest.mark.parametrize(
    ("since", "current"),
    [
        (http_date(CHANGED), True),
        (http_date(CHANGED + timedelta(days=400)), True),
        (http_date(CHANGED - timedelta(seconds=1)), False),
        ("Tuesday, 24-Nov-26 07:30:12 GMT", True),
        ("yesterday", False),
        ("", False),
        ("Mon, 99 Foo 2026 00:00:00 GMT", False),
        (None, False),
    ],
)
def test_dates_not_before_the_change_are_current(since: str | None, current: bool) -> None:
    assert is_current(TAGS, CHANGED, None, since) is current


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("x-gzip", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("", False),
        ("gzip;q=high", False),
        ("gzip;q=1.5", False),
    ],
)
def test_gzip_only_when_asked_for(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


@given(st.text(), st.text(), st.text())
def test_no_header_is_an_error(tags: str, since: str, encodings: str) -> None:
    assert is_current(TAGS, CHANGED, tags, since) in {True, False}
    assert is_current(TAGS, CHANGED, None, since) in {True, False}
    assert accepts_gzip(encodings) in {True, False}
