"""Reselect: when a feed's sources or rules were edited, decide anew which stored articles stand in it.

What enters a feed this way is never mailed: it is not news.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from publisher.core.selecting import enters
from publisher.model.articles import Article, CollectedArticle, SourceState
from publisher.model.definitions import FeedDefinition
from publisher.ports import Articles, Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Reselector:
    """The reselect use-case; cheap when nothing was edited."""

    store: Articles
    clock: Clock

    def reselect(self, feeds: Sequence[FeedDefinition]) -> int:
        """Bring every edited feed in step with its definition; return how many were edited."""
        states = self.store.source_states([_memory(feed) for feed in feeds])
        edited = [
            feed
            for feed in feeds
            if states.get(_memory(feed), SourceState(key="")).cursor.get("rules") != _rules(feed)
        ]
        used = self.store.feeds_with_articles() if edited else {}
        now = self.clock.now()
        for feed in edited:
            sources = {source.key for source in feed.sources}
            # A source that is known may say "nothing new" for ever: its stories must enter now.
            if used.get(feed.slug) or self.store.source_states(sources):
                standing = [
                    article.id
                    for article in self._stored(sources)
                    if enters(feed.select, _collected(article), article.source)
                ]
                self.store.set_memberships(feed.slug, standing, now)
            state = SourceState(key=_memory(feed))
            self.store.save_state(replace(state, cursor={"rules": _rules(feed)}))
        return len(edited)

    def _stored(self, sources: Collection[str]) -> Iterator[Article]:
        """Yield every stored article of these sources, a few of them in memory at a time."""
        page = self.store.articles_from(sources)
        while page:
            yield from page
            page = self.store.articles_from(sources, after=page[-1].id)


def _memory(feed: FeedDefinition) -> str:
    return f"feed:{feed.slug}"


def _rules(feed: FeedDefinition) -> str:
    said = repr((sorted(source.key for source in feed.sources), feed.select))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _collected(article: Article) -> CollectedArticle:
    return CollectedArticle(
        external_id=article.external_id,
        title=article.title,
        text=article.text,
        url=article.url,
        tags=article.tags,
        authors=article.authors,
        language=article.language,
    )
