"""What every store promises of itself: it counts its steps, and can be held back (promise 5)."""

from datetime import timedelta

import pytest

from publisher.errors import Conflict
from publisher.model.editions import DeliveryState, EditionState, OutcomeState
from publisher.model.keeping import HELD_BACK
from publisher.ports import Store
from publisher.testing.store_world import NOON, World, outcome

WHY = "it is 3 steps behind"


class KeepingContract:
    """Marks, holding back and letting go."""

    def test_steps_are_counted(self, store: Store) -> None:
        """A heartbeat, and whatever hands copies over, moves the store on."""
        before = store.marks().count
        store.beat(NOON)
        assert store.marks().count > before
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        edition = world.opened()
        before = store.marks().count
        assert world.claim(edition.id)
        assert store.marks().count > before

    def test_the_heartbeat_is_the_last_one_written(self, store: Store) -> None:
        """Also by a clock that went back."""
        assert store.marks().beat is None
        for at in (NOON, NOON + timedelta(hours=1), NOON - timedelta(hours=1)):
            store.beat(at)
            assert store.marks().beat == at

    def test_nothing_is_sent_from_a_store_that_is_held_back(self, store: Store) -> None:
        """What is open is paused and says why; what opens later gives nothing to claim."""
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        first = world.opened()
        (paused,) = store.hold_back(WHY)
        assert (paused.id, paused.state) == (first.id, EditionState.PAUSED)
        assert paused.reason == HELD_BACK + WHY
        assert store.marks().held == WHY
        world.reader("ben")
        world.collect("crane")
        second = world.opened()
        assert second.state is EditionState.OPEN
        assert not world.claim(second.id)
        assert [edition.id for edition in store.hold_back(WHY)] == [second.id]
        store.let_go()
        assert store.marks().held == ""
        assert store.edition(first.id).state is EditionState.PAUSED
        opened = store.move_edition(first.id, (EditionState.PAUSED,), EditionState.OPEN, "")
        assert world.send(opened) == {"ada": ["bell"]}

    def test_a_batch_under_way_stops_when_the_store_is_held_back(self, store: Store) -> None:
        """Claimed is not sending: the next turn lets nobody go."""
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        world.reader("ben")
        edition = world.opened()
        one, other = world.claim(edition.id)
        assert world.turn(edition.id, next=[one.id])
        store.hold_back(WHY)
        told = [outcome(one.id, OutcomeState.ACCEPTED)]
        assert not world.turn(edition.id, told, next=[other.id])
        assert world.counts(edition.id) == {"accepted": 1, "queued": 1}

    def test_what_counts_as_sent_is_not_told_again(self, store: Store) -> None:
        """Whatever stood in the queue becomes uncertain, and a retry reaches it."""
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        world.reader("ben")
        edition = world.opened()
        world.send_one(edition)
        world.claim(edition.id)
        store.hold_back(WHY)
        assert store.count_as_sent(edition.id, "sent before", world.now) == 1
        assert world.counts(edition.id) == {"accepted": 1, "uncertain": 1}
        store.let_go()
        assert [done.id for done in store.finish_editions(world.now)] == [edition.id]
        world.collect("crane")
        assert world.digest() == {"ada": ["crane"], "ben": ["crane"]}
        assert store.retry(edition.id, [DeliveryState.UNCERTAIN], world.now) == 1

    def test_only_a_paused_edition_can_count_as_sent(self, store: Store) -> None:
        """An open one may be under way."""
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        edition = world.opened()
        with pytest.raises(Conflict):
            store.count_as_sent(edition.id, "sent before", world.now)
        assert world.counts(edition.id) == {"queued": 1}
