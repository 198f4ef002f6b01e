"""What a store promises of refusals: who is suppressed, what is remembered of those put off."""

from datetime import datetime

from publisher.model.editions import DeliveryState, OutcomeState, Refusal
from publisher.model.subscribers import SubscriberStatus
from publisher.ports import Store
from publisher.testing.store_deliveries import ready
from publisher.testing.store_world import MINUTE, World, address, outcome


def refused(
    world: World, refusal: Refusal | None, state: OutcomeState = OutcomeState.FAILED
) -> datetime:
    """Send an edition to everybody, refused in one way; return when."""
    world.wait()
    world.collect(f"story {world.now}")
    edition = world.opened()
    rows = [row.id for row in world.claim(edition.id)]
    world.turn(edition.id, next=rows)
    said = [outcome(row, state, code="5.0.0", reason="no", refusal=refusal) for row in rows]
    world.turn(edition.id, said)
    world.store.finish_editions(world.now)
    return world.now


class OutcomeContract:
    """Refusals."""

    def test_a_hard_refusal_suppresses_the_address(self, store: Store) -> None:
        """In the same turn, with what was said; the next edition does not go there."""
        world, edition = ready(store, 3)
        rows = [row.id for row in world.claim(edition)]
        world.turn(edition, next=rows)
        world.turn(
            edition,
            [
                outcome(
                    rows[0],
                    OutcomeState.FAILED,
                    code="5.1.1",
                    reason="550 5.1.1 no such user",
                    refusal=Refusal.HARD,
                ),
                outcome(rows[1], OutcomeState.FAILED, refusal=Refusal.POLICY),
                outcome(rows[2], OutcomeState.FAILED, refusal=Refusal.SOFT),
            ],
        )
        (barred,) = store.suppressions()
        assert barred.email == address("reader0")
        assert barred.reason == "bounced: 550 5.1.1 no such user"
        assert barred.since == world.now
        states = [one.status for one in store.subscribers()]
        assert states[0] is SubscriberStatus.SUPPRESSED
        assert states[1:] == [SubscriberStatus.CONFIRMED] * 2

    def test_only_a_failure_suppresses(self, store: Store) -> None:
        """What is merely put off is tried again, whatever it calls itself."""
        world, _ = ready(store, 1)
        refused(world, Refusal.HARD, OutcomeState.DEFERRED)
        refused(world, None)
        assert store.suppressions() == []

    def test_erased_people_are_not_written_down_again(self, store: Store) -> None:
        """A refusal that comes after they were forgotten brings nothing of them back."""
        world, edition = ready(store, 1)
        row = world.claim(edition)[0]
        world.turn(edition, next=[row.id])
        store.erase(row.subscriber, world.now)
        world.turn(edition, [outcome(row.id, OutcomeState.FAILED, refusal=Refusal.HARD)])
        assert store.suppressions() == []
        assert world.counts(edition) == {"failed": 1}

    def test_the_first_time_of_being_put_off_is_kept(self, store: Store) -> None:
        """Patience is counted from there; an operator's retry begins anew."""
        world, edition = ready(store, 1)
        row = world.claim(edition)[0]
        assert row.since is None
        first = world.now
        for _ in range(2):
            world.turn(edition, next=[row.id])
            until = world.now + MINUTE
            world.turn(edition, [outcome(row.id, OutcomeState.DEFERRED, until=until)])
            world.wait()
            (again,) = world.claim(edition)
            assert again.since == first
        world.turn(edition, next=[row.id])
        world.turn(edition, [outcome(row.id, OutcomeState.FAILED)])
        assert store.retry(edition, [DeliveryState.FAILED], world.now) == 1
        assert store.delivery(row.id).since is None

    def test_soft_failures_count_since_the_last_success(self, store: Store) -> None:
        """Policy and other people's failures are passed over; an accepted copy ends the count."""
        world, _ = ready(store, 1)
        (person,) = store.subscribers()
        assert store.soft_failures(person.id) == []
        refused(world, Refusal.SOFT)
        world.wait()
        world.collect("taken")
        world.send(world.opened())
        assert store.soft_failures(person.id) == []
        first = refused(world, Refusal.SOFT)
        refused(world, Refusal.POLICY)
        refused(world, None)
        last = refused(world, Refusal.SOFT)
        assert store.soft_failures(person.id) == [last, first]
