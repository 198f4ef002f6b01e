"""Ports of writing: key points that somebody outside writes, such as a language model.

Used by core.writing. Articles have extractive points before anybody is asked, and keep them until an
answer has come.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from publisher.model.articles import ArticleId
from publisher.ports.enriching import KeyPoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointed:
    """An article whose key points were computed, as far as that concerns writing."""

    id: ArticleId
    title: str
    text: str
    language: str
    points: tuple[str, ...]
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known of one question. `points` is the answer, () while there is none.

    `due` is when it may be asked (again), None when that is settled: answered, or given up.
    """

    points: tuple[str, ...] = ()
    tries: int = 0
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a service has behaved. Nobody asks before `until`; `error` says why, "" when all is well."""

    failures: int = 0
    until: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was asked on one day."""

    requests: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may be asked on one day; `tokens` 0 is as many as there are."""

    requests: int
    tokens: int = 0


class Purse(Protocol):
    """Pays for requests, of a budget that processes share."""

    def take(self, tokens: int) -> bool:
        """Count a request that is about to go and what it will cost; False when it may not go."""
        ...

    def settle(self, taken: int, used: int) -> None:
        """Correct what a request cost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Key points as they may be shown; so many of them `fell_back` to extractive ones, and why.

    `asked` is False where nobody had to be asked: the article is too short for any.
    """

    points: tuple[str, ...]
    fell_back: int = 0
    reasons: tuple[str, ...] = ()
    asked: bool = True


class PointWriter(Protocol):
    """Writes key points. Thread-safe."""

    @property
    def maker(self) -> str:
        """Name what makes the points: with another maker, an answer is another one."""
        ...

    @property
    def service(self) -> str:
        """Name who is asked, with which key: with another one, all trouble is forgotten."""
        ...

    def write(
        self, title: str, text: str, count: int, language: str, purse: Purse
    ) -> Written | None:
        """Return as many points as are extracted of the text; None when the purse is empty.

        Raises ModelError: ModelRefused, ModelUnavailable, or for an answer that cannot be used; and
        ConfigError when asking anybody is in vain until somebody changes something.
        """
        ...

    def probe(self) -> str:
        """Return one line on whether somebody answers. Raises ModelError, ConfigError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterContext:
    """What a writer of key points is handed: the points to fall back to."""

    key_points: KeyPoints


class Writings(Protocol):
    """What is remembered of questions and answers; used by writing. Any verb may raise StoreError."""

    def pointed(self, since: datetime, now: datetime, limit: int) -> Sequence[Pointed]:
        """Return readable articles published since then whose points were computed, newest first.

        Those whose points were supplied, or set by the operator, are not among them.
        """
        ...

    def answers(self, keys: Collection[str]) -> Mapping[str, Answer]:
        """Return what is known of these questions; unknown ones are absent."""
        ...

    def claim_answers(
        self, keys: Sequence[str], now: datetime, until: datetime, limit: int
    ) -> Sequence[str]:
        """Return the first of these that are due and nobody asks, and keep others from asking until then."""
        ...

    def keep_answer(self, key: str, answer: Answer, now: datetime) -> None:
        """Remember an answer, or that there is none yet. Old ones are forgotten."""
        ...

    def set_points(self, article: Pointed, points: Sequence[str]) -> bool:
        """Replace the computed points of an article; False when it has changed since it was read.

        Its documents are renewed; it is no significant edit, and nothing is mailed again.
        """
        ...

    def spend(self, purpose: str, day: str, budget: Budget, tokens: int) -> bool:
        """Count a request and its tokens, unless the day's budget is spent; tell which."""
        ...

    def settle(self, purpose: str, day: str, tokens: int) -> None:
        """Add to (or take from) the tokens of a day."""
        ...

    def spent(self, purpose: str, day: str) -> Spent:
        """Return what a day has cost so far."""
        ...

    def service_state(self, service: str) -> Service:
        """Return how a service has behaved."""
        ...

    def note_service(self, service: str, state: Service) -> bool:
        """Remember how a service behaves; False when its error is the one that is known already."""
        ...
