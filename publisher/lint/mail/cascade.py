"""What inline styles and style blocks come to: colours, type and height of every element shown.

Serves the rules about contrast and taps. Pure. A small cascade (CSS Cascading 4): importance,
specificity, order, then inheritance; conditions are a dark scheme or a phone, or neither.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from cssselect import HTMLTranslator, SelectorError
from cssselect import parse as parse_selector
from lxml import etree

from publisher.kit.colours import RGB
from publisher.lint.mail.css import (
    Declaration,
    StyleRule,
    colour,
    declarations,
    pixels,
    sides,
)
from publisher.lint.mail.page import Element, Page

PHONE = 360
"""CSS pixels of a usual phone's width."""
_SIZES = {"h1": 32.0, "h2": 24.0, "h3": 18.7, "h4": 16.0, "h5": 13.3, "h6": 10.7, "small": 13.3}
_BOLD = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"})
_WHITE, _BLACK, _LINK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.933)
_NORMAL = 1.2
"""Height of a line of unstyled text, in font sizes."""
Winner = tuple[tuple[bool, tuple[int, int, int], int], str]


@dataclass(frozen=True, slots=True)
class Scheme:
    """Under which conditions a page is looked at."""

    dark: bool = False
    phone: bool = False

    def holds(self, rule: StyleRule) -> bool:
        """Tell whether a rule takes part: a plain one, or one whose only condition is met."""
        if not rule.media:
            return not rule.refines
        if rule.media.count("@") > 1 or not rule.media.startswith("@media"):
            return False
        narrow = re.search(r"max-(?:device-)?width:\s*(\d+)px", rule.media)
        if narrow and "min-" not in rule.media:
            return self.phone and int(narrow[1]) >= PHONE
        return self.dark and re.search(r"prefers-color-scheme:\s*dark", rule.media) is not None


class Look(NamedTuple):
    """How an element is shown: colours from 0 to 1, lengths in pixels."""

    colour: RGB
    ground: RGB
    size: float
    bold: bool
    line: float | None
    display: str
    padding: float
    known: bool = True


ROOT = Look(_BLACK, _WHITE, 16.0, bold=False, line=None, display="block", padding=0.0)


def looks(page: Page, scheme: Scheme) -> dict[Element, Look]:
    """Return how every element shown looks."""
    won = _matches(page, scheme)
    made: dict[Element, Look] = {}
    for element in page.body:
        if element in page.hidden:
            continue
        parent = made.get(element.getparent(), ROOT)
        sheet = tuple(won[element].items()) if element in won else ()
        made[element] = _look(_written(element), parent, sheet)
    return made


def _matches(page: Page, scheme: Scheme) -> dict[Element, dict[str, Winner]]:
    """Return per element and property the declaration of the style blocks that wins."""
    won: dict[Element, dict[str, Winner]] = {}
    rules = [rule for _, sheet in page.sheets for rule in sheet.rules if scheme.holds(rule)]
    for order, rule in enumerate(rules):
        for find, specificity in _selectors(rule.selector):
            for element in find(page.root):
                mine = won.setdefault(element, {})
                _contend(mine, rule.declarations, specificity, order)
    return won


def _contend(
    mine: dict[str, Winner],
    items: Iterable[Declaration],
    specificity: tuple[int, int, int],
    order: int,
) -> None:
    for item in items:
        weight = (item.important, specificity, order)
        for name, value in _longhands(item):
            if name not in mine or weight >= mine[name][0]:
                mine[name] = (weight, value)


_INLINE = (1_000_000, 0, 0)
"""An inline declaration is more specific than any selector."""


class Written(NamedTuple):
    """What an element says of its own look."""

    tag: str
    style: str
    ground: str
    colour: str
    linked: bool


def _written(element: Element) -> Written:
    get = element.get
    return Written(
        element.tag,
        get("style") or "",
        get("bgcolor") or "",
        get("color") or "",
        get("href") is not None,
    )


