"""Stories that others name without an address, found by their titles; serves what sources brought.

A page in the page form says "Read also: The old crane" and no more. Who is meant stands in the store
already, or came with it: looked for once, when the naming story is written, and only for such ones,
because titles have no index.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select, update

from publisher.model.articles import CollectedArticle, Link
from publisher.store.database import chunks
from publisher.store.schema import article
from publisher.store.types import clean

ARTICLE = "article"
"""The key under which a kept link says which stored article it means."""


def name_links(tx: Connection, articles: Mapping[int, CollectedArticle]) -> None:
    """Let links of these articles that have a title only mean the newest other article of that title."""
    naming = {
        number: one.read_also
        for number, one in articles.items()
        if any(not link.url for link in one.read_also)
    }
    titles = {clean(link.title) for links in naming.values() for link in links if not link.url}
    columns = (article.c.id, article.c.title)
    found = {
        row.title: row.id
        for part in chunks(sorted(titles))
        for row in tx.execute(
            select(*columns).where(article.c.title.in_(part)).order_by(article.c.id)
        )
    }
    for number, links in naming.items():
        kept = [_kept(link, number, found) for link in links]
        if any(ARTICLE in one for one in kept):
            tx.execute(update(article).where(article.c.id == number).values(read_also=kept))


def _kept(link: Link, number: int, found: Mapping[str, int]) -> dict[str, Any]:
    meant = None if link.url else found.get(clean(link.title))
    return asdict(link) if meant in (None, number) else {**asdict(link), ARTICLE: meant}
