"""The largest domains of an edition, a line for each; serves the screens. Pure."""

from collections.abc import Sequence

from rich.text import Text

from publisher.cli.lines import QUIET, cut, gauge
from publisher.cli.output import ATTENTION, clean, count, percent
from publisher.model.editions import BAD, ENDED, GOOD, DeliveryState
from publisher.model.sheets import DomainTally, Sheet

GAUGE = 12
"""Columns of a domain's gauge."""
NARROW = 60
"""Columns below which domains have none."""
LONGEST = 24
"""Columns of a domain's name."""
FEW = 4
"""Domains that are shown however small they are."""


def domains(sheet: Sheet, shown: Sequence[DomainTally], width: int) -> list[Text]:
    """Return a line for each domain, and one for all the others together."""
    bar = GAUGE if width >= NARROW else 0
    shown = _worth(sheet, shown)
    names = [clean(one.domain) or "(erased)" for one in shown]
    longest = min(LONGEST, max(len(name) for name in names))
    figures = [f"{_total(one, ENDED):,} of {one.readers:,}" for one in shown]
    others = sheet.edition.audience - sum(one.readers for one in shown)
    digits = max(len(figure) for figure in figures)
    lines = []
    for one, name, figure in zip(shown, names, figures, strict=True):
        line = cut(Text(f"{name:<{longest}}"), longest).append("  ")
        if bar:
            line.append(gauge(_total(one, GOOD), _total(one, BAD), one.readers, bar)).append("  ")
        lines.append(line.append(f"{figure:>{digits}}").append(_trouble(one)))
        if one.words or one.left < 1:
            lines.append(_said(one))
    if others > 0:
        lines.append(Text(f"and {count(others, 'reader')} elsewhere", QUIET))
    return lines


def _worth(sheet: Sheet, shown: Sequence[DomainTally]) -> Sequence[DomainTally]:
    """Return the domains worth a line: the first few, then those with a hundredth of the readers."""
    least = sheet.edition.audience / 100
    return [one for place, one in enumerate(shown) if place < FEW or one.readers >= least]


def _trouble(one: DomainTally) -> Text:
    """Return what went wrong at a domain."""
    text = Text()
    for state in (*BAD, DeliveryState.DEFERRED):
        if number := one.counts.get(state, 0):
            text.append("  ").append(f"{number:,} {state}", ATTENTION if state in BAD else "")
    return text


def _said(one: DomainTally) -> Text:
    """Return what a domain said last, and how much slower it is sent to for it."""
    text = Text("  ")
    if one.left < 1:
        text.append(f"slowed to {percent(one.left)}", ATTENTION).append("  " if one.words else "")
    return text.append(clean(one.words), QUIET)


def _total(one: DomainTally, states: Sequence[DeliveryState]) -> int:
    return sum(one.counts.get(state, 0) for state in states)
