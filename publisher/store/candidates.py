"""What may enter an edition: articles, their places, what is under way; serves freezing. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select

from publisher.model.articles import ArticleId
from publisher.model.editions import Candidate, OpenEdition
from publisher.store.audience import Audience
from publisher.store.choosing import Table
from publisher.store.database import chunks
from publisher.store.schema import article, feed, feed_article, on, readable, selection


def lay_table(tx: Connection, audience: Audience, intent: OpenEdition) -> Table:
    """Return what lies on the table for the readers of an audience."""
    rows = _rows(tx, audience, intent)
    found = _candidates([row for row in rows if row.readable])
    candidates = tuple(sorted(found, key=intent.rank))
    concerned = {row.id for row in rows}
    mates = _mates(tx, candidates)
    places = _places(tx, concerned.union(*mates.values()))
    feeds = tuple(sorted({*intent.feeds, *(slug for found in places.values() for slug in found)}))
    last = _last(tx, feeds)
    lowest = _lowest(places)
    return Table(
        feeds=feeds,
        order=intent.feeds,
        floors={slug: lowest.get(slug, last[slug] + 1) - 1 for slug in feeds},
        candidates=candidates,
        places=places,
        mates=mates,
        held=frozenset(row.id for row in rows if not row.readable),
        flights=_flights(tx, audience.flights()),
        upto={} if intent.only else {slug: last[slug] for slug in intent.feeds},
        min_articles=intent.min_articles,
    )


def _rows(tx: Connection, audience: Audience, intent: OpenEdition) -> list[Row[Any]]:
    """Return (article, feed, place) rows that are news to some reader, or owed to one."""
    here = select(
        article.c.id,
        case((article.c.own_title.is_not(None), article.c.own_title), else_=article.c.title).label(
            "title"
        ),
        article.c.published,
        article.c.cluster,
        article.c.source,
        # Asked for where it may decide who leads: to read a text only to measure it costs.
        case((article.c.cluster.is_not(None), func.length(article.c.text)), else_=0).label(
            "length"
        ),
        case(
            (article.c.own_priority.is_not(None), article.c.own_priority),
            else_=article.c.priority,
        ).label("priority"),
        article.c.pinned,
        case((readable(intent.now), 1), else_=0).label("readable"),
        feed_article.c.feed,
        feed_article.c.seq,
    ).join(article, article.c.id == feed_article.c.article)
    here = here.where(on(feed_article.c.present), feed_article.c.seq.is_not(None))
    if intent.only is not None:
        here = here.where(article.c.id == intent.only)
    floors = audience.floors()
    news = [
        and_(feed_article.c.feed == slug, feed_article.c.seq > floor)
        for slug, floor in floors.items()
    ]
    wanted: list[Select[Any]] = [here.where(or_(*news))] if news else []
    wanted += [
        here.where(feed_article.c.feed.in_(list(floors)), article.c.id.in_(part))
        for part in chunks(sorted(audience.owed()))
    ]
    rows = [row for query in wanted for row in tx.execute(query)]
    # A feed's place is given at most once, so this key tells the rows apart.
    return list({(row.feed, row.seq): row for row in rows}.values())


def _candidates(rows: Sequence[Row[Any]]) -> tuple[Candidate, ...]:
    """Return one candidate per article, in the order of ids."""
    feeds: dict[int, dict[str, int]] = defaultdict(dict)
    first: dict[int, Row[Any]] = {}
    for row in rows:
        feeds[row.id][row.feed] = row.seq
        first[row.id] = row
    return tuple(
        Candidate(
            id=ArticleId(number),
            title=row.title,
            published=row.published,
            feeds=dict(sorted(feeds[number].items())),
            cluster=row.cluster,
            source=row.source,
            length=row.length,
            priority=row.priority,
            pinned=row.pinned,
        )
        for number, row in sorted(first.items())
    )


def _mates(tx: Connection, candidates: Sequence[Candidate]) -> dict[int, tuple[int, ...]]:
    """Return the other articles of each candidate's cluster."""
    clusters = {one.cluster for one in candidates if one.cluster is not None}
    members: dict[int, list[int]] = defaultdict(list)
    for part in chunks(sorted(clusters)):
        listed = select(article.c.cluster, article.c.id).where(article.c.cluster.in_(part))
        for cluster, number in tx.execute(listed.order_by(article.c.id)):
            if cluster is not None:
                members[cluster].append(number)
    return {
        one.id: tuple(mate for mate in members[one.cluster] if mate != one.id)
        for one in candidates
        if one.cluster is not None
    }


def _places(tx: Connection, articles: Collection[int]) -> dict[int, dict[str, int]]:
    """Return every place the articles ever had, also in feeds that they left."""
    places: dict[int, dict[str, int]] = {number: {} for number in articles}
    columns = (feed_article.c.article, feed_article.c.feed, feed_article.c.seq)
    for part in chunks(sorted(articles)):
        placed = (feed_article.c.article.in_(part), feed_article.c.seq.is_not(None))
        for row in tx.execute(select(*columns).where(*placed)):
            places[row.article][row.feed] = row.seq
    return places


def _lowest(places: Mapping[int, Mapping[str, int]]) -> dict[str, int]:
    lowest: dict[str, int] = {}
    for found in places.values():
        for slug, place in found.items():
            lowest[slug] = min(place, lowest.get(slug, place))
    return lowest


def _last(tx: Connection, feeds: Sequence[str]) -> dict[str, int]:
    """Return the last place given in each feed, 0 for one that holds nothing."""
    last = dict.fromkeys(feeds, 0)
    for part in chunks(feeds):
        rows = tx.execute(select(feed.c.slug, feed.c.last).where(feed.c.slug.in_(part)))
        last.update({row.slug: row.last for row in rows})
    return last


def _flights(tx: Connection, selections: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Return the articles of selections, also those told by title only."""
    columns = (selection.c.id, selection.c.articles, selection.c.more)
    return {
        row.id: (*row.articles, *row.more)
        for part in chunks(sorted(selections))
        for row in tx.execute(select(*columns).where(selection.c.id.in_(part)))
    }
