"""Proofs of the guarantees: a short form of each in the suite, the long one behind `make torture`."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.conftest import (  # noqa: F401  the same databases as the store's own tests
    created,
    postgres_database,
    postgres_server,
    postgres_template,
)
from tests.torture.gazette import Gazette
from tests.torture.nursery import Nursery
from tests.torture.servers import Disk, Server, mounted, running
from tests.torture.sink import Sink


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """What forks lives of the program."""
    with Nursery() as started:
        yield started


@pytest.fixture(scope="module")
def heirs() -> Iterator[Nursery]:
    """Another one, for lives beside each other."""
    with Nursery() as started:
        yield started


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A relay that takes everything and counts it."""
    with Sink() as started:
        yield started


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def gazette(request: pytest.FixtureRequest, tmp_path: Path, sink: Sink) -> Gazette:
    """A publication with an empty store of either kind, that sends to the sink."""
    url = "sqlite:///var/publisher.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_database")
    return Gazette(tmp_path / "gazette", url, sink.port)


@pytest.fixture
def kind(gazette: Gazette) -> str:
    """Which database it is, for people."""
    return "SQLite" if gazette.url.startswith("sqlite") else "PostgreSQL"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Disk]:
    """A file system of sixteen megabytes."""
    with mounted(tmp_path / "disk", 16) as disk:
        yield disk


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A PostgreSQL that nobody else uses, on a disk of its own."""
    # Its socket's path may hold 107 characters at most: not below pytest's long folder names.
    with (
        tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder,
        running(Path(folder)) as server,
    ):
        yield server