@lru_cache(maxsize=8192)
def _look(element: Written, parent: Look, sheet: tuple[tuple[str, Winner], ...]) -> Look:
    """Work out one look; stories repeat each other's, so most are known already."""
    mine = dict(sheet)
    _contend(mine, declarations(element.style), _INLINE, 0)
    values = {name: value.lower() for name, (_, value) in mine.items()}
    ground = _ground(element, values, parent)
    size = _size(values.get("font-size"), parent.size, element.tag)
    return Look(
        colour=_colour(element, values, parent, ground),
        ground=ground,
        size=size,
        bold=_bold(values.get("font-weight"), parent, element.tag),
        line=_line(values.get("line-height"), size, parent),
        display=values.get("display", "inline" if element.tag in {"a", "span", "b"} else "block"),
        padding=sum(pixels(values.get(f"padding-{side}", "0")) or 0 for side in ("top", "bottom")),
        known=parent.known and "background-image" not in values,
    )


def _ground(element: Written, values: Mapping[str, str], parent: Look) -> RGB:
    written = values.get("background-color") or element.ground
    found = colour(written) if written else None
    return parent.ground if found is None else _over(found, parent.ground)


def _colour(element: Written, values: Mapping[str, str], parent: Look, ground: RGB) -> RGB:
    usual = _LINK if element.tag == "a" and element.linked else parent.colour
    if values.get("color") == "inherit":
        return parent.colour
    found = colour(values.get("color") or element.colour)
    return usual if found is None else _over(found, ground)


def _over(front: Any, back: RGB) -> RGB:
    red, green, blue, alpha = (max(0.0, min(1.0, float(part))) for part in front)
    mixed = zip((red, green, blue), back, strict=True)
    one, two, three = (alpha * over + (1 - alpha) * under for over, under in mixed)
    return one, two, three


def _size(value: str | None, inherited: float, tag: str) -> float:
    if value is None:
        return _SIZES.get(tag, inherited)
    relative = re.fullmatch(r"(\d*\.?\d+)(em|%|rem)", value)
    if relative:
        base = 16.0 if relative[2] == "rem" else inherited
        return base * float(relative[1]) / (100 if relative[2] == "%" else 1)
    return pixels(value) or inherited


def _bold(value: str | None, parent: Look, tag: str) -> bool:
    if value is None:
        return parent.bold or tag in _BOLD
    return value in {"bold", "bolder", "600", "700", "800", "900"}


def _line(value: str | None, size: float, parent: Look) -> float | None:
    if value is None:
        return parent.line
    if re.fullmatch(r"\d+\.?\d*", value):
        return float(value) * size
    return pixels(value)


def height(look: Look) -> float:
    """Return the height of a line of an element with its padding above and below."""
    line = look.line if look.line is not None else look.size * _NORMAL
    return line + (look.padding if look.display != "inline" else 0)


def _longhands(item: Declaration) -> Sequence[tuple[str, str]]:
    if item.name == "padding":
        names = ("padding-top", "padding-right", "padding-bottom", "padding-left")
        return tuple(zip(names, sides(item.value), strict=True))
    if item.name == "background":
        if "url(" in item.value or "gradient(" in item.value:
            return (("background-image", item.value),)
        return (("background-color", item.value),)
    if item.name == "background-image" and item.value.lower() == "none":
        return ()
    return ((item.name, item.value),)


Finder = Any
"""A compiled XPath; lxml ships no types."""


@lru_cache(maxsize=1024)
def _selectors(text: str) -> tuple[tuple[Finder, tuple[int, int, int]], ...]:
    """Return a finder and its specificity for each selector of a rule; () when it cannot be read."""
    try:
        return tuple(
            (
                etree.XPath(HTMLTranslator().selector_to_xpath(selector)),
                selector.specificity(),
            )
            for selector in parse_selector(text)
            if selector.pseudo_element is None
        )
    except (SelectorError, etree.XPathError, RecursionError, ValueError):
        return ()
