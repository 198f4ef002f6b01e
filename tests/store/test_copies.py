"""Copies from either database, into either: everything is in them, and numbers go on."""

import shutil
from contextlib import closing

import pytest
from sqlalchemy import func, select

from publisher.core.keeping import doubt
from publisher.errors import Conflict, UsageError
from publisher.model.keeping import KeptFile
from publisher.store import backup_store, files_in, open_store, restore_store
from publisher.store.schema import WHOLE
from publisher.testing.store_world import NOON, World

PLACES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
KEY = KeptFile(name="secrets/tokens.key", data=b"\x00of the house", mode=0o600, changed=7)


def quiet(_done, _total, _what):
    """Show nothing."""


@pytest.fixture(params=PLACES)
def empty(request, tmp_path):
    """The address and root of a place where no store is yet."""
    root = tmp_path / "elsewhere"
    root.mkdir()
    if request.param == "sqlite":
        return "sqlite:///publisher.db", root
    return request.getfixturevalue("empty_database"), root


def rows(store):
    with store._db.read() as tx:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in WHOLE.sorted_tables
            if table.name != "meta"
        }


def fill(store):
    world = World(store)
    world.collect("bell", "crane")
    for name in ("ada", "ben"):
        world.reader(name)
    world.digest()
    world.collect("dock")
    edition = world.opened()
    world.claim(edition.id, limit=1)
    store.beat(NOON)
    return rows(store)


def test_a_copy_holds_everything_and_goes_on_elsewhere(address, empty, tmp_path):
    copy = tmp_path / "copy.db"
    with closing(open_store(*address)) as store:
        held = fill(store)
        backup_store(*address, copy, (KEY,), NOON, quiet)
        identity = store.identity()
        assert doubt(store.marks(), NOON) == ""
    assert files_in(copy) == (KEY,)
    assert [path.name for path in tmp_path.glob("*copy.db*")] == ["copy.db"]
    restore_store(*empty, copy, quiet)
    with closing(open_store(*empty)) as store:
        assert store.identity() == identity
        assert rows(store) == held
        assert "this is the copy" in doubt(store.marks(), NOON)
        store.let_go()
        assert doubt(store.marks(), NOON) == ""
        world = World(store)
        world.collect("eel")  # numbers go on after those carried over
        world.reader("cem")
        edition = world.open(key="manual:later")
        assert edition is not None
        assert edition.id == 3
        assert "eel" in world.send(edition)["cem"]
    with pytest.raises(Conflict):
        restore_store(*empty, copy, quiet)


def test_a_file_that_is_no_copy_is_refused(address, empty, tmp_path):
    with closing(open_store(*address)) as store:
        fill(store)
    other = tmp_path / "diary.db"
    other.write_text("dear diary")
    with pytest.raises(UsageError):
        restore_store(*empty, other, quiet)
    with pytest.raises(UsageError):
        backup_store(*address, other, (), NOON, quiet)
    assert other.read_text() == "dear diary"


def test_a_copy_is_one_moment_while_others_write(root, tmp_path):
    """Every page is of the moment at which the copy began."""
    address, copy = ("sqlite:///publisher.db", root), tmp_path / "copy.db"
    with closing(open_store(*address)) as store:
        world = World(store)
        for number in range(40):
            world.collect(f"story {number}", text="x" * 200_000)
        told = []

        def write(done, _total, _what):
            told.append(done)
            world.reader(f"reader{len(told)}")

        backup_store(*address, copy, (), NOON, write)
        assert len(told) > 1
        assert store.count_subscribers() == len(told)
    place = tmp_path / "restored"
    place.mkdir()
    shutil.copy(copy, place / "publisher.db")
    with closing(open_store("sqlite:///publisher.db", place)) as store:
        assert store.count_subscribers() == 0
        assert store.repair(NOON, (), resend=True, dry=True).damage == ()
