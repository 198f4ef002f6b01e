"""Editions put into their readers' own feeds instead of a mail; serves sending, and who reads them.

A copy in a feed is accepted at once, and the reader's memory moves in the same transaction: nothing
is handed to anybody.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from publisher.model.editions import (
    BY_FEED,
    DeliveryState,
    EditionId,
    EditionState,
    Told,
)
from publisher.model.subscribers import Subscriber, SubscriberId
from publisher.ports import Pacing
from publisher.store.consent import verdicts
from publisher.store.database import Part, Raw, chunks
from publisher.store.edition_rows import chosen_by, state_of
from publisher.store.keeping import is_held, step
from publisher.store.memory import remember
from publisher.store.pacing import postpone
from publisher.store.people import by_number
from publisher.store.schema import delivery, edition, edition_content, subscriber
from publisher.store.selections import read_selection
from publisher.store.types import clean, micros

IN_THEIR_FEED = "in their feed"
"""What the ledger says of such a copy."""

TOLD = (DeliveryState.ACCEPTED.value, DeliveryState.UNCERTAIN.value)
"""States in which a reader is taken to have a copy."""

# CROSS keeps SQLite from walking a whole edition for the sake of a few readers.
DUE = """
SELECT d.id, s.id FROM subscriber s CROSS JOIN delivery d
 WHERE s.by_feed = 1 AND s.id > ? AND d.subscriber = s.id AND d.edition = ?
   AND (d.state = 'queued' OR (d.state = 'deferred' AND d.due <= ?))
 ORDER BY s.id LIMIT ?"""

TAKEN = """
SELECT d.id, d.subscriber, d.selection, d.remembered FROM delivery d
 WHERE d.id {among} ORDER BY d.id"""

FILL = """
UPDATE delivery SET state = 'accepted', reason = ?, transport = ?, at = ?, due = NULL, owner = '',
       refusal = '', remembered = 1
 WHERE id = ?"""

REFUSE = """
UPDATE delivery SET state = 'suppressed', reason = ?, owner = '', due = NULL, at = ? WHERE id = ?"""


class FeedingVerbs(Part):
    """Readers' own feeds."""

    def fill_feeds(
        self,
        edition: EditionId,
        after: SubscriberId,
        now: datetime,
        limit: int = 500,
        pacing: Pacing | None = None,
    ) -> SubscriberId | None:
        """Put an open edition into the feeds of the next readers by feed whose copies are due.

        Returns the last reader looked at, None when there was none. Who must not be written to is
        suppressed, as in a claim; whom `pacing` makes wait is deferred.
        """
        with self._db.write() as tx:
            self._db.hold(tx, edition, shared=True)
            if state_of(tx, edition) is not EditionState.OPEN or is_held(tx):
                return None
            raw = self._db.raw(tx)
            skipping = "" if raw.sqlite else f"{raw.locking('d')} SKIP LOCKED"
            rows = raw.rows(DUE + skipping, after, edition, micros(now), limit)
            may: list[int] = []
            for part in chunks(number for number, _ in rows):
                judged = verdicts(raw, edition, part)
                barred = [one for one in judged.values() if not one.may]
                raw.many(
                    REFUSE, [(clean(one.reason), micros(now), one.delivery) for one in barred]
                )
                may += [one for one in part if judged[one].may]
            if pacing is not None:
                may = postpone(self._db, tx, edition, may, now, pacing)
            fill(raw, may, now)
            count = step(raw) if rows else 0
        if count:
            self._db.noted(count)
        return SubscriberId(rows[-1][1]) if rows else None

    def told(self, subscriber: SubscriberId, limit: int) -> Sequence[Told]:
        """Return what a person's editions told them, by mail or in their feed, newest first."""
        columns = (delivery.c.edition, edition.c.opened, delivery.c.selection)
        mine = (delivery.c.subscriber == subscriber, delivery.c.state.in_(TOLD))
        said = delivery.join(edition).outerjoin(
            edition_content, edition_content.c.edition == delivery.c.edition
        )
        wanted = select(*columns, edition_content.c.version).select_from(said).where(*mine)
        with self._db.read() as tx:
            rows = tx.execute(wanted.order_by(delivery.c.edition.desc()).limit(limit)).all()
            chosen = chosen_by(tx, {row.selection for row in rows})
        return [
            Told(
                edition=EditionId(row.edition),
                opened=row.opened,
                articles=(*articles, *more),
                feeds=feeds,
                version=row.version or 0,
            )
            for row in rows
            for articles, more, feeds in [chosen[row.selection]]
        ]

    def renew_feed(self, subscriber_: SubscriberId, key: str) -> Subscriber:
        """Give a person's feed another key: its address until now is nobody's. Raises NotFound."""
        with self._db.write() as tx:
            found = by_number(tx, subscriber_)
            here = subscriber.c.id == found.id
            tx.execute(update(subscriber).where(here).values(feed_key=key))
            return by_number(tx, subscriber_)


def fill(raw: Raw, deliveries: Sequence[int], now: datetime) -> None:
    """Settle copies as being in their readers' feeds, and move what these remember."""
    for part in chunks(sorted(deliveries)):
        among, numbers = raw.among(part)
        rows = raw.rows(TAKEN.format(among=among) + raw.locking("d"), *numbers)
        values = (clean(IN_THEIR_FEED), BY_FEED, micros(now))
        raw.many(FILL, [(*values, number) for number, *_ in rows])
        chosen = {number: read_selection(raw, number) for number in {row[2] for row in rows}}
        remember(raw, [(reader, chosen[which]) for _, reader, which, known in rows if not known])
