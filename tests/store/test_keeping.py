"""The witness outside the store, on both databases: what is put back is behind it."""

import fcntl
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from publisher.core.keeping import doubt
from publisher.errors import StoreBusy, StoreUnavailable
from publisher.store import open_store
from publisher.store.store import SqlStore
from publisher.testing.store_world import NOON, World, outcome

WITNESS = Path("kept/witness.json")


def opened(address: tuple[str, Path]) -> SqlStore:
    return open_store(*address, witness=WITNESS)


def noted(root: Path) -> int:
    count: int = json.loads((root / WITNESS).read_text())["count"]
    return count


def test_the_witness_hears_of_every_step_before_anything_is_handed_over(address):
    _, root = address
    with closing(opened(address)) as store:
        store.beat(NOON)
        assert not (root / WITNESS).exists()
        store.attest()
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        edition = world.opened()
        (one,) = world.claim(edition.id)
        assert noted(root) == store.marks().count
        assert world.turn(edition.id, next=[one.id])
        assert noted(root) == store.marks().count
        world.turn(edition.id, [outcome(one.id, "accepted")])
        assert noted(root) == store.marks().count
        assert doubt(store.marks(), NOON) == ""
    with closing(opened(address)) as again:
        assert doubt(again.marks(), NOON) == ""


def test_two_processes_share_one_witness(address):
    _, root = address
    with closing(opened(address)) as one, closing(opened(address)) as other:
        one.attest()
        other.attest()
        for store in (one, other, one):
            store.beat(NOON)
            assert noted(root) == store.marks().count
        assert len(one.marks().witnesses) == 1


def test_who_is_let_go_goes_on_and_every_other_copy_is_held_back(root):
    address = ("sqlite:///publisher.db", root)
    with closing(opened(address)) as store:
        store.attest()
        store.beat(NOON)
    shutil.copy(root / "publisher.db", root / "older.db")
    with closing(opened(address)) as store:
        store.attest()
        store.beat(NOON)
    shutil.move(root / "publisher.db", root / "newer.db")
    shutil.move(root / "older.db", root / "publisher.db")
    with closing(opened(address)) as store:
        assert "1 steps behind" in doubt(store.marks(), NOON)
        store.hold_back("a copy")
        store.beat(NOON)
        assert noted(root) == store.marks().count == 2  # what is not trusted proves nothing
        store.let_go()
        assert doubt(store.marks(), NOON) == ""
    shutil.move(root / "newer.db", root / "publisher.db")
    with closing(opened(address)) as store:
        assert "another store" in doubt(store.marks(), NOON)


@pytest.mark.postgres
def test_a_copied_database_is_held_back(postgres_database, postgres_server, tmp_path):
    import psycopg

    from tests.store.conftest import created

    with closing(opened((postgres_database, tmp_path))) as store:
        store.attest()
        store.beat(NOON)
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'count'")
    with closing(opened((postgres_database, tmp_path))) as store:
        assert "1 steps behind" in doubt(store.marks(), NOON)
        store.let_go()
    for copy in created(postgres_server, name):
        with closing(opened((copy, tmp_path))) as store:
            assert doubt(store.marks(), NOON) == "this is a copy of another database"


def test_a_log_that_began_after_the_file_is_refused(root):
    """Older file, newer log: SQLite would mix them into one that counts as far as the witness."""
    address = ("sqlite:///publisher.db", root)
    with closing(opened(address)) as store:
        store.attest()
        store.beat(NOON)
    older = (root / "publisher.db").read_bytes()
    with closing(opened(address)) as store:
        store.attest()
        World(store).reader("ada")
        store.beat(NOON)
    with closing(opened(address)) as store:
        store.attest()
        store.beat(NOON)
        left = (root / "publisher.db-wal").read_bytes()
        newer = (root / "publisher.db").read_bytes()
    (root / "publisher.db").write_bytes(older)
    (root / "publisher.db-wal").write_bytes(left)
    with pytest.raises(StoreUnavailable) as caught:
        opened(address)
    assert "publisher.db-wal" in str(caught.value)
    assert (root / "publisher.db").read_bytes() == older
    (root / "publisher.db").write_bytes(newer)
    with closing(opened(address)) as store:
        assert store.count_subscribers() == 1


def test_a_log_of_the_file_itself_is_used_after_a_kill(root):
    """Whatever generation it is, and also in a store that is held back."""
    address = ("sqlite:///publisher.db", root)
    with closing(opened(address)) as store:
        store.attest()
        store.beat(NOON)
        older = (root / "publisher.db").read_bytes(), (root / "publisher.db-wal").read_bytes()
    with closing(opened(address)) as store:
        store.attest()
        store.beat(NOON)
    put(root, older)
    with closing(opened(address)) as store:
        assert "behind" in doubt(store.marks(), NOON)
        store.hold_back("a copy")
        for _ in range(5):
            store.beat(NOON)
        held = (root / "publisher.db").read_bytes(), (root / "publisher.db-wal").read_bytes()
    put(root, held)
    with closing(opened(address)) as store:
        assert store.marks().held == "a copy"


def put(root: Path, files: tuple[bytes, bytes]) -> None:
    for side, data in zip(("", "-wal"), files, strict=True):
        (root / f"publisher.db{side}").write_bytes(data)


def test_a_witness_that_cannot_be_kept_stops_everything(root):
    address = ("sqlite:///publisher.db", root)
    (root / "kept").write_text("in the way")
    with pytest.raises(StoreUnavailable) as caught:
        opened(address)
    assert "witness" in str(caught.value)


def test_a_process_that_stopped_with_the_witness_in_hand_stops_no_other(root):
    """SIGSTOP, or a debugger, may hit the microseconds in which it is held: others say so in time."""
    address, brief = ("sqlite:///publisher.db", root), timedelta(milliseconds=20)
    with closing(open_store(*address, witness=WITNESS, busy=brief)) as store:
        store.attest()
        with (root / WITNESS).open("rb") as stopped:
            fcntl.flock(stopped, fcntl.LOCK_EX)
            for blocked in (
                lambda: store.beat(NOON),
                lambda: open_store(*address, witness=WITNESS, busy=brief),
            ):
                with pytest.raises(StoreBusy, match="locked by another process"):
                    blocked()
        store.beat(NOON)
        assert noted(root) == store.marks().count


def test_a_damaged_witness_is_none(root):
    address = ("sqlite:///publisher.db", root)
    with closing(opened(address)) as store:
        store.attest()
        store.beat(NOON)
        (root / WITNESS).write_bytes(b"\0" * 512)
        assert "no witness" in doubt(store.marks(), NOON)


def test_sqlite_really_mixes_them(root):
    """The ground for refusing: without the check the mixture counts as far as the witness."""
    address = ("sqlite:///publisher.db", root)
    with closing(opened(address)) as store:
        store.beat(NOON)
    older = (root / "publisher.db").read_bytes()
    with closing(opened(address)) as store:
        World(store).reader("ada")
    with closing(opened(address)) as store:
        store.beat(NOON)
        count = store.marks().count
        left = (root / "publisher.db-wal").read_bytes()
    put(root, (older, left))
    with closing(sqlite3.connect(root / "publisher.db")) as mixed:
        assert mixed.execute("SELECT count(*) FROM subscriber").fetchone() == (0,)
        assert mixed.execute("SELECT value FROM meta WHERE key = 'count'").fetchone() == (
            str(count),
        )
