"""A few lines at the foot of a terminal that are drawn again and again; serves watching.

Touches the terminal. What is written to standard error meanwhile goes above them.
"""

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text


class Screen:
    """The lines, gone at the end so that the summary stands alone. Safe to draw from a thread."""

    def __init__(self, *, stderr: bool = True) -> None:
        self._console = Console(stderr=stderr, highlight=False)
        self._live = Live(
            console=self._console, auto_refresh=False, transient=True, vertical_overflow="crop"
        )

    def draw(self, lines: list[Text]) -> None:
        """Put these lines there instead of the last ones."""
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        self._live.update(Group(*([Text(), *lines] if lines else [])), refresh=True)

    def size(self) -> tuple[int, int]:
        """Return columns and lines of the terminal, as it is now."""
        return self._console.size.width, self._console.size.height

    def __enter__(self) -> Self:
        """Begin."""
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the lines away."""
        self._live.stop()
