"""Clusters: sketches of texts, and who stands with whom; serves core.clustering.

All that settles clusters holds one row of `meta` first, then articles in the order of their ids, then
the counter of revisions: whoever comes second finds what the first one made, and nobody waits in a
circle.
"""

import heapq
import struct
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, cast, func, select, update

from publisher.model.articles import ArticleId
from publisher.model.clusters import Placed, Settled, Sketch, Standing
from publisher.store.cluster_schema import sketch
from publisher.store.database import Database, Part, Raw, chunks
from publisher.store.documents import hold, renew
from publisher.store.schema import article, meta
from publisher.store.types import Words, big

NUMBER = "cluster"
"""Key of the number that was given to a cluster last."""

MOST = 50
"""How many articles a text is compared with. A copy shares six of its keys and more; in a large archive
hundreds share one, for the sake of a phrase."""

_FOUND = "SELECT article FROM sketch_key WHERE mark = ? ORDER BY article DESC LIMIT ?"
_ALL_FOUND = (
    "SELECT j.mark, k.article FROM unnest(?::bigint[]) AS j(mark),"
    " LATERAL (SELECT article FROM sketch_key WHERE mark = j.mark"
    " ORDER BY article DESC LIMIT ?) AS k"
)

# Readers to whom an article is still to come, and who have dealt with one that it stood with.
_SENT = """
INSERT INTO reader_exception (subscriber, article, kind)
SELECT DISTINCT n.subscriber, b.article, 'sent'
  FROM feed_article b JOIN memory n ON n.feed = b.feed AND b.seq > n.watermark
 WHERE b.article = ?
   AND (EXISTS (SELECT 1 FROM reader_exception e
                 WHERE e.subscriber = n.subscriber AND e.kind = 'sent' AND e.article {among})
     OR EXISTS (SELECT 1 FROM feed_article f JOIN memory m ON m.feed = f.feed
                 WHERE m.subscriber = n.subscriber AND f.article {among}
                   AND f.seq > m.start AND f.seq <= m.watermark
                   AND NOT EXISTS (SELECT 1 FROM reader_exception o
                                    WHERE o.subscriber = n.subscriber AND o.article = f.article
                                      AND o.kind = 'owed')))
ON CONFLICT DO NOTHING"""

_STANDING = (
    article.c.id,
    article.c.source,
    article.c.url,
    article.c.published,
    # How long a text is counts only between those of a cluster, which are few.
    func.length(article.c.text).label("length"),
    article.c.cluster,
    article.c.placed,
    article.c.follows,
)


