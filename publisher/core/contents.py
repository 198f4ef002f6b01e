"""Freeze what an edition says: its stories as they are at the moment it opens.

A copy is made from this alone, so that it is the same at every attempt (promise 3), whatever is
edited, hidden or collected afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from publisher.core.viewing import story
from publisher.errors import Conflict
from publisher.model.articles import Article, ArticleState, Link
from publisher.model.definitions import FeedDefinition, ScheduleDefinition
from publisher.model.editions import Edition, EditionContent
from publisher.model.views import StoryView
from publisher.ports import Articles, Editions

ALSO_AT = 5
"""How many other sources of one story are named."""

Illustrate = Callable[[Sequence[StoryView]], tuple[StoryView, ...]]
"""Gives stories pictures that may be shown in mail."""


class ContentStore(Articles, Editions, Protocol):
    """What freezing needs of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The freeze use-case."""

    store: ContentStore
    feeds: Mapping[str, FeedDefinition]
    illustrate: Illustrate = tuple

    def of(self, edition: Edition, schedule: ScheduleDefinition) -> EditionContent:
        """Return what an edition says; writes nothing, makes no pictures. Raises StoreError."""
        found = self.store.content(edition.id)
        return found or EditionContent(stories=self._stories(edition, schedule))

    def freeze(self, edition: Edition, schedule: ScheduleDefinition) -> EditionContent:
        """Find or make what an edition says, and keep it. Raises StoreError."""
        found = self.store.content(edition.id)
        if found is not None:
            return found
        try:
            return self.store.save_content(edition.id, self.build(edition, schedule), 0)
        except Conflict:  # another process was first: theirs counts
            return self.of(edition, schedule)

    def build(self, edition: Edition, schedule: ScheduleDefinition) -> EditionContent:
        """Return what an edition of these articles says now, illustrated. Raises StoreError."""
        return EditionContent(stories=self.illustrate(self._stories(edition, schedule)))

    def _stories(self, edition: Edition, schedule: ScheduleDefinition) -> tuple[StoryView, ...]:
        articles = self.store.articles_by_id(edition.articles)
        places = self.store.memberships(edition.articles)
        mates = self.store.cluster_mates(edition.articles)
        made = []
        for number in edition.articles:
            if number not in articles:
                continue
            feeds = tuple(slug for slug in schedule.feeds if slug in places.get(number, ()))
            feed = next((self.feeds[slug] for slug in feeds if slug in self.feeds), None)
            also = also_at(articles[number], mates.get(number, ()))
            made.append(story(articles[number], feeds, feed, also))
        return tuple(made)


def also_at(article: Article, mates: Sequence[Article]) -> tuple[Link, ...]:
    """Return where else the story stands: other sources, each site once, by the site's name."""
    sites = {_site(article.url): Link(title="", url="")}
    for mate in mates:
        if mate.state is ArticleState.PUBLISHED and mate.url:
            sites.setdefault(_site(mate.url), Link(title=_site(mate.url), url=mate.url))
    return tuple(link for link in sites.values() if link.url)[:ALSO_AT]


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
