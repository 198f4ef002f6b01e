"""A page as a list of units (paragraph, numbered item, bulleted item), from text.

Serves the reader of the page form; `kit.page_html` makes the same lines from tags. Pure, total.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from publisher.kit.page_labels import Label, inline_label, label_kinds
from publisher.kit.text import clean_lines, clean_text


class Kind(StrEnum):
    """What a unit of a page is by its shape."""

    PARAGRAPH = "paragraph"
    NUMBERED = "numbered"
    BULLETED = "bulleted"
    MEDIA = "media"  # a picture without words; `html` only


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One line, later one paragraph or item, of a page.

    `text` has no list marker; `marker` is what stood before it. `gap`: an empty line or a block
    border stands before. `heading` is the level of a heading, 0 for none. `html` is the inner
    HTML, "" when the page is text. `url` is where its first link leads.
    """

    kind: Kind
    text: str
    marker: str = ""
    number: int = 0
    indent: int = 0
    gap: bool = True
    heading: int = 0
    url: str = ""
    html: str = ""

    @property
    def whole(self) -> str:
        """Return the text with its marker, as written."""
        return f"{self.marker} {self.text}" if self.marker else self.text


_CIRCLED = {chr(0x2460 + value): value + 1 for value in range(20)}
# "1." "1)" "(1)" "1:" need a blank behind them, or a letter that is written without blanks.
_NUMBER = re.compile(
    r"^(\(?(\d{1,3})\\?[.):\uff09\uff0e\u3001](?=\s|[^\W\d_a-z]|[\"“«„「])\)?|[\u2460-\u2473])\s*(?=\S)"
)
_BULLET = re.compile(r"^([-*–—+‣▪▫◦●○■□►▸▶·∙\u2043✓✔➤➢]\s+|[•‣▪◦●■\u30fb\uff65]\s*)(?=\S)")
_RULE = re.compile(r"^[\s*_\-=~#•·.—–]+$")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_ENDS = (".", "!", "?", "…", ":", "。", "\uff01", "\uff1f", "؟", "।", "\u06d4", "”", "»", '"')
_TAB = 4


def text_units(text: str) -> tuple[Unit, ...]:
    """Return the units of a plain text (any ends of line, byte order mark, no-break indents)."""
    lines: list[Unit] = []
    gap = True
    for raw in clean_lines(text).split("\n"):
        if _RULE.match(raw) or not raw.strip():
            gap = True
            continue
        lines.append(replace(line_unit(raw), gap=gap))
        gap = False
    return merge_units(lines)


def line_unit(raw: str) -> Unit:
    """Return one line as a unit: its marker taken off, its indent counted."""
    expanded = raw.expandtabs(_TAB)
    text = clean_text(expanded)
    indent = len(expanded) - len(expanded.lstrip())
    if heading := _HEADING.match(text):
        return Unit(kind=Kind.PARAGRAPH, text=heading[2], heading=len(heading[1]))
    if number := _NUMBER.match(text):
        value = _CIRCLED.get(number[1]) or int(number[2])
        return _item(Kind.NUMBERED, text, number, indent, value)
    if bullet := _BULLET.match(text):
        return _item(Kind.BULLETED, text, bullet, indent, 0)
    return Unit(kind=Kind.PARAGRAPH, text=text, indent=indent)


def _item(kind: Kind, text: str, marker: re.Match[str], indent: int, number: int) -> Unit:
    """Return a list item."""
    rest = text[marker.end() :]
    return Unit(kind=kind, text=rest, marker=marker[1].strip(), number=number, indent=indent)


def merge_units(lines: Sequence[Unit]) -> tuple[Unit, ...]:
    """Return lines with wrapped ones put together: paragraphs and continued items.

    A line that is a label, an inline "READ: …" or stands twice on the page (a headline) is a unit
    of its own. In a page without empty lines every line is a paragraph.
    """
    alone = _repeated(lines)
    if _is_single_spaced(lines):
        alone |= {line.text for line in lines if line.kind is Kind.PARAGRAPH}
    units: list[Unit] = []
    listing = False  # below "Read also" or "Latest" a line is an item
    for position, line in enumerate(lines):
        listing = (listing or _opens_list(line)) and not line.text.endswith(".")
        if (
            units
            and not line.gap
            and not listing
            and _continues(units[-1], lines, position, alone)
        ):
            units[-1] = _joined(units[-1], line)
        else:
            units.append(line)
    return tuple(units)


def _repeated(lines: Sequence[Unit]) -> set[str]:
    """Return the lines that stand twice, but for the two halves of a wrapped headline."""
    twice = {text for text, count in Counter(line.text for line in lines).items() if count > 1}
    pairs = Counter((one.text, two.text) for one, two in pairwise(lines) if not two.gap)
    return twice.difference(*(pair for pair, count in pairs.items() if count > 1))


