"""Conditional requests and encodings hold to RFC 9110."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.web.conditions import encoding_of, http_date, is_current

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
    ("header", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("br;q=0.4, GZIP;q=0.5", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=0.000, br;q=0, *", ""),
        ("*;q=0", ""),
        ("identity", ""),
        ("identity;q=0", ""),
        ("zstd", ""),
        ("", ""),
        ("gzip;q=high", ""),
        ("gzip;q=1.5", ""),
    ],
)
def test_a_coding_only_when_asked_for_and_the_best_of_them(header: str, coding: str) -> None:
    assert encoding_of(header, ("br", "gzip")) == coding
    assert encoding_of(header, ()) == ""


WEIGHTS = st.sampled_from(["", ";q=0", ";q=0.001", ";q=0.5", ";q=1"])


@given(st.dictionaries(st.sampled_from(["br", "gzip", "identity", "*"]), WEIGHTS))
def test_what_is_refused_is_never_given(wanted: dict[str, str]) -> None:
    coding = encoding_of(",".join(f"{name}{q}" for name, q in wanted.items()), ("br", "gzip"))
    if coding:
        assert wanted.get(coding, wanted.get("*")) not in {None, ";q=0"}


@given(st.text(), st.text(), st.text())
def test_no_header_is_an_error(tags: str, since: str, encodings: str) -> None:
    assert is_current(TAGS, CHANGED, tags, since) in {True, False}
    assert is_current(TAGS, CHANGED, None, since) in {True, False}
    assert encoding_of(encodings, ("br", "gzip")) in {"", "br", "gzip"}
