"""The past of a feed as documents of its own (RFC 5005 section 4), and what publishing remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from publisher.model.articles import ArticleId


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A readable article of a feed, as far as its place among the documents goes.

    One that `follows` is led by another of its cluster, where that one is among the feed's, too.
    """

    id: ArticleId
    published: datetime
    updated: datetime
    pinned: bool = False
    cluster: int | None = None
    follows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePage:
    """One archive document: `name` is its address within `archive/`, `mark` tells its content.

    `articles` stand oldest first. The name of a full page that never changed is its number.
    """

    number: int
    name: str
    mark: str
    articles: tuple[ArticleId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The archive of a feed: full pages, oldest first, and the one that is not full yet.

    `last` is the greatest number that a full page ever had: none is given twice.
    """

    pages: tuple[ArchivePage, ...] = ()
    tail: ArchivePage | None = None
    last: int = 0

    @property
    def every(self) -> tuple[ArchivePage, ...]:
        """Return all pages, oldest first."""
        return self.pages if self.tail is None else (*self.pages, self.tail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which document holds which articles: `current` newest first; `gone` maps a name to its heir."""

    current: tuple[ArticleId, ...]
    archive: Archive
    gone: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What a feed holds, in two numbers: how many readable articles, and their newest revision."""

    count: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRecord:
    """A part of the sitemap as it was written last: `mark` tells what it was made of."""

    path: str
    mark: str
    changed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRecord:
    """What a feed's last complete publish was made of; `paths` are its documents by their digest.

    `uid` is the feed's permanent id, which a later slug does not change; `guid` likewise its id among
    podcasts, "" when it was none. `until` is when it must be
    looked at although nothing changed: a date in the future has come. `maps` are the parts of the
    sitemap, where this is the record of the site.
    """

    making: str
    state: FeedState
    archive: Archive
    paths: Mapping[str, str]
    uid: str = ""
    guid: str = ""
    until: datetime | None = None
    maps: tuple[MapRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRecord:
    """The page of a story as it was made last: at which path, of which revision of its article."""

    path: str
    article: ArticleId
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What maps say of a story that has a page of ours; `language` "" is the publication's."""

    id: ArticleId
    path: str
    title: str
    language: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """How new all that is stored is: the greatest revision, and the next date that is to come."""

    revision: int = 0
    until: datetime | None = None
