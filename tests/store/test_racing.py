"""Several processes on one store: nothing is done twice, nothing is lost (promises 1 to 3)."""

import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic

import pytest

from publisher.model.editions import DeliveryState, EditionId, OutcomeState
from publisher.model.timetable import RunState
from publisher.ports import LEASE, ArticleChanges
from publisher.store import open_store
from publisher.store.database import begin_writing
from publisher.store.store import SqlStore
from publisher.testing.store_world import DAILY, MINUTE, NOON, World, outcome, planned, take

WORKERS = 4
Address = tuple[str, Path]


@pytest.fixture
def stores(address: Address) -> Iterator[list[SqlStore]]:
    """The same store, opened as by as many processes."""
    with ExitStack() as stack:
        yield [stack.enter_context(closing(open_store(*address))) for _ in range(WORKERS)]


class Contended:
    """A driver's connection to a database that somebody else writes to for a few tries."""

    def __init__(
        self, tries: int, code: int = sqlite3.SQLITE_BUSY, patience: int = 10_000
    ) -> None:
        self.tries, self.code, self.patience = tries, code, patience
        self.said: list[str] = []

    def execute(self, statement: str) -> list[tuple[int]]:
        self.said.append(statement)
        if statement == "BEGIN IMMEDIATE" and self.said.count(statement) <= self.tries:
            error = sqlite3.OperationalError("no")
            error.sqlite_errorcode = self.code
            raise error
        return [(self.patience,)]

    @property
    def asked(self) -> int:
        return self.said.count("BEGIN IMMEDIATE")


def test_who_waits_to_write_looks_again_and_again_by_itself() -> None:
    """SQLite's own waiting sleeps up to a tenth of a second between two looks."""
    contended = Contended(3)
    begin_writing(contended)
    assert contended.asked == 4
    first, last = (contended.said.index(f"PRAGMA busy_timeout = {n}") for n in (0, 10_000))
    assert first < contended.said.index("BEGIN IMMEDIATE") < last


@pytest.mark.parametrize(
    "contended", [Contended(1, code=sqlite3.SQLITE_FULL), Contended(1_000_000, patience=0)]
)
def test_who_cannot_begin_to_write_hears_why_and_is_as_patient_as_before(
    contended: Contended,
) -> None:
    with pytest.raises(sqlite3.OperationalError):
        begin_writing(contended)
    assert contended.asked == 1
    assert contended.said[-1] == f"PRAGMA busy_timeout = {contended.patience}"


