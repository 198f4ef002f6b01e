"""What goes into a column comes out of it, and one mailbox has one key."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.store.addresses import address_key
from publisher.store.article_rows import slug_for
from publisher.store.types import bounded, clean, micros, moment, pack
from publisher.testing.store_world import story

moments = st.datetimes(timezones=st.timezones())
anything = st.text(st.characters())  # lone surrogates and NUL included


@given(moments)
def test_instants_survive_to_the_microsecond(instant):
    assert moment(micros(instant)) == instant.astimezone(UTC)
    assert moment(micros(instant)).tzinfo is UTC


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        micros(datetime(2026, 11, 24))  # noqa: DTZ001  the naive one is what is tried


@given(moments, moments)
def test_instants_keep_their_order(one, other):
    assert (micros(one) < micros(other)) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_the_same_instant_in_another_zone_is_the_same_number():
    instant = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert micros(instant.astimezone(timezone(timedelta(hours=5)))) == micros(instant)


@given(anything)
def test_clean_text_can_be_written_and_is_clean_already(text):
    cleaned = clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert clean(cleaned) == cleaned


@given(st.recursive(st.none() | st.booleans() | anything, st.lists, max_leaves=5))
def test_structures_become_json_that_can_be_written(value):
    pack(value).encode("utf-8")
    json.loads(pack(value))


@given(st.integers())
def test_numbers_fit(number):
    assert abs(bounded(number)) <= 2**53
    assert bounded(bounded(number)) == bounded(number)


@given(anything)
def test_an_address_key_is_its_own_key_and_knows_no_case(text):
    key = address_key(text)
    assert address_key(key) == key
    assert address_key(f"  {text}\n") == key


@given(st.emails())
def test_upper_case_is_the_same_mailbox(email):
    assert address_key(email.upper()) == address_key(email.lower())


@given(anything, anything)
def test_slugs_are_plain_and_never_empty(title, wish):
    slug = slug_for(story(title, slug=wish), "urn:uuid:0123456789ab")
    assert slug
    assert len(slug) <= 80
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug == slug.strip("-")
