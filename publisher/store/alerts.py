"""Which stories are worth an alert that nobody has planned yet; serves core.alerting. Reads only."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Text, case, cast, exists, func, literal, select

from publisher.model.articles import ArticleId
from publisher.model.timetable import ALERT
from publisher.store.database import Part, chunks
from publisher.store.schema import article, feed_article, on, readable, run

OLD_NEWS = timedelta(days=1)
"""How much earlier than it came in a story may be dated: sources often give the day alone."""


class AlertVerbs(Part):
    """Stories without an alert."""

    def unalerted(
        self, schedule: str, feeds: Sequence[str], now: datetime, since: datetime, priority: int
    ) -> Sequence[ArticleId]:
        """Return stories worth an alert that have no run `alert:ID` of the schedule, oldest first.

        Mailable and readable, in one of the feeds, of at least that priority; come in or dated
        `since` then, or readable only now; none dated more than a day before that.
        """
        own = article.c.own_priority
        weight = case((own.is_not(None), own), else_=article.c.priority)
        key = literal(ALERT) + cast(article.c.id, Text)
        planned = exists().where(run.c.schedule == schedule, run.c.key == key)
        # First the few recent articles, then their feeds: a feed may hold a hundred thousand.
        recent = (
            select(article.c.id, article.c.published)
            .where(readable(now), article.c.published >= since - OLD_NEWS)
            .where(weight >= priority, ~planned)
            .order_by(article.c.published, article.c.id)
        )
        came = func.max(feed_article.c.entered)
        # A place is given when somebody first could read it: without one it has just become news.
        placeless = func.max(case((feed_article.c.seq.is_(None), 1), else_=0))
        with self._db.read() as tx:
            found = {row.id: row.published for row in tx.execute(recent)}
            fresh = {
                row.article
                for part in chunks(found)
                for row in tx.execute(
                    select(
                        feed_article.c.article, came.label("came"), placeless.label("placeless")
                    )
                    .where(feed_article.c.article.in_(part), feed_article.c.feed.in_(feeds))
                    .where(on(feed_article.c.mailable), on(feed_article.c.present))
                    .group_by(feed_article.c.article)
                )
                if row.came >= since or row.placeless or found[row.article] >= since
            }
        return [ArticleId(number) for number in found if number in fresh]
