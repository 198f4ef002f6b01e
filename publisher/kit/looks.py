"""Digest, letters and pages behind a guard: in the publication's own look, or whole in the shipped one.

Serves the composition root. Pure but for the guard. `create` is the format's own factory, a
module's function, so that it can be named to another process.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from publisher.errors import RenderError
from publisher.kit.templating import Guard, Templates
from publisher.model.messages import Message
from publisher.model.views import (
    ArticlePage,
    DigestView,
    Document,
    FeedView,
    LetterView,
    MapPart,
    NewsEntry,
    SiteView,
)
from publisher.ports import DigestFormat, LetterFormat, Pages

USUAL = "newspaper"
"""The look of a digest whose own variant has no shipped one."""

SUBJECT = "{{ lead.title if lead else title }}"
"""The subject where a schedule's own cannot be made."""

PAGE = 0.02
"""Seconds that a page adds to the deadline of many; a shipped one takes a tenth of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeDigest:
    """The port DigestFormat over another one."""

    create: Callable[[None, Templates], DigestFormat]
    guard: Guard

    def render(self, view: DigestView) -> Message:
        """Render and inline. Raises RenderError when the shipped look fails too."""
        name = f"email/{view.template}.html"
        known = self.guard.templates.origin(name)[1] is not None
        usual = view if known else replace(view, template=USUAL)
        return self.guard.run(
            name,
            _digest,
            self.create,
            view,
            more_seconds=self.guard.seconds,
            otherwise=(self.create, usual),
        )

    def subject(self, template: str, view: DigestView) -> str:
        """Render a schedule's subject, or the lead's title when that fails."""
        try:
            return self.create(None, self.guard.templates).subject(template, view)
        except RenderError as error:
            self.guard.failed("subject", error)
        return self.create(None, self.guard.templates.shipped()).subject(SUBJECT, view)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeLetters:
    """The port LetterFormat over another one."""

    create: Callable[[None, Templates], LetterFormat]
    guard: Guard

    def render(self, view: LetterView) -> tuple[str, Message]:
        """Return subject and message. Raises RenderError when the shipped look fails too."""
        return self.guard.run(f"email/{view.kind}.html", _letter, self.create, view)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafePages:
    """The port Pages over another one."""

    create: Callable[[None, Templates], Pages]
    guard: Guard

    def around(self, site: SiteView) -> Sequence[Document]:
        """Return front page, index of feeds and the like in one look. Raises RenderError."""
        more = PAGE * len(site.feeds)
        return self.guard.run("web", _around, self.create, site, more_seconds=more)

    def feed(self, site: SiteView, feed: FeedView) -> Document:
        """Return the page of a feed or of its archive. Raises RenderError."""
        more = PAGE * len(feed.entries)
        return self.guard.run("web", _feed, self.create, site, feed, more_seconds=more)

    def stories(self, site: SiteView, pages: Sequence[ArticlePage]) -> Sequence[Document]:
        """Return the pages of stories in one look. Raises RenderError."""
        more = PAGE * len(pages)
        return self.guard.run("web", _stories, self.create, site, pages, more_seconds=more)

    def maps(
        self, site: SiteView, parts: Iterable[MapPart], news: Iterable[NewsEntry]
    ) -> Iterator[Document]:
        """Yield the maps, which have no look."""
        return self.create(None, self.guard.templates).maps(site, parts, news)


def _digest(
    templates: Templates, create: Callable[[None, Templates], DigestFormat], view: DigestView
) -> Message:
    return create(None, templates).render(view)


def _letter(
    templates: Templates, create: Callable[[None, Templates], LetterFormat], view: LetterView
) -> tuple[str, Message]:
    return create(None, templates).render(view)


def _around(
    templates: Templates, create: Callable[[None, Templates], Pages], site: SiteView
) -> Sequence[Document]:
    return create(None, templates).around(site)


def _feed(
    templates: Templates,
    create: Callable[[None, Templates], Pages],
    site: SiteView,
    feed: FeedView,
) -> Document:
    return create(None, templates).feed(site, feed)


def _stories(
    templates: Templates,
    create: Callable[[None, Templates], Pages],
    site: SiteView,
    pages: Sequence[ArticlePage],
) -> Sequence[Document]:
    return create(None, templates).stories(site, pages)
