"""Send the one edition of a publication in a process of its own; say how fast and how large it was.

Called by benchmarks.sends. Prints one JSON object: messages, seconds, octets at the peak.
"""

import json
import resource
import sqlite3
import sys
import time
from dataclasses import replace
from pathlib import Path

from publisher.app import App
from publisher.app.sending import send_due
from publisher.model.definitions import AdapterDefinition

AGAIN = """
UPDATE delivery SET state = 'queued', owner = '', due = NULL, attempts = 0, message_id = '';
UPDATE edition SET state = 'open', totals = NULL;
DELETE FROM lease;
"""


def queue_again(root: Path) -> None:
    """Put every delivery back into the queue, which no command does for what was accepted."""
    with sqlite3.connect(next((root / "var").glob("*.db"))) as store:
        store.executescript(AGAIN)


def unsent(root: Path) -> int:
    """Return how many copies were not accepted."""
    with sqlite3.connect(next((root / "var").glob("*.db"))) as store:
        query = "SELECT COUNT(*) FROM delivery WHERE state <> 'accepted'"
        return int(store.execute(query).fetchone()[0])


def peak_octets() -> int:
    """Return the largest this process has been; getrusage would count whoever started it, too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def send(root: Path, options: dict[str, object]) -> dict[str, float]:
    """Send all that is due through an SMTP transport with these options."""
    app = App.open(root)
    relay = AdapterDefinition(name="outbox", type="smtp", options=options, where="the benchmark")
    app.replace_definitions(replace(app.definitions, transports={"outbox": relay}))
    begun = time.perf_counter()
    reports = send_due(app)
    taken = time.perf_counter() - begun
    app.close()
    peak = peak_octets()
    return {"messages": sum(one.audience for one in reports), "seconds": taken, "peak": peak}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    print(json.dumps(send(folder, json.loads(sys.argv[2]))))
