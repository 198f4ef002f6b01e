"""Reading and editing stored articles; serves enriching, publishing and the command line."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, and_, case, select, update
from sqlalchemy.sql.elements import ColumnElement

from publisher.errors import NotFound
from publisher.model.articles import Article, ArticleId, ArticleState, RelatedArticle
from publisher.model.enrichment import Enrichment, Relations, Relative, Tie
from publisher.model.urls import canonical_url
from publisher.ports import ArticleChanges, Relate
from publisher.store.article_rows import changed_values, read_article, related_of
from publisher.store.database import Part, chunks
from publisher.store.documents import hold, renew
from publisher.store.library import SqlLibrary
from publisher.store.memberships import Memberships, Wanted
from publisher.store.schema import article, feed, feed_article, off, on, readable
from publisher.store.types import LARGEST, clean, pack


class ArticleVerbs(Part):
    """Stored articles and what is computed of them."""

    _authority: str
    _permalink: Callable[[str], str]

    def feeds_with_articles(self) -> Mapping[str, int]:
        """Return how many articles have ever entered each feed."""
        with self._db.read() as tx:
            rows = tx.execute(select(feed.c.slug, feed.c.entered).where(feed.c.entered > 0))
            return {row.slug: row.entered for row in rows}

    def unenriched(self, limit: int = 500) -> Sequence[ArticleId]:
        """Return articles changed since `save_enrichments` last saw them, oldest first."""
        changed = select(article.c.id).where(off(article.c.enriched))
        with self._db.read() as tx:
            found = tx.execute(changed.order_by(article.c.id).limit(limit)).scalars()
            return [ArticleId(number) for number in found]

    def save_enrichments(self, enrichments: Sequence[Enrichment]) -> None:
        """Keep what was computed; supplied key points stay. What changed meanwhile stays to be enriched."""
        points = [
            (pack(one.key_points), *_seen(one))
            for one in enrichments
            if one.key_points is not None
        ]
        ties = [
            (*_packed(one.relations), *_seen(one))
            for one in enrichments
            if one.relations is not None
        ]
        with self._db.write() as tx:
            hold(tx, {one.article for one in enrichments})
            raw = self._db.raw(tx)
            raw.many(f"UPDATE article SET computed_points = ? {_AS_SEEN}", points)  # noqa: S608  ours
            raw.many(f"UPDATE article SET related = ?, ties = ? {_AS_SEEN}", ties)  # noqa: S608  ours
            seen = [_seen(one) for one in enrichments]
            raw.many(f"UPDATE article SET enriched = 1 {_AS_SEEN}", seen)  # noqa: S608  ours
            renew(self._db, tx, {one.article for one in enrichments})

    def relate(self, articles: Collection[ArticleId], decide: Relate) -> None:
        """Keep what these are tied to from now on: decided, while nobody else changes it, of them all."""
        with self._db.write() as tx:
            held = [ArticleId(number) for number in hold(tx, articles)]
            known = _relatives(tx, held)
            theirs = {tie.article for one in known.values() for tie in one.relations.ties}
            decided = decide({**_relatives(tx, theirs - known.keys()), **known})
            rows = [(*_packed(decided[number]), number) for number in held if number in decided]
            self._db.raw(tx).many("UPDATE article SET related = ?, ties = ? WHERE id = ?", rows)
            renew(self._db, tx, [number for *_, number in rows])

    def relatives(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Relative]:
        """Return what is asked of those that may be shown."""
        with self._db.read() as tx:
            return _relatives(tx, articles)

    def article(self, article: ArticleId) -> Article:
        """Return one. Raises NotFound."""
        found = self.articles_by_id([article])
        if article not in found:
            raise NotFound(f"article {article}", "there is no such article")
        return found[article]

    def articles_by_id(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Article]:
        """Return those that exist."""
        with self._db.read() as tx:
            rows = [
                row
                for part in chunks(articles)
                for row in tx.execute(select(article).where(article.c.id.in_(part)))
            ]
            return {one.id: one for one in self._read(tx, rows)}

    def revisions(self, articles: Collection[ArticleId], now: datetime) -> Mapping[ArticleId, int]:
        """Return the revision of each of these that may be read: it rises with every visible change."""
        columns = (article.c.id, article.c.revision)
        with self._db.read() as tx:
            return {
                ArticleId(row.id): row.revision
                for part in chunks(articles)
                for row in tx.execute(
                    select(*columns).where(article.c.id.in_(part), readable(now))
                )
            }

    def cluster_mates(
        self, articles: Collection[ArticleId]
    ) -> Mapping[ArticleId, Sequence[Article]]:
        """Return the other articles of each one's cluster; those without any are absent."""
        with self._db.read() as tx:
            clusters = {
                row.id: row.cluster
                for part in chunks(articles)
                for row in tx.execute(
                    select(article.c.id, article.c.cluster).where(article.c.id.in_(part))
                )
                if row.cluster is not None
            }
            rows = [
                row
                for part in chunks(sorted(set(clusters.values())))
                for row in tx.execute(
                    select(article).where(article.c.cluster.in_(part)).order_by(article.c.id)
                )
            ]
            found = self._read(tx, rows)
        mates = {
            ArticleId(number): [
                one for one in found if one.cluster == cluster and one.id != number
            ]
            for number, cluster in clusters.items()
        }
        return {number: others for number, others in mates.items() if others}

    def find_article(self, name: str) -> Article:
        """Return by id, uid, slug or URL, in this order. Raises NotFound."""
        with self._db.read() as tx:
            for named in _names(clean(name), self._authority):
                row = tx.execute(select(article).where(named).order_by(article.c.id)).first()
                if row is not None:
                    return self._read(tx, [row])[0]
        raise NotFound(name, "no article has this id, slug or address")

    def articles_at(self, urls: Collection[str]) -> Mapping[str, Sequence[ArticleId]]:
        """Return the stored articles readers find at each address, pages of ours included."""
        canonical = {url: clean(canonical_url(url)) for url in urls}
        slugs = {url: clean(url.rstrip("/").rpartition("/")[2]) for url in urls}
        ours = {url: slug for url, slug in slugs.items() if self._is_page(slug, url)}
        with self._db.read() as tx:
            elsewhere = _by(tx, article.c.canonical, canonical)
            here = _by(tx, article.c.slug, ours)
        found = {url: (*elsewhere.get(url, ()), *here.get(url, ())) for url in urls}
        return {url: numbers for url, numbers in found.items() if numbers}

    def _is_page(self, slug: str, url: str) -> bool:
        """Tell whether an address is our page of a story."""
        return self._permalink(slug).rstrip("/") == url.rstrip("/")

    def articles(
        self,
        *,
        feed: str | None = None,
        states: Collection[str] = ("published",),
        limit: int | None = None,
        offset: int = 0,
        now: datetime,
    ) -> Sequence[Article]:
        """Return articles, pinned ones first, then newest first; `now` decides `scheduled`."""
        order = (article.c.pinned.desc(), article.c.published.desc(), article.c.id.desc())
        wanted = select(article).where(_state(now).in_([str(state) for state in states]))
        wanted = _in_feed(wanted, feed).order_by(*order).limit(limit).offset(offset)
        with self._db.read() as tx:
            return self._read(tx, tx.execute(wanted).all(), now)

    def articles_from(
        self, sources: Collection[str], after: int = 0, limit: int = 500
    ) -> Sequence[Article]:
        """Return stored articles of these sources, in any state, whose ids follow `after`, by id."""
        here = (article.c.source.in_(sorted(sources)), article.c.id > after)
        wanted = select(article).where(*here).order_by(article.c.id).limit(limit)
        with self._db.read() as tx:
            return self._read(tx, tx.execute(wanted).all())

    def memberships(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Sequence[str]]:
        """Return the feeds each article has entered."""
        found: dict[ArticleId, list[str]] = {number: [] for number in articles}
        columns = (feed_article.c.article, feed_article.c.feed)
        with self._db.read() as tx:
            for part in chunks(articles):
                here = (feed_article.c.article.in_(part), on(feed_article.c.present))
                for row in tx.execute(select(*columns).where(*here).order_by(feed_article.c.feed)):
                    found[row.article].append(row.feed)
        return {number: tuple(feeds) for number, feeds in found.items()}

    def change_article(
        self,
        article: ArticleId,
        changes: ArticleChanges,
        now: datetime,  # noqa: ARG002  the port's; when an edit was made is not kept yet
    ) -> Article:
        """Apply an operator's changes, which collecting again does not undo. Raises NotFound."""
        values = changed_values(changes)
        if values:
            with self._db.write() as tx:
                told = hold(tx, [article], cited=True)
                _update(tx, self._db.where, article, values)
                if changes.hidden is not None:
                    _relate_again(tx, [*told])
                renew(self._db, tx, told)
        return self.article(article)

    def set_memberships(self, feed: str, articles: Collection[ArticleId], now: datetime) -> int:
        """Make a feed hold exactly these; additions are never mailed. Return how many changed."""
        wanted = set(articles)
        with self._db.write() as tx:
            memberships = Memberships(self._db, tx, now)
            memberships.lock([feed])
            here = select(feed_article.c.article).where(feed_article.c.feed == feed)
            present = set(tx.execute(here.where(on(feed_article.c.present))).scalars())
            gone = present - wanted
            memberships.leave([(feed, number) for number in sorted(gone)])
            fresh = [
                Wanted(feed=feed, article=number, mailable=False)
                for number in sorted(wanted - present)
            ]
            changed = len(gone) + memberships.enter(fresh)
            renew(self._db, tx, [*gone, *(one.article for one in fresh)])
            return changed

    def library(self) -> SqlLibrary:
        """Return the posting index."""
        return SqlLibrary(self._db)

    def _read(
        self, tx: Connection, rows: Sequence[Any], now: datetime | None = None
    ) -> list[Article]:
        others = self._related(tx, related_of(rows))
        return [read_article(row, others, self._permalink, now) for row in rows]

    def _related(self, tx: Connection, numbers: Collection[int]) -> dict[int, RelatedArticle]:
        """Return the titles and addresses of those that may be shown."""
        columns = (
            article.c.id,
            article.c.title,
            article.c.own_title,
            article.c.url,
            article.c.slug,
            article.c.uid,
            article.c.cluster,
        )
        return {
            row.id: RelatedArticle(
                id=ArticleId(row.id),
                title=row.title if row.own_title is None else row.own_title,
                url=row.url or self._permalink(row.slug),
                uid=row.uid,
                cluster=row.cluster,
            )
            for part in chunks(numbers)
            for row in tx.execute(select(*columns).where(article.c.id.in_(part), _SHOWN))
        }


