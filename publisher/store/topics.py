"""Articles by tag, author and source: tables `topic` and `topic_article`; serves core.gathering.

Which articles a topic has is worked out from the articles, those that changed since the last time:
the tables can be emptied and are filled again.
"""

import hashlib
import json
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
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

FOUND = "topics"
"""Key of the topics that were found last, and of what they were found in."""

STEP = 500
LONGEST = 200

Named = tuple[str, str]  # kind, key
Found = tuple[str, str, str, int, int]  # kind, slug of the feed, title, articles, revision
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
        """Return the topics that have readable articles in any of these feeds, by their slugs.

        They are counted once and known from then on: until anything changes or a date has come.
        """
        coming = select(func.min(article.c.published)).where(article.c.published > now)
        with self._db.read() as tx:
            wanted = select(meta.c.key, meta.c.value).where(
                meta.c.key.in_((COUNTER, SORTED, FOUND))
            )
            known = {row.key: row.value for row in tx.execute(wanted)}
            said = [known.get(COUNTER), known.get(SORTED), sorted(kinds), sorted(feeds)]
            said.append(str(tx.execute(coming).scalar()))
            asked = hashlib.sha256(json.dumps(said).encode()).hexdigest()
            last = json.loads(known.get(FOUND, "{}"))
            if last.get("asked") == asked:
                return [_topic(*one) for one in last["found"]]
            found = _count(tx, kinds, feeds, now)
        with self._db.write() as tx:
            mark = {"value": json.dumps({"asked": asked, "found": found})}
            upsert = self._db.insert(meta).values(key=FOUND, **mark)
            tx.execute(upsert.on_conflict_do_update(index_elements=["key"], set_=mark))
        return [_topic(*one) for one in found]

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
            title = " ".join(unicodedata.normalize("NFC", str(name or "")).split())[:LONGEST]
            if title:
                yield (kind, title.casefold()), title


def _count(
    tx: Connection, kinds: Collection[str], feeds: Collection[str], now: datetime
) -> list[Found]:
    shown = (*_in_any(feeds), readable(now))
    tally = (func.count(), func.max(article.c.revision))
    columns = (topic.c.kind, topic.c.slug, topic.c.title)
    grouped = (
        select(*columns, *tally)
        .join(topic_article, topic_article.c.topic == topic.c.id)
        .join(article, article.c.id == topic_article.c.article)
        .where(topic.c.kind.in_(sorted(kinds)), *shown)
        .group_by(*columns)
        .order_by(topic.c.kind, topic.c.slug)
    )
    found: list[Found] = [
        (kind, f"{kind}/{slug}", title, number, revision)
        for kind, slug, title, number, revision in tx.execute(grouped)
    ]
    number, revision = tx.execute(select(*tally).select_from(article).where(*shown)).one()
    if ALL in kinds and number:
        found.insert(0, (ALL, ALL, "", number, revision))
    return found


def _free(tx: Connection, kind: str, key: str) -> str:
    """Return a slug that no other topic of the kind has: "C" and "C++" are two."""
    plain = plain_slug(key) or hashlib.sha256(key.encode()).hexdigest()[:8]
    mine = select(topic.c.slug).where(topic.c.kind == kind)
    if tx.execute(mine.where(topic.c.slug == plain)).first() is None:
        return plain
    alike = mine.where(topic.c.slug.startswith(f"{plain}-", autoescape=True))
    taken = set(tx.execute(alike).scalars())
    return next(name for number in count(2) if (name := f"{plain}-{number}") not in taken)


def _in_any(feeds: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        exists().where(
            feed_article.c.article == article.c.id,
            feed_article.c.feed.in_(sorted(feeds)),
            on(feed_article.c.present),
        ),
    )


def _topic(kind: str, slug: str, title: str, number: int, revision: int) -> Topic:
    state = FeedState(count=number, revision=revision)
    return Topic(kind=kind, slug=slug, title=title, state=state)
