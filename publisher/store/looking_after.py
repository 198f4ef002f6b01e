"""Upgrading, copying and restoring a store by its address; serves the command line.

Each opens the store by itself, so that it works beside other processes, or where none can run.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.errors import Conflict, NotFound, UsageError
from publisher.model.keeping import KeptFile
from publisher.ports import Progress
from publisher.store.copies import (
    check_empty,
    copied_at,
    copy_file,
    draft_of,
    files_of,
    mark,
    pour,
    settle_file,
)
from publisher.store.database import Database
from publisher.store.opening import connect, revision_of, settle_schema
from publisher.store.schema import REVISIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """The schema's revisions before ("" = empty) and after, and the copy made in between."""

    before: str
    after: str
    copy: Path | None = None


def upgrade_store(url: str, root: Path, now: datetime, progress: Progress) -> Upgraded:
    """Bring a store to the newest schema; an SQLite file that has one is copied first.

    Raises ConfigError, SchemaTooNew, StoreUnavailable, StoreBusy, StoreFull.
    """
    with closing(connect(url, root)) as database:
        before, copy = revision_of(database), None
        if before not in {"", REVISIONS[-1]} and database.sqlite:
            path = Path(database.where)
            copy = path.with_name(f"{path.name}.{before}-{now:%Y%m%dT%H%M%S}")
            with draft_of(copy) as draft:
                copy_file(path, draft, progress)
                mark(draft, now, ())
        found, after = settle_schema(database, upgrade=True)
    return Upgraded(before=found, after=after, copy=copy)


def backup_store(
    url: str,
    root: Path,
    target: Path,
    files: Sequence[KeptFile],
    now: datetime,
    progress: Progress,
) -> None:
    """Write a consistent copy of the store, with these files, to `target`, while others use it.

    An older copy there is replaced; anything else is not. Raises UsageError for that and for the
    store's own file, NotFound when there is no store, and StoreError.
    """
    with closing(connect(url, root)) as database:
        if database.sqlite and not Path(database.where).is_file():
            raise NotFound(database.where, "there is no store yet: nothing to copy")
        revision = revision_of(database)
        if not revision:
            raise NotFound(database.where, "there is no store yet: nothing to copy")
        if target.exists() and copied_at(target) is None:
            raise UsageError(str(target), "is no copy made by `backup`, so it is not replaced")
        if not target.parent.is_dir():
            raise UsageError(str(target.parent), "is no folder; make it first, or name another")
        with draft_of(target) as draft:
            if database.sqlite:
                copy_file(Path(database.where), draft, progress)
            else:
                _carry(database, draft, progress)
            mark(draft, now, files)


def restore_store(url: str, root: Path, copy: Path, progress: Progress) -> None:
    """Put a copy where the store belongs, which must be empty; it stays marked as a copy.

    A copy of an older publisher is brought to this schema on the way to a server. Raises UsageError
    when the file is no copy, Conflict when there is a store already, and StoreError.
    """
    if copied_at(copy) is None:
        raise UsageError(str(copy), "is no copy made by `publisher backup`")
    with closing(connect(url, root)) as database:
        if database.sqlite:
            target = Path(database.where)
            check_empty(target)
            with draft_of(target) as draft:
                copy_file(copy, draft, progress)
            return
        if revision_of(database):
            raise Conflict(database.where, "there is a store already: name an empty database")
        _pour_into(database, root, copy, progress)


def files_in(copy: Path) -> tuple[KeptFile, ...]:
    """Return the files that travel with a copy. Raises UsageError, StoreError."""
    if copied_at(copy) is None:
        raise UsageError(str(copy), "is no copy made by `publisher backup`")
    return files_of(copy)


def _carry(database: Database, draft: Path, progress: Progress) -> None:
    """Copy a server's store into a file, as it was at one moment."""
    settle_schema(database, upgrade=False)
    with closing(connect(f"sqlite:///{draft}", Path())) as file:
        settle_schema(file, upgrade=True)
        with database.snapshot() as reading, file.write() as writing:
            pour(reading, writing, progress)
    settle_file(draft)


def _pour_into(database: Database, root: Path, copy: Path, progress: Progress) -> None:
    """Carry a copy over to a server, through a file of this schema."""
    between = root / f".{copy.name[:100]}.restoring"
    try:
        with draft_of(between) as draft:
            copy_file(copy, draft, progress)
        with closing(connect(f"sqlite:///{between}", Path())) as file:
            settle_schema(file, upgrade=True)
            settle_schema(database, upgrade=True)
            with file.read() as reading, database.write() as writing:
                pour(reading, writing, progress)
    finally:
        for side in ("", "-wal", "-shm"):
            between.with_name(between.name + side).unlink(missing_ok=True)
