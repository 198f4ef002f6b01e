"""Autodiscovery: the feeds a web page points at (rssboard.org/rss-autodiscovery).

Serves the `feed` source. Pure.
"""

import html as entities
import re

from publisher.kit.clean import absolute_url

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
