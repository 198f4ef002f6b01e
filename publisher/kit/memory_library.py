"""A posting index in memory: the `Library` port without a store.

Serves the command `read-also`, which works on a file alone, and tests. Not thread-safe.
"""

from collections.abc import Collection, Mapping, Sequence

from publisher.model.articles import ArticleId


class MemoryLibrary:
    """Articles by term; within a term the newest (highest id) first, as the store answers."""

    def __init__(self) -> None:
        self._terms: dict[ArticleId, Mapping[str, float]] = {}
        self._articles: dict[str, dict[int, float]] = {}

    def size(self) -> int:
        """Return how many articles are indexed."""
        return len(self._terms)

    def index(self, article: ArticleId, terms: Mapping[str, float]) -> None:
        """Replace the article's terms and their weights."""
        for term in self._terms.pop(article, {}):
            self._articles[term].pop(article)
        if terms:
            self._terms[article] = dict(terms)
        for term, weight in terms.items():
            self._articles.setdefault(term, {})[article] = weight

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return in how many articles each known term stands."""
        return {term: len(found) for term in terms if (found := self._articles.get(term))}

    def postings(
        self, terms: Sequence[str], budget: int
    ) -> Mapping[str, Sequence[tuple[int, float]]]:
        """Return (article id, weight) lists term by term, up to `budget` rows in all."""
        answer: dict[str, Sequence[tuple[int, float]]] = {}
        for term in dict.fromkeys(terms):
            found = sorted(self._articles.get(term, {}).items(), reverse=True)[: max(budget, 0)]
            if found:
                answer[term] = found
                budget -= len(found)
        return answer
