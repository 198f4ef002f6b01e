"""Copies of a store: made while everything runs, put into an empty place; serves backup and restore.

A copy is one SQLite file, whatever keeps the store: the tables, a mark that it is a copy, and files
that belong to it as an SQLite archive (https://www.sqlite.org/sqlar.html). Writes where it is told to.
"""

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, Table, func, insert, select

from publisher.errors import Conflict, StoreError
from publisher.kit.atomic import sync_folder
from publisher.model.keeping import KeptFile
from publisher.ports import Progress
from publisher.store.failures import translated
from publisher.store.schema import WHOLE
from publisher.store.types import micros, moment

PAGES = 1_000
"""Pages of 4 KiB copied at a time: how often progress is told, and how often we can be stopped."""

ROWS = 2_000
"""Rows of a server's table that are carried over at a time."""

MARK = """
INSERT INTO meta (key, value) VALUES ('copied', ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value"""

ARCHIVE = """
CREATE TABLE sqlar (name TEXT PRIMARY KEY, mode INT, mtime INT, sz INT, data BLOB)"""

SIDES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file; left from another one they would be mixed into a new one."""


def copied_at(path: Path) -> datetime | None:
    """Return when `backup` made a file, None when it is no such copy. Raises StoreError."""
    if not path.is_file():
        return None
    try:
        with closing(_reading(path)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'copied'").fetchone()
    except sqlite3.DatabaseError:
        return None
    return moment(int(row[0])) if row else None


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """Give a file beside `target` that takes its place, durably, when the block ends well.

    Nobody else can read it: a copy holds addresses and keys.
    """
    draft = target.with_name(f".{target.name[:100]}.{os.getpid()}.{secrets.token_hex(4)}")
    with translated(str(target)):
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield draft
        with translated(str(target)):
            file = os.open(draft, os.O_RDONLY)
            try:
                os.fsync(file)
            finally:
                os.close(file)
            draft.replace(target)
            sync_folder(target.parent)
    except BaseException:
        for side in ("", *SIDES):
            with suppress(OSError):
                draft.with_name(draft.name + side).unlink()
        raise


def copy_file(source: Path, draft: Path, progress: Progress) -> None:
    """Copy an SQLite store as it is at this moment, while others go on writing to it.

    Page by page (SQLite's online backup), so that pages lie where they lay: a log that is left beside
    a restored copy can then be told from one of its own.
    """
    with (
        translated(str(source)),
        closing(_reading(source)) as reading,
        closing(sqlite3.connect(draft, isolation_level=None)) as writing,
    ):
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM meta").fetchone()  # from here on one snapshot

        def told(_status: int, left: int, total: int) -> None:
            progress(total - left, total, "pages")

        reading.backup(writing, pages=PAGES, progress=told, sleep=0)
        writing.execute("PRAGMA journal_mode = DELETE")


def pour(source: Connection, target: Connection, progress: Progress) -> None:
    """Carry every row of one database into the empty tables of another, of either kind."""
    tables = WHOLE.sorted_tables
    counts = [source.execute(select(func.count()).select_from(one)).scalar_one() for one in tables]
    done, total = 0, sum(counts)
    for table in tables:
        listed = source.execution_options(yield_per=ROWS).execute(select(table))
        for part in listed.mappings().partitions(ROWS):
            target.execute(insert(table), [dict(row) for row in part])
            done += len(part)
            progress(done, total, table.name)
        _number_on(target, table)


def mark(draft: Path, now: datetime, files: Sequence[KeptFile]) -> None:
    """Mark a file as a copy and put files into it."""
    with (
        translated(str(draft)),
        closing(sqlite3.connect(draft, isolation_level=None)) as writing,
    ):
        writing.execute("PRAGMA synchronous = FULL")
        writing.execute("BEGIN IMMEDIATE")
        writing.execute(MARK, (str(micros(now)),))
        writing.execute("DROP TABLE IF EXISTS sqlar")
        writing.execute(ARCHIVE)
        rows = [(one.name, one.mode, one.changed, len(one.data), one.data) for one in files]
        writing.executemany("INSERT INTO sqlar VALUES (?, ?, ?, ?, ?)", rows)
        writing.execute("COMMIT")


def files_of(path: Path) -> tuple[KeptFile, ...]:
    """Return the files in a copy. Raises StoreError for one that would lie outside its folder."""
    with translated(str(path)), closing(_reading(path)) as connection:
        wanted = "SELECT name, mode, mtime, data FROM sqlar ORDER BY name"
        rows = connection.execute(wanted).fetchall()
    found = [KeptFile(name=n, mode=m, changed=t, data=bytes(d)) for n, m, t, d in rows]
    for file in found:
        parts = PurePosixPath(file.name)
        if parts.is_absolute() or ".." in parts.parts or not parts.parts:
            raise StoreError(str(path), f"it holds a file of an impossible name: {file.name!r}")
    return tuple(found)


def check_empty(path: Path) -> None:
    """Raise Conflict when there is a store at a file's place already, or a part of one."""
    for side in ("", *SIDES):
        there = path.with_name(path.name + side)
        if there.exists():
            raise Conflict(
                str(there), "is in the way: stop publisher, and move it elsewhere first"
            )


def settle_file(draft: Path) -> None:
    """Leave one file, without a log beside it. Raises StoreError."""
    with translated(str(draft)), closing(sqlite3.connect(draft, isolation_level=None)) as file:
        if file.execute("PRAGMA journal_mode = DELETE").fetchone() != ("delete",):
            raise StoreError(str(draft), "the copy could not be completed")


def _number_on(tx: Connection, table: Table) -> None:
    """Let PostgreSQL give numbers after those that were carried over."""
    if tx.dialect.name == "postgresql" and "id" in table.c:
        highest = func.max(table.c.id)
        sequence = func.pg_get_serial_sequence(table.name, "id")
        tx.execute(select(func.setval(sequence, highest)).having(highest.is_not(None)))


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
