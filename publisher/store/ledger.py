"""Writing a frozen edition and its ledger; serves freezing."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from publisher.model.editions import EditionState, OpenEdition
from publisher.store.database import Database
from publisher.store.memory import Selected
from publisher.store.schema import delivery, edition, feed, feed_article, selection
from publisher.store.types import micros

DELIVERIES = """
INSERT INTO delivery (edition, subscriber, selection, state, reason, at)
SELECT ?, g.subscriber, c.selection,
       CASE WHEN r.barred IS NULL THEN 'queued' ELSE 'suppressed' END,
       CASE WHEN r.barred IS NULL THEN '' ELSE 'suppressed: ' || r.barred END,
       ?
  FROM freeze_signed g
  JOIN freeze_chosen c ON c.signature = g.signature
  JOIN freeze_reader r ON r.subscriber = g.subscriber
 ORDER BY g.subscriber"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What was decided: all articles in edition order, selections by signature, places looked at."""

    articles: tuple[int, ...]
    selections: Mapping[str, Selected]
    upto: Mapping[str, int]


def write_edition(database: Database, tx: Connection, intent: OpenEdition, frozen: Frozen) -> int:
    """Write the edition, its selections and its whole audience; return its number in the table."""
    edition_id = _insert_edition(tx, intent, frozen)
    numbers = _insert_selections(tx, edition_id, list(frozen.selections.values()))
    raw = database.raw(tx)
    raw.many(
        "INSERT INTO freeze_chosen VALUES (?, ?)",
        list(zip(frozen.selections, numbers, strict=True)),
    )
    raw.run(DELIVERIES, edition_id, micros(intent.now))
    if not database.sqlite:
        raw.run("ANALYZE delivery")  # without statistics the first claims cost five times as much
    audience = select(func.count()).where(delivery.c.edition == edition_id).scalar_subquery()
    tx.execute(update(edition).where(edition.c.id == edition_id).values(audience=audience))
    for slug, place in frozen.upto.items():
        _look(tx, slug, place, frozen.articles)
    return edition_id


def _insert_edition(tx: Connection, intent: OpenEdition, frozen: Frozen) -> int:
    latest = select(func.coalesce(func.max(edition.c.number), 0) + 1)
    state = EditionState.REVIEW if intent.review else EditionState.OPEN
    if intent.prepare:
        state = EditionState.PREPARING
    row = {
        "run": intent.run,
        "schedule": intent.schedule,
        "slot": intent.slot,
        "number": latest.where(edition.c.schedule == intent.schedule).scalar_subquery(),
        "state": state.value,
        "title": intent.title,
        "transport": intent.transport,
        "articles": frozen.articles,
        "feeds": intent.feeds,
        "opened": intent.now,
    }
    return int(tx.execute(insert(edition).values(row).returning(edition.c.id)).scalar_one())


def _insert_selections(tx: Connection, edition_id: int, selected: list[Selected]) -> list[int]:
    rows = [
        {
            "edition": edition_id,
            "articles": one.articles,
            "more": one.more,
            "feeds": one.feeds,
            "owed": one.owed,
            "paid": one.paid,
            "upto": dict(one.upto),
            "beside": {str(number): mates for number, mates in one.beside.items()},
        }
        for one in selected
    ]
    numbered = insert(selection).returning(selection.c.id, sort_by_parameter_order=True)
    return list(tx.execute(numbered, rows).scalars())


def _look(tx: Connection, slug: str, place: int, articles: tuple[int, ...]) -> None:
    """Note how far the edition looked in a feed, and where a newcomer begins from now on.

    A newcomer gets what follows the last story that was not in this edition: at most the
    edition's own. A feed that gave nothing to it stays where it was.
    """
    values: dict[str, object] = {"looked": place}
    seen = (feed_article.c.feed == slug, feed_article.c.seq <= place)
    inside = feed_article.c.article.in_(articles)
    if tx.execute(select(feed_article.c.seq).where(*seen, inside).limit(1)).first() is not None:
        highest = select(func.coalesce(func.max(feed_article.c.seq), 0)).where(*seen, ~inside)
        values["newcomer"] = highest.scalar_subquery()
    tx.execute(update(feed).where(feed.c.slug == slug).values(values))
