"""Gather: feeds of what articles have in common (all of them, a tag, an author, a source).

Serves publishing. Nobody writes these feeds: they come when the first article of a topic is public
and go with the last one; all else about them is as with other feeds. Private feeds lend nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.model.archives import FeedState
from publisher.model.definitions import FeedDefinition, Publication
from publisher.model.topics import Topic
from publisher.ports import Topics


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The feeds there are besides those that somebody wrote, and how new each of them is."""

    feeds: tuple[FeedDefinition, ...] = ()
    states: Mapping[str, FeedState] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """The gather use-case: `kinds` of model.topics.KINDS."""

    store: Topics
    publication: Publication
    kinds: Collection[str]

    def gather(self, feeds: Sequence[FeedDefinition], now: datetime) -> Gathered:
        """Return the further feeds of these ones' articles. Raises StoreError."""
        if not self.kinds:
            return Gathered()
        self.store.sort_topics()
        found = self.store.topics(self.kinds, public(feeds), now)
        return Gathered(
            feeds=tuple(self._feed(one, feeds) for one in found),
            states={one.slug: one.state for one in found},
        )

    def _feed(self, topic: Topic, feeds: Sequence[FeedDefinition]) -> FeedDefinition:
        """Return a feed for people to subscribe to, full text only where all feeds give it."""
        who = self.publication.title
        return FeedDefinition(
            slug=topic.slug,
            title=f"{topic.title} — {who}" if topic.title else who,
            full_text=all(feed.full_text for feed in feeds if feed.public),
            gathers=topic.kind,
            lenders=tuple(sorted(public(feeds))),
        )


def public(feeds: Sequence[FeedDefinition]) -> frozenset[str]:
    """Return the slugs of feeds that everybody may read and that go on."""
    return frozenset(feed.slug for feed in feeds if feed.public and not feed.gathers)
