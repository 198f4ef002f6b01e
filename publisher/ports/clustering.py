"""The port of clusters: sketches of texts, and which articles tell one story.

Each verb is one transaction. Any verb may raise StoreError.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from publisher.model.articles import ArticleId
from publisher.model.clusters import Settled, Sketch, Standing


class Clusters(Protocol):
    """What is remembered of clusters; used by clustering and the command line."""

    def save_sketches(self, sketches: Mapping[ArticleId, Sketch]) -> Collection[ArticleId]:
        """Replace the sketches of articles; return those that had none, which nobody was shown yet."""
        ...

    def sketches(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Sketch]:
        """Return the sketches there are of these."""
        ...

    def sharing(
        self, sketches: Mapping[ArticleId, Sketch], limit: int = 20
    ) -> Mapping[ArticleId, Collection[ArticleId]]:
        """Return which articles share keys with each of these, those that share most.

        Of each key the newest articles are looked at, up to a limit.
        """
        ...

    def standings(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Standing]:
        """Return where these stand, as far as there are any."""
        ...

    def settle_clusters(
        self,
        concerned: Collection[ArticleId],
        decide: Callable[[Sequence[Standing]], Mapping[ArticleId, Settled]],
    ) -> Collection[ArticleId]:
        """Put articles where a pure decision says, given them and all of their clusters.

        Nobody else settles clusters meanwhile. Who had been sent a cluster is taken to have been sent
        what leaves it. Returns the articles whose place changed.
        """
        ...
