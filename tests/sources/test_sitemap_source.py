"""Sitemaps: plain ones, news sitemaps, indexes; a few pages at a time, and none twice."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.polite_pages import PolitePages
from publisher.kit.sitemap_reader import MAX_ENTRIES, read_sitemap
from publisher.model.articles import SourceState
from publisher.net import HttpFetcher
from publisher.ports import SourceContext
from publisher.sources import sitemap
from tests.sources.loopback import site

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
URLSET = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"{ns}>{0}</urlset>'
NEWS = ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
WORDS = "The ferry sails again at dawn, and the whole town stands at the quay to see it. " * 8


def urls(*entries):
    return "".join(
        f"<url><loc>{loc}</loc>{f'<lastmod>{when}</lastmod>' if when else ''}</url>"
        for loc, when in entries
    )


def day(number):
    return f"2026-11-{number:02d}T08:00:00Z"


@pytest.fixture
def here():
    with site() as running:
        yield running


@pytest.fixture
def source(here, tmp_path):
    def make(**more):
        fetcher = HttpFetcher(allow_private=True)
        pages = PolitePages(fetcher, pause=0.0)
        context = SourceContext(key="s", root=tmp_path, fetcher=fetcher, pages=pages)
        return sitemap.create(sitemap.Options(url=f"{here.url}/sitemap.xml", **more), context)

    return make


def story(here, name):
    body = f"<html><body><article><h1>Story {name}</h1><p>{WORDS}</p></article></body></html>"
    here.document(f"/{name}", body.encode(), Content_Type="text/html")
    return f"{here.url}/{name}"


def publish(here, *entries, **headers):
    here.document("/sitemap.xml", URLSET.format(urls(*entries), ns="").encode(), **headers)


def after(collected):
    return SourceState(
        key="s",
        etag=collected.etag,
        last_modified=collected.last_modified,
        cursor=collected.cursor,
        last_success=NOON,
    )


def titles(collected):
    return [article.title for article in collected.articles]


def test_at_first_the_newest_pages_are_read_and_the_archive_is_left_alone(here, source):
    pages = [(story(here, f"n{n}"), day(n)) for n in range(1, 7)]
    publish(here, *pages, ETag='"a"')
    made = source(limit=2)
    first = made.collect(SourceState(key="s"), NOON)
    assert titles(first) == ["Story n6", "Story n5"]
    assert first.partial
    assert first.articles[0].external_id == pages[-1][0]
    assert first.articles[0].published == datetime(2026, 11, 6, 8, tzinfo=UTC)
    assert "sails again" in first.articles[0].text
    assert made.collect(after(first), NOON).articles == ()


def test_new_and_edited_pages_are_read_oldest_first_a_part_at_a_time(here, source):
    old = [(story(here, "old"), day(1))]
    publish(here, *old)
    made = source(limit=2)
    state = after(made.collect(SourceState(key="s"), NOON))
    publish(here, *old, *((story(here, f"n{n}"), day(n)) for n in range(2, 7)), ETag='"b"')
    seen = []
    for _ in range(4):
        found = made.collect(state, NOON)
        seen.append(titles(found))
        state = after(found)
    assert seen == [["Story n2", "Story n3"], ["Story n4", "Story n5"], ["Story n6"], []]
    publish(here, (old[0][0], day(9)))
    assert titles(made.collect(state, NOON)) == ["Story old"]


def test_while_pages_wait_the_sitemap_is_asked_for_whatever_its_validator_says(here, source):
    publish(here, (story(here, "n1"), day(1)), ETag='"a"')
    made = source(limit=1)
    state = after(made.collect(SourceState(key="s"), NOON))
    assert here.asked[0][1].get("if-none-match") is None
    publish(here, *((story(here, f"n{n}"), day(n)) for n in (2, 3)), ETag='"b"')
    waiting = made.collect(state, NOON)
    here.asked.clear()
    made.collect(after(waiting), NOON)
    assert "if-none-match" not in here.asked[0][1]
    here.document("/sitemap.xml", b"", 304)
    assert made.collect(after(made.collect(state, NOON)), NOON).unchanged


def test_pages_without_a_date_are_remembered_however_many_there_are(here, source):
    known = story(here, "known")
    many = [(known, ""), *((f"{here.url}/a{n}", "") for n in range(3_000))]
    publish(here, *many)
    made = source(limit=1)
    first = made.collect(SourceState(key="s"), NOON)
    assert titles(first) == ["Story known"]
    publish(here, *many, (story(here, "fresh"), ""))
    again = made.collect(after(first), NOON)
    assert titles(again) == ["Story fresh"]
    assert again.problems == ()


def test_a_page_that_cannot_be_fetched_is_tried_again_and_then_let_go(here, source):
    publish(here, (f"{here.url}/gone", day(2)))
    made = source()
    state, asked = SourceState(key="s"), []
    for _ in range(5):
        here.asked.clear()
        found = made.collect(state, NOON)
        asked.append(sum(path == "/gone" for path, _ in here.asked))
        state = after(found)
    assert asked == [1, 1, 1, 0, 0]


def test_a_page_without_a_story_is_a_problem_once(here, source):
    here.document("/empty", b"<html><body></body></html>", Content_Type="text/html")
    publish(here, (f"{here.url}/empty", day(2)), (story(here, "n1"), day(1)))
    made = source()
    first = made.collect(SourceState(key="s"), NOON)
    assert titles(first) == ["Story n1"]
    assert len(first.problems) == 1
    assert made.collect(after(first), NOON).problems == ()


def test_paths_tell_what_is_a_story(here, source):
    publish(here, *((story(here, name), day(1)) for name in ("news/1", "news/tag/x", "about", "")))
    found = source(include=("/news/",), exclude=("/news/tag/*",)).collect(
        SourceState(key="s"), NOON
    )
    assert titles(found) == ["Story news/1"]


def test_a_news_sitemap_tells_titles_dates_and_keywords(here, source):
    entry = (
        "<url><loc>/n1</loc><news:news><news:publication><news:name>Port</news:name>"
        "<news:language>de</news:language></news:publication>"
        f"<news:publication_date>{day(3)}</news:publication_date>"
        "<news:title>Die F&#228;hre &amp; wir</news:title><news:keywords>ships, quay ,</news:keywords>"
        "</news:news></url>"
    )
    here.document("/sitemap.xml", URLSET.format(entry, ns=NEWS).encode())
    (found,) = source(fetch=False).collect(SourceState(key="s"), NOON).articles
    assert (found.title, found.language, found.tags) == (
        "Die Fähre & wir",
        "de",
        ("ships", "quay"),
    )
    assert found.published == datetime(2026, 11, 3, 8, tzinfo=UTC)
    assert found.url == f"{here.url}/n1"
    assert len([path for path, _ in here.asked]) == 1


def test_an_index_is_followed_and_a_map_that_fails_stops_no_other(here, source):
    maps = "".join(
        f"<sitemap><loc>{here.url}/{name}.xml</loc></sitemap>" for name in ("one", "two", "lost")
    )
    here.document("/sitemap.xml", f"<sitemapindex>{maps}</sitemapindex>".encode(), ETag='"i"')
    for name in ("one", "two"):
        packed = gzip.compress(URLSET.format(urls((story(here, name), day(2))), ns="").encode())
        here.document(f"/{name}.xml", packed)
    found = source().collect(SourceState(key="s"), NOON)
    assert sorted(titles(found)) == ["Story one", "Story two"]
    assert [problem.where for problem in found.problems] == [f"{here.url}/lost.xml"]
    assert found.etag == ""


def test_a_map_that_failed_once_brings_no_archive_later(here, source):
    maps = "".join(f"<sitemap><loc>{here.url}/{n}.xml</loc></sitemap>" for n in ("one", "two"))
    here.document("/sitemap.xml", f"<sitemapindex>{maps}</sitemapindex>".encode())
    whole = {
        name: URLSET.format(urls((story(here, name), "")), ns="").encode()
        for name in ("one", "two")
    }
    for name, body in whole.items():
        here.document(f"/{name}.xml", body)
    made = source()
    state = after(made.collect(SourceState(key="s"), NOON))
    here.document("/two.xml", b"", 503)
    state = after(made.collect(state, NOON))
    here.document("/two.xml", whole["two"])
    assert titles(made.collect(state, NOON)) == []


def test_what_robots_txt_bars_is_not_read(here, source):
    here.document("/robots.txt", b"User-agent: *\nDisallow: /shut")
    publish(here, (story(here, "shut/1"), day(1)), (story(here, "open/1"), day(2)))
    found = source().collect(SourceState(key="s"), NOON)
    assert titles(found) == ["Story open/1"]
    assert "/shut/1" not in [path for path, _ in here.asked]


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>502</body></html>", b"words", b"<urlset", b"\x1f\x8bnonsense"]
)
def test_what_is_no_sitemap_is_an_error_of_the_source(here, source, body):
    here.document("/sitemap.xml", body)
    if body == b"<urlset":
        assert source().collect(SourceState(key="s"), NOON).articles == ()
    else:
        with pytest.raises(ParseError):
            source().collect(SourceState(key="s"), NOON)


def test_hostile_files_are_bounded():
    bomb = gzip.compress(b"<urlset>" + b" " * 60 * 1024 * 1024)
    with pytest.raises(ParseError, match="larger than"):
        read_sitemap(bomb, "https://x.example/")
    laughs = (
        b'<!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><urlset>&b;</urlset>'
    )
    assert read_sitemap(laughs, "https://x.example/").pages == ()
    outside = b'<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>https://x.example/&x;</loc></url></urlset>'
    assert "root" not in str(read_sitemap(outside, "https://x.example/"))
    many = URLSET.format(urls(*[("https://x.example/a", "")] * (MAX_ENTRIES + 9)), ns="")
    assert len(read_sitemap(many.encode(), "https://x.example/").pages) == MAX_ENTRIES


locations = st.lists(
    st.tuples(st.integers(0, 30), st.none() | st.integers(1, 23)), unique_by=lambda one: one[0]
)


@settings(max_examples=60)
@given(st.lists(locations, min_size=1, max_size=5), st.integers(1, 4))
def test_after_the_first_time_every_state_of_every_page_is_read_once(histories, limit):
    """However pages come, change and go: what is told once is never told again, and nothing is missed."""
    told, memory = [], sitemap._Memory()
    first, expected = True, set()
    base = NOON - timedelta(days=30)
    shown = {}
    for history in histories:
        for page, when in history:
            known = shown.get(page)
            # Dates of a page only grow, and no page is dated before the newest of the last look.
            newest = max((date for date in shown.values() if date), default=None)
            if when is not None and newest is not None and when <= newest:
                when = None if known is None else known  # noqa: PLW2901
            shown[page] = when
        entries = [
            sitemap.Entry(
                url=f"https://x.example/{page}", changed=when and base + timedelta(days=when)
            )
            for page, when in shown.items()
        ]
        if first:
            told_now = {(one.url, one.changed) for one in entries}
            expected |= told_now
        for _ in range(40):
            wanted = [one for one in entries if memory.is_new(one)]
            taken = sitemap._taken(wanted, limit, first=first)
            for one in taken:
                memory.done(one)
                told.append((one.url, one.changed))
            memory.advance(wanted, taken, NOON, first=first)
            memory.keep(entries)
            first = False
    assert len(told) == len(set(told))
    later = {
        (f"https://x.example/{page}", when and base + timedelta(days=when))
        for page, when in shown.items()
    }
    assert later - expected <= set(told)
