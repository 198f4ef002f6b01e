"""Ports of being pushed to: what is remembered of our sources' hubs, and who reads what they bring."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from publisher.model.articles import Collected, SourceState
from publisher.model.pushes import Listening, ListeningId, Offer, WaitingId, WaitingPush


@runtime_checkable
class Pushable(Protocol):
    """A source that can also be pushed to; `core.pushes` asks for it."""

    def pushed(self, body: bytes, content_type: str, state: SourceState) -> Collected | None:
        """Read what a hub brought as if it had been fetched; `partial`, validators as in `state`.

        None wants to be collected from at once instead: a push tells only that there is news, or what
        it brings is not all. Raises ParseError for what cannot be read.
        """
        ...


class Pushes(Protocol):
    """Listenings at hubs of sources, and pushes that wait; used by core.pushes."""

    def offers(self) -> Mapping[str, Offer]:
        """Return which hubs sources name, by source; those that name none are left out."""
        ...

    def listenings(self) -> Sequence[Listening]:
        """Return all listenings, by source."""
        ...

    def listening_of(self, token: str) -> Listening | None:
        """Return the listening whose address ends with a token."""
        ...

    def begin_listening(
        self, offer: Offer, hub: str, token: str, secret: str, now: datetime
    ) -> bool:
        """Begin with one hub of an offer; False when there is a listening there already."""
        ...

    def put_listening(self, row: Listening, now: datetime) -> Listening | None:
        """Write what was decided, and return it; None when others have decided meanwhile.

        A source whose listening ends thereby is polled at once. Counters are left as they are.
        """
        ...

    def drop_listening(self, row: Listening) -> None:
        """Forget a listening, unless others have decided meanwhile."""
        ...

    def take_listening(self, now: datetime, until: datetime) -> Listening | None:
        """Return the listening that has been due longest; nobody else takes it until then."""
        ...

    def keep_push(
        self, row: Listening, body: bytes, content_type: str, now: datetime, *, most: int
    ) -> bool:
        """Keep what a hub has brought until it is read; False when `most` of its source wait.

        The same that waits already is counted, and kept once.
        """
        ...

    def drop_push(self, number: ListeningId) -> int:
        """Count a push that is not believed; return how many there were."""
        ...

    def take_waiting(self, now: datetime, until: datetime) -> WaitingPush | None:
        """Return the push that has waited longest; nobody else takes it until then."""
        ...

    def settle_waiting(self, number: WaitingId, now: datetime, *, poll: bool = False) -> None:
        """Forget a push; `poll` has its source polled at once instead."""
        ...

    def put_off_waiting(self, number: WaitingId, due: datetime) -> None:
        """Have a push read again at `due`, and count the try."""
        ...

    def waiting_pushes(self) -> Mapping[ListeningId, int]:
        """Return how many pushes wait, by listening."""
        ...

    def pushes_due(self, now: datetime) -> int:
        """Return how many hubs are to be asked and pushes to be read."""
        ...

    def polled(self, news: Mapping[str, bool], now: datetime, late: timedelta) -> Sequence[str]:
        """Note polls of sources; return those where one found news that no hub has brought.

        Such a source is polled again within `late`, and its hub asked again.
        """
        ...

    def alive_sources(self, now: datetime, late: timedelta) -> Collection[str]:
        """Return the sources whose hubs may be relied on; for `late` after a miss still so."""
        ...
