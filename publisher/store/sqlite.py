"""SQLite set up so that nothing acknowledged is lost; serves `opening`. Makes the file's folder.

WAL with synchronous FULL (a power cut loses nothing, https://www.sqlite.org/wal.html#fsync), a busy
timeout, foreign keys, and transactions begun by us: the driver's own implicit BEGIN would be
deferred and could fail at its first write.
"""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event

from publisher.store.database import WRITE, begin_writing
from publisher.store.failures import translated

READERS = 8
CHECKPOINT = 4_000
"""Pages of the log (16 MB) after which it is written back, and not in every hundredth turn."""


def sqlite_engine(url: URL, root: Path, busy: timedelta) -> tuple[Engine, Path]:
    """Return an engine and the file it opens (relative addresses count from `root`).

    Raises StoreUnavailable when the folder cannot be made.
    """
    path = root / (url.database or "")
    with translated(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url.set(database=str(path)),
        connect_args={"check_same_thread": False, "timeout": busy.total_seconds()},
        pool_size=READERS,
        max_overflow=READERS,
    )
    event.listen(engine, "connect", _settings)
    event.listen(engine, "begin", _begin)
    return engine, path


def _settings(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # Opening an edition for a million readers sorts them: in files, lest it take memory.
    cursor.execute("PRAGMA temp_store = FILE")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT}")
    cursor.close()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITE):
        begin_writing(cast("sqlite3.Connection", connection.connection.driver_connection))
    else:
        connection.exec_driver_sql("BEGIN")
