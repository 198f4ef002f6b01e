"""Where feeds are found: for profiles, for channels, and for sites that only half say where."""

from datetime import UTC, datetime

import pytest

from publisher.errors import FetchError, ParseError
from publisher.kit.feed_links import named_feeds, usual_feeds
from publisher.model.articles import SourceState
from publisher.net import HttpFetcher
from publisher.ports import Fetched, SourceContext
from publisher.sources import feed
from tests.sources.loopback import site
from tests.sources.test_feed_source import PAGE, rss, state_after

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RSS_LINK = '<link rel="alternate" type="application/rss+xml" href="{}">'
UC = "UC0123456789-abcdefghi_Z"


@pytest.fixture
def here():
    with site() as running:
        yield running


@pytest.fixture
def source(tmp_path):
    def make(url, fetcher=None):
        context = SourceContext(
            key=f"feed:{url}",
            root=tmp_path,
            fetcher=fetcher or HttpFetcher(allow_private=True),
            base_url="https://g.example/",
        )
        return feed.Feed(feed.Options(url=url), context)

    return make


def page(head=""):
    return PAGE.format(head=head).encode()


def paths(here):
    return [path for path, _ in here.asked]


def titles(collected):
    return [article.title for article in collected.articles]


def test_a_profile_is_asked_for_its_feed_at_once(here, source):
    here.document("/@ada.rss", rss("One"))
    found = source(here.url + "/@ada").collect(SourceState(key="k"), NOON)
    assert titles(found) == ["One"]
    assert paths(here) == ["/@ada.rss"]


def test_what_only_looks_like_a_profile_is_asked_as_it_was_written(here, source):
    here.document("/@ada", page(RSS_LINK.format("/ada.xml")))
    here.document("/ada.xml", rss("One"))
    first = source(here.url + "/@ada").collect(SourceState(key="k"), NOON)
    assert titles(first) == ["One"]
    assert paths(here) == ["/@ada.rss", "/@ada", "/ada.xml"]
    source(here.url + "/@ada").collect(state_after(first, last_success=NOON), NOON)
    assert paths(here)[3:] == ["/ada.xml"]


def test_a_feed_at_the_address_of_a_profile_stays_there(here, source):
    here.document("/@ada", rss("One"))
    first = source(here.url + "/@ada").collect(SourceState(key="k"), NOON)
    source(here.url + "/@ada").collect(state_after(first, last_success=NOON), NOON)
    assert paths(here) == ["/@ada.rss", "/@ada", "/@ada"]


def test_a_profile_that_is_gone_for_the_moment_is_not_sought_elsewhere(here, source):
    here.document("/@ada.rss", b"", 503)
    here.document("/@ada", rss("Another"))
    with pytest.raises(FetchError, match="503"):
        source(here.url + "/@ada").collect(SourceState(key="k"), NOON)
    here.document("/@ada.rss", b"", 410)
    with pytest.raises(FetchError, match="410"):
        source(here.url + "/@ada").collect(SourceState(key="k", last_success=NOON), NOON)


def test_a_link_header_leads_to_the_feed_before_the_page_does(here, source):
    link = '</head.xml>; rel="alternate"; type="application/atom+xml"'
    here.document("/", page(RSS_LINK.format("/page.xml")), Link=link)
    here.document("/head.xml", rss("Header"))
    assert titles(source(here.url + "/").collect(SourceState(key="k"), NOON)) == ["Header"]


@pytest.mark.parametrize("place", ["/feed", "/rss", "/atom.xml", "/index.xml", "/feed.json"])
def test_a_page_that_says_nothing_is_sought_where_feeds_usually_are(here, source, place):
    feed_json = (
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "One"}]}'
    )
    here.document("/", page())
    here.document("/rss.xml", page())  # an error page with 200
    here.document(place, feed_json if place.endswith("json") else rss("One"))
    first = source(here.url).collect(SourceState(key="k"), NOON)
    assert titles(first) == ["One"]
    here.asked.clear()
    source(here.url).collect(state_after(first, last_success=NOON), NOON)
    assert paths(here) == [place]


def test_a_blog_in_a_folder_is_sought_there_first(here, source):
    here.document("/blog", page())
    here.document("/feed", rss("Site"))
    here.document("/blog/feed", rss("Blog"))
    assert titles(source(here.url + "/blog").collect(SourceState(key="k"), NOON)) == ["Blog"]


