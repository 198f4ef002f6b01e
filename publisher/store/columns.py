"""How tables and their columns are written, alike for both databases; serves the schema."""

from typing import Any

from sqlalchemy import Column, ForeignKey, MetaData, Table

from publisher.store.types import Flag, Instant, Span, Structure, Words, big

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *parts: Any, plain: bool = False) -> Table:
    """Return a STRICT table; `plain` ones are kept in the order of their own key."""
    numbered = any(isinstance(part, Column) and part.name == "id" for part in parts)
    return Table(
        name,
        metadata,
        *parts,
        sqlite_strict=True,
        sqlite_with_rowid=not plain,
        sqlite_autoincrement=numbered,
    )


def identity() -> Column[int]:
    """Return a row number that is never given twice, also when the newest row is dropped."""
    return Column("id", big(), primary_key=True, autoincrement=True)


def words(name: str, **more: Any) -> Column[str]:
    """Return a column of text, "" by itself."""
    return Column(name, Words(), nullable=False, server_default="", **more)


def listed(name: str) -> Column[Any]:
    """Return a column of a JSON list."""
    return Column(name, Structure(), nullable=False, server_default="[]")


def mapped(name: str) -> Column[Any]:
    """Return a column of a JSON object."""
    return Column(name, Structure(), nullable=False, server_default="{}")


def count(name: str) -> Column[int]:
    """Return a column of whole numbers, 0 by itself."""
    return Column(name, big(), nullable=False, server_default="0")


def flag(name: str) -> Column[bool]:
    """Return a column of yes and no, no by itself."""
    return Column(name, Flag(), nullable=False, server_default="0")


def instant(name: str, *, nullable: bool = False) -> Column[Any]:
    """Return a column of instants."""
    return Column(name, Instant(), nullable=nullable)


def span(name: str) -> Column[Any]:
    """Return a column of lengths of time, none by itself."""
    return Column(name, Span(), nullable=False, server_default="0")


def ref(name: str, target: str, *, key: bool = False, gone: str | None = None) -> Column[int]:
    """Return a column that points at a row of another table (`table.id`); `gone` is its ON DELETE."""
    return Column(name, big(), ForeignKey(target, ondelete=gone), nullable=False, primary_key=key)
