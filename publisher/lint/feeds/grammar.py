"""What stands in which element: tables of names, and the one routine that reads them.

Serves the judges of XML documents. An element of a format's own that is in no table was invented;
one of another namespace is judged when the room knows it, and passed over otherwise (RFC 4287
section 6.3, RSS 2.0 "Extending RSS").
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from publisher.lint.feeds.markup import judge_control
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet
from publisher.lint.feeds.values import Check, exact, language

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What one element may be.

    `rule` is what `check` speaks for. `attributes` are those of the format that it may have, each
    with its check; `needs` those it must have. `judge` says the rest. `children` means that it has
    elements of its own, which `judge` looks at; `blank` that it may be empty.
    """

    check: Check | None = None
    rule: str = "rss.value"
    advice: Check | None = None
    advised: str = ""
    many: bool = False
    blank: bool = False
    children: bool = False
    attributes: Mapping[str, Check | None] = field(default_factory=dict)
    needs: frozenset[str] = NONE
    judge: Callable[[Sheet, Node], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What an element with children is made of; `required` names are missed under `missing`."""

    fields: Mapping[str, Field]
    required: tuple[str, ...] = ()
    missing: str = ""
    attributes: frozenset[str] = NONE


Stranger = Callable[[Sheet, Node, Node], None]
"""Judges a child that the format's own table does not have; given its parent."""


def judge_children(sheet: Sheet, node: Node, kind: Kind, stranger: Stranger) -> set[str]:
    """Judge the children of an element by a table; return the names that are there."""
    seen: set[str] = set()
    fields = kind.fields
    for child in node.children:
        tag = child.tag
        known = fields.get(tag)
        if known is None:
            stranger(sheet, child, node)
            seen.add(tag)
            continue
        if tag in seen and not known.many:
            message = (
                f"stands in {local(node.tag)} more than once: readers take any of them; keep one"
            )
            sheet.add("element.repeated", message, child.line, local(tag))
        seen.add(tag)
        judge_field(sheet, child, known)
    for name in kind.required:
        if name not in seen:
            message = f"{local(node.tag)} has no {local(name)}: add one"
            sheet.add(kind.missing, message, node.line, local(node.tag))
    if node.children:
        _words(sheet, node)
    if node.attrs:
        strangers(sheet, node, kind.attributes)
    return seen


def _words(sheet: Sheet, node: Node) -> None:
    text = node.text
    if not text.isspace() and text.strip():
        message = "stands between elements: put it into one, or take it out"
        sheet.add("element.text", message, node.line, local(node.tag), text.strip())


def judge_field(sheet: Sheet, node: Node, known: Field) -> None:
    """Judge an element by its row of a table."""
    if node.children and not known.children:
        child = node.children[0]
        message = f"is no element of {local(node.tag)}: escape it, or take it out"
        sheet.add("element.unknown", message, child.line, local(node.tag), f"<{local(child.tag)}>")
    if node.attrs or known.needs:
        judge_attributes(sheet, node, known)
    text = node.text
    if not known.children:
        if text and not text.isspace():
            _value(sheet, node, known)
        elif not known.blank:
            sheet.add(
                "element.empty", "is empty: fill it, or leave it out", node.line, local(node.tag)
            )
            if known.check and known.check(""):
                _value(sheet, node, known)
    if known.judge:
        known.judge(sheet, node)


def _value(sheet: Sheet, node: Node, known: Field) -> None:
    if known.check and (fault := known.check(node.text)):
        sheet.add(known.rule, fault, node.line, local(node.tag), node.text.strip())
    elif known.advice and (fault := known.advice(node.text)):
        sheet.add(known.advised, fault, node.line, local(node.tag), node.text.strip())


def judge_attributes(sheet: Sheet, node: Node, known: Field) -> None:
    """Judge the attributes of an element by its row of a table."""
    strangers(sheet, node, known.attributes.keys())
    place = local(node.tag)
    for name, value in node.attrs.items():
        check = known.attributes.get(name)
        if not value.strip() and name in known.attributes:
            message = f"has an empty {name}: fill it, or leave it out"
            sheet.add("attribute.empty", message, node.line, place)
        elif check and (fault := check(value)):
            rule = known.rule if known.rule != "rss.value" else "address.syntax"
            sheet.add(rule, fault, node.line, f"{place} {name}", value)
    for name in sorted(known.needs - node.attrs.keys()):
        message = f"has no {name}: add one"
        sheet.add("attribute.missing", message, node.line, place)


def strangers(sheet: Sheet, node: Node, allowed: Collection[str]) -> None:
    """Note attributes without a namespace that the format does not have."""
    for name, value in node.attrs.items():
        if name == "xml:base" and (fault := exact(value)):
            sheet.add("atom.base", fault, node.line, f"{local(node.tag)} xml:base", value)
        elif name == "xml:lang" and value and (fault := language(value)):
            sheet.add("language.tag", fault, node.line, f"{local(node.tag)} xml:lang", value)
        elif ":" not in name and name not in allowed:
            message = f"is no attribute of {local(node.tag)}: take it out"
            sheet.add("attribute.unknown", message, node.line, local(node.tag), name)


def local(tag: str) -> str:
    """Return a tag as people write it: without Atom's prefix, without the address of a namespace."""
    prefix, _, name = tag.rpartition(":")
    return name if prefix in {"", "atom", "sitemap"} or "/" in prefix else tag


def judge_words(sheet: Sheet, node: Node) -> None:
    """Judge characters only."""
    judge_control(sheet, node.text, node.line, local(node.tag))
