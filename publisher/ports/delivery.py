"""Ports of what carries mails and publishes documents."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
    """An adapter that publishes documents; called by core.publishing and core.mirroring."""

    @property
    def form(self) -> str:
        """What decides besides a document's bytes where and how it stands there.

        Where it becomes another, all documents are written again.
        """
        ...

    def write(self, documents: Iterable[Document]) -> Sequence[str]:
        """Publish; return the paths that changed. Raises OutletError, which names what stands all the same.

        Several may go at once: what points at something is given later than that. Raises
        OutletUnavailable when it would take no other document either.
        """
        ...

    def remove(self, paths: Iterable[str]) -> None:
        """Take documents away; those that are not there are passed over. Raises OutletError."""
        ...

    def lacks(self, paths: Iterable[str]) -> bool:
        """Tell whether any of these documents is missing there, cheaply. Raises OutletError."""
        ...

    def probe(self) -> str:
        """Try whether it would work, and leave nothing behind; return what was seen, in one line.

        Raises OutletError.
        """
        ...


class FinishedDocuments(Protocol):
    """The documents that stand in the output folder; used by mirroring."""

    def files(self) -> Iterable[tuple[str, str]]:
        """Yield each document's path, and what tells this version of it from every other.

        Raises OutletError when they cannot be looked at.
        """
        ...

    def read(self, path: str) -> Document | None:
        """Return a document; None when it is gone, or cannot be read."""
        ...


class Placements(Protocol):
    """What outlets besides the output folder were given; used by mirroring."""

    def placed(self, outlet: str) -> Mapping[str, str]:
        """Return the mark of every document that stands at an outlet, by path."""
        ...

    def record_placed(self, outlet: str, marks: Mapping[str, str]) -> None:
        """Remember documents that were brought to an outlet."""
        ...

    def drop_placed(self, outlet: str, paths: Collection[str]) -> None:
        """Forget documents that were taken away from an outlet."""
        ...
