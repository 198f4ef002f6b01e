"""Articles as JSON: front matter's keys with a text, everything wrong named at once."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.inbox_articles import MAX_ARTICLES, MAX_OCTETS, read_articles
from publisher.model.articles import Enclosure, Link

FULL = {
    "id": "desk-7",
    "title": "The quay & I",
    "url": "https://port.example/7",
    "html": "<p>One <a href='map'>map</a>.</p><script>x()</script>",
    "date": "2026-11-24T07:30:00+01:00",
    "tags": ["ships"],
    "authors": ["Ann Quill"],
    "summary": "In short",
    "language": "en",
    "image": "/p.jpg",
    "key_points": ["One."],
    "read_also": [{"title": "Tides", "url": "https://port.example/tides"}],
    "enclosures": [{"url": "https://port.example/a.mp3", "type": "audio/mpeg", "length": 7}],
    "priority": 3,
    "mood": "glad",
}


def read(*rows):
    return read_articles(
        json.dumps(rows[0] if len(rows) == 1 else rows).encode(), "https://g.example/"
    )


def test_an_article_has_all_that_it_is_given():
    (found,) = read(FULL)
    assert (found.external_id, found.title) == ("desk-7", "The quay & I")
    assert found.html == '<p>One <a href="https://port.example/map">map</a>.</p>'
    assert found.published == datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    assert (found.tags, found.authors, found.priority) == (("ships",), ("Ann Quill",), 3)
    assert found.image == "https://g.example/p.jpg"
    assert found.read_also == (Link(title="Tides", url="https://port.example/tides"),)
    assert found.enclosures == (
        Enclosure(url="https://port.example/a.mp3", type="audio/mpeg", length=7),
    )
    assert found.attributes == {"mood": "glad"}


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ({"markdown": "*So* it is"}, "<p><em>So</em> it is</p>"),
        ({"text": "a < b\n\nc"}, "<p>a &lt; b</p><p>c</p>"),
        ({}, ""),
    ],
)
def test_texts_come_in_three_ways(body, html):
    (found,) = read({"id": "1", "title": "t", **body})
    assert found.html.replace("\n", "") == html


def test_an_address_will_do_for_an_id():
    (found,) = read({"title": "t", "url": "https://port.example/7"})
    assert found.external_id == "https://port.example/7"


def test_everything_wrong_is_named_and_nothing_is_taken():
    with pytest.raises(ParseError) as told:
        read(
            {"id": "1", "title": "good"},
            {"title": "t"},
            {"id": "2"},
            {"id": "3", "title": "t", "date": "soon"},
            {"id": "4", "title": "t", "html": "<p>", "text": "x"},
            {"id": "5", "title": "t", "url": "javascript:x"},
            {"id": "6", "title": "t", "html": 7},
            7,
        )
    assert told.value.reason.splitlines() == [
        "article 2: needs an id that stays the same, or a url",
        "article 3: needs a title or a text",
        "article 4: date is not a date (like 2026-11-24 or 2026-11-24T07:30+01:00)",
        "article 5: has html and text; give one of them",
        "article 6: url must be a whole web address",
        "article 7: html must be a text",
        "article 8: must be an object",
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "are no JSON"),
        (b"{", "are no JSON"),
        (b"[]", "must be 1 to 100"),
        (json.dumps([FULL] * (MAX_ARTICLES + 1)).encode(), "not 101"),
        (b" " * (MAX_OCTETS + 1), "larger than 1024 KiB"),
        (b"[" * 100_000, "are no JSON"),
    ],
)
def test_what_is_no_list_of_articles_is_refused(data, words):
    with pytest.raises(ParseError, match=words):
        read_articles(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*FULL, "markdown", "text", "draft", "slug"]), values))
def test_any_table_is_an_article_or_an_error(table):
    try:
        (found,) = read_articles(json.dumps(table).encode())
    except ParseError:
        return
    assert found.external_id
    assert found.title
