"""One lane to the relay: a connection at a time, one parcel after the other.

Serves the carrier. Touches the network through sessions and the ledger through turns. The order
that promise 3 rests on: the envelope may leave early, the body leaves right after the turn of the
ledger that marked its parcel as sending and recorded the answer to the message before.
"""

import asyncio
from collections import Counter
from ssl import SSLContext

from publisher.errors import DeliveryError, TransportRejected, TransportUnavailable
from publisher.kit.carrying import SAMPLE_REFUSED, outcome
from publisher.kit.smtp_client.opening import open_session
from publisher.kit.smtp_client.relays import ShareOfSupply
from publisher.kit.smtp_client.session import Session
from publisher.kit.smtp_client.settings import SmtpSettings
from publisher.kit.smtp_client.supply import Supply
from publisher.kit.smtp_client.turns import Turns
from publisher.kit.smtp_client.verdicts import Verdict
from publisher.kit.smtp_client.wire import ConnectionEnded
from publisher.model.editions import OutcomeState
from publisher.model.messages import Parcel

_BARREN = 2  # connections in a row that ended before one answer to a message: the relay is down
_AT_RECIPIENT = 0.25  # what such a connection counts when 421 to a recipient ended it
_DROPS = 2  # connections that ended at the envelope of one and the same parcel

_STALE = 5.0  # seconds that a leave is relied on while the next copy is claimed


