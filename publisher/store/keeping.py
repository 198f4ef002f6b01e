"""What a store says of itself, and holding it back when it may be a copy; serves core.keeping."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, delete, select, update

from publisher.model.editions import DeliveryState, Edition, EditionId, EditionState
from publisher.model.keeping import HELD_BACK, Marks
from publisher.store.database import Database, Part, Raw
from publisher.store.edition_rows import EDITION, UNDER_WAY, check_state, read_editions
from publisher.store.memory import remember
from publisher.store.schema import delivery, edition, lease, meta
from publisher.store.selections import read_selection
from publisher.store.types import micros, moment
from publisher.store.witness import WitnessFile

ARCHIVE = "sqlar"
"""The table of files in a copy made by `backup` (https://www.sqlite.org/sqlar.html)."""

STEP = """
UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = 'count'
RETURNING value"""

# A dumped and restored database has another number, or lies in another server.
HERE = """
SELECT system_identifier || '/' || d.oid FROM pg_control_system(), pg_database d
 WHERE d.datname = current_database()"""

WITNESS = "witness:"

NO_EDITION = 0
"""The number under which the store as a whole is locked."""


def step(raw: Raw) -> int:
    """Count one step of the store and return how many it has taken."""
    ((value,),) = raw.rows(STEP)
    return int(value)


def is_held(tx: Connection) -> bool:
    """Tell whether nothing may be sent from this store."""
    return tx.execute(select(meta.c.value).where(meta.c.key == "held")).first() is not None


class KeepingVerbs(Part):
    """The store's own marks, and its witness."""

    _identity: str
    _witness: WitnessFile | None

    def identity(self) -> str:
        """Return the publication's permanent uuid, minted when the store was made."""
        return self._identity

    def beat(self, now: datetime) -> None:
        """Write the heartbeat (promise 5)."""
        with self._db.write() as tx:
            self._set(tx, "beat", str(micros(now)))
            count = step(self._db.raw(tx))
        self._db.noted(count)

    def marks(self, *, settled: bool = False) -> Marks:
        """Return what the store and its witness say; `settled` waits for a witness being made.

        Raises StoreUnavailable.
        """
        if settled:
            with self._alone() as tx:
                return self._marks(tx)
        with self._db.read() as tx:
            return self._marks(tx)

    def _marks(self, tx: Connection) -> Marks:
        # The witness first: it is never ahead of a store that is read after it.
        witness = self._witness.read() if self._witness else None
        known = {row.key: row.value for row in tx.execute(select(meta.c.key, meta.c.value))}
        here = _here(self._db, tx)
        beat, copied = known.get("beat"), known.get("copied")
        return Marks(
            identity=self._identity,
            count=int(known.get("count", 0)),
            beat=moment(int(beat)) if beat else None,
            held=known.get("held", ""),
            copied=moment(int(copied)) if copied else None,
            place=known.get("place", here),
            here=here,
            witnesses=tuple(key.removeprefix(WITNESS) for key in known if key.startswith(WITNESS)),
            witness=witness,
            path=str(self._witness.path) if self._witness else "",
            shared=not self._db.sqlite,
        )

    def attest(self) -> None:
        """Note every step outside the store from now on; the witness is made when there is none."""
        if self._witness is None:
            return
        name = _name(self.marks()) or self._mint(self._witness)
        self._db.noted = partial(self._witness.note, name)

    def hold_back(self, reason: str) -> Sequence[Edition]:
        """Let nothing be sent from this store until `let_go`; pause what is open, and return that."""
        with self._db.write() as tx:
            self._set(tx, "held", reason)
            wanted = edition.c.state == EditionState.OPEN.value
            numbers = list(
                tx.execute(
                    select(edition.c.id).where(wanted).order_by(edition.c.id).with_for_update()
                ).scalars()
            )
            paused = {"state": EditionState.PAUSED.value, "reason": HELD_BACK + reason}
            tx.execute(update(edition).where(edition.c.id.in_(numbers)).values(paused))
            found = read_editions(tx, select(*EDITION).where(edition.c.id.in_(numbers)))
        if self._witness is not None:
            # Steps of a store that is not trusted prove nothing.
            self._db.noted = lambda _count: None
            self._witness.note_log()
        return found

    def let_go(self) -> None:
        """Trust this store again: it goes on from here, and every other copy of it is held back."""
        with self._db.write() as tx:
            keys = ("held", "copied", "place")
            tx.execute(delete(meta).where(meta.c.key.in_(keys)))
            tx.execute(delete(meta).where(meta.c.key.startswith(WITNESS)))
            self._db.raw(tx).run(f"DROP TABLE IF EXISTS {ARCHIVE}")
        self.attest()

    def count_as_sent(self, number: EditionId, reason: str, now: datetime) -> int:
        """Settle what waits of a paused edition as uncertain, which counts as sent; return how many.

        Its readers are not told the same again by a later edition; `retry` reaches them. The edition
        is open afterwards, so that it ends. Raises Conflict, NotFound.
        """
        with self._db.write() as tx:
            self._db.hold(tx, number)
            check_state(tx, number, (EditionState.PAUSED,), EditionState.OPEN)
            mine = (delivery.c.edition == number, delivery.c.state.in_(UNDER_WAY))
            columns = (delivery.c.id, delivery.c.subscriber, delivery.c.selection)
            rows = tx.execute(select(*columns).where(*mine).order_by(delivery.c.id)).all()
            values = {
                "state": DeliveryState.UNCERTAIN.value,
                "reason": reason,
                "owner": "",
                "due": None,
                "at": now,
                "remembered": True,
            }
            tx.execute(update(delivery).where(*mine).values(values))
            raw = self._db.raw(tx)
            chosen = {one: read_selection(raw, one) for one in {row.selection for row in rows}}
            remember(raw, [(row.subscriber, chosen[row.selection]) for row in rows])
            tx.execute(delete(lease).where(lease.c.edition == number))
            opened = {"state": EditionState.OPEN.value, "reason": ""}
            tx.execute(update(edition).where(edition.c.id == number).values(opened))
            return len(rows)

    def _mint(self, witness: WitnessFile) -> str:
        """Make a witness and let the store know it; return its name."""
        with self._alone() as tx:
            known = self._marks(tx)
            if name := _name(known):
                return name  # another process was first
            name = witness.mint(self._identity, known.count)
            if not known.shared:
                tx.execute(delete(meta).where(meta.c.key.startswith(WITNESS)))
            self._set(tx, WITNESS + name, "")
            self._set(tx, "place", known.here)
            return name

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """Give a transaction beside which no other process makes a witness."""
        with self._db.write() as tx:
            self._db.hold(tx, NO_EDITION)
            yield tx

    def _set(self, tx: Connection, key: str, value: str) -> None:
        row = {"key": key, "value": value}
        upsert = self._db.insert(meta).values(row)
        tx.execute(upsert.on_conflict_do_update(index_elements=["key"], set_=row))


def _name(known: Marks) -> str:
    """Return the name of a witness that the store knows, "" when it knows none."""
    found = known.witness
    if found is None or found.identity != known.identity or found.name not in known.witnesses:
        return ""
    return found.name


def _here(database: Database, tx: Connection) -> str:
    """Return which database of which server this is, "" for a file."""
    return "" if database.sqlite else str(database.raw(tx).rows(HERE)[0][0])
