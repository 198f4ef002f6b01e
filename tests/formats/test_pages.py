"""The site around the feeds: every story a page, OPML and sitemap that parse, same view same bytes."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from publisher import assets
from publisher.errors import FormatError
from publisher.formats.pages import create, latest
from publisher.kit.templating import Templates
from publisher.model.articles import ArticleId, Link
from publisher.model.views import (
    ArchiveLinks,
    ArticlePage,
    EntryView,
    FeedView,
    MapEntry,
    MapPart,
    NewsEntry,
    SiteView,
)
from publisher.testing.formats import HOSTILE

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def entry(number, **more):
    return EntryView(
        **{
            "id": ArticleId(number),
            "uid": f"urn:uuid:{number}",
            "title": f"Story <{number}> & more",
            "url": f"https://g.example/articles/s{number}/",
            "summary": "Short.",
            "html": f"<p>Body {number}</p>",
            "text": f"Body {number}",
            "language": "en",
            "authors": ("Ada",),
            "tags": ("ships",),
            "image": "",
            "enclosures": (),
            "key_points": ("One.", "Two."),
            "read_also": (),
            "published": NOON.replace(minute=number),
            "updated": NOON.replace(minute=number),
            "page_path": f"articles/s{number}/index.html",
            **more,
        }
    )


def feed(slug, entries):
    return FeedView(
        slug=slug,
        uid=f"urn:uuid:{slug}",
        title=slug.title(),
        description="About it",
        language="en",
        home=f"https://g.example/feeds/{slug}/",
        links={"rss": f"https://g.example/feeds/{slug}.rss"},
        publication="Gazette",
        contact="editor@g.example",
        updated=NOON,
        entries=tuple(entries),
        site="https://g.example/",
    )


@pytest.fixture
def site():
    also = (Link(title="Port <News>", url="https://port.example/1"),)
    harbour = feed("harbour", [entry(2), entry(1, also_at=also)])
    feeds = (harbour, feed("culture", [entry(2)]))
    return SiteView(
        title="The Gazette",
        url="https://g.example/",
        language="en",
        timezone="Europe/Berlin",
        postal_address="1 Quay Street",
        contact="editor@g.example",
        feeds=feeds,
        updated=NOON,
    )


@pytest.fixture
def pages():
    return create(None, Templates(None, assets.templates()))


def whole(pages, site):
    """Make everything of a site, as `publish` does."""
    heads = tuple(replace(feed, entries=()) for feed in site.feeds)
    frame = replace(site, feeds=heads)
    yield from pages.around(site)
    stories = {}
    for feed, head in zip(site.feeds, heads, strict=True):
        with suppress(FormatError):
            yield pages.feed(frame, feed)
        for one in feed.entries:
            known = stories.get(one.page_path, ArticlePage(entry=one, feeds=()))
            stories[one.page_path] = replace(known, feeds=(*known.feeds, head))
    yield from pages.stories(frame, list(stories.values()))
    addresses = [site.url, *(feed.home for feed in site.feeds)]
    addresses += [page.entry.url for page in stories.values()]
    entries = tuple(MapEntry(url=url, changed=NOON) for url in addresses)
    yield from pages.maps(frame, [MapPart(path="all.xml", entries=entries)], [])


def by_path(documents):
    return {document.path: document.data.decode() for document in documents}


def test_every_feed_and_story_has_a_page_and_says_where_its_feeds_are(pages, site):
    written = by_path(whole(pages, site))
    assert {
        "index.html",
        "feeds/harbour/index.html",
        "feeds/culture/index.html",
        "articles/s1/index.html",
        "articles/s2/index.html",
        "style.css",
        "opml.xml",
        "sitemap.xml",
    } <= set(written)
    assert 'type="application/rss+xml"' in written["index.html"]
    assert "Story &lt;1&gt; &amp; more" in written["articles/s1/index.html"]
    assert "<p>Body 1</p>" in written["articles/s1/index.html"]
    assert "<script" not in "".join(written.values())


def test_the_same_view_gives_the_same_bytes(pages, site):
    assert by_path(whole(pages, site)) == by_path(whole(pages, site))


def test_opml_and_sitemap_name_everything_once(pages, site):
    written = by_path(whole(pages, site))
    outlines = ET.fromstring(written["opml.xml"]).iter("outline")
    assert [outline.get("xmlUrl") for outline in outlines] == [
        "https://g.example/feeds/harbour.rss",
        "https://g.example/feeds/culture.rss",
    ]
    namespace = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    found = ET.fromstring(written["sitemap.xml"]).findall("s:url/s:loc", namespace)
    addresses = [loc.text for loc in found]
    assert len(addresses) == len(set(addresses)) == 5


def test_hostile_words_stay_words(pages, site):
    hostile = entry(3, title="<script>alert(1)</script>\x08", summary='"><img onerror=x>')
    view = replace(site, feeds=(feed("harbour", [hostile]),), title="A & B \x0b")
    written = by_path(whole(pages, view))
    assert "<script>" not in written["index.html"]
    assert "<img onerror" not in written["articles/s3/index.html"]
    ET.fromstring(written["opml.xml"])


def test_no_text_breaks_a_page(pages, site):
    for text in HOSTILE:
        bad = entry(3, title=text, summary=text, html="", authors=(text,), key_points=(text,))
        feeds = (feed("harbour", [bad, entry(1)]),)
        written = by_path(whole(pages, replace(site, feeds=feeds, title=text)))
        assert {"articles/s1/index.html", "articles/s3/index.html"} <= set(written)
        ET.fromstring(written["opml.xml"])
        ET.fromstring(written["sitemap.xml"])


def test_what_no_feed_can_hold_is_on_no_page_either(pages, site):
    bad = entry(3, url="javascript:alert(1)")
    linked = entry(4, read_also=(Link(title="Click", url="javascript:alert(2)"),))
    lost = replace(feed("lost", [entry(2)]), home="feeds/lost/")
    view = replace(site, feeds=(feed("harbour", [bad, linked]), lost))
    written = by_path(whole(pages, view))
    assert "articles/s3/index.html" not in written
    assert "feeds/lost/index.html" not in written
    assert "Click" in written["articles/s4/index.html"]
    assert "javascript:" not in "".join(written.values())


def test_latest_is_newest_first_and_each_story_once(site):
    assert [item.id for item in latest(site.feeds)] == [2, 1]


def test_shipped_templates_are_found():
    assert (Path(assets.templates()) / "web" / "index.html").is_file()


GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "pages"
NAMED = (
    "index.html",
    "feeds/index.html",
    "feeds/harbour/index.html",
    "feeds/harbour/archive/2/index.html",
    "feeds/ended/index.html",
    "articles/s1/index.html",
    "feed-ar.css",
    "opml.xml",
    "sitemap.xml",
    "news-sitemap.xml",
    "robots.txt",
)


def shown(pages, site):
    """Make the site with everything that its pages may show."""
    older = ArchiveLinks(previous="https://g.example/feeds/harbour/archive/2/")
    past = ArchiveLinks(
        current="https://g.example/feeds/harbour/",
        previous="https://g.example/feeds/harbour/archive/1/",
        is_archive=True,
    )
    harbour, culture = site.feeds
    harbour = replace(harbour, archive=older, links={**harbour.links, "atom": f"{harbour.home}x"})
    ended = replace(feed("ended", [entry(1)]), ended=True)
    full = replace(
        site,
        feeds=(harbour, culture, ended),
        archive="https://g.example/editions/",
        subscribe="https://g.example/subscribe",
        styles={"feed-ar.css": "ar"},
        founded=NOON,
    )
    yield from whole(pages, full)
    home = f"{harbour.home}archive/2/"
    yield pages.feed(full, replace(harbour, home=home, archive=past))
    news = NewsEntry(
        url="https://g.example/articles/s1/", title="A <1> & B", language="en", published=NOON
    )
    yield [*pages.maps(full, [], [news])][-1]


@pytest.mark.parametrize("path", NAMED)
def test_golden_pages(pages, site, golden, path):
    golden(GOLDEN / path.replace("/", "-"), by_path(shown(pages, site))[path])


@pytest.mark.markup
def test_the_validator_finds_nothing(pages, site, vnu, tmp_path):
    files = []
    for path, text in by_path(shown(pages, site)).items():
        if path.endswith(".html"):
            files.append(tmp_path / path.replace("/", "-"))
            files[-1].write_text(text, encoding="utf-8")
    assert len(files) > 6
    told = [
        f"{Path(item['url']).name}:{item['lastLine']}: {item['message']}" for item in vnu(*files)
    ]
    assert told == []


def test_the_front_page_of_many_feeds_shows_some_and_leads_to_all(pages, site):
    many = replace(site, feeds=tuple(feed(f"tag-{n}", [entry(1)]) for n in range(40)))
    written = by_path(whole(pages, many))
    assert 'class="column"' in written["index.html"]
    assert written["index.html"].count('class="column"') == 9
    assert written["index.html"].count('<a href="/feeds/">All feeds</a>') >= 3
    assert "/feeds/tag-30/" in written["feeds/index.html"]


def test_an_ended_feed_says_so_and_offers_nothing(pages, site):
    html = by_path(shown(pages, site))["feeds/ended/index.html"]
    assert "This feed has ended." in html
    assert "/subscribe?feed=ended" not in html
    assert "feedly.com" not in html
    assert "ended.rss" not in html
    assert "harbour.rss" in html, "the main feed goes on"
    listed = by_path(shown(pages, site))["feeds/index.html"]
    assert listed.count("This feed has ended.") == 1
    assert "ended.rss" not in "".join(by_path(shown(pages, site)).values())


@pytest.mark.parametrize(
    ("language", "heading", "mark"),
    [
        ("en", "Key points", ""),
        ("de", "Das Wichtigste", ""),
        ("ar", "أبرز النقاط", ""),
        ("ja", "要点", ""),
        ("", "Key points", ""),
        ("fi", "Key points", ' lang="en"'),
        ("<no language>", "Key points", ""),
    ],
)
def test_the_lists_of_a_story_are_headed_in_its_language(pages, site, language, heading, mark):
    story = ArticlePage(entry=entry(1, language=language), feeds=())
    (document,) = pages.stories(site, [story])
    assert f'<h2 class="kicker" id="key-points"{mark}>{heading}</h2>' in document.data.decode()