_AS_SEEN = "WHERE id = ? AND content_hash = ?"


def _seen(one: Enrichment) -> tuple[int, str]:
    """Return which article an enrichment is of, and what was looked at."""
    return int(one.article), one.content_hash


_SHOWN = and_(off(article.c.hidden), off(article.c.draft), off(article.c.held))


def _relatives(tx: Connection, articles: Collection[ArticleId]) -> dict[ArticleId, Relative]:
    """Return what is asked of those that may be shown."""
    columns = (
        article.c.id,
        article.c.published,
        article.c.cluster,
        article.c.related,
        article.c.ties,
    )
    return {
        ArticleId(row.id): Relative(
            id=ArticleId(row.id),
            published=row.published,
            cluster=row.cluster,
            relations=_relations(row.related, row.ties),
        )
        for part in chunks(articles)
        for row in tx.execute(select(*columns).where(article.c.id.in_(part), _SHOWN))
    }


def _packed(found: Relations) -> tuple[str, str]:
    """Return relations as the two columns that keep them: ids, and scores after the own one."""
    scores = [found.own, *(tie.score for tie in found.ties)]
    return pack([tie.article for tie in found.ties]), pack([round(score, 4) for score in scores])


def _relations(related: Sequence[int], scores: Sequence[float]) -> Relations:
    own, *rest = scores or (0.0,)
    ties = (Tie(ArticleId(number), score) for number, score in zip(related, rest, strict=False))
    return Relations(own=own, ties=tuple(ties))


