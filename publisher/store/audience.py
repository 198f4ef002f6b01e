"""Who is to get an edition, grouped by what they remember; serves freezing.

Works in temporary tables of the transaction: 100,000 readers stay in the database.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from publisher.store.choosing import Table
from publisher.store.database import Database, marks
from publisher.store.edition_rows import UNDER_WAY

TABLES = {
    # Who; `barred` is why an address is suppressed.
    "freeze_reader": "subscriber BIGINT PRIMARY KEY, barred TEXT",
    # Feeds that matter: `wanted` ones are the schedule's; what lies below `floor` is all one.
    "freeze_place": "feed TEXT PRIMARY KEY, number BIGINT, wanted BIGINT, floor BIGINT",
    # Articles whose exceptions matter.
    "freeze_article": "article BIGINT PRIMARY KEY",
    "freeze_signed": "subscriber BIGINT PRIMARY KEY, signature TEXT",
    "freeze_chosen": "signature TEXT PRIMARY KEY, selection BIGINT",
}

READERS = """
INSERT INTO freeze_reader (subscriber, barred)
SELECT s.id, p.reason
  FROM subscriber s LEFT JOIN suppression p ON p.address = s.address
 WHERE s.status = 'confirmed' AND s.erased IS NULL
   AND s.id IN (SELECT subscriber FROM subscription
                 WHERE schedule = ? AND feed IN ({marks}))"""

ZONES = """
SELECT DISTINCT s.timezone FROM freeze_reader r JOIN subscriber s ON s.id = r.subscriber"""

DROP_ZONE = """
DELETE FROM freeze_reader WHERE subscriber IN (SELECT id FROM subscriber WHERE timezone = ?)"""

FLOORS = """
SELECT m.feed, MIN(m.watermark)
  FROM freeze_reader r
  JOIN subscription c ON c.subscriber = r.subscriber AND c.schedule = ?
  JOIN memory m ON m.subscriber = c.subscriber AND m.feed = c.feed
 WHERE c.feed IN ({marks})
 GROUP BY m.feed"""

OWED = """
SELECT DISTINCT x.article FROM freeze_reader r
  JOIN reader_exception x ON x.subscriber = r.subscriber AND x.kind = 'owed'"""

FLIGHTS = """
SELECT DISTINCT d.selection FROM edition e
  JOIN delivery d ON d.edition = e.id AND d.state IN ({marks})
  JOIN freeze_reader r ON r.subscriber = d.subscriber
 WHERE e.state <> 'done'"""

SIGNED = """
INSERT INTO freeze_signed (subscriber, signature)
SELECT t.subscriber, {concat}(t.tag, ' ')
  FROM (SELECT m.subscriber,
               CASE WHEN p.wanted = 1 AND EXISTS (
                         SELECT 1 FROM subscription c
                          WHERE c.subscriber = m.subscriber AND c.feed = m.feed
                            AND c.schedule = ?)
                    THEN '+' ELSE '-' END
               || p.number || ':'
               || CASE WHEN m.start > p.floor THEN m.start ELSE p.floor END || ':'
               || CASE WHEN m.watermark > p.floor THEN m.watermark ELSE p.floor END AS tag
          FROM freeze_reader q
          JOIN memory m ON m.subscriber = q.subscriber
          JOIN freeze_place p ON p.feed = m.feed
        UNION ALL
        SELECT x.subscriber, CASE x.kind WHEN 'owed' THEN 'o' ELSE 's' END || x.article
          FROM freeze_reader q
          JOIN reader_exception x ON x.subscriber = q.subscriber
          JOIN freeze_article a ON a.article = x.article
        UNION ALL
        SELECT d.subscriber, 'f' || d.selection
          FROM edition e
          JOIN delivery d ON d.edition = e.id AND d.state IN ({marks})
          JOIN freeze_reader q ON q.subscriber = d.subscriber
         WHERE e.state <> 'done'
         ORDER BY 1, 2) t
 GROUP BY t.subscriber"""

GROUPS = """
SELECT g.signature, COUNT(*), COUNT(*) - COUNT(r.barred)
  FROM freeze_signed g JOIN freeze_reader r ON r.subscriber = g.subscriber
 GROUP BY g.signature ORDER BY 2 DESC, 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Readers who remember the same; `live` of them are not suppressed."""

    signature: str
    size: int
    live: int


class Audience:
    """The readers of one edition while it opens; its tables are gone afterwards."""

    def __init__(
        self, database: Database, tx: Connection, schedule: str, feeds: Sequence[str]
    ) -> None:
        self._sqlite = database.sqlite
        self._raw = database.raw(tx)
        self._schedule = schedule
        self._feeds = feeds

    def __enter__(self) -> Self:
        """Make the tables and find the readers."""
        end = "" if self._sqlite else " ON COMMIT DROP"
        for name, columns in TABLES.items():
            self._raw.run(f"CREATE TEMPORARY TABLE {name} ({columns}){end}")
        if self._feeds:
            statement = READERS.format(marks=marks(len(self._feeds)))
            self._raw.run(statement, self._schedule, *self._feeds)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop the tables; after an error the rollback does."""
        if kind is None and self._sqlite:
            for name in TABLES:
                self._raw.run(f"DROP TABLE temp.{name}")

    def keep_zones(self, compatible: Callable[[str], bool]) -> None:
        """Leave out readers whose time zone is not wanted."""
        for (zone,) in self._raw.rows(ZONES):
            if not compatible(zone):
                self._raw.run(DROP_ZONE, zone)

    def floors(self) -> dict[str, int]:
        """Return the lowest watermark among the readers of each feed of the schedule."""
        if not self._feeds:
            return {}
        statement = FLOORS.format(marks=marks(len(self._feeds)))
        rows = self._raw.rows(statement, self._schedule, *self._feeds)
        return {slug: int(floor) for slug, floor in rows}

    def owed(self) -> set[int]:
        """Return every article that some reader is owed."""
        return {article for (article,) in self._raw.rows(OWED)}

    def flights(self) -> list[int]:
        """Return the selections that are under way to some reader from other editions."""
        statement = FLIGHTS.format(marks=marks(len(UNDER_WAY)))
        return [selection for (selection,) in self._raw.rows(statement, *UNDER_WAY)]

    def group(self, table: Table) -> list[Group]:
        """Sign every reader and return the groups, the largest first."""
        wanted = set(self._feeds)
        self._raw.many(
            "INSERT INTO freeze_place VALUES (?, ?, ?, ?)",
            [
                (slug, number, int(slug in wanted), table.floors[slug])
                for number, slug in enumerate(table.feeds)
            ],
        )
        concerned = [(one,) for one in sorted(table.places)]
        self._raw.many("INSERT INTO freeze_article VALUES (?)", concerned)
        concat = "group_concat" if self._sqlite else "string_agg"
        statement = SIGNED.format(concat=concat, marks=marks(len(UNDER_WAY)))
        self._raw.run(statement, self._schedule, *UNDER_WAY)
        return [
            Group(signature=signature, size=size, live=live)
            for signature, size, live in self._raw.rows(GROUPS)
        ]
