"""Between the article table and the model's articles; serves the article verbs. Pure.

`stored` writes what a source brought; `read_article` reads a row, the operator's own words first.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from publisher.model.articles import (
    Article,
    ArticleId,
    ArticleState,
    CollectedArticle,
    Enclosure,
    Link,
    Origin,
    Overruled,
    RelatedArticle,
)
from publisher.model.content import Prints, prints
from publisher.ports import ArticleChanges
from publisher.store.named import ARTICLE
from publisher.store.types import bounded

SLUG_LENGTH = 80


def mark_of(uid: str) -> str:
    """Return the first eight digits of a uid, which tell slugs apart."""
    return uid.rpartition(":")[2][:8]


def slug_for(article: CollectedArticle, uid: str) -> str:
    """Return a name for addresses and files: `a-z0-9` and single hyphens, at most 80, never empty.

    Letters that have no plain form (Cyrillic, Chinese) leave nothing: then the uid names the story.
    """
    slugs = map(plain_slug, (article.slug, article.title))
    return next(filter(None, slugs), f"story-{mark_of(uid)}")


def plain_slug(words: str) -> str:
    """Return words as a name for addresses, "" when they have no plain letters."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:SLUG_LENGTH].strip("-")


def stored(article: CollectedArticle, known: Prints | None = None) -> dict[str, Any]:
    """Return the columns that a source decides, for a new row and for a changed one alike.

    `known` are the article's prints where they have been worked out before.
    """
    found = known or prints(article)
    return {
        "title": article.title,
        "url": article.url,
        "canonical": found.marks.canonical,
        "file": found.marks.file,
        "headline": found.marks.headline,
        "wording": found.marks.wording,
        "html": article.html,
        "text": article.text,
        "standfirst": article.standfirst,
        "dek": article.dek,
        "summary": article.summary,
        "language": article.language,
        "authors": article.authors,
        "tags": article.tags,
        "image": article.image,
        "enclosures": [asdict(enclosure) for enclosure in article.enclosures],
        "key_points": article.key_points,
        "read_also": [asdict(link) for link in article.read_also],
        "content_hash": found.hash,
        "draft": article.draft,
        "priority": bounded(article.priority),
        "attributes": dict(article.attributes),
        "enriched": False,
    }


def state_of(row: Any, now: datetime | None) -> ArticleState:
    """Return where an article stands; without an instant a date in the future is not noticed."""
    if row.hidden:
        return ArticleState.HIDDEN
    if row.held:
        return ArticleState.HELD
    if row.draft:
        return ArticleState.DRAFT
    if now is not None and row.published > now:
        return ArticleState.SCHEDULED
    return ArticleState.PUBLISHED


def read_article(
    row: Any,
    others: Mapping[int, RelatedArticle],
    permalink: Callable[[str], str],
    now: datetime | None = None,
) -> Article:
    """Return a row as an article; `others` are the related ones that may be shown, by id."""
    points, by = _points(row)
    return Article(
        id=ArticleId(row.id),
        uid=row.uid,
        source=row.source,
        external_id=row.external_id,
        slug=row.slug,
        title=row.title if row.own_title is None else row.own_title,
        url=row.url or permalink(row.slug),
        html=row.html,
        text=row.text,
        standfirst=row.standfirst,
        dek=row.dek,
        summary=row.summary,
        language=row.language,
        authors=tuple(row.authors),
        tags=tuple(row.tags if row.own_tags is None else row.own_tags),
        image=row.image,
        enclosures=tuple(Enclosure(**enclosure) for enclosure in row.enclosures),
        key_points=points,
        key_points_supplied=bool(row.key_points),
        points_by=by,
        read_also=tuple(_supplied(link, others) for link in row.read_also),
        related=_related(row, others),
        own_read_also=_own_links(row.own_related, others),
        published=row.published,
        updated=row.updated,
        first_seen=row.first_seen,
        content_hash=row.content_hash,
        state=state_of(row, now),
        pinned=row.pinned,
        priority=row.priority if row.own_priority is None else row.own_priority,
        cluster=row.cluster,
        follows=row.follows,
        own_page=not row.url,
        attributes=row.attributes,
    )


def related_of(rows: Sequence[Any]) -> set[int]:
    """Return the ids that these rows point at."""
    listed = (one for row in rows for one in (*row.related, *(row.own_related or ())))
    named = (link.get(ARTICLE) for row in rows for link in row.read_also)
    return {one for one in (*listed, *named) if isinstance(one, int)}


_GIVEN_UP = {Overruled.KEY_POINTS: "own_points", Overruled.READ_ALSO: "own_related"}


def changed_values(changes: ArticleChanges) -> dict[str, Any]:
    """Return the columns that an operator's changes set."""
    asked = {
        "own_title": changes.title,
        "hidden": changes.hidden,
        "pinned": changes.pinned,
        "own_priority": None if changes.priority is None else bounded(changes.priority),
        "own_tags": None if changes.tags is None else list(changes.tags),
        "own_points": None if changes.key_points is None else list(changes.key_points),
        "own_related": None if changes.read_also is None else _kept(changes.read_also),
    }
    values = {name: value for name, value in asked.items() if value is not None}
    return values | {_GIVEN_UP[one]: None for one in changes.computed}


def _kept(links: Sequence[ArticleId | Link]) -> list[object]:
    """Return an editor's links as they are kept: ids of stored articles, else title and address."""
    return [
        {"title": one.title, "url": one.url} if isinstance(one, Link) else int(one)
        for one in links
    ]


def _related(row: Any, others: Mapping[int, RelatedArticle]) -> tuple[RelatedArticle, ...]:
    """Return what is offered under an article; its own cluster tells the same story."""
    found = (others[other] for other in row.related if other in others)
    return tuple(one for one in found if row.cluster is None or one.cluster != row.cluster)


def _supplied(
    link: Mapping[str, Any], others: Mapping[int, RelatedArticle]
) -> RelatedArticle | Link:
    """Return a link that a source supplied; one by title leads to the story that is meant."""
    meant = others.get(link[ARTICLE]) if ARTICLE in link else None
    plain = {name: said for name, said in link.items() if name != ARTICLE}
    return meant or Link(**plain)


def _own_links(
    kept: Sequence[Any] | None, others: Mapping[int, RelatedArticle]
) -> tuple[RelatedArticle | Link, ...] | None:
    """Return an editor's links that may be shown; None where no editor said anything."""
    if kept is None:
        return None
    found = (Link(**one) if isinstance(one, Mapping) else others.get(one) for one in kept)
    return tuple(one for one in found if one is not None)


def _points(row: Any) -> tuple[tuple[str, ...], Origin]:
    """Return an article's key points and whose they are."""
    if row.own_points is not None:
        return tuple(row.own_points), Origin.EDITOR
    if row.key_points:
        return tuple(row.key_points), Origin.SOURCE
    return tuple(row.computed_points), Origin.COMPUTED
