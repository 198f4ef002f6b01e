"""Send: claim batches of an edition, hand their copies to a transport, keep the ledger true.

Every recipient ends accepted, failed, suppressed or uncertain; an edition is done only when these
add up to its audience (guarantees, promises 2 and 3).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from publisher.core.braking import Watch
from publisher.core.refusing import is_greylisted, refusal_of, worn_out
from publisher.core.retrying import asked_wait, next_try
from publisher.core.warming import Quota, Warming
from publisher.errors import (
    AddressError,
    Conflict,
    StoreError,
    TransportRejected,
    TransportUnavailable,
)
from publisher.model.definitions import OnCrash, PauseSettings
from publisher.model.editions import (
    Delivery,
    DeliveryId,
    DeliveryState,
    Edition,
    EditionId,
    EditionState,
    Outcome,
    OutcomeState,
    Refusal,
    SendReport,
)
from publisher.model.messages import Parcel
from publisher.ports import (
    LEASE,
    Brakes,
    Clock,
    Days,
    Deliveries,
    Editions,
    Pacing,
    Progress,
    Suppressing,
    Transport,
    Workers,
)

SAMPLE = "a sample subscriber: only transports that stay on this machine write to it"


class SendStore(Editions, Deliveries, Suppressing, Brakes, Days, Protocol):
    """What sending needs of the store."""


REFUSED = (OutcomeState.DEFERRED, OutcomeState.FAILED)

Owed = dict[int, Outcome]
"""Outcomes that are known but not recorded, by delivery."""

Parceller = Callable[[Delivery], Parcel]
"""Makes one recipient's copy; raises AddressError for an address that cannot be written to."""

Copier = Callable[[], Parceller]
"""Asked for each batch after it was claimed: only from then on can nobody edit the edition."""

Ahead = Callable[[Parceller, Iterator[Delivery]], Iterator[tuple[Delivery, Callable[[], Parcel]]]]
"""Yields each delivery, in order, with what gives its copy or raises what making it raised."""


def in_turn(
    parcel: Parceller, deliveries: Iterator[Delivery]
) -> Iterator[tuple[Delivery, Callable[[], Parcel]]]:
    """Make each copy when it is taken."""
    return ((delivery, partial(parcel, delivery)) for delivery in deliveries)


