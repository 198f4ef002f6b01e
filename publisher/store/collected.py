"""Writing what sources brought; serves core.collecting. One transaction a verb."""

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from publisher.model.articles import ArticleId, CollectedArticle, KnownArticle, SourceState
from publisher.model.urls import canonical_url
from publisher.ports import CollectionResult
from publisher.store.article_rows import mark_of, slug_for, stored
from publisher.store.database import Part, chunks, fields
from publisher.store.documents import renew
from publisher.store.memberships import Memberships, Wanted
from publisher.store.schema import article, feed_article, on, source
from publisher.store.types import clean

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,500}")


class CollectedVerbs(Part):
    """Sources' states, and the articles they bring."""

    _identity: str
    _authority: str

    def tag(self, name: str) -> str:
        """Return the permanent id of what has this name for ever (a tag URI, RFC 4151)."""
        number = uuid.uuid5(uuid.UUID(self._identity), name)
        return f"tag:{self._authority}:{number}"

    def source_states(self, keys: Collection[str]) -> Mapping[str, SourceState]:
        """Return what is remembered of these sources; unknown ones are absent."""
        with self._db.read() as tx:
            return {
                row.key: SourceState(**fields(row) | {"hubs": tuple(row.hubs)})
                for part in chunks(keys)
                for row in tx.execute(select(source).where(source.c.key.in_(part)))
            }

    def known(self, source: str, external_ids: Collection[str]) -> Mapping[str, KnownArticle]:
        """Return the stored articles of one source by external id."""
        asked = {clean(external): external for external in external_ids}
        columns = (
            article.c.id,
            article.c.external_id,
            article.c.content_hash,
            article.c.title,
            article.c.text,
        )
        here = article.c.source == source
        with self._db.read() as tx:
            return {
                asked[row.external_id]: KnownArticle(
                    **{**fields(row), "external_id": asked[row.external_id]}
                )
                for part in chunks(asked)
                for row in tx.execute(
                    select(*columns).where(here, article.c.external_id.in_(part))
                )
            }

    def known_urls(self, urls: Collection[str]) -> Mapping[str, ArticleId]:
        """Return stored articles by canonical URL (model.urls.canonical_url), over all sources."""
        asked = {url: clean(canonical_url(url)) for url in urls}
        columns = (article.c.canonical, article.c.id)
        found: dict[str, ArticleId] = {}
        with self._db.read() as tx:
            for part in chunks({canonical for canonical in asked.values() if canonical}):
                wanted = select(*columns).where(article.c.canonical.in_(part))
                for row in tx.execute(wanted.order_by(article.c.id.desc())):
                    found[row.canonical] = ArticleId(row.id)
        return {url: found[canonical] for url, canonical in asked.items() if canonical in found}

    def save_collected(self, result: CollectionResult) -> Sequence[ArticleId]:
        """Write articles, memberships and the source's state together.

        Mints uid (the `tag` of source and external id, or that id itself with `keep_ids`), slug and id
        for new ones
        (`published` falls back to `now`, remembered). Memberships of changed ones are replaced
        (kept ones keep their place), those of joined ones added. Returns the ids of new then
        changed articles, in the order given. Saving the same twice changes nothing.
        """
        with self._db.write() as tx:
            new = [self._find_or_add(tx, result, collected) for collected, _ in result.new]
            wanted = [
                Wanted(feed=feed, article=number, mailable=mailable)
                for number, (_, feeds) in zip(new, result.new, strict=True)
                for feed, mailable in feeds
            ]
            for number, collected, significant, feeds in result.changed:
                _change(tx, number, collected, result.now if significant else None)
                wanted += _wanted(number, feeds)
            for number, feeds in result.joined:
                wanted += _wanted(number, feeds)
            memberships = Memberships(self._db, tx, result.now)
            memberships.leave(_left(tx, result))
            memberships.enter(wanted)
            self._write_state(tx, result.state)
            renew(self._db, tx, {*new, *_touched(result)})
        return [*new, *(ArticleId(number) for number, *_ in result.changed)]

    def save_state(self, state: SourceState) -> None:
        """Replace one source's state (after an error)."""
        with self._db.write() as tx:
            self._write_state(tx, state)

    def _write_state(self, tx: Connection, state: SourceState) -> None:
        row = {**asdict(state), "cursor": dict(state.cursor)}
        upsert = self._db.insert(source).values(row)
        tx.execute(upsert.on_conflict_do_update(index_elements=["key"], set_=row))

    def _find_or_add(
        self, tx: Connection, result: CollectionResult, collected: CollectedArticle
    ) -> ArticleId:
        key, now = result.state.key, result.now
        external = clean(collected.external_id)
        here = (article.c.source == key, article.c.external_id == external)
        known = tx.execute(select(article.c.id).where(*here)).scalar()
        if known is not None:
            return ArticleId(known)
        # The name within the namespace is told apart by a line feed, which no source key holds.
        minted = self.tag(f"{clean(key)}\n{external}")
        uid = _kept(tx, external) if result.keep_ids else ""
        published = collected.published or now
        slug = slug_for(collected, minted)
        row = stored(collected) | {
            "uid": uid or minted,
            "source": key,
            "external_id": external,
            "slug": _free_slug(tx, slug, minted),
            "published": published,
            "updated": collected.updated or published,
            "first_seen": now,
        }
        insert = self._db.insert(article).on_conflict_do_nothing().returning(article.c.id)
        number = tx.execute(insert.values(row)).scalar()
        if number is None:  # another process brought it meanwhile, or one of the same slug or id
            number = tx.execute(select(article.c.id).where(*here)).scalar()
        if number is None:
            own = {"uid": minted, "slug": f"{slug}-{mark_of(minted)}"}
            number = tx.execute(insert.values(row | own)).scalar_one()
        return ArticleId(number)


