"""Ports of what carries mails and publishes documents."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from publisher.model.allowances import Allowance
from publisher.model.editions import Outcome
from publisher.model.messages import Parcel
from publisher.model.views import Document


class Ledger(Protocol):
    """The transport's side of the ledger; one `turn` is one transaction."""

    def turn(
        self,
        outcomes: Sequence[Outcome],
        next: Sequence[Parcel],  # noqa: A002  the ledger's word: what goes next
    ) -> frozenset[int]:
        """Record outcomes, mark `next` as sending, and answer which of them may go.

        Re-checks lease, pause and consent. A parcel not in the answer must not be written to the
        wire and needs no outcome. Every turn, also an empty one, prolongs the lease: a transport
        that waits takes one in each quarter of LEASE. Raises StoreError: then nothing more may be
        sent.
        """
        ...

    def stopping(self) -> bool:
        """Tell whether this process is to end: what is on the wire is finished, nothing begun."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportContext:
    """What a transport may use. `write` is standard output for the `stdout` transport.

    `fresh` looks the reference of one of its keys up again, as a token in a file is renewed while
    publisher runs; it raises ConfigError. `allowances` are rates shared with other processes.
    """

    name: str
    root: Path
    host: str = "localhost"  # what EHLO says
    write: Callable[[bytes], None] | None = None
    fresh: Callable[[str], str] | None = None
    allowances: "Allowances | None" = None


class Allowances(Protocol):
    """Rates that all processes of a publication keep together; called by transports.

    A process draws a slice, which lasts a fraction of a second, and spends it by itself. `bucket`
    names a rate (a transport and a group of domains), `limit` is in messages a second, 0 for none;
    `slow_start` in seconds. Raises StoreError.
    """

    def draw(self, bucket: str, limit: float, slow_start: float) -> Allowance:
        """Take what may go now."""
        ...

    def slow_down(self, bucket: str, limit: float, observed: float) -> None:
        """Halve a rate (`observed` messages a second where there is no limit): the other side asks."""
        ...

    def slowed(self, prefix: str) -> Mapping[str, float]:
        """Return the buckets of a prefix that are cut, each with the part of its rate that is left."""
        ...


class Transport(Protocol):
    """An adapter that carries messages; called by core.sending.

    `leaves_machine` False means that nothing can reach a real reader (Maildir, files, a loopback
    relay is NOT such a thing): only such transports take sample subscribers.
    """

    name: str
    leaves_machine: bool

    def send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        """Carry every parcel the ledger lets go, and hand in one outcome for each of those.

        Pulls `parcels` lazily. Raises TransportUnavailable or TransportRejected when the rest of the
        batch did not happen (outcomes so far have been handed in), StoreError from the ledger.
        """
        ...

    def close(self) -> None:
        """Release connections; may be called twice."""
        ...


class Outlet(Protocol):
    """An adapter that publishes documents."""

    def write(self, documents: Iterable[Document]) -> Sequence[str]:
        """Publish; unchanged ones are left alone. Return the paths that changed. Raises OutletError."""
        ...

    def remove(self, paths: Iterable[str]) -> None:
        """Take documents away; those that are not there are passed over. Raises OutletError."""
        ...

    def lacks(self, paths: Iterable[str]) -> bool:
        """Tell whether any of these documents is missing there. Raises OutletError."""
        ...
