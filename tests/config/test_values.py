"""Values as operators write them: what is read, what is refused, and that nothing else happens."""

from datetime import timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.config import values


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("6h", 21_600),
        ("1d", 86_400),
        ("2w", 1_209_600),
        ("1h30m", 5_400),
    ],
)
def test_durations(text: str, seconds: int):
    assert values.duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "m", "-5m", "1.5h", "15 m", "15min", "٣m", "1y"])
def test_what_is_no_duration(text: str):
    with pytest.raises(ValueError, match="is no duration"):
        values.duration(text)


@given(st.text())
@pytest.mark.parametrize("kind", sorted(values.KINDS))
def test_any_text_is_read_or_refused_in_one_way(kind: str, text: str):
    message = "read"
    try:
        values.KINDS[kind](text)
    except ValueError as error:
        message = str(error)
    assert message


@given(st.text())
def test_a_suggested_slug_is_a_slug(text: str):
    message = ""
    try:
        values.slug(text)
    except ValueError as error:
        message = str(error)
    suggested = message.rpartition('; try "')[2].removesuffix('"')
    assert "; try" not in message or values.slug(suggested) == suggested


def test_every_zone_of_the_table_is_known():
    assert all(values.zone(name) == name for name in available_timezones())


def test_a_base_address_ends_with_a_slash():
    assert values.base_address("https://g.example/news") == "https://g.example/news/"
    assert values.base_address("http://127.0.0.1:8080/") == "http://127.0.0.1:8080/"


@pytest.mark.parametrize("text", ["127.0.0.1:0", "0.0.0.0:80", "[::]:8080", "localhost:8080"])
def test_places_to_listen(text: str):
    assert values.bind(text) == text


@pytest.mark.parametrize("text", ["::1:80", ":80", "host", "host:", "host:-1", "[::1]"])
def test_what_is_no_place_to_listen(text: str):
    with pytest.raises(ValueError, match="is no place to listen"):
        values.bind(text)


def test_keys_that_are_not_bare_are_quoted():
    assert values.join("a", "b") == "a.b"
    assert values.join("", "b-c_1") == "b-c_1"
    assert values.join("domains", "gmail.com") == 'domains."gmail.com"'
