"""Articles: what sources bring, what the store keeps, what enrichers add."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

ArticleId = NewType("ArticleId", int)

SOURCE = "source"
"""The attribute in which a source names the feed of an article: title, uid, url and home."""

SCHEMES = "schemes"
"""The attribute in which a source says which list a tag is from: an address or IRI by tag."""


class ArticleState(StrEnum):
    """Where an article stands; only `published` ones enter documents and digests."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"  # its date lies in the future
    DRAFT = "draft"
    HIDDEN = "hidden"  # by the operator
    HELD = "held"  # came in a storm of new ids; waits for the operator


class Origin(StrEnum):
    """Who says what an article's key points are, or what to read besides; the first one counts."""

    EDITOR = "editor"  # set by hand; an empty list of theirs counts, too
    SOURCE = "source"  # supplied with the article
    COMPUTED = "computed"


class Overruled(StrEnum):
    """What editors may set by hand, and give up again."""

    KEY_POINTS = "key-points"
    READ_ALSO = "read-also"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A titled address; `url` is empty where a page names a story without linking it.

    `uid` is the permanent id of a stored article, "" for anything else.
    """

    title: str
    url: str = ""
    uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an article; `length` in bytes, 0 when unknown."""

    url: str
    type: str = "application/octet-stream"
    length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedArticle:
    """What a source hands over: cleaned (HTML sanitised, URLs absolute), not yet judged.

    `external_id` is the source's own permanent name for it. `published` None means that the source
    names no date: the time of first sight is used and remembered. `url` "" means that the article
    has no page of its own elsewhere, so ours is its permalink.
    """

    external_id: str
    title: str
    url: str = ""
    html: str = ""
    text: str = ""
    standfirst: str = ""
    dek: str = ""
    summary: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    key_points: tuple[str, ...] = ()
    read_also: tuple[Link, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    slug: str = ""
    draft: bool = False
    priority: int = 0
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One stored story.

    `uid` is the permanent id in feeds (a tag URI, minted once). `key_points` are those of `points_by`;
    `key_points_supplied` tells whether the source has any. `related` are other stored articles
    (computed); `read_also` the links the source supplied; `own_read_also` the editors', which stand
    instead of both unless None. `updated` moves only on a significant
    edit (RFC 4287 section 4.2.15). `url` is absolute: the original's, or our own article page.
    """

    id: ArticleId
    uid: str
    source: str
    external_id: str
    slug: str
    title: str
    url: str
    html: str = ""
    text: str = ""
    standfirst: str = ""
    dek: str = ""
    summary: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    key_points: tuple[str, ...] = ()
    key_points_supplied: bool = False
    points_by: Origin = Origin.COMPUTED
    read_also: tuple["RelatedArticle | Link", ...] = ()
    related: tuple["RelatedArticle", ...] = ()
    own_read_also: tuple["RelatedArticle | Link", ...] | None = None
    published: datetime
    updated: datetime
    first_seen: datetime
    content_hash: str = ""
    state: ArticleState = ArticleState.PUBLISHED
    pinned: bool = False
    priority: int = 0
    cluster: int | None = None
    follows: bool = False  # another article of its cluster leads in documents
    own_page: bool = False  # `url` is our article page, not somebody else's
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedArticle:
    """A stored article that another one points at under "Read also"."""

    id: ArticleId
    title: str
    url: str
    uid: str = ""
    cluster: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """What the decider needs of a stored article to judge a collected one."""

    id: ArticleId
    external_id: str
    content_hash: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A stored article that bears one of the marks (`model.content.Marks`) asked for."""

    id: ArticleId
    source: str
    external_id: str
    content_hash: str
    title: str
    text: str
    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered of a source between two collections.

    `etag` and `last_modified` are kept verbatim after every 200 (RFC 9110 section 13). `cursor` is the
    adapter's own memory (small, strings only). `next_check` lies `interval` after the last one, `why`
    says so in words; `gap` is the mean time between its newest stories, `newest` the date of the newest
    and `horizon` that of the oldest it showed last. `stopped` says why it is asked no more, "" while it
    is. `told` means that operators know of its `failures`. `fates` counts what became of the articles
    of the last answer, by verdict. `hubs` tell of
    changes of what stands at `topic`, as the source itself said last.
    """

    key: str
    etag: str = ""
    last_modified: str = ""
    next_check: datetime | None = None
    last_checked: datetime | None = None
    last_success: datetime | None = None
    failures: int = 0
    last_error: str = ""
    cursor: Mapping[str, str] = field(default_factory=dict)
    interval: timedelta = timedelta(0)
    why: str = ""
    gap: timedelta = timedelta(0)
    newest: datetime | None = None
    horizon: datetime | None = None
    stopped: str = ""
    told: bool = False
    fates: Mapping[str, int] = field(default_factory=dict)
    hubs: tuple[str, ...] = ()
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProblem:
    """One thing of a source that could not be read; `where` is a file, an address or an id."""

    where: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """One collection of one source.

    `unchanged` means the source said so itself (304, or nothing touched): `articles` is then empty
    and everything known stays. `partial` means that only what is newer than the cursor was asked
    for: that nothing here is known says nothing then. `fresh_until` bounds the next check from
    below; `skip_hours` (0 to 23) and `skip_days` (0 is Monday), both in UTC, are when the source
    asks to be left alone (RSS 2.0). `hubs` bring changes of what stands at `topic` by themselves
    (WebSub), as the whole document says; one that is unchanged or partial says nothing of them.
    asks to be left alone (RSS 2.0). `kept` are the ids of those `articles` of which the source knows
    that what was stored of them is better than what it hands over now, and still true: where they are
    known they are the same.
    """

    articles: tuple[CollectedArticle, ...] = ()
    problems: tuple[SourceProblem, ...] = ()
    unchanged: bool = False
    partial: bool = False
    etag: str = ""
    last_modified: str = ""
    fresh_until: datetime | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    kept: frozenset[str] = frozenset()
    cursor: Mapping[str, str] = field(default_factory=dict)
    hubs: tuple[str, ...] = ()
    topic: str = ""


class Verdict(StrEnum):
    """What became of one collected article."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DUPLICATE = "duplicate"
    FILTERED = "filtered"  # new, and no feed of the source selects it
    HELD = "held"  # new, and one of a storm of new ids


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What a collection of one source came to; counts are articles, `error` "" when it worked.

    `told` means that the error is not news: operators have heard of it before.
    """

    source: str
    feeds: tuple[str, ...] = ()
    new: int = 0
    changed: int = 0
    same: int = 0
    duplicate: int = 0
    filtered: int = 0
    held: int = 0
    problems: tuple[SourceProblem, ...] = ()
    error: str = ""
    told: bool = False
    failures: int = 0
    next_check: datetime | None = None
