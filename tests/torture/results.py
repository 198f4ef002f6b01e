"""What the proofs found, one row each: printed at the end of a run, kept for the manual's table."""

import json
import os
import platform
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

COLUMNS = ("proof", "fault", "rounds", "lost", "twice", "uncertain", "bound", "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One row.

    `rounds` is how often the fault was brought about. `lost`: readers without a copy of whom the
    ledger does not say so. `twice`: second copies. `uncertain`: messages that were on a wire when
    it was cut. `bound`: how many of those the promise allows. `wrong`: whatever else was not as it
    must be.
    """

    proof: int
    fault: str
    rounds: int
    lost: int
    twice: int
    uncertain: int
    bound: int
    wrong: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Tell whether the promises were kept; second copies are judged by who may have them."""
        return not (self.lost or self.wrong) and self.uncertain <= self.bound

    def cells(self) -> list[str]:
        """Return the row as text."""
        values = self.values() | {"held": "yes" if self.held else "NO"}
        return [f"{values[name]:,}" if name in COUNTS else str(values[name]) for name in COLUMNS]

    def values(self) -> dict[str, object]:
        """Return the row by column."""
        return {name: getattr(self, name) for name in COLUMNS}


COUNTS = {"rounds", "lost", "twice", "uncertain", "bound"}


def twice(count: int) -> tuple[str, ...]:
    """Complain of second copies where nobody may have one."""
    return (f"{count} second copies",) if count else ()


def lines(results: Iterable[Result]) -> list[str]:
    """Return a table for a terminal."""
    rows = [list(COLUMNS), *(result.cells() for result in ordered(results))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    return [
        "  ".join(
            cell.rjust(width) if name in COUNTS else cell.ljust(width)
            for name, cell, width in zip(COLUMNS, row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def ordered(results: Iterable[Result]) -> list[Result]:
    """Return results by proof; those of one proof as they came."""
    return sorted(results, key=lambda result: result.proof)


def save(results: Mapping[str, Result], path: Path, failed: Collection[str] = ()) -> None:
    """Write a run's results by test, with its day and machine; those of tests it left out stay.

    Tests that failed before they had a result have none any more.
    """
    before = json.loads(path.read_text("utf-8"))["results"] if path.exists() else []
    kept = [row for row in before if row["test"] not in {*results, *failed}]
    found = [
        result.values() | {"held": result.held, "test": test} for test, result in results.items()
    ]
    told = {
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "results": sorted([*kept, *found], key=lambda row: (row["proof"], row["fault"])),
    }
    path.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def machine() -> str:
    """Return what this ran on, in one line, without its name."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{platform.system()} {platform.machine()}"
    return f"{cores} cores, {_processor()}, {system}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else "unknown processor"
