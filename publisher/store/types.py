"""Column types that mean the same on both databases; serves the tables. Touches nothing.

SQLite's STRICT tables know INTEGER, TEXT, REAL and BLOB only, and hand back what was put in: so
instants, flags and structures are written by these decorators, never by a driver's own idea.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Double, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import REAL, TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LARGEST = 2**53  # what JSON readers and both databases hold without loss


def big() -> TypeEngine[int]:
    """Return a 64-bit integer type that SQLite accepts as a row id."""
    return BigInteger().with_variant(Integer(), "sqlite")


def micros(moment: datetime) -> int:
    """Return microseconds since 1970 UTC. Raises ValueError for a naive instant."""
    if moment.tzinfo is None:
        msg = "an instant without a time zone cannot be stored"
        raise ValueError(msg)
    return (moment - EPOCH) // MICROSECOND


def moment(value: int) -> datetime:
    """Return the UTC instant of microseconds since 1970."""
    return EPOCH + value * MICROSECOND


def clean(text: str) -> str:
    """Return text that both databases take: no NUL, no half of a surrogate pair."""
    if text.isascii():
        return text.replace("\0", "")
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def one_line(text: str) -> str:
    """Return a name on one line: it goes into headers."""
    return " ".join(text.split())


def bounded(number: int) -> int:
    """Return a number from outside, brought into what a column holds."""
    return max(-LARGEST, min(LARGEST, number))


_JSON = json.JSONEncoder(ensure_ascii=False, default=str, separators=(",", ":"))


def pack(value: object) -> str:
    """Return a structure as compact JSON; what JSON does not know becomes its text."""
    if isinstance(value, tuple | list) and not value:  # most lists of most articles
        return "[]"
    return clean(_JSON.encode(value))


class Words(TypeDecorator[str]):
    """Text, cleaned of what a database would refuse."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok: bool | None = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Clean on the way in."""
        return None if value is None else clean(value)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as microseconds since 1970 UTC."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = BigInteger
    cache_ok: bool | None = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Name the type as the database does."""
        return dialect.type_descriptor(big())

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        """Write the instant."""
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> datetime | None:
        """Read the instant."""
        return None if value is None else moment(value)


class Span(TypeDecorator[timedelta]):
    """A length of time, kept as whole seconds."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = BigInteger
    cache_ok: bool | None = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Name the type as the database does."""
        return dialect.type_descriptor(big())

    def process_bind_param(self, value: timedelta | None, _dialect: Dialect) -> int | None:
        """Write seconds."""
        return None if value is None else round(value.total_seconds())

    def process_result_value(self, value: int | None, _dialect: Dialect) -> timedelta | None:
        """Read seconds."""
        return None if value is None else timedelta(seconds=value)


class Flag(TypeDecorator[bool]):
    """Yes or no, kept as 1 or 0."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Integer
    cache_ok: bool | None = True

    def process_bind_param(self, value: object, _dialect: Dialect) -> int | None:
        """Write 1 or 0."""
        return None if value is None else int(bool(value))

    def process_result_value(self, value: int | None, _dialect: Dialect) -> bool | None:
        """Read 1 or 0."""
        return None if value is None else bool(value)


class Structure(TypeDecorator[Any]):
    """Lists and mappings of plain values, kept as JSON text."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok: bool | None = True

    def process_bind_param(self, value: object, _dialect: Dialect) -> str | None:
        """Write JSON."""
        return None if value is None else pack(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> object:
        """Read JSON."""
        return None if value is None else json.loads(value)


class Amount(TypeDecorator[float]):
    """A double-precision number; SQLite calls it REAL, where PostgreSQL's REAL is a single."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Double
    cache_ok: bool | None = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Name the type as the database does."""
        return dialect.type_descriptor(REAL() if dialect.name == "sqlite" else Double())
