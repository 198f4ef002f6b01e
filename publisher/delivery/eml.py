"""Messages into a folder, one `.eml` file each, to look at or to hand to another program.

Serves operators and tests. Touches the folder it is given. The bytes are those that SMTP carries.
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
    """Keys of an `eml` transport."""

    path: str = "var/eml"  # the folder, made when missing


class EmlFolder:
    """The transport. A file is named by its Message-ID, so that a second writing replaces it."""

    leaves_machine = False

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    def send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        """Write each message. Raises TransportUnavailable when the folder cannot be written."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TransportUnavailable(str(self._path), reason(error)) from None
        carry(parcels, ledger, self.name, self._write, batch=BATCH)

    def close(self) -> None:
        """Do nothing: no file is held open."""

    def _write(self, parcels: Sequence[Parcel]) -> None:
        try:
            for parcel in parcels:
                name = _UNFIT.sub("_", parcel.message_id.strip("<>"))
                write_whole(self._path / f"{name}.eml", parcel.data)
            sync_folder(self._path)
        except OSError as error:
            raise TransportUnavailable(str(self._path), reason(error)) from None


def create(options: Options, context: TransportContext) -> EmlFolder:
    """Make the transport; relative paths count from the publication's folder."""
    return EmlFolder(context.name, context.root / options.path)
