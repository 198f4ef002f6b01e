"""Writing what sources brought; serves core.collecting. One transaction a verb.

Many sources are written at once: what a commit costs is shared by all of them, and thousands of
articles are no more statements than one.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from publisher.model.articles import ArticleId, CollectedArticle, KnownArticle, Twin
from publisher.ports import CollectionResult
from publisher.store.article_rows import mark_of, slug_for, stored
from publisher.store.database import Part, Raw, chunks
from publisher.store.documents import hold, renew
from publisher.store.memberships import Memberships, Wanted
from publisher.store.named import name_links
from publisher.store.rows import bound, values_of
from publisher.store.schema import article, feed_article, on
from publisher.store.sources import write_states
from publisher.store.types import clean, moment

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,500}")

DECIDED = tuple(stored(CollectedArticle(external_id="", title="")))
"""The columns that a source decides."""

ADDED = (
    *("id", "uid", "source", "external_id", "slug", "published", "updated", "first_seen", "held"),
    *DECIDED,
)
CHANGED = (*DECIDED, "published", "updated", "id")

ADD = (
    f"INSERT INTO article ({', '.join(ADDED)}) VALUES ({', '.join('?' for _ in ADDED)})"  # noqa: S608  our own names
    " ON CONFLICT DO NOTHING"
)
CHANGE = (
    f"UPDATE article SET {', '.join(f'{name} = ?' for name in DECIDED)},"  # noqa: S608  the same
    " published = COALESCE(?, published), updated = COALESCE(?, updated) WHERE id = ?"
)
RENAME = "UPDATE article SET external_id = ? WHERE id = ?"

IDS = "SELECT a.external_id, a.id FROM {table} JOIN article a ON a.external_id = j.value AND a.source = ?"
KNOWN = """
SELECT a.id, a.external_id, a.content_hash, a.title, a.text
  FROM {table} JOIN article a ON a.external_id = j.value AND a.source = ?"""
TAKEN = "SELECT a.{name} FROM {table} JOIN article a ON a.{name} = j.value"
# A part of the index only: the condition is what tells PostgreSQL so. Of each mark the newest few: an
# address that thousands share must not crowd out what bears the others.
TWINS = """
SELECT a.{name}, a.id, a.source, a.external_id, a.content_hash, a.title, a.text, a.published
  FROM (SELECT b.id, row_number() OVER (PARTITION BY b.{name} ORDER BY b.id DESC) AS place
          FROM {table} JOIN article b ON b.{name} = j.value AND b.{name} != '') AS n
  JOIN article a ON a.id = n.id WHERE n.place <= ? ORDER BY a.id"""

MOST_TWINS = 20
"""Articles of one mark that are looked at."""


@dataclass(frozen=True, slots=True)
class _New:
    """An article to add: whose it is, and as what."""

    result: CollectionResult
    article: CollectedArticle
    external: str


class CollectedVerbs(Part):
    """The articles that sources bring."""

    _identity: str
    _authority: str

    def tag(self, name: str) -> str:
        """Return the permanent id of what has this name for ever (a tag URI, RFC 4151)."""
        number = uuid.uuid5(uuid.UUID(self._identity), name)
        return f"tag:{self._authority}:{number}"

    def known(
        self, wanted: Mapping[str, Collection[str]]
    ) -> Mapping[str, Mapping[str, KnownArticle]]:
        """Return stored articles by source and external id, of those asked for by source."""
        with self._db.read() as tx:
            raw = self._db.raw(tx)
            return {source: _known(raw, source, ids) for source, ids in wanted.items() if ids}

    def twins(self, marks: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Sequence[Twin]]:
        """Return the stored articles that bear marks: (field of model.content.Marks, value)."""
        asked: dict[str, dict[str, str]] = defaultdict(dict)
        for name, value in marks:
            asked[name][clean(value)] = value
        found: dict[tuple[str, str], list[Twin]] = defaultdict(list)
        with self._db.read() as tx:
            raw = self._db.raw(tx)
            for name, values in asked.items():
                table, parameter = raw.each(values)
                rows = raw.rows(TWINS.format(name=name, table=table), parameter, MOST_TWINS)
                for mark, *rest, published in rows:
                    found[name, values[mark]].append(_twin(rest, published))
        return found

    def save_collected(self, *results: CollectionResult) -> Sequence[ArticleId]:
        """Write the articles, memberships and states of sources together.

        Mints uid (the `tag` of source and external id, or that id itself with `keep_ids`), slug and id
        for new ones (`published` falls back to `now`, remembered). Memberships of changed ones are
        replaced (kept ones keep their place), those of joined ones added. Returns the ids of new then
        changed articles, result by result. Saving the same twice changes nothing.
        """
        if not results:
            return []
        with self._db.write() as tx:
            raw = self._db.raw(tx)
            touched = _touched(results) | _citing(tx, results)
            if not raw.sqlite:
                hold(tx, touched)
            new = self._add(raw, results)
            _change(raw, results)
            name_links(tx, _written(results, new))
            self._move(tx, results, new)
            write_states(raw, (result.state for result in results))
            renew(self._db, tx, {*new.values(), *touched})
        return [
            number
            for result in results
            for number in (
                *(new[result.state.key, clean(one.external_id)] for one, _ in result.new),
                *(ArticleId(number) for number, *_ in result.changed),
            )
        ]

    def _move(
        self,
        tx: Connection,
        results: Sequence[CollectionResult],
        new: Mapping[tuple[str, str], ArticleId],
    ) -> None:
        """Let the articles enter feeds, and those that changed leave them."""
        wanted = []
        for result in results:
            for one, feeds in result.new:
                wanted += _wanted(new[result.state.key, clean(one.external_id)], feeds)
            for number, _, _, feeds in result.changed:
                wanted += _wanted(number, feeds)
            for number, feeds in result.joined:
                wanted += _wanted(number, feeds)
        memberships = Memberships(self._db, tx, max(result.now for result in results))
        memberships.leave(_left(tx, results))
        memberships.enter(wanted)

    def _add(
        self, raw: Raw, results: Sequence[CollectionResult]
    ) -> Mapping[tuple[str, str], ArticleId]:
        """Add what is not there; return the numbers of all by source and external id."""
        wanted = {
            (result.state.key, external): _New(result, one, external)
            for result in results
            for one, _ in result.new
            for external in (clean(one.external_id),)
        }
        numbers = _numbers(raw, wanted)
        missing = [one for name, one in wanted.items() if name not in numbers]
        if not missing:
            return numbers
        rows = self._rows(raw, missing)
        if raw.many(ADD, [values_of(_ADDED, row) for row in rows]) == len(rows):
            there = zip(missing, rows, strict=True)
            return {
                **numbers,
                **{
                    (one.result.state.key, one.external): ArticleId(row["id"])
                    for one, row in there
                },
            }
        return {**numbers, **self._add_rest(raw, missing, rows)}

    def _rows(self, raw: Raw, missing: Sequence[_New]) -> list[dict[str, Any]]:
        """Return complete rows for new articles, under slugs and ids that are free."""
        minted = [self.tag(f"{clean(one.result.state.key)}\n{one.external}") for one in missing]
        kept = _kept(raw, missing)
        slugs = [slug_for(one.article, uid) for one, uid in zip(missing, minted, strict=True)]
        taken = _taken(raw, "slug", slugs)
        rows = []
        reserved = raw.reserve("article", len(missing))
        for number, one, uid, slug in zip(reserved, missing, minted, slugs, strict=True):
            own = slug if slug not in taken else f"{slug}-{mark_of(uid)}"
            taken.add(own)
            rows.append(_row(one, number, kept.pop(one.external, "") or uid, own))
        return rows

    def _add_rest(
        self, raw: Raw, missing: Sequence[_New], rows: Sequence[dict[str, Any]]
    ) -> Mapping[tuple[str, str], ArticleId]:
        """Add one by one what met others of the same slug or id; another process may have brought it."""
        numbers = dict(_numbers(raw, {(one.result.state.key, one.external) for one in missing}))
        for one, row in zip(missing, rows, strict=True):
            name = (one.result.state.key, one.external)
            minted = self.tag(f"{clean(name[0])}\n{one.external}")
            attempt = 0
            while name not in numbers:
                attempt += 1
                # An article that got another id from its source goes on under the uid of the first.
                again = minted if attempt == 1 else self.tag(f"{minted}\n{attempt}")
                own = {"uid": again, "slug": f"{slug_for(one.article, again)}-{mark_of(again)}"}
                if raw.many(ADD, [values_of(_ADDED, row | own)]):
                    numbers[name] = ArticleId(row["id"])
                else:
                    numbers |= _numbers(raw, [name])
        return numbers


_ADDED = bound(article, ADDED)
_CHANGED = bound(article, CHANGED)


def _row(one: _New, number: int, uid: str, slug: str) -> dict[str, Any]:
    """Return a new article's row."""
    published = one.article.published or one.result.now
    return stored(one.article, one.result.prints.get(one.article.external_id)) | {
        "id": number,
        "uid": uid,
        "source": one.result.state.key,
        "external_id": one.external,
        "slug": slug,
        "published": published,
        "updated": one.article.updated or published,
        "first_seen": one.result.now,
        "held": one.result.held,
    }


