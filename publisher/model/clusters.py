"""Clusters: articles that tell one story, which of them leads, and what is known of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from publisher.model.articles import ArticleId

KEYS = 24
"""How many of its hashes a text is found by: a copy shares at least one with its original, at a
likeness of 0.25 but for 1 in 1,000."""

NEAR = 0.25
"""Likeness from which two texts are near-copies. Texts of two stories stay below 0.07; a copy of which
a fifth of the words are others has 0.28 to 0.35."""


class Lead(StrEnum):
    """Which article of a cluster leads."""

    FIRST = "first"  # the one published first
    LONGEST = "longest"  # the one with the longest text


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """`[clusters]`: articles of one story lie at most `days` apart; `prefer` names sources that lead.

    A source is named by its key or its address; those named first lead before others.
    """

    enabled: bool = True
    lead: Lead = Lead.FIRST
    prefer: tuple[str, ...] = ()
    days: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Sketch:
    """The smallest hashes of a text's shingles, rising, and how many shingles it has.

    Without any it is of a text too short, which is like nothing.
    """

    marks: tuple[int, ...] = ()
    size: int = 0

    @property
    def keys(self) -> tuple[int, ...]:
        """Return the hashes by which the text is found."""
        return self.marks[:KEYS]


class Placed(StrEnum):
    """Who put an article where it is."""

    BY_ITSELF = ""
    APART = "apart"  # an operator: it stands alone until they say otherwise
    JOINED = "joined"  # an operator: it stays in its cluster, whatever it says


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An article as far as clusters go.

    `follows` means that another one leads in documents. `length` is that of its text.
    """

    id: ArticleId
    source: str
    url: str = ""
    published: datetime
    length: int = 0
    cluster: int | None = None
    placed: Placed = Placed.BY_ITSELF
    follows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Where an article is put. A negative `cluster` stands for a new one, None for none."""

    cluster: int | None = None
    placed: Placed = Placed.BY_ITSELF
    follows: bool = False


class Bond(StrEnum):
    """What makes two articles one story."""

    COPY = "copy"  # one text
    COVERAGE = "coverage"  # one event, told by two sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """An article that tells the same story as another one: how strongly, from 0 to 1.

    Where it does not `join`, it is only near enough to stay together with.
    """

    article: ArticleId
    bond: Bond
    strength: float
    joins: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """An article and its partners, the strongest first."""

    article: ArticleId
    partners: tuple[Partner, ...] = ()
