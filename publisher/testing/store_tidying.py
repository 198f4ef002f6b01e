"""What a store promises of old editions: their rows go, their sums and the readers' memory stay."""

from datetime import timedelta

import pytest

from publisher.errors import Conflict, NotFound
from publisher.model.editions import DeliveryState, EditionId, EditionState
from publisher.ports import Store
from publisher.testing.store_world import World

KEEP = timedelta(days=90)
READERS = ("ada", "bo", "cy", "di", "ed")


class TidyContract:
    """Editions that ended long ago."""

    def test_an_old_edition_keeps_its_sums_and_loses_its_rows(self, store: Store) -> None:
        """A few at a time, and only once."""
        world, old = _sent(store)
        before = store.edition(old).counts
        assert store.fold_edition(world.now - KEEP, world.now) is None, "it ended too lately"
        world.wait(KEEP + timedelta(seconds=1))
        assert store.fold_edition(world.now - KEEP, world.now, limit=2) == (old, 2)
        store.repair(world.now, (), resend=False, dry=False)
        assert store.fold_edition(world.now - KEEP, world.now, limit=9) == (old, 3)
        assert store.fold_edition(world.now - KEEP, world.now) is None
        found = store.edition(old)
        assert (found.counts, found.audience, found.complete) == (before, len(READERS), True)
        assert found.folded == world.now
        assert store.deliveries(old) == []
        store.repair(world.now, (), resend=False, dry=False)
        assert store.edition(old).counts == before

    def test_what_was_sent_is_still_known(self, store: Store) -> None:
        """Promise 4: nobody gets a story again whose delivery nobody remembers."""
        world, _ = _sent(store)
        world.wait(2 * KEEP)
        store.fold_edition(world.now - KEEP, world.now)
        world.collect("two")
        assert world.digest() == {name: ["two"] for name in READERS}

    def test_what_is_under_way_or_waits_is_left_alone(self, store: Store) -> None:
        """However long ago it was opened."""
        world = World(store)
        world.collect("one")
        world.reader("ada")
        edition = world.opened()
        world.wait(2 * KEEP)
        assert store.fold_edition(world.now - KEEP, world.now) is None
        store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "a test")
        assert store.fold_edition(world.now - KEEP, world.now) is None
        paused = (EditionState.PAUSED,)
        store.move_edition(edition.id, paused, EditionState.CANCELLED, "not wanted")
        assert store.fold_edition(world.now - KEEP, world.now) == (edition.id, 1)
        assert store.edition(edition.id).counts[DeliveryState.SUPPRESSED] == 1

    def test_nobody_can_be_tried_again_who_is_not_known(self, store: Store) -> None:
        """It is said, instead of queueing nobody."""
        world, old = _sent(store)
        row = store.deliveries(old)[0]
        world.wait(2 * KEEP)
        store.fold_edition(world.now - KEEP, world.now)
        with pytest.raises(Conflict, match="dropped"):
            store.retry(old, (DeliveryState.FAILED,), world.now)
        with pytest.raises(NotFound):
            store.delivery(row.id)


def _sent(store: Store) -> tuple[World, EditionId]:
    """Return a world in which an edition went to everybody."""
    world = World(store)
    world.collect("one")
    for name in READERS:
        world.reader(name)
    edition = world.opened()
    world.send(edition)
    store.finish_editions(world.now)
    return world, edition.id
