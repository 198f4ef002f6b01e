"""OPML 2.0 (opml.org/spec2): lists of feeds, ours written, those of readers taken as they come.

Serves `publisher opml` and formats/pages. Pure. Of what is read nothing is insisted on but an
address: real lists lack `text` or `title`, nest groups, name attributes in any case, hold unknown ones
and are not always well-formed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from publisher.errors import ParseError
from publisher.kit.text import clean_text
from publisher.model.views import FeedView, SiteView

if TYPE_CHECKING:
    from lxml.etree import _Element

OPML = "opml.xml"
MEDIA_TYPE = "text/x-opml; charset=utf-8"
FEEDS = frozenset({"rss", "atom", "rss1"})
KNOWN = frozenset(
    (
        *("type", "text", "title", "description", "language", "version", "category", "created"),
        *("xmlurl", "htmlurl", "url", "iscomment", "isbreakpoint"),
    )
)
DEPTH = 50
"""Groups within groups that are looked into; libxml2 refuses what nests deeper than 256."""

_SCHEME = re.compile(r"feed:(//)?", re.IGNORECASE)

LARGEST = 20_000_000
"""Bytes read; the largest lists that readers export have some 5 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed of a list: `group` is the name of the innermost group that holds it, "" for none.

    `kind` is its type, `more` what else is said of it and means nothing here, as (name, value).
    """

    url: str
    title: str = ""
    home: str = ""
    group: str = ""
    kind: str = ""
    more: tuple[tuple[str, str], ...] = ()

    @property
    def scraped(self) -> bool:
        """Tell whether the address is that of a page or of data, which another reader takes apart."""
        return "+" in self.kind


def write_opml(site: SiteView) -> bytes:
    """Return the feeds of a publication that go on, as OPML; the same ones give the same bytes."""
    root = ET.Element("opml", version="2.0")
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "title").text = site.title
    if site.founded:
        created = format_datetime(site.founded.astimezone(UTC), usegmt=True)
        ET.SubElement(head, "dateCreated").text = created
    ET.SubElement(head, "ownerName").text = site.title
    ET.SubElement(head, "ownerId").text = site.url
    ET.SubElement(head, "docs").text = "http://opml.org/spec2.opml"
    body = ET.SubElement(root, "body")
    for feed in site.feeds:
        if is_listed(feed):
            said = {name: value for name, value in _attributes(feed).items() if value}
            ET.SubElement(body, "outline", said)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def is_listed(feed: FeedView) -> bool:
    """Tell whether a feed is one to subscribe to."""
    return bool(feed.links) and not feed.ended


def _attributes(feed: FeedView) -> dict[str, str]:
    return {
        "type": "rss",
        "text": feed.title,
        "title": feed.title,
        "description": feed.description,
        "language": feed.language,
        "version": "RSS2" if "rss" in feed.links else "",
        "htmlUrl": feed.home,
        "xmlUrl": feed.links.get("rss") or next(iter(feed.links.values())),
    }


def read_opml(data: bytes, file: str = "") -> tuple[Outline, ...]:
    """Return the feeds of a list in its order, each address once.

    `file` names it in errors. Raises ParseError for what is no OPML at all.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, load_dtd=False)
    try:
        root = etree.fromstring(data[:LARGEST].lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(file, f"is not OPML: {error}") from error
    if root is None or _name(root) != "opml":
        raise ParseError(file, "is not OPML: there is no <opml> in it")
    found: dict[str, Outline] = {}
    for body in root:
        if _name(body) == "body":
            for one in _outlines(body, "", 0):
                found.setdefault(one.url, one)
    return tuple(found.values())


def _outlines(parent: "_Element", group: str, depth: int) -> Iterator[Outline]:
    for element in parent:
        if _name(element) != "outline":
            continue
        names = {str(key): clean_text(str(value)) for key, value in element.items()}
        said = {name.lower(): value for name, value in names.items()}
        if said.get("iscomment", "").lower() == "true":
            continue  # and what it holds, as the format has it
        title = said.get("title") or said.get("text", "")
        url = _address(said)
        if url:
            yield Outline(
                url=url,
                title=title,
                home=said.get("htmlurl", ""),
                group=group or _category(said.get("category", "")),
                kind=said.get("type", ""),
                more=tuple(_unknown(element, names)),
            )
        if depth < DEPTH:
            yield from _outlines(element, group if url else title or group, depth + 1)


def _address(said: Mapping[str, str]) -> str:
    """Return the address of a feed, "" for a group; `feed:` is how some readers write one."""
    url = said.get("xmlurl") or (said.get("url", "") if said.get("type") in FEEDS else "")
    plain = _SCHEME.sub("", url, count=1) if _SCHEME.match(url) else url
    if plain == url:
        return url
    return plain if "://" in plain else f"https://{plain.lstrip('/')}"


def _category(said: str) -> str:
    """Return the name of the first category: `/News/Tech,/Fun` gives Tech."""
    return said.partition(",")[0].rstrip("/").rpartition("/")[2].strip()


def _unknown(element: "_Element", names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what an outline says beyond the format, under the names it was written with."""
    prefixes = {uri: prefix for prefix, uri in element.nsmap.items() if prefix}
    for name, value in names.items():
        uri, _, local = name.rpartition("}")
        written = f"{prefixes.get(uri[1:], uri[1:])}:{local}" if uri else local
        if written.lower() not in KNOWN and value:
            yield written, value


def _name(element: "_Element") -> str:
    """Return an element's name in small letters; comments and instructions have none."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
