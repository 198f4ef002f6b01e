"""The revisions make exactly the tables of schema.py, on both databases, and only from this folder."""

from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from publisher.store import open_store, upgrade_store
from publisher.store.looking_after import Upgraded
from publisher.store.opening import MIGRATIONS
from publisher.store.schema import REVISIONS, WHOLE
from publisher.testing.store_world import NOON


def upgraded(url: str, root: Path) -> Upgraded:
    return upgrade_store(url, root, NOON, quiet)


def quiet(_done: int, _total: int | None, _what: str) -> None:
    """Show nothing."""


def test_every_revision_is_known_in_order():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == REVISIONS
    assert scripts.get_current_head() == REVISIONS[-1]


def test_migrations_make_the_tables_of_the_schema(address):
    with closing(open_store(*address)) as store, store._db.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, WHOLE) == []


def test_sqlite_tables_are_strict_and_the_settings_hold(sqlite_store):
    with sqlite_store._db.write() as tx:
        rows = tx.exec_driver_sql("SELECT name, strict FROM pragma_table_list WHERE schema='main'")
        loose = {row.name for row in rows if not row.strict}
        settings = {
            name: tx.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert loose == {"alembic_version", "sqlite_schema", "sqlite_sequence"}
    full = 2
    assert settings == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


def test_upgrading_tells_what_it_did(tmp_path: Path):
    url = "sqlite:///var/deep/publisher.db"
    assert upgraded(url, tmp_path) == Upgraded(before="", after=REVISIONS[-1])
    assert upgraded(url, tmp_path) == Upgraded(before=REVISIONS[-1], after=REVISIONS[-1])
    assert (tmp_path / "var" / "deep" / "publisher.db").exists()


@pytest.mark.postgres
def test_an_empty_postgres_database_is_made_a_store(empty_database, tmp_path):
    assert upgraded(empty_database, tmp_path).before == ""
    open_store(empty_database, tmp_path).close()


def test_opening_again_needs_no_migration_code(root):
    """Alembic takes longer to load than a store to open."""
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from publisher.store import open_store;"
        f"open_store('sqlite:///publisher.db', Path({str(root)!r})).close();"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
