"""The same story from two sources is told once, also while one of the two is under way."""

import random
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import update

from publisher.core.cluster_rules import join
from publisher.core.editing import chooser
from publisher.core.pacing import Pace
from publisher.model.definitions import Cap, Overflow
from publisher.model.editions import DeliveryState, Edition, EditionState, OutcomeState
from publisher.ports import ArticleChanges
from publisher.store import open_store
from publisher.store.schema import article
from publisher.store.store import SqlStore
from publisher.testing.store_alerts import NIGHT
from publisher.testing.store_clusters import take_out, unite
from publisher.testing.store_world import World
from tests.store.conftest import created

AUCKLAND = "Pacific/Auckland"
PACE = Pace(quiet=NIGHT, cap=Cap(), home="UTC")


@pytest.fixture(
    params=["sqlite_store", pytest.param("postgres_store", marks=pytest.mark.postgres)]
)
def store(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def twins(store):
    """A world with one reader, asleep, and two articles of one cluster."""
    world = World(store)
    world.reader("kiri", timezone=AUCKLAND)
    one, two = world.collect("one", "two")
    with store._db.write() as tx:
        tx.execute(update(article).values(cluster=one))
    return world, one, two


def test_a_mate_of_a_story_that_was_alerted_is_not_alerted(twins):
    world, one, two = twins
    edition = world.alert(one)
    assert world.send(edition) == {"kiri": ["one"]}
    assert world.alert(two) is None
    assert world.digest() == {}


def test_a_mate_of_a_story_under_way_waits_with_it(twins):
    world, one, two = twins
    edition = world.alert(one, PACE)
    assert world.alert(two, PACE) is None
    assert world.open() is None
    world.collect("other")
    assert world.digest() == {"kiri": ["other"]}
    world.send(edition)
    world.store.finish_editions(world.now)
    assert world.digest() == {}


def test_a_mate_of_a_cancelled_story_is_owed(twins):
    world, one, _ = twins
    edition = world.alert(one, PACE)
    world.collect("other")
    assert world.digest() == {"kiri": ["other"]}
    world.store.move_edition(edition.id, [EditionState.OPEN], EditionState.CANCELLED, "")
    assert set(world.digest()["kiri"]) == {"one", "two"}  # the choice of one of them is core's


def test_a_cluster_over_the_limit_is_told_next_time_whoever_leads_then(store):
    world = World(store)
    world.reader("ada")
    _, two, three = world.collect("one", "two", "three")
    unite(store, [two, three])
    assert told(world, chooser(1)) == ["one"]
    store.change_article(two, ArticleChanges(hidden=True), world.now)
    assert told(world, chooser(1)) == ["three"]
    store.change_article(two, ArticleChanges(hidden=False), world.now)
    assert told(world, chooser(1)) == []


def test_a_cluster_over_the_limit_is_told_once(store):
    world = World(store)
    world.reader("ada")
    _, two, three = world.collect("one", "two", "three")
    unite(store, [two, three])
    assert told(world, chooser(1)) == ["one"]
    assert told(world, chooser(1)) == ["two"]
    assert told(world, chooser(1)) == []


def told(world, choose):
    """Open an edition, send it, and return the titles that the one reader got."""
    edition = world.store.open_edition(world.intent(), choose)
    if edition is None:
        return []
    (titles,) = world.send(edition).values()
    world.store.finish_editions(world.now)
    return titles


def test_one_story_found_by_many_processes_is_one_cluster(address):
    """Whoever comes second finds what the first one made; nobody waits in a circle."""
    with ExitStack() as stack:
        stores = [stack.enter_context(closing(open_store(*address))) for _ in range(4)]
        numbers = World(stores[0]).collect(*(f"copy {n}" for n in range(12)))
        for turn in range(4):
            pairs = [[numbers[at], numbers[at - 1 - turn]] for at in range(12)]
            with ThreadPoolExecutor(4) as pool:
                work = [
                    pool.submit(unite, stores[n % 4], *random.Random(n).sample(pairs, 12))
                    for n in range(8)
                ]
                for one in work:
                    one.result()
        together = {stores[0].article(number).cluster for number in numbers}
        assert len(together) == 1
        assert sum(not one.follows for one in stores[0].standings(numbers).values()) == 1


class Editor(RuleBasedStateMachine):
    """Stories come, stand together and apart, are told, fail and are hidden, in any order.

    A reader is never told of one story by two of its articles, as they stand when a copy is made; and
    every article is told, unless it stood with one that was told, when that was or since.
    """

    opened: Callable[[], SqlStore]

    def __init__(self) -> None:
        super().__init__()
        self.store = type(self).opened()
        self.world = World(self.store)
        self.world.reader("ada", "harbour", "culture")
        self.stories: list[int] = []
        self.under_way: list[Edition] = []
        self.seen: set[int] = set()
        self.told: set[int] = set()
        self.stood: dict[int, set[int]] = {}
        self.hidden: set[int] = set()

    @rule(count=st.integers(1, 3), feeds=st.sampled_from([("harbour",), ("culture", "harbour")]))
    def collect(self, count: int, feeds: tuple[str, ...]) -> None:
        number = len(self.stories)
        titles = [f"story {n}" for n in range(number, number + count)]
        self.stories += self.world.collect(*titles, feeds=feeds)

    @precondition(lambda self: len(self.stories) > 1)
    @rule(data=st.data(), by_hand=st.booleans())
    def together(self, data: st.DataObject, *, by_hand: bool) -> None:
        few = st.lists(st.sampled_from(self.stories), min_size=2, max_size=3, unique=True)
        articles = data.draw(few)
        if by_hand:
            self.store.settle_clusters(articles, lambda here: join(here, articles))
        else:
            unite(self.store, articles)
        self.remember()

    @precondition(lambda self: self.stories)
    @rule(data=st.data())
    def apart(self, data: st.DataObject) -> None:
        take_out(self.store, data.draw(st.sampled_from(self.stories)))

    @rule(
        limit=st.integers(1, 3),
        feeds=st.sampled_from([("harbour", "culture"), ("harbour",)]),
        overflow=st.sampled_from(Overflow),
    )
    def open(self, limit: int, feeds: tuple[str, ...], overflow: Overflow) -> None:
        intent = self.world.intent(*feeds)
        self.check(self.store.open_edition(intent, chooser(limit, overflow)))

    @precondition(lambda self: self.stories)
    @rule(data=st.data())
    def alert(self, data: st.DataObject) -> None:
        self.check(self.world.alert(data.draw(st.sampled_from(self.stories))))

    def check(self, edition: Edition | None) -> None:
        if edition is None or edition.id in self.seen:
            return  # an alert of a story is one run, however often it is asked for
        self.seen.add(edition.id)
        told = self.copy(edition)
        on_their_way = {one for other in self.under_way for one in self.copy(other)}
        for one in told:
            mates = self.mates(one)
            assert not mates & (told | on_their_way | self.told), (one, mates)
            assert one not in on_their_way | self.told
            self.stood[one] = mates
        self.under_way.append(edition)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), ends=st.sampled_from(["accepted", "failed", "late"]))
    def send(self, data: st.DataObject, ends: str) -> None:
        edition = data.draw(st.sampled_from(self.under_way))
        told = self.copy(edition)
        self.under_way.remove(edition)
        if ends == "late":  # taken for sent, and refused after all
            self.world.send_one(edition, OutcomeState.UNCERTAIN)
            self.store.retry(edition.id, [DeliveryState.UNCERTAIN], self.world.now)
        accepted = ends == "accepted"
        self.world.send_one(edition, OutcomeState.ACCEPTED if accepted else OutcomeState.FAILED)
        self.store.finish_editions(self.world.now)
        if accepted:
            self.told |= told
        for one in () if accepted else told:
            self.stood.pop(one)

    @precondition(lambda self: self.stories)
    @rule(data=st.data(), hidden=st.booleans())
    def hide(self, data: st.DataObject, *, hidden: bool) -> None:
        self.show(data.draw(st.sampled_from(self.stories)), hidden=hidden)

    def show(self, story: int, *, hidden: bool) -> None:
        self.store.change_article(story, ArticleChanges(hidden=hidden), self.world.now)

    def remember(self) -> None:
        for one, mates in self.stood.items():
            mates.update(self.mates(one))

    def mates(self, one: int) -> set[int]:
        return {mate.id for mate in self.store.cluster_mates([one]).get(one, ())}

    def copy(self, edition: Edition) -> set[int]:
        (one,) = self.store.deliveries(edition.id)
        return {*one.articles, *one.more}

    def teardown(self) -> None:
        try:
            while self.under_way:
                edition = self.under_way.pop()
                self.told |= self.copy(edition)
                self.world.send_one(edition)
                self.store.finish_editions(self.world.now)
            for story in self.stories:
                self.show(story, hidden=False)
            while edition := self.store.open_edition(
                self.world.intent("harbour", "culture"), chooser(9)
            ):
                self.check(edition)
                self.under_way.clear()
                self.told |= self.copy(edition)
                self.world.send_one(edition)
                self.store.finish_editions(self.world.now)
            excused = {mate for one in self.told for mate in self.stood.get(one, ())}
            assert set(self.stories) <= self.told | excused
        finally:
            self.store.close()


def test_any_order_of_joining_and_splitting_tells_each_story_once(tmp_path, sqlite_template):
    folders = count()

    def opened() -> SqlStore:
        root = tmp_path / str(next(folders))
        root.mkdir()
        shutil.copy(sqlite_template, root / "publisher.db")
        store = open_store("sqlite:///publisher.db", root)
        with store._db.write() as tx:
            tx.exec_driver_sql("COMMIT")
            tx.exec_driver_sql("PRAGMA synchronous = OFF")  # no power cut happens in this test
            tx.exec_driver_sql("BEGIN IMMEDIATE")
        return store

    machine = type("SqliteEditor", (Editor,), {"opened": staticmethod(opened)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
    )


@pytest.mark.postgres
def test_the_same_on_postgresql(postgres_server, postgres_template, tmp_path):
    with ExitStack() as stack:

        def opened() -> SqlStore:
            fresh = contextmanager(created)(postgres_server, postgres_template)
            return open_store(stack.enter_context(fresh), tmp_path)

        machine = type("PostgresEditor", (Editor,), {"opened": staticmethod(opened)})
        run_state_machine_as_test(
            machine, settings=settings(max_examples=4, stateful_step_count=20, deadline=None)
        )