def _kept(tx: Connection, external: str) -> str:
    """Return an id that an article had elsewhere, "" where it may not be ours as well.

    It must be a URI, as Atom asks for (RFC 4287 section 4.2.6), and no other article's.
    """
    if not _URI.fullmatch(external):
        return ""
    taken = tx.execute(select(article.c.id).where(article.c.uid == external)).scalar()
    return external if taken is None else ""


def _free_slug(tx: Connection, slug: str, uid: str) -> str:
    """Return the slug if no article has it, else one made distinct by the uid."""
    taken = tx.execute(select(article.c.id).where(article.c.slug == slug)).scalar()
    return slug if taken is None else f"{slug}-{mark_of(uid)}"


def _change(
    tx: Connection, number: ArticleId, collected: CollectedArticle, edited: datetime | None
) -> None:
    """Replace an article's content; `edited` is when, for a significant edit."""
    row: dict[str, Any] = stored(collected)
    if collected.published is not None:
        row["published"] = collected.published
    if edited is not None:
        row["updated"] = collected.updated or edited
    tx.execute(update(article).where(article.c.id == number).values(row))


def _wanted(number: ArticleId, feeds: Sequence[tuple[str, bool]]) -> list[Wanted]:
    return [Wanted(feed=feed, article=number, mailable=mailable) for feed, mailable in feeds]


def _touched(result: CollectionResult) -> set[int]:
    """Return the stored articles that a collection changed or gave to further feeds."""
    return {number for number, *_ in result.changed} | {number for number, _ in result.joined}


def _left(tx: Connection, result: CollectionResult) -> list[tuple[str, int]]:
    """Return the memberships that changed articles have no more."""
    keeps = {(feed, number) for number, _, _, feeds in result.changed for feed, _ in feeds}
    columns = (feed_article.c.feed, feed_article.c.article)
    return [
        (row.feed, row.article)
        for part in chunks(number for number, *_ in result.changed)
        for row in tx.execute(
            select(*columns).where(feed_article.c.article.in_(part), on(feed_article.c.present))
        )
        if (row.feed, row.article) not in keeps
    ]
