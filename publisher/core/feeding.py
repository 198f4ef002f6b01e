"""Feed: what one reader's editions told them, as a feed of their own. Reads only (promise 7).

Serves the pages. Whoever gets mail may read along, and whoever reads by feed finds there what their
mail would have said: the same stories, under the ids they have in every other feed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Protocol
from urllib.parse import urlsplit

from publisher import __version__
from publisher.core.elsewhere import Elsewhere
from publisher.core.publishing import MAKING
from publisher.core.viewing import EPOCH, distinct, entry, newest_first, style_of
from publisher.errors import TokenError
from publisher.model.articles import Article, ArticleId, Link
from publisher.model.definitions import FeedDefinition, Publication
from publisher.model.editions import EditionId, Told
from publisher.model.subscribers import Subscriber, SubscriberId, SubscriberStatus
from publisher.model.views import EntryView, FeedView
from publisher.ports import Articles, Clock, Deliveries, Editions, Subscribers, Tokens

PRIVATE_FEED = "private-feed"
SLUG = "private"
"""No feed of everybody's can have it: it is reserved."""

FORMATS = ("atom", "rss", "json")

ENTRIES = 100
"""How many stories a feed holds at least, if there were as many; an edition is never cut."""

EDITIONS = 50
"""How many editions a feed goes back at most."""

KEPT_EDITIONS, KEPT_ENTRIES = 200, 1_000
"""How much of what readers share a process remembers."""

READERS = (SubscriberStatus.CONFIRMED, SubscriberStatus.PAUSED)
"""Who may read on; a pause only lets nothing new come."""

_LONGEST_NUMBER = 15  # digits: below what every database holds


class FeedingStore(Articles, Editions, Deliveries, Subscribers, Protocol):
    """What readers' own feeds need of the store."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What stands in a person's feed: editions newest first, and their stories' revisions."""

    told: tuple[Told, ...]
    revisions: Mapping[ArticleId, int]


