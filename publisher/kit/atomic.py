"""Files that are whole or not there: written aside, flushed to the disk, then renamed.

Serves the transports and outlets that write files. Touches the file system where it is told to.
"""

import os
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

_Thing = TypeVar("_Thing")

FLUSHED = 8
"""How many files are flushed at a time: a disk takes in one go what waits for it together."""


class Draft:
    """A file written aside: to be flushed, and then put in its place or dropped."""

    def __init__(self, path: Path, data: bytes, *, aside: Path | None = None) -> None:
        """Write the bytes; `aside` as for `write_whole`. Raises OSError, and leaves nothing then."""
        folder = path.parent if aside is None else aside
        self.path = path
        self._place = folder / f".{path.name[:100]}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(self._place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        self._file = os.fdopen(descriptor, "wb")
        try:
            self._file.write(data)
            self._file.flush()
        except BaseException:
            self.drop()
            raise

    def flush(self, sync: Callable[[int], None] = os.fsync) -> None:
        """Make the bytes durable. Raises OSError."""
        with self._file:
            sync(self._file.fileno())

    def put(self) -> None:
        """Put the file in its place in one step. Raises OSError."""
        self._place.replace(self.path)

    def drop(self) -> None:
        """Take the file away, unless it stands in its place."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._place.unlink()


def write_whole(path: Path, data: bytes, *, aside: Path | None = None) -> None:
    """Replace `path` by these bytes in one step; readers see the old file or the new one.

    `aside` is a folder of the same file system to write in first (a Maildir's `tmp`); without it a
    dot file beside `path` is used. The name is durable only after `sync_folder`. Raises OSError.
    """
    draft = Draft(path, data, aside=aside)
    try:
        draft.flush()
        draft.put()
    except BaseException:
        draft.drop()
        raise


def several(work: Callable[[_Thing], None], things: Sequence[_Thing]) -> Sequence[OSError | None]:
    """Flush many files or folders, some at a time; return what went wrong with each, in order."""

    def one(thing: _Thing) -> OSError | None:
        try:
            work(thing)
        except OSError as error:
            return error
        return None

    if len(things) <= 1:
        return [one(thing) for thing in things]
    with ThreadPoolExecutor(min(FLUSHED, len(things))) as pool:
        return list(pool.map(one, things))


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable: a power cut forgets renames otherwise. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def reason(error: OSError) -> str:
    """Return an operating system's error in its own words, without number and path."""
    return error.strerror or str(error)
