"""Compares a TOML table with a Struct, key by key, and reports every mistake it finds.

Serves building (publication, feeds, schedules) and the options of adapters. msgspec judges single
values; what it does not do, all mistakes at once and nearest names, is done here.
"""

import re
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any

import msgspec
from msgspec import NODEFAULT, Struct

from publisher.config.values import KINDS, Reference, Secret, join, settle
from publisher.errors import ConfigError, Problem
from publisher.registry import did_you_mean, nearest

WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "date": "a date",
    "datetime": "a date and time",
    "time": "a time of day",
    "null": "nothing",
}
_WRONG = object()


@dataclass(frozen=True, slots=True)
class Report:
    """Gathers the mistakes of one file."""

    file: str
    problems: list[Problem]

    def add(self, key: str, message: str) -> None:
        """Note one mistake."""
        self.problems.append(Problem(file=self.file, key=key, message=message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a Struct: its name in TOML, its type with notes, and its default."""

    name: str
    attribute: str
    hint: object
    default: object
    notes: tuple[msgspec.Meta, ...]

    @property
    def required(self) -> bool:
        """Tell whether it must be written."""
        return self.default is NODEFAULT

    @property
    def lazy(self) -> bool:
        """Tell whether references in it are left alone: only its own feature looks them up."""
        return any(note.extra and note.extra.get("lazy") for note in self.notes)


def keys_of(shape: type[Struct]) -> tuple[Key, ...]:
    """Return the keys of a Struct in order of definition."""
    hints = typing.get_type_hints(shape, include_extras=True)
    found = []
    for item in msgspec.structs.fields(shape):
        hint = hints[item.name]
        made = item.default_factory
        default = (
            item.default if made is NODEFAULT else typing.cast("Callable[[], object]", made)()
        )
        found.append(
            Key(
                name=item.encode_name,
                attribute=item.name,
                hint=hint,
                default=default,
                notes=tuple(_notes(hint)),
            )
        )
    return tuple(found)


def table_type(hint: object) -> type[Struct] | None:
    """Return the Struct that a key holds (`X`, `X | None`), if it holds one."""
    hint = _bare(hint)
    union = typing.get_origin(hint) in {typing.Union, UnionType}
    options = typing.get_args(hint) if union else (hint,)
    tables = [item for item in options if isinstance(item, type) and issubclass(item, Struct)]
    return tables[0] if tables else None


def _tables_in(hint: object) -> type[Struct] | None:
    """Return the Struct of `dict[str, X]`, `tuple[X, ...]` and `list[X]`, if it is one."""
    inner = [item for item in typing.get_args(_bare(hint)) if item is not Ellipsis]
    found = [item for item in inner if isinstance(item, type) and issubclass(item, Struct)]
    return found[-1] if found else None


def check(report: Report, table: object, shape: type[Struct], path: str = "") -> dict[str, Any]:
    """Return the good values of a table by attribute name; every bad key is in the report.

    References are looked up. Keys that are absent, or wrong, are absent in the answer.
    """
    return _check(report, table, shape, path, look_up=True)


def check_unused(report: Report, table: object, shape: type[Struct], path: str = "") -> None:
    """Report every mistake of a table, but look up no reference: it may not be in use."""
    _check(report, table, shape, path, look_up=False)


def misspelt(name: str, table: Mapping[str, object], shape: type[Struct]) -> bool:
    """Tell whether a missing key was probably written as an unknown one."""
    keys = [key.name for key in keys_of(shape)]
    return any(nearest(written, keys) == name for written in table if written not in keys)


def _check(
    report: Report, table: object, shape: type[Struct], path: str, *, look_up: bool
) -> dict[str, Any]:
    if not isinstance(table, Mapping):
        report.add(path, f"must be a table, not {_what(table)}")
        return {}
    keys = {key.name: key for key in keys_of(shape)}
    for name in table:
        if name not in keys:
            report.add(join(path, name), f"unknown key{did_you_mean(name, keys)}")
    good: dict[str, Any] = {}
    for name, key in keys.items():
        if name not in table:
            if key.required and not misspelt(name, table, shape):
                report.add(join(path, name), "is missing")
            continue
        now = look_up and not key.lazy
        value = _read(report, table[name], key.hint, join(path, name), look_up=now)
        if value is not _WRONG:
            good[key.attribute] = value
    return good


def _read(report: Report, value: object, hint: object, path: str, *, look_up: bool) -> object:
    """Return the value as its type, or _WRONG (also for what is not looked up)."""
    inner = table_type(hint)
    if inner is not None:
        before = len(report.problems)
        good = _check(report, value, inner, path, look_up=look_up)
        return inner(**good) if look_up and len(report.problems) == before else _WRONG
    many = _tables_in(hint)
    if many is not None and isinstance(value, Mapping | list):
        return _read_many(report, value, many, path, look_up=look_up)
    try:
        known = _stand_in(value, hint) if not look_up or _raw(hint) else settle(value)
    except ConfigError as error:
        report.add(path, error.reason)
        return _WRONG
    if known is _WRONG:
        return _WRONG
    return _convert(report, known, hint, path, lenient=_holds_reference(value))


def _read_many(
    report: Report,
    value: Mapping[str, object] | list[object],
    inner: type[Struct],
    path: str,
    *,
    look_up: bool,
) -> object:
    """Return a table or a list of tables, each checked key by key, or _WRONG."""
    if isinstance(value, list):
        places = [f"{path}[{index}]" for index in range(len(value))]
        pairs = zip(value, places, strict=True)
        tables = [_read(report, item, inner, at, look_up=look_up) for item, at in pairs]
        return _WRONG if _WRONG in tables else tuple(tables)
    named = {
        name: _read(report, item, inner, join(path, name), look_up=look_up)
        for name, item in value.items()
    }
    return _WRONG if _WRONG in named.values() else named


def _convert(report: Report, value: object, hint: object, path: str, *, lenient: bool) -> object:
    try:
        found = msgspec.convert(value, typing.cast("type[object]", hint), strict=not lenient)
    except msgspec.ValidationError as error:
        where, message = _explain(value, hint, str(error))
        report.add(path + where, message)
        return _WRONG
    problems = list(_bad_kinds(value, hint))
    for where, message in problems:
        report.add(path + where, message)
    return _WRONG if problems else found


def _bad_kinds(value: object, hint: object) -> Iterator[tuple[str, str]]:
    """Yield (index, message) for texts that are not of the kind their key asks for."""
    if isinstance(value, str):
        for kind in _kinds(hint):
            try:
                KINDS[kind](value)
            except ValueError as error:
                hidden = f"what it refers to does not fit; expected {kind}"
                yield "", hidden if isinstance(value, Secret) else str(error)
    if isinstance(value, list):
        inner = [item for item in typing.get_args(_bare(hint)) if item is not Ellipsis]
        for index, item in enumerate(value):
            for where, message in _bad_kinds(item, inner[0]) if inner else ():
                yield f"[{index}]{where}", message


def _kinds(hint: object) -> Iterator[str]:
    """Yield the kinds of text that a type asks for."""
    for note in _notes(hint):
        if note.extra and "kind" in note.extra:
            yield str(note.extra["kind"])


def _explain(value: object, hint: object, message: str) -> tuple[str, str]:
    """Return (where below the key, the message in people's words) for one of msgspec's."""
    text, _, where = message.partition(" - at `$")
    where = where.removesuffix("`").replace("[...]", "")
    if text.startswith("Invalid enum value"):
        wrong = text.removeprefix("Invalid enum value ").strip("'\"")
        choices = [str(choice) for choice in _choices(hint)]
        shown = "this" if isinstance(value, Secret) else f'"{wrong}"'
        return where, f"{shown} is none of {', '.join(choices)}{did_you_mean(wrong, choices)}"
    text = text.replace("Invalid RFC3339 encoded date", "is no date; write it as 2026-12-24")
    words = re.sub(r"`([^`]*)`", lambda found: _words(found[1]), text)
    return where, words[:1].lower() + words[1:]


def _words(types: str) -> str:
    return " or ".join(WORDS.get(name, name) for name in types.split(" | ") if name != "null")


def _choices(hint: object) -> tuple[object, ...]:
    """Return what a Literal or an Enum allows, wherever it stands in the type."""
    hint = _bare(hint)
    if typing.get_origin(hint) is typing.Literal:
        return typing.get_args(hint)
    if isinstance(hint, type) and hasattr(hint, "__members__"):
        return tuple(member.value for member in hint.__members__.values())
    return tuple(choice for part in typing.get_args(hint) for choice in _choices(part))


def _stand_in(value: object, hint: object) -> object:
    """Return a value to judge in place of one that is not looked up, or _WRONG."""
    return value if _raw(hint) or not _holds_reference(value) else _WRONG


def _raw(hint: object) -> bool:
    """Tell whether a key holds tables that somebody else checks (an adapter's)."""
    hint = _bare(hint)
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is dict and arguments[1] is object:
        return True
    return any(_raw(item) for item in arguments)


def _holds_reference(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_reference(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_reference(item) for item in value)
    return isinstance(value, Reference)


def _what(value: object) -> str:
    """Return what a TOML value is, in words."""
    if isinstance(value, list):
        return "a list"
    return WORDS.get("str" if isinstance(value, Reference) else type(value).__name__, "this")


def _bare(hint: object) -> object:
    """Return a type without its notes."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint


def _notes(hint: object) -> Iterator[msgspec.Meta]:
    if typing.get_origin(hint) is typing.Annotated:
        notes = typing.get_args(hint)[1:]
        yield from (note for note in notes if isinstance(note, msgspec.Meta))