@dataclass(slots=True)
class Shared:
    """What readers have in common, kept: an edition's frozen stories, and entries made of stories."""

    editions: dict[tuple[EditionId, int], Mapping[ArticleId, Sequence[str]]] = field(
        default_factory=dict
    )
    entries: dict[tuple[ArticleId, int, str], EntryView] = field(default_factory=dict)

    def trim(self) -> None:
        """Forget everything once it is too much."""
        if len(self.editions) > KEPT_EDITIONS:
            self.editions = {}
        if len(self.entries) > KEPT_ENTRIES:
            self.entries = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeding:
    """The use-case of readers' own feeds. `shared` is kept as long as `feeds` stay as they are."""

    store: FeedingStore
    clock: Clock
    publication: Publication
    feeds: Mapping[str, FeedDefinition]
    tokens: Tokens
    shared: Shared

    def address(self, person: Subscriber, form: str) -> str:
        """Return the address of a person's feed in a format; it is theirs alone."""
        token = self.tokens.sign(PRIVATE_FEED, f"{person.id}:{person.feed_key}")
        return f"{self.publication.url}feeds/{SLUG}/{token}.{form}"

    def reader(self, token: str) -> Subscriber | None:
        """Return whose feed an address names, None when it was taken back or they left.

        Raises TokenError for an address that we never gave, NotFound for one who was erased.
        """
        number, colon, key = self.tokens.read(PRIVATE_FEED, token).partition(":")
        if not (colon and number.isascii() and number.isdigit()) or len(number) > _LONGEST_NUMBER:
            raise TokenError("token", "names no reader")
        person = self.store.subscriber(SubscriberId(int(number)))
        return person if person.feed_key == key and person.status in READERS else None

    def language(self, person: Subscriber) -> str:
        """Return the language of a person's feed: that of their feeds where they share one."""
        ours = self.publication.language
        wanted = {wish.feed for wish in person.subscriptions}
        spoken = {feed.language or ours for slug, feed in self.feeds.items() if slug in wanted}
        return spoken.pop() if len(spoken) == 1 else ours

    def telling(self, person: Subscriber) -> Telling:
        """Return what stands in a person's feed: whole editions, enough of them. Raises StoreError."""
        told: list[Told] = []
        numbers: set[ArticleId] = set()
        for one in self.store.told(person.id, EDITIONS):
            told.append(one)
            numbers.update(one.articles)
            if len(numbers) >= ENTRIES:
                break
        return Telling(tuple(told), self.store.revisions(numbers, self.clock.now()))

    def mark(self, person: Subscriber, telling: Telling, *words: str) -> str:
        """Return what tells one state of a person's feed from another, without making it."""
        slugs = {slug for one in telling.told for slug in one.feeds}
        feeds = [self.feeds[slug] for slug in sorted(slugs) if slug in self.feeds]
        parts = (__version__, MAKING, self.publication, feeds, person.id, person.feed_key, words)
        said = repr((*parts, telling.told, sorted(telling.revisions.items())))
        return sha256(said.encode()).hexdigest()[:32]

    def view(self, person: Subscriber, telling: Telling, title: str, description: str) -> FeedView:
        """Return a person's feed, newest story first. Raises StoreError."""
        entries = newest_first(distinct(self._entries(telling)))
        language, site = self.language(person), self.publication.url
        return FeedView(
            slug=SLUG,
            uid=self.store.tag(f"reader:{person.id}"),
            title=title,
            description=description,
            language=language,
            home=site,
            links={form: self.address(person, form) for form in FORMATS},
            publication=self.publication.title,
            contact=self.publication.contact,
            updated=max((item.updated for item in entries), default=EPOCH),
            entries=entries,
            site=site,
            style=f"{urlsplit(site).path or '/'}{style_of(language)}",
        )

    def _entries(self, telling: Telling) -> list[EntryView]:
        """Return an entry for each story that may be read and that no editor has hidden, once."""
        ways: dict[ArticleId, str] = {}
        for one in telling.told:
            frozen = self._frozen(one)
            for number in one.articles:
                standing = frozen.get(number, one.feeds) if frozen else one.feeds
                if number in telling.revisions and (not frozen or number in frozen):
                    ways.setdefault(number, self._way(one.feeds, standing))
        self.shared.trim()
        keys = {number: (number, telling.revisions[number], way) for number, way in ways.items()}
        known = self.shared.entries
        missing = [number for number, key in keys.items() if key not in known]
        made = self.store.articles_by_id(missing) if missing else {}
        public = {slug for slug, feed in self.feeds.items() if feed.public}
        elsewhere = Elsewhere(store=self.store, feeds=public, now=self.clock.now())
        also = elsewhere.of(list(made.values()))
        fresh = {
            keys[number]: self._entry(one, ways[number], also.get(number, ()))
            for number, one in made.items()
        }
        known.update(fresh)
        return [found for key in keys.values() if (found := fresh.get(key) or known.get(key))]

    def _frozen(self, told: Told) -> Mapping[ArticleId, Sequence[str]]:
        """Return the feeds of each story that an edition shows; {} for one that was never frozen."""
        key = (told.edition, told.version)
        found = self.shared.editions.get(key)
        if found is None:
            content = self.store.issue(told.edition).content if told.version else None
            stories = content.stories if content else ()
            found = {story.id: story.feeds for story in stories if not story.hidden}
            self.shared.editions[key] = found
        return found

    def _way(self, wanted: Sequence[str], standing: Sequence[str]) -> str:
        """Return the feed by which a story came that still is one, "" for none."""
        ways = [*(slug for slug in wanted if slug in standing), *standing]
        return next((slug for slug in ways if slug in self.feeds), "")

    def _entry(self, article: Article, way: str, also: Sequence[Link]) -> EntryView:
        """Return a story as the feed by which it came shows it; its language is said by itself."""
        feed = self.feeds.get(way) or FeedDefinition(slug=SLUG, title=self.publication.title)
        language = article.language or feed.language or self.publication.language
        return replace(entry(article, feed, also), language=language)
