"""The witness of a store: a small file outside it that says how far the store came.

Serves `opening` and the ledger's turns. A copy of the store that is put back is behind it. Notes are
not flushed to the disk: after a power cut the witness may be behind the store, which is no harm.
"""

import fcntl
import json
import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Lock

from publisher.errors import StoreBusy, StoreUnavailable
from publisher.kit.atomic import reason
from publisher.model.keeping import Witness
from publisher.store.failures import BUSY

SIZE = 512
"""Octets of the file: written in one piece, so that a killed process leaves the old or the new."""

WAL_HEADER = 24
"""Octets of SQLite's write-ahead log that tell its generation (format: sqlite.org/walformat.html)."""

PATIENCE = timedelta(seconds=10)
"""How long another process may hold the file; it needs microseconds, unless it is stopped meanwhile."""

LOOK = 0.001
"""Seconds between two looks whether it is free."""

WAL_GENERATION = slice(12, 24)
"""Checkpoint sequence number and both salts: they change whenever the log begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """`wal` is the log's generation, `floor` the count that the database file held when it began.

    `held` is the generation of the log of a store that is not trusted.
    """

    identity: str
    name: str
    count: int
    wal: str = ""
    floor: int = 0
    held: str = ""

    def pack(self) -> bytes:
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields).encode().ljust(SIZE - 1) + b"\n"


class WitnessFile:
    """The witness at `path`; `database` is SQLite's file (None: a server keeps the store).

    Whoever finds it kept by another process for longer than `patience` raises StoreBusy.
    """

    def __init__(
        self, path: Path, database: Path | None = None, patience: timedelta = PATIENCE
    ) -> None:
        self.path = path
        self._database = database
        self._patience = patience.total_seconds()
        self._lock = Lock()

    def read(self) -> Witness | None:
        """Return what it says, None when there is none or it cannot be understood.

        Raises StoreUnavailable when it cannot be read.
        """
        note = self._read()
        if note is None:
            return None
        return Witness(identity=note.identity, name=note.name, count=note.count)

    def mint(self, identity: str, count: int) -> str:
        """Begin anew for a store, durably; return the witness's new name. Raises StoreUnavailable."""
        name = str(uuid.uuid4())
        note = _Note(identity=identity, name=name, count=count, wal=self._wal(), floor=0)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock, self._opened(os.O_RDWR | os.O_CREAT) as file:
                os.pwrite(file, note.pack(), 0)
                os.fsync(file)
        except OSError as error:
            raise self._failed(error) from error
        return name

    def note(self, name: str, count: int) -> None:
        """Note that the store came this far; a witness of another name is left alone.

        Raises StoreUnavailable: then nothing more may be handed over.
        """
        self._write(lambda note: self._newer(note, count) if note.name == name else note)

    def note_log(self) -> None:
        """Note only in which generation the log is, while the store itself is not trusted."""
        self._write(lambda note: replace(note, held=self._wal()))

    def replaced(self) -> bool:
        """Tell whether SQLite's file was replaced while the log of the one before it stayed.

        To be asked before the database is opened: opening would mix the two into one that counts
        as far as the witness, and remembers less. A file that is as new as the beginning of its log
        is right; so is an older pair of both, which is behind the witness.
        """
        note, log = self._read(), self._wal()
        if note is None or log in {"", note.held} or self._database is None:
            return False
        beneath = _known_in(self._database, "immutable=1")
        if beneath is None:
            return False
        mixed = _known_in(self._database, "mode=ro")
        if mixed is None or mixed[0] != beneath[0]:
            return True
        least = note.floor if log == note.wal else note.count
        return mixed[0] == note.identity and mixed[1] >= note.count and beneath[1] < least

    def _newer(self, note: _Note, count: int) -> _Note:
        wal = self._wal()
        if wal != note.wal:
            # The log begins anew only when all of it lies in the database file.
            note = replace(note, wal=wal, floor=note.count)
        return note if count <= note.count else replace(note, count=count)

    def _write(self, change: Callable[[_Note], _Note]) -> None:
        try:
            with self._lock, self._opened(os.O_RDWR) as file:
                note = _parse(os.pread(file, SIZE, 0))
                changed = note and change(note)
                if changed and changed != note:
                    os.pwrite(file, changed.pack(), 0)
        except FileNotFoundError:
            return  # taken away meanwhile: the next look says so
        except OSError as error:
            raise self._failed(error) from error

    def _read(self) -> _Note | None:
        try:
            with self._opened(os.O_RDONLY) as file:
                return _parse(os.pread(file, SIZE, 0))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(error) from error

    @contextmanager
    def _opened(self, flags: int) -> Iterator[int]:
        """Give the file, which no other process changes meanwhile."""
        file = os.open(self.path, flags, 0o666)
        try:
            self._take(file, fcntl.LOCK_SH if flags == os.O_RDONLY else fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)

    def _take(self, file: int, kind: int) -> None:
        """Lock the file. Raises StoreBusy: a process stopped while it had it would stop all others."""
        end = time.monotonic() + self._patience
        while True:
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise StoreBusy(str(self.path), BUSY) from None
                time.sleep(LOOK)
            else:
                return

    def _wal(self) -> str:
        """Return the generation of SQLite's log, "" when there is none."""
        if self._database is None:
            return ""
        try:
            file = os.open(f"{self._database}-wal", os.O_RDONLY)
        except FileNotFoundError:
            return ""
        try:
            head = os.pread(file, WAL_HEADER, 0)
        finally:
            os.close(file)
        return head[WAL_GENERATION].hex() if len(head) == WAL_HEADER else ""

    def _failed(self, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(
            str(self.path), f"the store's witness cannot be kept: {reason(error)}"
        )


def _known_in(database: Path, how: str) -> tuple[str, int] | None:
    """Return identity and count in SQLite's file, None when they cannot be read.

    `immutable=1` reads the file without its log.
    """
    address = f"{database.absolute().as_uri()}?{how}"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            wanted = "SELECT key, value FROM meta WHERE key IN ('identity', 'count')"
            known = dict(connection.execute(wanted).fetchall())
    except sqlite3.Error:
        return None
    return (known["identity"], int(known["count"])) if len(known) > 1 else None


def _parse(data: bytes) -> _Note | None:
    try:
        return _Note(**json.loads(data))
    except (ValueError, TypeError):
        return None
