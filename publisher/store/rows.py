"""Rows for the driver itself, written as the tables' own column types would; serves bulk verbs. Pure.

SQLAlchemy builds a statement anew for each row that it is given; for thousands of articles that is
most of the work.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Table
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

Binder = Callable[[Any], object]


def bound(table: Table, names: Sequence[str]) -> tuple[tuple[str, Binder], ...]:
    """Return, for columns of a table, how a value is written (both databases write alike)."""
    return tuple((name, _binder(table, name)) for name in names)


def values_of(
    columns: Sequence[tuple[str, Binder]], row: Mapping[str, object]
) -> tuple[object, ...]:
    """Return a row's values in the order of the columns, ready for the driver."""
    return tuple(binder(row[name]) for name, binder in columns)


def _binder(table: Table, name: str) -> Binder:
    kind = table.c[name].type
    if not isinstance(kind, TypeDecorator):
        return _as_it_is
    write = kind.process_bind_param
    nowhere = cast("Dialect", None)  # our types ask no dialect
    return lambda value: write(value, nowhere)


def _as_it_is(value: object) -> object:
    return value
