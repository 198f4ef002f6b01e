"""A publication's copy: the store with definitions and secrets in one file, and back again.

Serves the command line. Articles and output are not in it: the first are the operator's own files,
the second is made anew.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from publisher.errors import OutletError
from publisher.kit.atomic import reason, write_whole
from publisher.model.definitions import Definitions
from publisher.model.keeping import KeptFile
from publisher.ports import Progress
from publisher.store import backup_store, files_in

FOLDERS = ("feeds", "schedules", "templates", "secrets")
SECRET = 0o700
"""The mode of folders made for secrets."""


def backup(
    definitions: Definitions, target: Path, now: datetime, progress: Progress
) -> tuple[KeptFile, ...]:
    """Write store, definitions and secrets to one file; return the files that went with the store.

    Raises StoreError, UsageError, OutletError.
    """
    files = tuple(_files(definitions))
    backup_store(definitions.store_url, definitions.root, target, files, now, progress)
    return files


def unpack(copy: Path, root: Path) -> tuple[Sequence[str], Sequence[str]]:
    """Write the definitions and secrets of a copy into a folder; return (written, left as they were).

    A file that is there already is never replaced. Raises StoreError, UsageError, OutletError.
    """
    written: list[str] = []
    left: list[str] = []
    for file in files_in(copy):
        target = root / file.name
        if target.exists():
            left.append(file.name)
            continue
        try:
            private = file.name.startswith("secrets/")
            target.parent.mkdir(parents=True, exist_ok=True, mode=SECRET if private else 0o777)
            write_whole(target, file.data)
            target.chmod(stat.S_IMODE(file.mode) & (SECRET if private else 0o777))
            os.utime(target, (file.changed, file.changed))
        except OSError as error:
            raise OutletError(str(target), f"cannot be written: {reason(error)}") from error
        written.append(file.name)
    return written, left


def _files(definitions: Definitions) -> Iterator[KeptFile]:
    root = definitions.root
    paths = [root / "publisher.toml"]
    if definitions.samples:
        paths.append(root / definitions.samples)
    for folder in FOLDERS:
        paths += sorted((root / folder).rglob("*"))
    for path in paths:
        try:
            if path.is_file() and path.resolve().is_relative_to(root.resolve()):
                found = path.stat()
                name = path.relative_to(root).as_posix()
                yield KeptFile(
                    name=name,
                    data=path.read_bytes(),
                    mode=found.st_mode,
                    changed=int(found.st_mtime),
                )
        except OSError as error:
            raise OutletError(str(path), f"cannot be read: {reason(error)}") from error
