"""Ports of enriching: what an article gets before anybody reads it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from publisher.model.articles import Article, ArticleId
from publisher.model.enrichment import Relations, WhyPoint, WhyTie


class Library(Protocol):
    """The posting index of stored articles, for enrichers that relate one to others."""

    def size(self) -> int:
        """Return how many articles are indexed."""
        ...

    def index(self, articles: Mapping[ArticleId, Mapping[str, float]]) -> None:
        """Replace the terms of articles, and their weights."""
        ...

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return in how many articles each known term stands."""
        ...

    def postings(self, wanted: Mapping[str, int]) -> Mapping[str, list[tuple[int, float]]]:
        """Return (article id, weight) lists by term: of each the newest articles, as many as wanted."""
        ...

    def scores(
        self, asked: Mapping[str, tuple[int, float]], count: int
    ) -> Sequence[tuple[int, float]]:
        """Return the best articles with their scores: the sums of weight times share over the postings.

        `asked` says of each term how many of its newest postings are read, and its share.
        """
        ...


class KeyPoints(Protocol):
    """Computes key points where none were supplied."""

    def points(
        self, title: str, text: str, count: int, language: str = "", standfirst: str = ""
    ) -> tuple[str, ...]:
        """Return at most `count` whole clean sentences of the text, in text order. Pure, total."""
        ...


class ReadAlso(Protocol):
    """Relates an article to others of the library."""

    def terms(self, title: str, text: str, language: str = "") -> Mapping[str, float]:
        """Return the terms an article is found by, with their weights. Pure, total."""
        ...

    def related(self, terms: Mapping[str, float], library: Library, count: int) -> Relations:
        """Return what an article of these terms is tied to: at most `count`, itself included, best first."""
        ...

    def own(self, terms: Mapping[str, float], library: Library) -> float:
        """Return the score that an article of these terms has with itself now."""
        ...


@runtime_checkable
class ExplainsPoints(Protocol):
    """What can say why it chose its key points; asked by the command line."""

    def explain(
        self, title: str, text: str, count: int, language: str = "", standfirst: str = ""
    ) -> tuple[WhyPoint, ...]:
        """Return the points that `KeyPoints.points` returns, in text order, each with its reasons. Pure."""
        ...


@runtime_checkable
class ExplainsTies(Protocol):
    """What can say why two articles are related; asked by the command line."""

    def explain(self, article: Article, other: Article, library: Library) -> WhyTie:
        """Return what ties `other` to `article`, in words of `article`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichSettings:
    """How many key points and Read also links an article gets (the largest of its feeds)."""

    key_points: int = 3
    read_also: int = 3
