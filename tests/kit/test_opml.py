"""Lists of feeds are read as they come, and nothing that comes ends in anything but a clear error."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.opml import Outline, read_opml, write_opml
from publisher.kit.text import clean_text
from publisher.lint.feeds import DocumentInspector
from publisher.model.views import SiteView
from publisher.testing.formats import BASE, NOON, example_feed

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
            kind="rss",
        ),
        Outline(
            url="https://quay.example/rss",
            group="News",
            kind="rss",
            more=(("frss:priority", "main"),),
        ),
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


FRESHRSS = b"""<opml version="2.0"><body><outline text="Reading">
<outline xmlns:frss="https://freshrss.org/opml" text="A page" type="HTML+XPath" xmlUrl="https://x.example/page"
  frss:xPathItem="//article" frss:ttl="-60"/>
</outline></body></opml>"""
NEWSBOAT = b"""<opml version="1.0"><head><title>newsboat - Exported Feeds</title></head><body>
<outline type="rss" xmlUrl="https://x.example/rss" title="" htmlUrl="https://x.example/"/></body></opml>"""
NETNEWSWIRE = b"""<opml version="1.1"><head><title>Subs</title></head><body>
<outline text="chat &amp; code" description="" type="rss" version="RSS" htmlUrl="" xmlUrl="http://x.example/a"/>
<outline title="Programming"><outline type="rss" xmlUrl="http://y.example/b"/></outline></body></opml>"""


def test_what_other_readers_say_is_kept_under_their_names():
    (page,) = read_opml(FRESHRSS)
    assert page.scraped
    assert page.more == (("frss:xPathItem", "//article"), ("frss:ttl", "-60"))
    (quiet,) = read_opml(NEWSBOAT)
    assert (quiet.title, quiet.home, quiet.scraped) == ("", "https://x.example/", False)
    assert [(one.title, one.group) for one in read_opml(NETNEWSWIRE)] == [
        ("chat & code", ""),
        ("", "Programming"),
    ]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('xmlUrl="feed://a.example/rss"', "https://a.example/rss"),
        ('xmlUrl="feed:http://a.example/rss"', "http://a.example/rss"),
        ('type="rss" url="https://a.example/feed:1"', "https://a.example/feed:1"),
        ('type="link" url="https://a.example/"', None),
        ('isComment="true" xmlUrl="https://a.example/"', None),
    ],
)
def test_addresses_are_found_where_readers_write_them(written, found):
    data = f"<opml><body><outline text='A' {written}/></body></opml>".encode()
    assert [one.url for one in read_opml(data)] == ([found] if found else [])


def test_a_category_stands_for_a_group_where_there_is_none():
    data = b"""<opml><body><outline xmlUrl="https://a.example/" category="/News/Tech,/Fun"/>
    <outline text="G"><outline xmlUrl="https://b.example/" category="x"/></outline></body></opml>"""
    assert [one.group for one in read_opml(data)] == ["Tech", "G"]


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.lists(st.tuples(words, words), max_size=6), words, st.booleans())
def test_what_we_write_reads_back_the_same_and_is_good(feeds, title, dated):
    views = [
        replace(
            example_feed([]),
            slug=f"f{number}",
            title=clean_text(name) or "-",
            description=clean_text(about),
            home=f"{BASE}feeds/f{number}/",
            links={"rss": f"{BASE}feeds/f{number}.rss"},
        )
        for number, (name, about) in enumerate(feeds)
    ]
    site = SiteView(
        title=clean_text(title),
        url=BASE,
        language="en",
        timezone="UTC",
        postal_address="",
        contact="",
        feeds=tuple(views),
        updated=NOON,
        founded=NOON if dated else None,
    )
    written = write_opml(site)
    assert written == write_opml(site)
    assert [(one.url, one.title, one.home) for one in read_opml(written)] == [
        (view.links["rss"], view.title, view.home) for view in views
    ]
    found = DocumentInspector().inspect(written, media_type="text/x-opml", now=NOON).errors
    assert [one for one in found if views] == []
    assert (b"<dateCreated>Mon, 02 Mar 2026" in written) == dated


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
