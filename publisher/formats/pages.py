"""Format `pages`: the site for people around the feeds, and OPML and sitemap for machines.

Serves core.publishing through the port Pages. Pure but for the templates; the same view gives the
same bytes.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import msgspec

from publisher.errors import FormatError
from publisher.kit.entries import expressible
from publisher.kit.templating import Templates
from publisher.kit.text import clean_text
from publisher.model.views import Document, EntryView, FeedView, SiteView

HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
XML = "application/xml; charset=utf-8"
OPML = "text/x-opml; charset=utf-8"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
LATEST = 30
EPOCH = datetime.fromtimestamp(0, UTC)

_LOG = logging.getLogger(__name__)


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The site's pages have no keys."""


class SitePages:
    """The pages, rendered with the publication's own templates before the shipped ones."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def site(self, view: SiteView) -> Sequence[Document]:
        """Return index, feed pages, article pages, style sheet, OPML and sitemap.

        What cannot be expressed is left out here as it is in the feeds. Raises TemplateError.
        """
        view = _usable(view)
        frame = self._frame(view)
        return [
            self._page("index.html", "index", {**frame, "latest": latest(view.feeds)}),
            *self._feeds(view, frame),
            *self._articles(view, frame),
            Document(path="style.css", data=self._style(frame), media_type=CSS),
            *self._feed_styles(view, frame),
            Document(path="opml.xml", data=opml(view), media_type=OPML),
            Document(path="sitemap.xml", data=sitemap(view), media_type=XML),
        ]

    def _frame(self, view: SiteView) -> Mapping[str, object]:
        return {
            "site": view,
            "title": view.title,
            "language": view.language,
            "base": urlsplit(view.url).path or "/",
            "words": self._templates.words(view.language),
            "token": self._templates.data("tokens.toml"),
        }

    def _feeds(self, view: SiteView, frame: Mapping[str, object]) -> Iterator[Document]:
        for feed in view.feeds:
            yield self._page(f"feeds/{feed.slug}/index.html", "feed", {**frame, "feed": feed})

    def _articles(self, view: SiteView, frame: Mapping[str, object]) -> Iterator[Document]:
        for entry, feeds in articles(view.feeds):
            yield self._page(entry.page_path, "article", {**frame, "entry": entry, "feeds": feeds})

    def _page(self, path: str, template: str, context: Mapping[str, object]) -> Document:
        html = self._templates.html(f"web/{template}.html", context)
        return Document(path=path, data=html.encode("utf-8"), media_type=HTML)

    def _feed_styles(self, view: SiteView, frame: Mapping[str, object]) -> Iterator[Document]:
        for path, language in view.styles.items():
            spoken = {"language": language, "words": self._templates.words(language)}
            text = self._templates.text("web/feed.css", {**frame, **spoken})
            yield Document(path=path, data=text.encode("utf-8"), media_type=CSS)

    def _style(self, frame: Mapping[str, object]) -> bytes:
        return self._templates.text("web/style.css", frame).encode("utf-8")


def _usable(view: SiteView) -> SiteView:
    """Return the site without characters, addresses and entries that would break a page."""
    feeds = []
    for feed in view.feeds:
        try:
            feeds.append(expressible(feed))
        except FormatError as error:
            _LOG.warning("a feed has no page: %s", error)
    return replace(
        view,
        title=clean_text(view.title),
        postal_address=clean_text(view.postal_address),
        contact=clean_text(view.contact),
        feeds=tuple(feeds),
    )


def latest(feeds: Iterable[FeedView]) -> tuple[EntryView, ...]:
    """Return the newest entries of all feeds, each story once, newest first."""
    entries = {entry.id: entry for feed in feeds for entry in feed.entries}
    newest = sorted(entries.values(), key=lambda entry: (entry.published, entry.id), reverse=True)
    return tuple(newest[:LATEST])


def articles(feeds: Iterable[FeedView]) -> Iterator[tuple[EntryView, tuple[FeedView, ...]]]:
    """Yield every story that has a page of ours, with the feeds it stands in; fullest text wins."""
    found: dict[str, tuple[EntryView, list[FeedView]]] = {}
    for feed in feeds:
        for entry in feed.entries:
            if not entry.page_path:
                continue
            known, standing = found.setdefault(entry.page_path, (entry, []))
            standing.append(feed)
            if len(entry.html) > len(known.html):
                found[entry.page_path] = (replace(entry, read_also=known.read_also), standing)
    for path in sorted(found):
        entry, standing = found[path]
        yield entry, tuple(standing)


def opml(view: SiteView) -> bytes:
    """Return the public feeds as OPML 2.0 (opml.org/spec2)."""
    root = ET.Element("opml", version="2.0")
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "title").text = view.title
    body = ET.SubElement(root, "body")
    for feed in view.feeds:
        if not feed.links:
            continue
        attributes = {
            "type": "rss",
            "text": feed.title,
            "title": feed.title,
            "description": feed.description,
            "language": feed.language,
            "htmlUrl": feed.home,
            "xmlUrl": feed.links.get("rss") or next(iter(feed.links.values())),
        }
        written = {name: value for name, value in attributes.items() if value}
        ET.SubElement(body, "outline", written)
    return _document(root)


def sitemap(view: SiteView) -> bytes:
    """Return every page of ours as a sitemap (sitemaps.org 0.9)."""
    root = ET.Element("urlset", xmlns=SITEMAP)
    pages = [(view.url, view.updated), *((feed.home, feed.updated) for feed in view.feeds)]
    if view.archive:
        pages.append((view.archive, EPOCH))
    pages += [(entry.url, entry.updated) for entry, _feeds in articles(view.feeds)]
    for address, changed in pages:
        url = ET.SubElement(root, "url")
        ET.SubElement(url, "loc").text = address
        if changed.timestamp() > 0:
            ET.SubElement(url, "lastmod").text = _instant(changed)
    return _document(root)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _document(root: ET.Element) -> bytes:
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def create(_options: Options | None, templates: Templates) -> SitePages:
    """Make the format over the publication's templates."""
    return SitePages(templates)
