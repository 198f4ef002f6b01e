"""Pieces of lines that fit a terminal: gauges, facts, words joined by dots; serves the screens. Pure.

One colour asks for attention.
"""

from collections.abc import Sequence
from textwrap import wrap

from rich.text import Text

from publisher.cli.output import ATTENTION

QUIET = "dim"
LABEL = 13
"""Columns of the names of facts."""
WIDEST = 80
"""Columns that live lines never exceed: wider ones are harder to read, not easier."""
LEAST = 20
"""Columns below which no terminal is taken for one."""


def within(width: int) -> int:
    """Return how many columns live lines have on a terminal: the last one stays free."""
    return max(LEAST, min(width - 1, WIDEST))


def gauge(good: int, bad: int, total: int, width: int) -> Text:
    """Return a bar: what went well, what went wrong in the colour of attention, what is to come.

    A single failure shows, and it is full only when everything came to an end.
    """
    ended = min(good + bad, total)
    filled = width * ended // total if total else 0
    red = min(filled, max(1, round(width * bad / total))) if bad and total else 0
    bar = Text("━" * (filled - red))
    bar.append("━" * red, ATTENTION)
    bar.append("─" * (width - filled), QUIET)
    return bar


def fact(name: str, value: str) -> Text:
    """Return a name and a value."""
    return Text(f"{name:<{LABEL}}{value}")


def hang(line: Text, words: str, width: int, style: str = "") -> list[Text]:
    """Return words behind a line, and below it as far as they do not fit."""
    indent = len(line)
    parts = wrap(words, max(LEAST, width - indent)) or [""]
    first = line.copy().append(parts[0], style)
    return [first, *(Text(" " * indent).append(part, style) for part in parts[1:])]


def flow(words: Sequence[Text], width: int) -> list[Text]:
    """Return words joined by dots, on as many lines as they need."""
    lines: list[Text] = []
    for one in words:
        if lines and len(lines[-1]) + len(one) + 3 <= width:
            lines[-1].append(" · ", QUIET).append(one)
        else:
            lines.append(one.copy())
    return lines


def cut(line: Text, width: int) -> Text:
    """Return the line, cut to a width."""
    line.truncate(width, overflow="ellipsis")
    return line
