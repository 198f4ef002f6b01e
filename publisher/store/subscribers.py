"""People and suppressions; serves core.subscribing, the command line and the pages.

A suppression belongs to an address, not to a person: whoever has a suppressed address is shown (and
treated) as suppressed until it is lifted, and what they were before is kept.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from publisher.errors import NotFound
from publisher.model.subscribers import (
    ImportVerdict,
    NewSubscriber,
    Subscriber,
    SubscriberId,
    SubscriberStatus,
    Suppression,
)
from publisher.store.addresses import address_key
from publisher.store.database import Part, fields
from publisher.store.memory import begin
from publisher.store.people import (
    Joining,
    by_number,
    only_one,
    people,
    read_people,
    shown_as,
)
from publisher.store.schema import (
    letter,
    memory,
    reader_exception,
    subscriber,
    subscription,
    suppression,
)
from publisher.store.types import one_line


class SubscriberVerbs(Part):
    """Who gets what, and who must not."""

    def add_subscriber(
        self, new: NewSubscriber, now: datetime
    ) -> tuple[Subscriber, ImportVerdict]:
        """Add or update by address: joins subscriptions, never revives an unsubscribed one.

        The verdict is REFUSED for someone who unsubscribed (nothing was changed) and SUPPRESSED
        for a suppressed address (kept on file, never written to).
        """
        with self._db.write() as tx:
            (verdict,) = Joining(self._db, tx, now).join([new])
            return only_one(tx, subscriber.c.address == address_key(new.email), new.email), verdict

    def import_subscribers(
        self, rows: Sequence[NewSubscriber], now: datetime
    ) -> Sequence[ImportVerdict]:
        """Add many in one transaction (callers pass chunks); one verdict per row, in order."""
        with self._db.write() as tx:
            return Joining(self._db, tx, now).join(rows)

    def subscriber(self, subscriber: SubscriberId) -> Subscriber:
        """Return one. Raises NotFound (also for one who was erased)."""
        with self._db.read() as tx:
            return by_number(tx, subscriber)

    def find_subscriber(self, email: str) -> Subscriber:
        """Return by address, case-insensitively. Raises NotFound."""
        with self._db.read() as tx:
            return only_one(tx, subscriber.c.address == address_key(email), email)

    def subscribers(
        self,
        *,
        status: SubscriberStatus | None = None,
        after: SubscriberId | None = None,
        limit: int | None = None,
    ) -> Sequence[Subscriber]:
        """Return people ordered by id; erased ones are not listed."""
        wanted = people.order_by(subscriber.c.id).limit(limit)
        if status is not None:
            wanted = wanted.where(shown_as == status.value)
        if after is not None:
            wanted = wanted.where(subscriber.c.id > after)
        with self._db.read() as tx:
            return read_people(tx, wanted)

    def reader_zones(self) -> Sequence[str]:
        """Return the different time zones of confirmed subscribers ("" for who named none)."""
        here = (
            subscriber.c.status == SubscriberStatus.CONFIRMED.value,
            subscriber.c.erased.is_(None),
        )
        wanted = select(subscriber.c.timezone).where(*here).distinct()
        with self._db.read() as tx:
            return sorted(tx.execute(wanted).scalars())

    def count_subscribers(self) -> int:
        """Return how many there are in any state, erased ones included (they were here)."""
        with self._db.read() as tx:
            return int(tx.execute(select(func.count()).select_from(subscriber)).scalar_one())

    def set_status(
        self, subscriber: SubscriberId, status: SubscriberStatus, now: datetime
    ) -> Subscriber:
        """Change the status (idempotent). Queued copies are settled when their turn comes.

        Who comes (back) to `confirmed` begins now, like a newcomer; SUPPRESSED suppresses the
        address. Raises NotFound.
        """
        with self._db.write() as tx:
            person = by_number(tx, subscriber)
            if status is SubscriberStatus.SUPPRESSED:
                self._suppress(tx, person.email, "by the operator", now)
            else:
                self._set_status(tx, person, status, now)
            return by_number(tx, subscriber)

    def subscribe(
        self, subscriber: SubscriberId, subscriptions: Sequence[tuple[str, str]], now: datetime
    ) -> Subscriber:
        """Set exactly these (feed, schedule) pairs; memory of feeds had before is kept.

        A feed that only changes its schedule goes on where it was. Raises NotFound.
        """
        wanted = set(subscriptions)
        with self._db.write() as tx:
            person = by_number(tx, subscriber)
            had = {(one.feed, one.schedule) for one in person.subscriptions}
            _drop(tx, subscriber, had - wanted)
            fresh = [
                {"subscriber": subscriber, "feed": feed, "schedule": schedule, "since": now}
                for feed, schedule in sorted(wanted - had)
            ]
            if fresh:
                tx.execute(insert(subscription), fresh)
            begun = {feed for feed, _ in wanted} - {feed for feed, _ in had}
            begin(self._db, tx, [(subscriber, feed) for feed in begun])
            return by_number(tx, subscriber)

    def change_subscriber(
        self,
        subscriber: SubscriberId,
        *,
        name: str | None = None,
        language: str | None = None,
        timezone: str | None = None,
        by_feed: bool | None = None,
    ) -> Subscriber:
        """Change what a person says of themselves; None leaves it. Raises NotFound.

        Who changes from mail to feed or back goes on where they were: memory is one for both.
        """
        asked: dict[str, Any] = {
            "name": name and one_line(name),
            "language": language,
            "timezone": timezone,
            "by_feed": by_feed,
        }
        values = {key: value for key, value in asked.items() if value is not None}
        with self._db.write() as tx:
            if values:
                _change(tx, subscriber, values)
            return by_number(tx, subscriber)

    def suppress(self, email: str, reason: str, now: datetime) -> None:
        """Never write to this address again (idempotent; needs no subscriber)."""
        with self._db.write() as tx:
            self._suppress(tx, email, reason, now)

    def unsuppress(self, email: str) -> bool:
        """Lift a suppression; False when there was none."""
        gone = delete(suppression).where(suppression.c.address == address_key(email))
        with self._db.write() as tx:
            return tx.execute(gone).rowcount > 0

    def barred(self, email: str) -> str:
        """Return why an address must not be written to, "" when it may be."""
        wanted = select(suppression.c.reason).where(suppression.c.address == address_key(email))
        with self._db.read() as tx:
            return tx.execute(wanted).scalar() or ""

    def suppressions(self) -> Sequence[Suppression]:
        """Return all suppressions, oldest first."""
        columns = (suppression.c.email, suppression.c.reason, suppression.c.since)
        wanted = select(*columns).order_by(suppression.c.since, suppression.c.address)
        with self._db.read() as tx:
            return [Suppression(**fields(row)) for row in tx.execute(wanted)]

    def erase(self, subscriber: SubscriberId, now: datetime) -> None:
        """Forget a person: ledger rows stay countable without the address; a suppression stays.

        Erasing twice is as erasing once. Raises NotFound for a number never given.
        """
        nobody = {
            "address": f"erased:{subscriber}",
            "email": "",
            "name": "",
            "language": "",
            "timezone": "",
            "status": SubscriberStatus.UNSUBSCRIBED.value,
            "consent_at": None,
            "by_feed": False,
            "feed_key": "",
            "erased": now,
        }
        with self._db.write() as tx:
            _change(tx, subscriber, nobody)
            for table in (subscription, memory, reader_exception, letter):
                tx.execute(delete(table).where(table.c.subscriber == subscriber))

    def _suppress(self, tx: Connection, email: str, reason: str, now: datetime) -> None:
        row = {"address": address_key(email), "email": email, "reason": reason, "since": now}
        tx.execute(self._db.insert(suppression).values(row).on_conflict_do_nothing())

    def _set_status(
        self, tx: Connection, person: Subscriber, status: SubscriberStatus, now: datetime
    ) -> None:
        values: dict[str, Any] = {"status": status.value}
        before = tx.execute(
            select(subscriber.c.status).where(subscriber.c.id == person.id)
        ).scalar_one()
        if status is SubscriberStatus.CONFIRMED and before != status.value:
            withdrawn = before == SubscriberStatus.UNSUBSCRIBED.value
            values["consent_at"] = now if withdrawn else person.consent_at or now
            begin(self._db, tx, [(person.id, one.feed) for one in person.subscriptions])
        _change(tx, person.id, values)


def _change(tx: Connection, number: SubscriberId, values: dict[str, Any]) -> None:
    """Change a person's row. Raises NotFound."""
    changed = tx.execute(update(subscriber).where(subscriber.c.id == number).values(values))
    if changed.rowcount == 0:
        raise NotFound(f"subscriber {number}", "there is no such subscriber")


def _drop(tx: Connection, number: SubscriberId, pairs: set[tuple[str, str]]) -> None:
    for feed, schedule in pairs:
        tx.execute(
            delete(subscription).where(
                subscription.c.subscriber == number,
                subscription.c.feed == feed,
                subscription.c.schedule == schedule,
            )
        )
