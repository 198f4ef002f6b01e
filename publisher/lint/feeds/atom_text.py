"""Texts and contents of Atom (RFC 4287 sections 3.1 and 4.1.3).

Serves AtomJudge.
"""

import base64
import binascii
import re

from publisher.lint.feeds import values
from publisher.lint.feeds.grammar import local
from publisher.lint.feeds.markup import SAFE, SCRIPTS, judge_attributes, judge_html, judge_plain
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet

_TYPES = frozenset({"text", "html", "xhtml"})
_INLINE = frozenset({"a", "b", "br", "div", "em", "i", "img", "p", "span", "strong", "ul"})
_XML = re.compile(r".+\+xml|.+/xml(?:-.*)?", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z]+|#\w+);")
_NAMED = re.compile(r"</?([a-zA-Z][^\s/<>]*)")


def judge_text(sheet: Sheet, node: Node) -> None:
    """Judge a text construct."""
    kind = node.attrs.get("type", "text").strip()
    if kind not in _TYPES:
        message = "is no type of a text: write text, html or xhtml"
        sheet.add("atom.text-type", message, node.line, local(node.tag), kind)
        return
    _judge(sheet, node, kind)


def _judge(sheet: Sheet, node: Node, kind: str) -> None:
    if kind == "xhtml":
        judge_xhtml(sheet, node)
        return
    if node.children:
        _inline(sheet, node, kind)
        return
    text = node.text
    if not text or text.isspace():
        sheet.add(
            "element.empty", "is empty: fill it, or leave it out", node.line, local(node.tag)
        )
    elif kind == "html":
        judge_html(sheet, text, node.line, local(node.tag))
        _is_html(sheet, node)
    else:
        judge_plain(sheet, text, node.line, local(node.tag))


def _inline(sheet: Sheet, node: Node, kind: str) -> None:
    child = node.children[0]
    message = f"stands in a text of type {kind}: escape it, or write type=xhtml and a div"
    sheet.add("atom.inline", message, child.line, local(node.tag), f"<{local(child.tag)}>")


def _is_html(sheet: Sheet, node: Node) -> None:
    """Note HTML that is none: tags that HTML does not have, or none that ends."""
    if node.text.rfind("<") > node.text.rfind(">"):
        message = "ends within a tag: close it, or write &amp;lt; for <"
        sheet.add("atom.html", message, node.line, local(node.tag), node.text[-40:])


def judge_xhtml(sheet: Sheet, node: Node) -> None:
    """Judge a text of type xhtml: one div of the namespace of XHTML."""
    place = local(node.tag)
    if node.text.strip() or len(node.children) != 1 or node.children[0].tag != "xhtml:div":
        message = "is no single div of XHTML: put all of it into <div xmlns=…>"
        sheet.add("atom.xhtml", message, node.line, place)
    for child in node.children:
        walk_xhtml(sheet, child, place)


def walk_xhtml(sheet: Sheet, top: Node, place: str) -> None:
    """Judge elements of XHTML that stand in the document itself."""
    stack = [top]
    while stack:
        node = stack.pop()
        stack += node.children
        prefix, _, name = node.tag.rpartition(":")
        if prefix in {"xhtml", "atom", ""}:
            if prefix != "xhtml":
                message = "is not in the namespace of XHTML: readers pass it over; add xmlns"
                sheet.add("atom.xhtml", message, node.line, place, f"<{name}>")
            _element(sheet, name, node, place)
        alone = node is top and not node.children and node.tag == "xhtml:div"
        found = _NAMED.search(node.text) if alone else None
        if found and found[1].lower() in SAFE | SCRIPTS:
            message = "is escaped within XHTML: readers show the code; write it as an element"
            sheet.add("text.escaped", message, node.line, place, found[0])


def _element(sheet: Sheet, name: str, node: Node, place: str) -> None:
    written = "\n".join(f' {key}="{value}"' for key, value in node.attrs.items())
    judge_attributes(sheet, written, "", node.line, place)
    if name in SCRIPTS:
        message = "runs what strangers wrote: take it out"
        sheet.add("html.script", message, node.line, place, f"<{name}>")
    elif name not in SAFE and name != "body":
        message = "is no element that readers show: take it out"
        sheet.add("html.unsafe", message, node.line, place, f"<{name}>")


def judge_content(sheet: Sheet, node: Node) -> None:
    """Judge the content of an entry by its type (section 4.1.3.3)."""
    kind, src = node.attrs.get("type", "").strip(), node.attrs.get("src")
    if src is not None:
        _elsewhere(sheet, node, kind, src)
    elif not kind or kind in _TYPES:
        _judge(sheet, node, kind or "text")
    elif fault := values.media_type(kind) or _composite(kind):
        sheet.add("atom.content-type", fault, node.line, "content type", kind)
    else:
        _typed(sheet, node, kind.lower())


def is_elsewhere(node: Node | None) -> bool:
    """Tell whether people need a summary beside this content (section 4.1.2)."""
    if node is None:
        return False
    kind = node.attrs.get("type", "text").strip().lower()
    plain = kind in _TYPES or kind.startswith("text/") or _XML.fullmatch(kind)
    return "src" in node.attrs or not plain


def _composite(kind: str) -> str:
    composite = kind.lower().startswith(("multipart/", "message/"))
    return "is of several parts: give one that stands alone" if composite else ""


def _elsewhere(sheet: Sheet, node: Node, kind: str, src: str) -> None:
    if fault := values.exact(src):
        sheet.add("atom.content-type", fault, node.line, "content src", src)
    if node.text.strip() or node.children:
        message = "has src and holds something, too: leave it empty"
        sheet.add("atom.content-type", message, node.line, "content")
    if not kind:
        sheet.add("atom.link-type", "has src and no type: add one", node.line, "content")
    elif kind in _TYPES or values.media_type(kind) or _composite(kind):
        message = "is no media type for content elsewhere: write one like text/html"
        sheet.add("atom.content-type", message, node.line, "content type", kind)


def _xml(sheet: Sheet, node: Node, kind: str) -> None:
    if len(node.children) > 1:
        message = "is of a type of XML and holds several elements: put one around them"
        sheet.add("atom.content-type", message, node.line, "content", kind)
    elif kind == "application/xhtml+xml" and node.children:
        walk_xhtml(sheet, node.children[0], "content")
    elif not node.children and node.text.strip():
        message = "is XML that is escaped: write it as elements"
        sheet.add("atom.inline", message, node.line, "content", kind)


def _typed(sheet: Sheet, node: Node, kind: str) -> None:
    if _XML.fullmatch(kind):
        _xml(sheet, node, kind)
    elif kind.startswith("text/"):
        if node.children:
            _inline(sheet, node, kind)
        elif kind == "text/html":
            judge_html(sheet, node.text, node.line, "content")
    elif node.children or not _is_base64(node.text):
        message = "is of a type that is written in base64: encode it"
        sheet.add("atom.content-type", message, node.line, "content", kind)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
