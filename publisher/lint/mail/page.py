"""The HTML part as a tree, with what the rules ask of it worked out once.

Serves the rules of mails. The tree is lxml's; any text gives a page, `root` is None for an empty one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree
from lxml import html as markup

from publisher.lint.mail.css import Declaration, Sheet, declarations, sheet

LOOKED_AT = 1_000_000
"""Characters of HTML that are looked at: ten times what Gmail shows."""
UNREAD = frozenset({"script", "style", "head", "title", "template", "noscript", "meta", "link"})
Element = Any
"""An lxml element: the library ships no types."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One HTML part."""

    html: str

    @cached_property
    def root(self) -> Element | None:
        """Return the `html` element."""
        octets = self.html[:LOOKED_AT].replace("\0", "").encode("utf-8", "replace")
        parser = markup.HTMLParser(encoding="utf-8")
        try:
            return markup.document_fromstring(octets, parser=parser)
        except (etree.LxmlError, ValueError, AssertionError):
            return None

    @cached_property
    def elements(self) -> Sequence[Element]:
        """Return every element in document order."""
        return () if self.root is None else tuple(self.root.iter(etree.Element))

    @cached_property
    def body(self) -> Sequence[Element]:
        """Return every element that is laid out, in document order: parents before children."""
        bodies = [] if self.root is None else self.root.xpath("//body")
        return tuple(bodies[0].iter(etree.Element)) if bodies else ()

    @cached_property
    def comments(self) -> Sequence[str]:
        """Return the text of every comment."""
        return () if self.root is None else [str(c.text) for c in self.root.iter(etree.Comment)]

    @cached_property
    def outlook(self) -> str:
        """Return what only Outlook's Word engine reads: the conditional comments."""
        return "\n".join(text for text in self.comments if text.startswith("[if"))

    @cached_property
    def sheets(self) -> Sequence[tuple[Element, Sheet]]:
        """Return the style blocks with what is in them."""
        return [(item, sheet(item.text or "")) for item in self.elements if item.tag == "style"]

    @cached_property
    def hidden(self) -> frozenset[Element]:
        """Return the elements that are never shown, such as the preheader, and all inside them."""
        found: set[Element] = set()
        for element in self.body:
            if element.getparent() in found or _hides(element):
                found.add(element)
        return frozenset(found)

    @cached_property
    def shown(self) -> Sequence[Element]:
        """Return the elements of the body that are laid out and shown."""
        return [item for item in self.body if item not in self.hidden and item.tag not in UNREAD]

    @cached_property
    def links(self) -> Sequence[Element]:
        """Return the `a` elements that lead somewhere."""
        return [item for item in self.elements if item.tag == "a" and item.get("href") is not None]

    @cached_property
    def words(self) -> str:
        """Return the text that is shown, its white space normalised."""
        return " ".join(" ".join(text for item in self.shown for text in own_text(item)).split())


def style_of(element: Element) -> tuple[Declaration, ...]:
    """Return the inline declarations of an element."""
    return declarations(element.get("style") or "")


def value_of(element: Element, name: str) -> str:
    """Return the inline value of a property in lower case, the last one that counts; "" for none."""
    found = [item.value for item in style_of(element) if item.name == name]
    return found[-1].lower() if found else ""


def own_text(element: Element) -> Iterator[str]:
    """Yield the text directly inside an element."""
    if element.text:
        yield element.text
    for child in element:
        if child.tail:
            yield child.tail


def text_of(element: Element) -> str:
    """Return all text inside an element, its white space normalised."""
    return " ".join("".join(element.itertext(etree.Element)).split())


def place(element: Element) -> str:
    """Return where an element is, for people: `line 12: <td class="lead">`."""
    name = element.get("class") or element.get("id") or ""
    told = f' class="{name[:40]}"' if name else ""
    return f"line {element.sourceline or 1}: <{element.tag}{told}>"


def _hides(element: Element) -> bool:
    return element.get("hidden") is not None or value_of(element, "display") == "none"
