"""Which features a page uses, where first, and whether the layout rests on them.

Serves the client rules. Pure. Tokens have the forms that `refresh.py` lists: `<table>`, `[align]`,
`padding:`, `display:flex`, `calc()`, `1rem`, `@media`, `:hover`, `a>b`, `.webp`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from publisher.lint.mail.css import StyleRule
from publisher.lint.mail.lists import REFINEMENTS
from publisher.lint.mail.page import Element, Page, place, style_of
from publisher.lint.mail.support import Support

_SELECTORS = (
    ("a,b", re.compile(r",")),
    ("a>b", re.compile(r">")),
    ("a+b", re.compile(r"\+")),
    ("a~b", re.compile(r"(?<!\|)~(?!=)")),
    ("a_b", re.compile(r"[\w\])*]\s+[\w.#\[*:]")),
    ("a[b]", re.compile(r"\[")),
    ("a.b", re.compile(r"\.[\w-]+\.[\w-]")),
    (".a", re.compile(r"\.[a-zA-Z_-]")),
    ("#a", re.compile(r"#[a-zA-Z_-]")),
    ("*", re.compile(r"\*(?!=)")),
    ("a", re.compile(r"(^|[\s>+~,(])[a-zA-Z]")),
)
HIDING = frozenset({"display:none"})
_PSEUDO = re.compile(r"::?[a-z-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One feature in use: where first, whether layout rests on it, whether it stands inline."""

    slug: str
    where: str
    layout: bool
    inline: bool


def uses(page: Page, support: Support) -> dict[str, Use]:
    """Return the features a page uses, by slug; a use that bears layout comes before others."""
    found: dict[str, Use] = {}
    for token, where, bears, inline in _seen(page):
        slug = support.slug(token)
        if slug is None:
            continue
        layout = bears and slug not in REFINEMENTS
        known = found.get(slug)
        if known is None or (layout, inline) > (known.layout, known.inline):
            found[slug] = Use(slug=slug, where=where, layout=layout, inline=inline)
    return found


Seen = tuple[str, str, bool, bool]
"""A token, its place, whether it may bear layout, whether it stands inline."""


def _seen(page: Page) -> Iterator[Seen]:
    if page.root is not None and page.root.getroottree().docinfo.doctype:
        yield "<!doctype>", "line 1", False, False
    if page.comments:
        yield "<!---->", "comments", False, False
    for element in page.elements:
        layout = element not in page.hidden
        where = place(element)
        for token in _of_element(element):
            # A style block bears layout when a rule in it does, see _of_sheets.
            yield token, where, layout and element.tag != "style", True
        for declaration in style_of(element):
            for token in declaration.tokens:
                # What hides an element is laid out by being absent; the rest of it is never seen.
                yield token, where, layout or token in HIDING, True
    yield from _of_sheets(page)


def _of_element(element: Element) -> Iterator[str]:
    yield f"<{element.tag}>"
    for name, value in element.items():
        yield f"[{name}]"
        if name in {"type", "name"}:
            yield f"{element.tag}[{name}={value.lower()}]"
    href = (element.get("href") or "").strip().lower()
    if href.startswith(("#", "mailto:")):
        yield f"a[href={href[: 1 if href[0] == '#' else 7]}]"
    if element.tag == "img":
        yield from picture_tokens(element.get("src") or "")


def picture_tokens(address: str) -> Iterator[str]:
    """Yield what the address of a picture says of its format."""
    if address.strip().lower().startswith("data:"):
        yield "data:"
        return
    try:
        path = urlsplit(address).path
    except ValueError:
        return
    suffix = re.search(r"\.[a-z0-9]{2,5}$", path.lower())
    if suffix:
        yield suffix[0]


def _of_sheets(page: Page) -> Iterator[Seen]:
    for element, sheet in page.sheets:
        where = place(element)
        for token in sheet.at_rules:
            yield token, where, True, False
        for rule in sheet.rules:
            if not rule.refines:
                yield "<style>", where, True, False
            for token in _of_rule(rule):
                yield token, where, not rule.refines, False


def _of_rule(rule: StyleRule) -> Iterator[str]:
    for token, form in _SELECTORS:
        if form.search(rule.selector):
            yield token
    yield from _PSEUDO.findall(rule.selector)
    for declaration in rule.declarations:
        yield from declaration.tokens
