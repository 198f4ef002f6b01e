"""Format `pages`: the site for people around the feeds, and OPML and maps for machines.

Serves core.publishing through the port Pages. Pure but for the templates; the same view gives the
same bytes.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec

from publisher.errors import FormatError
from publisher.kit import phrases, sitemaps
from publisher.kit.entries import expressible, expressible_entry
from publisher.kit.opml import MEDIA_TYPE, OPML, is_listed, write_opml
from publisher.kit.templating import Templates
from publisher.kit.text import clean_text
from publisher.model.views import (
    ArticlePage,
    Document,
    EntryView,
    FeedView,
    MapPart,
    NewsEntry,
    SiteView,
)

HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
LATEST = 30

_LOG = logging.getLogger(__name__)


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The site's pages have no keys."""


class SitePages:
    """The pages, rendered with the publication's own templates before the shipped ones."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def around(self, site: SiteView) -> Sequence[Document]:
        """Return front page, index of feeds, style sheets, OPML and robots.txt.

        What cannot be expressed is left out here as it is in the feeds. Raises TemplateError.
        """
        site = _usable(site)
        frame = self._frame(site)
        return [
            self._page("index.html", "index", {**frame, "latest": latest(site.feeds)}),
            self._page("feeds/index.html", "feeds", frame),
            Document(
                path="style.css",
                data=self._templates.text("web/style.css", frame).encode("utf-8"),
                media_type=CSS,
            ),
            *self._feed_styles(site, frame),
            *_opml(site),
            sitemaps.robots(site.url, str(frame["base"])),
        ]

    def feed(self, site: SiteView, feed: FeedView) -> Document:
        """Return the page of a feed, or of one page of its archive. Raises RenderError."""
        path, frame = feed.home.removeprefix(site.url), self._frame(_usable(site))
        return self._page(f"{path}index.html", "feed", {**frame, "feed": expressible(feed)})

    def stories(self, site: SiteView, pages: Sequence[ArticlePage]) -> Sequence[Document]:
        """Return the pages of stories; one that cannot be expressed is left out. Raises TemplateError."""
        frame = self._frame(_usable(site))
        known = self._templates.languages()
        made = []
        for page in pages:
            for entry, feeds in _told(page):
                there = any(tag in known for tag in phrases.tags(entry.language))
                spoken = entry.language if there else site.language
                words = {"told": self._templates.words(spoken), "spoken": spoken}
                story = {**frame, **words, "entry": entry, "feeds": feeds}
                made.append(self._page(entry.page_path, "article", story))
        return made

    def maps(
        self, site: SiteView, parts: Iterable[MapPart], news: Iterable[NewsEntry]
    ) -> Iterator[Document]:
        """Yield the parts of the sitemap that have entries, then their index, then the map of news."""
        yield from sitemaps.sitemaps(site.url, parts)
        yield sitemaps.news(site.title, news)

    def _frame(self, view: SiteView) -> Mapping[str, object]:
        return {
            "site": view,
            "title": view.title,
            "language": view.language,
            "base": urlsplit(view.url).path or "/",
            "words": self._templates.words(view.language),
            "token": self._templates.data("tokens.toml"),
        }

    def _page(self, path: str, template: str, context: Mapping[str, object]) -> Document:
        html = self._templates.html(f"web/{template}.html", context)
        return Document(path=path, data=html.encode("utf-8"), media_type=HTML)

    def _feed_styles(self, view: SiteView, frame: Mapping[str, object]) -> Iterator[Document]:
        for path, language in view.styles.items():
            spoken = {"language": language, "words": self._templates.words(language)}
            text = self._templates.text("web/feed.css", {**frame, **spoken})
            yield Document(path=path, data=text.encode("utf-8"), media_type=CSS)


def _usable(view: SiteView) -> SiteView:
    """Return the site without characters, addresses and entries that would break a page."""
    return replace(
        view,
        title=clean_text(view.title),
        postal_address=clean_text(view.postal_address),
        contact=clean_text(view.contact),
        feeds=tuple(_expressible(view.feeds)),
    )


def _opml(site: SiteView) -> Iterator[Document]:
    """Yield the list of feeds, unless there is nothing to list."""
    if any(map(is_listed, site.feeds)):
        yield Document(path=OPML, data=write_opml(site), media_type=MEDIA_TYPE)


def _expressible(feeds: Iterable[FeedView]) -> Iterator[FeedView]:
    for feed in feeds:
        try:
            yield expressible(feed)
        except FormatError as error:
            _LOG.warning("a feed has no page: %s", error)


def _told(page: ArticlePage) -> Iterator[tuple[EntryView, tuple[FeedView, ...]]]:
    """Yield the story as it can be shown, unless it cannot."""
    try:
        yield expressible_entry(page.entry), tuple(_expressible(page.feeds))
    except FormatError as error:
        _LOG.warning("a story has no page: %s", error)


def latest(feeds: Iterable[FeedView]) -> tuple[EntryView, ...]:
    """Return the newest entries of all feeds, each story once, newest first."""
    entries = {entry.id: entry for feed in feeds for entry in feed.entries}
    newest = sorted(entries.values(), key=lambda entry: (entry.published, entry.id), reverse=True)
    return tuple(newest[:LATEST])


def create(_options: Options | None, templates: Templates) -> SitePages:
    """Make the format over the publication's templates."""
    return SitePages(templates)
