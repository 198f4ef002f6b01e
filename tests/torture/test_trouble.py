"""Proof 7: the database is locked, restarted, or its disk is full, at freezing, sending or recording.

The worker lives on: it stops before it cannot record, and goes on by itself when the trouble is
over. Nobody is lost, and because nobody died nobody gets a second copy, not even an excused one.
"""

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from publisher.app import App
from publisher.app.actions import runner
from publisher.app.sending import send_due
from publisher.errors import StoreBusy
from publisher.model.editions import DeliveryState, EditionState
from publisher.model.timetable import PlannedRun
from tests.torture.gazette import Gazette, balance
from tests.torture.nursery import Life, Nursery, Place
from tests.torture.results import Result, twice
from tests.torture.servers import Disk, Server
from tests.torture.sink import Sink

STORE = "publisher.store.store:SqlStore."
PLACES = {
    "freeze": Place(method=f"{STORE}open_edition", hold=True),
    "send": Place(method=f"{STORE}claim", hold=True),
    "record": Place(method=f"{STORE}turn", nth=10, hold=True),
}
# A writer of SQLite waits ten seconds for another one; a short form has less patience.
IMPATIENT = {"publisher.app.parts:open_store.busy": 0.2}
Trouble = Callable[[Gazette], contextlib.AbstractContextManager[None]]


def until(condition: Callable[[], object], timeout: float = 150) -> None:
    """Look again and again until something is so."""
    end, never = monotonic() + timeout, Event()
    while not condition():
        assert monotonic() < end, "it never came to that"
        never.wait(0.05)


@contextlib.contextmanager
def locked(gazette: Gazette) -> Iterator[None]:
    """Somebody else holds the lock that every writer needs."""
    if gazette.url.startswith("sqlite"):
        path = gazette.folder / gazette.url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    import psycopg

    with psycopg.connect(gazette.url) as other:
        other.execute("LOCK TABLE run, edition, delivery, lease IN EXCLUSIVE MODE")
        yield
        other.rollback()


