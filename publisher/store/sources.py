"""What is remembered of sources, and which are due; serves core.collecting and who looks at sources.

A source is `active` while some feed takes from it; other rows remember other things (samples read,
pictures fetched) and are never due.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update

from publisher.model.articles import SourceState
from publisher.store.database import Part, Raw, chunks, fields
from publisher.store.documents import renew
from publisher.store.memberships import Memberships
from publisher.store.rows import bound, values_of
from publisher.store.schema import article, feed_article, on, source
from publisher.store.types import clean, micros

COLUMNS = tuple(column for column in source.c if column.name != "active")
NAMES = tuple(column.name for column in COLUMNS)
BOUND = bound(source, NAMES)
WRITE = (
    f"INSERT INTO source ({', '.join(NAMES)}) VALUES ({', '.join('?' for _ in NAMES)})"  # noqa: S608  our own names
    f" ON CONFLICT (key) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in NAMES[1:])}"
)
REGISTER = """
INSERT INTO source (key, active, next_check) SELECT CAST(j.value AS TEXT), 1, 0 FROM {table} WHERE true
ON CONFLICT (key) DO UPDATE SET active = 1 WHERE source.active = 0"""
RETIRE = (
    "UPDATE source SET active = 0 WHERE active = 1 AND key NOT IN (SELECT j.value FROM {table})"
)
DUE = (
    "SELECT key FROM source WHERE active = 1 AND next_check <= ? ORDER BY next_check, key LIMIT ?"
)


class SourceVerbs(Part):
    """Sources' states."""

    def source_states(self, keys: Collection[str]) -> Mapping[str, SourceState]:
        """Return what is remembered of these sources; unknown ones are absent."""
        with self._db.read() as tx:
            return {
                row.key: read_state(row)
                for part in chunks(keys)
                for row in tx.execute(select(*COLUMNS).where(source.c.key.in_(part)))
            }

    def save_state(self, *states: SourceState) -> None:
        """Replace sources' states."""
        with self._db.write() as tx:
            write_states(self._db.raw(tx), states)

    def register_sources(self, keys: Collection[str]) -> None:
        """Make these, and no others, the sources that can be due; new ones are due at once."""
        names = sorted({clean(key) for key in keys})
        with self._db.write() as tx:
            raw = self._db.raw(tx)
            table, values = raw.each(names)
            raw.run(REGISTER.format(table=table), values)
            raw.run(RETIRE.format(table=table), values)

    def due_sources(self, now: datetime, limit: int = 1_000) -> Sequence[str]:
        """Return registered sources whose next check has come, the longest overdue first."""
        with self._db.read() as tx:
            return [key for (key,) in self._db.raw(tx).rows(DUE, micros(now), limit)]

    def held_counts(self) -> Mapping[str, int]:
        """Return how many articles of each source are held back."""
        counted = select(article.c.source, func.count().label("number")).where(on(article.c.held))
        with self._db.read() as tx:
            rows = tx.execute(counted.group_by(article.c.source))
            return {row.source: row.number for row in rows}

    def release_held(self, source: str, now: datetime, *, hide: bool = False) -> int:
        """Let a source's held articles be read, or hide them instead; return how many there were."""
        here = and_(article.c.source == clean(source), on(article.c.held))
        with self._db.write() as tx:
            numbers = list(tx.execute(select(article.c.id).where(here)).scalars())
            for part in chunks(numbers):
                these = update(article).where(article.c.id.in_(part))
                tx.execute(these.values(held=False, hidden=hide))
            feeds = [feed for part in chunks(numbers) for feed in _feeds_of(tx, part)]
            Memberships(self._db, tx, now).promote(set(feeds))
            renew(self._db, tx, numbers)
        return len(numbers)


def _feeds_of(tx: Connection, articles: Sequence[int]) -> Sequence[str]:
    wanted = select(feed_article.c.feed).where(feed_article.c.article.in_(articles)).distinct()
    return list(tx.execute(wanted).scalars())


def write_states(raw: Raw, states: Iterable[SourceState]) -> None:
    """Replace sources' states inside a transaction, in an order that all writers share."""
    ordered = sorted(states, key=lambda state: state.key)
    raw.many(WRITE, [values_of(BOUND, _row(state)) for state in ordered])


def _row(state: SourceState) -> Mapping[str, object]:
    return {name: getattr(state, name) for name in NAMES} | {
        "cursor": dict(state.cursor),
        "fates": dict(state.fates),
    }


def read_state(row: Row[Any]) -> SourceState:
    """Return a row as a state."""
    said = fields(row)
    return SourceState(**said | {"hubs": tuple(said["hubs"])})
