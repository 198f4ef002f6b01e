"""Proof 9: somebody unsubscribes, is erased or bounces during a send: no more mail, and accounted for.

What is already under way to them arrives, at most one message a connection (promise 6).
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from publisher.model.editions import Delivery, DeliveryState
from publisher.model.subscribers import SubscriberStatus
from publisher.store.store import SqlStore
from tests.torture.gazette import UNFINISHED, Gazette
from tests.torture.nursery import Nursery, Place
from tests.torture.results import Result, twice
from tests.torture.sink import Sink

TURN = "publisher.store.store:SqlStore.turn"
BOUNCE = "hard bounce: 5.1.1 no such user"


def unsubscribe(store: SqlStore, row: Delivery, now: datetime) -> None:
    store.set_status(row.subscriber, SubscriberStatus.UNSUBSCRIBED, now)


def erase(store: SqlStore, row: Delivery, now: datetime) -> None:
    store.erase(row.subscriber, now)


def bounce(store: SqlStore, row: Delivery, now: datetime) -> None:
    store.suppress(row.email, BOUNCE, now)


WAYS = {"unsubscribed": unsubscribe, "erased": erase, "bounced": bounce}


@dataclass
class Leavers:
    """Editions during which people leave."""

    gazette: Gazette
    sink: Sink
    nursery: Nursery
    dice: random.Random
    count: int = 60
    left: int = 0
    under_way: int = 0
    lost: int = 0
    twice: int = 0
    bound: int = 0
    wrong: list[str] = field(default_factory=list)
    barred: set[str] = field(default_factory=set)

    def round(self, leaving: int) -> None:
        """Stop a sending between two turns, let people leave, let it go on; who got what?"""
        gazette, sink, dice = self.gazette, self.sink, self.dice
        self.refill()
        sink.forget()
        sink.pipelining = dice.random() < 0.7
        gazette.define(connections=dice.choice([1, 4]))
        key = str(gazette.write())
        assert self.nursery.run(gazette.folder, "schedules", "run", "collect", "--key", key) == 0
        place = Place(method=TURN, nth=dice.randint(1, 12), done=dice.random() < 0.5, hold=True)
        worker = self.nursery.start(
            gazette.folder, "schedules", "run", "morning", "--key", key, at=place
        )
        assert worker.reached(), worker.said()
        with gazette.store() as store:
            edition = next(iter(store.editions(limit=1)))
            rows = store.deliveries(edition.id, UNFINISHED)
            gone = {row.id: dice.choice([*WAYS]) for row in dice.sample(rows, leaving)}
            for row in rows:
                if row.id in gone:
                    WAYS[gone[row.id]](store, row, datetime.now(UTC))
        worker.let_go()
        worker.wait()
        self.judge([row for row in rows if row.id in gone], gone)

    def refill(self) -> None:
        """Let as many join as had left."""
        with self.gazette.store() as store:
            there = store.subscribers(status=SubscriberStatus.CONFIRMED)
            self.barred = {one.email for one in store.suppressions()}
        missing = self.count - sum(person.email not in self.barred for person in there)
        self.gazette.subscribe(missing)

    def judge(self, leavers: list[Delivery], ways: dict[int, str]) -> None:
        """Hold what became of everybody against the sink."""
        self.sink.settle()
        copies = self.sink.copies
        with self.gazette.store() as store:
            edition = next(iter(store.editions(limit=1)))
            rows = {row.id: row for row in store.deliveries(edition.id)}
        under_way = {row.id for row in leavers if row.state is DeliveryState.SENDING}
        for row in leavers:
            after, allowed = rows[row.id], int(row.id in under_way)
            if copies[row.email] > allowed:
                self.wrong.append(f"{row.email}, who {ways[row.id]}, got {copies[row.email]}")
            if not allowed and (after.state is not DeliveryState.SUPPRESSED or not after.reason):
                self.wrong.append(f"{row.email} is {after.state} ({after.reason})")
        if not edition.complete or sum(edition.counts.values()) != edition.audience:
            self.wrong.append(f"edition {edition.id} does not add up: {edition.counts}")
        gone = {row.id for row in leavers}
        stayed = {row.email for number, row in rows.items() if number not in gone} - self.barred
        self.lost += sum(not copies[email] for email in stayed)
        self.twice += sum(count > 1 for count in copies.values())
        self.left += len(leavers)
        self.under_way += sum(copies[row.email] for row in leavers)
        self.bound += self.gazette.connections


@pytest.fixture
def leavers(gazette: Gazette, sink: Sink, nursery: Nursery) -> Leavers:
    return Leavers(gazette, sink, nursery, random.Random(9))


def result(leavers: Leavers, rounds: int, kind: str) -> Result:
    return Result(
        proof=9,
        fault=f"{leavers.left} people unsubscribed, erased or bounced during a send, {kind}",
        rounds=rounds,
        lost=leavers.lost,
        twice=leavers.twice,
        uncertain=leavers.under_way,
        bound=leavers.bound,
        wrong=(*leavers.wrong, *twice(leavers.twice)),
    )


def test_people_who_leave_during_a_send(leavers, kind, report):
    for _ in range(2):
        leavers.round(20)
    report(result(leavers, 2, kind))


@pytest.mark.torture
def test_many_people_who_leave_during_a_send(leavers, kind, report):
    for _ in range(15):
        leavers.round(20)
    report(result(leavers, 15, kind))