class ClusterVerbs(Part):
    """What is remembered of clusters."""

    def save_sketches(self, sketches: Mapping[ArticleId, Sketch]) -> Collection[ArticleId]:
        """Replace the sketches of articles; return those that had none."""
        with self._db.write() as tx:
            there = {ArticleId(number) for number in hold(tx, sketches)}
            raw = self._db.raw(tx)
            known: set[int] = set()
            for part in chunks(sorted(there)):
                among, numbers = raw.among(part)
                listed = f"SELECT article FROM sketch WHERE article {among}"  # noqa: S608  ours
                known |= {number for (number,) in raw.rows(listed, *numbers)}
                for name in ("sketch_key", "sketch"):
                    raw.run(f"DELETE FROM {name} WHERE article {among}", *numbers)  # noqa: S608  ours
            rows = [(number, sketches[number]) for number in sorted(there)]
            raw.many(
                "INSERT INTO sketch (article, marks, size) VALUES (?, ?, ?)",
                [(number, _packed(one.marks), one.size) for number, one in rows],
            )
            raw.many(
                "INSERT INTO sketch_key (mark, article) VALUES (?, ?)",
                sorted((mark, number) for number, one in rows for mark in one.keys),
            )
        return there - known

    def sketches(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Sketch]:
        """Return the sketches there are of these."""
        with self._db.read() as tx:
            return {
                ArticleId(row.article): Sketch(_unpacked(row.marks), row.size)
                for part in chunks(articles)
                for row in tx.execute(select(sketch).where(sketch.c.article.in_(part)))
            }

    def sharing(
        self, sketches: Mapping[ArticleId, Sketch], limit: int = 20
    ) -> Mapping[ArticleId, Collection[ArticleId]]:
        """Return which articles share most keys with each of these, of each key's newest."""
        keys = sorted({key for one in sketches.values() for key in one.keys})
        with self._db.read() as tx:
            raw = self._db.raw(tx)
            bearing = (_one_by_one if self._db.sqlite else _at_once)(raw, keys, limit)
        found = {}
        for number, one in sketches.items():
            shared = Counter(other for key in one.keys for other in bearing.get(key, ()))
            shared.pop(number, None)
            most = heapq.nlargest(MOST, ((times, other) for other, times in shared.items()))
            found[number] = [ArticleId(other) for _, other in most]
        return found

    def standings(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Standing]:
        """Return where these stand, as far as there are any."""
        with self._db.read() as tx:
            return {one.id: one for one in _standings(tx, articles)}

    def settle_clusters(
        self,
        concerned: Collection[ArticleId],
        decide: Callable[[Sequence[Standing]], Mapping[ArticleId, Settled]],
    ) -> Collection[ArticleId]:
        """Put articles where a pure decision says, given them and all of their clusters."""
        if not concerned:
            return ()
        with self._db.write() as tx:
            _give(self._db, tx, 0)
            known = {one.id: one for one in _together(tx, concerned)}
            settled = decide(sorted(known.values(), key=lambda one: one.id))
            if not settled:
                return ()
            told = _told(known, settled)
            hold(tx, told)
            self._part(tx, known, settled)
            named = {one.cluster or 0 for one in settled.values()}
            new = sorted((number for number in named if number < 0), reverse=True)
            last = _give(self._db, tx, len(new))
            given = dict(zip(new, range(last - len(new) + 1, last + 1), strict=True))
            for number, one in sorted(settled.items()):
                values = {"placed": one.placed, "follows": one.follows}
                cluster = given.get(one.cluster or 0, one.cluster)
                here = article.c.id == number
                tx.execute(update(article).where(here).values(cluster=cluster, **values))
            renew(self._db, tx, told)
            return settled.keys()

    def _part(
        self,
        tx: Connection,
        known: Mapping[ArticleId, Standing],
        settled: Mapping[ArticleId, Settled],
    ) -> None:
        """Note for readers who were sent a cluster that they were sent what leaves it, too."""
        after = {number: one.cluster for number, one in settled.items()}
        raw = self._db.raw(tx)
        for number in sorted(settled):
            before = known[number].cluster
            if before is None or after[number] == before:
                continue
            mates = [one.id for one in known.values() if one.cluster == before != number]
            left = [mate for mate in sorted(mates) if mate != number]
            # A cluster that goes over into another one whole stays together.
            if all(after.get(mate, before) == after[number] is not None for mate in left):
                continue
            among, numbers = raw.among(left)
            raw.run(_SENT.format(among=among), number, *numbers, *numbers)


def _told(
    known: Mapping[ArticleId, Standing], settled: Mapping[ArticleId, Settled]
) -> set[ArticleId]:
    """Return all that show something else now: whose place changes, and whom they stood or stand with."""
    clusters = {known[number].cluster for number in settled}
    clusters |= {one.cluster for one in settled.values()}
    return set(settled) | {
        one.id for one in known.values() if one.cluster is not None and one.cluster in clusters
    }


def _give(db: Database, tx: Connection, count: int) -> int:
    """Hold the number of clusters until the commit, give so many, and return the last one."""
    first = db.insert(meta).values(key=NUMBER, value=str(count))
    following = cast(cast(meta.c.value, big()) + count, Words())
    counted = first.on_conflict_do_update(index_elements=["key"], set_={"value": following})
    return int(tx.execute(counted.returning(meta.c.value)).scalar_one())


def _together(tx: Connection, articles: Collection[ArticleId]) -> Iterable[Standing]:
    """Return articles with all that stands in their clusters."""
    found = _standings(tx, articles)
    yield from found
    clusters = sorted({one.cluster for one in found if one.cluster is not None})
    for part in chunks(clusters):
        rows = tx.execute(select(*_STANDING).where(article.c.cluster.in_(part)))
        yield from map(_standing, rows)


def _standings(tx: Connection, articles: Collection[ArticleId]) -> list[Standing]:
    return [
        _standing(row)
        for part in chunks(sorted(articles))
        for row in tx.execute(select(*_STANDING).where(article.c.id.in_(part)))
    ]


def _standing(row: Any) -> Standing:
    return Standing(
        id=ArticleId(row.id),
        source=row.source,
        url=row.url,
        published=row.published,
        length=row.length,
        cluster=row.cluster,
        placed=Placed(row.placed),
        follows=row.follows,
    )


def _one_by_one(raw: Raw, keys: Sequence[int], limit: int) -> Mapping[int, Sequence[int]]:
    """Read key by key, where a statement costs microseconds."""
    found = {key: raw.rows(_FOUND, key, limit) for key in keys}
    return {key: [number for (number,) in rows] for key, rows in found.items()}


def _at_once(raw: Raw, keys: Sequence[int], limit: int) -> Mapping[int, Sequence[int]]:
    """Read all keys in one round trip."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for key, number in raw.rows(_ALL_FOUND, list(keys), limit):
        found[key].append(number)
    return found


def _packed(marks: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(marks)}I", *marks)


def _unpacked(marks: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(marks) // 4}I", marks)
