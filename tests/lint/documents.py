"""Small documents with nothing wrong in them, and ways to spoil them."""

from datetime import UTC, datetime

from publisher.lint.feeds import DocumentInspector
from publisher.model.findings import DocumentReport

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:fh="http://purl.org/syndication/history/1.0"
  xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
  xmlns:media="http://search.yahoo.com/mrss/"
  xmlns:podcast="https://podcastindex.org/namespace/1.0"
  xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel>
<title>Harbour news</title>
<link>https://example.org/</link>
<description>What comes in</description>
<language>en-GB</language>
<managingEditor>desk@example.org (The desk)</managingEditor>
<lastBuildDate>Thu, 26 Nov 2026 07:30:00 GMT</lastBuildDate>
<image><url>https://example.org/logo.png</url><title>Harbour news</title>
<link>https://example.org/</link><width>88</width></image>
<skipHours><hour>3</hour></skipHours>
<ttl>60</ttl>
<sy:updatePeriod>hourly</sy:updatePeriod>
<atom:link rel="self" type="application/rss+xml" href="https://example.org/f.rss"/>
<atom:link rel="hub" href="https://hub.example.org/"/>
<itunes:image href="https://example.org/logo.png"/>
<itunes:category text="News"><itunes:category text="Daily News"/></itunes:category>
<itunes:explicit>false</itunes:explicit>
<podcast:guid>ead4c236-bf58-58c6-a2c6-a6b28d128cb6</podcast:guid>
<podcast:funding url="https://example.org/give">Give</podcast:funding>
<item>
<title>I &lt; 3 AT&amp;T</title>
<link>https://example.org/2</link>
<description>Short &lt;em&gt;words&lt;/em&gt;</description>
<content:encoded>&lt;p&gt;&lt;a href="https://example.org/x"&gt;x&lt;/a&gt;&lt;/p&gt;</content:encoded>
<guid isPermaLink="false">tag:example.org,2026-01-01:2</guid>
<pubDate>Thu, 26 Nov 2026 07:30:00 GMT</pubDate>
<dc:creator>Ann Quill</dc:creator>
<category domain="https://example.org/tags">Ships</category>
<enclosure url="https://example.org/2.mp3" length="12" type="audio/mpeg"/>
<media:content url="https://example.org/2.jpg" medium="image" type="image/jpeg"/>
<itunes:duration>1:02:03</itunes:duration>
</item>
<item>
<title>Second</title>
<guid>https://example.org/1</guid>
<pubDate>Wed, 25 Nov 2026 07:30:00 +0100</pubDate>
</item>
</channel>
</rss>
"""

ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0"
  xmlns:thr="http://purl.org/syndication/thread/1.0" xml:lang="en">
<id>tag:example.org,2026-01-01:f</id>
<title>Harbour news</title>
<updated>2026-11-26T07:30:00Z</updated>
<author><name>The desk</name><email>desk@example.org</email></author>
<link href="https://example.org/"/>
<link rel="self" type="application/atom+xml" href="https://example.org/f.atom"/>
<link rel="hub" href="https://hub.example.org/"/>
<link rel="current" href="https://example.org/f.atom"/>
<link rel="prev-archive" href="https://example.org/f/1.atom"/>
<entry>
<id>tag:example.org,2026-01-01:2</id>
<title type="text">I &lt; 3 AT&amp;T</title>
<updated>2026-11-26T07:30:00Z</updated>
<published>2026-11-26T07:30:00.5Z</published>
<link href="https://example.org/2"/>
<link rel="enclosure" href="https://example.org/2.mp3" length="12" type="audio/mpeg"/>
<category term="Ships" scheme="https://example.org/tags"/>
<summary>Short words</summary>
<content type="html">&lt;p&gt;&lt;a href="https://example.org/x"&gt;x&lt;/a&gt;&lt;/p&gt;</content>
<source><id>https://else.example/</id><title>Else</title><updated>2026-11-26T07:00:00Z</updated></source>
<thr:in-reply-to ref="tag:example.org,2026-01-01:0"/>
</entry>
<entry>
<id>urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a</id>
<title>Second</title>
<updated>2026-11-25T07:30:00+01:00</updated>
<link href="https://example.org/1"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Words</p></div></content>
</entry>
</feed>
"""

JSON = """{
  "version": "https://jsonfeed.org/version/1.1",
  "title": "Harbour news",
  "home_page_url": "https://example.org/",
  "feed_url": "https://example.org/f.json",
  "next_url": "https://example.org/f/1.json",
  "language": "en-GB",
  "authors": [{"name": "The desk"}],
  "hubs": [{"type": "WebSub", "url": "https://hub.example.org/"}],
  "_house": {"about": "https://example.org/about"},
  "items": [
    {
      "id": "tag:example.org,2026-01-01:2",
      "url": "https://example.org/2",
      "title": "I <3 AT&T",
      "content_html": "<p><a href='https://example.org/x'>x</a></p>",
      "date_published": "2026-11-26T07:30:00Z",
      "date_modified": "2026-11-26T07:40:00Z",
      "tags": ["Ships"],
      "attachments": [
        {"url": "https://example.org/2.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 12}
      ]
    },
    {
      "id": "https://example.org/1",
      "content_text": "Words",
      "date_published": "2026-11-25T07:30:00+01:00"
    }
  ]
}
"""

OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
<head><title>Feeds</title><dateCreated>Thu, 26 Nov 2026 07:30:00 GMT</dateCreated></head>
<body>
<outline text="News">
<outline type="rss" text="Harbour" title="Harbour" xmlUrl="https://example.org/f.rss"
  htmlUrl="https://example.org/" language="en"/>
<outline type="rss" text="Land" title="Land" xmlUrl="https://example.org/g.rss"/>
</outline>
</body>
</opml>
"""

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://example.org/</loc><lastmod>2026-11-26</lastmod><changefreq>daily</changefreq>
<priority>0.5</priority></url>
<url><loc>https://example.org/2</loc>
<news:news><news:publication><news:name>Harbour</news:name><news:language>en</news:language>
</news:publication><news:publication_date>2026-11-26T07:30:00Z</news:publication_date>
<news:title>Words</news:title></news:news></url>
</urlset>
"""

INDEX = """<?xml version="1.0" encoding="UTF-8"?>
<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://example.org/one.xml</loc><lastmod>2026-11-26T07:30:00Z</lastmod></sitemap>
</sitemapindex>
"""


def judged(document: str | bytes, url: str = "", media_type: str = "") -> DocumentReport:
    """Judge a document at a fixed time."""
    data = document if isinstance(document, bytes) else document.encode()
    return DocumentInspector().inspect(data, url=url, media_type=media_type, now=NOW)


def spoilt(document: str, old: str, new: str) -> str:
    """Return a document with its first `old` replaced."""
    assert old in document, old
    return document.replace(old, new, 1)


def rules(document: str | bytes, url: str = "", media_type: str = "") -> set[str]:
    """Return the ids of the rules that do not hold."""
    return {found.rule for found in judged(document, url, media_type).findings}
