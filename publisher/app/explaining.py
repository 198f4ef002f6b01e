"""Why an article has the key points and the links it has. Serves the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from publisher.app.enriching import settings
from publisher.app.parts import plain
from publisher.model.articles import Article, Origin
from publisher.model.enrichment import WhyPoint, WhyTie
from publisher.ports import ExplainsPoints, ExplainsTies

if TYPE_CHECKING:
    from publisher.app.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What made computed points (by their words) and links (by their address)."""

    points: Mapping[str, WhyPoint] = field(default_factory=dict)
    ties: Mapping[str, WhyTie] = field(default_factory=dict)


def explained(parts: "Parts", article: Article) -> Explained:
    """Return the reasons of what was computed for an article, as far as enrichers give any.

    They are worked out anew, from what is stored now. Raises StoreError.
    """
    return Explained(points=_points(parts, article), ties=_ties(parts, article))


def _points(parts: "Parts", article: Article) -> Mapping[str, WhyPoint]:
    enricher = plain("enrich", "key_points")
    if article.points_by is not Origin.COMPUTED or not isinstance(enricher, ExplainsPoints):
        return {}
    count = settings(parts).key_points
    found = enricher.explain(
        article.title, article.text, count, article.language, article.standfirst
    )
    return {one.point: one for one in found}


def _ties(parts: "Parts", article: Article) -> Mapping[str, WhyTie]:
    enricher = plain("enrich", "read_also")
    if article.own_read_also is not None or not isinstance(enricher, ExplainsTies):
        return {}
    library = parts.store.library()
    others = parts.store.articles_by_id([one.id for one in article.related])
    return {
        one.url: enricher.explain(article, others[one.id], library)
        for one in article.related
        if one.id in others
    }
