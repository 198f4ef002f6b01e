"""Texts of feeds as feedparser 6.0 takes them: mended, guessed, unwrapped, and who wrote them.

Serves `kit.feed_strict`. Pure.
"""

import html.entities
import re
from typing import Any
from xml.sax.saxutils import escape

from publisher.kit.feed_names import HANDLED, HTML_TAGS, prefix_of

XHTML = "application/xhtml+xml"
_CLOSE_OR_ENTITY = re.compile(r"</\w+>|&#?\w+;")
_QUOTE = {'"': "&quot;"}
_TAGS = re.compile(r"</?(\w+)")
_ENTITIES = re.compile(r"&(\w+);")
_ADDRESS = re.compile(
    r"(([a-zA-Z0-9\_\-\.\+]+)@((\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.)|(([a-zA-Z0-9\-]+\.)+))"
    r"([a-zA-Z]{2,4}|[0-9]{1,3})(\]?))(\?subject=\S+)?"
)


class Strange(Exception):
    """The document is ill-formed, or holds what the strict reader does not know for certain."""


def mended(text: str) -> str:
    """Return a text without blanks around it; UTF-8 that was taken for Latin-1 is UTF-8 again."""
    stripped = text.strip()
    if stripped.isascii():
        return stripped
    try:
        return stripped.encode("latin-1").decode()
    except UnicodeError:
        return stripped


def is_binary(kind: str) -> bool:
    """Tell whether content of a media type is base64 in Atom (RFC 4287 section 4.1.3.3)."""
    return not kind.startswith("text/") and not kind.endswith(("+xml", "/xml"))


def guessed(text: str) -> str:
    """Return the type of a text that calls itself plain: HTML when all its mark-up is HTML's."""
    looks = (
        _CLOSE_OR_ENTITY.search(text)
        and all(tag.lower() in HTML_TAGS for tag in _TAGS.findall(text))
        and all(entity in html.entities.entitydefs for entity in _ENTITIES.findall(text))
    )
    return "text/html" if looks else "text/plain"


def inner_xhtml(element: Any, *, unwrap: bool) -> str:
    """Return what an element holds as XHTML without prefixes.

    With `unwrap` the one `div` around it goes (RFC 4287 section 3.1.1.3).
    """
    outer = element.text or ""
    alone = len(element) == 1 and not outer.strip() and not (element[0].tail or "").strip()
    if unwrap and alone and _local(element[0]) == "div":
        return _inside(element[0])
    return _inside(element)


def _inside(element: Any) -> str:
    """Return an element's texts and elements; as deep as libxml2 reads, which is 256 levels."""
    pieces = [escape(element.text or "")]
    for child in element:
        name = _local(child)
        pieces.append(f"<{name}{_attributes(child)}>{_inside(child)}</{name}>")
        pieces.append(escape(child.tail or ""))
    return "".join(pieces)


def _attributes(element: Any) -> str:
    """Return an element's attributes as they are written; nobody keeps those with a prefix."""
    said = {}
    for key, value in element.attrib.items():
        namespace, _, local = key.rpartition("}")
        if not prefix_of(namespace[1:]):
            said[local.lower()] = value.lower() if local.lower() in {"rel", "type"} else value
    return "".join([f' {name}="{escape(value, _QUOTE)}"' for name, value in said.items()])


def _local(element: Any) -> str:
    """Return an element's name without prefix. Raises Strange where it means something to feeds."""
    namespace, _, local = str(element.tag).rpartition("}")
    name = local.lower()
    if name in HANDLED and (name == "body" or prefix_of(namespace[1:]) != "xhtml"):
        raise Strange(name)
    return name


def author_of(context: dict[str, Any]) -> None:
    """Let the text `author` and the last of `authors` say the same, as far as either says it."""
    detail = context.get("authors", [{}])[-1]
    if detail:
        name, address = detail.get("name"), detail.get("email")
        if name or address:
            context["author"] = f"{name} ({address})" if name and address else name or address
        return
    author = context.get("author")
    if not author:
        return
    found = _ADDRESS.search(author)
    if found:
        detail["email"] = found[0]
        author = _without(author, found[0])
    if author:
        detail["name"] = author


def _without(author: str, address: str) -> str:
    """Return what an author's line says besides an address."""
    rest = author.replace(address, "").replace("()", "").replace("<>", "")
    rest = rest.replace("&lt;&gt;", "").strip()
    return rest.removeprefix("(").removesuffix(")").strip()
