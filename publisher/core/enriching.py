"""Enrich: give articles key points and Read also links; a failing enricher costs only its enrichment.

A batch is indexed whole before anybody is asked what is related, so that it does not matter in which
order its articles came. No transaction is open while anything is computed.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from publisher.core.relating import all_told, chosen
from publisher.errors import StoreError
from publisher.model.articles import Article, ArticleId
from publisher.model.enrichment import Enrichment, Relations, Relative
from publisher.ports import Articles, EnrichSettings, KeyPoints, Library, Progress, ReadAlso

ASKED = 40
"""How many ties are looked at; some of them may not be shown, or are the same story."""

Terms = Mapping[ArticleId, Mapping[str, float]]
"""What articles are found by."""

Copies = Mapping[ArticleId, Collection[ArticleId]]
"""The near-copies of articles."""


class Clustering(Protocol):
    """Puts articles together that tell one story."""

    def cluster(
        self, articles: Sequence[Article], relations: Mapping[ArticleId, Relations]
    ) -> Copies:
        """Cluster articles, given what they are tied to; return the near-copies of each."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Enricher:
    """The enrich use-case. `complain` is told what could not be computed (article, reason).

    `clusters` puts articles that tell the same story together, once a batch, when they can be found.
    """

    store: Articles
    key_points: KeyPoints
    read_also: ReadAlso
    complain: Callable[[str, str], None]
    clusters: Clustering | None = None

    def enrich(self, settings: EnrichSettings, progress: Progress | None = None) -> int:
        """Enrich every article whose content changed; return how many. Raises StoreError."""
        done = 0
        while batch := self.store.unenriched():
            articles = list(self.store.articles_by_id(batch).values())
            if not articles:
                break
            library = self.store.library()
            terms = self._terms(articles)
            library.index(terms)
            found = self._found(articles, terms, library, settings)
            copies = self._copies(articles, found)
            points = {}
            for article in articles:
                points[article.id] = self._points(article, settings)
                done += 1
                if progress:
                    progress(done, None, article.title)
            newcomers = self._newcomers(found, copies, settings.read_also)
            self.store.save_enrichments(
                [
                    Enrichment(
                        article=article.id,
                        content_hash=article.content_hash,
                        key_points=points[article.id],
                        relations=_relations_of(newcomers.get(article.id)),
                    )
                    for article in articles
                ]
            )
            self._tell(newcomers, settings.read_also)
        return done

    def _terms(self, articles: Sequence[Article]) -> dict[ArticleId, Mapping[str, float]]:
        """Return what each article is found by."""
        terms: dict[ArticleId, Mapping[str, float]] = {}
        for article in articles:
            try:
                found = self.read_also.terms(article.title, article.text, article.language)
            except Exception as error:  # noqa: BLE001  an enricher is a stranger: isolation point
                self.complain(article.title, f"Read also index: {error!r}")
                found = {}
            terms[article.id] = found
        return terms

    def _points(self, article: Article, settings: EnrichSettings) -> tuple[str, ...]:
        if not settings.key_points or article.key_points_supplied:
            return ()
        try:
            return self.key_points.points(
                article.title,
                article.text,
                settings.key_points,
                article.language,
                article.standfirst,
            )
        except Exception as error:  # noqa: BLE001  an enricher is a stranger: isolation point
            self.complain(article.title, f"key points: {error!r}")
            return ()

    def _found(
        self, articles: Sequence[Article], terms: Terms, library: Library, settings: EnrichSettings
    ) -> dict[ArticleId, Relations]:
        """Return what the articles are tied to, where anybody asks."""
        if not settings.read_also and self.clusters is None:
            return {}
        return {one.id: self._related(one, terms[one.id], library) for one in articles}

    def _copies(self, articles: Sequence[Article], found: Mapping[ArticleId, Relations]) -> Copies:
        """Cluster the articles; return their near-copies, which are no further reading."""
        if self.clusters is None:
            return {}
        try:
            return self.clusters.cluster(articles, found)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  an enricher is a stranger: isolation point
            self.complain(articles[0].title, f"clusters: {error!r}")
            return {}

    def _newcomers(
        self, found: Mapping[ArticleId, Relations], copies: Copies, count: int
    ) -> dict[ArticleId, Relative]:
        """Return the articles that may be shown, with what they offer."""
        if not count:
            return {}
        named = {tie.article for one in found.values() for tie in one.ties} | found.keys()
        known = self.store.relatives(named)
        return {
            number: replace(
                known[number],
                relations=chosen(known[number], ties, known, count, copies.get(number, ())),
            )
            for number, ties in found.items()
            if number in known
        }

    def _tell(self, newcomers: Mapping[ArticleId, Relative], count: int) -> None:
        """Let older articles know of the newcomers that they are tied to."""
        elders = {tie.article for one in newcomers.values() for tie in one.relations.ties}
        if elders := elders - newcomers.keys():
            self.store.relate(elders, lambda known: all_told(newcomers, known, count))

    def _related(
        self, article: Article, terms: Mapping[str, float], library: Library
    ) -> Relations:
        try:
            return self.read_also.related(terms, library, ASKED)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  an enricher is a stranger: isolation point
            self.complain(article.title, f"Read also: {error!r}")
            return Relations()


def _relations_of(newcomer: Relative | None) -> Relations:
    return Relations() if newcomer is None else newcomer.relations
