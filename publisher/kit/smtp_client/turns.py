"""Turns of the ledger, one for all connections that have something to say in the same moment.

Serves the carrier. Touches the ledger only. Group commit without a timer: what arrives while the
event loop works through one round of sockets is recorded in one transaction.
"""

import asyncio
from contextlib import suppress

from publisher.errors import StoreError
from publisher.model.editions import Outcome
from publisher.model.messages import Parcel
from publisher.ports import Ledger


class Turns:
    """Collects outcomes and requests; `broken` holds why a turn failed: then nothing may go."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._outcomes: list[Outcome] = []
        self._next: list[Parcel] = []
        self._turn: asyncio.Task[frozenset[int]] | None = None
        self.broken: BaseException | None = None

    def tell(self, outcome: Outcome) -> None:
        """Hand in an outcome; it is recorded before the loop waits for sockets again."""
        self._outcomes.append(outcome)
        self._soon()

    async def ask(self, parcel: Parcel) -> bool:
        """Ask whether a parcel may go, once what was told is recorded. Raises StoreError."""
        if self.broken is not None:
            raise self.broken
        self._next.append(parcel)
        allowed = await asyncio.shield(self._soon())
        return parcel.delivery in allowed

    def beat(self) -> None:
        """Prolong the lease while nobody has anything to say, and record what a failed turn left.

        A store in trouble is for the next turn to tell of: here nothing is asked for.
        """
        if self._turn is None:
            with suppress(StoreError):
                self._record([])

    async def settle(self) -> None:
        """Record what is left, also after a failed turn: once more. Raises StoreError."""
        if self._turn is not None:
            await asyncio.wait([self._turn])
        if self._outcomes:
            self._record([])

    def _soon(self) -> asyncio.Task[frozenset[int]]:
        if self._turn is None:
            self._turn = asyncio.get_running_loop().create_task(self._run())
            self._turn.add_done_callback(self._note)
        return self._turn

    async def _run(self) -> frozenset[int]:
        await self._gather()
        asked, self._next = self._next, []
        self._turn = None
        if self.broken is not None:
            raise self.broken
        return self._record(asked)

    async def _gather(self) -> None:
        """Wait as long as each round of the loop brings more: one commit then serves them all."""
        here, before = len(self._outcomes) + len(self._next), -1
        while here > before:
            await asyncio.sleep(0)
            here, before = len(self._outcomes) + len(self._next), here

    def _record(self, asked: list[Parcel]) -> frozenset[int]:
        allowed = self._ledger.turn(tuple(self._outcomes), tuple(asked))
        self._outcomes.clear()
        return allowed

    def _note(self, turn: asyncio.Task[frozenset[int]]) -> None:
        failure = None if turn.cancelled() else turn.exception()
        self.broken = self.broken or failure
