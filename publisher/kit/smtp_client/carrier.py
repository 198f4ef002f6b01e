"""The SMTP client as the transport sees it: carry these parcels, over several connections.

Serves the transports. Touches the network and the ledger. Synchronous outside; inside an event loop
of its own, kept between two sends together with the connections that rest. With several relays the
others take over what one that is down did not get; that one is left out for a while.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Self

from publisher.errors import TransportUnavailable
from publisher.kit.carrying import outcome
from publisher.kit.smtp_client.lane import Lane
from publisher.kit.smtp_client.meters import Meters
from publisher.kit.smtp_client.rates import Rates
from publisher.kit.smtp_client.relays import Relay, ShareOfSupply, Shares
from publisher.kit.smtp_client.session import Session
from publisher.kit.smtp_client.settings import SmtpSettings
from publisher.kit.smtp_client.supply import Supply
from publisher.kit.smtp_client.turns import Turns
from publisher.model.editions import OutcomeState
from publisher.model.messages import Parcel
from publisher.ports import Ledger

_LOOK = 0.1  # seconds between two looks whether the process is to end

Seat = tuple[Relay, Session | None]
"""A place for a lane: its relay, and the connection it goes on with, if there is one."""


class SmtpClient:
    """Connections to one relay, or to several that share the load.

    Limits are those of the first; `meters` shares them with other processes. Not to be used by
    two threads at once.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        *others: SmtpSettings,
        clock: Callable[[], float] = time.monotonic,
        meters: Meters | None = None,
    ) -> None:
        self._clock = clock
        self._name = settings.name
        self._timeouts = settings.timeouts
        self._rates = rates = Rates(settings, time.monotonic, meters)
        self._relays = [
            Relay(one, rates.gate(f"at {one.peer}", one.relay_per_second))
            for one in (settings, *others)
        ]
        self._runner: asyncio.Runner | None = None

    def send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        """Carry every parcel the ledger lets go.

        Raises TransportUnavailable or TransportRejected when the rest did not happen, and what the
        ledger or `parcels` raised. Answers that came are recorded first where that is possible.
        """
        if self._runner is None:
            self._runner = asyncio.Runner()
        self._runner.run(self._send(parcels, ledger))

    def close(self) -> None:
        """Say goodbye on every connection; may be called twice."""
        runner, self._runner = self._runner, None
        if runner is not None:
            with runner:
                runner.run(self._dismiss())

    def __enter__(self) -> Self:
        """Return the client, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    async def _send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        relays = self._usable()
        turns = Turns(ledger)
        supply = Supply(parcels, self._rates, partial(_hand_back, turns, self._name))
        shares = Shares(relays, time.monotonic)
        seats = [seat for relay in relays for seat in _seats(relay)]
        beat = asyncio.create_task(_beat(turns, self._timeouts.beat))
        try:
            while seats and supply.left:
                lanes = [
                    _lane(relay, supply, turns, shares, several=len(relays) > 1)
                    for relay, _ in seats
                ]
                seats = await self._round(lanes, seats, supply, shares, ledger)
        finally:
            beat.cancel()
            for relay, session in seats:
                if session is not None and session.wire.alive:
                    relay.resting.append(session)
            await turns.settle()

    def _usable(self) -> list[Relay]:
        """Return the relays that are not left out. Raises TransportUnavailable when all are."""
        now = self._clock()
        usable = [relay for relay in self._relays if not relay.wait(now)]
        if not usable:
            soonest = min(self._relays, key=lambda relay: relay.wait(now))
            reason = f"{soonest.reason} (tried again in {soonest.wait(now):.0f} s)"
            raise TransportUnavailable(soonest.settings.peer, reason)
        return usable

    async def _round(
        self,
        lanes: list[Lane],
        seats: Sequence[Seat],
        supply: Supply,
        shares: Shares,
        ledger: Ledger,
    ) -> list[Seat]:
        """Let lanes run until each is done; return the seats that may carry what was put back.

        Raises what ended the sending; TransportUnavailable only when no lane survived.
        """
        runs = [
            asyncio.create_task(_run(lane, session, supply))
            for lane, (_, session) in zip(lanes, seats, strict=True)
        ]
        drain = asyncio.create_task(_drain(ledger, supply, lanes, runs, self._timeouts.drain))
        results = await asyncio.gather(*runs, return_exceptions=True)
        drain.cancel()
        survivors = self._survivors([relay for relay, _ in seats], results, shares)
        errors = [
            result
            for result in results
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError)
        ]
        for error in sorted(errors, key=lambda error: isinstance(error, TransportUnavailable)):
            if not isinstance(error, TransportUnavailable) or (supply.left and not survivors):
                for _, session in survivors:
                    if session is not None:
                        await session.quit()
                raise error
        return survivors

    def _survivors(
        self,
        relays: Sequence[Relay],
        results: Sequence[Session | BaseException | None],
        shares: Shares,
    ) -> list[Seat]:
        """Return the seats that go on: of a relay that failed somewhere, only open connections."""
        failed = {
            id(relay): result.reason
            for relay, result in zip(relays, results, strict=True)
            if isinstance(result, TransportUnavailable)
        }
        survivors = [
            (relay, result)
            for relay, result in zip(relays, results, strict=True)
            if isinstance(result, Session) or (result is None and id(relay) not in failed)
        ]
        for relay in relays:
            if any(one is relay and session for one, session in survivors):
                relay.up()
            elif id(relay) in failed:
                relay.down(self._clock(), failed[id(relay)])
                shares.leave(relay)
        return survivors

    async def _dismiss(self) -> None:
        resting = [session for relay in self._relays for session in relay.resting]
        for relay in self._relays:
            relay.resting = []
        await asyncio.gather(*(session.quit() for session in resting))


async def _run(lane: Lane, session: Session | None, supply: Supply) -> Session | None:
    if session is not None:
        session.reused, session.answered = True, 0
    try:
        return await lane.run(session)
    except TransportUnavailable:
        raise
    except BaseException:
        supply.stop()  # the other lanes finish the message they are at, and no more
        raise


def _hand_back(turns: Turns, transport: str, parcel: Parcel, seconds: float) -> None:
    """Return to the queue what its provider has no room for yet: no try, and nobody waits for it."""
    told = outcome(parcel, transport, OutcomeState.RETURNED, "waits for its provider's rate")
    turns.tell(replace(told, message_id="", wait=timedelta(seconds=seconds)))


async def _beat(turns: Turns, seconds: float) -> None:
    """Let nobody take the silence of a relay for that of this process, and send its copies again."""
    while True:
        await asyncio.sleep(seconds)
        turns.beat()


async def _drain(
    ledger: Ledger,
    supply: Supply,
    lanes: Sequence[Lane],
    runs: Sequence[asyncio.Task[Session | None]],
    seconds: float,
) -> None:
    """When the process is to end: let nothing new begin, and wait for answers for a while only."""
    while True:
        if ledger.stopping():
            break
        await asyncio.sleep(_LOOK)
    supply.stop()
    await asyncio.sleep(seconds)
    for lane, run in zip(lanes, runs, strict=True):
        if not run.done() and not lane.cut():  # still connecting: none of its messages has left
            run.cancel()


def _seats(relay: Relay) -> list[Seat]:
    """Return a seat for each of a relay's connections, first those that rest."""
    resting, relay.resting = relay.resting, []
    fresh = relay.settings.connections - len(resting)
    return [*((relay, session) for session in resting), *[(relay, None)] * fresh]


def _lane(relay: Relay, supply: Supply, turns: Turns, shares: Shares, *, several: bool) -> Lane:
    share = ShareOfSupply(supply, shares, relay) if several else supply
    return Lane(relay.settings, relay.context, share, turns)
