"""What publishing remembers: how new each feed is, what it was made into, and what has moved.

Serves core.publishing and the pages. Every visible change of an article raises its revision to the
next number of one counter, so that two numbers tell whether a feed has changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Connection,
    and_,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from publisher.model.archives import (
    Archive,
    ArchivePage,
    FeedRecord,
    FeedState,
    Listed,
    MapRecord,
    Member,
    Newest,
    PageRecord,
)
from publisher.model.articles import ArticleId
from publisher.store.database import Database, Part, chunks, fields
from publisher.store.document_tables import moved, page, published
from publisher.store.schema import (
    article,
    feed_article,
    meta,
    on,
    readable,
)
from publisher.store.types import Words, big, clean

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ColumnElement

COUNTER = "revision"

MEMBER = (
    article.c.id,
    article.c.published,
    article.c.updated,
    article.c.pinned,
    article.c.cluster,
    article.c.follows,
)
"""What `read_member` reads."""

_LISTED = select(
    article.c.id,
    page.c.path,
    func.coalesce(article.c.own_title, article.c.title).label("title"),
    func.substr(article.c.text, 1, 200).label("begin"),
    article.c.language,
    article.c.published,
    article.c.updated,
).join(page, page.c.article == article.c.id)


def hold(tx: Connection, articles: Collection[int], *, cited: bool = False) -> list[int]:
    """Hold articles until the commit; return those there are.

    With `cited` those too that show something of them: what points at them, and their clusters.

    To be called first in a transaction that changes several of them, or holds the counter besides:
    who takes them in an order of their own waits for somebody who waits for them.
    """
    held: list[int] = []
    for part in chunks(sorted(articles)):
        here: ColumnElement[bool] = article.c.id.in_(part)
        if cited:
            # A superset: 7 is found in [17], too. That costs a look and no byte.
            told = [cast(one, Words()) for one in (article.c.related, article.c.own_related)]
            theirs = select(article.c.cluster).where(article.c.id.in_(part))
            mates = article.c.cluster.in_(theirs.where(article.c.cluster.is_not(None)))
            here = or_(here, mates, *(links.like(f"%{one}%") for one in part for links in told))
        wanted = select(article.c.id).where(here).order_by(article.c.id)
        held += tx.execute(wanted.with_for_update(key_share=True)).scalars()
    return held


def renew(db: Database, tx: Connection, articles: Collection[int]) -> None:
    """Give articles the next revision.

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
        tx.execute(update(article).where(article.c.id.in_(part)).values(revision=number))


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
        here = (feed_article.c.feed == feed, on(feed_article.c.present), readable(now))
        wanted = select(*MEMBER).join(feed_article, feed_article.c.article == article.c.id)
        with self._db.read() as tx:
            return [read_member(row) for row in tx.execute(wanted.where(*here))]

    def stale_pages(
        self, feeds: Collection[str], making: str, now: datetime, after: int = 0, limit: int = 50
    ) -> Mapping[ArticleId, int]:
        """Return articles whose page is to be made (again), with their revisions, by id."""
        stands = exists().where(
            feed_article.c.article == article.c.id,
            feed_article.c.feed.in_(sorted(feeds)),
            on(feed_article.c.present),
        )
        old = or_(page.c.revision < article.c.revision, page.c.making != making)
        due = or_(old, and_(page.c.path.is_(None), stands))
        wanted = (
            select(article.c.id, article.c.revision)
            .outerjoin(page, page.c.article == article.c.id)
            .where(article.c.id > after, article.c.url == "", readable(now), due)
        )
        with self._db.read() as tx:
            rows = tx.execute(wanted.order_by(article.c.id).limit(limit))
            return {ArticleId(row.id): row.revision for row in rows}

    def record_pages(self, pages: Collection[PageRecord], making: str) -> None:
        """Remember pages that were made; what stood elsewhere before has not moved any more."""
        with self._db.write() as tx:
            for one in pages:
                row = {"article": one.article, "revision": one.revision, "making": making}
                made = self._db.insert(page).values(path=one.path, **row)
                tx.execute(made.on_conflict_do_update(index_elements=["path"], set_=row))
            for part in chunks([one.path for one in pages]):
                tx.execute(delete(moved).where(moved.c.path.in_(part)))

    def lost_pages(self, now: datetime, limit: int = 500) -> Sequence[str]:
        """Return the paths of pages whose articles may not be read any more."""
        shown = exists().where(article.c.id == page.c.article, readable(now))
        with self._db.read() as tx:
            wanted = select(page.c.path).where(~shown).order_by(page.c.path).limit(limit)
            return list(tx.execute(wanted).scalars())

    def drop_pages(self, paths: Collection[str], *, gone: bool) -> None:
        """Forget pages; `gone` ones are nowhere from now on, others are made again."""
        with self._db.write() as tx:
            for part in chunks(paths):
                tx.execute(delete(page).where(page.c.path.in_(part)))
            for path in sorted(paths) if gone else ():
                move = self._db.insert(moved).values(path=path, target="")
                set_ = {"target": ""}
                tx.execute(move.on_conflict_do_update(index_elements=["path"], set_=set_))

    def count_pages(self) -> int:
        """Return how many pages of stories there are."""
        with self._db.read() as tx:
            return int(tx.execute(select(func.count()).select_from(page)).scalar_one())

    def page_paths(self, part: int, parts: int) -> Sequence[str]:
        """Return the paths of one part of the pages, of so many parts."""
        wanted = select(page.c.path).where(page.c.article % parts == part)
        with self._db.read() as tx:
            return list(tx.execute(wanted).scalars())

    def page_states(self, size: int) -> Mapping[int, FeedState]:
        """Return how many pages there are of each `size` articles, and their newest revision."""
        number = (page.c.article // size).label("number")
        counted = select(
            number, func.count().label("pages"), func.max(page.c.revision).label("newest")
        )
        with self._db.read() as tx:
            return {
                row.number: FeedState(count=row.pages, revision=row.newest)
                for row in tx.execute(counted.group_by(number))
            }

    def listed_pages(
        self, now: datetime, after: int = 0, limit: int = 500, last: int | None = None
    ) -> Sequence[Listed]:
        """Return what maps say of pages, by the ids of their articles: after one, up to the last."""
        wanted = _LISTED.where(readable(now), page.c.article > after).order_by(page.c.article)
        if last is not None:
            wanted = wanted.where(page.c.article <= last)
        with self._db.read() as tx:
            return [_listed(row) for row in tx.execute(wanted.limit(limit))]

    def news_pages(self, since: datetime, now: datetime, limit: int) -> Sequence[Listed]:
        """Return the same of stories published after an instant, newest first."""
        order = (article.c.published.desc(), article.c.id.desc())
        wanted = _LISTED.where(readable(now), article.c.published > since).order_by(*order)
        with self._db.read() as tx:
            return [_listed(row) for row in tx.execute(wanted.limit(limit))]

    def feed_records(self) -> Mapping[str, FeedRecord]:
        """Return what the last complete publish of each feed made; "" is the site around them."""
        with self._db.read() as tx:
            return {row.feed: _record(row) for row in tx.execute(select(published))}

    def record_feed(self, feed: str, record: FeedRecord, gone: Mapping[str, str]) -> None:
        """Remember a complete publish, and where what stood at each path of `gone` is found now.

        An older move to a path that is gone leads on to where that one leads. What exists again
        has not moved; what could not be taken away yet is in both.
        """
        row = {
            "making": record.making,
            "count": record.state.count,
            "revision": record.state.revision,
            "archive": {**asdict(record.archive), "maps": [*map(_written, record.maps)]},
            "paths": dict(record.paths),
            "uid": record.uid,
            "guid": record.guid,
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
            for part in chunks(path for path in record.paths if path not in gone):
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


def read_member(row: Any) -> Member:
    """Return an article as far as its place among a feed's documents goes."""
    return Member(
        id=ArticleId(row.id),
        published=row.published,
        updated=max(row.updated, row.published),
        pinned=row.pinned,
        cluster=row.cluster,
        follows=row.follows,
    )


def _listed(row: Any) -> Listed:
    return Listed(
        id=ArticleId(row.id),
        path=row.path,
        title=row.title or row.begin,
        language=row.language,
        published=row.published,
        updated=max(row.updated, row.published),
    )


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
        guid=row.guid,
        until=row.until,
        maps=tuple(map(_map, written.get("maps", ()))),
    )


def _written(part: MapRecord) -> Mapping[str, str]:
    return {"path": part.path, "mark": part.mark, "changed": part.changed.isoformat()}


def _map(written: Mapping[str, str]) -> MapRecord:
    changed = datetime.fromisoformat(written["changed"])
    return MapRecord(path=written["path"], mark=written["mark"], changed=changed)


def _page(written: Mapping[str, Any]) -> ArchivePage:
    return ArchivePage(**{**written, "articles": tuple(written["articles"])})