@contextlib.contextmanager
def disconnected(gazette: Gazette) -> Iterator[None]:
    """The server ends every connection, as it does when it is restarted."""
    import psycopg

    with psycopg.connect(gazette.url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    yield


@dataclass
class Troubled:
    """A worker, and the trouble it gets into, again and again."""

    gazette: Gazette
    sink: Sink
    nursery: Nursery
    trouble: Trouble
    spans: dict[str, float]
    rounds: int = 0
    lost: int = 0
    twice: int = 0
    wrong: list[str] = field(default_factory=list)

    def round(self, where: str, lasts: float, told: str) -> None:
        """Let a worker run into trouble at a place; go on when it was told of and has lasted."""
        gazette, sink = self.gazette, self.sink
        sink.forget()
        key = str(gazette.write())
        assert self.nursery.run(gazette.folder, "schedules", "run", "collect", "--key", key) == 0
        worker = self.nursery.start(
            gazette.folder, "run", "--no-web", at=PLACES[where], spans=self.spans
        )
        with gazette.store() as store:
            now = datetime.now(UTC)
            store.add_run("morning", PlannedRun(key=f"manual:{key}", slot=key, due=now))
        assert worker.reached(), worker.said()
        begun, unrecorded = monotonic(), 0
        with self.trouble(gazette):
            worker.let_go()
            until(lambda: monotonic() - begun >= lasts and told in worker.said())
            if told:
                arrived = sink.copies.total()
                unrecorded = arrived - len(gazette.rows(DeliveryState.ACCEPTED))
        self.judge(worker, int(key), unrecorded)

    def judge(self, worker: Life, story: int, unrecorded: int) -> None:
        """Wait for the end of the edition, and hold it against the sink."""
        gazette = self.gazette
        until(lambda: _over(gazette, story))
        assert worker.end() == 0, worker.said()
        found = balance(gazette, self.sink, Counter())
        counts = gazette.edition().counts
        checks = {
            f"{unrecorded} bodies sent that could not be recorded": unrecorded
            <= gazette.connections,
            "copies that differ": not found.changed,
            "sums that differ": found.adds_up,
            "not accepted": counts.get(DeliveryState.ACCEPTED) == len(gazette.readers),
        }
        self.rounds += 1
        self.lost += len(found.lost)
        self.twice += len(found.twice)
        self.wrong += [f"story {story}: {what}" for what, good in checks.items() if not good]

    def result(self, fault: str) -> Result:
        return Result(
            proof=7,
            fault=fault,
            rounds=self.rounds,
            lost=self.lost,
            twice=self.twice,
            uncertain=0,
            bound=0,
            wrong=(*self.wrong, *twice(self.twice)),
        )


def _over(gazette: Gazette, story: int) -> bool:
    edition = gazette.edition()
    return edition is not None and f"Story {story} of" in edition.subject and edition.complete


@pytest.fixture
def troubled(gazette: Gazette, sink: Sink, nursery: Nursery) -> Callable[..., Troubled]:
    def make(trouble: Trouble, **spans: float) -> Troubled:
        gazette.subscribe(150)
        return Troubled(gazette, sink, nursery, trouble, spans)

    return make


@pytest.mark.parametrize("gazette", ["sqlite"], indirect=True)
def test_locked_while_recording(troubled, kind, report):
    one = troubled(locked, **IMPATIENT)
    one.round("record", 0.5, "locked")
    report(one.result(f"locked for half a second at record, {kind}"))


@pytest.mark.postgres
@pytest.mark.parametrize("gazette", ["postgres"], indirect=True)
def test_connections_ended_while_recording(troubled, kind, report):
    one = troubled(disconnected)
    one.round("record", 0.0, "")
    report(one.result(f"connections ended at record, {kind}"))


def test_a_full_disk_while_recording(small_disk, sink, nursery, report):
    one = on_disk(small_disk, sink, nursery)
    one.round("record", 0.0, "no room")
    report(one.result("disk full at record, SQLite"))


def on_disk(disk: Disk, sink: Sink, nursery: Nursery) -> Troubled:
    gazette = Gazette(disk.place.parent / "gazette", f"sqlite:///{disk.place}/store.db", sink.port)
    gazette.subscribe(150)
    return Troubled(gazette, sink, nursery, lambda _gazette: disk.full(), {})


@pytest.mark.parametrize("gazette", ["sqlite"], indirect=True)
def test_trouble_while_composing_pauses_nothing(gazette, sink, monkeypatch):
    """An edition that cannot be composed is paused; the store's trouble says nothing of it."""
    gazette.subscribe(3)
    gazette.write()
    with contextlib.closing(App.open(gazette.folder)) as app:
        app.collect()
        app.store.add_run("morning", PlannedRun(key="manual:1", slot="1", due=app.now()))
        runner(app).work()

        def busy(_edition):
            raise StoreBusy("store", "locked")

        with monkeypatch.context() as trouble:
            trouble.setattr(app.store, "languages", busy)
            with pytest.raises(StoreBusy):
                send_due(app)
        assert gazette.edition().state is EditionState.OPEN
        send_due(app)
    assert sink.copies.total() == 3


@pytest.mark.torture
def test_locked_for_half_a_minute(troubled, kind, report):
    one = troubled(locked)
    for where in PLACES:
        one.round(where, 30.0, "locked" if kind == "SQLite" else "lock timeout")
    report(one.result(f"locked for 30 s at {', '.join(PLACES)}, {kind}"))


@pytest.mark.torture
def test_full_disks(small_disk, sink, nursery, report):
    one = on_disk(small_disk, sink, nursery)
    for where in [*PLACES] * 5:
        one.round(where, 0.0, "no room")
    report(one.result(f"disk full at {', '.join(PLACES)}, SQLite (a small tmpfs)"))


@pytest.mark.torture
@pytest.mark.postgres
def test_a_server_restarted(own_server: Server, tmp_path: Path, sink, nursery, report):
    gazette = Gazette(tmp_path / "gazette", own_server.url, sink.port)
    gazette.subscribe(150)
    one = Troubled(gazette, sink, nursery, lambda _gazette: own_server.restarted(), {})
    for where in [*PLACES] * 3:
        one.round(where, 0.0, "")
    report(one.result(f"server crashed and restarted at {', '.join(PLACES)}, PostgreSQL"))


@pytest.mark.torture
@pytest.mark.postgres
def test_a_server_without_room(own_server: Server, tmp_path: Path, sink, nursery, report):
    gazette = Gazette(tmp_path / "gazette", own_server.url, sink.port)
    gazette.subscribe(400)
    one = Troubled(gazette, sink, nursery, lambda _gazette: own_server.disk.full(), {})
    for where in [*PLACES] * 3:
        one.round(where, 0.0, "no room")
    report(one.result(f"disk full at {', '.join(PLACES)}, PostgreSQL (a small tmpfs)"))
