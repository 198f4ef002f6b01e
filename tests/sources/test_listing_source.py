"""Pages that list stories, read by selectors."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import FetchError, ParseError
from publisher.kit.css import compiled
from publisher.kit.listing_page import Rules, read_listing
from publisher.kit.polite_pages import PolitePages
from publisher.model.articles import SOURCE, SourceState
from publisher.net import HttpFetcher
from publisher.ports import SourceContext
from publisher.sources import listing
from tests.sources.loopback import site

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ITEM = """<li class="story"><h3><a href="{n}.html">Story &amp; {n}</a></h3>
<time datetime="2026-03-{n:02d}T08:00:00+01:00">{n} March</time><img src="p{n}.jpg" alt="">
<div class="lead">Lead <b>{n}</b><script>x()</script></div><span class="by">Ann Quill</span></li>"""
PAGE = """<!DOCTYPE html><html lang="de"><head><title>Port news</title>{head}</head><body>
<nav><a href="/">Home</a></nav><ul>{items}</ul>{next}</body></html>"""


def page(*numbers, following="", head=""):
    items = "".join(ITEM.format(n=n) for n in numbers)
    link = f'<a rel="next" href="{following}">more</a>' if following else ""
    return PAGE.format(items=items, next=link, head=head).encode()


@pytest.fixture
def here():
    with site() as running:
        yield running


@pytest.fixture
def source(here, tmp_path):
    def make(**more):
        fetcher = HttpFetcher(allow_private=True)
        context = SourceContext(
            key="listing:x",
            root=tmp_path,
            fetcher=fetcher,
            pages=PolitePages(fetcher, pause=0.0),
        )
        said = {"item": "li.story", "summary": ".lead", "author": ".by", **more}
        return listing.create(listing.Options(url=f"{here.url}/news/", **said), context)

    return make


def after(collected):
    return SourceState(
        key="k",
        etag=collected.etag,
        last_modified=collected.last_modified,
        cursor=collected.cursor,
        last_success=NOON,
    )


def titles(collected):
    return [article.title for article in collected.articles]


def test_a_list_gives_stories_with_all_that_it_says_of_them(here, source):
    here.document("/news/", page(3, 2), ETag='"a"', Content_Type="text/html")
    found = source().collect(SourceState(key="k"), NOON)
    first = found.articles[0]
    assert titles(found) == ["Story & 3", "Story & 2"]
    assert first.url == first.external_id == f"{here.url}/news/3.html"
    assert first.published == datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert (first.text, first.authors, first.language) == ("Lead 3", ("Ann Quill",), "de")
    assert "script" not in first.html
    assert first.image == f"{here.url}/news/p3.jpg"
    assert first.attributes[SOURCE]["title"] == "Port news"
    assert (found.etag, found.partial) == ('"a"', False)


def test_validators_are_sent_and_304_changes_nothing(here, source):
    here.document("/news/", page(1), ETag='"a"', Last_Modified="Tue, 24 Nov 2026 12:00:00 GMT")
    first = source().collect(SourceState(key="k"), NOON)
    here.document("/news/", b"", 304)
    again = source().collect(after(first), NOON)
    assert again.unchanged
    assert again.cursor == first.cursor
    assert here.asked[-1][1]["if-none-match"] == '"a"'
    assert here.asked[-1][1]["if-modified-since"] == "Tue, 24 Nov 2026 12:00:00 GMT"


def test_selectors_may_name_attributes_and_dates_a_form(here, source):
    item = '<li class="story" data-at="24.11.2026 um 07 Uhr"><a href="/x" title="Whole title">cut…</a></li>'
    here.document("/news/", PAGE.format(items=item, next="", head="").encode())
    found = source(title="a@title", date="@data-at", date_format="%d.%m.%Y um %H Uhr").collect(
        SourceState(key="k"), NOON
    )
    assert titles(found) == ["Whole title"]
    assert found.articles[0].published == datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_relative_addresses_count_from_the_pages_base(here, source):
    here.document("/news/", page(1, head='<base href="https://cdn.example/deep/">'))
    (found,) = source().collect(SourceState(key="k"), NOON).articles
    assert found.url == "https://cdn.example/deep/1.html"


def test_further_pages_are_read_only_as_far_as_something_is_new(here, source):
    made = source(next="a[rel=next]", pages=5)
    here.document("/news/", page(4, 3, following="2/"))
    here.document("/news/2/", page(2, 1, following="/news/"))
    first = made.collect(SourceState(key="k"), NOON)
    assert titles(first) == ["Story & 4", "Story & 3"] + [f"Story & {n}" for n in (2, 1)]
    assert first.partial
    here.asked.clear()
    again = made.collect(after(first), NOON)
    assert [path for path, _ in here.asked] == ["/news/"]
    assert len(again.articles) == 2


def test_a_later_page_that_fails_is_a_problem_and_the_first_comes_through(here, source):
    here.document("/news/", page(2, following="2/"))
    found = source(next="a[rel=next]", pages=2).collect(SourceState(key="k"), NOON)
    assert titles(found) == ["Story & 2"]
    assert "404" in found.problems[0].message


@pytest.mark.parametrize("body", [b"", b"\0\0", b"<html><body><h1>502</h1></body></html>", b"{}"])
def test_a_page_on_which_nothing_is_found_is_an_error_of_the_source(here, source, body):
    here.document("/news/", body)
    with pytest.raises(ParseError, match="nothing on the page is found"):
        source().collect(SourceState(key="k"), NOON)


def stories(here, *numbers):
    """Give stories pages of their own."""
    for n in numbers:
        words = (
            f"<p>Lead {n}: the ferry sails again at dawn, and the whole town is at the quay.</p>"
            * 8
        )
        body = f"<html><body><article><h1>Story &amp; {n}</h1>{words}</article></body></html>"
        here.document(f"/news/{n}.html", body.encode(), Content_Type="text/html")


def whole(collected):
    return [one.title for one in collected.articles if "sails again at dawn" in one.text]


def test_the_full_text_is_read_from_a_storys_page_once_and_stays(here, source):
    here.document("/news/", page(2, 1), ETag='"a"')
    stories(here, 1, 2)
    made = source(fetch_full_text=True)
    first = made.collect(SourceState(key="k"), NOON)
    assert whole(first) == ["Story & 2", "Story & 1"]
    here.asked.clear()
    here.document("/news/", page(3, 2, 1), ETag='"b"')
    again = made.collect(after(first), NOON)
    assert [path for path, _ in here.asked if path.endswith(".html")] == ["/news/3.html"]
    assert again.kept == {one.external_id for one in again.articles[1:]}
    assert again.articles[0].text == "Lead 3"
    assert "404" in again.problems[0].message


def test_many_new_stories_are_read_a_part_at_a_time(here, source):
    numbers = range(12, 0, -1)
    here.document("/news/", page(*numbers), ETag='"a"')
    stories(here, *numbers)
    made = source(fetch_full_text=True)
    first = made.collect(SourceState(key="k"), NOON)
    assert len(whole(first)) == 10
    here.asked.clear()
    rest = made.collect(after(first), NOON)
    assert "if-none-match" not in here.asked[0][1]
    assert {*whole(first), *whole(rest)} == {f"Story & {n}" for n in numbers}
    made.collect(after(rest), NOON)
    assert here.asked[-1][1]["if-none-match"] == '"a"'


def test_stories_that_wait_on_later_pages_are_reached(here, source):
    here.document("/news/", page(*range(12, 6, -1), following="2/"), ETag='"a"')
    here.document("/news/2/", page(*range(6, 0, -1), head='<base href="/news/">'))
    stories(here, *range(1, 13))
    made = source(next="a[rel=next]", pages=2, fetch_full_text=True)
    first = made.collect(SourceState(key="k"), NOON)
    rest = made.collect(after(first), NOON)
    assert {*whole(first), *whole(rest)} == {f"Story & {n}" for n in range(1, 13)}


def test_a_later_page_that_failed_is_asked_again(here, source):
    here.document("/news/", page(2, following="2/"), ETag='"a"')
    made = source(next="a[rel=next]", pages=2)
    first = made.collect(SourceState(key="k"), NOON)
    here.document("/news/2/", page(1))
    assert titles(made.collect(after(first), NOON)) == ["Story & 2", "Story & 1"]


def test_other_schemes_are_refused(tmp_path):
    context = SourceContext(key="k", root=tmp_path, fetcher=HttpFetcher())
    made = listing.create(listing.Options(url="file:///etc/passwd", item="a"), context)
    with pytest.raises(FetchError):
        made.collect(SourceState(key="k"), NOON)


@pytest.mark.parametrize("wrong", ["", "li[", "p:nth-child(x)", "li::before", "@", "a:hover >"])
def test_selectors_that_cannot_be_read_say_so(wrong):
    with pytest.raises(ValueError, match="selector"):
        compiled(wrong)


def test_huge_and_deep_pages_are_read_within_bounds():
    rules = Rules(item="li.story")
    deep = b"<div>" * 100 + page(1)
    assert read_listing(deep, "https://x.example/", "", rules).articles
    with pytest.raises(ParseError):
        read_listing(b"<div>" * 50_000 + page(1), "https://x.example/", "", rules)
    many = page(*([1] * 3_000))
    assert (
        len(read_listing(many, "https://x.example/", "", Rules(item="li.story")).articles) == 1_000
    )


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from([*"<>\"'&/=", "li class=story", "a href=x", "<li", "ß", "\0", "]]>"])
    ),
    st.sampled_from(["li.story", "li", "a", "*"]),
)
def test_whatever_stands_on_a_page_gives_distinct_stories_or_an_error(parts, item):
    data = ("<ul>" + " ".join(parts) + "</ul>").encode()
    try:
        found = read_listing(data, "https://x.example/", "", Rules(item=item))
    except ParseError:
        return
    ids = [article.external_id for article in found.articles]
    assert len(set(ids)) == len(ids)
    assert all(article.title for article in found.articles)
