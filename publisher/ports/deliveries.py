"""The store of deliveries: the ledger, the brakes and the rates.

Each verb is one transaction, begun and ended inside it. Any verb may raise StoreError.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from publisher.model.allowances import Allowance
from publisher.model.editions import (
    Delivery,
    DeliveryId,
    DeliveryState,
    EditionId,
    Outcome,
    Told,
    Trouble,
)
from publisher.model.subscribers import Complaint, SubscriberId
from publisher.ports.timing import Pacing, Warming


class Deliveries(Protocol):
    """The ledger; used by sending only."""

    def claim(
        self,
        edition: EditionId,
        owner: str,
        now: datetime,
        lease_until: datetime,
        limit: int = 500,
        pacing: Pacing | None = None,
    ) -> Sequence[Delivery]:
        """Take a batch: queued, or deferred and due. Claimed is not sending.

        `pacing` defers (again) those whose readers may not get them yet; no try is counted. Those
        of readers by feed are put there instead.
        """
        ...

    def turn(
        self,
        edition: EditionId,
        owner: str,
        outcomes: Sequence[Outcome],
        next: Sequence[DeliveryId],  # noqa: A002  the ledger's word: what goes next
        now: datetime,
        lease_until: datetime,
    ) -> frozenset[int]:
        """Record outcomes, mark `next` as sending, prolong this owner's leases; one transaction.

        Answers which of `next` may go: still claimed by this owner, edition open, subscriber
        confirmed and not suppressed (others become suppressed with the reason, or are released).
        Accepted ones move the reader's memory (watermark, owed) in the same transaction; a failed
        one that says HARD suppresses its address.
        """
        ...

    def fill_feeds(
        self,
        edition: EditionId,
        after: SubscriberId,
        now: datetime,
        limit: int = 500,
        pacing: Pacing | None = None,
    ) -> SubscriberId | None:
        """Put an open edition into the feeds of the next readers by feed whose copies are due.

        Such a copy is accepted at once, through `BY_FEED`. Returns the last reader looked at, None
        when there was none.
        """
        ...

    def release(self, edition: EditionId, owner: str, now: datetime) -> int:
        """Return what this owner has claimed but not begun to the queue."""
        ...

    def sweep(
        self,
        now: datetime,
        dead: Collection[str],
        resend: bool,  # noqa: FBT001  the verb is always called with its names
    ) -> tuple[int, int]:
        """Settle expired leases and those of dead owners; return (returned, uncertain).

        Claimed → queued, sending → uncertain (→ queued again when `resend`).
        """
        ...

    def owners(self) -> Sequence[str]:
        """Return who holds leases on deliveries or runs."""
        ...

    def deliveries(
        self, edition: EditionId, states: Collection[DeliveryState] = (), limit: int | None = None
    ) -> Sequence[Delivery]:
        """Return ledger rows, ordered by id."""
        ...

    def delivery(self, delivery: DeliveryId) -> Delivery:
        """Return one row. Raises NotFound."""
        ...

    def retry(self, edition: EditionId, states: Collection[DeliveryState], now: datetime) -> int:
        """Queue failed, deferred or uncertain ones again; reopens a finished edition."""
        ...

    def delivery_to(self, subscriber: SubscriberId, edition: EditionId) -> Delivery:
        """Return one person's row of an edition. Raises NotFound."""
        ...

    def deliveries_to(self, subscriber: SubscriberId, limit: int = 50) -> Sequence[Delivery]:
        """Return what one person was sent, newest first."""
        ...

    def told(self, subscriber: SubscriberId, limit: int) -> Sequence[Told]:
        """Return what a person's editions told them, by mail or in their feed, newest first."""
        ...


class Days(Protocol):
    """What transports that warm up took on each day; used by sending, shared by all processes."""

    def taken(self, transport: str, day: str) -> tuple[int, int]:
        """Return how many copies and how many letters a transport took on a day."""
        ...

    def take(self, warming: Warming, wanted: int, now: datetime) -> int:
        """Count copies that are about to go, as many of `wanted` as today still takes; return them."""
        ...

    def give_back(self, transport: str, day: str, number: int) -> None:
        """Count copies no more that a transport did not take after all."""
        ...


class Brakes(Protocol):
    """Why an edition stops by itself; used by sending, and by whoever reads what comes back."""

    def complain(self, complaint: Complaint, now: datetime) -> bool:
        """Record a complaint: its author is unsubscribed, the address suppressed.

        False, and nothing done, for evidence that was recorded before. Raises NotFound.
        """
        ...

    def trouble(self, edition: EditionId) -> Trouble:
        """Return what went wrong with an edition since it was last released. Raises NotFound."""
        ...

    def complaints(self, since: datetime) -> int:
        """Return how many complaints came in since then, or since they last were forgiven."""
        ...

    def accepted(self, since: datetime, most: int) -> int:
        """Return how many copies of all editions were accepted in that time; counts to `most`."""
        ...

    def tried_at(self, edition: EditionId, domain: str) -> int:
        """Return how many copies to a domain were tried, since the edition was released."""
        ...

    def brake(self, edition: EditionId, cause: str, reason: str, now: datetime) -> bool:
        """Pause an open edition of which somebody still waits; False when there is none such.

        Where the cause is too many errors, whom it suppressed since it was released is suppressed no
        more, whether somebody waits or not: so many addresses do not die at once.
        """
        ...


class Meters(Protocol):
    """What the store keeps for Allowances: one row a bucket, one transaction a slice."""

    def draw(self, bucket: str, limit: float, slow_start: float, now: datetime) -> Allowance:
        """Take what may go now."""
        ...

    def slow_down(self, bucket: str, limit: float, observed: float, now: datetime) -> None:
        """Halve a rate, once in ten seconds at most; it doubles again every ten minutes."""
        ...

    def slowed(self, prefix: str, now: datetime) -> Mapping[str, float]:
        """Return the buckets of a prefix that are cut, each with the part of its rate that is left."""
        ...
