"""Finds adapters by the name operators write: built-in modules first, then entry points.

Serves config (to check options), app (to make adapters) and the reference pages. It imports an
adapter only when it is named, so that what is not used costs nothing.
"""

import difflib
import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from typing import Any, Protocol, cast

from publisher.errors import MissingExtra, UnknownAdapter

KINDS = {
    "sources": "source",
    "enrich": "enricher",
    "formats": "format",
    "delivery": "transport",
}
OUTLET = "outlet_"
"""Outlets stand among the transports, in modules of this prefix."""
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class AdapterModule(Protocol):
    """What an adapter's module holds (the convention of `publisher.ports`).

    `Options` is a msgspec Struct: the adapter's TOML keys without `type`. `create(options,
    context)` makes the adapter. Typed loosely because each kind has its own context.
    """

    Options: Any
    create: Callable[..., Any]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known word that `name` was most likely meant to be, or ""."""
    words = {word.casefold(): word for word in known}
    folded = name.casefold()
    if folded in words:
        return words[folded]
    found = difflib.get_close_matches(folded, words, n=1, cutoff=0.6)
    return words[found[0]] if found else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean "…"?`, or "" when nothing is near; made to end an error's line."""
    found = nearest(name, known)
    return f'; did you mean "{found}"?' if found else ""


def load(kind: str, type: str) -> AdapterModule:  # noqa: A002 - the word operators write
    """Return the adapter `type` of a kind: sources, enrich, formats or delivery.

    Raises UnknownAdapter, with the nearest name, and MissingExtra when a package is absent.
    """
    found = _built_in(kind, type) or _entry_point(kind, type)
    if found is not None:
        return found
    known, word, wanted = names(kind), KINDS[kind], type
    if kind == "delivery":
        outlet = type.startswith(OUTLET)
        known = tuple(n.removeprefix(OUTLET) for n in known if n.startswith(OUTLET) == outlet)
        word, wanted = ("outlet", type.removeprefix(OUTLET)) if outlet else (word, type)
    guess = did_you_mean(wanted, known) or f" (known: {', '.join(known) or 'none'})"
    raise UnknownAdapter("", f'there is no {word} "{wanted}"{guess}')


def names(kind: str) -> tuple[str, ...]:
    """Return every adapter name of a kind, sorted; the built-in ones are imported."""
    package = importlib.import_module(f"publisher.{kind}")
    modules = (module.name for module in pkgutil.iter_modules(package.__path__))
    built_in = {name for name in modules if NAME.match(name) and _is_adapter(kind, name)}
    return tuple(
        sorted(built_in | {entry.name for entry in entry_points(group=f"publisher.{kind}")})
    )


def _is_adapter(kind: str, name: str) -> bool:
    """Tell whether a module of the package is an adapter and not a helper of one."""
    try:
        return _built_in(kind, name) is not None
    except MissingExtra:
        return True


def _built_in(kind: str, name: str) -> AdapterModule | None:
    path = f"publisher.{kind}.{name}"
    if not NAME.match(name) or importlib.util.find_spec(path) is None:
        return None
    try:
        return _checked(importlib.import_module(path))
    except ModuleNotFoundError as error:
        raise _missing(name, error) from error


def _entry_point(kind: str, name: str) -> AdapterModule | None:
    for entry in entry_points(group=f"publisher.{kind}", name=name):
        try:
            return _checked(entry.load())
        except ModuleNotFoundError as error:
            raise _missing(name, error) from error
    return None


def _checked(module: object) -> AdapterModule | None:
    complete = hasattr(module, "Options") and hasattr(module, "create")
    return cast("AdapterModule", module) if complete else None


def _missing(name: str, error: ModuleNotFoundError) -> MissingExtra:
    package = (error.name or "a package").partition(".")[0]
    return MissingExtra(f'"{name}"', f"needs {package}, which is absent: pip install {package}")