class Lane:
    """Carries what the supply gives out, until there is nothing left or the relay is gone."""

    def __init__(
        self,
        settings: SmtpSettings,
        context: SSLContext,
        supply: Supply | ShareOfSupply,
        turns: Turns,
    ) -> None:
        self._context = context
        self._settings = settings
        self._supply = supply
        self._turns = turns
        self._session: Session | None = None
        self._barren = 0.0
        self._drops: Counter[int] = Counter()
        self._wary = False  # the ledger said no to the last parcel: ask before the envelope

    async def run(self, session: Session | None) -> Session | None:
        """Carry; return the session when it may be used again.

        Raises TransportUnavailable, TransportRejected (parcels not given leave for are put back),
        StoreError.
        """
        self._session = session
        try:
            while (parcel := await self._supply.next()) is not None:
                session = await self._ready(parcel)
                following = await self._first(session, parcel) if session is not None else None
                if session is not None:
                    await self._converse(session, following)
        except BaseException:
            if self._session is not None:
                self._session.wire.end("the sending ended")
            raise
        return self._current

    @property
    def _current(self) -> Session | None:
        """Return the session, as long as it may be used."""
        return self._session if self._session is not None and self._session.wire.alive else None

    async def _ready(self, parcel: Parcel) -> Session | None:
        """Return the session to carry a parcel by; None when it is judged without one."""
        if parcel.sample:
            await self._judge(parcel, Verdict(OutcomeState.FAILED, SAMPLE_REFUSED))
            return None
        session = self._current
        if session is None:
            session = self._session = await self._open(parcel)
        return session

    def cut(self) -> bool:
        """End the connection, and so the waiting for its answer; False when there is none."""
        if self._session is None:
            return False
        self._session.wire.end("publisher is stopping, and the relay did not answer in time")
        return True

    async def _open(self, parcel: Parcel) -> Session:
        self._session = None  # nothing of the old one is to be cut while the new one is made
        try:
            return await open_session(self._settings, self._context)
        except DeliveryError:
            self._supply.put_back(parcel)
            raise

    async def _converse(self, session: Session, following: Parcel | None) -> None:
        """Carry the parcels whose envelopes could leave with the body before."""
        while following is not None:
            following = await self._carry(session, following, written=True)
        if session.worn and session.wire.alive:
            await session.quit()

    async def _first(self, session: Session, parcel: Parcel) -> Parcel | None:
        """Carry the first parcel of a conversation; return the next as `_carry` does."""
        if self._supply.stopped:  # while the connection was made
            return None
        unfit = session.unfit(parcel)
        if unfit is not None:
            await self._judge(parcel, unfit)
            return None
        if not self._wary:
            return await self._carry(session, parcel, written=False)
        if not await self._turns.ask(parcel):
            return None
        self._wary = False
        return await self._carry_granted(session, parcel)

    async def _carry(self, session: Session, parcel: Parcel, *, written: bool) -> Parcel | None:
        """Carry one parcel; return the next one when its envelope has left already."""
        try:
            refusal = await session.offer(parcel, written=written)
        except ConnectionEnded as error:
            await self._dropped(session, parcel, error)
            return None
        except TransportRejected:
            self._supply.put_back(parcel)
            raise
        if refusal is not None:
            await self._judge(parcel, refusal)
            return None
        if self._supply.stopped or not await self._turns.ask(parcel):
            # After 354 only the end of the connection keeps a message from being taken.
            session.wire.end("this message is not to go")
            self._wary = True
            return None
        return await self._deliver(session, parcel)

    async def _carry_granted(self, session: Session, parcel: Parcel) -> Parcel | None:
        """Carry a parcel that had leave before its envelope: an outcome is owed in any case."""
        loop = asyncio.get_running_loop()
        granted = loop.time()
        try:
            refusal = await session.offer(parcel, written=False)
        except ConnectionEnded as error:
            self._tell(parcel, Verdict(OutcomeState.RETURNED, error.reason))
            self._count_barren(session, error)
            return None
        except TransportRejected as error:
            self._tell(parcel, Verdict(OutcomeState.RETURNED, error.reason))
            raise
        if refusal is not None:
            self._tell(parcel, refusal)
            return None
        if loop.time() - granted > self._settings.timeouts.leave:
            # This process may have slept through its lease.
            session.wire.end("the envelope took too long")
            self._tell(parcel, Verdict(OutcomeState.RETURNED, "the envelope took too long"))
            return None
        return await self._deliver(session, parcel)

    async def _deliver(self, session: Session, parcel: Parcel) -> Parcel | None:
        loop = asyncio.get_running_loop()
        granted = loop.time()
        try:
            following = self._following(session)
            tail = session.envelope(following) if following is not None else b""
        except BaseException:  # the next copy cannot be made: of this one nothing has left
            self._tell(parcel, Verdict(OutcomeState.RETURNED, "the copy after it cannot be made"))
            raise
        if loop.time() - granted > _STALE:
            # The next copy had to be claimed, and the store kept us waiting: the leave is stale.
            session.wire.end("the next copy took too long")
            self._tell(parcel, Verdict(OutcomeState.RETURNED, "the copy after it took too long"))
            if following is not None:
                self._supply.put_back(following)
            return None
        try:
            verdict = await session.deliver(parcel, tail)
        except ConnectionEnded as error:
            gone = session.wire.message_gone
            state = OutcomeState.UNCERTAIN if gone else OutcomeState.DEFERRED
            when = "after the whole message" if gone else "in the middle of the message"
            self._tell(parcel, Verdict(state, f"{error.reason}, {when}"))
            if following is not None:
                self._supply.put_back(following)
            self._count_barren(session, error)
            return None
        self._tell(parcel, verdict)
        self._barren = 0.0
        if following is not None and not session.wire.alive:
            self._supply.put_back(following)
            return None
        return following

    def _following(self, session: Session) -> Parcel | None:
        """Return the parcel whose envelope may leave with the next body, if there is one."""
        if not session.pipelining or session.carried + 1 >= self._settings.messages_per_connection:
            return None
        following = self._supply.take()
        if following is not None and (following.sample or session.unfit(following) is not None):
            self._supply.put_back(following)
            return None
        return following

    async def _dropped(self, session: Session, parcel: Parcel, error: ConnectionEnded) -> None:
        """Try a parcel again that had no leave yet; one that ends every connection is put off."""
        about_them = error.told and session.sender_taken
        if about_them:
            self._supply.slow_down(parcel)
        if about_them or (not error.told and (not session.reused or session.answered)):
            self._drops[parcel.delivery] += 1
        if self._drops[parcel.delivery] >= _DROPS:
            reason = f"{error.reason}, before the message"
            await self._judge(parcel, Verdict(OutcomeState.DEFERRED, reason))
        else:
            self._supply.put_back(parcel)
        self._count_barren(session, error)

    def _count_barren(self, session: Session, error: ConnectionEnded) -> None:
        """Give up after connections that led to nothing. Raises TransportUnavailable.

        One reader's 421 must not stop the others; but a relay that says so to everybody is down.
        """
        if session.answered:
            self._barren = 0.0
        elif error.told and session.sender_taken:
            self._barren += _AT_RECIPIENT
        elif not session.reused:  # one that rested may have been closed meanwhile
            self._barren += 1
        if self._barren >= _BARREN:
            raise TransportUnavailable(self._settings.peer, error.reason)

    async def _judge(self, parcel: Parcel, verdict: Verdict) -> None:
        """Hand in a verdict reached without leave: ask for it first, as every outcome needs it."""
        if await self._turns.ask(parcel):
            self._tell(parcel, verdict)

    def _tell(self, parcel: Parcel, verdict: Verdict) -> None:
        if verdict.asks_for_less:
            self._supply.slow_down(parcel)
        self._turns.tell(
            outcome(parcel, self._settings.name, verdict.state, verdict.reason, verdict.code)
        )
