"""A small publication to try a store with: stories, readers, editions; serves the store's contract.

Touches the store it is given. Time stands still until a test moves it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from publisher.model.articles import ArticleId, CollectedArticle, SourceState
from publisher.model.editions import (
    Candidate,
    Choice,
    Delivery,
    DeliveryId,
    Edition,
    EditionId,
    OpenEdition,
    Outcome,
    OutcomeState,
    ReaderGroup,
)
from publisher.model.enrichment import Enrichment, Relations, Tie
from publisher.model.subscribers import NewSubscriber, Subscriber, SubscriberStatus
from publisher.model.timetable import PlannedRun, Run
from publisher.ports import LEASE, CollectionResult, Pacing, Store

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SOURCE = "folder:articles"
FEED = "harbour"
FEEDS = (FEED,)
DAILY = "daily"
ME = "host:1:me"


def take(limit: int, titles: int = 0) -> Callable[[Sequence[Candidate], ReaderGroup], Choice]:
    """Return a choice of the first candidates by id, of others by title; the rest is owed."""

    def choose(candidates: Sequence[Candidate], _group: ReaderGroup) -> Choice:
        ids = tuple(candidate.id for candidate in candidates)
        last = limit + titles
        return Choice(articles=ids[:limit], more=ids[limit:last], owed=ids[last:])

    return choose


def planned(key: str, due: datetime = NOON) -> PlannedRun:
    """Return a run that waits."""
    return PlannedRun(key=key, slot=key, due=due)


class World:
    """A store and what a publication does with it, in one word each."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOON
        self._editions = 0

    def wait(self, time: timedelta = MINUTE) -> None:
        """Let time pass."""
        self.now += time

    def collect(
        self,
        *titles: str,
        feeds: Sequence[str] = FEEDS,
        mailable: bool = True,
        source: str = SOURCE,
        **more: object,
    ) -> Sequence[ArticleId]:
        """Bring stories into feeds; a title is the external id as well."""
        articles = [story(title, **more) for title in titles]
        memberships = tuple((feed, mailable) for feed in feeds)
        return self.store.save_collected(
            CollectionResult(
                state=SourceState(key=source),
                now=self.now,
                new=tuple((article, memberships) for article in articles),
            )
        )

    def reader(
        self,
        name: str,
        *feeds: str,
        schedule: str = DAILY,
        status: SubscriberStatus = SubscriberStatus.CONFIRMED,
        timezone: str = "",
    ) -> Subscriber:
        """Let a person subscribe."""
        new = NewSubscriber(
            email=address(name),
            name=name,
            status=status,
            timezone=timezone,
            subscriptions=tuple((feed, schedule) for feed in feeds or FEEDS),
        )
        return self.store.add_subscriber(new, self.now)[0]

    def run(self, key: str = "", schedule: str = DAILY) -> Run:
        """Return a run, made when new."""
        self._editions += 1
        return self.store.add_run(schedule, planned(key or f"manual:{self._editions}"))[0]

    def open(
        self,
        *feeds: str,
        limit: int = 100,
        titles: int = 0,
        least: int = 1,
        schedule: str = DAILY,
        review: bool = False,
        key: str = "",
    ) -> Edition | None:
        """Open an edition over some feeds, by default the only one."""
        return self.store.open_edition(
            self.intent(*feeds, least=least, schedule=schedule, review=review, key=key),
            take(limit, titles),
        )

    def opened(
        self, *feeds: str, limit: int = 100, titles: int = 0, schedule: str = DAILY
    ) -> Edition:
        """Open an edition that somebody gets."""
        edition = self.open(*feeds, limit=limit, titles=titles, schedule=schedule)
        assert edition is not None
        return edition

    def intent(
        self,
        *feeds: str,
        least: int = 1,
        schedule: str = DAILY,
        review: bool = False,
        key: str = "",
    ) -> OpenEdition:
        """Return the intent to open an edition."""
        run = self.run(key, schedule)
        return OpenEdition(
            run=run.id,
            schedule=schedule,
            slot=run.slot,
            title="Daily",
            transport="outbox",
            feeds=feeds or FEEDS,
            now=self.now,
            min_articles=least,
            review=review,
            only=run.article,
        )

    def alert(
        self, article: ArticleId, pacing: Pacing | None = None, schedule: str = DAILY
    ) -> Edition | None:
        """Open an alert of one article."""
        intent = self.intent(schedule=schedule, key=f"alert:{article}")
        return self.store.open_edition(intent, take(9), None, pacing)

    def claim(
        self,
        edition: EditionId,
        owner: str = ME,
        limit: int = 500,
        pacing: Pacing | None = None,
    ) -> Sequence[Delivery]:
        """Claim a batch."""
        return self.store.claim(edition, owner, self.now, self.now + LEASE, limit, pacing)

    def turn(
        self,
        edition: EditionId,
        outcomes: Sequence[Outcome] = (),
        next: Sequence[DeliveryId] = (),  # noqa: A002  the ledger's word
        owner: str = ME,
    ) -> frozenset[int]:
        """Take one turn."""
        return self.store.turn(edition, owner, outcomes, next, self.now, self.now + LEASE)

    def send(
        self,
        edition: Edition,
        state: OutcomeState = OutcomeState.ACCEPTED,
        owner: str = ME,
        pacing: Pacing | None = None,
    ) -> dict[str, list[str]]:
        """Send all there is with one outcome; return titles by reader's name."""
        sent: dict[str, list[str]] = {}
        while batch := self.claim(edition.id, owner, pacing=pacing):
            going = self.turn(edition.id, next=[one.id for one in batch], owner=owner)
            outcomes = [outcome(number, state) for number in sorted(going)]
            self.turn(edition.id, outcomes, owner=owner)
            for one in batch:
                if one.id in going:
                    sent[one.name] = self.titles(one.articles)
        self.store.release(edition.id, owner, self.now)
        return sent

    def send_one(
        self, edition: Edition, state: OutcomeState = OutcomeState.ACCEPTED, owner: str = ME
    ) -> Delivery:
        """Send one copy with an outcome and return its ledger row."""
        (one,) = self.claim(edition.id, owner, limit=1)
        assert self.turn(edition.id, next=[one.id], owner=owner) == {one.id}
        self.turn(edition.id, [outcome(one.id, state)], owner=owner)
        return self.store.delivery(one.id)

    def digest(
        self, *feeds: str, limit: int = 100, least: int = 1, schedule: str = DAILY
    ) -> dict[str, list[str]]:
        """Open an edition, send it, finish it; return titles by reader's name."""
        edition = self.open(*feeds, limit=limit, least=least, schedule=schedule)
        if edition is None:
            return {}
        sent = self.send(edition)
        self.store.finish_editions(self.now)
        return sent

    def titles(self, articles: Sequence[ArticleId]) -> list[str]:
        """Return the titles of stored articles."""
        found = self.store.articles_by_id(articles)
        return [found[number].title for number in articles]

    def counts(self, edition: EditionId) -> Mapping[str, int]:
        """Return the edition's states that are not empty, by name."""
        found = self.store.edition(edition)
        assert sum(found.counts.values()) == found.audience
        return {state.value: count for state, count in found.counts.items() if count}


def story(title: str, **more: object) -> CollectedArticle:
    """Return a story as a source brings it."""
    named: dict[str, object] = {"external_id": title, "title": title, **more}
    return CollectedArticle(**named)  # type: ignore[arg-type]  # the tests' own keywords


def address(name: str) -> str:
    """Return a person's address."""
    return f"{name}@example.org"


def outcome(delivery: int, state: OutcomeState, **more: object) -> Outcome:
    """Return what a transport says."""
    named: dict[str, object] = {"delivery": DeliveryId(delivery), "state": state, **more}
    return Outcome(**named)  # type: ignore[arg-type]  # the tests' own keywords


def enrich(
    store: Store,
    article: ArticleId,
    key_points: tuple[str, ...] | None = None,
    related: Sequence[ArticleId] | None = None,
) -> None:
    """Enrich one article as it is now."""
    known = store.articles_by_id([article]).get(article)
    ties = (
        None if related is None else Relations(own=1.0, ties=tuple(Tie(n, 0.5) for n in related))
    )
    one = Enrichment(
        article=article,
        content_hash=known.content_hash if known else "",
        key_points=key_points,
        relations=ties,
    )
    store.save_enrichments([one])
