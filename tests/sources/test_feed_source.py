"""Feeds of strangers: every format, honest polling, and errors that stay with their source."""

import json
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from publisher.errors import FetchError, ParseError
from publisher.kit import feed_reader
from publisher.model.articles import SourceState
from publisher.net import HttpFetcher
from publisher.ports import SourceContext
from publisher.sources import feed
from tests.sources.loopback import site

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Port</title>
<link>https://port.example/</link><description>d</description><ttl>90</ttl>{items}</channel></rss>"""
ITEM = "<item><title>{title}</title><link>https://port.example/{n}</link><guid>g{n}</guid></item>"
PAGE = "<!DOCTYPE html><html><head><title>Oops</title>{head}</head><body><p>No.</p></body></html>"


def rss(*titles: str) -> bytes:
    items = "".join(ITEM.format(title=title, n=n) for n, title in enumerate(titles, 1))
    return RSS.format(items=items).encode()


@pytest.fixture
def here():
    with site() as running:
        yield running


@pytest.fixture
def source(tmp_path):
    def make(url, **more):
        context = SourceContext(
            key=f"feed:{url}",
            root=tmp_path,
            fetcher=HttpFetcher(allow_private=True),
            base_url="https://g.example/",
        )
        return feed.Feed(feed.Options(url=url), context, **more)

    return make


def state_after(collected, **more):
    return SourceState(
        key="k",
        etag=collected.etag,
        last_modified=collected.last_modified,
        cursor=collected.cursor,
        **more,
    )


def samples(shared):
    listed = json.loads((shared / "samples/feeds/manifest.json").read_text())
    return listed if isinstance(listed, list) else listed["feeds"]


def test_all_sample_documents_give_the_expected_entries_and_titles(shared_dir):
    folder, wrong = shared_dir / "samples/feeds", []
    for row in samples(shared_dir):
        try:
            found = feed_reader.read_feed(
                (folder / row["file"]).read_bytes(), "https://h.example/f"
            )
        except ParseError:
            found = SimpleNamespace(articles=(), problems=())
        first = found.articles[0].title if found.articles else ""
        counts = {row["expected_entries"], *row.get("accept_entries", ())}
        shown = {row["first_title"] or "", *row.get("accept_titles", ())}
        ids = {article.external_id for article in found.articles}
        if len(found.articles) not in counts or first not in shown or len(ids) not in counts:
            wrong.append((row["file"], len(found.articles), first))
        assert found.problems == ()
    assert wrong == []


def test_every_sample_is_clean_and_absolute(shared_dir):
    for row in samples(shared_dir):
        if not row["expected_entries"]:
            continue
        data = (shared_dir / "samples/feeds" / row["file"]).read_bytes()
        for article in feed_reader.read_feed(data, "https://h.example/f").articles:
            assert "<script" not in article.html
            assert " style=" not in article.html
            assert not re.search(r"<[^<>]+\s(?:href|src)=\"/", article.html)
            assert article.url == "" or article.url.startswith(("http://", "https://"))
            assert article.url.isascii()


def test_a_feed_over_http_with_its_validators(here, source):
    here.document("/f", rss("One", "Two"), ETag='"v1"', Last_Modified="yesterday")
    first = source(here.url + "/f").collect(SourceState(key="k"), NOON)
    assert [article.title for article in first.articles] == ["One", "Two"]
    assert (first.etag, first.last_modified) == ('"v1"', "yesterday")
    assert first.fresh_until == NOON + timedelta(minutes=90)

    here.document("/f", b"", 304)
    again = source(here.url + "/f").collect(state_after(first), NOON)
    assert here.asked[1][1]["if-none-match"] == '"v1"'
    assert here.asked[1][1]["if-modified-since"] == "yesterday"
    assert again.unchanged
    assert (again.etag, again.last_modified) == ('"v1"', "yesterday")


def test_the_longer_of_max_age_and_ttl_holds_but_not_beyond_a_day(here, source):
    here.document("/f", rss("One"), Cache_Control="public, max-age=7200")
    assert source(here.url + "/f").collect(SourceState(key="k"), NOON).fresh_until == (
        NOON + timedelta(hours=2)
    )
    here.document("/f", rss("One"), Cache_Control="max-age=999999999")
    assert source(here.url + "/f").collect(SourceState(key="k"), NOON).fresh_until == (
        NOON + timedelta(hours=24)
    )


