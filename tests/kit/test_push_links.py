"""Discovery: the header before the document, the feed's own links, nothing that entries say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.feed_reader import read_feed
from publisher.kit.push_links import MOST, Found, page_offer
from publisher.kit.push_links import found as offered

URL = "https://port.example/news.xml"
HUB, SELF = "https://hub.example/", "https://port.example/feeds/news"
ATOM = (
    '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Port</title>'
    "{links}{entries}</feed>"
)
LINKS = '<link rel="hub" href="https://hub.example/"/><link rel="self" href="/feeds/news"/>'
ENTRY = (
    '<entry><id>1</id><title>One</title><link rel="hub" href="https://evil.example/"/>'
    '<link rel="self" href="https://evil.example/1"/></entry>'
)
RSS = (
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Port</title>'
    "<link>https://port.example/</link><item><title>One</title></item>"
    '<atom:link rel="hub" href="https://hub.example/"/>'
    "<atom:link href='/feeds/news' rel='self' type='application/rss+xml'></atom:link>"
    "</channel></rss>"
)


def found(said: str, text: str, url: str) -> Found:
    """Return what a document offers, as a feed or as a page."""
    try:
        feed = read_feed(text.encode(), url)
        document = Found(feed.hubs, feed.self_link)
    except ParseError:
        document = page_offer(text, url)
    return offered(said, document, url)


def header(*links: str) -> str:
    return ", ".join(links)


def test_a_header_of_several_links():
    said = '<https://hub.example/>; rel="hub", </feeds/news>; rel=self; title="a, b; c"'
    assert found(said, "", URL) == Found((HUB,), SELF)


@pytest.mark.parametrize(
    "said",
    [
        f'<{HUB}>; rel="other hub", <{SELF}>; REL="Self"',
        f'<{HUB}> ; rel = "hub" ; rel="self", <{SELF}>;rel=self',
        f"<{HUB}>;rel=hub,<{SELF}>;rel=self,<https://x.example/>;rel=self",
        f'<https://x.example/>; rel=hub; anchor="/other", <{HUB}>; rel=hub, <{SELF}>; rel=self',
    ],
)
def test_headers_as_they_are_written(said):
    assert found(said, "", URL) == Found((HUB,), SELF)


def test_the_header_counts_before_the_document():
    said = '<https://first.example/>; rel="hub", <https://port.example/a>; rel="self"'
    text = ATOM.format(links=LINKS, entries="")
    assert found(said, text, URL) == Found(("https://first.example/",), "https://port.example/a")
    assert found('<https://port.example/a>; rel="self"', text, URL) == Found((HUB,), SELF)
    assert found('<https://first.example/>; rel="hub"', text, URL).topic == SELF


@pytest.mark.parametrize(
    "text",
    [
        ATOM.format(links=LINKS, entries=ENTRY),
        ATOM.format(links="", entries=ENTRY + LINKS),
        RSS,
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "Port",
                "feed_url": SELF,
                "hubs": [
                    {"type": "rssCloud", "url": "https://x.example/"},
                    {"type": "WebSub", "url": HUB},
                ],
                "items": [{"id": "1", "title": "One"}],
            }
        ),
        (
            f'<!DOCTYPE html><html><head><link rel=hub href={HUB}><link rel="self" href="{SELF}">'
            '</head><body><link rel="hub" href="https://evil.example/"></body></html>'
        ),
    ],
)
def test_documents_name_their_hubs_themselves(text):
    assert found("", text, URL) == Found((HUB,), SELF)


def test_a_document_that_names_a_hub_but_not_itself_is_where_it_was_found():
    assert found(f"<{HUB}>; rel=hub", "", URL) == Found((HUB,), URL)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 5_000,
        '{"hubs": 3, "feed_url": null}',
        '{"hubs": [3, {"type": "WebSub"}, {"type": "WebSub", "url": "ftp://x.example/"}]}',
        "<html><body><link rel=hub href=https://evil.example/></body></html>",
        ATOM.format(links="", entries=ENTRY),
        '<link rel="hub" href="javascript:alert(1)">',
        '<link rel="hub" href="https://user:pass@hub.example/">',
        '<link rel="hub" href="https://hub.example:nine/">',
        '<link rel="hub" href="">',
        f'<link rel="hub" href="https://hub.example/{"x" * 2_000}">',
    ],
)
def test_nothing_is_made_of_what_is_no_offer(text):
    assert found("", text, URL) == Found()


def test_addresses_are_taken_as_they_stand():
    topic = "https://Port.example:443/Feeds/%7eNews?b=2&a=1"
    text = f'<link rel="hub" href="{HUB}"><link rel="self" href="{topic.replace("&", "&amp;")}">'
    assert found("", text, URL).topic == topic


def test_a_hub_over_plain_http_is_first_tried_over_tls():
    said = "<http://hub.example/x>; rel=hub, <http://hub.example:8080/>; rel=hub"
    assert found(said, "", URL).hubs == (
        "https://hub.example/x",
        "http://hub.example/x",
        "http://hub.example:8080/",
    )


def test_a_document_may_name_many_hubs_but_not_without_end():
    said = header(*(f"<https://{n}.example/>; rel=hub" for n in range(99)))
    assert found(said, "", URL).hubs == tuple(f"https://{n}.example/" for n in range(MOST))


@given(st.text(alphabet='<>;,= "relhubsf\\x/:', max_size=300))
def test_every_header_can_be_read(said):
    for hub in found(said, "", URL).hubs:
        assert hub.startswith(("http://", "https://"))


@given(st.text(alphabet="<>/ =\"'relhubitmnky", max_size=300))
def test_every_document_can_be_read(text):
    offer = found("", f"rel='hub' {text}", URL)
    assert bool(offer.hubs) == bool(offer.topic)