def test_what_a_page_names_but_is_none_is_passed_over(here, source):
    here.document("/", page(RSS_LINK.format("/gone.xml") + RSS_LINK.format("/page.xml")))
    here.document("/page.xml", page())
    here.document("/feed", rss("One"))
    assert titles(source(here.url).collect(SourceState(key="k"), NOON)) == ["One"]
    assert paths(here) == ["/", "/gone.xml", "/page.xml", "/feed"]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_feed_that_is_named_and_out_of_order_is_waited_for(here, source, status):
    here.document("/", page(RSS_LINK.format("/news.xml") + RSS_LINK.format("/comments.xml")))
    here.document("/news.xml", b"", status)
    here.document("/comments.xml", rss("A comment"))
    with pytest.raises(FetchError, match=str(status)):
        source(here.url).collect(SourceState(key="k"), NOON)


def test_a_feed_that_is_named_and_cut_off_is_waited_for(here, source):
    here.document("/", page(RSS_LINK.format("/news.xml") + RSS_LINK.format("/comments.xml")))
    here.document("/news.xml", rss("One", "Two")[:-40])
    here.document("/comments.xml", rss("A comment"))
    with pytest.raises(ParseError, match="cut off"):
        source(here.url).collect(SourceState(key="k"), NOON)


def test_a_fault_where_a_feed_was_only_guessed_is_no_matter(here, source):
    here.document("/", page())
    here.document("/feed", b"", 500)
    here.document("/rss", rss("One")[:-40])
    here.document("/atom.xml", rss("One"))
    assert titles(source(here.url).collect(SourceState(key="k"), NOON)) == ["One"]


def test_a_site_that_wants_peace_is_not_asked_further(here, source):
    here.document("/", page())
    here.document("/feed", b"", 429, Retry_After="60")
    with pytest.raises(FetchError) as caught:
        source(here.url).collect(SourceState(key="k"), NOON)
    assert caught.value.retry_after is not None
    assert paths(here) == ["/", "/feed"]


def test_a_site_without_a_feed_is_an_error_that_says_so(here, source):
    here.document("/about/us.html", page())
    with pytest.raises(ParseError, match="no feed was found on its site"):
        source(here.url + "/about/us.html").collect(SourceState(key="k"), NOON)
    assert len(here.asked) == 1 + len(usual_feeds(here.url + "/about/us.html"))


class Tube:
    """A fake of YouTube behind the port Fetcher: documents by address."""

    def __init__(self, **documents):
        self.documents = documents
        self.asked = []

    def get(self, url, **more):
        self.asked.append(url)
        body = self.documents.get(url.partition("youtube.com/")[2])
        if body is None:
            raise FetchError(url, "the server answered 404", status=404)
        return Fetched(status=200, url=url, body=body, headers={"content-type": "text/html"})


def test_a_channel_with_a_handle_is_found_by_its_page(source):
    videos = f"feeds/videos.xml?channel_id={UC}"
    head = f'<link rel="canonical" href="https://www.youtube.com/channel/{UC}">'
    tube = Tube(**{"@harbour": page(head), videos: rss("Film")})
    first = source("https://www.youtube.com/@harbour", tube).collect(SourceState(key="k"), NOON)
    assert titles(first) == ["Film"]
    again = source("https://www.youtube.com/@harbour", tube)
    again.collect(state_after(first, last_success=NOON), NOON)
    assert tube.asked == [
        "https://www.youtube.com/@harbour",
        *[f"https://www.youtube.com/{videos}"] * 2,
    ]


def test_a_channel_page_that_names_no_id_is_not_sought_further(source):
    tube = Tube(**{"@harbour": page()})
    with pytest.raises(ParseError, match="no feed was found"):
        source("https://www.youtube.com/@harbour", tube).collect(SourceState(key="k"), NOON)
    assert len(tube.asked) == 1


# The addresses by themselves


def test_no_feed_is_named_twice_and_no_page_names_itself():
    header = (
        '</a>; rel="alternate"; type="application/rss+xml",'
        ' </b>; rel="alternate"; type="application/json", </c>; rel="alternate"; hreflang="de"'
    )
    html = page(RSS_LINK.format("/a") + RSS_LINK.format("/d") + RSS_LINK.format("")).decode()
    assert named_feeds(header, html, "https://h.example/x") == (
        "https://h.example/a",
        "https://h.example/d",
    )


@pytest.mark.parametrize(
    ("url", "first", "count"),
    [
        ("https://h.example", "https://h.example/feed", 9),
        ("https://h.example/", "https://h.example/feed", 9),
        ("https://h.example/blog", "https://h.example/blog/feed", 18),
        ("https://h.example/blog/?x=1#y", "https://h.example/blog/feed", 18),
        ("https://h.example/blog/index.html", "https://h.example/blog/feed", 18),
        ("https://www.youtube.com/@harbour", None, 0),
    ],
)
def test_usual_places(url, first, count):
    found = usual_feeds(url)
    assert len(found) == len(set(found)) == count
    assert found[:1] == ((first,) if first else ())
