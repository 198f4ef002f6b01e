"""`backup`, `restore`, `resume` and `db upgrade`, as an operator types them."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from alembic import command
from alembic.config import Config

from publisher.kit.tokens import SignedTokens
from publisher.store.opening import MIGRATIONS, connect
from publisher.store.schema import REVISIONS


@pytest.fixture
def filled(cli, publication):
    """A publication with a reader and keys of its own."""
    assert cli("subscribers", "add", "ada@example.org").code == 0
    SignedTokens.load(publication / "secrets" / "tokens.key")
    return publication


def test_a_copy_holds_all_that_an_empty_folder_needs(cli, filled, anywhere, tmp_path):
    copy, other = tmp_path / "copy.db", tmp_path / "other"
    told = cli("backup", copy, "--json").json
    assert {"publisher.toml", "feeds/harbour.toml", "secrets/tokens.key"} <= set(told["files"])
    assert "articles/harbour/ferry.md" not in told["files"]
    assert (copy.stat().st_mode & 0o777, told["octets"]) == (0o600, copy.stat().st_size)
    done = anywhere("-C", other, "--json", "restore", copy)
    assert (done.code, done.json["files"]) == (0, sorted(told["files"]))
    keys = [root / "secrets" / "tokens.key" for root in (filled, other)]
    assert keys[0].read_bytes() == keys[1].read_bytes()
    assert (other / "secrets" / "tokens.key").stat().st_mode & 0o077 == 0
    people = anywhere("-C", other, "subscribers", "list", "--json").json
    assert [person["email"] for person in people] == ["ada@example.org"]
    doctor = anywhere("-C", other, "doctor")
    assert "this is the copy that `publisher backup` made" in doctor.out
    assert doctor.code == 1


def test_a_store_in_the_way_is_not_replaced(cli, filled, tmp_path):
    copy = tmp_path / "copy.db"
    assert cli("backup", copy).code == 0
    (filled / "feeds" / "harbour.toml").write_text('title = "Mine"\n')
    refused = cli("restore", copy)
    assert (refused.code, refused.err.count("is in the way")) == (1, 1)
    assert (filled / "feeds" / "harbour.toml").read_text() == 'title = "Mine"\n'


def test_only_a_copy_is_restored(cli, filled, tmp_path):
    refused = cli("restore", filled / "var" / "publisher.db")
    assert (refused.code, "is no copy" in refused.err) == (2, True)


def test_only_a_copy_is_replaced_by_a_copy(cli, filled, tmp_path):
    copy = tmp_path / "copy.db"
    assert cli("backup", copy).code == 0
    assert cli("backup", copy).code == 0
    diary = tmp_path / "diary.txt"
    diary.write_text("dear diary")
    for kept in (diary, filled / "var" / "publisher.db", filled / "publisher.toml"):
        before = kept.read_bytes()
        refused = cli("backup", kept)
        assert (refused.code, "is not replaced" in refused.err) == (2, True)
        assert kept.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_nothing_to_copy_is_told(cli, tmp_path):
    refused = cli("backup", tmp_path / "copy.db")
    assert (refused.code, "nothing to copy" in refused.err) == (1, True)


def test_a_copy_with_names_that_leave_its_folder_is_refused(cli, filled, anywhere, tmp_path):
    copy, other = tmp_path / "copy.db", tmp_path / "other"
    assert cli("backup", copy).code == 0
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE sqlar SET name = '../escaped' WHERE name LIKE 'secrets/%'")
    refused = anywhere("-C", other, "restore", copy)
    assert (refused.code, "impossible name" in refused.err) == (1, True)
    assert not list(other.iterdir())


def test_resume_of_what_is_not_held_back(cli, filled):
    assert cli("resume").err == "nothing is held back\n"
    refused = cli("resume", "--sent", "7")
    assert (refused.code, "no edition that is held back" in refused.err) == (2, True)
    assert "`resume` alone shows them" in refused.err


def test_a_copy_for_a_folder_that_is_not_there_says_what_to_do(cli, filled, tmp_path):
    refused = cli("backup", tmp_path / "none" / "copy.db")
    assert (refused.code, "make it first" in refused.err) == (2, True)


def test_a_copy_put_back_is_held_back_until_resume(cli, filled, tmp_path):
    """Its edition was sent meanwhile; `resume` shows what falls due in it, and decides for each."""
    copy = tmp_path / "copy.db"
    assert cli("collect").code == 0
    assert cli("backup", copy).code == 0
    assert cli("send", "morning").code == 0
    shutil.copy(copy, filled / "var" / "publisher.db")
    cli("send", "morning")
    (edition,) = cli("editions", "list", "--json").json
    assert (edition["state"], edition["counts"]["queued"]) == ("paused", 1)
    assert edition["reason"].startswith("held back: this is the copy")
    assert "`publisher resume`" in cli("editions", "list").err
    told = cli("explain", "ada@example.org", edition["id"]).out
    assert "`publisher resume` lets it go on" in told
    refused = cli("editions", "resume", edition["id"])
    assert (refused.code, "`publisher resume` releases it" in refused.err) == (1, True)
    refused = cli("resume", edition["id"])
    assert (refused.code, "nothing was released" in refused.err) == (1, True)
    done = cli("resume", "--sent", edition["id"], "--yes", "--json").json
    assert [(e["id"], e["decision"], e["state"]) for e in done["editions"]] == [
        (edition["id"], "sent", "done")
    ]
    assert "agrees" in cli("doctor").out
    assert len(list((filled / "var" / "outbox" / "new").iterdir())) == 1


def test_an_older_store_is_copied_before_it_is_upgraded(cli, publication):
    store = publication / "var" / "publisher.db"
    with closing(connect("sqlite:///var/publisher.db", publication)) as database:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with database.write() as tx:
            config.attributes["connection"] = tx
            command.upgrade(config, REVISIONS[0])
    waits = cli("doctor")
    assert "`publisher db upgrade`" in waits.out
    done = cli("db", "upgrade", "--json").json
    assert (done["before"], done["after"]) == (REVISIONS[0], REVISIONS[-1])
    (kept,) = store.parent.glob("publisher.db.0001-*")
    assert done["copy"] == str(kept)
    with closing(sqlite3.connect(kept)) as older:
        assert older.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    assert cli("db", "upgrade", "--json").json["copy"] is None


def test_a_newer_store_is_refused_with_78(cli, filled):
    with closing(sqlite3.connect(filled / "var" / "publisher.db")) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    assert cli("db", "upgrade").code == 78
    assert cli("run", "--once").code == 78


def test_repair_says_what_it_did(cli, filled):
    assert cli("repair").err == "the ledger is in order\n"
    assert cli("collect").code == 0
    assert cli("send", "morning").code == 0
    with closing(sqlite3.connect(filled / "var" / "publisher.db")) as store, store:
        store.execute("UPDATE delivery SET state = 'claimed', owner = 'nobody'")
    would = cli("repair", "--dry-run", "--json").json
    assert (would["back_in_the_queue"], would["editions_opened"]) == (1, [1])
    assert cli("repair", "--dry-run").err.endswith("things would be put right\n")
    done = cli("repair", "--json").json
    assert {**would, "dry_run": False} == done
    assert cli("repair").err == "the ledger is in order\n"
    (edition,) = cli("editions", "list", "--json").json
    assert (edition["state"], edition["counts"]["queued"]) == ("open", 1)


def test_repair_names_what_it_leaves_alone(cli, filled):
    assert cli("collect").code == 0
    assert cli("send", "morning").code == 0
    with closing(sqlite3.connect(filled / "var" / "publisher.db")) as store, store:
        store.execute("DELETE FROM subscriber")
    told = cli("repair")
    assert (told.code, "1 × delivery without its subscriber" in told.err) == (1, True)


def test_an_edition_that_cannot_go_on_keeps_no_other_back(cli, filled, tmp_path):
    rules = filled / "schedules"
    (rules / "noon.toml").write_text((rules / "morning.toml").read_text())
    assert cli("subscribers", "add", "ben@example.org", "--schedule", "noon").code == 0
    assert cli("collect").code == 0
    assert cli("backup", tmp_path / "copy.db").code == 0
    shutil.copy(tmp_path / "copy.db", filled / "var" / "publisher.db")
    for slug in ("noon", "morning"):
        cli("send", slug)
    (rules / "noon.toml").unlink()
    done = cli("resume", "--yes")
    assert (done.code, "is no longer defined" in done.err) == (1, True)
    states = {e["schedule"]: e["state"] for e in cli("editions", "list", "--json").json}
    assert states == {"noon": "paused", "morning": "open"}
