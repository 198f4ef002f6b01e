"""Enrich: give articles key points and Read also links; a failing enricher costs only its enrichment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from publisher.errors import StoreError
from publisher.model.articles import Article, ArticleId
from publisher.ports import Articles, EnrichSettings, KeyPoints, Library, Progress, ReadAlso


@dataclass(frozen=True, slots=True, kw_only=True)
class Enricher:
    """The enrich use-case. `complain` is told what could not be computed (article, reason)."""

    store: Articles
    key_points: KeyPoints
    read_also: ReadAlso
    complain: Callable[[str, str], None]

    def enrich(self, settings: EnrichSettings, progress: Progress | None = None) -> int:
        """Enrich every article whose content changed; return how many. Raises StoreError."""
        done = 0
        while batch := self.store.unenriched():
            articles = self.store.articles_by_id(batch)
            library = self.store.library()
            for article in articles.values():
                self._index(article, library)
            for article in articles.values():
                self._enrich_one(article, settings, library)
                done += 1
                if progress:
                    progress(done, None, article.title)
            if not articles:
                break
        return done

    def _index(self, article: Article, library: Library) -> None:
        try:
            self.read_also.index(article.id, article.title, article.text, library)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  an enricher is a stranger: isolation point
            self.complain(article.title, f"Read also index: {error!r}")

    def _enrich_one(self, article: Article, settings: EnrichSettings, library: Library) -> None:
        points: Sequence[str] = ()
        related: Sequence[ArticleId] = ()
        try:
            if settings.key_points and not article.key_points_supplied:
                points = self.key_points.points(
                    article.title, article.text, settings.key_points, article.language
                )
            if settings.read_also:
                related = self.read_also.related(
                    article.id, article.title, article.text, settings.read_also, library
                )
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  an enricher is a stranger: isolation point
            self.complain(article.title, f"enriching: {error!r}")
        self.store.save_enrichment(article.id, key_points=points, related=related)
