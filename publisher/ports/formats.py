"""Ports of what is rendered and judged: documents, pages, digests, letters."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Protocol

from publisher.model.definitions import ScheduleDefinition
from publisher.model.findings import DocumentReport, MailReport
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


class DocumentFormat(Protocol):
    """Renders a feed as one document; deterministic: same view, same bytes."""

    name: str
    extension: str
    media_type: str

    def render(self, view: FeedView) -> bytes:
        """Render; an entry that cannot be expressed is left out, never the document. Raises FormatError."""
        ...


class Pages(Protocol):
    """Renders pages for people, and maps for machines, around the feeds.

    A `site` whose feeds have no entries is the frame: what every page says.
    """

    def around(self, site: SiteView) -> Sequence[Document]:
        """Return front page, index of feeds, style sheets, OPML and robots.txt. Raises RenderError."""
        ...

    def feed(self, site: SiteView, feed: FeedView) -> Document:
        """Return the page of a feed, or of one page of its archive. Raises RenderError."""
        ...

    def stories(self, site: SiteView, pages: Sequence[ArticlePage]) -> Sequence[Document]:
        """Return the pages of stories; one that cannot be expressed is left out. Raises RenderError."""
        ...

    def maps(
        self, site: SiteView, parts: Iterable[MapPart], news: Iterable[NewsEntry]
    ) -> Iterator[Document]:
        """Yield the parts of the sitemap that have entries, then their index, then the map of news.

        One part alone is the sitemap.
        """
        ...


class Inspector(Protocol):
    """Judges a mail as it would travel, before it does; implemented by `lint.mail`."""

    def inspect(self, mail: bytes) -> MailReport:
        """Return what is found, errors first. Never raises, whatever the octets."""
        ...


class Judge(Protocol):
    """Judges a document for machines before it goes out; implemented by `lint.feeds`."""

    def inspect(
        self, data: bytes, *, url: str = "", media_type: str = "", now: datetime | None = None
    ) -> DocumentReport:
        """Return what is found, errors first. Never raises, whatever the octets."""
        ...


class DigestFormat(Protocol):
    """Renders an edition once, with merge fields and blocks."""

    def render(self, view: DigestView) -> Message:
        """Render and inline. Raises TemplateError."""
        ...

    def subject(self, template: str, view: DigestView) -> str:
        """Render a schedule's subject for the stories in `view` (lead first). Raises TemplateError."""
        ...


class LetterFormat(Protocol):
    """Renders a letter to one person."""

    def render(self, view: LetterView) -> tuple[str, Message]:
        """Return the subject, and a message without merge fields. Raises RenderError."""
        ...


class Wording(Protocol):
    """What mails and pages say in the reader's language; cached, because it is asked per reader."""

    def nearest(self, language: str, fallback: str) -> str:
        """Return the tag for which there are words: `de` for `de-AT`; else the fallback; else `en`.

        Readers of the fallback's words get the fallback itself, with its region.
        """
        ...

    def extent(self, language: str, stories: int, minutes: int) -> str:
        """Return "6 stories, 4 minutes". Raises TemplateError for words that cannot be used."""
        ...

    def rhythm(self, language: str, schedule: ScheduleDefinition) -> str:
        """Return when a schedule runs, for a label ("weekdays at 07:30"); "" when words cannot say it."""
        ...

    def coming(self, language: str, schedule: ScheduleDefinition, feed: str) -> str:
        """Return what comes, and when, as a line: "Harbour news: weekdays at 07:30"."""
        ...

    def why(
        self,
        language: str,
        schedule: ScheduleDefinition,
        feeds: Sequence[str],
        since: date | None,
    ) -> str:
        """Return the sentence that says why somebody gets this: rhythm, titles of feeds, day of joining.

        What is unknown is left out. Raises TemplateError for words that cannot be used.
        """
        ...
