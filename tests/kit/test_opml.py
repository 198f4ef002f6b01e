"""Lists of feeds are read as they come, and nothing that comes ends in anything but a clear error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.opml import Outline, read_opml

LIST = b"""<?xml version="1.0"?>
<!-- exported -->
<opml version="1.1"><head><title>Mine</title></head><body>
  <outline text="News" title="News">
    <outline type="rss" text="Port &amp; Pier" xmlUrl="https://port.example/feed" htmlUrl="https://port.example/"/>
    <outline type="rss" XMLURL="https://quay.example/rss" frss:priority="main"/>
    <outline text="Weather"><outline title="Tides" text="T" xmlUrl="https://tides.example/"/></outline>
  </outline>
  <outline text="Port again" xmlUrl="https://port.example/feed"/>
  <outline text="Alone" xmlUrl="https://alone.example/"/>
  <outline text="A note"/>
</body></opml>"""


def test_groups_titles_and_addresses_are_found_however_they_are_written():
    assert read_opml(LIST) == (
        Outline(
            url="https://port.example/feed",
            title="Port & Pier",
            home="https://port.example/",
            group="News",
        ),
        Outline(url="https://quay.example/rss", group="News"),
        Outline(url="https://tides.example/", title="Tides", group="Weather"),
        Outline(url="https://alone.example/", title="Alone"),
    )


def test_what_is_broken_further_on_keeps_what_came_before():
    cut = LIST[: LIST.index(b"Weather")]
    assert [one.title for one in read_opml(cut)] == ["Port & Pier", ""]


@pytest.mark.parametrize("data", [b"", b"not xml", b"<html><body/></html>", b"\x00\xff", b"<opml"])
def test_what_is_no_list_is_an_error_that_names_the_file(data):
    if data == b"<opml":
        assert read_opml(data, "list.opml") == ()
        return
    with pytest.raises(ParseError, match=r"list\.opml: is not OPML"):
        read_opml(data, "list.opml")


def test_entities_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    data = f"""<!DOCTYPE opml [<!ENTITY s SYSTEM "file://{secret}">]>
<opml><body><outline text="&s;" xmlUrl="https://a.example/"/></body></opml>"""
    assert "hidden" not in str(read_opml(data.encode()))


def test_groups_nested_without_end_are_looked_into_up_to_a_depth():
    nested = b"<outline text='g'>" * 200 + b"<outline xmlUrl='https://a.example/'/>"
    assert read_opml(b"<opml><body>" + nested + b"</body></opml>") == ()


WRAPPED = st.text(max_size=300).map(lambda text: f"<opml><body>{text}".encode("utf-8", "ignore"))


@given(st.binary(max_size=300) | WRAPPED)
def test_any_bytes_end_in_a_list_or_in_a_clear_error(data):
    try:
        found = read_opml(data)
    except ParseError:
        return
    assert len({one.url for one in found}) == len(found)
