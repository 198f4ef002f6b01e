"""RSS 2.0 and Atom 1.0 through feedgen, with its defaults corrected; the only importer of feedgen.

Serves formats/rss and formats/atom. Touches nothing but its arguments. What feedgen 1.0.0 does and
what is done here instead: Atom entry links lose all but href, RSS drops authors without e-mail, and
every value is checked again, which takes half the time of a feed (entries are written here, and
handed to it); RSS writes only the first self link (all of them, by extension); `updated` defaults to
now (always set); entries are prepended (appended); RFC 822 dates switch the process's locale
(formatted here); one item that cannot be built fails the whole feed (each is built on its own,
beforehand). It writes no instruction for browsers (put before the root).
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import zip_longest
from typing import Any
from xml.sax.saxutils import escape

import feedgen.entry
import feedgen.feed
from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from publisher.kit.feed_parts import Channel, Item, Reference
from publisher.kit.podcast_xml import PREFIXES, add_episode, add_podcast
from publisher.model.articles import Enclosure
from publisher.model.views import SourceView

GENERATOR = "publisher"  # without a version: an upgrade must not change the bytes of every feed

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_HISTORY = "http://purl.org/syndication/history/1.0"
_MEDIA = "http://search.yahoo.com/mrss/"
_XML = "http://www.w3.org/XML/1998/namespace"
_LOG = logging.getLogger(__name__)


def rss(channel: Channel, items: Iterable[Item]) -> bytes:
    """Return an RSS 2.0 document, the items in the order given.

    An item that XML or RSS cannot express is left out and logged.
    """
    feed = _generator(channel, ())
    _append(feed, _rss_item, items)
    return _styled(feed.rss_str(pretty=True), channel.style)


def atom(channel: Channel, items: Iterable[Item]) -> bytes:
    """Return an Atom 1.0 document (RFC 4287), the items in the order given.

    An item that XML or Atom cannot express is left out and logged.
    """
    feed = _generator(channel, channel.links)
    _append(feed, _atom_entry, items)
    return _styled(feed.atom_str(pretty=True), channel.style)


def _styled(document: bytes, style: str) -> bytes:
    """Tell browsers which style sheet shows the document to people (xml-stylesheet, W3C 2010)."""
    if not style:
        return document
    declaration, rest = document.split(b"\n", 1)
    address = escape(style, {'"': "&quot;"}).encode()
    told = b'<?xml-stylesheet type="text/css" href="%s"?>' % address
    return b"\n".join((declaration, told, rest))


def _rfc822(instant: datetime) -> str:
    """Return a date as RSS wants it: English names and GMT, whatever the locale."""
    return format_datetime(instant.astimezone(UTC), usegmt=True)


# feedgen's own helper calls setlocale three times a date: a race for every other thread.
feedgen.feed.formatRFC2822 = _rfc822
feedgen.entry.formatRFC2822 = _rfc822


def _rfc3339(instant: datetime) -> str:
    """Return a date as Atom wants it (RFC 3339, upper-case T and Z)."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _generator(channel: Channel, links: Iterable[Reference]) -> Any:
    """Return feedgen's feed with its whole head set; `links` are those that go through feedgen."""
    feed = FeedGenerator()
    feed.id(channel.uid)
    feed.title(channel.title)
    feed.description(channel.description or channel.title)
    feed.author(_author(channel))
    if channel.email:
        feed.managingEditor(f"{channel.email} ({channel.publication or channel.title})")
    if channel.language:
        feed.language(channel.language)
    feed.updated(channel.updated)
    feed.generator(GENERATOR)
    feed.register_extension("house", _Head, BaseEntryExtension)
    feed.house.channel = channel
    for link in links:
        feed.link(**_link(link.href, link.rel, link.type))
    # The page for people last: RSS takes the last link of any kind as its own.
    feed.link(**_link(channel.home, "alternate", "text/html"))
    return feed


def _author(channel: Channel) -> dict[str, str]:
    """Return the feed's author; Atom wants one unless every entry has its own (section 4.1.1)."""
    named = {"name": channel.publication or channel.title}
    return {**named, "email": channel.email} if channel.email else named


def _link(
    href: str, rel: str, type_: str = "", title: str = "", length: int = 0
) -> dict[str, str]:
    """Return a link's attributes, those that are known."""
    optional = {"type": type_, "title": title, "length": str(length) if length else ""}
    return {"href": href, "rel": rel, **{name: value for name, value in optional.items() if value}}


class _Head(BaseExtension):  # type: ignore[misc]  # feedgen ships no types
    """What feedgen leaves out of a feed's head."""

    channel: Channel

    def extend_ns(self) -> dict[str, str]:
        """Name the namespaces that items use."""
        marked = self.channel.is_archive or self.channel.is_complete
        history = {"fh": _HISTORY} if marked else {}
        podcast = PREFIXES if self.channel.podcast else {}
        return {"dc": _DC, "media": _MEDIA, **history, **podcast}

    def extend_rss(self, feed: Any) -> Any:
        """Add every atom:link, the podcast, and the marks of RFC 5005 (sections 2 and 4)."""
        head = feed[0]
        for link in self.channel.links:
            etree.SubElement(head, f"{{{_ATOM}}}link", _link(link.href, link.rel, link.type))
        if self.channel.podcast:
            add_podcast(head, self.channel.podcast)
        return self._history(head)

    def extend_atom(self, feed: Any) -> Any:
        """Add those marks and write the date in Z; the links went through feedgen."""
        feed.find("updated").text = _rfc3339(self.channel.updated)
        return self._history(feed)

    def _history(self, head: Any) -> Any:
        if self.channel.is_archive:
            etree.SubElement(head, f"{{{_HISTORY}}}archive")
        if self.channel.is_complete:
            etree.SubElement(head, f"{{{_HISTORY}}}complete")
        return head


