"""Files that are whole or not there: written aside, flushed to the disk, then renamed.

Serves the transports and outlets that write files. Touches the file system where it is told to.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, data: bytes, *, aside: Path | None = None) -> None:
    """Replace `path` by these bytes in one step; readers see the old file or the new one.

    `aside` is a folder of the same file system to write in first (a Maildir's `tmp`); without it a
    dot file beside `path` is used. The name is durable only after `sync_folder`. Raises OSError.
    """
    folder = path.parent if aside is None else aside
    draft = folder / f".{path.name[:100]}.{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


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
