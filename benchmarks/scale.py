"""Large audiences: freezing a million readers, the first mail to half a million, memory for both."""

import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import material, peers, sends, sink
from benchmarks.measure import Figure
from publisher.app import App
from publisher.app.actions import runner
from publisher.app.sending import send_due
from publisher.model.subscribers import NewSubscriber
from publisher.model.timetable import PlannedRun
from publisher.ports import LEASE

MANY = 1_000_000
HALF = 500_000
FEW = 20_000
STORIES = 25

PEOPLE = """
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)
INSERT INTO subscriber ({columns}) SELECT {values} FROM counted, (SELECT * FROM subscriber LIMIT 1) s"""
ALIKE = """
INSERT INTO {table} ({columns})
SELECT {values} FROM subscriber b, (SELECT * FROM {table} LIMIT 1) s WHERE b.id > 1"""
OWN = {
    "id": "n + 1",
    "address": "'reader' || n || '@example.org'",
    "email": "'reader' || n || '@example.org'",
    "name": "'Reader ' || n",
}
BARE = """
CREATE TABLE bare (id INTEGER PRIMARY KEY, edition INTEGER, subscriber INTEGER, state TEXT,
                   UNIQUE (subscriber, edition));
INSERT INTO bare (edition, subscriber, state) SELECT 1, id, 'queued' FROM subscriber ORDER BY id;
"""


def populated(root: Path, readers: int) -> Path:
    """Make a publication with stories and so many readers, who are all like its first one.

    The readers are copied inside the database: importing a million would take longer than all else.
    """
    app = App.open(material.publication(root, STORIES, told=STORIES))
    first = NewSubscriber(email="first@example.org", subscriptions=(("stories", "daily"),))
    app.store.import_subscribers([first], datetime.now(UTC))
    app.collect()
    app.close()
    with sqlite3.connect(store_of(root)) as store:
        columns = _columns(store, "subscriber")
        values = ", ".join(OWN.get(name, f"s.{name}") for name in columns)
        store.execute(PEOPLE.format(columns=", ".join(columns), values=values), (readers - 1,))
        for table in ("subscription", "memory"):
            columns = _columns(store, table)
            values = ", ".join("b.id" if one == "subscriber" else f"s.{one}" for one in columns)
            store.execute(ALIKE.format(table=table, columns=", ".join(columns), values=values))
    return root


def store_of(root: Path) -> Path:
    """Return a publication's database."""
    return next((root / "var").glob("*.db"))


def _columns(store: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in store.execute(f"PRAGMA table_info({table})")]


def freezing(root: Path) -> Figure:
    """Open an edition for everybody; baseline: one bare INSERT … SELECT of as many rows."""
    app = App.open(root)
    now = datetime.now(UTC)
    schedule = app.schedule("daily")
    app.store.add_run("daily", PlannedRun(key="manual:bench", slot="", due=now))
    run = app.store.claim_run(app.workers.me(), now, now + LEASE)
    begun = time.perf_counter()
    edition = app.opening.open(run, schedule, "outbox")
    taken = time.perf_counter() - begun
    app.close()
    with sqlite3.connect(store_of(root)) as store:
        begun = time.perf_counter()
        store.executescript(BARE)
        bare = time.perf_counter() - begun
        store.execute("DROP TABLE bare")
    ratio = bare / taken
    return Figure(
        what="freeze",
        rate=edition.audience / taken,
        unit="readers/s",
        baseline=f"a bare INSERT; {edition.audience:,} in {taken:.1f} s",
        ratio=ratio,
        low=ratio,
        high=ratio,
    )


def first_mail(root: Path) -> float:
    """Return the seconds from a slot, in a process that runs, to the first mail at the relay."""
    with sink.process() as relay:
        port = int(relay.stdout.readline())
        (root / "publisher.toml").write_text(material.with_relay(port), encoding="utf-8")
        app = App.open(root)
        seen: list[float] = []
        watch = threading.Thread(
            target=lambda: (relay.stdout.readline(), seen.append(time.perf_counter()))
        )
        watch.start()
        app.store.add_run("daily", PlannedRun(key="manual:bench", slot="", due=app.now()))
        begun = time.perf_counter()
        for _ in runner(app).work("daily"):
            pass
        send_due(app, stop=lambda: bool(seen))
        watch.join(60)
        app.close()
    return seen[0] - begun


def first_mail_by_hand(root: Path) -> float:
    """Return the seconds from the start of `publisher send` to the first mail at the relay."""
    with sink.process() as relay:
        port = int(relay.stdout.readline())
        (root / "publisher.toml").write_text(material.with_relay(port), encoding="utf-8")
        begun = time.perf_counter()
        command = [sys.executable, "-m", "publisher", "-C", str(root), "send", "daily"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as sending:
            relay.stdout.readline()
            taken = time.perf_counter() - begun
            sending.terminate()
    return taken


def first(taken: float, since: str) -> Figure:
    """Say how soon the first mail of an edition for half a million is out."""
    return Figure(
        what="first mail",
        rate=taken,
        unit="s",
        baseline=f"5 s; to {HALF:,} readers, {since}",
        ratio=taken / 5,
        low=taken / 5,
        high=taken / 5,
    )


def memory(few: Path, many: Path) -> Figure:
    """Send to 20,000 and to a million: the peak of the sending process, and how it grows."""
    with peers.receiving() as port:
        peaks = [sends.sent(root, port, sends.CONNECTIONS)["peak"] for root in (few, many)]
    ratio = peaks[1] / peaks[0]
    return Figure(
        what="memory",
        rate=peaks[1] / 1_048_576,
        unit="MB",
        baseline=f"the same for {FEW:,} readers; this is for {MANY:,}",
        ratio=ratio,
        low=ratio,
        high=ratio,
    )


def everything() -> list[Figure]:
    """Run all; the million is sent too, which takes some minutes."""
    with tempfile.TemporaryDirectory() as folder:
        many = populated(Path(folder, "many"), MANY)
        half, by_hand = (populated(Path(folder, name), HALF) for name in ("half", "by-hand"))
        figures = [
            freezing(many),
            first(first_mail(half), "from the slot"),
            first(first_mail_by_hand(by_hand), "from the start of `publisher send`"),
        ]
        few = populated(Path(folder, "few"), FEW)
        freezing(few)
        for root in (few, many):
            sends.let_go(root)
        return [*figures, memory(few, many)]
