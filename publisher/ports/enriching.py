"""Ports of enriching: what an article gets before anybody reads it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from publisher.model.articles import ArticleId


class Library(Protocol):
    """The posting index of stored articles, for enrichers that relate one to others."""

    def size(self) -> int:
        """Return how many articles are indexed."""
        ...

    def index(self, article: ArticleId, terms: Mapping[str, float]) -> None:
        """Replace the article's terms and their weights."""
        ...

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return in how many articles each known term stands."""
        ...

    def postings(
        self, terms: Sequence[str], budget: int
    ) -> Mapping[str, Sequence[tuple[int, float]]]:
        """Return (article id, weight) lists term by term, in the order given, up to `budget` rows in all."""
        ...


class KeyPoints(Protocol):
    """Computes key points where none were supplied."""

    def points(self, title: str, text: str, count: int, language: str = "") -> tuple[str, ...]:
        """Return at most `count` whole clean sentences of the text, in text order. Pure, total."""
        ...


class ReadAlso(Protocol):
    """Relates an article to others of the library."""

    def index(self, article: ArticleId, title: str, text: str, library: Library) -> None:
        """Make the article findable."""
        ...

    def related(
        self, article: ArticleId, title: str, text: str, count: int, library: Library
    ) -> tuple[ArticleId, ...]:
        """Return at most `count` other articles, best first; none rather than unrelated ones."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichSettings:
    """How many key points and Read also links an article gets (the largest of its feeds)."""

    key_points: int = 3
    read_also: int = 3
