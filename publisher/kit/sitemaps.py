"""Maps for search engines: sitemaps in parts, their index, the map of news, and robots.txt.

Serves formats/pages. Pure; one part is in memory at a time. Sources: sitemaps.org/protocol, Google's
page on news sitemaps, RFC 9309.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from xml.sax.saxutils import escape

from publisher.kit.text import clean_text
from publisher.model.views import Document, MapEntry, MapPart, NewsEntry

XML = "application/xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
SITEMAP = "sitemap.xml"
NEWS = "news-sitemap.xml"
ROBOTS = "robots.txt"

_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'

# Behind a token or for operators: nothing there is for others to find (see web/server).
PRIVATE = (
    *("api/", "confirm/", "console/", "editions/*/", "feeds/private/", "hooks/", "metrics"),
    *("preferences/", "unsubscribe/", "websub"),
)


def sitemaps(url: str, parts: Iterable[MapPart]) -> Iterator[Document]:
    """Yield the parts that have entries, and then their index; a part alone is the sitemap itself.

    Addresses that are not below `url` are left out, as the protocol wants it.
    """
    waiting = iter(parts)
    first, second = next(waiting, None), next(waiting, None)
    if second is None:
        yield _xml(SITEMAP, _urlset(url, (first.entries if first else None) or ()))
        return
    listed = []
    for part in chain(filter(None, (first, second)), waiting):
        if part.entries is not None:
            yield _xml(part.path, _urlset(url, part.entries))
        listed.append(_address("sitemap", f"{url}{part.path}", part.changed))
    yield _xml(SITEMAP, f'<sitemapindex xmlns="{_SCHEMA}">\n{"".join(listed)}</sitemapindex>\n')


def news(title: str, entries: Iterable[NewsEntry]) -> Document:
    """Return the map of news of a publication; it may be empty."""
    lines = "".join(_story(clean_text(title), entry) for entry in entries)
    return _xml(NEWS, f'<urlset xmlns="{_SCHEMA}" xmlns:news="{_NEWS}">\n{lines}</urlset>\n')


def robots(url: str, base: str) -> Document:
    """Return robots.txt: everything may be read but what is one person's; where the maps are.

    Feeds are for programs and are barred to none. `base` is the path of `url`.
    """
    barred = "".join(f"Disallow: {base}{path}\n" for path in PRIVATE)
    maps = "".join(f"Sitemap: {url}{path}\n" for path in (SITEMAP, NEWS))
    text = f"User-agent: *\n{barred}\n{maps}"
    return Document(path=ROBOTS, data=text.encode(), media_type=TEXT)


def _urlset(url: str, entries: Iterable[MapEntry]) -> str:
    lines = "".join(
        _address("url", one.url, one.changed) for one in entries if one.url.startswith(url)
    )
    return f'<urlset xmlns="{_SCHEMA}">\n{lines}</urlset>\n'


def _address(name: str, url: str, changed: datetime | None) -> str:
    dated = changed is not None and changed.timestamp() > 0
    lastmod = f"<lastmod>{_instant(changed)}</lastmod>" if changed and dated else ""
    return f"  <{name}><loc>{escape(url)}</loc>{lastmod}</{name}>\n"


def _story(publication: str, entry: NewsEntry) -> str:
    return f"""  <url>
    <loc>{escape(entry.url)}</loc>
    <news:news>
      <news:publication>
        <news:name>{escape(publication)}</news:name>
        <news:language>{_language(entry.language)}</news:language>
      </news:publication>
      <news:publication_date>{_instant(entry.published)}</news:publication_date>
      <news:title>{escape(clean_text(entry.title))}</news:title>
    </news:news>
  </url>
"""


def _language(tag: str) -> str:
    """Return a language as maps of news know it: two or three letters, but zh-cn and zh-tw."""
    parts = tag.lower().split("-")
    if parts[0] == "zh":
        return "zh-tw" if {"tw", "hk", "hant"} & set(parts) else "zh-cn"
    return parts[0]


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _xml(path: str, text: str) -> Document:
    return Document(path=path, data=f"{_DECLARED}{text}".encode(), media_type=XML)
