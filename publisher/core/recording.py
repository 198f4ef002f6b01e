"""Record: what the transport says of each copy, in the words and with the times of the ledger.

The transport's side of the ledger for one sending of an edition: it adds back-off, time and owner to
each turn, and owes what a turn could not record (guarantees, promises 2 and 3).
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from publisher.core.braking import Watch
from publisher.core.refusing import is_greylisted, refusal_of, worn_out
from publisher.core.retrying import asked_wait, next_try
from publisher.core.warming import Quota
from publisher.errors import StoreError
from publisher.model.editions import Delivery, DeliveryId, Edition, Outcome, OutcomeState, Refusal
from publisher.model.messages import Parcel
from publisher.ports import LEASE, Brakes, Clock, Days, Deliveries, Editions, Suppressing


class SendStore(Editions, Deliveries, Suppressing, Brakes, Days, Protocol):
    """What sending needs of the store."""


REFUSED = (OutcomeState.DEFERRED, OutcomeState.FAILED)

Owed = dict[int, Outcome]
"""Outcomes that are known but not recorded, by delivery."""


@dataclass(slots=True)
class EditionLedger:
    """What a transport turns to while it sends. `held` are the copies it was given and has not told of."""

    store: SendStore
    clock: Clock
    edition: Edition
    owner: str
    transport: str
    watch: Watch
    quota: Quota | None = None
    progress: Callable[[int], None] = lambda _count: None
    held: dict[int, Delivery] = field(default_factory=dict)
    refused: list[Outcome] = field(default_factory=list)
    soft: list[tuple[Delivery, Outcome]] = field(default_factory=list)
    last: datetime | None = None  # when the last copy that was returned to wait is due
    more: bool = False  # there may be more to claim once nothing is under way
    owed: Owed = field(default_factory=dict)
    senders: dict[int, str] = field(default_factory=dict)
    stop: Callable[[], bool] = lambda: False

    def stopping(self) -> bool:
        """Tell whether this process is to end."""
        return self.stop()

    def take_on(self, deliveries: Iterable[Delivery]) -> None:
        """Remember copies that the transport is about to be given."""
        self.held.update((delivery.id, delivery) for delivery in deliveries)

    def turn(self, outcomes: Sequence[Outcome], next: Sequence[Parcel]) -> frozenset[int]:  # noqa: A002  the port's word
        """Record and ask, in one transaction; raises StoreError: then all of it is still owed."""
        now = self.clock.now()
        for refused in self.refused:
            self.owed[refused.delivery] = replace(refused, transport=self.transport)
        for outcome in outcomes:
            if outcome.delivery not in self.owed:  # told again after a turn that failed
                self.owed[outcome.delivery] = self._settled(outcome, now)
        self.refused.clear()
        told = tuple(self.owed.values())
        asked = self.quota.admit(next, now) if self.quota else next
        numbers = [DeliveryId(parcel.delivery) for parcel in asked]
        self.senders.update((parcel.delivery, parcel.sender) for parcel in asked)
        try:
            allowed = self.store.turn(self.edition.id, self.owner, told, numbers, now, now + LEASE)
        except StoreError:
            # Whether the transaction was committed is not known; what was asked for does not go.
            self.owed.update((number, _returned(number)) for number in numbers)
            raise
        self.owed.clear()
        for outcome in told:
            self.held.pop(outcome.delivery, None)
            self.senders.pop(outcome.delivery, None)
        if self.quota:
            with suppress(StoreError):  # what may go must go; a day counted too full does no harm
                self.quota.settle(told, [one for one in asked if one.delivery not in allowed])
        self.progress(sum(outcome.state is not OutcomeState.RETURNED for outcome in told))
        with suppress(
            StoreError
        ):  # what was recorded is; the look after the batch says it as well
            self.watch.glance()
        return allowed

    def _settled(self, outcome: Outcome, now: datetime) -> Outcome:
        """Say what a refusal means; give a deferral its time, or end it after the last try."""
        if not outcome.transport:
            outcome = replace(outcome, transport=self.transport)
        if outcome.wait is not None:
            until = now + outcome.wait
            outcome = replace(outcome, until=until)
            self.last = max(until, self.last or until)
        if outcome.state not in REFUSED:
            return outcome
        sender = self.senders.get(outcome.delivery, "")
        outcome = replace(outcome, refusal=refusal_of(outcome.code, outcome.reason, sender))
        if outcome.state is OutcomeState.DEFERRED:
            outcome = self._put_off(outcome, now)
        failed = outcome.state is OutcomeState.FAILED
        delivery = self.held.get(outcome.delivery)
        if failed and delivery and outcome.refusal is Refusal.SOFT:
            self.soft.append((delivery, outcome))
        self.watch.refused += failed
        return outcome

    def _put_off(self, outcome: Outcome, now: datetime) -> Outcome:
        delivery = self.held.get(outcome.delivery)
        since = (delivery.since if delivery else None) or now
        until = next_try(
            outcome.delivery,
            since,
            now,
            asked=outcome.until - now if outcome.until else asked_wait(outcome.reason),
            greylisted=is_greylisted(outcome.code, outcome.reason),
        )
        if until is not None:
            return replace(outcome, until=until)
        tries = delivery.attempts + 1 if delivery else 1
        reason = f"gave up after {tries} tries since {since:%Y-%m-%d %H:%M} UTC: {outcome.reason}"
        return replace(outcome, state=OutcomeState.FAILED, reason=reason, until=None)

    def settle(self) -> None:
        """Record what was refused before it was offered, and suppress mailboxes that are worn out.

        None of these when the edition stops: so much trouble at once is no mailbox's own. Raises
        StoreError.
        """
        if self.refused:
            self.turn((), ())
        for delivery, outcome in () if self.watch.look() else self.soft:
            if worn_out(self.store.soft_failures(delivery.subscriber)):
                reason = f"bounced again and again: {outcome.reason}"
                self.store.suppress(delivery.email, reason, self.clock.now())
        self.soft.clear()


def _returned(number: DeliveryId) -> Outcome:
    return Outcome(delivery=number, state=OutcomeState.RETURNED)
