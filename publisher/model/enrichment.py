"""What enriching works with: how articles are tied to one another, and what is to be kept of it."""

from dataclasses import dataclass
from datetime import datetime

from publisher.model.articles import ArticleId


@dataclass(frozen=True, slots=True)
class Tie:
    """How strongly an article is tied to another one; the same seen from either side."""

    article: ArticleId
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What an article is tied to: best first, `own` the score it has with itself."""

    own: float = 0.0
    ties: tuple[Tie, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """What is asked of an article that may be offered under another one; it may be shown."""

    id: ArticleId
    published: datetime
    cluster: int | None = None
    relations: Relations = Relations()


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """What is to be kept of one article; None leaves things as they are.

    `content_hash` is that of the content that was looked at.
    """

    article: ArticleId
    content_hash: str = ""
    key_points: tuple[str, ...] | None = None
    relations: Relations | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was chosen, in words for editors; what weighs less than 0 counts against it."""

    words: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyPoint:
    """Why a sentence is a key point: what its score is the sum of, the largest first."""

    point: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyTie:
    """Why one article is offered under another: the words that both have.

    `alike` is how far the other one tells what this one tells, 0 to 1; each word's weight is its share
    of that, the largest first, and all shares add up to 1.
    """

    alike: float
    terms: tuple[Reason, ...]
