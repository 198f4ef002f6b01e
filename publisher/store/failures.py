"""Every driver's error as one of ours; serves the whole store. Touches nothing.

SQLite's result codes: https://www.sqlite.org/rescode.html; PostgreSQL's SQLSTATE: its manual,
appendix A.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, ResourceClosedError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from publisher.errors import Conflict, StoreBusy, StoreError, StoreFull, StoreUnavailable

BUSY = "it is locked by another process; try again in a moment"
FULL = "there is no room left on its disk; free some and start again"
READ_ONLY = (
    "it cannot be written to; check who owns the file and its folder, and how the disk is mounted"
)
CLOSED = "it is closed"

# The low byte of SQLite's extended result code.
SQLITE: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (StoreBusy, BUSY),
    sqlite3.SQLITE_LOCKED: (StoreBusy, BUSY),
    sqlite3.SQLITE_FULL: (StoreFull, FULL),
    sqlite3.SQLITE_CONSTRAINT: (Conflict, "this contradicts what is stored"),
    sqlite3.SQLITE_READONLY: (StoreUnavailable, READ_ONLY),
    sqlite3.SQLITE_PERM: (StoreUnavailable, READ_ONLY),
    sqlite3.SQLITE_CANTOPEN: (
        StoreUnavailable,
        "it cannot be opened; check that the folder exists and may be written to",
    ),
    sqlite3.SQLITE_IOERR: (StoreUnavailable, "its disk reports an error; check the disk"),
    sqlite3.SQLITE_NOTADB: (
        StoreUnavailable,
        "this is not a publisher database; move the file away or restore a backup",
    ),
    sqlite3.SQLITE_CORRUPT: (
        StoreUnavailable,
        "the file is damaged; restore a backup (a copy of the damaged file may help experts)",
    ),
}

# PostgreSQL: whole codes first, then classes (two letters).
POSTGRES: dict[str, tuple[type[StoreError], str]] = {
    "53100": (StoreFull, FULL),
    "53": (StoreBusy, "the server has no room for another connection; try again in a moment"),
    "40": (StoreBusy, BUSY),
    "55P03": (StoreBusy, BUSY),
    "57014": (StoreBusy, "the server gave up waiting; try again in a moment"),
    "25006": (StoreUnavailable, READ_ONLY),
    "42501": (StoreUnavailable, "the database user may not do this; check its grants"),
    "23": (Conflict, "this contradicts what is stored"),
    "28": (StoreUnavailable, "the server refuses this user or password"),
    "3D": (StoreUnavailable, "there is no such database; create it first"),
    "57": (StoreUnavailable, "the server is shutting down or starting"),
    "08": (StoreUnavailable, "the connection was lost"),
}


def translate(error: BaseException, where: str) -> StoreError:
    """Return what a driver said as one of our errors about the store at `where`."""
    if isinstance(error, PoolTimeout):
        return StoreBusy(where, "all connections are in use; try again in a moment")
    if isinstance(error, ResourceClosedError):
        return StoreUnavailable(where, CLOSED)
    cause = (error.orig or error) if isinstance(error, DBAPIError) else error
    found = _known(cause)
    if found is None and isinstance(error, IntegrityError):
        found = (Conflict, "this contradicts what is stored")
    kind, reason = found or (StoreError, "")
    said = " ".join(str(cause).split())
    return kind(where, f"{reason} ({said})" if reason else said)


def _known(cause: BaseException) -> tuple[type[StoreError], str] | None:
    """Return the kind and the advice for a driver's error, None for one we do not know."""
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return POSTGRES.get(state) or POSTGRES.get(state[:2])
    if isinstance(cause, sqlite3.Error):
        return _known_sqlite(cause)
    if isinstance(cause, OSError):
        full = cause.errno in {errno.ENOSPC, errno.EDQUOT}
        return (StoreFull, FULL) if full else (StoreUnavailable, "it cannot be opened")
    # psycopg tells by class alone that there is no connection at all.
    if type(cause).__module__.startswith("psycopg") and type(cause).__name__ == "OperationalError":
        return (StoreUnavailable, "the server cannot be reached, or refuses us; is it running?")
    return None


def _known_sqlite(cause: sqlite3.Error) -> tuple[type[StoreError], str] | None:
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return SQLITE.get(code & 0xFF)
    closed = isinstance(cause, sqlite3.ProgrammingError) and "closed" in str(cause)
    return (StoreUnavailable, CLOSED) if closed else None


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn driver errors raised inside into ours."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise translate(error, where) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] != "psycopg":
            raise
        raise translate(error, where) from error
