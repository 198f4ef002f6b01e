"""Which hubs tell of a document's changes, and of which address (WebSub section 4).

Serves the `feed` source. Pure. The `Link` header counts first, then what the document says of itself.
"""

import html as entities
import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from publisher.kit.clean import absolute_url
from publisher.kit.link_header import header_links

LONGEST_ADDRESS = 2_000
MOST = 5
"""Hubs of one document."""

_HEAD = 200_000
_TAG = re.compile(r"<(body|link)\b([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


class Found(NamedTuple):
    """Hubs in the order they were named, and the address to ask them about; empty ones were not."""

    hubs: tuple[str, ...] = ()
    topic: str = ""


def found(link: str, document: Found, url: str) -> Found:
    """Return what a document that was fetched from `url` offers; a topic only beside a hub.

    `link` is the answer's Link header; several are joined by commas. `document` is what the document
    itself says. One that names a hub but not itself is found where it was fetched from.
    """
    links = header_links(link, url)
    header = _usable(one.url for one in links if "hub" in one.rels)
    named = next((one.url for one in links if "self" in one.rels and _is_usable(one.url)), "")
    said = document.topic if _is_usable(document.topic) else ""
    if header:
        return Found(header, named or said or url)
    hubs = _usable(document.hubs)
    return Found(hubs, said or named or url) if hubs else Found()


def page_offer(html: str, url: str) -> Found:
    """Return what the head of a page says; visitors may have written what follows (section 8.1)."""
    hubs: list[str] = []
    topic = ""
    for name, rest in _TAG.findall(html[:_HEAD]):
        if name.lower() == "body":
            break
        said = {
            key.lower(): entities.unescape(one or two or three)
            for key, one, two, three in _ATTRIBUTE.findall(rest)
        }
        address = absolute_url(said.get("href", ""), url)
        relations = said.get("rel", "").lower().split()
        if address and "hub" in relations:
            hubs.append(address)
        if address and "self" in relations:
            topic = topic or address
    return Found(tuple(hubs), topic)


def _usable(hubs: Iterable[str]) -> tuple[str, ...]:
    """Return hubs that can be asked, each once, those over TLS first even where they are not named."""
    safer = (one for hub in hubs if _is_usable(hub) for one in _safer(hub))
    return tuple(dict.fromkeys(safer))[:MOST]


def _is_usable(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.hostname) and "@" not in parts.netloc and len(address) <= LONGEST_ADDRESS


def _safer(hub: str) -> tuple[str, ...]:
    """Return a hub's addresses, the one over TLS before the plain one (section 8.2)."""
    parts = urlsplit(hub)
    if parts.scheme.lower() != "http" or parts.port is not None:
        return (hub,)
    return f"https{hub[len('http') :]}", hub