class _Entry(FeedEntry):  # type: ignore[misc]  # feedgen ships no types
    """An entry that is written already: feedgen asks for it, and puts it where it belongs."""

    def __init__(self, element: Any) -> None:
        super().__init__()
        self.element = element

    def rss_entry(self, extensions: bool = True) -> Any:  # noqa: ARG002, FBT001, FBT002 - feedgen's signature
        """Hand feedgen the item."""
        return self.element

    def atom_entry(self, extensions: bool = True) -> Any:  # noqa: ARG002, FBT001, FBT002 - feedgen's signature
        """Hand feedgen the entry."""
        return self.element


def _rss_item(item: Item) -> Any:
    """Return an `item`: one enclosure, because readers take one; the others as media:content."""
    element = etree.Element("item")
    _add(element, "title", item.title)
    _add(element, "link", item.url)
    _child(element, "description", item.summary or item.content)
    if item.summary and item.content:
        _add(element, f"{{{_CONTENT}}}encoded", item.content)
    _add(element, "guid", item.uid, {"isPermaLink": "false"})
    for tag, scheme in _categories(item):
        _add(element, "category", tag, {"domain": scheme} if scheme else None)
    for one in item.enclosures[:1]:
        attributes = {"url": one.url, "length": str(one.length), "type": one.type}
        etree.SubElement(element, "enclosure", attributes)
    _add(element, "pubDate", _rfc822(item.published))
    for author in item.authors:
        _add(element, f"{{{_DC}}}creator", author)
    _child(element, f"{{{_DC}}}language", item.language)
    if item.source and item.source.url:
        _add(element, "source", item.source.title, {"url": item.source.url})
    if item.episode:
        add_episode(element, item.episode)
    _extras(element, item, item.enclosures[1:])
    return element


def _atom_entry(item: Item) -> Any:
    """Return an `entry` with whole links, dates in Z and its own language."""
    element = etree.Element("entry")
    _add(element, "id", item.uid)
    _add(element, "title", item.title)
    _add(element, "updated", _rfc3339(item.updated))
    for author in item.authors:
        _add(etree.SubElement(element, "author"), "name", author)
    if item.content:
        _add(element, "content", item.content, {"type": "html"})
    for link in _entry_links(item):
        etree.SubElement(element, "link", link)
    if item.summary:
        _add(element, "summary", item.summary, {"type": "html"} if item.summary_is_html else None)
    for tag, scheme in _categories(item):
        etree.SubElement(
            element, "category", {"term": tag, **({"scheme": scheme} if scheme else {})}
        )
    _add(element, "published", _rfc3339(item.published))
    if item.language:
        element.set(f"{{{_XML}}}lang", item.language)
    if item.source and item.source.url:
        _atom_source(element, item.source, item.updated)
    _extras(element, item, ())
    return element


def _categories(item: Item) -> Iterable[tuple[str, str]]:
    """Return each tag with the list that it is from, "" for none."""
    return zip_longest(item.tags, item.schemes, fillvalue="")


def _atom_source(element: Any, source: SourceView, updated: datetime) -> None:
    """Say which feed an entry was taken from (RFC 4287 section 4.2.11).

    When that feed changed last is not known; the entry's own date is true and never moves by itself.
    """
    head = etree.SubElement(element, "source")
    _child(head, "id", source.uid)
    _child(head, "title", source.title)
    _child(head, "updated", _rfc3339(updated))
    etree.SubElement(head, "link", _link(source.url, "self"))
    if source.home:
        etree.SubElement(head, "link", _link(source.home, "alternate", "text/html"))


def _entry_links(item: Item) -> list[dict[str, str]]:
    """Return the permalink, Read also as `related` (RFC 4287 section 4.2.7.2), every enclosure."""
    related = [_link(one.url, "related", title=one.title) for one in item.related if one.url]
    files = [_link(one.url, "enclosure", one.type, "", one.length) for one in item.enclosures]
    return [_link(item.url, "alternate"), *related, *files]


def _extras(element: Any, item: Item, media: Iterable[Enclosure]) -> None:
    """Add what both formats say by extension. No media:group: a picture alone in one is an error."""
    if item.source and not item.source.url:
        _child(element, f"{{{_DC}}}source", item.source.title)
    content = f"{{{_MEDIA}}}content"
    if item.image:
        etree.SubElement(element, content, {"url": item.image, "medium": "image"})
    for one in media:
        size = {"fileSize": str(one.length)} if one.length else {}
        etree.SubElement(element, content, {"url": one.url, "type": one.type, **size})


def _child(element: Any, name: str, text: str) -> None:
    """Append a child with a text, unless there is none."""
    if text:
        _add(element, name, text)


def _add(element: Any, name: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
    """Append a child with a text. Raises ValueError when XML cannot express it."""
    etree.SubElement(element, name, attributes).text = text


def _append(feed: Any, written: Callable[[Item], Any], items: Iterable[Item]) -> None:
    """Append the items that can be built; newest first is the caller's order."""
    for item in items:
        try:
            entry = _Entry(written(item))
        except (ValueError, TypeError) as error:
            _LOG.warning("entry %s is left out: %s", item.uid, error)
            continue
        feed.add_entry(entry, order="append")
