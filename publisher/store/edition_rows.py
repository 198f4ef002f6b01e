"""Reading editions and deliveries; serves the edition and delivery verbs. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select, update

from publisher.errors import Conflict, NotFound
from publisher.model.articles import ArticleId
from publisher.model.editions import (
    Delivery,
    DeliveryId,
    DeliveryState,
    Edition,
    EditionId,
    EditionState,
)
from publisher.model.subscribers import SubscriberId
from publisher.store.database import chunks, fields
from publisher.store.schema import delivery, edition, on, selection, subscriber

WAITING = (DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value)
HELD = (DeliveryState.CLAIMED.value, DeliveryState.SENDING.value)
UNDER_WAY = WAITING + HELD

TRIED = and_(delivery.c.state.in_(WAITING), delivery.c.attempts > 0)
"""Waits to be tried again; where a worker died with it, it may have arrived all the same."""

EDITION = (
    edition.c.id,
    edition.c.run,
    edition.c.schedule,
    edition.c.slot,
    edition.c.number,
    edition.c.state,
    edition.c.reason,
    edition.c.title,
    edition.c.subject,
    edition.c.transport,
    edition.c.articles,
    edition.c.feeds,
    edition.c.opened,
    edition.c.audience,
    edition.c.folded,
)

DELIVERY = select(
    delivery.c.id,
    delivery.c.edition,
    delivery.c.subscriber,
    subscriber.c.email,
    subscriber.c.name,
    subscriber.c.language,
    subscriber.c.timezone,
    subscriber.c.sample,
    func.coalesce(subscriber.c.consent_at, subscriber.c.joined).label("joined"),
    delivery.c.state,
    delivery.c.reason,
    delivery.c.attempts,
    delivery.c.selection,
    delivery.c.message_id,
    delivery.c.transport,
    delivery.c.at,
    delivery.c.since,
).join(subscriber, subscriber.c.id == delivery.c.subscriber)


def counts_of(
    tx: Connection, editions: Collection[int]
) -> Mapping[int, Mapping[DeliveryState, int]]:
    """Return how many deliveries of each edition stand in each state (every state named).

    A finished edition's counts were folded into its row, so that a list of editions reads no ledger.
    """
    counts: dict[int, dict[DeliveryState, int]] = defaultdict(
        lambda: dict.fromkeys(DeliveryState, 0)
    )
    unfolded: list[int] = []
    for part in chunks(editions):
        folded = select(edition.c.id, edition.c.totals).where(edition.c.id.in_(part))
        for number, totals in tx.execute(folded):
            if totals is None:
                unfolded.append(number)
            else:
                counts[number].update({DeliveryState(k): v for k, v in totals.items()})
    for part in chunks(unfolded):
        tally = select(delivery.c.edition, delivery.c.state, func.count())
        tally = tally.where(delivery.c.edition.in_(part))
        for number, state, count in tx.execute(
            tally.group_by(delivery.c.edition, delivery.c.state)
        ):
            counts[number][DeliveryState(state)] = count
    return counts


def read_editions(tx: Connection, wanted: Select[Any]) -> list[Edition]:
    """Return the editions a query on `EDITION` names, with their counts."""
    rows = tx.execute(wanted).all()
    counts = counts_of(tx, [row.id for row in rows])
    return [
        Edition(
            **{
                **fields(row),
                "state": EditionState(row.state),
                "articles": tuple(row.articles),
                "feeds": tuple(row.feeds),
                "counts": counts[row.id],
            }
        )
        for row in rows
    ]


def read_edition(tx: Connection, number: int) -> Edition:
    """Return one edition. Raises NotFound."""
    found = read_editions(tx, select(*EDITION).where(edition.c.id == number))
    if not found:
        raise NotFound(f"edition {number}", "there is no such edition")
    return found[0]


def state_of(tx: Connection, number: int) -> EditionState:
    """Return an edition's state. Raises NotFound."""
    state = tx.execute(select(edition.c.state).where(edition.c.id == number)).scalar()
    if state is None:
        raise NotFound(f"edition {number}", "there is no such edition")
    return EditionState(state)


