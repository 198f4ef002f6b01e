"""Samples of feeds, spoiled in every way: an answer or a ParseError, never anything else."""

import json
import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.feed_reader import read_feed
from tests.conftest import SHARED

URL = "https://h.example/feeds/main.xml"
ELEMENT = re.compile(rb"<([\w:]+)(?:\s[^<>]*)?>[^<>]*</\1>")
DATE = re.compile(rb"(<(?:pubDate|dc:date|updated|published)[^<>]*>)[^<>]*")
ENCODINGS = (
    "utf-8",
    "utf-16",
    "windows-1251",
    "iso-8859-1",
    "shift_jis",
    "koi8-r",
    "gb18030",
    "no-such",
)


def documents():
    """Return the samples by name, none where they are not beside this checkout."""
    folder = SHARED / "samples/feeds"
    if not folder.is_dir():
        return {}
    rows = json.loads((folder / "manifest.json").read_text())["feeds"]
    return {row["file"]: (folder / row["file"]).read_bytes() for row in rows}


SAMPLES = documents()
pytestmark = pytest.mark.skipif(not SAMPLES, reason="the folder of shared samples is absent")


def cut(data, draw):
    """Cut the document off, or a piece out of it."""
    start = draw(st.integers(0, len(data)))
    return (
        data[:start] + data[draw(st.integers(start, len(data))) :]
        if draw(st.booleans())
        else data[:start]
    )


def redeclared(data, draw):
    """Let it say another encoding than it has."""
    said = draw(st.sampled_from(ENCODINGS))
    body = re.sub(rb"\A\s*<\?xml[^>]*\?>", b"", data)
    return f'<?xml version="1.0" encoding="{said}"?>'.encode() + body


def transcoded(data, draw):
    """Write it in another encoding than it says."""
    return data.decode("utf-8", "replace").encode(draw(st.sampled_from(ENCODINGS[:-1])), "ignore")


def without(data, draw):
    """Take elements away: ids, titles, links, whatever stands there."""
    found = list(ELEMENT.finditer(data))
    for _ in range(draw(st.integers(1, 5)) if found else 0):
        one = draw(st.sampled_from(found))
        data = data.replace(one[0], b"", 1)
    return data


def moved(data, draw):
    """Let two elements change places."""
    found = [one[0] for one in ELEMENT.finditer(data)]
    if len(found) < 2:
        return data
    one, two = draw(st.sampled_from(found)), draw(st.sampled_from(found))
    return data.replace(one, b"\0", 1).replace(two, one, 1).replace(b"\0", two, 1)


def redated(data, draw):
    """Write something else where dates stand."""
    said = draw(
        st.sampled_from(["", "soon", "32 Foo 2026", "9999-99-99", "١٢/٠٣/٢٠٢٦", "0", "Tue"])
    )
    return DATE.sub(lambda match: match[1] + said.encode(), data)


def doubled(data, draw):
    """Let a part stand twice."""
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 3000)))
    return data[:end] + data[start:end] + data[end:]


def soiled(data, draw):
    """Put in what does not belong there."""
    at = draw(st.integers(0, len(data)))
    return (
        data[:at]
        + draw(
            st.sampled_from([b"<", b"&", b"]]>", b"<![CDATA[", b"\0", b"\xff\xfe", b"<!--", b">"])
        )
        + data[at:]
    )


MUTATIONS = (cut, redeclared, transcoded, without, moved, redated, doubled, soiled)


@settings(deadline=timedelta(seconds=5))
@given(
    st.data(),
    st.sampled_from(sorted(SAMPLES) or [""]),
    st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=3),
)
def test_a_spoiled_feed_is_read_or_refused(data, name, mutations):
    document = SAMPLES[name]
    for mutation in mutations:
        document = mutation(document, data.draw)
    try:
        found = read_feed(
            document, URL, data.draw(st.sampled_from(["", "text/xml; charset=iso-8859-1"]))
        )
    except ParseError:
        return
    ids = [article.external_id for article in found.articles]
    assert len(ids) == len(set(ids))
    assert all(ids)
    for article in found.articles:
        assert article.published is None or article.published.tzinfo is not None
        assert "<script" not in article.html
        assert "\n" not in article.title
