"""Cluster: put articles together that tell one story, copies of a text and coverage of an event.

Serves enriching. What is compared is bounded for each article, however large the archive is; the
rules stand in cluster_rules. What two processes find at once is settled one after the other.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from publisher.core.cluster_rules import (
    Known,
    copies,
    coverage,
    join,
    may_cover,
    resemblance,
    settle,
    split,
)
from publisher.core.leading import policy
from publisher.errors import UsageError
from publisher.model.articles import Article, ArticleId
from publisher.model.clusters import NEAR, ClusterSettings, Resemblance, Sketch
from publisher.model.enrichment import Relations, Tie
from publisher.ports import Articles, Clusters

PROMISING = 0.2
"""Share of an article's own score that a tie needs to be looked at: what is strong is well above it."""

Alike = Mapping[ArticleId, Mapping[ArticleId, float]]
"""Likeness of texts, by article and other article."""


class ClusterStore(Articles, Clusters, Protocol):
    """What clustering needs of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusterer:
    """The cluster use-case; `sketch` and `likeness` tell near-copies.

    `own` returns the score that an article has with itself, by which ties are measured.
    """

    store: ClusterStore
    sketch: Callable[[str, str], Sketch]
    likeness: Callable[[Sketch, Sketch], float]
    own: Callable[[Article], float]
    settings: ClusterSettings = field(default_factory=ClusterSettings)

    def cluster(
        self, articles: Sequence[Article], relations: Mapping[ArticleId, Relations]
    ) -> Mapping[ArticleId, Collection[ArticleId]]:
        """Cluster new and changed articles, given what they are tied to; return their near-copies.

        These are of any age and source, also where they make no cluster. Raises StoreError.
        """
        sketches = {one.id: self.sketch(one.title, one.text) for one in articles}
        fresh = self.store.save_sketches(sketches)
        promising = {
            number: [tie for tie in one.ties if tie.score >= PROMISING * one.own]
            for number, one in relations.items()
        }
        alike = self._alike(sketches, promising)
        if self.settings.enabled:
            self._settle(self._found(alike, relations, promising), fresh)
        return {
            number: {other for other, likeness in others.items() if likeness >= NEAR}
            for number, others in alike.items()
        }

    def split(self, article: ArticleId) -> Collection[ArticleId]:
        """Take an article out of its cluster for good; return whose place changed. Raises StoreError."""
        return self.store.settle_clusters([article], lambda standings: split(standings, article))

    def join(self, articles: Sequence[ArticleId]) -> Collection[ArticleId]:
        """Put articles and their clusters together for good; return whose place changed.

        Raises UsageError for less than two, StoreError.
        """
        asked = frozenset(articles)
        if len(asked) < 2:  # noqa: PLR2004  one alone is no cluster
            raise UsageError("join", "needs two different articles at least")
        return self.store.settle_clusters(asked, lambda standings: join(standings, asked))

    def _alike(
        self,
        sketches: Mapping[ArticleId, Sketch],
        promising: Mapping[ArticleId, Sequence[Tie]],
    ) -> Alike:
        """Return how like each text is to those that share a key with it, or are tied to it."""
        sharing = self.store.sharing(sketches)
        asked = {
            number: {*sharing.get(number, ()), *(tie.article for tie in promising.get(number, ()))}
            - {number}
            for number in sketches
        }
        others = {other for one in asked.values() for other in one}
        known = {**self.store.sketches(others - sketches.keys()), **sketches}
        return {
            number: {
                other: self.likeness(sketches[number], known[other])
                for other in sorted(asked[number] & known.keys())
            }
            for number in sketches
        }

    def _found(
        self,
        alike: Alike,
        relations: Mapping[ArticleId, Relations],
        promising: Mapping[ArticleId, Sequence[Tie]],
    ) -> list[Resemblance]:
        """Return what is to be settled: articles with partners, and those that stand in a cluster."""
        tied = {tie.article for ties in promising.values() for tie in ties}
        compared = {other for one in alike.values() for other in one}
        known = self.store.standings({*alike, *compared, *tied})
        owns = self._owns(relations, promising, known)
        found = []
        for number, others in alike.items():
            me = known.get(number)
            if me is None:
                continue
            near = {other: like for other, like in others.items() if other in known}
            own = owns.get(number, 0.0)
            partners = [
                *copies(me, near, known),
                *coverage(me, own, promising.get(number, ()), owns, known),
            ]
            one = resemblance(me, partners, known, self.settings.days)
            if one.partners or me.cluster is not None:
                found.append(one)
        return found

    def _owns(
        self,
        relations: Mapping[ArticleId, Relations],
        promising: Mapping[ArticleId, Sequence[Tie]],
        known: Known,
    ) -> Mapping[ArticleId, float]:
        """Return the scores that articles have with themselves, of elders those that may matter.

        What was kept of an elder counts no more: terms are rarer in a larger archive.
        """
        asked = {
            tie.article
            for number, ties in promising.items()
            for tie in ties
            if number in known
            and tie.article in known.keys() - relations.keys()
            and may_cover(known[number], known[tie.article], self.settings.days)
        }
        elders = self.store.articles_by_id(asked)
        now = {number: self.own(one) for number, one in elders.items()}
        return now | {number: one.own for number, one in relations.items()}

    def _settle(self, found: Sequence[Resemblance], fresh: Collection[ArticleId]) -> None:
        concerned = {one.article for one in found}
        concerned |= {partner.article for one in found for partner in one.partners}
        leads = policy(self.settings)
        self.store.settle_clusters(
            concerned,
            lambda standings: settle(standings, found, fresh, leads, self.settings.days),
        )
