"""Which hubs tell of a document's changes, and of which address (WebSub section 4).

Serves the `feed` source. Pure. The `Link` header counts first, then what the document says of itself;
what its entries say does not count.
"""

import html as entities
import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from publisher.kit.decode import decode_document
from publisher.kit.feed_entries import FeedDocument
from publisher.kit.feed_reader import read_feed
from publisher.kit.link_header import read_links

LONGEST_ADDRESS = 2_000
MOST = 5
"""Hubs of one document."""

_BEFORE, _AFTER = frozenset("\"'= \t\r\n"), frozenset("\"' \t\r\n>/s")
_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*)([^<>]*)>")
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_ENTRIES = frozenset({"item", "entry"})
Relation = tuple[str, str]


class Found(NamedTuple):
    """Hubs in the order they were named, and the address to ask them about; empty ones were not."""

    hubs: tuple[str, ...] = ()
    topic: str = ""


def read_offering(
    data: bytes, url: str, content_type: str = "", link: str = ""
) -> tuple[FeedDocument, Found]:
    """Return a feed, as `feed_reader.read_feed` reads it, and what it offers; `link` is the header.

    Raises ParseError.
    """
    document = read_feed(data, url, content_type)
    # Most feeds name no hub: they are not decoded a second time.
    named = b"hub" in data.lower() or b"\0" in data
    return document, found(link, decode_document(data, content_type) if named else "", url)


def found(link: str, text: str, url: str) -> Found:
    """Return what a document that was fetched from `url` offers; a topic only beside a hub.

    `link` is the answer's Link header; several are joined by commas.
    """
    header = _offer(in_header(link), url)
    if header.hubs and header.topic:
        return header
    if not header.hubs and not _may_name_hubs(text):
        return Found()
    document = _offer(in_json(text) if text.lstrip()[:1] == "{" else in_markup(text), url)
    hubs = header.hubs or document.hubs
    # A document that names a hub but not itself is found where it was fetched from.
    topic = header.topic if header.hubs else ""
    return Found(hubs, topic or document.topic or header.topic or url) if hubs else Found()


def _may_name_hubs(text: str) -> bool:
    """Tell whether `hub` or `hubs` stands somewhere as a word of its own, within a tag or as a key."""
    lower, at = text.lower(), -3
    while (at := lower.find("hub", at + 3)) >= 0:
        if lower[at - 1 : at] in _BEFORE and lower[at + 3 : at + 4] in _AFTER:
            return True
    return False


def in_header(value: str) -> Iterator[Relation]:
    """Yield relations and targets of a Link header (RFC 8288 section 3).

    A link with an anchor is about something else.
    """
    for target, said in read_links(value):
        if "anchor" not in said:
            yield from ((word, target.strip()) for word in said.get("rel", "").lower().split())


def in_markup(text: str) -> Iterator[Relation]:
    """Yield relations and targets of `link` elements: of a feed itself, or of a page's head."""
    inside = False
    for closing, name, rest in _TAG.findall(text):
        local = name.rpartition(":")[2].lower()
        if local == "body":
            return  # visitors may have written what follows (section 8.1)
        if local in _ENTRIES:
            inside = not closing and not rest.endswith("/")
        elif local == "link" and not inside:
            said = {
                key.lower(): entities.unescape(one or two or three)
                for key, one, two, three in _ATTRIBUTE.findall(rest)
            }
            href = said.get("href", "").strip()
            yield from ((word, href) for word in said.get("rel", "").lower().split())


def in_json(text: str) -> Iterator[Relation]:
    """Yield the same of a JSON Feed (version 1.1, `hubs` and `feed_url`)."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(feed, dict):
        return
    yield "self", str(feed.get("feed_url") or "")
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and str(hub.get("type", "")).lower() == "websub":
            yield "hub", str(hub.get("url") or "")


def _offer(relations: Iterable[Relation], base: str) -> Found:
    hubs: dict[str, None] = {}
    topic = ""
    for relation, target in relations:
        if relation == "self" and not topic:
            topic = _address(target, base)
        elif relation == "hub" and len(hubs) < MOST and (hub := _address(target, base)):
            hubs |= dict.fromkeys(_safer(hub))
    return Found(tuple(hubs)[:MOST], topic)


def _address(target: str, base: str) -> str:
    """Return an address exactly as it stands, if need be counted from `base`; "" when it is none."""
    try:
        whole = target if re.match(r"https?://", target, re.IGNORECASE) else urljoin(base, target)
        parts = urlsplit(whole)
        _ = parts.port
    except ValueError:
        return ""
    good = target and whole.isprintable() and not re.search(r"\s", whole)
    web = parts.scheme.lower() in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    return whole if good and web and len(whole) <= LONGEST_ADDRESS else ""


def _safer(hub: str) -> tuple[str, ...]:
    """Return a hub's addresses, the one over TLS first, even when it is not named (section 8.2)."""
    parts = urlsplit(hub)
    if parts.scheme.lower() != "http" or parts.port is not None:
        return (hub,)
    return f"https{hub[len('http') :]}", hub
