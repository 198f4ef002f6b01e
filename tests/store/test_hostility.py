"""A store in trouble says so, in one line and by type, and goes on when the trouble is over."""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.errors import (
    ConfigError,
    SchemaTooNew,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from publisher.model.editions import DeliveryState, OutcomeState
from publisher.model.subscribers import NewSubscriber
from publisher.store import open_store, upgrade_store
from publisher.testing.store_world import ME, NOON, World, outcome

SQLITE = "sqlite:///publisher.db"
SOON = timedelta(milliseconds=20)


def upgraded(url: str, root: Path) -> object:
    return upgrade_store(url, root, NOON, lambda _done, _total, _what: None)


def one_line(error: StoreError, *words: str) -> None:
    text = str(error)
    assert "\n" not in text
    for word in words:
        assert word in text, text


@pytest.fixture
def blocker(root: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else's connection to the store's file."""
    with closing(sqlite3.connect(root / "publisher.db", isolation_level=None)) as connection:
        yield connection


def test_locked_is_busy_and_reading_goes_on(root, blocker):
    with closing(open_store(SQLITE, root, busy=SOON)) as store:
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy) as caught:
            store.beat(NOON)
        one_line(caught.value, "publisher.db", "locked")
        assert store.count_subscribers() == 0
        blocker.execute("ROLLBACK")
        store.beat(NOON)


def test_locked_at_opening_is_busy(tmp_path):
    with closing(sqlite3.connect(tmp_path / "publisher.db", isolation_level=None)) as blocker:
        blocker.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreBusy):
            open_store(SQLITE, tmp_path, busy=SOON)
        blocker.execute("ROLLBACK")
    open_store(SQLITE, tmp_path, busy=SOON).close()


def test_read_only_is_unavailable(sqlite_store):
    with sqlite_store._db.write() as tx:
        tx.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreUnavailable) as caught:
        sqlite_store.beat(NOON)
    one_line(caught.value, "cannot be written")


def test_what_is_no_database_is_unavailable(tmp_path):
    file = tmp_path / "publisher.db"
    file.write_text("Dear diary, today the ferries returned. " * 100)
    with pytest.raises(StoreUnavailable) as caught:
        open_store(SQLITE, tmp_path)
    one_line(caught.value, str(file), "not a publisher database", "backup")
    assert file.read_text().startswith("Dear diary")


def test_a_damaged_file_is_unavailable(root):
    with closing(open_store(SQLITE, root)) as store:
        world = World(store)
        world.collect(*(f"story {number}" for number in range(200)))
        world.reader("ada")
    file = root / "publisher.db"
    data = bytearray(file.read_bytes())
    data[4096 * 3 :] = os.urandom(len(data) - 4096 * 3)
    file.write_bytes(bytes(data))
    with pytest.raises(StoreError) as caught:
        read_all(root)
    assert isinstance(caught.value, StoreUnavailable)
    one_line(caught.value, str(file), "damaged")


def read_all(root: Path) -> None:
    with closing(open_store(SQLITE, root)) as store:
        store.articles(now=NOON)
        World(store).digest()
        store.subscribers()


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_place_that_cannot_be_opened_is_unavailable(tmp_path, place):
    if place == "file":
        (tmp_path / "var").write_text("in the way")
    else:
        (tmp_path / "var" / "publisher.db").mkdir(parents=True)
    with pytest.raises(StoreUnavailable) as caught:
        open_store("sqlite:///var/publisher.db", tmp_path)
    one_line(caught.value, "var/publisher.db")


def full(store, verb, *arguments, **named) -> None:
    """Call a verb on a disk without room: it says so."""
    with pages_limited(store), pytest.raises(StoreFull) as caught:
        verb(*arguments, **named)
    one_line(caught.value, "room")


def test_a_full_disk_stops_before_it_cannot_record_and_goes_on_by_itself(sqlite_store):
    """Proof 7: collect, freeze, send and record, each against the wall; nothing half-written."""
    store = sqlite_store
    world = World(store)
    full(store, world.collect, *(f"large {number}" for number in range(50)), text="x" * 1000)
    assert store.articles(now=NOON) == []
    world.collect("one")
    pairs = (("harbour", "daily"),)
    rows = [NewSubscriber(email=f"r{n}@example.org", subscriptions=pairs) for n in range(999)]
    full(store, store.import_subscribers, rows, NOON)
    assert store.count_subscribers() == 0
    store.import_subscribers(rows, NOON)
    full(store, world.opened)
    assert store.editions() == []
    edition = world.opened()
    one, two, three = (row.id for row in world.claim(edition.id, limit=3))
    going = world.turn(edition.id, next=[one, two])
    failed = outcome(one, OutcomeState.FAILED, reason="x" * 50_000)
    full(store, world.turn, edition.id, [failed], [three])
    assert {store.delivery(number).state for number in going} == {DeliveryState.SENDING}
    assert store.delivery(three).state is DeliveryState.CLAIMED
    world.turn(edition.id, [outcome(number, OutcomeState.ACCEPTED) for number in sorted(going)])
    store.release(edition.id, ME, NOON)
    world.send(edition)
    assert world.counts(edition.id) == {"accepted": 999}


@contextlib.contextmanager
def pages_limited(store) -> Iterator[None]:
    """Let the file grow no further."""
    with store._db.write() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    yield
    with store._db.write() as tx:
        tx.exec_driver_sql("PRAGMA max_page_count = 1073741823")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte; skips where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("small disk: only root can mount one")
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"small disk: not allowed here ({made.stderr.strip()})")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_real_full_disk(small_disk):
    with closing(open_store(SQLITE, small_disk)) as store:
        world = World(store)
        world.collect("first")
        with pytest.raises(StoreFull):
            fill(world)
        kept = [article.title for article in store.articles(now=NOON)]
        assert "first" in kept
        assert len(kept) < 100
        assert store.source_states(["folder:articles"])


def fill(world: World) -> None:
    for number in range(100):
        world.collect(f"large {number}", text="x" * 100_000)


def test_a_newer_schema_is_refused(root, blocker):
    blocker.execute("UPDATE alembic_version SET version_num = '9999'")
    for use in (open_store, upgraded):
        with pytest.raises(SchemaTooNew) as caught:
            use(SQLITE, root)
        one_line(caught.value, "newer publisher", "9999", "publisher.db")


def test_an_older_schema_waits_for_the_operator(root, blocker):
    blocker.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StoreError) as caught:
        open_store(SQLITE, root)
    one_line(caught.value, "older publisher", "publisher db upgrade")


def test_another_programs_database_is_left_alone(tmp_path):
    with closing(sqlite3.connect(tmp_path / "publisher.db")) as other:
        other.execute("CREATE TABLE diary (day TEXT)")
    with pytest.raises(StoreUnavailable) as caught:
        open_store(SQLITE, tmp_path)
    one_line(caught.value, "another program")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "http://x/"]
)
def test_addresses_that_are_none_are_definition_errors(tmp_path, url):
    with pytest.raises(ConfigError) as caught:
        open_store(url, tmp_path)
    assert "[store] url" in str(caught.value)


def test_errors_never_show_a_password(tmp_path):
    with pytest.raises(StoreUnavailable) as caught:
        open_store("postgresql://ada:s3cret@127.0.0.1:1/nothing", tmp_path)
    assert "s3cret" not in str(caught.value)
    one_line(caught.value, "127.0.0.1:1", "cannot be reached")


@pytest.mark.postgres
def test_a_database_that_does_not_exist_is_unavailable(postgres_server, tmp_path):
    missing = re.sub(r"/postgres(?=\?)", "/missing", postgres_server)
    with pytest.raises(StoreUnavailable):
        open_store(missing, tmp_path)


@pytest.mark.postgres
def test_a_server_that_was_restarted_is_no_error(postgres_store, postgres_database):
    import psycopg

    world = World(postgres_store)
    world.collect("one")
    world.reader("ada")
    edition = world.opened(limit=1).id
    (row,) = world.claim(edition)
    assert world.turn(edition) == frozenset()
    for disturbed in (
        postgres_store.count_subscribers,
        lambda: world.turn(edition, next=[row.id]),
    ):
        with psycopg.connect(postgres_database, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert disturbed() in (1, {row.id})


@pytest.mark.postgres
def test_a_turn_in_the_middle_of_which_the_server_goes_is_told_of_and_the_next_one_goes_on(
    postgres_store, postgres_database
):
    world = World(postgres_store)
    world.collect("one")
    world.reader("ada")
    edition = world.opened(limit=1).id
    (row,) = world.claim(edition)

    def disturbed() -> None:
        with postgres_store._db.turn(edition) as raw:
            raw.run("UPDATE delivery SET state = 'accepted'")
            raw.rows("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(StoreUnavailable):
        disturbed()
    assert world.counts(edition) == {"claimed": 1}
    assert world.turn(edition, next=[row.id]) == {row.id}


@pytest.mark.postgres
def test_a_row_locked_by_somebody_is_busy(postgres_store, postgres_database):
    import psycopg

    postgres_store.beat(NOON)
    with psycopg.connect(postgres_database) as other:
        other.execute("SELECT * FROM meta FOR UPDATE")
        with pytest.raises(StoreBusy):
            write(postgres_store, "SET LOCAL lock_timeout = '50ms'")
        other.rollback()
    postgres_store.beat(NOON)


@pytest.mark.postgres
def test_a_read_only_server_is_unavailable(postgres_store):
    with pytest.raises(StoreUnavailable):
        write(postgres_store, "SET TRANSACTION READ ONLY")


def write(store, setting: str) -> None:
    with store._db.write() as tx:
        tx.exec_driver_sql(setting)
        tx.exec_driver_sql("UPDATE meta SET value = value")
