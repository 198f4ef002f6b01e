"""Paragraphs of plain text as RFC 3676 lays them: `format=flowed; delsp=yes`.

Serves templating (the filter `flow`) and the letter (merge fields of a text part). Pure. A line that
goes on ends in a space of its own, which the reader's program takes out before it fits the lines to
its window; so Chinese, which has no spaces, breaks as safely as English. What cannot be broken, such
as an address, stays whole.
"""

import re
from unicodedata import east_asian_width

WIDTH = 72
"""Columns of a line, without the space that says that it goes on."""

_PARAGRAPH = re.compile(r"\n\s*\n")
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_OPEN = "([{\u2018\u201c\u3008\u300a\u300c\u300e\u3010\uff08"
_CLOSE = (
    ")\\]},.;:!?%\u2019\u201d\u2026\u3001\u3002\u3009\u300b\u300d\u300f\u3011"
    "\uff01\uff05\uff09\uff0c\uff1a\uff1b\uff1f"
)
# A word with its space, or one wide letter; closing marks stay with what they close.
_UNIT = re.compile(rf"[{re.escape(_OPEN)}]*(?:[{_WIDE}]|[^ {_WIDE}]+)?[{_CLOSE}]* ?")
_STUFFED = (" ", ">", "From ")


def flow(text: str, first: str = "") -> str:
    """Return paragraphs in lines of at most 72 columns, wide letters counting two.

    `first` stands before a paragraph's first line. A line that would be read as a quotation, or that
    mailboxes change (`From `), gets RFC 3676's space before it.
    """
    if "\n" not in text:
        return _laid(first + " ".join(text.split()))
    paragraphs = _PARAGRAPH.split(text.strip())
    return "\n\n".join(_laid(first + " ".join(paragraph.split())) for paragraph in paragraphs)


def _laid(paragraph: str) -> str:
    return " \n".join(map(_stuffed, _lines(paragraph)))


def _stuffed(line: str) -> str:
    return f" {line}" if line.startswith(_STUFFED) else line


def columns(text: str) -> int:
    """Return how many columns a text takes in a terminal, about."""
    if text.isascii():
        return len(text)
    return len(text) + sum(
        east_asian_width(letter) in "WF" for letter in text if letter > "\u10ff"
    )


def _lines(paragraph: str) -> list[str]:
    if paragraph.isascii():
        return _plain_lines(paragraph)
    lines, taken = [""], 0
    for unit in _UNIT.findall(paragraph):
        needed = columns(unit.rstrip())
        if taken + needed > WIDTH and lines[-1]:
            lines.append("")
            taken = 0
        lines[-1] += unit
        taken += columns(unit)
    return lines


def _plain_lines(paragraph: str) -> list[str]:
    """Do the same for ASCII, where spaces part the words: many times faster, and each copy has some."""
    lines: list[str] = []
    start = 0
    while len(paragraph) - start > WIDTH:
        space = paragraph.rfind(" ", start, start + WIDTH + 1)
        if space < 0:
            space = paragraph.find(" ", start + WIDTH)
        if space < 0:
            break
        lines.append(paragraph[start : space + 1])
        start = space + 1
    return [*lines, paragraph[start:]]