def test_after_a_week_of_not_modified_one_fetch_is_unconditional(here, source):
    here.document("/f", rss("One"), ETag='"stuck"')
    collected = source(here.url + "/f").collect(SourceState(key="k"), NOON)
    whole = here.answers["/f"]
    here.document("/f", b"", 304)
    stuck = here.answers["/f"]
    here.answers["/f"] = lambda one: (stuck if one.headers["If-None-Match"] else whole)(one)
    for day in range(1, 9):
        now = NOON + timedelta(days=day)
        collected = source(here.url + "/f").collect(state_after(collected), now)
    conditional = ["if-none-match" in headers for _, headers in here.asked]
    assert conditional == [False, *[True] * 6, False, True]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"  \n ", "is empty"),
        (PAGE.format(head="").encode(), "is a web page"),
        (b"Service unavailable", "neither RSS"),
        (rss("One", "Two")[:-40], "cut off"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "ti', "not JSON"),
        (b'{"error": "busy"}', "not a JSON Feed"),
        (b"\x00\x01\x02\x03", "is empty"),
    ],
)
def test_what_is_no_feed_is_an_error_of_the_source(here, source, body, reason):
    here.document("/f", body, ETag='"bad"')
    known = SourceState(key="k", etag='"good"', last_success=NOON)
    with pytest.raises(ParseError, match=reason) as caught:
        source(here.url + "/f").collect(known, NOON)
    assert here.url + "/f" in str(caught.value)


def test_a_sites_address_leads_to_its_feed_and_next_time_straight_there(here, source):
    link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    here.document("/", PAGE.format(head=link).encode(), Content_Type="text/html")
    here.document("/feed.xml", rss("One"), ETag='"f"')
    first = source(here.url + "/").collect(SourceState(key="k"), NOON)
    assert [article.title for article in first.articles] == ["One"]
    source(here.url + "/").collect(state_after(first, last_success=NOON), NOON)
    assert [path for path, _ in here.asked] == ["/", "/feed.xml", "/feed.xml"]
    assert here.asked[2][1]["if-none-match"] == '"f"'


def test_an_error_page_where_a_feed_was_is_not_followed(here, source):
    link = '<link rel="alternate" type="application/rss+xml" href="/other.xml">'
    here.document("/f", PAGE.format(head=link).encode())
    with pytest.raises(ParseError, match="is a web page"):
        source(here.url + "/f").collect(SourceState(key="k", last_success=NOON), NOON)
    assert [path for path, _ in here.asked] == ["/f"]


def test_a_permanent_redirect_counts_after_five_times(here, source):
    here.redirect("/old", "/new", 308)
    here.document("/new", rss("One"))
    collected = source(here.url + "/old").collect(SourceState(key="k"), NOON)
    for _ in range(5):
        collected = source(here.url + "/old").collect(state_after(collected), NOON)
    assert [path for path, _ in here.asked] == [*["/old", "/new"] * 5, "/new"]


def test_a_hostile_document_is_given_up_and_the_next_is_read(here, source):
    # Each tag of an ill-formed entry is compared with all before it: quadratic time.
    tags = "".join(f"<category>c{n}</category>" for n in range(60_000))
    here.document("/bad", rss("One").replace(b"<item>", f"<item>{tags}&none;".encode()))
    here.document("/good", rss("Two"))
    with pytest.raises(ParseError, match="took longer than 1 s"):
        source(here.url + "/bad", seconds=1.0).collect(SourceState(key="k"), NOON)
    good = source(here.url + "/good").collect(SourceState(key="k"), NOON)
    assert [article.title for article in good.articles] == ["Two"]


@pytest.mark.parametrize("url", ["file:articles/f.xml", "articles/f.xml", "file:./articles/f.xml"])
def test_a_file_of_the_publication(tmp_path, source, url):
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/f.xml").write_bytes(rss("One"))
    collected = source(url).collect(SourceState(key="k"), NOON)
    assert [article.title for article in collected.articles] == ["One"]
    assert source(url).collect(state_after(collected), NOON).articles == collected.articles


@pytest.mark.parametrize("url", ["file:../f.xml", "/etc/passwd", "file:///etc/passwd", "link.xml"])
def test_no_file_outside_is_read(tmp_path, tmp_path_factory, source, url):
    outside = tmp_path_factory.mktemp("outside") / "f.xml"
    outside.write_bytes(rss("Secret"))
    (tmp_path / "link.xml").symlink_to(outside)
    with pytest.raises(FetchError, match="lies outside"):
        source(url).collect(SourceState(key="k"), NOON)


