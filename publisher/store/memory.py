"""What each reader remembers, feed by feed (promise 4); serves people, freezing and the ledger.

A reader has dealt with an article when it has a place in (start, watermark] of any feed they
remember and is not owed to them, or when it is marked as sent. Rows survive unsubscribing, changes
of cadence and tidying.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from sqlalchemy import Connection, case, select

from publisher.store.database import Database, Raw, chunks
from publisher.store.schema import feed, memory

OWED = "owed"
SENT = "sent"

# Owed are those of a selection that nobody has dealt with since it was made: another edition may
# have sent (and remembered) some of them while this copy was under way.
OWE = """
INSERT INTO reader_exception (subscriber, article, kind)
SELECT m.subscriber, f.article, 'owed'
  FROM memory m JOIN feed_article f ON f.feed = m.feed
 WHERE m.subscriber = ? AND f.article = ? AND f.seq > m.watermark
   AND NOT EXISTS (SELECT 1 FROM feed_article g JOIN memory n ON n.feed = g.feed
                    WHERE n.subscriber = m.subscriber AND g.article = f.article
                      AND g.seq > n.start AND g.seq <= n.watermark)
ON CONFLICT DO NOTHING"""

MARK = """
INSERT INTO reader_exception (subscriber, article, kind) VALUES (?, ?, ?)
ON CONFLICT (subscriber, article) DO UPDATE SET kind = excluded.kind"""

OWED_TO = """
SELECT subscriber, article FROM reader_exception
 WHERE kind = 'owed' AND subscriber {among}"""

UNOWE = "DELETE FROM reader_exception WHERE subscriber = ? AND article = ? AND kind = 'owed'"

ADVANCE = """
UPDATE memory SET watermark = ? WHERE feed = ? AND watermark < ? AND subscriber {among}"""

# Two editions may be sent to the same readers at once: both take the rows in one order.
HOLD = """
SELECT 1 FROM memory WHERE subscriber {among} ORDER BY subscriber, feed"""

# Who begins a feed again begins where a newcomer would, also with what was left over.
FORGET_OWED = """
DELETE FROM reader_exception WHERE subscriber = ? AND kind = 'owed'
   AND article IN (SELECT article FROM feed_article WHERE feed = ? AND seq <= ?)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What a group of readers gets, as the ledger needs it (table `selection`).

    `beside` names, by a story that is told, those of its cluster that need not be told any more then.
    """

    articles: tuple[int, ...]
    more: tuple[int, ...] = ()
    feeds: tuple[str, ...] = ()
    owed: tuple[int, ...]
    paid: tuple[int, ...]
    upto: Mapping[str, int]
    beside: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def told(self) -> tuple[int, ...]:
        """Return every article the group learns of, be it by title only."""
        return self.articles + self.more

    @property
    def spared(self) -> tuple[int, ...]:
        """Return the articles that are told, and those that need not be for that reason."""
        mates = (self.beside.get(article, ()) for article in self.told)
        return tuple(dict.fromkeys((*self.told, *chain.from_iterable(mates))))


def begin(database: Database, tx: Connection, pairs: Iterable[tuple[int, str]]) -> None:
    """Let readers begin feeds (subscriber id, feed), now: minus at most the last edition's stories.

    Who has had the feed before keeps what they remember and takes up where a newcomer would.
    """
    wanted = sorted(set(pairs))
    if not wanted:
        return
    places = newcomers(tx, {slug for _, slug in wanted})
    rows = [
        {
            "subscriber": person,
            "feed": slug,
            "start": places.get(slug, 0),
            "watermark": places.get(slug, 0),
        }
        for person, slug in wanted
    ]
    upsert = database.insert(memory)
    later = case(
        (upsert.excluded.watermark > memory.c.watermark, upsert.excluded.watermark),
        else_=memory.c.watermark,
    )
    tx.execute(
        upsert.on_conflict_do_update(
            index_elements=["subscriber", "feed"], set_={"watermark": later}
        ),
        rows,
    )
    forgotten = [(person, slug, places[slug]) for person, slug in wanted if places.get(slug)]
    database.raw(tx).many(FORGET_OWED, forgotten)


def newcomers(tx: Connection, feeds: Collection[str]) -> dict[str, int]:
    """Return the place after which a new reader of each feed begins."""
    columns = (feed.c.slug, feed.c.newcomer)
    return {
        row.slug: row.newcomer
        for part in chunks(feeds)
        for row in tx.execute(select(*columns).where(feed.c.slug.in_(part)))
    }


def remember(raw: Raw, sent: Sequence[tuple[int, Selected]]) -> None:
    """Note that readers (by id) have been sent selections, in the transaction that records it.

    An edition that looked at no places (an alert) marks its articles as sent instead.
    """
    raw.many(OWE, [(reader, article) for reader, selected in sent for article in selected.owed])
    _settle(raw, dict(sent))
    raw.many(
        MARK,
        [
            (reader, article, SENT)
            for reader, selected in sent
            if not selected.upto
            for article in selected.told
        ],
    )
    _advance(raw, sent)


def _advance(raw: Raw, sent: Sequence[tuple[int, Selected]]) -> None:
    """Move watermarks forward, never back; one statement for all readers of a feed."""
    moves: dict[tuple[str, int], list[int]] = defaultdict(list)
    for reader, selected in sent:
        for slug, place in selected.upto.items():
            moves[slug, place].append(reader)
    for part in chunks(sorted(reader for reader, _ in sent)):
        among, numbers = raw.among(part)
        raw.lock(HOLD.format(among=among), *numbers)
    for (slug, place), readers in sorted(moves.items()):
        for part in chunks(readers):
            among, numbers = raw.among(part)
            raw.run(ADVANCE.format(among=among), place, slug, place, *numbers)


def _settle(raw: Raw, sent: Mapping[int, Selected]) -> None:
    """Strike what was sent from what is owed; most readers are owed nothing."""
    for part in chunks(sent):
        among, numbers = raw.among(part)
        struck = [
            (reader, article)
            for reader, article in raw.rows(OWED_TO.format(among=among), *numbers)
            if article in sent[reader].told or article in sent[reader].paid
        ]
        raw.many(UNOWE, sorted(struck))


def carry_over(raw: Raw, failed: Sequence[tuple[int, Selected]]) -> None:
    """Owe readers what was remembered as sent and turned out not to be, with what it stood for."""
    raw.many(
        MARK,
        [(reader, article, OWED) for reader, selected in failed for article in selected.spared],
    )
