"""Which feeds hold which articles, and each one's place there; serves collecting and freezing.

A place (`seq`) grows with each article that becomes news in the feed. It is given when a mailable
article can first be read, so a future date or a draft waits without being overtaken by watermarks.
Whoever changes memberships locks the feed's row first: places become visible in their order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, select, update

from publisher.store.database import Database, chunks
from publisher.store.schema import article, feed, feed_article, on, readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An article that is to stand in a feed."""

    feed: str
    article: int
    mailable: bool


class Memberships:
    """The feeds' contents inside one transaction."""

    def __init__(self, database: Database, tx: Connection, now: datetime) -> None:
        self._db = database
        self._tx = tx
        self._now = now

    def enter(self, wanted: Sequence[Wanted]) -> int:
        """Let articles enter feeds; those that stand there keep their place. Return how many came."""
        feeds = sorted({one.feed for one in wanted})
        if not feeds:
            return 0
        self.lock(feeds)
        known = self._rows({one.article for one in wanted})
        fresh = {
            (one.feed, one.article): one for one in wanted if (one.feed, one.article) not in known
        }
        back = {(one.feed, one.article) for one in wanted} & {
            key for key, present in known.items() if not present
        }
        self._mark_present(back)
        self._insert(list(fresh.values()))
        return len(fresh) + len(back)

    def leave(self, gone: Collection[tuple[str, int]]) -> None:
        """Take (feed, article) pairs out; what an edition may have sent keeps its place, unseen."""
        self.lock(sorted({slug for slug, _ in gone}))
        for slug, members in _by_feed(gone).items():
            for part in chunks(members):
                here = and_(feed_article.c.feed == slug, feed_article.c.article.in_(part))
                looked = select(feed.c.looked).where(feed.c.slug == slug).scalar_subquery()
                unseen = feed_article.c.seq.is_(None) | (feed_article.c.seq > looked)
                self._tx.execute(delete(feed_article).where(here, unseen))
                self._tx.execute(update(feed_article).where(here).values(present=False))

    def promote(self, feeds: Collection[str]) -> None:
        """Give places to what has become readable since it entered, oldest publication first."""
        waiting = (
            select(feed_article.c.feed, feed_article.c.article)
            .join(article, article.c.id == feed_article.c.article)
            .where(feed_article.c.feed.in_(feeds), feed_article.c.seq.is_(None))
            .where(on(feed_article.c.mailable), on(feed_article.c.present), readable(self._now))
            .order_by(article.c.published, article.c.id)
        )
        for slug, members in _by_feed(tuple(row) for row in self._tx.execute(waiting)).items():
            place = self._allocate(slug, len(members), entered=0)
            for offset, member in enumerate(members):
                here = and_(feed_article.c.feed == slug, feed_article.c.article == member)
                self._tx.execute(update(feed_article).where(here).values(seq=place + offset))

    def lock(self, feeds: Sequence[str]) -> None:
        """Make sure that the feeds have rows, and hold them (in order) until the commit."""
        if not feeds:
            return
        rows = [{"slug": slug} for slug in feeds]
        self._tx.execute(self._db.insert(feed).on_conflict_do_nothing(), rows)
        held = select(feed.c.slug).where(feed.c.slug.in_(feeds)).order_by(feed.c.slug)
        self._tx.execute(held.with_for_update()).all()

    def _rows(self, articles: Collection[int]) -> dict[tuple[str, int], bool]:
        """Return (feed, article) → present."""
        columns = (feed_article.c.feed, feed_article.c.article, feed_article.c.present)
        return {
            (row.feed, row.article): row.present
            for part in chunks(articles)
            for row in self._tx.execute(select(*columns).where(feed_article.c.article.in_(part)))
        }

    def _mark_present(self, back: Collection[tuple[str, int]]) -> None:
        for slug, members in _by_feed(back).items():
            here = and_(feed_article.c.feed == slug, feed_article.c.article.in_(members))
            self._tx.execute(update(feed_article).where(here).values(present=True))

    def _insert(self, fresh: Sequence[Wanted]) -> None:
        ready = self._readable({one.article for one in fresh if one.mailable})
        by_feed: dict[str, list[Wanted]] = defaultdict(list)
        for one in fresh:
            by_feed[one.feed].append(one)
        for slug, entering in sorted(by_feed.items()):
            placed = [one.article for one in entering if one.mailable and one.article in ready]
            begin = self._allocate(slug, len(placed), entered=len(entering))
            places = {member: begin + offset for offset, member in enumerate(placed)}
            self._tx.execute(
                feed_article.insert(),
                [
                    {
                        "feed": slug,
                        "article": one.article,
                        "seq": places.get(one.article),
                        "mailable": one.mailable,
                        "present": True,
                        "entered": self._now,
                    }
                    for one in entering
                ],
            )

    def _readable(self, articles: Collection[int]) -> set[int]:
        return {
            row.id
            for part in chunks(articles)
            for row in self._tx.execute(
                select(article.c.id).where(article.c.id.in_(part), readable(self._now))
            )
        }

    def _allocate(self, slug: str, count: int, *, entered: int) -> int:
        """Take `count` places at the end of a feed and return the first."""
        taken = (
            update(feed)
            .where(feed.c.slug == slug)
            .values(last=feed.c.last + count, entered=feed.c.entered + entered)
            .returning(feed.c.last)
        )
        return int(self._tx.execute(taken).scalar_one()) - count + 1


def _by_feed(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = defaultdict(list)
    for slug, member in pairs:
        grouped[slug].append(member)
    return grouped
