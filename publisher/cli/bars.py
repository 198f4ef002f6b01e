"""Progress bars for terminals; serves output. Writes to standard error only."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from publisher import ports


class RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Return the rate, nothing while it is unknown."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="dim")


@contextmanager
def bar(title: str) -> Iterator[ports.Progress]:
    """Show a bar while the block runs; it is gone afterwards, so that the summary stands alone."""
    shown = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[what]}", markup=False, style="dim"),
        console=Console(stderr=True),
        transient=True,
    )
    task = shown.add_task(title, total=None, what="")

    def advance(done: int, total: int | None, what: str) -> None:
        shown.update(task, completed=done, total=total, what=_short(what))

    with shown:
        yield advance


def _short(text: str, length: int = 40) -> str:
    printable = "".join(char if char.isprintable() else " " for char in text)
    return printable if len(printable) <= length else printable[: length - 1] + "…"
