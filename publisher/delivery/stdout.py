"""Messages onto standard output, one after the other, for a look or a pipe.

Serves operators and tests. Touches standard output only, through the function it is given.
"""

import sys
from collections.abc import Callable, Iterator, Sequence

import msgspec

from publisher.errors import TransportUnavailable
from publisher.kit.atomic import reason
from publisher.kit.carrying import carry
from publisher.model.messages import Parcel
from publisher.ports import Ledger, TransportContext


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `stdout` transport."""

    separator: str = ""  # a line between two messages; none when empty


class StandardOutput:
    """The transport. Messages have Unix line ends and end in an empty line."""

    leaves_machine = False

    def __init__(self, name: str, write: Callable[[bytes], None], separator: str) -> None:
        self.name = name
        self._put = write
        self._end = f"\n{separator}\n".encode() if separator else b"\n"

    def send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        """Write each message. Raises TransportUnavailable when nobody reads any more."""
        carry(parcels, ledger, self.name, self._write)

    def close(self) -> None:
        """Leave standard output open."""

    def _write(self, parcels: Sequence[Parcel]) -> None:
        try:
            for parcel in parcels:
                self._put(parcel.data.replace(b"\r\n", b"\n") + self._end)
        except OSError as error:
            raise TransportUnavailable("standard output", reason(error)) from None


def create(options: Options, context: TransportContext) -> StandardOutput:
    """Make the transport."""
    return StandardOutput(context.name, context.write or _to_stdout, options.separator)


def _to_stdout(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
