"""The store of articles, and of what publishing made of them.

Each verb is one transaction, begun and ended inside it. Any verb may raise StoreError.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from publisher.model.archives import (
    FeedRecord,
    FeedState,
    Listed,
    Member,
    Newest,
    PageRecord,
)
from publisher.model.articles import (
    Article,
    ArticleId,
    CollectedArticle,
    KnownArticle,
    Link,
    Overruled,
    SourceState,
    Twin,
)
from publisher.model.content import Prints
from publisher.model.enrichment import Enrichment, Relations, Relative
from publisher.model.topics import Topic
from publisher.ports.enriching import Library

Relate = Callable[[Mapping[ArticleId, Relative]], Mapping[ArticleId, Relations]]
"""Says what articles are tied to, given these and whom they are tied to now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionResult:
    """What a collection of one source decided, to be written together.

    `new` pairs a collected article with (feed slug, mailable) for each feed it enters; `changed`
    pairs the stored id with the new content, whether the edit is significant, and the memberships it
    has now. `joined` are stored articles of other sources that this one brought again, with the feeds
    they enter thereby. `state` replaces the source's state. With `keep_ids` new
    articles keep the id that their source gave them, where it can be ours; `held` ones wait until an
    operator releases them. `renamed` are those of `changed` that go by another external id now.
    `prints` are by external id, as far as they have been worked out.
    """

    state: SourceState
    now: datetime
    keep_ids: bool = False
    held: bool = False
    renamed: Collection[ArticleId] = ()
    prints: Mapping[str, Prints] = field(default_factory=dict)
    new: Sequence[tuple[CollectedArticle, Sequence[tuple[str, bool]]]] = ()
    changed: Sequence[tuple[ArticleId, CollectedArticle, bool, Sequence[tuple[str, bool]]]] = ()
    joined: Sequence[tuple[ArticleId, Sequence[tuple[str, bool]]]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleChanges:
    """What an operator sets on a stored article; None leaves it.

    `key_points` and `read_also` stand instead of supplied and computed ones, also when empty; links to
    stored articles are their ids, and follow their titles and addresses. `computed` names which of
    these two are given up again.
    """

    title: str | None = None
    hidden: bool | None = None
    pinned: bool | None = None
    priority: int | None = None
    tags: tuple[str, ...] | None = None
    key_points: tuple[str, ...] | None = None
    read_also: tuple[ArticleId | Link, ...] | None = None
    computed: Collection[Overruled] = ()


class Articles(Protocol):
    """The article store; used by collecting, enriching, publishing, editing."""

    def tag(self, name: str) -> str:
        """Return the permanent id of what has this name for ever (a tag URI, RFC 4151)."""
        ...

    def source_states(self, keys: Collection[str]) -> Mapping[str, SourceState]:
        """Return what is remembered of these sources; unknown ones are absent."""
        ...

    def register_sources(self, keys: Collection[str]) -> None:
        """Make these, and no others, the sources that can be due; new ones are due at once."""
        ...

    def due_sources(self, now: datetime, limit: int = 1_000) -> Sequence[str]:
        """Return registered sources whose next check has come, the longest overdue first."""
        ...

    def held_counts(self) -> Mapping[str, int]:
        """Return how many articles of each source are held back."""
        ...

    def release_held(self, source: str, now: datetime, *, hide: bool = False) -> int:
        """Let a source's held articles be read, or hide them instead; return how many there were."""
        ...

    def known(
        self, wanted: Mapping[str, Collection[str]]
    ) -> Mapping[str, Mapping[str, KnownArticle]]:
        """Return stored articles by source and external id, of those asked for by source."""
        ...

    def twins(self, marks: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Sequence[Twin]]:
        """Return the stored articles that bear marks: (field of model.content.Marks, value)."""
        ...

    def articles_at(self, urls: Collection[str]) -> Mapping[str, Sequence[ArticleId]]:
        """Return the stored articles readers find at each address, pages of ours included."""
        ...

    def feeds_with_articles(self) -> Mapping[str, int]:
        """Return how many articles have ever entered each feed."""
        ...

    def save_collected(self, *results: CollectionResult) -> Sequence[ArticleId]:
        """Write the articles, memberships and states of sources together.

        Mints uid (the `tag` of source and external id), slug and id for new ones
        (`published` falls back to `now`, remembered). `content_hash` is model.content.content_hash.
        Memberships of changed ones are replaced (kept ones keep their place), those of joined ones
        added. Returns the ids of new then changed articles, result by result. Saving the same twice
        changes nothing.
        """
        ...

    def save_state(self, *states: SourceState) -> None:
        """Replace sources' states (after an error, or when nothing is new)."""
        ...

    def unenriched(self, limit: int = 500) -> Sequence[ArticleId]:
        """Return articles whose content changed since `save_enrichments` last saw them, oldest first."""
        ...

    def save_enrichments(self, enrichments: Sequence[Enrichment]) -> None:
        """Keep what was computed; supplied key points stay. What changed meanwhile stays to be enriched."""
        ...

    def relatives(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Relative]:
        """Return what is asked of those that may be shown under others."""
        ...

    def relate(self, articles: Collection[ArticleId], decide: Relate) -> None:
        """Keep what these are tied to from now on: decided, while nobody else changes it, of them all.

        `decide` is given those that may be shown, and whom they are tied to; it must be pure and quick.
        """
        ...

    def article(self, article: ArticleId) -> Article:
        """Return one. Raises NotFound."""
        ...

    def articles_by_id(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Article]:
        """Return those that exist."""
        ...

    def revisions(self, articles: Collection[ArticleId], now: datetime) -> Mapping[ArticleId, int]:
        """Return the revision of each of these that may be read: it rises with every visible change."""
        ...

    def cluster_mates(
        self, articles: Collection[ArticleId]
    ) -> Mapping[ArticleId, Sequence[Article]]:
        """Return the other articles of each one's cluster; those without any are absent."""
        ...

    def find_article(self, name: str) -> Article:
        """Return by id, uid, slug or URL. Raises NotFound."""
        ...

    def articles(
        self,
        *,
        feed: str | None = None,
        states: Collection[str] = ("published",),
        limit: int | None = None,
        offset: int = 0,
        now: datetime,
    ) -> Sequence[Article]:
        """Return articles, pinned ones first, then newest publication first; `now` decides `scheduled`."""
        ...

    def articles_from(
        self, sources: Collection[str], after: int = 0, limit: int = 500
    ) -> Sequence[Article]:
        """Return stored articles of these sources, in any state, whose ids follow `after`, by id."""
        ...

    def memberships(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Sequence[str]]:
        """Return the feeds each article has entered."""
        ...

    def change_article(
        self, article: ArticleId, changes: ArticleChanges, now: datetime
    ) -> Article:
        """Apply an operator's changes. Raises NotFound."""
        ...

    def set_memberships(self, feed: str, articles: Collection[ArticleId], now: datetime) -> int:
        """Make a feed hold exactly these (after its selection changed); additions are never mailed."""
        ...

    def library(self) -> Library:
        """Return the posting index."""
        ...


class Topics(Protocol):
    """What articles have in common; used by gathering and publishing."""

    def sort_topics(self) -> None:
        """Bring the topics up to date with the articles that changed."""
        ...

    def topics(
        self, kinds: Collection[str], feeds: Collection[str], now: datetime
    ) -> Sequence[Topic]:
        """Return the topics that have readable articles in any of these feeds, by their slugs."""
        ...

    def topic_members(self, slug: str, feeds: Collection[str], now: datetime) -> Sequence[Member]:
        """Return a topic's readable articles that are in any of these feeds, in no order."""
        ...


class Documents(Protocol):
    """What publishing remembers; used by publishing and the pages."""

    def newest(self, now: datetime) -> Newest:
        """Return how new all that is stored is: without a change there, no feed has one."""
        ...

    def feed_states(self, now: datetime) -> Mapping[str, FeedState]:
        """Return how many readable articles each feed holds and how new they are."""
        ...

    def feed_members(self, feed: str, now: datetime) -> Sequence[Member]:
        """Return the readable articles of a feed, in no order."""
        ...

    def stale_pages(
        self, feeds: Collection[str], making: str, now: datetime, after: int = 0, limit: int = 50
    ) -> Mapping[ArticleId, int]:
        """Return articles whose page is to be made (again), with their revisions, by id.

        Those are readable articles without a page elsewhere that stand in one of these feeds or have
        a page of ours already, and this is of an older revision or another `making`, or missing.
        """
        ...

    def record_pages(self, pages: Collection[PageRecord], making: str) -> None:
        """Remember pages that were made; what stood elsewhere before has not moved any more."""
        ...

    def lost_pages(self, now: datetime, limit: int = 500) -> Sequence[str]:
        """Return the paths of pages whose articles may not be read any more."""
        ...

    def drop_pages(self, paths: Collection[str], *, gone: bool) -> None:
        """Forget pages; `gone` ones are nowhere from now on, others are made again."""
        ...

    def count_pages(self) -> int:
        """Return how many pages of stories there are."""
        ...

    def page_paths(self, part: int, parts: int) -> Sequence[str]:
        """Return the paths of one part of the pages, of so many parts."""
        ...

    def page_states(self, size: int) -> Mapping[int, FeedState]:
        """Return how many pages there are of each `size` articles, and their newest revision.

        Those of articles 0 to `size` - 1 are number 0; numbers without pages are left out.
        """
        ...

    def listed_pages(
        self, now: datetime, after: int = 0, limit: int = 500, last: int | None = None
    ) -> Sequence[Listed]:
        """Return what maps say of pages, by the ids of their articles: after one, up to the last."""
        ...

    def news_pages(self, since: datetime, now: datetime, limit: int) -> Sequence[Listed]:
        """Return the same of stories published after an instant, newest first."""
        ...

    def feed_records(self) -> Mapping[str, FeedRecord]:
        """Return what the last complete publish of each feed made; "" is the site around them."""
        ...

    def record_feed(self, feed: str, record: FeedRecord, gone: Mapping[str, str]) -> None:
        """Remember a complete publish, and where what stood at each path of `gone` is found now.

        An older move to a path that is gone leads on; what exists again has not moved.
        """
        ...

    def forget_feeds(self, feeds: Iterable[str]) -> None:
        """Forget what was made of feeds that are no more."""
        ...

    def moved_to(self, path: str) -> str | None:
        """Return where a document is found that stood at a path once: "" nowhere, None no such."""
        ...

    def moves(self) -> Mapping[str, str]:
        """Return every path that has moved, with its target; "" is nowhere."""
        ...
