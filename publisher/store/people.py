"""Reading people, and joining new ones to those known; serves the subscriber verbs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, insert, select, update

from publisher.errors import NotFound
from publisher.model.subscribers import (
    ImportVerdict,
    NewSubscriber,
    Subscriber,
    SubscriberId,
    SubscriberKind,
    SubscriberStatus,
    Subscription,
)
from publisher.store.addresses import address_key
from publisher.store.database import Database, chunks, fields
from publisher.store.memory import begin
from publisher.store.schema import subscriber, subscription, suppression
from publisher.store.types import clean, one_line

# What a person is shown as: suppressed is a fact about the address, unsubscribed their own word.
shown_as = case(
    (
        and_(
            suppression.c.address.is_not(None),
            subscriber.c.status != SubscriberStatus.UNSUBSCRIBED.value,
        ),
        SubscriberStatus.SUPPRESSED.value,
    ),
    else_=subscriber.c.status,
)

people = (
    select(
        subscriber.c.id,
        subscriber.c.email,
        subscriber.c.name,
        subscriber.c.language,
        subscriber.c.timezone,
        shown_as.label("status"),
        subscriber.c.kind,
        subscriber.c.joined,
        subscriber.c.consent_at,
        subscriber.c.sample,
        subscriber.c.by_feed,
        subscriber.c.feed_key,
    )
    .select_from(subscriber)
    .outerjoin(suppression, suppression.c.address == subscriber.c.address)
    .where(subscriber.c.erased.is_(None))
)


def read_people(tx: Connection, wanted: Select[Any]) -> list[Subscriber]:
    """Return the people a query on `people` names, with their subscriptions."""
    rows = tx.execute(wanted).all()
    has: dict[int, list[Subscription]] = defaultdict(list)
    for part in chunks(row.id for row in rows):
        listed = select(subscription).where(subscription.c.subscriber.in_(part))
        for one in tx.execute(listed.order_by(subscription.c.feed, subscription.c.schedule)):
            has[one.subscriber].append(
                Subscription(feed=one.feed, schedule=one.schedule, since=one.since)
            )
    return [
        Subscriber(
            **{
                **fields(row),
                "status": SubscriberStatus(row.status),
                "kind": SubscriberKind(row.kind),
                "subscriptions": tuple(has[row.id]),
            }
        )
        for row in rows
    ]


def only_one(tx: Connection, named: Any, name: str) -> Subscriber:
    """Return the one person a condition names. Raises NotFound."""
    found = read_people(tx, people.where(named))
    if not found:
        raise NotFound(name, "there is no such subscriber")
    return found[0]


def by_number(tx: Connection, number: SubscriberId) -> Subscriber:
    """Return one person. Raises NotFound (also for one who was erased)."""
    return only_one(tx, subscriber.c.id == number, f"subscriber {number}")


class Joining:
    """Rows of an import meeting those known, inside one transaction."""

    def __init__(self, database: Database, tx: Connection, now: datetime) -> None:
        self._db = database
        self._tx = tx
        self._now = now

    def join(self, rows: Sequence[NewSubscriber]) -> list[ImportVerdict]:
        """Add or update people; return one verdict per row, in order."""
        keys = [clean(address_key(row.email)) for row in rows]
        pairs = list(zip(keys, rows, strict=True))
        self._suppress(rows, keys)
        barred = self._barred(keys)
        known = self._known(keys)
        new: dict[str, NewSubscriber] = {}
        for key, row in pairs:
            if key not in known:
                new.setdefault(key, row)
        added = self._add(new)
        verdicts: list[ImportVerdict] = []
        seen: set[str] = set()
        for key, row in pairs:
            first = key not in seen
            seen.add(key)
            if key in added and first:
                verdict = ImportVerdict.SUPPRESSED if key in barred else ImportVerdict.ADDED
            else:
                verdict = self._meet(known.get(key) or added[key], row, barred=key in barred)
                verdict = verdict if first else ImportVerdict.DUPLICATE
            verdicts.append(verdict)
        return verdicts

    def _suppress(self, rows: Sequence[NewSubscriber], keys: Sequence[str]) -> None:
        """Write suppressions for rows that come as suppressed."""
        for key, row in zip(keys, rows, strict=True):
            if row.status is SubscriberStatus.SUPPRESSED:
                kept = {
                    "address": key,
                    "email": row.email,
                    "reason": "came as suppressed",
                    "since": self._now,
                }
                upsert = self._db.insert(suppression).values(kept)
                self._tx.execute(upsert.on_conflict_do_nothing())

    def _barred(self, keys: Sequence[str]) -> set[str]:
        return {
            found
            for part in chunks(set(keys))
            for found in self._tx.execute(
                select(suppression.c.address).where(suppression.c.address.in_(part))
            ).scalars()
        }

    def _known(self, keys: Sequence[str]) -> dict[str, "_Known"]:
        found: dict[int, _Known] = {}
        keyed: dict[str, _Known] = {}
        for part in chunks(set(keys)):
            for row in self._tx.execute(select(subscriber).where(subscriber.c.address.in_(part))):
                keyed[row.address] = found[row.id] = _Known(row.id, fields(row))
        for part in chunks(found):
            listed = select(subscription).where(subscription.c.subscriber.in_(part))
            for one in self._tx.execute(listed):
                found[one.subscriber].pairs.add((one.feed, one.schedule))
        return keyed

    def _add(self, rows: dict[str, NewSubscriber]) -> dict[str, "_Known"]:
        """Insert people never seen, by key."""
        if not rows:
            return {}
        written: list[dict[str, Any]] = [
            {
                "address": key,
                "email": row.email,
                "name": one_line(row.name),
                "language": row.language,
                "timezone": row.timezone,
                "status": _first_status(row).value,
                "kind": SubscriberKind.PERSON.value,
                "joined": self._now,
                "consent_at": row.consent_at,
                "sample": row.sample,
                "by_feed": bool(row.by_feed),
            }
            for key, row in rows.items()
        ]
        inserted = insert(subscriber).returning(subscriber.c.id, subscriber.c.address)
        numbers = {row.address: row.id for row in self._tx.execute(inserted, written)}
        added = {
            key: _Known(numbers[key], values) for key, values in zip(rows, written, strict=True)
        }
        for key, row in rows.items():
            added[key].pairs.update(row.subscriptions)
        self._subscribe([(known.id, pair) for known in added.values() for pair in known.pairs])
        begin(
            self._db,
            self._tx,
            [(known.id, feed) for known in added.values() for feed, _ in known.pairs],
        )
        return added

    def _meet(self, known: "_Known", row: NewSubscriber, *, barred: bool) -> ImportVerdict:
        """Bring what a row says to someone known."""
        if known.row["status"] == SubscriberStatus.UNSUBSCRIBED.value:
            same = row.status is SubscriberStatus.UNSUBSCRIBED
            return ImportVerdict.SAME if same else ImportVerdict.REFUSED
        if barred:
            return ImportVerdict.SUPPRESSED
        values = _differences(known, row)
        fresh = set() if row.implied else set(row.subscriptions) - known.pairs
        if not values and not fresh:
            return ImportVerdict.SAME
        had = {feed for feed, _ in known.pairs}
        begun = {feed for feed, _ in fresh} - had
        if values.get("status") == SubscriberStatus.CONFIRMED.value:
            begun |= had
        if values:
            changed = update(subscriber).where(subscriber.c.id == known.id).values(values)
            self._tx.execute(changed)
            known.row.update(values)
        self._subscribe([(known.id, pair) for pair in fresh])
        known.pairs |= fresh
        begin(self._db, self._tx, [(known.id, feed) for feed in begun])
        return ImportVerdict.UPDATED

    def _subscribe(self, pairs: Sequence[tuple[int, tuple[str, str]]]) -> None:
        rows = [
            {"subscriber": person, "feed": feed, "schedule": schedule, "since": self._now}
            for person, (feed, schedule) in sorted(pairs)
        ]
        if rows:
            self._tx.execute(insert(subscription), rows)


@dataclass(slots=True)
class _Known:
    """Someone known: their number, their row as it stands, their (feed, schedule) pairs."""

    id: int
    row: dict[str, Any]
    pairs: set[tuple[str, str]] = field(default_factory=set)


def _first_status(row: NewSubscriber) -> SubscriberStatus:
    """Return the status a new row begins with; below a suppression it is what consent allows."""
    if row.status is not SubscriberStatus.SUPPRESSED:
        return row.status
    return SubscriberStatus.CONFIRMED if row.consent_at else SubscriberStatus.PENDING


# What a row may make of someone known: consent counts, withdrawing it counts, nothing revives.
MOVES = {
    (SubscriberStatus.PENDING, SubscriberStatus.CONFIRMED),
    (SubscriberStatus.CONFIRMED, SubscriberStatus.PAUSED),
    (SubscriberStatus.PENDING, SubscriberStatus.UNSUBSCRIBED),
    (SubscriberStatus.CONFIRMED, SubscriberStatus.UNSUBSCRIBED),
    (SubscriberStatus.PAUSED, SubscriberStatus.UNSUBSCRIBED),
}


def _differences(known: _Known, row: NewSubscriber) -> dict[str, Any]:
    """Return the columns that a row changes; an empty field says nothing."""
    said = {"name": one_line(row.name), "language": row.language, "timezone": row.timezone}
    values: dict[str, Any] = {
        key: value for key, value in said.items() if value and clean(value) != known.row[key]
    }
    if (SubscriberStatus(known.row["status"]), row.status) in MOVES:
        values["status"] = row.status.value
    if row.consent_at is not None and known.row["consent_at"] is None:
        values["consent_at"] = row.consent_at
    if row.by_feed is not None and row.by_feed != known.row["by_feed"]:
        values["by_feed"] = row.by_feed
    if known.row["sample"] and not row.sample:
        values["sample"] = False
    return values