def _known(raw: Raw, source: str, ids: Collection[str]) -> Mapping[str, KnownArticle]:
    asked = {clean(external): external for external in ids}
    table, values = raw.each(asked)
    return {
        asked[external]: KnownArticle(
            id=ArticleId(number),
            external_id=asked[external],
            content_hash=content_hash,
            title=title,
            text=text,
        )
        for number, external, content_hash, title, text in raw.rows(
            KNOWN.format(table=table), values, clean(source)
        )
    }


def _twin(row: Sequence[Any], published: int) -> Twin:
    """Return a row of TWINS without its mark."""
    number, source, external, content_hash, title, text = row
    return Twin(
        id=ArticleId(number),
        source=source,
        external_id=external,
        content_hash=content_hash,
        title=title,
        text=text,
        published=moment(published),
    )


def _numbers(raw: Raw, names: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], ArticleId]:
    """Return the stored articles of these sources and external ids."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for source, external in names:
        by_source[source].append(external)
    found = {}
    for source, externals in by_source.items():
        table, values = raw.each(externals)
        for external, number in raw.rows(IDS.format(table=table), values, clean(source)):
            found[source, external] = ArticleId(number)
    return found


def _taken(raw: Raw, name: str, values: Iterable[str]) -> set[str]:
    """Return which of these values some article has in a column."""
    table, parameter = raw.each(values)
    return {value for (value,) in raw.rows(TAKEN.format(name=name, table=table), parameter)}


def _kept(raw: Raw, missing: Sequence[_New]) -> dict[str, str]:
    """Return the ids that articles had elsewhere and may have with us as well, by external id.

    An id must be a URI, as Atom asks for (RFC 4287 section 4.2.6), and no other article's.
    """
    wanted = {
        one.external for one in missing if one.result.keep_ids and _URI.fullmatch(one.external)
    }
    if not wanted:
        return {}
    taken = _taken(raw, "uid", wanted)
    return {external: external for external in wanted - taken}


def _change(raw: Raw, results: Sequence[CollectionResult]) -> None:
    """Replace the content of changed articles; `updated` moves with a significant edit only."""
    rows, renamed = [], []
    for result in results:
        for number, collected, significant, _ in result.changed:
            row = stored(collected, result.prints.get(collected.external_id)) | {
                "id": number,
                "published": collected.published,
                "updated": (collected.updated or result.now) if significant else None,
            }
            rows.append(values_of(_CHANGED, row))
            if number in result.renamed:
                renamed.append((clean(collected.external_id), number))
    raw.many(CHANGE, rows)
    raw.many(RENAME, renamed)


def _written(
    results: Sequence[CollectionResult], new: Mapping[tuple[str, str], ArticleId]
) -> Mapping[int, CollectedArticle]:
    """Return what was written, by the numbers of the articles."""
    fresh = {
        new[result.state.key, clean(one.external_id)]: one
        for result in results
        for one, _ in result.new
    }
    changed = {number: one for result in results for number, one, *_ in result.changed}
    return {int(number): one for number, one in (fresh | changed).items()}


def _wanted(number: ArticleId, feeds: Sequence[tuple[str, bool]]) -> list[Wanted]:
    return [Wanted(feed=feed, article=number, mailable=mailable) for feed, mailable in feeds]


def _left(tx: Connection, results: Sequence[CollectionResult]) -> list[tuple[str, int]]:
    """Return the memberships that changed articles have no more."""
    changed = [one for result in results for one in result.changed]
    keeps = {(feed, number) for number, _, _, feeds in changed for feed, _ in feeds}
    columns = (feed_article.c.feed, feed_article.c.article)
    return [
        (row.feed, row.article)
        for part in chunks(number for number, *_ in changed)
        for row in tx.execute(
            select(*columns).where(feed_article.c.article.in_(part), on(feed_article.c.present))
        )
        if (row.feed, row.article) not in keeps
    ]


def _citing(tx: Connection, results: Sequence[CollectionResult]) -> set[int]:
    """Return the articles whose editors link to stories that have another title or address now."""
    changed = {number: one for result in results for number, one, *_ in result.changed}
    columns = (article.c.id, article.c.title, article.c.url)
    moved = {
        row.id
        for part in chunks(changed)
        for row in tx.execute(select(*columns).where(article.c.id.in_(part)))
        if (row.title, row.url) != (clean(changed[row.id].title), clean(changed[row.id].url))
    }
    if not moved:
        return set()
    linking = select(article.c.id, article.c.own_related).where(article.c.own_related.is_not(None))
    return {
        row.id
        for row in tx.execute(linking)
        if any(isinstance(one, int) and one in moved for one in row.own_related)
    }


def _touched(results: Sequence[CollectionResult]) -> set[int]:
    """Return the stored articles that collections changed or gave to further feeds."""
    return {
        number
        for result in results
        for number in (*(one for one, *_ in result.changed), *(one for one, _ in result.joined))
    }
