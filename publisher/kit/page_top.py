"""Key points that stand above a page's text, under a heading that says so; in the page form they stand below.

Serves the reader of the page form. Pure, total.
"""

from collections.abc import Sequence
from itertools import accumulate

from publisher.kit.page_labels import Label, label_kinds
from publisher.kit.page_lines import Kind, Unit
from publisher.kit.page_tail import is_prose

_LISTS = frozenset({Kind.NUMBERED, Kind.BULLETED})
_MOST = 20


def points_above(units: Sequence[Unit]) -> tuple[int, int]:
    """Return the range of the points' heading and items; empty when none stand above the text.

    What follows must be more of a text than what goes before: below the text stand the points of
    the page form, and behind these an excerpt at most.
    """
    prose = list(accumulate((_is_told(unit) for unit in units), initial=0))
    for index, unit in enumerate(units):
        if Label.POINTS not in label_kinds(unit.text):
            continue
        end = index + 1
        while end < len(units) and units[end].kind in _LISTS and not units[end].url:
            end += 1
        if 1 < end - index <= _MOST + 1 and prose[-1] - prose[end] > prose[index]:
            return index, end
    return len(units), len(units)


def _is_told(unit: Unit) -> bool:
    return unit.kind not in _LISTS and is_prose(unit)
