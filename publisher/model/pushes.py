"""What we hear from the WebSub hubs of our sources (W3C Recommendation, 2018), and what waits to be read.

A *listening* is a subscription of ours at somebody's hub; readers' subscriptions are another thing.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

ListeningId = NewType("ListeningId", int)
WaitingId = NewType("WaitingId", int)


class ListeningState(StrEnum):
    """Where a listening stands."""

    ASKING = "asking"  # the hub is to be asked, or has not asked back yet
    ALIVE = "alive"  # verified; the lease runs
    FAILED = "failed"  # refused, denied, unanswered or over; tried again when due
    LEAVING = "leaving"  # the hub is to be told that we want no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a source says of itself: which hubs tell of its changes, and under which address."""

    source: str
    hubs: tuple[str, ...] = ()
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """One subscription of ours at one hub; `change` counts what was decided about it.

    `token` ends the address that the hub calls, `secret` signs what it brings: neither is ever shown.
    `waits` tells that the hub was `asked` and has not asked back. `until` is when the lease ends,
    `due` when the next step is. `since` is when it first failed, with `error`; `missed` since when
    polling has found news that the hub did not bring.
    """

    id: ListeningId
    source: str
    hub: str
    topic: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: ListeningState = ListeningState.ASKING
    change: int = 0
    waits: bool = False
    asked: datetime | None = None
    verified: datetime | None = None
    until: datetime | None = None
    due: datetime | None = None
    since: datetime | None = None
    error: str = ""
    last: datetime | None = None
    pushes: int = 0
    dropped: int = 0
    missed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPush:
    """What a hub brought, not read yet; `tries` counts readings that ended in an accident."""

    id: WaitingId
    listening: ListeningId
    source: str
    topic: str
    body: bytes
    content_type: str
    came: datetime
    tries: int = 0
