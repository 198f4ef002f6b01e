"""Opening a store: address, schema, identity; serves `app` and `looking_after`.

An empty database is given the newest schema at once. An older schema is left alone until the
operator asks for `publisher db upgrade` (a second process of the older version may be running); a
newer one is refused.
"""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import URL, Connection, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError

from publisher.errors import ConfigError, SchemaTooNew, StoreError, StoreUnavailable
from publisher.store.database import LOCKS, Database
from publisher.store.postgres import postgres_engine
from publisher.store.schema import REVISIONS, meta
from publisher.store.sqlite import sqlite_engine
from publisher.store.store import SqlStore
from publisher.store.witness import WitnessFile

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY = timedelta(seconds=10)
FIRST_DAY = date(2026, 1, 1)
NOWHERE = "publisher.invalid"  # names things where no host is known (RFC 2606)


def own_page(slug: str) -> str:
    """Return the permalink of an article that has no page elsewhere, relative to the site's base."""
    return f"articles/{slug}/"


def open_store(
    url: str,
    root: Path,
    *,
    permalink: Callable[[str], str] = own_page,
    busy: timedelta = BUSY,
    witness: Path | None = None,
    today: date = FIRST_DAY,
) -> SqlStore:
    """Open (and, when empty, make) the store at `url`.

    `url` is `sqlite:///PATH`, relative to `root`, or `postgresql://…`. `permalink` turns the slug of
    an article without an address of its own into the absolute one of our page. `busy` is how long a
    writer waits for another process: its transaction (SQLite), its hold on the witness. `witness` is
    the file outside the store that says how far it came (relative to `root`; None: nobody watches
    for copies). `today` becomes part of the ids that a new store gives.
    Raises ConfigError for an address that is none, SchemaTooNew, StoreUnavailable (with what to do),
    StoreBusy, StoreFull, and StoreError when the schema is older: `publisher db upgrade`.
    """
    database = connect(url, root, busy)
    try:
        watcher = _watcher(database, root / witness, busy) if witness else None
        settle_schema(database, upgrade=False)
        authority = f"{urlsplit(permalink('story')).hostname or NOWHERE},{today.isoformat()}"
        known = _introduce(database, authority)
        return SqlStore(database, known["identity"], known["authority"], permalink, watcher)
    except BaseException:
        database.close()
        raise


def _watcher(database: Database, witness: Path, busy: timedelta) -> WitnessFile:
    """Return the store's witness. Raises StoreUnavailable when a newer store's log would be mixed in."""
    path = Path(database.where)
    watcher = WitnessFile(witness, path if database.sqlite else None, busy)
    if watcher.replaced():
        raise StoreUnavailable(
            database.where,
            f"the file was replaced, but the log of the one before it is still here: move {path.name}-wal"
            f" and {path.name}-shm away, then start again (nothing was opened, nothing was sent)",
        )
    return watcher


def connect(url: str, root: Path, busy: timedelta = BUSY) -> Database:
    """Return the database an address names. Raises ConfigError."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError("[store] url", f"{url!r} is no database address") from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return _connect_sqlite(parsed, root, busy)
    if kind in {"postgresql", "postgres"}:
        return Database(postgres_engine(parsed), parsed.render_as_string(hide_password=True))
    raise ConfigError(
        "[store] url", f"{kind!r} is not supported: use sqlite:///PATH or postgresql://"
    )


def _connect_sqlite(url: URL, root: Path, busy: timedelta) -> Database:
    if not url.database or url.database == ":memory:":
        raise ConfigError("[store] url", "name a file: sqlite:///var/publisher.db")
    engine, path = sqlite_engine(url, root, busy)
    return Database(engine, str(path))


def revision_of(database: Database) -> str:
    """Return the schema's revision, "" for an empty database. Raises SchemaTooNew, StoreUnavailable."""
    with database.read() as tx:
        return _revision(tx, database.where)


def settle_schema(database: Database, *, upgrade: bool) -> tuple[str, str]:
    """Make, check or upgrade the schema; return the revisions before and after."""
    before = revision_of(database)
    if before == REVISIONS[-1]:
        return before, before
    if before and not upgrade:
        raise StoreError(
            database.where,
            f"it was made by an older publisher (schema {before}, this one needs {REVISIONS[-1]}):"
            f" {'' if database.sqlite else 'make a copy with pg_dump, then '}run `publisher db upgrade`",
        )
    with database.write() as tx:
        if not database.sqlite:
            tx.execute(text(f"SELECT pg_advisory_xact_lock({LOCKS})"))
        if _revision(tx, database.where) != REVISIONS[-1]:  # another process may have been first
            _migrate(tx)
    return before, REVISIONS[-1]


def _revision(tx: Connection, where: str) -> str:
    """Return the schema's revision, "" for an empty database. Raises SchemaTooNew, StoreUnavailable."""
    tables = set(inspect(tx).get_table_names())
    if not tables:
        return ""
    if "alembic_version" not in tables:
        raise StoreUnavailable(
            where, "this database belongs to another program; name a new one in [store] url"
        )
    found = tx.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    if found and found not in REVISIONS:
        raise SchemaTooNew(
            where,
            f"it was made by a newer publisher (schema {found}, this one knows up to"
            f" {REVISIONS[-1]}): install the newer version again, or restore a backup",
        )
    return str(found)


def _migrate(tx: Connection) -> None:
    """Run the revisions that are missing, inside the transaction of `tx`."""
    # Alembic takes longer to import than a store to open; most openings need none of it.
    from alembic import command  # noqa: PLC0415  late on purpose, see above
    from alembic.config import Config  # noqa: PLC0415  late on purpose, see above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = tx
    command.upgrade(config, "head")


def _introduce(database: Database, authority: str) -> dict[str, str]:
    """Return what the store knows of itself; it is minted, and the count begun, when it is new.

    Its authority (RFC 4151: who names things, as of which day) is what it was then: a publication
    that moves goes on naming its articles as it always did.
    """
    with database.read() as tx:
        known = _known(tx)
    if not {"identity", "count", "authority"} <= set(known):
        first = {"identity": str(uuid.uuid4()), "count": "0", "authority": authority}
        rows = [{"key": key, "value": value} for key, value in first.items()]
        with database.write() as tx:
            tx.execute(database.insert(meta).values(rows).on_conflict_do_nothing())
            known = _known(tx)
    return known


def _known(tx: Connection) -> dict[str, str]:
    return {row.key: row.value for row in tx.execute(select(meta.c.key, meta.c.value))}
