"""Send: claim batches of an edition, hand their copies to a transport, keep the ledger true.

Every recipient ends accepted, failed, suppressed or uncertain; an edition is done only when these
add up to its audience (guarantees, promises 2 and 3).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from publisher.core.braking import Watch
from publisher.core.recording import EditionLedger, Owed, SendStore
from publisher.core.warming import Quota, Warming
from publisher.errors import (
    AddressError,
    Conflict,
    TransportRejected,
    TransportUnavailable,
)
from publisher.model.definitions import OnCrash, PauseSettings
from publisher.model.editions import (
    Delivery,
    DeliveryState,
    Edition,
    EditionId,
    EditionState,
    Outcome,
    OutcomeState,
    SendReport,
)
from publisher.model.messages import Parcel
from publisher.ports import (
    LEASE,
    Clock,
    Pacing,
    Progress,
    Transport,
    Workers,
)

SAMPLE = "a sample subscriber: only transports that stay on this machine write to it"

Parceller = Callable[[Delivery], Parcel]
"""Makes one recipient's copy; raises AddressError for an address that cannot be written to."""

Copier = Callable[[], Parceller]
"""Asked for each batch after it was claimed: only from then on can nobody edit the edition."""

Ahead = Callable[
    [Iterator[tuple[Delivery, Parceller]]], Iterator[tuple[Delivery, Callable[[], Parcel]]]
]
"""Yields each delivery, in order, with what gives its copy or raises what making it raised."""


def in_turn(
    wanted: Iterator[tuple[Delivery, Parceller]],
) -> Iterator[tuple[Delivery, Callable[[], Parcel]]]:
    """Make each copy when it is taken."""
    return ((delivery, partial(parcel, delivery)) for delivery, parcel in wanted)


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
        ledger = EditionLedger(
            self.store,
            self.clock,
            edition,
            owner,
            transport.name,
            Watch(store=self.store, clock=self.clock, limits=self.pause, edition=edition.id),
            self._quota(transport.name),
            _advance(edition, progress),
            owed=self.unrecorded.setdefault(edition.id, {}),
            stop=stop,
        )
        try:
            self._pass(ledger, transport, copier, pacing)
            while ledger.more:
                self._pass(ledger, transport, copier, pacing)
            note = ledger.watch.look(last=True)
        except TransportUnavailable as error:
            note = str(error)
        except TransportRejected as error:
            note = str(error)
            self._pause(edition.id, note)
        finally:
            self._let_go(edition.id, owner)
        self.store.finish_editions(self.clock.now())
        return self._report(edition, note or ledger.watch.unheeded, ledger.last)

    def _pass(
        self,
        ledger: EditionLedger,
        transport: Transport,
        copier: Copier,
        pacing: Pacing | None,
    ) -> None:
        """Hand the transport what is due; `ledger.more` says whether to do so again.

        It says no beforehand: a transport that is to stop may never ask for the first copy.
        """
        ledger.more = False
        batches = self._batches(ledger, copier, transport, pacing)
        transport.send(self._parcels(batches, ledger), ledger)
        ledger.settle()

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

    def _batches(
        self,
        ledger: EditionLedger,
        copier: Copier,
        transport: Transport,
        pacing: Pacing | None,
    ) -> Iterator[tuple[Delivery, Parceller]]:
        """Yield what is due with what makes its copy; a batch is claimed when the last is used up.

        So the connections never stand still between two batches. Ends when nothing is left to
        claim, the edition must stop, or the process; and after each batch where a day takes only so
        many: what is left of it is known when nothing is under way.
        """
        while not ledger.watch.look() and not ledger.stop():
            batch = self._claim(ledger, pacing)
            if not batch:
                return
            ledger.take_on(batch)
            parcel = copier()
            for delivery in batch:
                if delivery.sample and transport.leaves_machine:
                    ledger.refused.append(_failed(delivery, SAMPLE))
                else:
                    yield delivery, parcel
            ledger.settle()
            if ledger.quota:
                ledger.more = True
                return

    def _claim(self, ledger: EditionLedger, pacing: Pacing | None) -> Sequence[Delivery]:
        now, size = self.clock.now(), self.batch_size
        size = ledger.quota.within(size, now) if ledger.quota else size
        if not size:
            return ()
        return self.store.claim(ledger.edition.id, ledger.owner, now, now + LEASE, size, pacing)

    def _parcels(
        self, batches: Iterator[tuple[Delivery, Parceller]], ledger: EditionLedger
    ) -> Iterator[Parcel]:
        """Yield copies lazily; those that cannot be written are refused one by one."""
        for delivery, made in self.ahead(batches):
            if ledger.stop():
                return
            try:
                yield made()
            except AddressError as error:
                ledger.refused.append(_failed(delivery, str(error)))

    def _report(self, edition: Edition, note: str, last: datetime | None) -> SendReport:
        after = self.store.edition(edition.id)
        return SendReport(
            edition=edition.id,
            counts=after.counts,
            audience=after.audience,
            complete=after.complete,
            note=note,
            last=last,
        )


def _advance(edition: Edition, progress: Progress | None) -> Callable[[int], None]:
    """Return what counts copies that are through, and shows the sum."""
    done = edition.counts.get(DeliveryState.ACCEPTED, 0)

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(min(done, edition.audience), edition.audience, edition.subject)

    return advance


def _failed(delivery: Delivery, reason: str) -> Outcome:
    return Outcome(delivery=delivery.id, state=OutcomeState.FAILED, reason=reason)
