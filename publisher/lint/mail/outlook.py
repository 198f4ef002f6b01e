"""Rules for Outlook's Word engine, which lays out mails until its support ends.

Serves MailInspector. Padding of links is spared (a button is a coloured cell with a padded link in
it), that of lists too (Word indents them by itself).
"""

from collections.abc import Iterator

from publisher.lint.mail.css import pixels, sides
from publisher.lint.mail.page import Element, Page, place, style_of, value_of
from publisher.lint.mail.rules import found
from publisher.model.findings import Finding

CELLS = frozenset({"td", "th", "a", "ul", "ol", "body"})


def check(page: Page) -> Iterator[Finding]:
    """Yield what Outlook would lay out otherwise."""
    heights: Element | None = None
    for element in page.shown:
        if element.tag == "table":
            yield from _table(element, page)
        elif element.tag not in CELLS and _padded(element):
            message = f"Outlook ignores padding of <{element.tag}>; put it on the cell"
            yield found("outlook.padding", message, place(element))
        if heights is None and value_of(element, "line-height").endswith("px"):
            heights = element
    if heights is not None and "mso-line-height-rule" not in page.html.lower():
        message = "Outlook widens lines: add mso-line-height-rule: exactly"
        yield found("outlook.line-height", message, place(heights))
    if page.shown and "pixelsperinch" not in page.outlook.lower():
        message = "Outlook scales pictures on some screens: set PixelsPerInch to 96"
        yield found("outlook.scale", message, "head")


def _table(table: Element, page: Page) -> Iterator[Finding]:
    outermost = next(table.iterancestors("table"), None) is None
    width = (table.get("width") or "").strip()
    if outermost and not width:
        message = "a table has no width attribute; Outlook makes it as narrow as its words"
        yield found("outlook.table-width", message, place(table))
    narrowed = pixels(value_of(table, "max-width")) is not None
    if narrowed and not width.isdigit() and "<table" not in page.outlook.lower():
        message = (
            "Outlook ignores max-width here: put a table of that width in an [if mso] comment"
        )
        yield found("outlook.ghost-table", message, place(table))
    if _padded(table):
        message = "Outlook ignores padding of <table>; put it on the cells"
        yield found("outlook.padding", message, place(table))


def _padded(element: Element) -> bool:
    values = [
        value
        for item in style_of(element)
        if item.name == "padding" or item.name.startswith("padding-")
        for value in sides(item.value)
    ]
    return any(pixels(value) != 0 for value in values)
