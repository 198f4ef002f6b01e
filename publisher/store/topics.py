"""Articles by tag, author and source: tables `topic` and `topic_article`; serves core.gathering.

Which articles a topic has is worked out from the articles, those that changed since the last time:
the tables can be emptied and are filled again.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select

from publisher.model.archives import FeedState, Member
from publisher.model.articles import SOURCE
from publisher.model.topics import ALL, Topic
from publisher.store.article_rows import plain_slug
from publisher.store.database import Part, chunks
from publisher.store.document_tables import topic, topic_article
from publisher.store.documents import COUNTER, MEMBER, read_member
from publisher.store.schema import article, feed_article, meta, on, readable

SORTED = "sorted"
"""Key of the mark: the revision and number of the article that was sorted last."""

WHOLE = 1 << 62
"""Stands for the article's number when all of a revision are sorted."""

STEP = 500
LONGEST = 200

Named = tuple[str, str]  # kind, key
_COLUMNS = (
    article.c.id,
    article.c.revision,
    article.c.tags,
    article.c.own_tags,
    article.c.authors,
    article.c.attributes,
)


class TopicVerbs(Part):
    """What articles have in common."""

    def sort_topics(self) -> None:
        """Bring the topics up to date with the articles that changed."""
        with self._db.read() as tx:
            wanted = select(meta.c.key, meta.c.value).where(meta.c.key.in_((COUNTER, SORTED)))
            known = {row.key: row.value for row in tx.execute(wanted)}
        if known.get(SORTED) == f"{known.get(COUNTER, 0)} {WHOLE}":
            return
        while self._sort_some() == STEP:
            pass

    def topics(
        self, kinds: Collection[str], feeds: Collection[str], now: datetime
    ) -> Sequence[Topic]:
        """Return the topics that have readable articles in any of these feeds, by their slugs."""
        shown = (*_in_any(feeds), readable(now))
        newest = func.max(article.c.revision).label("revision")
        tally = (func.count().label("number"), newest)
        columns = (topic.c.kind, topic.c.slug, topic.c.title)
        grouped = (
            select(*columns, *tally)
            .join(topic_article, topic_article.c.topic == topic.c.id)
            .join(article, article.c.id == topic_article.c.article)
            .where(topic.c.kind.in_(sorted(kinds)), *shown)
            .group_by(*columns)
            .order_by(topic.c.kind, topic.c.slug)
        )
        with self._db.read() as tx:
            found = [_topic(row) for row in tx.execute(grouped)]
            whole = tx.execute(select(*tally).select_from(article).where(*shown)).one()
        if ALL in kinds and whole.number:
            state = FeedState(count=whole.number, revision=whole.revision)
            found.insert(0, Topic(kind=ALL, slug=ALL, title="", state=state))
        return found

    def topic_titles(self) -> Mapping[str, str]:
        """Return the title of every topic there ever was, by the slug of its feed."""
        with self._db.read() as tx:
            rows = tx.execute(select(topic.c.kind, topic.c.slug, topic.c.title))
            return {f"{row.kind}/{row.slug}": row.title for row in rows}

    def topic_members(self, slug: str, feeds: Collection[str], now: datetime) -> Sequence[Member]:
        """Return a topic's readable articles that are in any of these feeds, in no order."""
        wanted = select(*MEMBER).where(*_in_any(feeds), readable(now))
        if slug != ALL:
            kind, _, name = slug.partition("/")
            here = topic_article.c.article == article.c.id
            wanted = wanted.join(topic_article, here).join(
                topic,
                and_(
                    topic.c.id == topic_article.c.topic,
                    topic.c.kind == kind,
                    topic.c.slug == name,
                ),
            )
        with self._db.read() as tx:
            return [read_member(row) for row in tx.execute(wanted)]

    def _sort_some(self) -> int:
        """Sort the next articles that changed; return how many."""
        with self._db.write() as tx:
            written = (
                tx.execute(select(meta.c.value).where(meta.c.key == SORTED)).scalar() or "0 0"
            )
            revision, number = map(int, written.split())
            same = and_(article.c.revision == revision, article.c.id > number)
            due = select(*_COLUMNS).where(or_(article.c.revision > revision, same))
            order = (article.c.revision, article.c.id)
            rows = tx.execute(due.order_by(*order).limit(STEP)).all()
            if rows:
                self._sort(tx, rows)
                revision, number = rows[-1].revision, rows[-1].id
            mark = {"value": f"{revision} {number if len(rows) == STEP else WHOLE}"}
            upsert = self._db.insert(meta).values(key=SORTED, **mark)
            tx.execute(upsert.on_conflict_do_update(index_elements=["key"], set_=mark))
            return len(rows)

    def _sort(self, tx: Connection, rows: Sequence[Any]) -> None:
        named = {row.id: list(_named(row)) for row in rows}
        # A topic is called as it was written first.
        titles = dict(reversed([one for mine in named.values() for one in mine]))
        numbers = self._numbers(tx, titles)
        tx.execute(delete(topic_article).where(topic_article.c.article.in_(list(named))))
        pairs = [
            {"topic": numbers[key], "article": number}
            for number, mine in named.items()
            for key in {key for key, _ in mine}
        ]
        if pairs:
            tx.execute(topic_article.insert(), pairs)

    def _numbers(self, tx: Connection, titles: Mapping[Named, str]) -> Mapping[Named, int]:
        """Return the topics' row numbers; new ones are given a slug that nobody else has."""
        columns = (topic.c.id, topic.c.kind, topic.c.key)
        known: dict[Named, int] = {}
        for part in chunks(sorted({key for _, key in titles})):
            for row in tx.execute(select(*columns).where(topic.c.key.in_(part))):
                known[row.kind, row.key] = row.id
        for named, title in sorted(titles.items()):
            if named not in known:
                kind, key = named
                made = {"kind": kind, "key": key, "title": title, "slug": _free(tx, kind, key)}
                insert = topic.insert().values(made).returning(topic.c.id)
                known[named] = tx.execute(insert).scalar_one()
        return known


def _named(row: Any) -> Iterator[tuple[Named, str]]:
    """Yield the topics of an article, each with its title as written here."""
    said = row.attributes.get(SOURCE)
    source = said.get("title") if isinstance(said, Mapping) else ""
    tags = row.tags if row.own_tags is None else row.own_tags
    for kind, names in (("tag", tags), ("author", row.authors), ("source", [source])):
        for name in names:
            title = " ".join(str(name or "").split())[:LONGEST]
            if title:
                yield (kind, title.casefold()), title


def _free(tx: Connection, kind: str, key: str) -> str:
    """Return a slug that no other topic of the kind has: "C" and "C++" are two."""
    plain = plain_slug(key) or hashlib.sha256(key.encode()).hexdigest()[:8]
    taken = set(tx.execute(select(topic.c.slug).where(topic.c.kind == kind)).scalars())
    names = (plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _in_any(feeds: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        exists().where(
            feed_article.c.article == article.c.id,
            feed_article.c.feed.in_(sorted(feeds)),
            on(feed_article.c.present),
        ),
    )


def _topic(row: Any) -> Topic:
    state = FeedState(count=row.number, revision=row.revision)
    return Topic(kind=row.kind, slug=f"{row.kind}/{row.slug}", title=row.title, state=state)
