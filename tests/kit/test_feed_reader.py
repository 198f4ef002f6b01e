"""Reading feeds: titles said once, ids for ever, dates and people as they are meant."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.feed_links import feed_links
from publisher.kit.feed_reader import read_feed

URL = "https://h.example/feeds/main.xml"


def rss(item, head=""):
    namespaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0" {namespaces}><channel><title>T</title>'
        f"<link>https://h.example/</link><description/>{head}<item>{item}</item></channel></rss>"
    ).encode()


def atom(entry, head=""):
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>'
        f"<id>urn:f</id>{head}<entry>{entry}</entry></feed>"
    ).encode()


def only(data, url=URL):
    (article,) = read_feed(data, url).articles
    return article


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("I &lt;3 AT&amp;T", "I <3 AT&T"),
        ("I &#x3C;3 AT&#x26;T", "I <3 AT&T"),
        ("<![CDATA[I <3 AT&T]]>", "I <3 AT&T"),
        ("I &amp;lt;3 AT&amp;amp;T", "I <3 AT&T"),
        ("<![CDATA[I &lt;3 AT&amp;T]]>", "I <3 AT&T"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("bell\x07 and &#x10; whistle", "bell and whistle"),
    ],
)
def test_titles_are_shown_as_they_are_meant(written, shown):
    assert only(rss(f"<title>{written}</title><guid>1</guid>")).title == shown
    assert only(atom(f"<title>{written}</title><id>1</id>")).title == shown


def test_html_titles_of_atom():
    entry = '<title type="html">I &amp;lt;3 &lt;i&gt;AT&amp;amp;T&lt;/i&gt;</title><id>1</id>'
    assert only(atom(entry)).title == "I <3 AT&T"


def test_ids_are_the_publishers_own_wherever_the_feed_lies():
    for url in (URL, "http://moved.example/other"):
        assert only(rss("<title>A</title><guid>1559</guid>"), url).external_id == "1559"
        assert only(atom("<title>A</title><id>t3_x</id>"), url).external_id == "t3_x"


def test_ids_where_none_or_the_same_are_given():
    items = (
        "<title>A</title><guid>1</guid><link>https://h.example/a</link></item><item>"
        "<title>B</title><guid>1</guid><link>https://h.example/b</link></item><item>"
        "<title>C</title><link>https://h.example/c</link></item><item>"
        "<title>D</title></item><item><title>D</title>"
    )
    ids = [article.external_id for article in read_feed(rss(items), URL).articles]
    assert ids[:3] == ["1", "1|https://h.example/b", "https://h.example/c"]
    assert ids[3].startswith("sha256:")
    assert ids[4] == ids[3] + "|"
    assert len(set(ids)) == 5


def test_full_text_summary_and_what_they_count_from():
    article = only(
        rss(
            "<title>A</title><link>https://h.example/a/b</link><guid>1</guid>"
            "<description>Short.</description>"
            "<content:encoded>&lt;p onclick='x'&gt;Long &lt;a href='c'&gt;c&lt;/a&gt;"
            "&lt;img src='//i.example/i.png'&gt;&lt;/p&gt;</content:encoded>"
        )
    )
    assert article.html == (
        '<p>Long <a href="https://h.example/a/c">c</a><img src="https://i.example/i.png"></p>'
    )
    assert (article.text, article.summary) == ("Long c", "Short.")


def test_xml_base_wins_over_everything():
    entry = (
        '<title>A</title><id>1</id><content type="html" xml:base="https://b.example/x/">'
        "&lt;a href='y'&gt;y&lt;/a&gt;</content>"
    )
    assert 'href="https://b.example/x/y"' in only(atom(entry)).html


def test_what_an_entry_is_as_an_episode():
    item = (
        "<title>A</title><guid>1</guid><itunes:duration>01:02:03</itunes:duration>"
        "<itunes:season>1</itunes:season><itunes:episode>x</itunes:episode>"
        "<itunes:episodeType>bonus</itunes:episodeType>"
        '<podcast:transcript url="/a.vtt" type="text/vtt"/>'
        '<podcast:chapters url="/a.json" type="application/json+chapters"/>'
    )
    prefixes = (
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
        ' xmlns:podcast="https://podcastindex.org/namespace/1.0"'
    )
    document = f"<rss {prefixes} version='2.0'><channel><item>{item}</item></channel></rss>"
    article = read_feed(document.encode(), "https://h.example/feed").articles[0]
    assert article.attributes["podcast"] == {
        "duration": 3723,
        "season": 1,
        "type": "bonus",
        "chapters": "https://h.example/a.json",
        "transcripts": [{"url": "https://h.example/a.vtt", "type": "text/vtt"}],
    }


def test_how_long_an_attachment_lasts():
    attached = {"url": "/a.mp3", "mime_type": "audio/mpeg", "duration_in_seconds": 61.4}
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", "attachments": [attached]}],
    }
    article = read_feed(json.dumps(feed).encode(), "https://h.example/feed").articles[0]
    assert article.attributes == {"podcast": {"duration": 61}}


def test_dates_people_tags_and_files():
    article = only(
        rss(
            "<title>A</title><guid>1</guid><pubDate>Tue, 24 Nov 2026 07:30:00 +0100</pubDate>"
            "<author>ed@h.example (Ed Itor)</author><category>a &amp;amp; b</category>"
            '<category domain="https://iptc.example/">c</category>'
            '<enclosure url="/a.mp3" type="audio/mpeg" length="12"/>'
            '<media:thumbnail url="/t.png"/>',
            "<language>de_AT</language><ttl>15</ttl>",
        )
    )
    assert article.published == article.updated == datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    assert article.authors == ("Ed Itor",)
    assert article.tags == ("a & b", "c")
    assert article.attributes == {"schemes": {"c": "https://iptc.example/"}}
    assert article.language == "de-AT"
    assert [(one.url, one.type, one.length) for one in article.enclosures] == [
        ("https://h.example/a.mp3", "audio/mpeg", 12)
    ]
    assert article.image == "https://h.example/t.png"


def test_the_feeds_author_stands_in_and_no_address_is_shown():
    head = "<author><name>Ada</name><email>a@h.example</email></author>"
    assert only(atom("<title>A</title><id>1</id>", head)).authors == ("Ada",)
    assert only(rss("<title>A</title><guid>1</guid><author>a@h.example</author>")).authors == ()


@pytest.mark.parametrize(
    ("head", "fresh"),
    [
        ("<ttl>60</ttl>", timedelta(hours=1)),
        ("<ttl>many</ttl>", None),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
            timedelta(hours=12),
        ),
        ("", None),
    ],
)
def test_how_long_it_stays_fresh(head, fresh):
    assert read_feed(rss("<title>A</title>", head), URL).fresh_for == fresh


@pytest.mark.parametrize(
    ("head", "hours", "days"),
    [
        (
            "<skipHours><hour>3</hour> <hour>24</hour><hour>25</hour><hour>-1</hour></skipHours>",
            {0, 3},
            (),
        ),
        ("<skipDays><day>Sunday</day><day>monday</day><day>Holiday</day></skipDays>", (), {0, 6}),
        ("<SkipHours><Hour> 7 </Hour></SkipHours><skipDays/>", {7}, ()),
        ("<skipHours>" + "".join(f"<hour>{n}</hour>" for n in range(24)) + "</skipHours>", (), ()),
        ("<!-- <skipHours><hour>3</hour></skipHours> -->", (), ()),
        ("</channel><channel><skipHours><hour>x</hour></skipHours>", (), ()),
        ("", (), ()),
    ],
)
def test_when_it_wants_to_be_left_alone(head, hours, days):
    found = read_feed(rss("<title>A</title>", head), URL)
    assert (found.skip_hours, found.skip_days) == (frozenset(hours), frozenset(days))
    after = rss("<title>A</title>").replace(b"</channel>", f"{head}</channel>".encode())
    assert read_feed(after, URL).skip_hours == frozenset(hours)


def test_what_an_entry_tells_of_hours_is_no_wish():
    told = "<description><![CDATA[<skipHours><hour>3</hour></skipHours>]]></description>"
    assert read_feed(rss(f"<title>A</title>{told}"), URL).skip_hours == frozenset()


def test_hubs_and_self_of_a_document():
    links = (
        '<link rel="hub" href="https://hub.example/"/><link rel="self" href="/f"/>'
        '<link rel="hub" href="https://two.example/"/><link rel="hub" href="https://hub.example/"/>'
    )
    in_rss = links.replace("<link", "<atom:link xmlns:atom='http://www.w3.org/2005/Atom'")
    in_json = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [],
        "feed_url": "/f",
        "hubs": [
            {"type": "WebSub", "url": "https://hub.example/"},
            {"type": "rssCloud", "url": "https://cloud.example/"},
            {"type": "WebSub", "url": "https://two.example/"},
        ],
    }
    for data in (atom("", links), rss("", in_rss), json.dumps(in_json).encode()):
        found = read_feed(data, URL)
        assert found.hubs == ("https://hub.example/", "https://two.example/")
        assert found.self_link == "https://h.example/f"


@pytest.mark.parametrize("content_type", ["", "text/xml", "text/xml; charset=iso-8859-1"])
def test_http_charset_does_not_spoil_utf8(content_type):
    data = rss("<title>Café</title>")
    assert read_feed(data, URL, content_type).articles[0].title == "Café"


def test_entities_do_not_explode_and_files_are_not_read():
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    for title in ("&a8;", "&x;"):
        data = rss(f"<title>{title}</title><guid>1</guid>").replace(
            b"<rss",
            f'<!DOCTYPE r [{bomb}<!ENTITY x SYSTEM "file:///etc/passwd">]><rss'.encode(),
            1,
        )
        found = read_feed(data, URL).articles
        assert all(len(one.title) < 1000 and "root:" not in one.title for one in found)


ITEM = st.dictionaries(
    st.sampled_from(
        [
            *("id", "url", "external_url", "title", "content_html", "content_text", "summary"),
            *("image", "date_published", "authors", "author", "tags", "attachments", "language"),
        ]
    ),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=2),
            st.dictionaries(st.sampled_from(["name", "url", "mime_type", "size_in_bytes"]), inner),
        ),
        max_leaves=4,
    ),
)


@given(st.lists(st.one_of(ITEM, st.integers(), st.text()), max_size=5))
def test_json_items_of_any_shape(items):
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items}
    found = read_feed(json.dumps(feed).encode(), URL)
    objects = [item for item in items if isinstance(item, dict)]
    assert len(found.articles) == len(objects)
    assert len(found.problems) == len(items) - len(objects)
    assert len({article.external_id for article in found.articles}) == len(objects)


def test_a_json_item():
    item = {
        "id": 7,
        "url": "/a",
        "title": "I <3",
        "content_text": "a < b",
        "authors": [{"name": "Ada"}, {"url": "x"}],
        "date_published": "2026-11-24T07:30:00+01:00",
        "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12.0}],
    }
    feed = {"version": "https://jsonfeed.org/version/1", "title": "T", "items": [item]}
    article = only(json.dumps(feed).encode())
    assert (article.external_id, article.url) == ("7", "https://h.example/a")
    assert (article.title, article.html) == ("I <3", "<p>a &lt; b</p>")
    assert article.authors == ("Ada",)
    assert article.published == datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    assert article.enclosures[0].length == 12


def refused(data):
    """Read a document; only a ParseError may come out, and it names the source."""
    with pytest.raises(ParseError) as caught:
        raise ParseError(URL, read_feed(data, URL).title)
    assert caught.value.subject == URL


@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_an_error(data):
    refused(data)


@given(
    st.lists(
        st.sampled_from(
            ["<item>", "</item>", "<title>", "x", "]]>", "<![CDATA[", "&", "<a b=", ">", "\0"]
        )
    )
)
def test_broken_mark_up_is_read_or_refused(pieces):
    refused(rss("".join(pieces)))


def test_the_feeds_a_page_points_at():
    page = (
        '<link rel="alternate" type="application/rss+xml" href="/a&amp;b">'
        "<link type='application/feed+json' rel='alternate home' href='f.json'>"
        '<link rel="stylesheet" href="x.css"><link rel=alternate type=application/atom+xml>'
        '<link rel="alternate" type="text/html" href="/en"><link rel="alternate" '
        'type="application/rss+xml" href="/a&amp;b">'
    )
    assert feed_links(page, "https://h.example/x/") == (
        "https://h.example/a&b",
        "https://h.example/x/f.json",
    )


@pytest.mark.parametrize(
    "head", ["", '<!DOCTYPE Channel SYSTEM "http://www.w3c.org/Channel.dtd">']
)
def test_a_channel_definition(head):
    document = (
        f'{head}<CHANNEL HREF="https://h.example/"><TITLE>Channel</TITLE><ABSTRACT>About</ABSTRACT>'
        '<ITEM HREF="one.html" LASTMOD="1998-11-05T22:20:00"><TITLE>One &amp; all</TITLE>'
        "<ABSTRACT>First</ABSTRACT></ITEM></CHANNEL>"
    )
    found = read_feed(document.encode(), "https://h.example/c.cdf")
    (article,) = found.articles
    assert (found.title, found.link) == ("Channel", "https://h.example/")
    assert (article.title, article.text) == ("One & all", "First")
    assert article.url == article.external_id == "https://h.example/one.html"
    assert article.published == datetime(1998, 11, 5, 22, 20, tzinfo=UTC)