def race(stores: list[SqlStore], work: Callable[[SqlStore, int], None]) -> None:
    """Let every store work at once; the first error of any is raised."""
    barrier = threading.Barrier(len(stores))
    errors: list[BaseException] = []

    def run(store: SqlStore, number: int) -> None:
        try:
            barrier.wait()
            work(store, number)
        except BaseException as error:  # noqa: BLE001  raised again below, in the test's thread
            errors.append(error)

    threads = [
        threading.Thread(target=run, args=(store, number)) for number, store in enumerate(stores)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_a_slot_is_opened_once(stores):
    stores[0].start_schedule(DAILY, "f", NOON)
    won: Counter[int] = Counter()

    def tick(store: SqlStore, number: int) -> None:
        for slot in range(15):
            cursor = NOON + slot * MINUTE
            runs = store.advance_schedule(DAILY, cursor, cursor + MINUTE, [planned(f"slot{slot}")])
            won[number] += len(runs)

    race(stores, tick)
    assert sum(won.values()) == 15
    assert len(stores[0].history(DAILY)) == 15
    assert stores[0].schedule_states()[DAILY].cursor == NOON + 15 * MINUTE


def test_a_schedule_is_started_by_one(stores):
    won = []
    race(stores, lambda store, number: won.append(store.start_schedule(DAILY, str(number), NOON)))
    assert sorted(won) == [False] * (WORKERS - 1) + [True]


def test_a_key_becomes_one_run(stores):
    made = []
    race(stores, lambda store, _: made.append(store.add_run(DAILY, planned("manual:x"))))
    assert sorted(created for _, created in made) == [False] * (WORKERS - 1) + [True]
    assert len({run.id for run, _ in made}) == 1


def test_a_run_is_claimed_once(stores):
    for number in range(20):
        stores[0].add_run(DAILY, planned(str(number)))
    claimed: Counter[str] = Counter()

    def work(store: SqlStore, number: int) -> None:
        while run := store.claim_run(f"owner{number}", NOON, NOON + LEASE):
            claimed[run.key] += 1
            assert store.finish_run(run.id, f"owner{number}", RunState.DONE, "", NOON)

    race(stores, work)
    assert claimed == Counter(str(number) for number in range(20))


def test_an_edition_is_opened_once(stores):
    world = World(stores[0])
    world.collect("one")
    for number in range(20):
        world.reader(f"reader{number}")
    intent = world.intent()
    opened = []
    race(stores, lambda store, _: opened.append(store.open_edition(intent, take(9))))
    assert len({edition.id for edition in opened}) == 1
    assert len(stores[0].deliveries(opened[0].id)) == 20


def test_editions_that_open_at_once_share_no_story(stores):
    world = World(stores[0])
    world.collect("one", "two")
    world.reader("ada")
    intents = [world.intent() for _ in stores]
    opened = []
    race(stores, lambda store, number: opened.append(store.open_edition(intents[number], take(9))))
    assert len([edition for edition in opened if edition]) == 1


def test_a_delivery_is_claimed_once_and_sent_once(stores):
    world = World(stores[0])
    world.collect("one")
    for number in range(60):
        world.reader(f"reader{number}")
    edition = world.opened().id
    sent: Counter[int] = Counter()

    def work(store: SqlStore, number: int) -> None:
        owner = f"owner{number}"
        while batch := store.claim(edition, owner, NOON, NOON + LEASE, 7):
            numbers = [row.id for row in batch]
            going = store.turn(edition, owner, [], numbers, NOON, NOON + LEASE)
            sent.update(going)
            said = [outcome(one, OutcomeState.ACCEPTED) for one in going]
            store.turn(edition, owner, said, [], NOON, NOON + LEASE)
            store.sweep(NOON, ["nobody"], resend=True)

    race(stores, work)
    assert set(sent.values()) == {1}
    assert world.counts(edition) == {"accepted": 60}


def test_collecting_at_once_loses_no_story(stores):
    """Places are given in the order in which they can be seen, whoever gives them."""
    world = World(stores[0])
    world.reader("ada")
    digests: list[str] = []

    def work(store: SqlStore, number: int) -> None:
        mine = World(store)
        if number == 0:
            for _ in range(8):
                digests.extend(title for titles in world.digest().values() for title in titles)
            return
        for turn in range(8):
            mine.collect(f"story {number} {turn}", source=f"folder:{number}")

    race(stores, work)
    digests.extend(title for titles in world.digest().values() for title in titles)
    assert Counter(digests) == Counter(
        f"story {number} {turn}" for number in range(1, WORKERS) for turn in range(8)
    )


def test_the_same_story_collected_at_once_is_one(stores):
    found = []
    race(stores, lambda store, _: found.append(tuple(World(store).collect("a", "b", "c"))))
    assert len(set(found)) == 1
    assert stores[0].feeds_with_articles() == {"harbour": 3}


def test_stories_of_one_slug_collected_at_once_are_two(stores):
    """From different sources, under the same title."""
    race(
        stores,
        lambda store, number: World(store).collect("a", "b", "c", source=f"folder:{number}"),
    )
    slugs = [one.slug for one in stores[0].articles(feed="harbour", now=NOON, limit=None)]
    assert len(set(slugs)) == len(slugs) == 3 * len(stores)


def test_cancelling_during_a_send_leaves_nothing_waiting(stores):
    world = World(stores[0])
    world.collect("one")
    for number in range(30):
        world.reader(f"reader{number}")
    edition = world.opened()

    def work(store: SqlStore, number: int) -> None:
        if number == 0:
            store.move_edition(edition.id, [edition.state], edition.state.CANCELLED, "")
        else:
            mine = World(store)
            while row := _next(mine, edition.id, f"owner{number}"):
                mine.turn(
                    edition.id, [outcome(row, OutcomeState.DEFERRED)], owner=f"owner{number}"
                )

    race(stores, work)
    for number in range(WORKERS):
        stores[0].release(edition.id, f"owner{number}", NOON)
    ended = stores[0].edition(edition.id)
    assert ended.complete
    assert ended.counts[DeliveryState.SUPPRESSED] == 30


@pytest.mark.postgres
def test_what_is_retried_while_editions_are_finished_keeps_its_edition_open(
    postgres_database, tmp_path
):
    address = (postgres_database, tmp_path)
    with (
        closing(open_store(*address)) as store,
        closing(open_store(*address)) as finisher,
        ThreadPoolExecutor(2) as pool,
    ):
        world = World(store)
        world.collect("one")
        world.reader("ada")
        edition = world.opened().id
        row = _next(world, edition, "owner")
        world.turn(edition, [outcome(row, OutcomeState.FAILED)], owner="owner")
        with store._db.write() as tx:  # keeps the retry from its commit until all three wait
            tx.exec_driver_sql("SELECT id FROM edition FOR UPDATE")
            retried = pool.submit(store.retry, edition, [DeliveryState.FAILED], NOON)
            _until_waiting(postgres_database, 1)
            finished = pool.submit(finisher.finish_editions, NOON)
            _until_waiting(postgres_database, 2)
        assert retried.result() == 1
        assert finished.result() == []
        assert [one.id for one in store.sendable(NOON)] == [edition]


def _until_waiting(url: str, count: int) -> None:
    """Return when as many transactions wait for a lock of another's."""
    import psycopg

    waiting = """SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    end = monotonic() + 30
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(waiting).fetchone() != (count,):
            assert monotonic() < end


def _next(world: World, edition: EditionId, owner: str) -> int | None:
    """Put one message on the wire and return its number."""
    for row in world.claim(edition, owner, limit=1):
        if world.turn(edition, next=[row.id], owner=owner):
            return row.id
    return None


OPEN = """
import sys
from pathlib import Path
from publisher.store import open_store
from publisher.store.database import begin_writing
store = open_store(sys.argv[1], Path(sys.argv[2]))
print(store.identity())
store.close()
"""


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_processes_may_make_a_store_at_once(kind, tmp_path, request):
    empty = "sqlite:///var/new.db"
    url = empty if kind == "sqlite" else request.getfixturevalue("empty_database")
    command = [sys.executable, "-c", OPEN, url, str(tmp_path)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], answers
    assert len({answer for answer, _ in answers}) == 1


@pytest.mark.postgres
def test_who_overrules_a_story_that_others_point_at_waits_with_empty_hands(
    postgres_store, postgres_database
):
    """Collecting holds the story that points, and then the counter: neither waits for the other."""
    import psycopg

    world = World(postgres_store)
    cited, telling = world.collect("one", "two")
    with psycopg.connect(postgres_database) as collecting, ThreadPoolExecutor(1) as others:
        collecting.execute(
            "UPDATE article SET related = %s WHERE id = %s", (f"[{cited}]", telling)
        )
        collecting.commit()
        collecting.execute("UPDATE article SET title = 'new' WHERE id = %s", (telling,))
        changed = others.submit(
            postgres_store.change_article, cited, ArticleChanges(title="better"), NOON
        )
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        until = monotonic() + 10
        while collecting.execute(waits).fetchone() == (0,) and monotonic() < until:
            pass
        collecting.execute("SET LOCAL lock_timeout = '200ms'")
        collecting.execute("UPDATE meta SET value = value WHERE key = 'revision'")
        collecting.commit()
        assert changed.result().title == "better"