def check_state(
    tx: Connection, number: int, states: Collection[EditionState], to: EditionState
) -> None:
    """Raise Conflict, saying what it is instead, unless an edition is in one of `states`."""
    now = state_of(tx, number)
    if now not in states:
        raise Conflict(f"edition {number}", f"it is {now.value} and cannot become {to.value}")


def check_whole(tx: Connection, number: int) -> None:
    """Raise Conflict for an edition whose deliveries were dropped."""
    folded = tx.execute(select(edition.c.folded).where(edition.c.id == number)).scalar()
    if folded is not None:
        reason = f"its deliveries were dropped on {folded.date()}; only their sums are kept"
        raise Conflict(f"edition {number}", reason)


Chosen = tuple[tuple[ArticleId, ...], tuple[ArticleId, ...], tuple[str, ...]]
"""The articles of a selection, those told by title only, and its feeds."""


def chosen_by(tx: Connection, selections: Collection[int]) -> Mapping[int, Chosen]:
    """Return what selections hold; many readers share one, which is read and kept once."""
    columns = (selection.c.id, selection.c.articles, selection.c.more, selection.c.feeds)
    return {
        row.id: (tuple(row.articles), tuple(row.more), tuple(row.feeds))
        for part in chunks(selections)
        for row in tx.execute(select(*columns).where(selection.c.id.in_(part)))
    }


def read_delivery(row: Row[Any], chosen: Chosen) -> Delivery:
    """Return a row of `DELIVERY` with its selection."""
    articles, more, feeds = chosen
    return Delivery(
        id=DeliveryId(row.id),
        edition=EditionId(row.edition),
        subscriber=SubscriberId(row.subscriber),
        email=row.email,
        name=row.name,
        language=row.language,
        timezone=row.timezone,
        sample=row.sample,
        joined=row.joined,
        state=DeliveryState(row.state),
        reason=row.reason,
        attempts=row.attempts,
        articles=articles,
        more=more,
        feeds=feeds,
        message_id=row.message_id,
        transport=row.transport,
        at=row.at,
        since=row.since,
    )


def read_deliveries(tx: Connection, wanted: Select[Any]) -> Sequence[Delivery]:
    """Return the ledger rows a query on `DELIVERY` names."""
    rows = tx.execute(wanted).all()
    chosen = chosen_by(tx, {row.selection for row in rows})
    return [read_delivery(row, chosen[row.selection]) for row in rows]


def taken_up(tx: Connection, number: int, state: DeliveryState) -> dict[int, set[int]]:
    """Return, by reader whose copy stands in a state, what later editions tell them or dealt with.

    Titles count as stories do.
    """
    mine = delivery.alias("mine")
    later = (
        select(delivery.c.subscriber, selection.c.articles, selection.c.more)
        .join(mine, mine.c.subscriber == delivery.c.subscriber)
        .join(selection, selection.c.id == delivery.c.selection)
        .where(mine.c.edition == number, mine.c.state == state.value)
        .where(delivery.c.edition > number)
        .where(or_(delivery.c.state.in_(UNDER_WAY), on(delivery.c.remembered)))
    )
    taken: dict[int, set[int]] = defaultdict(set)
    for row in tx.execute(later):
        taken[row.subscriber].update(row.articles, row.more)
    return taken


def cancel_waiting(tx: Connection, number: int, reason: str, now: Any) -> None:
    """Settle what a cancelled edition has not begun."""
    waiting = (delivery.c.edition == number, delivery.c.state.in_(WAITING))
    ended = {"state": DeliveryState.SUPPRESSED.value, "reason": reason, "due": None, "at": now}
    tx.execute(update(delivery).where(*waiting).values(ended))
