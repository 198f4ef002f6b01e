"""Autodiscovery: the feeds that a web page points at, and where feeds usually are when it says nothing.

Serves the `feed` source (rssboard.org/rss-autodiscovery; RFC 8288 for the header). Pure.
"""

import html as entities
import re
from urllib.parse import urljoin, urlsplit

from publisher.kit.clean import absolute_url
from publisher.kit.known_sites import channel_feed, known_site
from publisher.kit.link_header import header_links

_LINK = re.compile(r"<link\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/json",
    }
)
_HEAD = 200_000
_USUAL = (
    *("feed", "rss", "atom.xml", "feed.xml", "rss.xml", "index.xml"),
    *("feed.json", "index.rdf", "feeds/posts/default"),
)


def feed_links(html: str, url: str) -> tuple[str, ...]:
    """Return the addresses of a page's feeds, the main one first, absolute; none twice."""
    found: dict[str, None] = {}
    for link in _LINK.finditer(html[:_HEAD]):
        said = {
            match[1].lower(): entities.unescape(match[2] or match[3] or match[4] or "")
            for match in _ATTRIBUTE.finditer(link[1])
        }
        relation = said.get("rel", "").lower().split()
        kind = said.get("type", "").partition(";")[0].strip().lower()
        address = absolute_url(said.get("href", ""), url)
        if address and "alternate" in relation and kind in _TYPES:
            found[address] = None
    return tuple(found)


def named_feeds(link_header: str, html: str, url: str) -> tuple[str, ...]:
    """Return the feeds that an answer names: in its Link header, then in its head; none twice.

    A channel's page names its feed by the channel's id. The page itself is none of them.
    """
    header = (
        link.url
        for link in header_links(link_header, url)
        if "alternate" in link.rels and link.type in _TYPES - {"application/json"}
    )
    channel = channel_feed(url, html)
    found = dict.fromkeys([*([channel] if channel else []), *header, *feed_links(html, url)])
    return tuple(address for address in found if address != url)


def usual_feeds(url: str) -> tuple[str, ...]:
    """Return where the feed of a page usually is: beside it, then at the site's root.

    Sites whose feeds are known to be elsewhere have none there.
    """
    if known_site(url):
        return ()
    path = urlsplit(url).path or "/"
    last = path.rpartition("/")[2]
    folder = urljoin(url, path if not last else f"{path}/" if "." not in last else "./")
    root = urljoin(url, "/")
    return tuple(dict.fromkeys(f"{place}{name}" for place in (folder, root) for name in _USUAL))
