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
    "freeze_reader": "subscriber {number} PRIMARY KEY, barred TEXT",
    # Feeds that matter: `wanted` ones are the schedule's; what lies below `floor` is all one.
    "freeze_place": "feed TEXT PRIMARY KEY, number BIGINT, wanted BIGINT, floor BIGINT",
    # Articles whose exceptions matter.
    "freeze_article": "article BIGINT PRIMARY KEY",
    "freeze_signed": "subscriber {number} PRIMARY KEY, signature TEXT",
    "freeze_chosen": "signature TEXT PRIMARY KEY, selection BIGINT",
}

# SQLite joins CROSS in the order written. Left to itself it reads the memory of everybody for the
# sake of a few, and all that was delivered in months for what is under way.

READERS = """
INSERT INTO freeze_reader (subscriber, barred)
SELECT s.id, p.reason
  FROM subscriber s LEFT JOIN suppression p ON p.address = s.address
 WHERE s.status = 'confirmed' AND s.erased IS NULL
   AND s.id IN (SELECT subscriber FROM subscription
                 WHERE schedule = ? AND feed IN ({marks}))"""

# Read from one end of the table, and no further than it takes.
FEW = """
INSERT INTO freeze_reader (subscriber)
SELECT t.id
  FROM (SELECT s.id FROM subscriber s
         WHERE s.status = 'confirmed' AND s.erased IS NULL
           AND EXISTS (SELECT 1 FROM subscription c
                        WHERE c.subscriber = s.id AND c.schedule = ? AND c.feed IN ({marks}))
           AND NOT EXISTS (SELECT 1 FROM suppression p WHERE p.address = s.address)
         ORDER BY s.id {order} LIMIT ?) t
 WHERE true
ON CONFLICT DO NOTHING"""

ZONES = """
SELECT DISTINCT s.timezone FROM freeze_reader r JOIN subscriber s ON s.id = r.subscriber"""

DROP_ZONE = """
DELETE FROM freeze_reader WHERE subscriber IN (SELECT id FROM subscriber WHERE timezone = ?)"""

FLOORS = """
SELECT m.feed, MIN(m.watermark)
  FROM freeze_reader r
 CROSS JOIN subscription c
 CROSS JOIN memory m
 WHERE c.subscriber = r.subscriber AND c.schedule = ? AND c.feed IN ({marks})
   AND m.subscriber = c.subscriber AND m.feed = c.feed
 GROUP BY m.feed"""

OWED = """
SELECT DISTINCT x.article FROM freeze_reader r CROSS JOIN reader_exception x
 WHERE x.subscriber = r.subscriber AND x.kind = 'owed'"""

FLIGHTS = """
SELECT DISTINCT d.selection
  FROM edition e CROSS JOIN delivery d CROSS JOIN freeze_reader q
 WHERE e.state <> 'done' AND d.edition = e.id AND d.state IN ({marks})
   AND q.subscriber = d.subscriber"""

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
          FROM freeze_reader q CROSS JOIN memory m CROSS JOIN freeze_place p
         WHERE m.subscriber = q.subscriber AND p.feed = m.feed
        UNION ALL
        SELECT x.subscriber, CASE x.kind WHEN 'owed' THEN 'o' ELSE 's' END || x.article
          FROM freeze_reader q CROSS JOIN reader_exception x CROSS JOIN freeze_article a
         WHERE x.subscriber = q.subscriber AND a.article = x.article
        UNION ALL
        SELECT d.subscriber, 'f' || d.selection
          FROM edition e CROSS JOIN delivery d CROSS JOIN freeze_reader q
         WHERE e.state <> 'done' AND d.edition = e.id AND d.state IN ({marks})
           AND q.subscriber = d.subscriber
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
        self, database: Database, tx: Connection, schedule: str, feeds: Sequence[str], few: int = 0
    ) -> None:
        """`few`: only so many of the oldest readers, and of the newest."""
        self._sqlite = database.sqlite
        self._raw = database.raw(tx)
        self._schedule = schedule
        self._feeds = feeds
        self._few = few

    def __enter__(self) -> Self:
        """Make the tables and find the readers."""
        # With SQLite's own word the key is the row's number: one tree to write and to look into, not two.
        number, end = ("INTEGER", "") if self._sqlite else ("BIGINT", " ON COMMIT DROP")
        for name, columns in TABLES.items():
            self._raw.run(f"CREATE TEMPORARY TABLE {name} ({columns.format(number=number)}){end}")
        if self._feeds:
            self._find()
        return self

    def _find(self) -> None:
        feeds = marks(len(self._feeds))
        if not self._few:
            self._raw.run(READERS.format(marks=feeds), self._schedule, *self._feeds)
        for order in ("ASC", "DESC") if self._few else ():
            self._raw.run(
                FEW.format(marks=feeds, order=order), self._schedule, *self._feeds, self._few
            )

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