@pytest.mark.parametrize("url", ["articles/none.xml", "file:articles", "ftp://x.example/f.xml"])
def test_what_is_not_there_is_said(source, url):
    with pytest.raises(FetchError):
        source(url).collect(SourceState(key="k"), NOON)


def test_collecting_twice_gives_the_same(here, source):
    here.document("/f", rss("One", "Two"))
    one = source(here.url + "/f").collect(SourceState(key="k"), NOON)
    two = source(here.url + "/f").collect(SourceState(key="k"), NOON)
    assert one.articles == two.articles


def test_every_article_says_which_feed_it_was_taken_from(source, tmp_path):
    (tmp_path / "port.atom").write_text(
        """<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:port.example,2020:news</id>
        <title>Port news</title><updated>2026-03-02T11:00:00Z</updated>
        <link href="https://port.example/"/>
        <entry><id>tag:port.example,2020:1</id><title>One</title>
        <link href="https://port.example/1"/><updated>2026-03-02T11:00:00Z</updated></entry></feed>"""
    )
    (article,) = source("file:port.atom").collect(SourceState(key="x"), NOON).articles
    assert article.attributes["source"] == {
        "title": "Port news",
        "uid": "tag:port.example,2020:news",
        "url": "file:port.atom",
        "home": "https://port.example/",
    }


OFFERED = rss("One").replace(
    b"<description>",
    b'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="https://hub.example/"/>'
    b'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="/f"/><description>',
)


def offer_of(collected):
    return collected.hubs, collected.topic


def test_a_feed_names_its_hub_and_itself_in_the_document(here, source):
    here.document("/f", OFFERED)
    found = source(here.url + "/f").collect(SourceState(key="k"), NOON)
    assert offer_of(found) == (("https://hub.example/",), here.url + "/f")


def test_a_feed_names_its_hub_in_two_headers_of_one_name(here, source):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Link", f'<{here.url}/hub>; rel="hub"')
        handler.send_header("Link", '</self>; rel="self"')
        handler.send_header("Content-Length", str(len(OFFERED)))
        handler.end_headers()
        handler.wfile.write(OFFERED)

    here.answers["/f"] = answer
    found = source(here.url + "/f").collect(SourceState(key="k"), NOON)
    assert offer_of(found) == ((here.url + "/hub",), here.url + "/self")


def test_who_wants_no_pushes_offers_none(here, tmp_path):
    here.document("/f", OFFERED)
    context = SourceContext(key="k", root=tmp_path, fetcher=HttpFetcher(allow_private=True))
    quiet = feed.Feed(feed.Options(url=here.url + "/f", push=False), context)
    assert offer_of(quiet.collect(SourceState(key="k"), NOON)) == ((), "")


def test_the_page_of_a_site_offers_its_hub_for_a_feed_that_names_none(here, source):
    head = '<link rel="alternate" type="application/rss+xml" href="/f">'
    hub = '<link rel="hub" href="https://hub.example/"><link rel="self" href="/page">'
    here.document("/page", PAGE.format(head=head + hub).encode())
    here.document("/f", rss("One"))
    first = source(here.url + "/page").collect(SourceState(key="k"), NOON)
    again = source(here.url + "/page").collect(state_after(first, last_success=NOON), NOON)
    for one in (first, again):
        assert offer_of(one) == (("https://hub.example/",), here.url + "/page")
    here.document("/f", OFFERED)
    later = source(here.url + "/page").collect(state_after(again, last_success=NOON), NOON)
    assert later.topic == here.url + "/f"


@pytest.mark.parametrize("moved", [False, True])
def test_what_is_pushed_is_read_as_if_it_had_been_fetched(here, source, moved):
    here.document("/new", rss("One", "Two"), ETag='"v1"', Content_Type="application/rss+xml")
    here.redirect("/f", "/new", 302)
    one = source(here.url + ("/f" if moved else "/new"))
    polled = one.collect(SourceState(key="k"), NOON)
    pushed = one.pushed(rss("One", "Two"), "application/rss+xml", state_after(polled))
    assert pushed.articles == polled.articles
    assert pushed.partial
    assert (pushed.etag, pushed.cursor) == ('"v1"', polled.cursor)
    assert not polled.partial


def test_what_is_pushed_and_no_feed_is_an_error_but_a_page_says_that_there_is_news(source):
    pushed = source("https://port.example/f").pushed
    with pytest.raises(ParseError):
        pushed(b"", "", SourceState(key="k"))
    assert pushed(PAGE.format(head="").encode(), "text/html", SourceState(key="k")) is None
