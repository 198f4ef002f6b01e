"""A posting index in memory: the `Library` port without a store.

Serves the command `read-also`, which works on a file alone, and tests. Not thread-safe.
"""

import heapq
from collections import defaultdict
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

    def index(self, articles: Mapping[ArticleId, Mapping[str, float]]) -> None:
        """Replace the terms of articles, and their weights."""
        for article, terms in articles.items():
            for term in self._terms.pop(article, {}):
                self._articles[term].pop(article)
            if terms:
                self._terms[article] = dict(terms)
            for term, weight in terms.items():
                self._articles.setdefault(term, {})[article] = weight

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return in how many articles each known term stands."""
        return {term: len(found) for term in terms if (found := self._articles.get(term))}

    def postings(self, wanted: Mapping[str, int]) -> Mapping[str, list[tuple[int, float]]]:
        """Return (article id, weight) lists by term: of each the newest articles, as many as wanted."""
        answer: dict[str, list[tuple[int, float]]] = {}
        for term, count in wanted.items():
            known = self._articles.get(term)
            if known and count > 0:
                answer[term] = heapq.nlargest(count, known.items())
        return answer

    def scores(
        self, asked: Mapping[str, tuple[int, float]], count: int
    ) -> Sequence[tuple[int, float]]:
        """Return the best articles with their scores: the sums of weight times share over the postings."""
        found = self.postings({term: wanted for term, (wanted, _) in asked.items()})
        scores: defaultdict[int, float] = defaultdict(float)
        for term, postings in found.items():
            share = asked[term][1]
            for article, weight in postings:
                scores[article] += weight * share
        best = heapq.nsmallest(count, ((-score, article) for article, score in scores.items()))
        return [(article, -score) for score, article in best]
