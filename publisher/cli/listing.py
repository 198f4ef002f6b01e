"""Editions as a list with a small gauge each; serves `editions list`. Pure."""

from collections.abc import Sequence

from rich.text import Text

from publisher.cli.lines import gauge
from publisher.cli.output import ATTENTION, clean
from publisher.model.editions import BAD, ENDED, Edition

SMALL = 8
"""Columns of the gauge."""
NUMBERS = frozenset({0, 5})
"""Columns of numbers."""


def listing(editions: Sequence[tuple[Edition, str]]) -> list[Text]:
    """Return a line for each edition; with each comes until when it waits for approval."""
    heads = ("id", "schedule", "slot", "state", "progress", "readers")
    rows = [_row(edition) for edition, _ in editions]
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    lines = [Text("  ".join(_cells(heads, widths)) + "  subject", "bold")]
    for (edition, until), row in zip(editions, rows, strict=True):
        cells = _cells(row, widths)
        counts = edition.counts
        bad = sum(counts.get(state, 0) for state in BAD)
        ended = sum(counts.get(state, 0) for state in ENDED)
        line = Text("  ".join(cells[:4]) + "  ").append(
            gauge(ended - bad, bad, edition.audience, SMALL)
        )
        line.append(cells[4][SMALL:] + "  " + cells[5] + "  ")
        for state in BAD:
            if number := counts.get(state, 0):
                line.append(f"{number:,} {state}  ", ATTENTION)
        if until:
            line.append(f"waits until {until}  ")
        lines.append(line.append(clean(edition.subject or edition.title)))
    return lines


def _row(edition: Edition) -> tuple[str, ...]:
    """Return an edition's cells; that of the progress keeps room for a gauge."""
    ended = sum(edition.counts.get(state, 0) for state in ENDED)
    share = 100 * ended // edition.audience if edition.audience else 100
    slot = clean(edition.slot)
    if slot[10:11] == "T":
        slot = f"{slot[:10]} {slot[11:16]}"
    return (
        str(edition.id),
        clean(edition.schedule),
        slot,
        str(edition.state),
        " " * SMALL + f"{share:>4} %",
        f"{edition.audience:,}",
    )


def _cells(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return cells as wide as their columns; those of numbers stand at the right."""
    pairs = list(zip(row, widths, strict=True))
    return [
        f"{cell:>{width}}" if place in NUMBERS else f"{cell:<{width}}"
        for place, (cell, width) in enumerate(pairs)
    ]
