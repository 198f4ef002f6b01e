"""Freeze what an edition says: its stories as they are at the moment it opens.

A copy is made from this alone, so that it is the same at every attempt (promise 3), whatever is
edited, hidden or collected afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from publisher.core.elsewhere import Elsewhere
from publisher.core.viewing import story
from publisher.errors import Conflict
from publisher.model.definitions import FeedDefinition, ScheduleDefinition
from publisher.model.editions import Edition, EditionContent
from publisher.model.views import StoryView
from publisher.ports import Articles, Editions

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
        public = {slug for slug, feed in self.feeds.items() if feed.public}
        elsewhere = Elsewhere(
            store=self.store, feeds=public.union(schedule.feeds), now=edition.opened
        )
        also = elsewhere.of(list(articles.values()))
        made = []
        for number in edition.articles:
            if number not in articles:
                continue
            feeds = tuple(slug for slug in schedule.feeds if slug in places.get(number, ()))
            feed = next((self.feeds[slug] for slug in feeds if slug in self.feeds), None)
            made.append(story(articles[number], feeds, feed, also.get(number, ())))
        return unrepeated(made)


def unrepeated(stories: Sequence[StoryView]) -> tuple[StoryView, ...]:
    """Return stories whose Read also leads out of the edition, and to each place once."""
    seen = {one.url for one in stories}
    told = []
    for one in stories:
        fresh = tuple(link for link in one.read_also if link.url not in seen)
        seen.update(link.url for link in fresh)
        told.append(replace(one, read_also=fresh))
    return tuple(told)
