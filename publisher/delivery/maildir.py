"""Messages into a Maildir on this machine, where any mail reader shows them.

Serves operators trying things out (the embedded default) and tests. Touches the folder it is
given. A file's name comes from the Message-ID, so that writing it again after a crash replaces it.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from publisher.errors import TransportUnavailable
from publisher.kit.atomic import reason, sync_folder, write_whole
from publisher.kit.carrying import carry
from publisher.model.messages import Parcel
from publisher.ports import Ledger, TransportContext

BATCH = 16  # files to a turn; what a crash leaves uncertain is rewritten under the same names
_UNFIT = re.compile(r"[^A-Za-z0-9.@=+-]+")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `maildir` transport."""

    path: str = "var/outbox"  # the Maildir, made when missing


class Maildir:
    """The transport. One message is one file in `new/`, with Unix line ends as readers expect."""

    leaves_machine = False

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path
        self._read: frozenset[str] = frozenset()

    def send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        """Write each message. Raises TransportUnavailable when the folder cannot be written."""
        try:
            for folder in ("tmp", "new", "cur"):
                (self._path / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            # A reader that has shown a message moves it to cur/ and adds its flags to the name.
            shown = [file.name for file in (self._path / "cur").iterdir()]
        except OSError as error:
            raise TransportUnavailable(str(self._path), reason(error)) from None
        self._read = frozenset(name.partition(":")[0] for name in shown)
        carry(parcels, ledger, self.name, self._write, batch=BATCH)

    def close(self) -> None:
        """Do nothing: no file is held open."""

    def _write(self, parcels: Sequence[Parcel]) -> None:
        try:
            for parcel in parcels:
                name = _UNFIT.sub("_", parcel.message_id.strip("<>"))
                if name not in self._read:
                    data = parcel.data.replace(b"\r\n", b"\n")
                    write_whole(self._path / "new" / name, data, aside=self._path / "tmp")
            sync_folder(self._path / "new")
        except OSError as error:
            raise TransportUnavailable(str(self._path), reason(error)) from None


def create(options: Options, context: TransportContext) -> Maildir:
    """Make the transport; relative paths count from the publication's folder."""
    return Maildir(context.name, context.root / options.path)
