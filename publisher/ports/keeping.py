"""The store looked after: copies, its witness, repair.

Each verb is one transaction, begun and ended inside it. Any verb may raise StoreError.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from publisher.model.editions import Edition, EditionId
from publisher.model.keeping import Marks, Repaired


class Keeping(Protocol):
    """The store's own marks; used by keeping (promise 5)."""

    def identity(self) -> str:
        """Return the publication's permanent uuid, minted when the store was made."""
        ...

    def beat(self, now: datetime) -> None:
        """Write the heartbeat, and count a step."""
        ...

    def marks(self, *, settled: bool = False) -> Marks:
        """Return what the store and its witness say; `settled` waits for a witness being made."""
        ...

    def attest(self) -> None:
        """Note every step outside the store from now on; the witness is made when there is none."""
        ...

    def hold_back(self, reason: str) -> Sequence[Edition]:
        """Let nothing be sent from this store until `let_go`; pause what is open, and return that."""
        ...

    def repair(
        self,
        now: datetime,
        dead: Collection[str],
        resend: bool,  # noqa: FBT001  the verb is always called with its names
        dry: bool,  # noqa: FBT001  as above
    ) -> Repaired:
        """Put the ledger right in one transaction; `dry` only says what would be done."""
        ...

    def let_go(self) -> None:
        """Trust this store again: it goes on from here, and every other copy of it is held back."""
        ...

    def count_as_sent(self, number: EditionId, reason: str, now: datetime) -> int:
        """Settle what waits of a paused edition as uncertain, which counts as sent, and open it.

        Returns how many. Raises Conflict, NotFound.
        """
        ...


class Tidied(Protocol):
    """Old editions; used by tidying."""

    def fold_edition(
        self, before: datetime, now: datetime, limit: int = 5_000
    ) -> tuple[EditionId, int] | None:
        """Drop deliveries of the oldest edition that ended before; None when there is none left.

        At most `limit` at once, so that who sends need not wait. Returns the edition and how many
        were dropped; its counts stay as they were.
        """
        ...
