"""Sending: ours with its ledger on SQLite against the fastest senders, in rounds, one wire for all.

A digest of some 60 KB goes to readers who share a selection. Ours runs in a process of its own, as
`publisher run` would without pages, and commits every outcome with synchronous FULL.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import lag, material, peers
from benchmarks.measure import Figure
from benchmarks.sender import queue_again, unsent
from publisher.app import App
from publisher.app.releasing import release
from publisher.model.subscribers import NewSubscriber
from publisher.model.timetable import PlannedRun
from publisher.ports import LEASE

READERS = 5_000
SIGNED = 20_000  # of two processes each loads and composes: of a short edition that is a tenth
STORIES = 25
CONNECTIONS = 50
THEIRS = 10
ROUNDS = 5
PROCESSES = {"ed25519": 1, "rsa": 2}
FAR = 20.0  # milliseconds each way
FAR_READERS = 400


def opened(root: Path, readers: int) -> None:
    """Make a publication whose one edition waits for so many invented readers."""
    app = App.open(material.publication(root, STORIES, told=STORIES))
    now = datetime.now(UTC)
    people = (
        NewSubscriber(email=f"reader{number}@example.org", subscriptions=(("stories", "daily"),))
        for number in range(readers)
    )
    app.store.import_subscribers(list(people), now)
    app.collect()
    schedule = app.schedule("daily")
    app.store.add_run("daily", PlannedRun(key="manual:bench", slot="", due=now))
    run = app.store.claim_run(app.workers.me(), now, now + LEASE)
    app.opening.open(run, schedule, "outbox")
    app.close()
    let_go(root)


def let_go(root: Path) -> None:
    """Render the one edition that was opened, and let it go."""
    app = App.open(root)
    (edition,) = app.store.editions(states=(), limit=None)
    release(app, edition, app.schedule("daily"))
    app.close()


def sent(root: Path, port: int, connections: int, processes: int = 1) -> Mapping[str, float]:
    """Send the edition again in processes of its own; return what the slowest says of itself."""
    queue_again(root)
    keys = {"host": "127.0.0.1", "port": port, "security": "none", "connections": connections}
    command = [sys.executable, "-m", "benchmarks.sender", str(root), json.dumps(keys)]
    senders = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    said = [json.loads(sender.communicate()[0]) for sender in senders]
    if left := unsent(root):
        raise RuntimeError(f"{left} copies were not sent")
    return max(said, key=lambda one: float(one["seconds"]))


def ours(root: Path, port: int, connections: int, processes: int = 1) -> float:
    """Return our messages a second."""
    said = sent(root, port, connections, processes)
    return said["messages"] / said["seconds"]


def rounds(
    what: str, mine: Callable[[], float], others: Mapping[str, Callable[[], float]], count: int
) -> list[Figure]:
    """Run all in turn so many times; one figure for each of the others, with the median ratio."""
    rates: dict[str, list[float]] = {name: [] for name in ("", *others)}
    for _ in range(count):
        rates[""].append(mine())
        for name, other in others.items():
            rates[name].append(other())
    figures = []
    for name in others:
        ratios = [a / b for a, b in zip(rates[""], rates[name], strict=True)]
        figures.append(
            Figure(
                what=what,
                rate=statistics.median(rates[""]),
                unit="mails/s",
                baseline=name,
                ratio=statistics.median(ratios),
                low=min(ratios),
                high=max(ratios),
            )
        )
    return figures


def near(root: Path) -> list[Figure]:
    """Send to a sink on this machine."""
    data, html, text = copy_of(root)
    with peers.receiving() as port:
        others: dict[str, Callable[[], float]] = {
            "smtplib, ready copies": lambda: peers.with_smtplib(port, READERS // 5, data)
        }
        if peers.postfix("smtp-source"):
            others["smtp-source"] = lambda: peers.smtp_source(port, READERS, len(data), THEIRS)
        if peers.has_nodemailer():
            others["nodemailer's pool"] = lambda: peers.with_nodemailer(
                port, READERS // 10, html, text, THEIRS
            )
        return rounds("send", lambda: ours(root, port, CONNECTIONS), others, ROUNDS)


def signed(root: Path, kind: str) -> list[Figure]:
    """Send with a signature on each copy; each process has as many connections as one alone."""
    data, _, _ = copy_of(root)
    with peers.receiving() as port:
        others: dict[str, Callable[[], float]] = {
            "smtp-source, unsigned": lambda: peers.smtp_source(port, READERS, len(data), THEIRS)
        }
        count = PROCESSES[kind]
        mine = lambda: ours(root, port, CONNECTIONS, count)  # noqa: E731  a line of a table
        return rounds(kind, mine, others, ROUNDS)


def far(root: Path) -> list[Figure]:
    """Send on one connection over a way of 40 ms there and back."""
    data, _, _ = copy_of(root)
    with peers.receiving() as port, lag.running(port, FAR) as slow:
        others = {"smtplib": lambda: peers.with_smtplib(slow, FAR_READERS // 10, data)}
        return rounds("far", lambda: ours(root, slow, 1), others, 3)


def copy_of(root: Path) -> tuple[bytes, str, str]:
    """Return one copy as it goes on the wire, and its bodies."""
    app = App.open(root)
    edition = app.store.editions(states=(), limit=1)[0]
    row = app.store.deliveries(edition.id, limit=1)[0]
    composed = app.frozen(edition)
    data, bodies = composed.parcel(row).data, composed.bodies(row)
    app.close()
    return data, *bodies


def everything() -> list[Figure]:
    """Run all on publications made for it."""
    with tempfile.TemporaryDirectory() as folder:
        opened(Path(folder, "near"), READERS)
        opened(Path(folder, "far"), FAR_READERS)
        figures = [*near(Path(folder, "near")), *far(Path(folder, "far"))]
        for kind in ("ed25519", "rsa") if peers.postfix("smtp-source") else ():
            opened(Path(folder, kind), SIGNED)
            # Two threads of two processes on two processors wait for one another.
            material.sign(Path(folder, kind), kind, threads=2 // PROCESSES[kind])
            figures += signed(Path(folder, kind), kind)
        return figures
