"""What a msgspec Struct says about its keys, for the generated reference.

A key's text comes from `Annotated[..., msgspec.Meta(description=...)]`, from a string below the
field, or from the comment on the field's line, in this order.
"""

import ast
import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

WORDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    object: "any value",
    Any: "any value",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key: as written in TOML, what it takes, its default and what it is for, in Markdown."""

    key: str
    takes: str
    default: str
    doc: str


def fields_of(struct: type[msgspec.Struct]) -> list[Field]:
    """Return the keys of a Struct in the order they are defined."""
    comments = written(struct)
    return [
        Field(
            key=field.encode_name,
            takes=takes(field.type),
            default=default(field),
            doc=cell(description(field.type) or comments.get(field.name) or about(field.type)),
        )
        for field in msgspec.structs.fields(struct)
    ]


def structs_inside(struct: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """Yield the Structs that the keys of `struct` hold, in order."""
    for field in msgspec.structs.fields(struct):
        yield from structs_of(field.type)


def structs_of(hint: object) -> Iterator[type[msgspec.Struct]]:
    """Yield every Struct inside a type."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
    for inner in get_args(hint):
        yield from structs_of(inner)


def takes(hint: Any) -> str:
    """Return what a type accepts, in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is None:
        return takes_plain(hint)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin in {Union, types.UnionType}:
        real = [item for item in inner if item not in (type(None), msgspec.UnsetType)]
        return " or ".join(dict.fromkeys(takes(item) for item in real))
    if origin in {list, tuple, set, frozenset}:
        return f"list of {takes(inner[0])}"
    if origin is Annotated:
        return kind(hint) or takes(inner[0])
    return f"table of {takes(inner[-1])}"


def kind(hint: object) -> str:
    """Return what msgspec.Meta calls a kind of text: duration, slug, ...; or nothing."""
    extras = (getattr(extra, "extra", None) or {} for extra in getattr(hint, "__metadata__", ()))
    name = next((str(extra["kind"]) for extra in extras if "kind" in extra), "")
    return "text" if name == "filled" else name


def takes_plain(hint: Any) -> str:
    """Return what a type without parameters accepts, in words."""
    if isinstance(hint, type) and issubclass(hint, Enum):
        return " or ".join(f"`{member.value}`" for member in hint)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return "table"
    return WORDS.get(hint, getattr(hint, "__name__", str(hint)).lower())


def default(field: msgspec.structs.FieldInfo) -> str:
    """Return a key's default as it would be written in TOML."""
    if field.required:
        return "required"
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory() if callable(field.default_factory) else None
    if value in (None, "", msgspec.UNSET) or isinstance(value, msgspec.Struct):
        return ""
    return f"`{toml(value)}`"


def toml(value: object) -> str:
    """Return a default in TOML notation."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return toml(value.value)
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{}"
    return str(value) if isinstance(value, int | float) else f'"{value}"'


def description(hint: object) -> str:
    """Return the description given by msgspec.Meta, or nothing."""
    for extra in getattr(hint, "__metadata__", ()):
        if isinstance(extra, msgspec.Meta) and extra.description:
            return extra.description
    return ""


def about(hint: object) -> str:
    """Return the first line of what the Struct inside a type says of itself, or nothing."""
    inside = next(structs_of(hint), None)
    return (inside.__doc__ or "").split("\n", 1)[0] if inside else ""


def written(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return what the source says beside or below each field, bases first."""
    found: dict[str, str] = {}
    for owner in reversed(struct.__mro__):
        if owner.__module__.startswith("msgspec") or owner is object:
            continue
        found |= written_in(inspect.cleandoc("\n" + inspect.getsource(owner)))
    return found


def written_in(source: str) -> dict[str, str]:
    """Return the comments and strings of one class body, by field name."""
    lines, found = source.splitlines(), {}
    body = getattr(ast.parse(source).body[0], "body", [])
    for node, after in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        _, mark, comment = lines[(node.end_lineno or 1) - 1][node.end_col_offset :].partition("#")
        if mark:
            found[node.target.id] = comment.strip()
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[node.target.id] = str(after.value.value)
    return found


def cell(text: str) -> str:
    """Return text that may stand in a table cell."""
    return " ".join(text.split()).replace("|", "\\|")
