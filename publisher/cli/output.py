"""How commands answer: JSON alone on standard output, or tables for people, and one summary line.

Serves the command modules. Tables and progress bars are rich's, which is imported when there is
something to show.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain, islice
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text

    from publisher.ports import Progress

Row = Mapping[str, object]
PIPE_WIDTH = 10_000
"""Columns where nobody looks: a table in a pipe is never folded."""
SAMPLE = 1_000
"""Rows that say how wide the columns of a long table are."""
PART = 500
"""Rows that are written at once: a call for each of a million takes longer than to read them."""
ATTENTION = "bold red"
TROUBLE = frozenset({"failed", "uncertain", "error", "refused", "missing", "paused", "suppressed"})
"""Words of a state that want attention."""


def write_json(rows: Iterable[Row]) -> None:
    """Write one array, one row a line."""
    lines = map(ENCODER.encode, rows)
    before = "[\n"
    while part := list(islice(lines, PART)):
        _out(before + ",\n".join(part))
        before = ",\n"
    _out("[]\n" if before == "[\n" else "\n]\n")


def write_object(row: Row, *, indent: int | None = 2) -> None:
    """Write one object; on a line of its own when `indent` is None."""
    _out(json.dumps(row, ensure_ascii=False, default=_plain, indent=indent) + "\n")


def write_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write an aligned table to standard output; states that want attention are coloured."""
    from rich.console import Console
    from rich.table import Table

    terminal = sys.stdout.isatty()
    table = Table(box=None, pad_edge=False, header_style="bold" if terminal else "")
    listed = [list(row) for row in rows]
    for column, heading in enumerate(headings):
        numbers = bool(listed) and all(_is_number(row[column]) for row in listed)
        table.add_column(
            heading, justify="right" if numbers else "left", overflow="fold", no_wrap=not terminal
        )
    for row in listed:
        table.add_row(*(_cell(value) for value in row))
    console = Console(highlight=False, width=None if terminal else PIPE_WIDTH, no_color=None)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def write_lines(lines: "Iterable[Text]") -> None:
    """Write lines of a screen to standard output, cut to a terminal's width, whole in a pipe."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    console = Console(highlight=False, width=None if terminal else PIPE_WIDTH)
    with console.capture() as captured:
        for line in lines:
            console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    for written in captured.get().splitlines():
        click.echo(written.rstrip())


def columns() -> int:
    """Return how many columns a line on standard output may have."""
    return get_terminal_size().columns if sys.stdout.isatty() else PIPE_WIDTH


def write_columns(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write a table as its rows come, however many; return how many they were.

    The first rows say how wide the columns are; a longer cell later on pushes its own line only.
    """
    rest = iter(rows)
    first = [[clean(cell) for cell in row] for row in islice(rest, SAMPLE)]
    widths = [max(map(len, column)) for column in zip(headings, *first, strict=True)]
    cells = chain([headings], first, ([clean(cell) for cell in row] for row in rest))
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)
    number = -1  # without the headings
    while part := list(islice(lines, PART)):
        click.echo("\n".join(part))
        number += len(part)
    return number


def write_facts(row: Row, width: int = 0) -> None:
    """Write one object for people: a name and a value a line; lists one item a line.

    Names have `width` columns, or as many as they need.
    """
    width = max(width, *(len(name) + 2 for name in row), 2)
    for name, value in row.items():
        lines = value if isinstance(value, list | tuple) else str(_shown(value)).split("\n")
        for number, line in enumerate(lines or [""]):
            label = name.replace("_", " ") if number == 0 else ""
            click.echo(f"{label:<{width}}{clean(str(_shown(line)))}".rstrip())


def say(line: str) -> None:
    """Tell people something, on standard error: the summary of what was done and where to look."""
    click.echo(clean(line), err=True)


def warn(line: str) -> None:
    """Tell people something that wants attention."""
    click.secho(clean(line), err=True, fg="red")


def complain(subject: str, reason: str) -> None:
    """Tell of a single failure that stopped nothing else."""
    warn(f"{subject}: {reason}" if subject else reason)


@contextmanager
def progress(title: str) -> "Iterator[Progress]":
    """Show a progress bar with rate and time left while the block runs; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield _quiet
        return
    from publisher.cli.bars import bar

    with bar(title) as advance:
        yield advance


def clean(text: str) -> str:
    """Return text on one line that no terminal takes for a command."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " for char in text)


def when(moment: datetime | None) -> str:
    """Return an instant in ISO 8601, UTC as `Z`, whole seconds; "" for none."""
    if moment is None:
        return ""
    written = moment.isoformat(timespec="seconds")
    return f"{written[:-6]}Z" if moment.utcoffset() == timedelta(0) else written


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """Return a share from 0 to 1 in percent, rounded down so that a target is not met by rounding."""
    return f"{int(share * 1000 + 1e-9) / 10:g} %"


def _quiet(done: int, total: int | None, what: str) -> None:
    """Show nothing: standard error is no terminal."""
    del done, total, what


def _plain(value: object) -> object:
    """Return what JSON can hold for values of ours."""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)


def _out(text: str) -> None:
    # Octets, because JSON is UTF-8 whatever the terminal's encoding; lone surrogates cannot be.
    click.echo(text.encode("utf-8", "replace"), nl=False)


def _shown(value: object) -> object:
    if isinstance(value, datetime) or value is None:
        return when(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _cell(value: object) -> "Text":
    from rich.text import Text

    words = f"{value:,}" if _is_number(value) else clean(str(_shown(value)))
    return Text(words, style=ATTENTION if words in TROUBLE else "")


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
