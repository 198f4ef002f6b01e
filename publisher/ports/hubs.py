"""Ports of WebSub: what our hub and our pings need of the store and of the web.

Each store verb is one transaction, begun and ended inside it. Any store verb may raise StoreError.
Several processes may do the work: who takes a piece holds it until an instant, and nobody else has
it before that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from publisher.model.hubs import (
    HubAnswer,
    HubFigures,
    HubRequest,
    IntentId,
    PendingIntent,
    PendingPing,
    PendingPush,
    PingId,
    PushId,
    TopicFigures,
)


class Answered(NamedTuple):
    """What a web server said: the status, as much of the body as was asked for, headers by lower-case name."""

    status: int
    body: bytes
    headers: Mapping[str, str] = MappingProxyType({})


class Caller(Protocol):
    """Asks addresses that strangers name: guarded, in bounded time, never led elsewhere."""

    def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        keep: int = 0,
    ) -> Answered:
        """Make one request; no redirect is followed. Raises FetchError when there was no answer.

        `keep` is how many bytes of the answer's body are read; more are left unread.
        """
        ...


class Hubs(Protocol):
    """Topics, subscriptions to them, and who has not heard of a change yet."""

    def tell_topics(
        self, topics: Mapping[str, str], hubs: Sequence[str], now: datetime
    ) -> Sequence[str]:
        """Compare all topics with their digests as they were told last; return what has changed.

        Of these, every subscriber and each of `hubs` is to hear. Subscriptions to topics that are
        no more end.
        """
        ...

    def ask_hub(
        self, request: HubRequest, now: datetime, *, total: int, per_host: int
    ) -> HubAnswer:
        """Keep a request until its intent is verified; it replaces one that still waits.

        `total` and `per_host` limit subscriptions and waiting requests together.
        """
        ...

    def take_intent(self, now: datetime, until: datetime) -> PendingIntent | None:
        """Return the request that has been due longest."""
        ...

    def put_off_intent(self, number: IntentId, since: datetime, due: datetime) -> None:
        """Have a request verified again at `due`."""
        ...

    def confirm_intent(self, number: IntentId, now: datetime) -> bool:
        """Do what was asked for; False when another request has taken this one's place."""
        ...

    def drop_intent(self, number: IntentId) -> None:
        """Forget a request."""
        ...

    def take_push(self, now: datetime, until: datetime) -> PendingPush | None:
        """Return the subscription that has waited longest for a change."""
        ...

    def settle_push(self, number: PushId, change: int) -> None:
        """Note that this change was taken; another one that came meanwhile is due at once."""
        ...

    def put_off_push(
        self, number: PushId, change: int, since: datetime, due: datetime | None, error: str
    ) -> None:
        """Have a change brought again at `due`; None waits for the next change."""
        ...

    def drop_subscription(self, number: PushId) -> None:
        """End a subscription."""
        ...

    def take_ping(self, now: datetime, until: datetime) -> PendingPing | None:
        """Return the ping that has been due longest."""
        ...

    def settle_ping(self, number: PingId, change: int) -> None:
        """Note that a hub has heard of this change, or never will."""
        ...

    def put_off_ping(
        self, number: PingId, change: int, since: datetime, due: datetime, error: str
    ) -> None:
        """Have a hub told again at `due`."""
        ...

    def hub_due(self, now: datetime) -> int:
        """Return how many intents, pushes and pings are due."""
        ...

    def sweep_hub(self, now: datetime, old: datetime) -> int:
        """End subscriptions whose lease is over and forget requests made before `old`; return how many."""
        ...

    def topic_figures(self) -> Sequence[TopicFigures]:
        """Return every topic with its subscriptions, by address."""
        ...

    def hub_figures(self) -> Sequence[HubFigures]:
        """Return the other hubs that have something to hear."""
        ...
