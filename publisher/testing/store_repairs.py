"""What every store promises of a repair: what a crash left is settled, and a dry one changes nothing."""

import pytest

from publisher.errors import StoreError
from publisher.model.editions import EditionState, OutcomeState
from publisher.model.keeping import Repaired
from publisher.ports import LEASE, Store
from publisher.testing.store_world import ME, World, outcome

NOBODY: tuple[str, ...] = ()


class RepairContract:
    """Repairs by the verbs alone; damage from outside is for the stores' own tests."""

    def test_a_ledger_in_order_stays_as_it_is(self, store: Store) -> None:
        """Also one that somebody works on."""
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        edition = world.opened()
        world.claim(edition.id)
        assert store.repair(world.now, NOBODY, resend=True, dry=False) == Repaired()
        assert world.counts(edition.id) == {"claimed": 1}

    @pytest.mark.parametrize(("resend", "state"), [(True, "queued"), (False, "uncertain")])
    def test_what_dead_workers_held_is_settled(
        self,
        store: Store,
        resend: bool,  # noqa: FBT001  a parameter of the test
        state: str,
    ) -> None:
        """Claimed ones return to the queue, those on the wire as the operators wish; runs wait."""
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        world.reader("ben")
        edition = world.opened()
        first, _ = world.claim(edition.id)
        world.turn(edition.id, next=[first.id])
        store.claim_run(ME, world.now, world.now + LEASE)
        before = world.counts(edition.id)
        expected = Repaired(runs=1, returned=1, uncertain=1)
        assert store.repair(world.now, [ME], resend=resend, dry=True) == expected
        assert world.counts(edition.id) == before
        assert store.repair(world.now, [ME], resend=resend, dry=False) == expected
        assert world.counts(edition.id).get(state) == (2 if resend else 1)
        assert store.repair(world.now, [ME], resend=resend, dry=False) == Repaired()

    def test_a_lease_that_nobody_needs_is_dropped(self, store: Store) -> None:
        """All of a batch was told, and the worker died before it gave the lease back."""
        world = World(store)
        world.collect("bell")
        world.reader("ada")
        edition = world.opened()
        (one,) = world.claim(edition.id)
        world.turn(edition.id, next=[one.id])
        world.turn(edition.id, [outcome(one.id, OutcomeState.ACCEPTED)])
        assert store.repair(world.now, NOBODY, resend=True, dry=False) == Repaired(leases=1)
        assert [done.state for done in store.finish_editions(world.now)] == [EditionState.DONE]

    def test_a_closed_store_cannot_be_repaired(self, store: Store) -> None:
        """The error is a StoreError, as for every verb."""
        world = World(store)
        store.close()
        with pytest.raises(StoreError):
            store.repair(world.now, NOBODY, resend=True, dry=True)
