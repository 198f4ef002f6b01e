"""Our own WebSub hub: requests, subscriptions, and who has not heard of a change; serves core.hubbing.

Several processes may do the work: who takes a piece holds it until an instant. A change that comes
while another is brought is told by its number, so that settling the one never loses the other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, Table, case, delete, func, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from publisher.model.hubs import (
    HubAnswer,
    HubFigures,
    HubMode,
    HubRequest,
    IntentId,
    PendingIntent,
    PendingPing,
    PendingPush,
    PingId,
    PushId,
    TopicFigures,
)
from publisher.store.database import Part, chunks
from publisher.store.hub_schema import intent, ping, subscription, topic
from publisher.store.types import Instant

PAIR = ["topic", "callback"]
LONGEST_ERROR = 300


class HubVerbs(Part):
    """One row a topic, a request, a subscription, and a ping to another hub."""

    def tell_topics(
        self, topics: Mapping[str, str], hubs: Sequence[str], now: datetime
    ) -> Sequence[str]:
        """Compare topics with what was told last, and note for whom a change waits."""
        with self._db.read() as connection:
            if _told(connection) == topics:
                return ()
        with self._db.write() as tx:
            before = _told(tx, alone=True)
            changed = [name for name, digest in topics.items() if before.get(name) != digest]
            for name in changed:
                made = self._db.insert(topic).values(topic=name, digest=topics[name])
                tx.execute(
                    made.on_conflict_do_update(
                        index_elements=["topic"], set_={"digest": topics[name]}
                    )
                )
            for some in chunks(name for name in before if name not in topics):
                for table in (topic, subscription, ping):
                    tx.execute(delete(table).where(table.c.topic.in_(some)))
            for some in chunks(changed):
                due = update(subscription).where(subscription.c.topic.in_(some))
                tx.execute(due.values(due=now, since=None, change=subscription.c.change + 1))
            for hub in hubs:
                self._ping(tx, hub, changed, now)
            return changed

    def _ping(self, tx: Connection, hub: str, topics: Sequence[str], now: datetime) -> None:
        for name in topics:
            made = self._db.insert(ping).values(hub=hub, topic=name, due=now)
            again = {"due": now, "since": None, "change": ping.c.change + 1}
            tx.execute(made.on_conflict_do_update(index_elements=["hub", "topic"], set_=again))

    def ask_hub(
        self, request: HubRequest, now: datetime, *, total: int, per_host: int
    ) -> HubAnswer:
        """Keep a request until its intent is verified."""
        with self._db.write() as tx:
            refusal = _refusal(tx, request, total, per_host)
            if refusal is not None:
                return refusal
            same = (intent.c.topic == request.topic, intent.c.callback == request.callback)
            tx.execute(delete(intent).where(*same))
            values = {
                "topic": request.topic,
                "callback": request.callback,
                "host": request.host,
                "secret": request.secret,
                "mode": request.mode.value,
                "lease": int(request.lease.total_seconds()),
                "made": now,
                "due": now,
                "since": None,
            }
            made = self._db.insert(intent).values(values)
            tx.execute(made.on_conflict_do_update(index_elements=PAIR, set_=values))
            return HubAnswer.TAKEN

    def take_intent(self, now: datetime, until: datetime) -> PendingIntent | None:
        """Return the request that has been due longest; nobody else takes it until then."""
        first = select(intent.c.id).where(intent.c.due <= now).order_by(intent.c.due, intent.c.id)
        with self._db.write() as tx:
            row = _take(tx, intent, first, {"due": until})
            if row is None:
                return None
            known = select(topic.c.topic).where(topic.c.topic == row.topic)
            return PendingIntent(
                id=IntentId(row.id),
                request=HubRequest(
                    mode=HubMode(row.mode),
                    topic=row.topic,
                    callback=row.callback,
                    host=row.host,
                    secret=row.secret,
                    lease=timedelta(seconds=row.lease),
                ),
                known=tx.execute(known).first() is not None,
                since=row.since,
            )

    def put_off_intent(self, number: IntentId, since: datetime, due: datetime) -> None:
        """Have a request verified again."""
        with self._db.write() as tx:
            tx.execute(update(intent).where(intent.c.id == number).values(since=since, due=due))

    def confirm_intent(self, number: IntentId, now: datetime) -> bool:
        """Do what was asked for."""
        with self._db.write() as tx:
            gone = delete(intent).where(intent.c.id == number).returning(*intent.c)
            row = tx.execute(gone).first()
            if row is None:
                return False
            if row.mode == HubMode.UNSUBSCRIBE.value:
                same = (
                    subscription.c.topic == row.topic,
                    subscription.c.callback == row.callback,
                )
                tx.execute(delete(subscription).where(*same))
                return True
            named = {"host": row.host, "secret": row.secret}
            kept = {**named, "until": now + timedelta(seconds=row.lease)}
            made = self._db.insert(subscription).values(
                topic=row.topic, callback=row.callback, **kept
            )
            tx.execute(made.on_conflict_do_update(index_elements=PAIR, set_=kept))
            return True

    def drop_intent(self, number: IntentId) -> None:
        """Forget a request."""
        with self._db.write() as tx:
            tx.execute(delete(intent).where(intent.c.id == number))

    def take_push(self, now: datetime, until: datetime) -> PendingPush | None:
        """Return the subscription that has waited longest for a change."""
        first = _first(subscription, now).where(subscription.c.until > now)
        with self._db.write() as tx:
            row = _take(tx, subscription, first, {"held": until})
        if row is None:
            return None
        return PendingPush(
            id=PushId(row.id),
            topic=row.topic,
            callback=row.callback,
            host=row.host,
            secret=row.secret,
            change=row.change,
            since=row.since,
        )

    def settle_push(self, number: PushId, change: int) -> None:
        """Note that a change was taken."""
        with self._db.write() as tx:
            done = update(subscription).where(subscription.c.id == number)
            due = _unless_newer(subscription, change, None)
            tx.execute(done.values(due=due, held=None, since=None, error=""))

    def put_off_push(
        self, number: PushId, change: int, since: datetime, due: datetime | None, error: str
    ) -> None:
        """Have a change brought again."""
        with self._db.write() as tx:
            later = update(subscription).where(subscription.c.id == number)
            when = _unless_newer(subscription, change, due)
            reason = error[:LONGEST_ERROR]
            tx.execute(later.values(due=when, held=None, since=since, error=reason))

    def drop_subscription(self, number: PushId) -> None:
        """End a subscription."""
        with self._db.write() as tx:
            tx.execute(delete(subscription).where(subscription.c.id == number))

    def take_ping(self, now: datetime, until: datetime) -> PendingPing | None:
        """Return the ping that has been due longest."""
        with self._db.write() as tx:
            row = _take(tx, ping, _first(ping, now), {"held": until})
        if row is None:
            return None
        return PendingPing(
            id=PingId(row.id), hub=row.hub, topic=row.topic, change=row.change, since=row.since
        )

    def settle_ping(self, number: PingId, change: int) -> None:
        """Note that a hub has heard of a change."""
        with self._db.write() as tx:
            mine = ping.c.id == number
            tx.execute(delete(ping).where(mine, ping.c.change == change))
            tx.execute(update(ping).where(mine).values(held=None, since=None, error=""))

    def put_off_ping(
        self, number: PingId, change: int, since: datetime, due: datetime, error: str
    ) -> None:
        """Have a hub told again."""
        with self._db.write() as tx:
            later = update(ping).where(ping.c.id == number)
            when, reason = _unless_newer(ping, change, due), error[:LONGEST_ERROR]
            tx.execute(later.values(due=when, held=None, since=since, error=reason))

    def hub_due(self, now: datetime) -> int:
        """Return how many pieces of work are due."""
        wanted = [
            select(func.count()).select_from(intent).where(intent.c.due <= now),
            select(func.count()).select_from(_first(subscription, now).subquery()),
            select(func.count()).select_from(_first(ping, now).subquery()),
        ]
        with self._db.read() as connection:
            return sum(connection.execute(one).scalar_one() for one in wanted)

    def sweep_hub(self, now: datetime, old: datetime) -> int:
        """End what is over."""
        over = (
            (subscription, subscription.c.until <= now),
            (intent, intent.c.made <= old),
        )
        with self._db.read() as connection:
            found = [select(table.c.id).where(ended).limit(1) for table, ended in over]
            if all(connection.execute(one).first() is None for one in found):
                return 0
        with self._db.write() as tx:
            return sum(tx.execute(delete(table).where(ended)).rowcount for table, ended in over)

    def topic_figures(self) -> Sequence[TopicFigures]:
        """Return every topic with its subscriptions."""
        wanted = (
            select(
                topic.c.topic,
                func.count(subscription.c.id).label("subscribers"),
                func.count(subscription.c.due).label("waiting"),
                func.count(subscription.c.since).label("failing"),
                func.max(subscription.c.until).label("until"),
            )
            .select_from(topic.outerjoin(subscription, subscription.c.topic == topic.c.topic))
            .group_by(topic.c.topic)
            .order_by(topic.c.topic)
        )
        with self._db.read() as connection:
            return [TopicFigures(**row) for row in connection.execute(wanted).mappings()]

    def hub_figures(self) -> Sequence[HubFigures]:
        """Return the other hubs that have something to hear."""
        wanted = (
            select(
                ping.c.hub,
                func.count().label("waiting"),
                func.min(ping.c.since).label("since"),
                func.max(ping.c.error).label("error"),
            )
            .group_by(ping.c.hub)
            .order_by(ping.c.hub)
        )
        with self._db.read() as connection:
            return [HubFigures(**row) for row in connection.execute(wanted).mappings()]


def _told(connection: Connection, *, alone: bool = False) -> dict[str, str]:
    """Return the digests told last; `alone` has others who compare wait for the commit."""
    rows = select(topic).order_by(topic.c.topic)
    found = connection.execute(rows.with_for_update() if alone else rows)
    return {row.topic: row.digest for row in found}


def _refusal(tx: Connection, request: HubRequest, total: int, per_host: int) -> HubAnswer | None:
    """Return why a request is not kept; None keeps it."""
    known = select(topic.c.topic).where(topic.c.topic == request.topic)
    mine = [
        select(table.c.id).where(
            table.c.topic == request.topic, table.c.callback == request.callback
        )
        for table in (subscription, intent)
    ]
    if any(tx.execute(one).first() is not None for one in mine):
        return None  # another request about the same takes no more room
    if request.mode is HubMode.UNSUBSCRIBE:
        return HubAnswer.NO_SUBSCRIPTION
    if tx.execute(known).first() is None:
        return HubAnswer.NO_TOPIC
    if _count(tx) >= total:
        return HubAnswer.FULL
    if _count(tx, request.host) >= per_host:
        return HubAnswer.HOST_FULL
    return None


def _count(tx: Connection, host: str | None = None) -> int:
    """Return how many subscriptions and requests there are, of one host or in all."""
    wanted = [select(func.count()).select_from(table) for table in (subscription, intent)]
    if host is not None:
        tables = (subscription, intent)
        wanted = [
            one.where(table.c.host == host) for one, table in zip(wanted, tables, strict=True)
        ]
    return sum(tx.execute(one).scalar_one() for one in wanted)


def _first(table: Table, now: datetime) -> Select[Any]:
    """Return the work of a table that is due and that nobody holds, oldest first."""
    free = or_(table.c.held.is_(None), table.c.held <= now)
    return select(table.c.id).where(table.c.due <= now, free).order_by(table.c.due, table.c.id)


def _take(tx: Connection, table: Table, first: Select[Any], mark: Mapping[str, datetime]) -> Any:
    """Mark and return the first row that nobody else is taking; None when there is none."""
    number = tx.execute(first.limit(1).with_for_update(skip_locked=True)).scalar()
    if number is None:
        return None
    taken = update(table).where(table.c.id == number).values(**mark)
    return tx.execute(taken.returning(*table.c)).one()


def _unless_newer(table: Table, change: int, due: datetime | None) -> ColumnElement[Any]:
    """Return when work is due next: as told, or at once when another change came meanwhile."""
    return case((table.c.change == change, literal(due, Instant())), else_=table.c.due)
