"""A page as a list of units, from HTML: headings, paragraphs, list items, emphasis.

Serves the reader of the page form. Pure, total.
"""

import html as entities
import re
from dataclasses import dataclass, field, replace

from publisher.kit.clean import BLOCK_TAGS, INLINE_TAGS, TAG, structure
from publisher.kit.page_lines import Kind, Unit, line_unit, merge_units
from publisher.kit.text import clean_text

_MARKUP = re.compile(
    r"<(?:!doctype|/?(?:html|head|body|p|div|h[1-6]|ul|ol|li|article|section|em|br)\b)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<title\b[^<>]*>([^<>]*)", re.IGNORECASE)
_LANG = re.compile(
    r"<html\b[^<>]*?\s(?:xml:)?lang\s*=\s*[\"']?([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)",
    re.IGNORECASE,
)
_CONTENT_LANGUAGE = re.compile(
    r"<meta\b(?=[^<>]*http-equiv\s*=\s*[\"']?content-language)[^<>]*content\s*=\s*[\"']?([A-Za-z-]{2,12})",
    re.IGNORECASE,
)
_SUP = re.compile(r"<sup>\s*(?:<a[^>]*>)\s*\[?(\d{1,3})\]?\s*</a>\s*</sup>")
_HREF = re.compile(r"href=\"([^\"]*)\"")
_MARKED = frozenset({"em", "i"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def looks_like_html(text: str) -> bool:
    """Tell whether a document is HTML rather than plain text: it has block tags early on."""
    return len(_MARKUP.findall(text[:20_000])) > 1


def page_title(html: str) -> str:
    """Return the text of the document's `<title>`, "" when there is none."""
    match = _TITLE.search(html[:100_000])
    return clean_text(entities.unescape(match[1])) if match else ""


def page_language(html: str) -> str:
    """Return the language the document declares (`lang`, content-language), "" when none."""
    head = html[:100_000]
    match = _LANG.search(head) or _CONTENT_LANGUAGE.search(head)
    return match[1] if match else ""


@dataclass(slots=True)
class _Reader:
    """Walks over well-formed tags and gathers one unit a block."""

    units: list[Unit] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)  # next number of each open list, 0 for bullets
    text: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    url: str = ""
    item: tuple[Kind, int] | None = None
    heading: int = 0
    gap: bool = True
    marked: int = 0  # depth of emphasis
    outside: bool = False  # some text of this unit is not emphasised
    inside: bool = False  # some is
    pre: int = 0

    def feed(self, markup: str) -> None:
        """Read all of it."""
        position = 0
        for match in TAG.finditer(markup):
            self.words(markup[position : match.start()])
            self.tag(match[2].lower(), match[0])
            position = match.end()
        self.words(markup[position:])
        self.flush(gap=True)

    def words(self, raw: str) -> None:
        """Take text, as written between two tags."""
        if self.pre and "\n" in raw:
            for number, line in enumerate(raw.split("\n")):
                if number:
                    self.flush(gap=not line.strip())
                self.words(line)
            return
        if raw.strip():
            self.outside = self.outside or not self.marked
            self.inside = self.inside or bool(self.marked)
        self.text.append(raw)
        self.html.append(raw)

    def tag(self, name: str, raw: str) -> None:
        """Take one tag, as written."""
        if name == "br":
            self.flush(gap=False)
        elif name in INLINE_TAGS or name == "img":
            self._inline(name, raw)
        elif name in BLOCK_TAGS:
            self._block(name, raw)

    def _inline(self, name: str, raw: str) -> None:
        """Take a tag inside a block."""
        closing = raw.startswith("</")
        self.html.append(raw)
        if name in _MARKED:
            self.marked = max(0, self.marked + (-1 if closing else 1))
        if name == "a" and not closing and not self.url and (found := _HREF.search(raw)):
            self.url = entities.unescape(found[1])

    def _block(self, name: str, raw: str) -> None:
        """Take the tag of a block."""
        closing = raw.startswith("</")
        in_item = name == "p" and self.item is not None and not "".join(self.text).strip()
        if not in_item:
            self.flush(gap=name not in {"li", "tr", "dt", "dd"} or not self.units)
        if name in {"ol", "ul"}:
            self._list(name, raw)
        elif name == "li":
            self.item = None if closing else self._next_item()
        elif name == "pre":
            self.pre = max(0, self.pre + (-1 if closing else 1))
        elif name in _HEADINGS:
            self.heading = 0 if closing else int(name[1])

    def _list(self, name: str, raw: str) -> None:
        """Open or close a list."""
        if not raw.startswith("</"):
            self.lists.append(1 if name == "ol" else 0)
        elif self.lists:
            self.lists.pop()

    def _next_item(self) -> tuple[Kind, int]:
        """Return what the list item that opens is."""
        if not self.lists or not self.lists[-1]:
            return (Kind.BULLETED, 0)
        self.lists[-1] += 1
        return (Kind.NUMBERED, self.lists[-1] - 1)

    def flush(self, *, gap: bool) -> None:
        """End the unit under way; `gap` says whether a block border follows."""
        inner = "".join(self.html).strip()
        text = clean_text(entities.unescape("".join(self.text)))
        if text:
            self.units.append(replace(self._unit(text), url=self.url, html=inner, gap=self.gap))
            self.item, self.gap = None, gap
        elif "<img" in inner:
            self.units.append(Unit(kind=Kind.MEDIA, text="", html=inner))
        self.gap = self.gap or gap
        self.text, self.html, self.url = [], [], ""
        self.inside = self.outside = False

    def _unit(self, text: str) -> Unit:
        """Return the unit for a text, with what its tags say of it."""
        if self.item is not None:
            kind, number = self.item
            marker = f"{number}." if number else "-"
            own = line_unit(text)
            said = own.text if own.kind is kind else text
            return Unit(
                kind=kind, text=said, marker=marker, number=number, indent=2 * len(self.lists)
            )
        if self.inside and not self.outside and not self.heading:
            return Unit(kind=Kind.PARAGRAPH, text=f"*{text.strip('*_')}*")
        unit = line_unit(text)
        return replace(unit, heading=self.heading or unit.heading)


def html_units(html: str, base_url: str = "") -> tuple[Unit, ...]:
    """Return the units of an HTML page; links become absolute against `base_url`."""
    reader = _Reader()
    body = structure(html, base_url)
    reader.feed(_SUP.sub(r"[\1]", body))
    return merge_units(reader.units)
