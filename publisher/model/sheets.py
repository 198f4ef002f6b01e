"""The balance sheet of an edition: what became of its copies, by transport, reason and domain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from publisher.model.editions import DeliveryId, DeliveryState, Edition

TROUBLE = (DeliveryState.FAILED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN)
"""States in which the other side, or the way to it, said no."""

REASONED = (*TROUBLE, DeliveryState.SUPPRESSED)
"""States that are told of by reason."""

WINDOW = timedelta(minutes=1)
"""The stretch of time behind "now" over which a sheet counts what is recent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many copies stand in a state through a transport, when the first and the last came there.

    `recent` are those that came within `WINDOW` before the sheet was asked for.
    """

    state: DeliveryState
    transport: str
    count: int
    first: datetime
    last: datetime
    recent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonTally:
    """How many copies stand in a state for reasons that begin alike; `words` is one of them.

    `refusal` is hard, soft or policy; "" where nobody refused.
    """

    state: DeliveryState
    words: str
    count: int
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainTally:
    """One domain's copies; `words` is what was last said of one that did not go through.

    `left` is the part of its provider's rate that is used, because it asked for less.
    """

    domain: str
    counts: Mapping[DeliveryState, int]
    state: DeliveryState | None = None
    refusal: str = ""
    words: str = ""
    at: datetime | None = None
    left: float = 1.0

    @property
    def readers(self) -> int:
        """Return how many of the audience have their address there."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What was said of one copy that did not go through."""

    at: datetime
    email: str
    state: DeliveryState
    words: str


class LedgerLine(NamedTuple):
    """One ledger row as it is listed."""

    id: DeliveryId
    email: str
    state: DeliveryState
    reason: str
    attempts: int
    message_id: str
    transport: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An edition's ledger in figures, all of one moment (`asked`).

    `tallies` name every copy whose row is still kept; `reasons` are the most frequent, the rest is
    in the counts; `domains` the largest. `next_due` is when the first deferred copy may be tried.
    `hands` says how many workers hold copies of it.
    """

    edition: Edition
    asked: datetime
    ended: datetime | None = None
    tallies: tuple[Tally, ...] = ()
    reasons: tuple[ReasonTally, ...] = ()
    domains: tuple[DomainTally, ...] = ()
    first: Remark | None = None
    last: Remark | None = None
    next_due: datetime | None = None
    hands: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledgers:
    """All editions that are not finished, in figures, for those who watch the machine.

    `states` counts editions by state, `copies` those of open editions, `queued_since` is when the
    oldest copy that could be sent now came into the queue.
    """

    states: Mapping[str, int] = field(default_factory=dict)
    copies: Mapping[DeliveryState, int] = field(default_factory=dict)
    queued_since: datetime | None = None
