"""The SMTP client as the transport sees it: carry these parcels, over several connections.

Serves delivery.smtp. Touches the network and the ledger. Synchronous outside; inside an event loop
of its own, kept between two sends together with the connections that rest.
"""

import asyncio
from collections.abc import Iterator
from ssl import SSLContext
from types import TracebackType
from typing import Self

from publisher.errors import TransportUnavailable
from publisher.kit.smtp_client.lane import Lane
from publisher.kit.smtp_client.opening import tls_context
from publisher.kit.smtp_client.session import Session
from publisher.kit.smtp_client.settings import SmtpSettings
from publisher.kit.smtp_client.supply import Supply
from publisher.kit.smtp_client.turns import Turns
from publisher.model.messages import Parcel
from publisher.ports import Ledger


class SmtpClient:
    """Connections to one relay. Not to be used by two threads at once."""

    def __init__(self, settings: SmtpSettings) -> None:
        settings.check()
        self._settings = settings
        self._runner: asyncio.Runner | None = None
        self._resting: list[Session] = []
        self._context: SSLContext | None = None

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
        clock = asyncio.get_running_loop().time
        context = self._context = self._context or tls_context(self._settings)
        supply, turns = Supply(parcels, self._settings, clock), Turns(ledger)
        resting, self._resting = self._resting, []
        fresh = self._settings.connections - len(resting)
        sessions: list[Session | None] = [*resting, *[None] * fresh]
        try:
            while sessions and supply.left:
                lanes = [Lane(self._settings, context, supply, turns) for _ in sessions]
                sessions = await _round(lanes, sessions, supply)
        finally:
            self._resting = [session for session in sessions if session and session.wire.alive]
            await turns.settle()

    async def _dismiss(self) -> None:
        resting, self._resting = self._resting, []
        await asyncio.gather(*(session.quit() for session in resting))


async def _round(
    lanes: list[Lane], sessions: list[Session | None], supply: Supply
) -> list[Session | None]:
    """Let lanes run until each is done; return the sessions that may carry what was put back.

    Raises what ended the sending; TransportUnavailable only when no lane survived.
    """
    runs = (_run(lane, session, supply) for lane, session in zip(lanes, sessions, strict=True))
    results = await asyncio.gather(*runs, return_exceptions=True)
    survivors = [result for result in results if isinstance(result, Session)]
    errors = [result for result in results if isinstance(result, BaseException)]
    for error in sorted(errors, key=lambda error: isinstance(error, TransportUnavailable)):
        if not isinstance(error, TransportUnavailable) or (supply.left and not survivors):
            for session in survivors:
                await session.quit()
            raise error
    return [*survivors]


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
