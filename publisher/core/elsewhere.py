"""Where else a story stands: the other articles of its cluster. Serves documents, pages and digests.

Only what everybody may read is named, or what stands in the feeds at hand: that a private feed has a
story is nobody else's affair, and a page of ours that stands nowhere cannot be opened.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.core.cluster_rules import site
from publisher.core.viewing import entry, source_of
from publisher.model.articles import Article, ArticleId, ArticleState, Link
from publisher.model.definitions import FeedDefinition
from publisher.model.views import EntryView
from publisher.ports import Articles

ALSO_AT = 5
"""How many other sources of one story are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """The mates of articles that stand in one of these `feeds` and may be read `now`."""

    store: Articles
    feeds: Collection[str]
    now: datetime

    def entries(self, articles: Sequence[Article], feed: FeedDefinition) -> list[EntryView]:
        """Return articles as entries of a feed. Raises StoreError."""
        also = self.of(articles)
        return [entry(one, feed, also.get(one.id, ())) for one in articles]

    def of(self, articles: Sequence[Article]) -> Mapping[ArticleId, tuple[Link, ...]]:
        """Return where else the story of each of these stands, as far as it does. Raises StoreError."""
        clustered = {one.id: one for one in articles if one.cluster is not None}
        if not clustered:
            return {}
        mates = self.store.cluster_mates(list(clustered))
        places = self.store.memberships({one.id for mine in mates.values() for one in mine})
        shown = {
            number for number, slugs in places.items() if any(slug in self.feeds for slug in slugs)
        }
        return {
            number: also_at(clustered[number], [one for one in mine if one.id in shown], self.now)
            for number, mine in mates.items()
        }


def also_at(article: Article, mates: Sequence[Article], now: datetime) -> tuple[Link, ...]:
    """Return the other sources, each site once, by the name that the source gives itself."""
    sites = {site(article.url): Link(title="", url="")}
    for mate in mates:
        if mate.state is ArticleState.PUBLISHED and mate.url and mate.published <= now:
            sites.setdefault(site(mate.url), Link(title=_name(mate), url=mate.url))
    return tuple(link for link in sites.values() if link.url)[:ALSO_AT]


def _name(article: Article) -> str:
    """Return what people call the source of an article: its title, else the name of its site."""
    source = source_of(article)
    return " ".join(source.title.split()) if source and source.title else site(article.url)
