"""RSS, Atom and JSON Feed keep the contract of document formats and agree with one another."""

import json
from datetime import datetime

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.errors import FormatError
from publisher.formats import atom, rss
from publisher.formats import json as json_feed
from publisher.kit.entries import expressible
from publisher.kit.text import clean_text
from publisher.model.articles import Link
from publisher.model.views import SourceView
from publisher.testing.formats import (
    BASE,
    DocumentFormatContract,
    ReadEntry,
    example_entry,
    example_feed,
)

XML_FORMATS = [rss, atom]
ALSO = tuple(
    Link(title=f"The {name}", url=f"https://{name.lower()}.example/s2")
    for name in ("Quay", "Port")
)


def make(module):
    return module.create(module.Options(), None)


def parsed(data):
    etree.fromstring(data)  # well-formed by a parser that recovers from nothing
    found = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    assert not found.bozo, found.bozo_exception
    return found


def read_xml(data):
    return [
        ReadEntry(
            uid=entry.id,
            title=entry.title,
            url=entry.link,
            published=datetime(
                *entry.published_parsed[:6], tzinfo=example_entry(1).published.tzinfo
            ),
            html=(entry.content[0].value if "content" in entry else entry.summary),
        )
        for entry in parsed(data).entries
    ]


class TestRss(DocumentFormatContract):
    def make(self):
        return make(rss)

    def read(self, data):
        return read_xml(data)


class TestAtom(DocumentFormatContract):
    def make(self):
        return make(atom)

    def read(self, data):
        return read_xml(data)


class TestJsonFeed(DocumentFormatContract):
    def make(self):
        return make(json_feed)

    def read(self, data):
        return [
            ReadEntry(
                uid=item["id"],
                title=item["title"],
                url=item["url"],
                published=datetime.fromisoformat(item["date_published"]),
                html=item["content_html"],
            )
            for item in json.loads(data)["items"]
        ]


@pytest.mark.parametrize("name", ["rss", "atom", "json"])
def test_golden(name, golden, repository):
    module = {"rss": rss, "atom": atom, "json": json_feed}[name]
    view = example_feed(
        [
            example_entry(1),
            example_entry(2, title="I <3 AT&T", html="", enclosures=(), image="", also_at=ALSO),
            example_entry(
                3,
                language="ar",
                title="مرحبا",
                key_points=("نقطة",),
                source=SourceView(title="Al"),
                also_at=(Link(title="Port & Sea", url="https://port.example/1?a&b"),),
            ),
            example_entry(4, authors=(), tags=(), key_points=(), read_also=(), standfirst=""),
        ],
        style="/feed-en.css",
    )
    golden(repository / "tests/golden/feeds" / f"harbour.{name}", make(module).render(view))


anything = st.text(st.characters(codec=None), max_size=60)
entries = st.lists(
    st.builds(
        example_entry,
        st.integers(1, 30),
        title=anything,
        summary=anything,
        html=anything,
        text=anything,
        language=st.sampled_from(["", "en", "ar", "de-AT", "<x>"]),
        authors=st.tuples(anything),
        tags=st.tuples(anything, anything),
        image=anything,
        key_points=st.tuples(anything),
        source=st.builds(SourceView, title=anything, uid=anything, url=anything, home=anything),
        url=st.one_of(st.just(f"{BASE}a/"), anything, anything.map(lambda end: f"{BASE}{end}")),
    ),
    max_size=6,
)


@given(entries, anything, anything)
def test_nothing_breaks_a_document_and_all_formats_hold_the_same_entries(found, title, words):
    view = example_feed(found, title=title, description=words, publication=words, contact=words)
    usable = [(entry.uid, entry.url) for entry in expressible(view).entries]
    items = json.loads(make(json_feed).render(view))["items"]
    assert [(item["id"], item["url"]) for item in items] == usable
    channel = etree.fromstring(make(rss).render(view))[0]
    read = [(item.findtext("guid"), item.findtext("link")) for item in channel.findall("item")]
    assert read == usable
    feed = etree.fromstring(make(atom).render(view))
    space = {"a": "http://www.w3.org/2005/Atom"}
    read = [
        (one.findtext("a:id", None, space), one.find("a:link", space).get("href"))
        for one in feed.findall("a:entry", space)
    ]
    assert read == usable


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_titles_come_back_as_they_were(title):
    view = example_feed([example_entry(1, title=title, summary="Instead")])
    wanted = clean_text(title) or "Instead"
    document = etree.fromstring(make(atom).render(view))
    assert document.findtext("{*}entry/{*}title") == wanted
    assert json.loads(make(json_feed).render(view))["items"][0]["title"] == wanted


@given(st.lists(st.integers(1, 8), max_size=12))
def test_an_id_stands_in_a_document_once_and_looking_twice_changes_nothing(numbers):
    view = example_feed([example_entry(number) for number in numbers])
    once = expressible(view)
    assert [entry.id for entry in once.entries] == list(dict.fromkeys(numbers))
    assert expressible(once) == once


def test_left_out_entry_is_logged_with_its_id(caplog):
    make(rss).render(example_feed([example_entry(7, url="ftp://x/")]))
    assert "urn:uuid:00000000-0000-4000-8000-000000000007" in caplog.text


@pytest.mark.parametrize("module", [rss, atom, json_feed])
def test_feed_without_a_page_of_its_own_is_an_error(module):
    with pytest.raises(FormatError, match="harbour"):
        make(module).render(example_feed([], home="feeds/harbour"))


@pytest.mark.parametrize("module", XML_FORMATS)
def test_a_text_too_long_for_readers_goes_out_with_its_summary(module):
    data = make(module).render(example_feed([example_entry(1, html="x" * 11_000_000)]))
    assert "What story 1 says" in read_xml(data)[0].html
