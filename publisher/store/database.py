"""One database: its connections and its two dialects' differences; serves every verb.

A verb is one `with database.write()` or `database.read()` block, one transaction, ended there.
SQLite has one writer connection per process, taken in turn under a lock, begun IMMEDIATE so that a
transaction never fails half-way for want of the write lock; readers see a snapshot beside it (WAL).
"""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import sqlite

from publisher.errors import StoreUnavailable
from publisher.store.failures import CLOSED, translated

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

CHUNK = 500
"""How many values go into one IN list."""

LOCKS = 7075626
"""Tells our advisory locks on PostgreSQL from those of other programs."""

PLANS = "".join(
    f"; SET LOCAL {setting}"
    for setting in (
        "plan_cache_mode = force_generic_plan",
        "enable_hashjoin = off",
        "enable_mergejoin = off",
    )
)
"""A turn's statements find a few rows by their keys: each has one good plan, whatever statistics say,
and to make it costs more than to run it."""

LOOK = 0.0005
"""Seconds between two tries to begin writing while another process does."""

WRITE = "publisher_write"
"""The execution option of a connection whose transactions write."""


class Database:
    """An engine with its manners. `where` names it in errors (never with a password)."""

    def __init__(self, engine: Engine, where: str) -> None:
        self.engine = engine
        self.where = where
        self.sqlite = engine.dialect.name == "sqlite"
        self.noted: Callable[[int], None] = lambda _count: None  # hears of each counted step
        self._lock = threading.RLock()
        self._writer: Connection | None = None
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection for reading (SQLite: of one state throughout). Raises StoreError."""
        self._check()
        with translated(self.where), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Like `read`, but on PostgreSQL too all statements see one state. Raises StoreError."""
        self._check()
        with translated(self.where), self.engine.connect() as plain:
            level = {} if self.sqlite else {"isolation_level": "REPEATABLE READ"}
            connection = plain.execution_options(**level)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose work is committed at the end, or not at all. Raises StoreError."""
        self._check()
        if not self.sqlite:
            with translated(self.where), self.engine.begin() as connection:
                yield connection
            return
        with translated(self.where), self._lock:
            writer = self._held()
            with writer.begin():
                yield writer

    @contextmanager
    def turn(self, edition: int | None = None) -> Iterator["Raw"]:
        """Like `write`, with the driver alone: what SQLAlchemy adds costs more than a turn's work.

        With an edition its ledger is held, as turns share it (see `hold`).
        """
        with translated(self.where), self._lock:
            raw = self._begun(edition)
            try:
                yield raw
                raw.run("COMMIT")
            except BaseException:
                raw.undo()
                raise

    @contextmanager
    def freeze(self, *tables: str) -> Iterator[Connection]:
        """Like `write`, but nobody else changes the tables named, and all statements see one state.

        PostgreSQL may answer StoreBusy (SQLSTATE 40001, 40P01): the whole transaction may be tried
        again. The lock comes first: a snapshot is taken by the first statement after it.
        """
        if self.sqlite:
            with self.write() as connection:
                yield connection
            return
        self._check()
        with translated(self.where), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                named = ", ".join(tables)
                connection.exec_driver_sql(f"LOCK TABLE {named} IN SHARE ROW EXCLUSIVE MODE")
                yield connection

    def insert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """Return an INSERT that knows ON CONFLICT."""
        if self.sqlite:
            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    def hold(self, connection: Connection, edition: int, *, shared: bool = False) -> None:
        """Keep others from working on an edition's ledger until the commit.

        Turns and claims share it, for each touches rows of its own; what touches everybody's rows
        has it alone, for two such would lock rows in two orders. SQLite has one writer anyway.
        """
        self.raw(connection).hold(edition, shared=shared)

    def raw(self, connection: Connection) -> "Raw":
        """Return the driver's own connection inside the transaction, for the hot paths."""
        return Raw(connection.connection.driver_connection, sqlite=self.sqlite)

    def close(self) -> None:
        """Close every connection; may be called twice."""
        with self._lock:
            self._closed = True
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self.engine.dispose()

    def _begun(self, edition: int | None) -> "Raw":
        """Begin a turn on the writer; one whose server was restarted since the last is made anew."""
        known = self._writer is not None
        raw = self.raw(self._held())
        try:
            raw.begin(edition)
        except Exception:
            raw.undo()
            if not (known and raw.lost):
                raise
            self._drop()
            raw = self.raw(self._held())
            raw.begin(edition)
        return raw

    def _held(self) -> Connection:
        """Return the one writer (on PostgreSQL of turns alone); its lock is held."""
        self._check()
        if self._writer is None:
            level = {} if self.sqlite else {"isolation_level": "AUTOCOMMIT"}
            self._writer = self.engine.connect().execution_options(**{WRITE: True}, **level)
        return self._writer

    def _drop(self) -> None:
        if self._writer is not None:
            self._writer.invalidate()
            self._writer.close()
            self._writer = None

    def _check(self) -> None:
        if self._closed:
            raise StoreUnavailable(self.where, CLOSED)


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """Undo, at the end, whatever was done inside the block."""
    step = connection.begin_nested()
    try:
        yield
    finally:
        step.rollback()


