"""The posting index of one file's texts, in memory; serves `read-also`. Implements ports.Library."""

from collections.abc import Collection, Mapping, Sequence

from publisher.model.articles import ArticleId


class MemoryLibrary:
    """Postings in dictionaries, for as long as a command runs."""

    def __init__(self) -> None:
        self._postings: dict[str, dict[int, float]] = {}
        self._terms: dict[int, tuple[str, ...]] = {}

    def size(self) -> int:
        """Return how many articles are indexed."""
        return len(self._terms)

    def index(self, article: ArticleId, terms: Mapping[str, float]) -> None:
        """Replace the article's terms and their weights."""
        for term in self._terms.get(article, ()):
            del self._postings[term][article]
        self._terms[article] = tuple(terms)
        for term, weight in terms.items():
            self._postings.setdefault(term, {})[article] = weight

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return in how many articles each known term stands."""
        return {term: len(self._postings[term]) for term in terms if self._postings.get(term)}

    def postings(
        self, terms: Sequence[str], budget: int
    ) -> Mapping[str, Sequence[tuple[int, float]]]:
        """Return (article id, weight) lists term by term, newest first, up to `budget` in all."""
        found: dict[str, Sequence[tuple[int, float]]] = {}
        for term in terms:
            if budget <= 0:
                break
            newest = sorted(self._postings.get(term, {}).items(), reverse=True)
            if newest:
                found[term] = newest[:budget]
                budget -= len(found[term])
        return found
