"""Subscriptions at our own WebSub hub (W3C Recommendation, 2018), and what is still to be told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

IntentId = NewType("IntentId", int)
PushId = NewType("PushId", int)
PingId = NewType("PingId", int)


class HubMode(StrEnum):
    """What is asked of a hub."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


class HubAnswer(StrEnum):
    """Whether a request was kept, so that its intent is verified; else why not."""

    TAKEN = "taken"
    NO_TOPIC = "no such topic"
    NO_SUBSCRIPTION = "no such subscription"
    FULL = "full"
    HOST_FULL = "host full"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRequest:
    """A request as it was read: `topic` and `callback` are addresses, `host` is the callback's.

    `secret` is "" for none; `lease` is what is granted.
    """

    mode: HubMode
    topic: str
    callback: str
    host: str
    secret: str = ""
    lease: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingIntent:
    """A request that its callback has not confirmed yet; `since` is when that was first tried."""

    id: IntentId
    request: HubRequest
    known: bool  # whether its topic still exists
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPush:
    """A subscription that has not got what its topic holds now.

    `change` counts the topic's changes: another may come while this one is brought. `since` is when
    the callback first failed to take it.
    """

    id: PushId
    topic: str
    callback: str
    host: str
    secret: str
    change: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPing:
    """A change that another hub has not heard of; `change` and `since` as in a push."""

    id: PingId
    hub: str
    topic: str
    change: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicFigures:
    """How many subscribe to a topic; of these, who waits for its last change and who failed to take it."""

    topic: str
    subscribers: int = 0
    waiting: int = 0
    failing: int = 0
    until: datetime | None = None  # when the last lease ends


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFigures:
    """How many changes another hub has not heard of, since when it fails, and how."""

    hub: str
    waiting: int
    since: datetime | None = None
    error: str = ""
