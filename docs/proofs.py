"""Write the manual's page of what `make torture` found.

Serves `make proofs`. Reads what the last run left (`.torture.json`), touches
`docs/explanation/proofs.md` only.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOUND = ROOT / ".torture.json"
PAGE = ROOT / "docs" / "explanation" / "proofs.md"
COLUMNS = ("proof", "fault", "rounds", "lost", "twice", "uncertain", "bound")

TEXT = """<!-- Written by `make proofs` from the results of `make torture`; run them instead of editing. -->

# What the proofs found

`make torture` breaks the program on purpose, again and again, and holds the ledger against what a mail
server on the same machine has received, recipient by recipient. `make test` runs a short form of each. This
is what the long forms found, each in its last run, the latest on {day} ({machine}).

{table}

- **rounds**: how often the fault was brought about; in 2 the slots.
- **lost**: readers without a copy of whom the ledger does not say so; in 2 slots without a run. Must be 0.
- **twice**: second copies that arrived, all with the same bytes; in 2 second runs of a slot. Where nobody
  died (2, 6, 7, 9) there must be none; else only for people of whom the ledger knew, when the process died
  or slept, that their message was on the wire.
- **uncertain**: messages on a wire when it was cut. In 9: messages under way to somebody who had just left.
- **bound**: how many of those the [promises](promises.md) allow: one for each open connection of a worker
  that died or slept (3), or that was sending while people left (6); after a final dot that was not
  answered, the messages whose dot it was.
- **held**: nothing lost, no copy that may not be, within the bound, every edition's states adding up to its
  audience.

## How it is done

- **1**: a process runs `publisher` itself, forked from one that has loaded the program (which spares a
  second a life). It tells when it comes to a place in collecting, freezing, sending or recording, and is
  killed from outside up to a few milliseconds later, at random. The next process takes up what is there.
  Editions with `on_crash = "resend"` and `"hold"`, one to four connections, with and without pipelining.
- **2**: two schedulers share one store, and their clock runs fast through a night with a repeated hour.
- **6**: a scripted relay answers, hangs, drips or hangs up at every verb (greeting, EHLO, STARTTLS, AUTH,
  MAIL, RCPT, DATA, in the message, after the dot), for one message or for all; then it is well again, and
  time passes until the edition is complete. An error of configuration must pause the edition and touch no
  subscriber.
- **7**: the worker is led to the place, the trouble begins, the worker goes on into it, and nobody restarts
  it. Locked means that another connection holds the write lock. Full disks are real ones: small tmpfs file
  systems filled to the last byte. The PostgreSQL server is stopped without a checkpoint, as by a power cut.
- **8**: the worker is stopped by SIGSTOP, its lease runs out, another worker takes over and is held half-way,
  SIGCONT wakes the first. Most rounds shorten the lease to a second. Some stop it while it has the file
  locked that witnesses how far the store came: then nobody can take over, and the other one must say so.
- **9**: a sending is held between two turns of the ledger while people unsubscribe, are erased, or bounce.
- **10**: the process is killed again and again during one send, and the store's file copied each time; older
  copies are put back by hand and must send nothing, the newest goes on. Of PostgreSQL it is the whole
  server's files, so that nothing but how far they came tells them apart.

What is right or wrong as a whole has no row, though `make torture` runs its long form too: every time zone
from 2020 to 2040 against a second way to count (3), and random orders of collecting, opening, sending,
dying, retrying and leaving, each of which must end with everybody having everything once.
"""


def page(found: Mapping[str, object]) -> str:
    """Return the page for one run's results."""
    results = found["results"]
    if not isinstance(results, Sequence):
        raise TypeError("results: not a list")
    return TEXT.format(day=found["day"], machine=found["machine"], table=table(results))


def table(results: Sequence[Mapping[str, object]]) -> str:
    """Return results as a Markdown table."""
    lines = [f"| {' | '.join((*COLUMNS, 'held'))} |", "|---|---|---:|---:|---:|---:|---:|---|"]
    for row in results:
        cells = [f"{row[name]:,}" if name != "fault" else str(row[name]) for name in COLUMNS]
        lines.append(f"| {' | '.join((*cells, 'yes' if row['held'] else '**no**'))} |")
    return "\n".join(lines)


def main() -> int:
    """Write the page."""
    if not FOUND.exists():
        print("there are no results yet: run `make torture` first", file=sys.stderr)
        return 1
    PAGE.write_text(page(json.loads(FOUND.read_text("utf-8"))), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
