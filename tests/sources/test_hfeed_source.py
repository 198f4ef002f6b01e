"""Pages marked up with microformats2."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.microformats import MAX_ENTRIES, read_hfeed
from publisher.model.articles import SOURCE, SourceState
from publisher.net import HttpFetcher
from publisher.ports import SourceContext
from publisher.sources import hfeed
from tests.sources.loopback import site

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BASE = "https://ada.example/"
FEED = """<!DOCTYPE html><html lang="en"><head><title>Ada's site</title></head><body>
<main class="h-feed"><h1 class="p-name">Ada writes</h1>
<article class="h-entry"><h2 class="p-name">The <i>quay</i> &amp; I</h2>
<a class="u-url u-uid" href="/quay">link</a> by <span class="p-author h-card"><a class="p-name u-url"
href="/">Ada</a></span> <time class="dt-published" datetime="2026-03-02T08:00:00+01:00">2 March</time>
<img class="u-photo" src="/quay.jpg" alt="Quay"><a class="p-category" href="/t/ships">ships</a>
<div class="e-content"><p>Long <a href="/map">story</a>.</p><script>x()</script></div></article>
<article class="h-entry"><div class="e-content p-name">Just a note about the tide today</div>
<a class="u-url" href="/note"></a></article>
</main></body></html>"""


def read(text, url=BASE):
    return read_hfeed(text.encode(), url, "text/html")


def test_entries_have_all_that_is_marked_up():
    document = read(FEED)
    assert document.title == "Ada writes"
    first = document.articles[0]
    assert (first.title, first.url, first.external_id) == (
        "The quay & I",
        "https://ada.example/quay",
        "https://ada.example/quay",
    )
    assert (first.authors, first.tags) == (("Ada",), ("ships",))
    assert first.published == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert first.image == "https://ada.example/quay.jpg"
    assert 'href="https://ada.example/map"' in first.html
    assert "script" not in first.html
    assert first.language == "en"


def test_a_note_is_called_by_its_first_words():
    note = read(FEED).articles[1]
    assert note.title.startswith("Just a note about the tide")
    assert note.external_id == "https://ada.example/note"


def test_entries_without_a_feed_around_them_will_do():
    lone = (
        '<div class="x"><div class="h-entry"><a class="p-name u-url" href="a">One</a></div></div>'
    )
    assert [one.title for one in read(lone).articles] == ["One"]


def test_nested_replies_are_no_stories_of_their_own():
    inner = '<div class="u-comment h-cite"><span class="p-name">Reply</span></div>'
    outer = (
        f'<div class="h-feed"><div class="h-entry"><b class="p-name">Story</b>{inner}</div></div>'
    )
    assert [one.title for one in read(outer).articles] == ["Story"]


@pytest.mark.parametrize(
    "body", ["", "\0", "<html><h1>502 Bad Gateway</h1></html>", "{}", "<" * 999]
)
def test_a_page_without_entries_is_an_error(body):
    with pytest.raises(ParseError, match="no h-feed and no h-entry"):
        read(body)


def test_it_is_asked_for_with_its_validators_and_named(tmp_path):
    with site() as here:
        here.document("/", FEED.encode(), ETag='"a"', Content_Type="text/html; charset=utf-8")
        context = SourceContext(key="h", root=tmp_path, fetcher=HttpFetcher(allow_private=True))
        source = hfeed.create(hfeed.Options(url=f"{here.url}/"), context)
        first = source.collect(SourceState(key="h"), NOON)
        assert len(first.articles) == 2
        assert first.articles[0].attributes[SOURCE]["title"] == "Ada writes"
        here.document("/", b"", 304)
        again = source.collect(SourceState(key="h", etag=first.etag), NOON)
        assert (again.unchanged, again.etag) == (True, '"a"')
        assert here.asked[-1][1]["if-none-match"] == '"a"'


def test_hostile_pages_are_read_within_bounds():
    entry = '<div class="h-entry"><a class="p-name u-url" href="/{n}">Story {n}</a></div>'
    many = "".join(entry.format(n=n) for n in range(MAX_ENTRIES + 50))
    assert len(read(many).articles) == MAX_ENTRIES
    deep = '<div class="h-entry">' * 3_000 + "x"
    with pytest.raises(ParseError, match="nested too deeply"):
        read(entry.format(n=1) + deep)
    assert read(f'<base href="javascript:x">{entry.format(n=1)}').articles[0].title == "Story 1"


pieces = [
    *('<div class="h-entry">', '<div class="h-feed">', "</div>", '<a class="u-url" href="x">'),
    *('<p class="p-name">', '<time class="dt-published">', "2026", "words", "\0", "&", "<", "é"),
    *(
        '<b class="p-author h-card">',
        '<img class="u-photo">',
        '<div class="e-content">',
        "</a></p>",
    ),
]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(pieces), max_size=40))
def test_whatever_is_marked_up_gives_distinct_stories_or_an_error(parts):
    try:
        found = read(" ".join(parts))
    except ParseError:
        return
    ids = [article.external_id for article in found.articles]
    assert len(set(ids)) == len(ids)