def begin_writing(connection: sqlite3.Connection) -> None:
    """Begin a transaction of SQLite's that writes, as soon as nobody else has one.

    Its own waiting sleeps longer at each try, up to a tenth of a second, while the one who has the
    lock gives it up and takes it again: of two processes that send, one would mostly wait.
    """
    ((patience,),) = connection.execute("PRAGMA busy_timeout")
    end = time.monotonic() + patience / 1_000
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while not _taken(connection, last=time.monotonic() >= end):
            time.sleep(LOOK)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {patience}")


def _taken(connection: sqlite3.Connection, *, last: bool) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


class Raw:
    """A driver's connection, one spelling for both: `?` marks a parameter.

    SQLAlchemy's own cost per statement (about 0.1 ms) is what a ledger turn cannot afford.
    """

    def __init__(self, driver: Any, *, sqlite: bool) -> None:
        self.sqlite = sqlite
        self._driver = driver

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        cursor = self._driver.execute(self._spelled(statement), values)
        return list(cursor.fetchall())

    def run(self, statement: str, *values: object) -> int:
        """Run one statement and return how many rows it changed (never trust it for upserts)."""
        return int(self._driver.execute(self._spelled(statement), values).rowcount)

    def begin(self, edition: int | None = None) -> None:
        """Begin a transaction that writes, and hold an edition's ledger as turns share it.

        PostgreSQL is told all of it in one message.
        """
        if self.sqlite:
            begin_writing(self._driver)
            return
        held = (
            ""
            if edition is None
            else f"; SELECT pg_advisory_xact_lock_shared({LOCKS}, {edition:d})"
        )
        self.run(f"BEGIN{PLANS}{held}")

    def undo(self) -> None:
        """End the transaction without a trace, if one is open; a lost connection has none."""
        if not self.lost:
            self._driver.rollback()

    @property
    def lost(self) -> bool:
        """Tell whether the connection to the server is gone."""
        return not self.sqlite and bool(self._driver.closed)

    def hold(self, edition: int, *, shared: bool) -> None:
        """Do what `Database.hold` says."""
        if not self.sqlite:
            kind = "_shared" if shared else ""
            self.rows(f"SELECT pg_advisory_xact_lock{kind}({LOCKS}, ?)", edition)

    def lock(self, statement: str, *values: object) -> None:
        """Hold the rows of a SELECT, in its order, until the commit."""
        if not self.sqlite:
            self.run(f"{statement} FOR UPDATE", *values)

    def locking(self, table: str) -> str:
        """Return what makes a SELECT hold the rows of one of its tables until the commit."""
        return "" if self.sqlite else f" FOR UPDATE OF {table}"

    def among(self, numbers: Sequence[int]) -> tuple[str, tuple[object, ...]]:
        """Return what follows a column that holds one of these, and its values.

        PostgreSQL takes them as one array: the statement is the same for any number, and prepared.
        """
        if self.sqlite:
            return f"IN ({marks(len(numbers))})", tuple(numbers)
        return "= ANY (?::bigint[])", (f"{{{','.join(map(str, numbers))}}}",)

    def many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> int:
        """Run one statement for each row of values; return how many rows that changed in all."""
        if not rows:
            return 0
        cursor = self._driver.cursor()
        cursor.executemany(self._spelled(statement), rows)
        count = int(cursor.rowcount)
        cursor.close()
        return count

    def each(self, texts: Iterable[str]) -> tuple[str, object]:
        """Return a table `j(value)` of texts for a FROM, and the parameter that it takes.

        However many there are, the statement is the same: the driver prepares it once.
        """
        if self.sqlite:
            return "json_each(?) AS j", json.dumps([*texts])
        return "unnest(?::text[]) AS j(value)", [*texts]

    def reserve(self, table: str, count: int) -> Sequence[int]:
        """Return so many row numbers that no row of the table has had or will be given."""
        if self.sqlite:  # nobody else writes before we commit; what is used raises the sequence
            found = self.rows("SELECT seq FROM sqlite_sequence WHERE name = ?", table)
            last = int(found[0][0]) if found else 0
            return range(last + 1, last + count + 1)
        asked = (
            f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, ?)"  # noqa: S608  ours
        )
        return [int(number) for (number,) in self.rows(asked, count)]

    def _spelled(self, statement: str) -> str:
        return statement if self.sqlite else statement.replace("?", "%s")


class Part:
    """What each subject's verbs share: the database, and who the publication is."""

    def __init__(self, database: Database) -> None:
        self._db = database


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the values in lists that fit into one IN."""
    rest = list(values)
    for begin in range(0, len(rest), CHUNK):
        yield rest[begin : begin + CHUNK]


def fields(row: Any) -> dict[str, Any]:
    """Return a row of SQLAlchemy's as a mapping of its columns."""
    return dict(row._mapping)  # noqa: SLF001  the documented name, see its manual under Row


def marks(count: int) -> str:
    """Return `?, ?, ?` for a raw IN list."""
    return ", ".join("?" * count)
