"""Checks what operators write for adapters against the adapters' own keys.

Serves building (all mistakes at once, when definitions are read) and app (`options`, when an
adapter is made). An adapter's keys are its module's `Options`; importing it is all this touches.
"""

import json
from collections.abc import Callable, Mapping

from msgspec import Struct

from publisher.config import checking
from publisher.config.checking import Report
from publisher.errors import DefinitionError, MissingExtra, Problem, UnknownAdapter
from publisher.model.definitions import AdapterDefinition
from publisher.registry import AdapterModule

Finder = Callable[[str, str], AdapterModule]
ADDRESSES = ("url", "path", "address", "mailbox", "name")


def options(adapter: AdapterDefinition, shape: type[Struct]) -> Struct:
    """Return an adapter's `Options` (its class is `shape`), with every `{ env }` and `{ file }` looked up.

    Raises DefinitionError that names file, key and variable for everything that is not there or
    does not fit.
    """
    file, _, path = adapter.where.partition(": ")
    problems: list[Problem] = []
    good = checking.check(Report(file, problems), adapter.options, shape, path)
    if problems:
        raise DefinitionError(problems)
    return shape(**good)


def check(report: Report, find: Finder, kind: str, adapter: AdapterDefinition, path: str) -> None:
    """Report an unknown type, or every mistake among the keys; no reference is looked up."""
    module = known(report, find, kind, adapter.type, f"{path}.type")
    if module is not None:
        checking.check_unused(report, adapter.options, module.Options, path)


def known(
    report: Report, find: Finder, kind: str, type_name: str, path: str
) -> AdapterModule | None:
    """Return an adapter's module, or report why there is none."""
    try:
        return find(kind, type_name)
    except (UnknownAdapter, MissingExtra) as error:
        report.add(path, str(error))
        return None


def definition(
    report: Report, table: Mapping[str, object], own: frozenset[str], name: str, path: str
) -> AdapterDefinition | None:
    """Return a table as an adapter's definition without the keys in `own`; None without a type."""
    kind = table.get("type")
    if not isinstance(kind, str) or not kind:
        said = "is missing" if kind is None else "must be text: the adapter's name"
        report.add(f"{path}.type", said)
        return None
    kept = {key: value for key, value in table.items() if key not in own}
    return AdapterDefinition(name=name, type=kind, options=kept, where=f"{report.file}: {path}")


def source_key(adapter: AdapterDefinition) -> str:
    """Return the permanent key of a source: `type:address` as the operator wrote it."""
    for key in ADDRESSES:
        if key in adapter.options:
            return f"{adapter.type}:{adapter.options[key]}"
    written = json.dumps(adapter.options, sort_keys=True, default=str, ensure_ascii=False)
    return f"{adapter.type}:{written}"
