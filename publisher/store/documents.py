"""What publishing remembers: how new each feed is, what it was made into, and what has moved.

Serves core.publishing and the pages. Every visible change of an article raises its revision to the
next number of one counter, so that two numbers tell whether a feed has changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, cast, delete, func, literal, or_, select, update

from publisher.model.archives import Archive, ArchivePage, FeedRecord, FeedState, Member, Newest
from publisher.model.articles import ArticleId
from publisher.store.database import Database, Part, chunks, fields
from publisher.store.schema import article, feed_article, meta, moved, on, published, readable
from publisher.store.types import Words, big, clean

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ColumnElement

COUNTER = "revision"


def renew(db: Database, tx: Connection, articles: Collection[int], *, cited: bool = False) -> None:
    """Give articles (`cited`: those too that point at them) the next revision.

    To be called last in a transaction: the counter's row is held until the commit, so that revisions
    become visible in their order.
    """
    if not articles:
        return
    first = db.insert(meta).values(key=COUNTER, value="1")
    following = cast(cast(meta.c.value, big()) + 1, Words())
    counted = first.on_conflict_do_update(index_elements=["key"], set_={"value": following})
    number = int(tx.execute(counted.returning(meta.c.value)).scalar_one())
    for part in chunks(sorted(articles)):
        here: ColumnElement[bool] = article.c.id.in_(part)
        if cited:
            # A superset: 7 is found in [17], too. That costs a look and no byte.
            told = cast(article.c.related, Words())
            here = or_(here, *(told.like(f"%{one}%") for one in part))
        tx.execute(update(article).where(here).values(revision=number))


class DocumentVerbs(Part):
    """The memory of publishing."""

    def newest(self, now: datetime) -> Newest:
        """Return how new all that is stored is: without a change there, no feed has one."""
        counter = select(meta.c.value).where(meta.c.key == COUNTER)
        coming = select(func.min(article.c.published)).where(article.c.published > now)
        with self._db.read() as tx:
            number, until = tx.execute(counter).scalar(), tx.execute(coming).scalar()
        return Newest(revision=int(number or 0), until=until)

    def feed_states(self, now: datetime) -> Mapping[str, FeedState]:
        """Return how many readable articles each feed holds and how new they are."""
        counted = (
            select(
                feed_article.c.feed,
                func.count().label("number"),
                func.max(article.c.revision).label("revision"),
            )
            .join(article, article.c.id == feed_article.c.article)
            .where(on(feed_article.c.present), readable(now))
            .group_by(feed_article.c.feed)
        )
        with self._db.read() as tx:
            return {
                row.feed: FeedState(count=row.number, revision=row.revision)
                for row in tx.execute(counted)
            }

    def feed_members(self, feed: str, now: datetime) -> Sequence[Member]:
        """Return the readable articles of a feed, in no order."""
        columns = (article.c.id, article.c.published, article.c.updated, article.c.pinned)
        here = (feed_article.c.feed == feed, on(feed_article.c.present), readable(now))
        wanted = select(*columns).join(feed_article, feed_article.c.article == article.c.id)
        with self._db.read() as tx:
            return [
                Member(
                    id=ArticleId(row.id),
                    published=row.published,
                    updated=max(row.updated, row.published),
                    pinned=row.pinned,
                )
                for row in tx.execute(wanted.where(*here))
            ]

    def readable_slugs(self, slugs: Collection[str], now: datetime) -> frozenset[str]:
        """Return which of these are slugs of articles that may be shown."""
        with self._db.read() as tx:
            return frozenset(
                slug
                for part in chunks(slugs)
                for slug in tx.execute(
                    select(article.c.slug).where(article.c.slug.in_(part), readable(now))
                ).scalars()
            )

    def feed_records(self) -> Mapping[str, FeedRecord]:
        """Return what the last complete publish of each feed made; "" is the site around them."""
        with self._db.read() as tx:
            return {row.feed: _record(row) for row in tx.execute(select(published))}

    def record_feed(self, feed: str, record: FeedRecord, gone: Mapping[str, str]) -> None:
        """Remember a complete publish, and where what stood at each path of `gone` is found now.

        An older move to a path that is gone leads on to where that one leads. What exists again
        has not moved.
        """
        row = {
            "making": record.making,
            "count": record.state.count,
            "revision": record.state.revision,
            "archive": asdict(record.archive),
            "paths": dict(record.paths),
            "uid": record.uid,
            "until": record.until,
        }
        with self._db.write() as tx:
            upsert = self._db.insert(published).values(feed=feed, **row)
            tx.execute(upsert.on_conflict_do_update(index_elements=["feed"], set_=row))
            for path, target in sorted(gone.items()):
                tx.execute(update(moved).where(moved.c.target == path).values(target=target))
                move = self._db.insert(moved).values(path=path, target=target)
                tx.execute(
                    move.on_conflict_do_update(index_elements=["path"], set_={"target": target})
                )
            for part in chunks(record.paths):
                tx.execute(delete(moved).where(moved.c.path.in_(part)))

    def forget_feeds(self, feeds: Iterable[str]) -> None:
        """Forget what was made of feeds that are no more."""
        with self._db.write() as tx:
            for part in chunks(sorted(feeds)):
                tx.execute(delete(published).where(published.c.feed.in_(part)))

    def moved_to(self, path: str) -> str | None:
        """Return where a document is found that stood at a path once: "" nowhere, None no such."""
        with self._db.read() as tx:
            wanted = select(moved.c.target).where(moved.c.path == literal(clean(path)))
            return tx.execute(wanted).scalar()

    def moves(self) -> Mapping[str, str]:
        """Return every path that has moved, with its target; "" is nowhere."""
        with self._db.read() as tx:
            rows = tx.execute(select(moved).order_by(moved.c.path))
            return {row.path: row.target for row in rows}


def _record(row: Any) -> FeedRecord:
    written = row.archive
    tail = written.get("tail")
    return FeedRecord(
        making=row.making,
        state=FeedState(count=fields(row)["count"], revision=row.revision),
        archive=Archive(
            pages=tuple(_page(page) for page in written.get("pages", ())),
            tail=_page(tail) if tail else None,
            last=written.get("last", 0),
        ),
        paths=row.paths,
        uid=row.uid,
        until=row.until,
    )


def _page(written: Mapping[str, Any]) -> ArchivePage:
    return ArchivePage(**{**written, "articles": tuple(written["articles"])})