def _opens_list(line: Unit) -> bool:
    """Tell whether a line is the label of a list of stories."""
    return bool(label_kinds(line.text) & {Label.ALSO, Label.LATEST})


def _continues(last: Unit, lines: Sequence[Unit], position: int, alone: set[str]) -> bool:
    """Tell whether a line without a gap before it goes on with the unit above."""
    line = lines[position]
    if line.kind is not Kind.PARAGRAPH or line.heading or last.heading or last.kind is Kind.MEDIA:
        return False
    if last.kind is not Kind.PARAGRAPH:
        return line.indent > last.indent or _item_follows(last.kind, lines, position)
    if inline_label(last.text) and line.text[:1].islower():
        return True
    return not (_stands_alone(lines[position - 1], alone) or _stands_alone(line, alone))


_WRAPPED_LINES = 8


def _item_follows(kind: Kind, lines: Sequence[Unit], position: int) -> bool:
    """Tell whether the list goes on right below a line: then the line belongs to an item."""
    if _stands_alone(lines[position], set()):
        return False
    for unit in lines[position + 1 : position + 1 + _WRAPPED_LINES]:
        if unit.gap or unit.heading:
            return False
        if unit.kind is not Kind.PARAGRAPH:
            return unit.kind is kind
    return False


def _stands_alone(line: Unit, alone: set[str]) -> bool:
    """Tell whether a line cannot be part of a wrapped paragraph."""
    return (
        line.text in alone
        or bool(label_kinds(line.text))
        or inline_label(line.text) is not None
        or emphasised(line.text) != ""
    )


_GLUED_LINES = 3


def _is_single_spaced(lines: Sequence[Unit]) -> bool:
    """Tell whether a page has one paragraph a line, without empty lines between them."""
    below = [
        (above, line)
        for above, line in pairwise(lines)
        if line.kind is Kind.PARAGRAPH and above.kind is Kind.PARAGRAPH
    ]
    glued = [above for above, line in below if not line.gap]
    if len(glued) < _GLUED_LINES or len(glued) * 10 < len(below) * 8:
        return False
    ended = sum(above.text.endswith(_ENDS) for above in glued)
    return ended * 2 >= len(glued)


def _joined(unit: Unit, line: Unit) -> Unit:
    """Return a unit with one more line of its text."""
    space = "" if _unspaced(unit.text[-1:]) and _unspaced(line.text[:1]) else " "
    between = "<br>" if unit.html and line.html else ""
    return replace(
        unit,
        text=f"{unit.text}{space}{line.text}",
        html=f"{unit.html}{between}{line.html}",
        url=unit.url or line.url,
    )


def _unspaced(character: str) -> bool:
    """Tell whether a character belongs to a script written without blanks (Han, kana)."""
    return "\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"


def inline_title(unit: Unit) -> Unit | None:
    """Return the story that a line such as "READ: Another story" names, or None."""
    found = inline_label(plain(unit.text)) if unit.text else None
    return replace(unit, text=found[1]) if found else None


_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3})(?![\s*_])([^*_].*?)(?<!\s)(\*+|_+)[.\s]*")
_STARS = re.compile(r"\*{2,}|(?<!\w)_{2,}|_{2,}(?!\w)")
_ITALIC = re.compile(r"(?<![\w*])([*_])(?=\S)([^*_]*?\S)\1(?![\w*])")
_LINK = re.compile(r"!?\[([^\[\]]+)\]\([^()\s]*\)")


def emphasised(text: str) -> str:
    """Return what a paragraph wholly in `*…*` or `_…_` says, or ""."""
    match = _EMPHASIS.fullmatch(text)
    if match is None or match[1][0] != match[3][0] or match[1][0] in match[2]:
        return ""
    return plain(match[2])


def plain(text: str) -> str:
    """Return a text without emphasis marks, stray ones included, and with links as their words."""
    return clean_text(_ITALIC.sub(r"\2", _STARS.sub("", _LINK.sub(r"\1", text))))


_CITATION = re.compile(
    r"\s*[\[\uff3b【]\^?(\d{1,3}(?:\s*[,;–-]\s*\d{1,3}){0,20})[\]\uff3d】](?:\([^()\s]*\))?"
)


def cited(texts: Iterable[str]) -> tuple[int, ...]:
    """Return the numbers of all `[n]` marks, each once, in order of first appearance."""
    numbers: dict[int, None] = {}
    for text in texts:
        for match in _CITATION.finditer(text):
            numbers |= dict.fromkeys(_numbers(match[1]))
    return tuple(numbers)


def _numbers(inside: str) -> list[int]:
    """Return the numbers inside one mark; "2-4" is a range."""
    numbers: list[int] = []
    for part in re.split(r"\s*[,;]\s*", inside):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        numbers += range(ends[0], ends[-1] + 1) if ends[0] <= ends[-1] else ends
    return numbers


def uncited(text: str) -> str:
    """Return the text without its `[n]` marks."""
    return clean_text(_CITATION.sub("", text))
