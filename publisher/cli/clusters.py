"""`articles split` and `join`: what operators say of clusters; serves `articles`."""

from typing import TYPE_CHECKING

import click

from publisher.cli.naming import find
from publisher.cli.output import count, say, write_json
from publisher.cli.rows import article_row
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from collections.abc import Collection

    from publisher.model.articles import Article, ArticleId


@click.command()
@click.argument("article", help="Its id, its slug or its address.")
@json_option
@pass_session
def split(session: Session, article: str) -> None:
    """Take an article out of its cluster: it is a story of its own.

    It stands alone from then on, whatever is found, until `articles join` says otherwise. Readers who
    were sent the cluster are not sent it again.
    """
    from publisher.app.enriching import clusterer

    found = find(session.app, article)
    changed = clusterer(session.app).split(found.id)
    told = "stands alone" if changed else "stands alone already"
    _tell(session, {found.id}, f"{told}: {found.title}; `publish` writes the documents")


@click.command()
@click.argument(
    "articles",
    nargs=-1,
    required=True,
    metavar="ARTICLE ARTICLE…",
    help="Their ids, slugs or addresses.",
)
@json_option
@pass_session
def join(session: Session, articles: tuple[str, ...]) -> None:
    """Put articles together that tell one story, with all that stands with each.

    They stay together, whatever their texts become, until `articles split` takes one out. Who was sent
    one of them is not sent another.
    """
    from publisher.app.enriching import clusterer

    found = {one.id: one for one in (find(session.app, name) for name in articles)}
    if len(found) < 2:  # noqa: PLR2004  one alone is no cluster
        raise click.UsageError("name two different articles at least")
    clusterer(session.app).join(list(found))
    _tell(session, found, f"{count(len(found), 'article')} joined; `publish` writes the documents")


def also_at_rows(mates: "Collection[Article]") -> list[dict[str, object]]:
    """Return what `articles show` says of those that stand with an article."""
    return [
        {"id": one.id, "title": one.title, "url": one.url, "source": one.source} for one in mates
    ]


def _tell(session: Session, asked: "Collection[ArticleId]", told: str) -> None:
    """Report on articles, and in JSON on all that stands with them."""
    store = session.app.store
    if session.json:
        rows = {**store.articles_by_id(asked)}
        rows |= {one.id: one for mates in store.cluster_mates(asked).values() for one in mates}
        write_json(article_row(one) for _, one in sorted(rows.items()))
    say(told)
