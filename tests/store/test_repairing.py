"""Repairs of what no crash of ours leaves: changed behind our back, in the database."""

from contextlib import closing

from sqlalchemy import text

from publisher.model.editions import EditionState
from publisher.model.keeping import Repaired
from publisher.store import open_store
from publisher.testing.store_world import NOON, World


def behind_our_back(store, *statements):
    with store._db.write() as tx:
        for statement in statements:
            tx.execute(text(statement))


def repaired(store, dry=False):
    return store.repair(NOON, (), resend=False, dry=dry)


def test_everything_that_was_bent_is_put_right(address):
    with closing(open_store(*address)) as store:
        world = World(store)
        world.collect("bell")
        for name in ("ada", "ben", "cem", "dot"):
            world.reader(name)
        edition = world.opened()
        first, _, third, fourth = world.claim(edition.id)
        behind_our_back(
            store,
            "DELETE FROM lease",
            f"UPDATE delivery SET state = 'sending' WHERE id = {first.id}",
            f"UPDATE delivery SET state = 'deferred', due = NULL WHERE id = {third.id}",
            f"UPDATE delivery SET state = 'accepted', owner = '' WHERE id = {fourth.id}",
            """UPDATE edition SET state = 'done', audience = 9, totals = '{"accepted": 9}'""",
        )
        number = edition.id
        expected = Repaired(
            returned=1, uncertain=1, due=1, reopened=(number,), recounted=(number,)
        )
        assert repaired(store, dry=True) == expected
        assert store.edition(number).audience == 9
        assert repaired(store) == expected
        assert store.edition(number).state is EditionState.OPEN
        counts = {"uncertain": 1, "queued": 1, "deferred": 1, "accepted": 1}
        assert world.counts(number) == counts
        assert repaired(store) == Repaired()


def test_totals_of_a_finished_edition_are_counted_anew(address):
    with closing(open_store(*address)) as store:
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        world.digest()
        assert repaired(store) == Repaired()
        behind_our_back(store, """UPDATE edition SET totals = '{"failed": 1}'""")
        (edition,) = store.editions()
        assert repaired(store) == Repaired(recounted=(edition.id,))
        assert world.counts(edition.id) == {"accepted": 1}


def test_what_waits_of_a_cancelled_edition_is_settled(address):
    with closing(open_store(*address)) as store:
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        edition = world.opened()
        behind_our_back(store, "UPDATE edition SET state = 'cancelled'")
        assert repaired(store) == Repaired(cancelled=1)
        assert world.counts(edition.id) == {"suppressed": 1}


def test_orphans_and_damage_are_named_and_left(root):
    import sqlite3

    address = ("sqlite:///publisher.db", root)
    with closing(open_store(*address)) as store:
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        world.opened()
    with closing(sqlite3.connect(root / "publisher.db", isolation_level=None)) as other:
        other.execute("DELETE FROM subscriber")
        other.execute("PRAGMA writable_schema = ON")
        other.execute("DELETE FROM sqlite_schema WHERE name = 'ix_article_published'")
    with closing(open_store(*address)) as store:
        found = repaired(store)
        assert found.orphans == {"delivery without its subscriber": 1}
        assert found.damage
        assert found.changes == 0
