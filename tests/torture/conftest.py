"""Proofs of the guarantees: a short form of each in the suite, the long one behind `make torture`."""

import os
import tempfile
from collections.abc import Callable, Iterator
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
from tests.torture.results import Result, lines, save
from tests.torture.servers import Disk, Server, mounted, running
from tests.torture.sink import Sink

RESULTS = pytest.StashKey[list[Result]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RESULTS] = []


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[Result], None]:
    """Put a row into the table; a promise that was not kept fails the test."""

    def put(result: Result) -> None:
        request.config.stash[RESULTS].append(result)
        assert result.held, "\n".join([*lines([result]), *result.wrong])

    return put


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table; keep it where `TORTURE_RESULTS` says."""
    results = terminalreporter.config.stash[RESULTS]
    if results:
        terminalreporter.section("proofs")
        for line in lines(results):
            terminalreporter.write_line(line)
    if results and (path := os.environ.get("TORTURE_RESULTS")):
        save(results, Path(path))


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
