"""What enriches the articles of one publication. Serves the composition root."""

from typing import TYPE_CHECKING, cast

from publisher.app.parts import plain
from publisher.core.clustering import Clusterer
from publisher.core.enriching import Enricher
from publisher.kit.near_copies import likeness, sketch
from publisher.model.articles import Article
from publisher.ports import EnrichSettings, KeyPoints, Progress, ReadAlso

if TYPE_CHECKING:
    from publisher.app.parts import Parts


def settings(parts: "Parts") -> EnrichSettings:
    """Return how much an article gets: the most that one of its feeds may want."""
    feeds = parts.definitions.feeds.values()
    return EnrichSettings(
        key_points=max((feed.key_points for feed in feeds), default=3),
        read_also=max((feed.read_also for feed in feeds), default=3),
    )


def clusterer(parts: "Parts", read_also: ReadAlso | None = None) -> Clusterer:
    """Return what puts articles together that tell one story."""
    finder = read_also or cast("ReadAlso", plain("enrich", "read_also"))

    def own(article: Article) -> float:
        terms = finder.terms(article.title, article.text, article.language)
        return finder.own(terms, parts.store.library())

    return Clusterer(
        store=parts.store,
        sketch=sketch,
        likeness=likeness,
        own=own,
        settings=parts.definitions.clusters,
    )


def enriched(parts: "Parts", progress: Progress | None = None) -> int:
    """Give new and changed articles key points and Read also; return how many. Raises StoreError."""
    read_also = cast("ReadAlso", plain("enrich", "read_also"))
    enricher = Enricher(
        store=parts.store,
        key_points=cast("KeyPoints", plain("enrich", "key_points")),
        read_also=read_also,
        complain=parts.complain,
        clusters=clusterer(parts, read_also),
    )
    return enricher.enrich(settings(parts), progress)