def _update(tx: Connection, where: str, number: ArticleId, values: dict[str, Any]) -> None:
    """Change one article's row. Raises NotFound."""
    changed = tx.execute(update(article).where(article.c.id == number).values(values))
    if changed.rowcount == 0:
        raise NotFound(f"article {number}", f"there is no such article in {where}")


def _relate_again(tx: Connection, numbers: Sequence[int]) -> None:
    """Let articles be enriched again: what they point at has gone, or is back."""
    for part in chunks(numbers):
        tx.execute(update(article).where(article.c.id.in_(part)).values(enriched=False))


def _by(
    tx: Connection, column: Column[str], asked: Mapping[str, str]
) -> Mapping[str, Sequence[ArticleId]]:
    """Return, by the key of `asked`, the articles that have its value in a column."""
    numbers: dict[str, list[ArticleId]] = defaultdict(list)
    for part in chunks({value for value in asked.values() if value}):
        wanted = select(column.label("value"), article.c.id).where(column.in_(part))
        for row in tx.execute(wanted.order_by(article.c.id)):
            numbers[row.value].append(ArticleId(row.id))
    return {key: numbers[value] for key, value in asked.items() if value in numbers}


def _names(name: str, authority: str) -> list[ColumnElement[bool]]:
    """Return the ways in which a name may name an article."""
    ways: list[ColumnElement[bool]] = []
    if name.isdecimal() and name.isascii() and int(name) < LARGEST:
        ways.append(article.c.id == int(name))
    ways.append(article.c.uid.in_([name, f"tag:{authority}:{name}"]))
    ways.append(article.c.slug == name)
    ways.append(and_(article.c.url == name, article.c.url != ""))
    if canonical := canonical_url(name):
        ways.append(article.c.canonical == canonical)
    return ways


def _state(now: datetime) -> ColumnElement[str]:
    """Return an article's state as SQL (see article_rows.state_of)."""
    return case(
        (on(article.c.hidden), ArticleState.HIDDEN.value),
        (on(article.c.held), ArticleState.HELD.value),
        (on(article.c.draft), ArticleState.DRAFT.value),
        (article.c.published > now, ArticleState.SCHEDULED.value),
        else_=ArticleState.PUBLISHED.value,
    )


def _in_feed(wanted: Select[Any], slug: str | None) -> Select[Any]:
    if slug is None:
        return wanted
    held = and_(
        feed_article.c.article == article.c.id,
        feed_article.c.feed == slug,
        on(feed_article.c.present),
    )
    return wanted.join(feed_article, held)
