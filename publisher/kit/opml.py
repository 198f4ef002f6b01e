"""Reading OPML: lists of feeds as readers export them, taken as they come.

Serves `publisher opml import`. Pure. Nothing of OPML 2.0 (opml.org/spec2) is insisted on but an
address: real lists lack `text` or `title`, nest groups, name attributes in any case, hold unknown ones
and are not always well-formed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.errors import ParseError
from publisher.kit.text import clean_text

if TYPE_CHECKING:
    from lxml.etree import _Element

DEPTH = 50
"""Groups within groups that are looked into; libxml2 refuses what nests deeper than 256."""

LARGEST = 20_000_000
"""Bytes read; the largest lists that readers export have some 5 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed of a list: `group` is the name of the innermost group that holds it, "" for none."""

    url: str
    title: str = ""
    home: str = ""
    group: str = ""


def read_opml(data: bytes, file: str = "") -> tuple[Outline, ...]:
    """Return the feeds of a list in its order, each address once.

    `file` names it in errors. Raises ParseError for what is no OPML at all.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, load_dtd=False)
    try:
        root = etree.fromstring(data[:LARGEST].lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(file, f"is not OPML: {error}") from error
    if root is None or _name(root) != "opml":
        raise ParseError(file, "is not OPML: there is no <opml> in it")
    found: dict[str, Outline] = {}
    for body in root:
        if _name(body) == "body":
            for one in _outlines(body, "", 0):
                found.setdefault(one.url, one)
    return tuple(found.values())


def _outlines(parent: "_Element", group: str, depth: int) -> Iterator[Outline]:
    for element in parent:
        if _name(element) != "outline":
            continue
        said = {str(key).lower(): clean_text(str(value)) for key, value in element.items()}
        title = said.get("title") or said.get("text", "")
        if url := said.get("xmlurl"):
            yield Outline(url=url, title=title, home=said.get("htmlurl", ""), group=group)
        if depth < DEPTH:
            inner = group if said.get("xmlurl") else title or group
            yield from _outlines(element, inner, depth + 1)


def _name(element: "_Element") -> str:
    """Return an element's name in small letters; comments and instructions have none."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
