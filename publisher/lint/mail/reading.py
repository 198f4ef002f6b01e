"""Rules about who reads how: aloud, in the dark, with a thumb, with weak eyes.

Serves MailInspector. Sources: WCAG 2.2, and axe-core's rules where they are stricter.
"""

from collections.abc import Iterator

from publisher.kit.colours import contrast
from publisher.lint.mail.cascade import Look, Scheme, height, looks
from publisher.lint.mail.page import Element, Page, own_text, place, text_of
from publisher.lint.mail.rules import found
from publisher.model.findings import Finding

CONTRAST, CONTRAST_LARGE = 4.5, 3.0
LARGE, LARGE_BOLD = 24.0, 18.66
"""Pixels from which text is large (WCAG 2.2: 18 points, or 14 points bold)."""
SMALLEST = 13.0
TAP = 44.0
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
DATA = frozenset({"th", "caption", "thead"})


def check(page: Page) -> Iterator[Finding]:
    """Yield what keeps people from reading."""
    if not page.shown:
        return
    yield from _document(page)
    yield from _headings(page)
    for table in page.shown:
        if table.tag == "table" and not _told(table):
            message = "a table for layout is read as data: add role=presentation"
            yield found("access.table-role", message, place(table))
    light = looks(page, Scheme())
    yield from _contrasts(light, "access.contrast", "")
    dark = Scheme(dark=True)
    if any(dark.holds(rule) and rule.media for _, sheet in page.sheets for rule in sheet.rules):
        yield from _contrasts(looks(page, dark), "access.contrast-dark", " in the dark scheme")
    for element, look in light.items():
        if look.size < SMALLEST and _says(element):
            message = f"text is {look.size:g} pixels; nothing under {SMALLEST:g} is read easily"
            yield found("access.text-size", message, place(element))
    yield from _taps(page)


def _document(page: Page) -> Iterator[Finding]:
    root = page.elements[0]
    if not (root.get("lang") or "").strip():
        yield found("access.lang", "the HTML part does not name its language: <html lang>", "html")
    if not any(item.get("lang") for item in page.body[1:]):
        message = "name the language on a wrapper too: programs take <html> away"
        yield found("access.lang-wrapper", message, "body")
    if (root.get("dir") or "").strip().lower() not in {"ltr", "rtl", "auto"}:
        yield found("access.dir", "the HTML part does not name its direction: <html dir>", "html")
    titles = [text_of(item) for item in page.elements if item.tag == "title"]
    if not any(titles):
        yield found("access.title", "the HTML part has no title", "head")


def _headings(page: Page) -> Iterator[Finding]:
    headings = [item for item in page.shown if item.tag in HEADINGS]
    ones = [item for item in headings if item.tag == "h1"]
    if len(ones) != 1:
        where = place(ones[1]) if ones else "body"
        yield found("access.h1", f"there must be one h1; there are {len(ones)}", where)
    last = 0
    for item in headings:
        level = HEADINGS.index(item.tag) + 1
        if last and level > last + 1:
            message = f"a heading leaps from h{last} to h{level}"
            yield found("access.heading-order", message, place(item))
        last = level
    mains = [item for item in page.shown if item.tag == "main" or item.get("role") == "main"]
    if len(mains) != 1:
        message = f"there must be one landmark role=main; there are {len(mains)}"
        yield found("access.landmark", message, "body")


def _told(table: Element) -> bool:
    """Tell whether a table says that it is for layout, or is one of data."""
    if (table.get("role") or "").lower() in {"presentation", "none"}:
        return True
    return any(item.tag in DATA for item in table.iter())


def _contrasts(made: dict[Element, Look], rule: str, scheme: str) -> Iterator[Finding]:
    for element, look in made.items():
        if not look.known or not _says(element):
            continue
        ratio = contrast(look.colour, look.ground)
        large = look.size >= LARGE or (look.bold and look.size >= LARGE_BOLD)
        if ratio < (CONTRAST_LARGE if large else CONTRAST):
            message = f"text stands out only {ratio:.1f} : 1{scheme}; darken or lighten it"
            yield found(rule, message, place(element))


def _says(element: Element) -> bool:
    return any(_visible(text) for text in own_text(element))


def _visible(text: str) -> bool:
    # Middle dots and bars between links are ornament.
    return bool(text.strip(" \t\r\n\u00a0\u200c\u034f·|•–—"))


def _taps(page: Page) -> Iterator[Finding]:
    """Yield links that stand alone in their block and are too low for a thumb."""
    made = looks(page, Scheme(phone=True))
    for link in page.links:
        if link not in made or not text_of(link):
            continue
        look, parent = made[link], link.getparent()
        alone = text_of(parent) == text_of(link)
        if alone and look.display != "none" and height(look) < TAP and _low(parent, made):
            message = (
                f"a link is {height(look):.0f} pixels high on a phone; a thumb needs {TAP:.0f}"
            )
            yield found("access.tap-target", message, place(link))


def _low(parent: Element, made: dict[Element, Look]) -> bool:
    """Tell whether the lines of the block round a link are lower than a thumb, too."""
    around = made.get(parent)
    return around is None or (around.line or 0) < TAP