@dataclass(slots=True)
class EditionLedger:
    """The transport's side of the ledger for one batch: adds back-off, time and owner to each turn."""

    store: SendStore
    clock: Clock
    edition: Edition
    owner: str
    transport: str
    batch: dict[int, Delivery]
    watch: Watch
    quota: Quota | None = None
    progress: Callable[[int], None] = lambda _count: None
    refused: list[Outcome] = field(default_factory=list)
    soft: list[Outcome] = field(default_factory=list)
    owed: Owed = field(default_factory=dict)
    senders: dict[int, str] = field(default_factory=dict)
    stop: Callable[[], bool] = lambda: False

    def stopping(self) -> bool:
        """Tell whether this process is to end."""
        return self.stop()

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
        if outcome.state not in REFUSED:
            return outcome
        sender = self.senders.get(outcome.delivery, "")
        outcome = replace(outcome, refusal=refusal_of(outcome.code, outcome.reason, sender))
        if outcome.state is OutcomeState.DEFERRED:
            outcome = self._put_off(outcome, now)
        failed = outcome.state is OutcomeState.FAILED
        if failed and outcome.refusal is Refusal.SOFT:
            self.soft.append(outcome)
        self.watch.refused += failed
        return outcome

    def _put_off(self, outcome: Outcome, now: datetime) -> Outcome:
        delivery = self.batch.get(outcome.delivery)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The send use-case. `on_crash` says what happens to messages on the wire of a dead worker.

    `ahead` makes the copies, maybe while others are on the wire.
    `unrecorded` outlives a store in trouble: what this process owes the ledger, by edition.
    """

    store: SendStore
    clock: Clock
    workers: Workers
    on_crash: OnCrash = OnCrash.RESEND
    pause: PauseSettings = field(default_factory=PauseSettings)
    warming: Callable[[str], Warming | None] = lambda _transport: None
    batch_size: int = 500
    ahead: Ahead = in_turn
    unrecorded: dict[EditionId, Owed] = field(default_factory=dict)

    def sweep(self) -> tuple[int, int]:
        """Settle what dead or silent workers held; return (returned to the queue, uncertain).

        Before that, this process records what it could not while the store was in trouble, lest
        messages that arrived be taken for lost and sent again. Raises StoreError.
        """
        for edition, owed in tuple(self.unrecorded.items()):
            owner, now = self.workers.me(), self.clock.now()
            self.store.turn(edition, owner, tuple(owed.values()), (), now, now + LEASE)
            owed.clear()
            self._let_go(edition, owner)
        dead = [owner for owner in self.store.owners() if self.workers.dead(owner)]
        return self.store.sweep(self.clock.now(), dead, resend=self.on_crash is OnCrash.RESEND)

    def send(
        self,
        edition: Edition,
        transport: Transport,
        copier: Copier,
        progress: Progress | None = None,
        stop: Callable[[], bool] = lambda: False,
        pacing: Pacing | None = None,
    ) -> SendReport:
        """Send all that is due of an open edition through one transport, an alert at its pace.

        An unreachable transport leaves the rest queued and says so in the note; a refused account,
        and too many refusals or complaints, pause the edition with the reason. Raises StoreError.
        """
        owner, note = self.workers.me(), ""
        quota = self._quota(transport.name)
        watch = Watch(store=self.store, clock=self.clock, limits=self.pause, edition=edition.id)
        owed = self.unrecorded.setdefault(edition.id, {})
        done = sum(edition.counts.get(state, 0) for state in (DeliveryState.ACCEPTED,))

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if progress:
                progress(min(done, edition.audience), edition.audience, edition.subject)

        try:
            while not (note := watch.look()) and not stop():
                if not (batch := self._claim(edition, owner, pacing, quota)):
                    note = watch.look(last=True)
                    break
                ledger = EditionLedger(
                    self.store,
                    self.clock,
                    edition,
                    owner,
                    transport.name,
                    {delivery.id: delivery for delivery in batch},
                    watch,
                    quota,
                    advance,
                    owed=owed,
                    stop=stop,
                )
                transport.send(self._parcels(batch, transport, copier(), ledger, stop), ledger)
                if ledger.refused:
                    ledger.turn((), ())
                self._give_up_on(ledger)
        except TransportUnavailable as error:
            note = str(error)
        except TransportRejected as error:
            note = str(error)
            self._pause(edition.id, note)
        finally:
            self._let_go(edition.id, owner)
        self.store.finish_editions(self.clock.now())
        return self._report(edition, note or watch.unheeded)

    def _quota(self, transport: str) -> Quota | None:
        warming = self.warming(transport)
        return Quota(store=self.store, warming=warming) if warming else None

    def _pause(self, edition: EditionId, reason: str) -> None:
        with suppress(Conflict):  # another process was refused as well, and paused it
            self.store.move_edition(edition, (EditionState.OPEN,), EditionState.PAUSED, reason)

    def _let_go(self, edition: EditionId, owner: str) -> None:
        """Return what is claimed and not begun; forget the edition if nothing of it is owed."""
        self.store.release(edition, owner, self.clock.now())
        if not self.unrecorded[edition]:
            del self.unrecorded[edition]

    def _give_up_on(self, ledger: EditionLedger) -> None:
        """Suppress addresses whose mailboxes have failed for so long that nobody seems to be there.

        None when the edition stops: so much trouble at once is no mailbox's own.
        """
        for outcome in () if ledger.watch.look() else ledger.soft:
            delivery = ledger.batch.get(outcome.delivery)
            if delivery and worn_out(self.store.soft_failures(delivery.subscriber)):
                reason = f"bounced again and again: {outcome.reason}"
                self.store.suppress(delivery.email, reason, self.clock.now())
        ledger.soft.clear()

    def _claim(
        self, edition: Edition, owner: str, pacing: Pacing | None, quota: Quota | None
    ) -> Sequence[Delivery]:
        now, size = self.clock.now(), self.batch_size
        size = quota.within(size, now) if quota else size
        return self.store.claim(edition.id, owner, now, now + LEASE, size, pacing) if size else ()

    def _parcels(
        self,
        batch: Sequence[Delivery],
        transport: Transport,
        parcel: Parceller,
        ledger: EditionLedger,
        stop: Callable[[], bool],
    ) -> Iterator[Parcel]:
        """Yield copies lazily; those that cannot be written are refused one by one."""
        for delivery, made in self.ahead(parcel, _possible(batch, transport, ledger)):
            if stop():
                return
            try:
                yield made()
            except AddressError as error:
                ledger.refused.append(_failed(delivery, str(error)))

    def _report(self, edition: Edition, note: str) -> SendReport:
        after = self.store.edition(edition.id)
        return SendReport(
            edition=edition.id,
            counts=after.counts,
            audience=after.audience,
            complete=after.complete,
            note=note,
        )


def _possible(
    batch: Sequence[Delivery], transport: Transport, ledger: EditionLedger
) -> Iterator[Delivery]:
    """Yield those that this transport may write to; samples beyond this machine are refused."""
    for delivery in batch:
        if delivery.sample and transport.leaves_machine:
            ledger.refused.append(_failed(delivery, SAMPLE))
        else:
            yield delivery


def _returned(number: DeliveryId) -> Outcome:
    return Outcome(delivery=number, state=OutcomeState.RETURNED)


def _failed(delivery: Delivery, reason: str) -> Outcome:
    return Outcome(delivery=delivery.id, state=OutcomeState.FAILED, reason=reason)
