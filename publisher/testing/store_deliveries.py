"""What a store promises of the ledger: claims, turns, sweeps, retries (promises 2, 3, 6)."""

import pytest

from publisher.errors import Conflict, NotFound
from publisher.model.editions import (
    DeliveryId,
    DeliveryState,
    EditionId,
    EditionState,
    OutcomeState,
)
from publisher.model.subscribers import NewSubscriber, SubscriberId, SubscriberStatus
from publisher.ports import LEASE, Store
from publisher.testing.store_world import DAILY, ME, MINUTE, World, address, outcome

OTHER = "host:2:other"


def ready(store: Store, readers: int = 3) -> tuple[World, EditionId]:
    """Return a world with an open edition to some readers."""
    world = World(store)
    world.collect("one")
    for number in range(readers):
        world.reader(f"reader{number}")
    return world, world.opened().id


class DeliveryContract:
    """The ledger."""

    def test_a_claim_is_nobody_elses_and_not_sending(self, store: Store) -> None:
        """Batches are disjoint, oldest first, and never larger than asked."""
        world, edition = ready(store, 5)
        first = world.claim(edition, limit=2)
        second = world.claim(edition, OTHER, limit=9)
        assert [len(first), len(second)] == [2, 3]
        assert [one.id for one in first] < [one.id for one in second]
        assert not {one.id for one in first} & {one.id for one in second}
        assert {one.state for one in first} == {DeliveryState.CLAIMED}
        assert world.claim(edition) == []
        assert world.counts(edition) == {"claimed": 5}
        assert store.owners() == [ME, OTHER]
        assert store.sendable(world.now) == []

    def test_a_row_says_since_when_its_reader_agreed(self, store: Store) -> None:
        """The date of consent, and of joining where nobody noted that."""
        world = World(store)
        agreed = world.now - 200 * LEASE
        told = NewSubscriber(
            email=address("told"), subscriptions=(("harbour", DAILY),), consent_at=agreed
        )
        store.add_subscriber(told, world.now)
        world.reader("untold")
        world.collect("one")
        edition = world.opened().id
        rows = {row.email: row.joined for row in store.deliveries(edition)}
        assert rows[address("told")] == agreed
        assert rows[address("untold")] == store.find_subscriber(address("untold")).joined

    def test_a_turn_records_and_lets_go(self, store: Store) -> None:
        """Outcomes are written with all they say; what goes next is on the wire."""
        world, edition = ready(store, 2)
        one, two = (row.id for row in world.claim(edition))
        assert world.turn(edition, next=[one]) == {one}
        assert store.delivery(one).state is DeliveryState.SENDING
        world.wait()
        said = outcome(
            one,
            OutcomeState.ACCEPTED,
            code="250",
            reason="2.0.0 Ok",
            message_id="<a@b>",
            transport="relay",
        )
        assert world.turn(edition, [said], [two]) == {two}
        row = store.delivery(one)
        assert (row.state, row.attempts, row.at) == (DeliveryState.ACCEPTED, 1, world.now)
        assert (row.reason, row.message_id, row.transport) == ("250 2.0.0 Ok", "<a@b>", "relay")
        assert world.counts(edition) == {"accepted": 1, "sending": 1}

    def test_what_we_refuse_before_sending_is_failed(self, store: Store) -> None:
        """An address that cannot be written to ends its copy without an attempt."""
        world, edition = ready(store, 2)
        one, two = (row.id for row in world.claim(edition))
        refused = outcome(one, OutcomeState.FAILED, reason="has a local part nobody can write to")
        assert world.turn(edition, [refused], [two]) == {two}
        row = store.delivery(one)
        assert (row.state, row.attempts) == (DeliveryState.FAILED, 0)
        assert row.reason == "has a local part nobody can write to"
        assert world.turn(edition, [outcome(two, OutcomeState.FAILED)], owner=OTHER) == frozenset()
        assert store.delivery(two).state is DeliveryState.SENDING

    def test_only_the_owner_may_send_what_it_claimed(self, store: Store) -> None:
        """Not what is queued, another's, ended, already on the wire, or of another edition."""
        world, edition = ready(store, 3)
        mine = world.claim(edition, limit=1)[0].id
        other = world.claim(edition, OTHER, limit=1)[0].id
        queued = store.deliveries(edition, [DeliveryState.QUEUED])[0].id
        asked = [mine, other, queued, DeliveryId(404)]
        assert world.turn(edition, next=asked) == {mine}
        assert world.turn(edition, next=asked) == frozenset()
        world.turn(edition, [outcome(mine, OutcomeState.ACCEPTED)])
        assert world.turn(edition, next=asked) == frozenset()
        assert store.delivery(other).state is DeliveryState.CLAIMED
        world.turn(edition, [outcome(other, OutcomeState.FAILED)])
        assert store.delivery(other).state is DeliveryState.CLAIMED

    def test_every_outcome_has_its_state(self, store: Store) -> None:
        """Deferred ones wait until they are due; returned ones count no attempt."""
        world, edition = ready(store, 5)
        rows = [row.id for row in world.claim(edition)]
        world.turn(edition, next=rows)
        until = world.now + MINUTE
        world.turn(
            edition,
            [
                outcome(rows[0], OutcomeState.ACCEPTED),
                outcome(rows[1], OutcomeState.DEFERRED, until=until, reason="4.7.1 later"),
                outcome(rows[2], OutcomeState.FAILED, code="550", reason="550 5.1.1 unknown"),
                outcome(rows[3], OutcomeState.UNCERTAIN, reason="lost\r\nafter the dot\0"),
                outcome(rows[4], OutcomeState.RETURNED),
            ],
        )
        states = [(row.state.value, row.attempts, row.reason) for row in store.deliveries(edition)]
        assert states == [
            ("accepted", 1, ""),
            ("deferred", 1, "4.7.1 later"),
            ("failed", 1, "550 5.1.1 unknown"),
            ("uncertain", 1, "lost after the dot"),
            ("queued", 0, ""),
        ]
        assert [row.id for row in world.claim(edition)] == [rows[4]]
        assert store.next_due(world.now) == until
        world.wait()
        assert [one.id for one in store.sendable(world.now)] == [edition]
        assert [row.id for row in world.claim(edition)] == [rows[1]]
        assert store.next_due(world.now) is None

    def test_what_a_provider_has_no_room_for_waits_without_having_been_tried(
        self, store: Store
    ) -> None:
        """Nobody else may return it, and its back-off has not begun."""
        world, edition = ready(store, 3)
        rows = [row.id for row in world.claim(edition)]
        until = world.now + MINUTE
        later = outcome(rows[0], OutcomeState.RETURNED, until=until, reason="waits")
        store.turn(edition, "somebody", [later], [], world.now, until)
        assert store.delivery(rows[0]).state is DeliveryState.CLAIMED
        world.turn(edition, [later], next=[rows[1]])
        one = store.delivery(rows[0])
        assert (one.state, one.attempts, one.since) == (DeliveryState.DEFERRED, 0, None)
        assert store.next_due(world.now) == until
        assert store.tried(edition) == 0
        assert list(world.claim(edition)) == []
        world.wait()
        assert [row.id for row in world.claim(edition)] == [rows[0]]
        world.turn(edition, next=[rows[0]])
        assert store.delivery(rows[0]).attempts == 1
        world.turn(edition, [outcome(rows[0], OutcomeState.RETURNED, until=until)])
        assert store.delivery(rows[0]).attempts == 0

    def test_consent_is_checked_when_a_batch_is_claimed(self, store: Store) -> None:
        """Who left since the freeze is not claimed; the batch behind them is."""
        world, edition = ready(store, 4)
        people = store.subscribers()
        store.set_status(people[0].id, SubscriberStatus.UNSUBSCRIBED, world.now)
        store.suppress(people[1].email, "bounced", world.now)
        store.subscribe(people[2].id, (), world.now)
        assert [row.subscriber for row in world.claim(edition, limit=1)] == [people[3].id]
        reasons = [row.reason for row in store.deliveries(edition, [DeliveryState.SUPPRESSED])]
        assert ["unsubscribed" in reasons[0], "bounced" in reasons[1]] == [True, True]
        assert "not subscribed" in reasons[2]

    def test_consent_is_checked_before_each_message(self, store: Store) -> None:
        """Unsubscribed, suppressed, erased and resubscribed elsewhere: not sent, accounted for."""
        world, edition = ready(store, 5)
        rows = world.claim(edition)
        people = [row.subscriber for row in rows]
        store.set_status(people[0], SubscriberStatus.UNSUBSCRIBED, world.now)
        store.suppress(address("READER1"), "complaint", world.now)
        store.erase(people[2], world.now)
        store.subscribe(people[3], [("harbour", "weekly")], world.now)
        assert world.turn(edition, next=[row.id for row in rows]) == {rows[4].id}
        assert world.counts(edition) == {"suppressed": 4, "sending": 1}
        assert all(store.delivery(row.id).reason for row in rows[:4])

    def test_a_pause_takes_hold_at_the_next_turn(self, store: Store) -> None:
        """Outcomes are still recorded; what was to go returns to the queue."""
        world, edition = ready(store, 2)
        one, two = (row.id for row in world.claim(edition))
        world.turn(edition, next=[one])
        store.move_edition(edition, [EditionState.OPEN], EditionState.PAUSED, "")
        assert world.turn(edition, [outcome(one, OutcomeState.ACCEPTED)], [two]) == frozenset()
        assert world.counts(edition) == {"accepted": 1, "queued": 1}

    def test_a_cancellation_takes_hold_at_the_next_turn(self, store: Store) -> None:
        """Nothing of a cancelled edition waits any more, whatever its workers do."""
        world, edition = ready(store, 4)
        one, two, three = (row.id for row in world.claim(edition, limit=3))
        world.claim(edition, OTHER)
        world.turn(edition, next=[one])
        store.move_edition(edition, [EditionState.OPEN], EditionState.CANCELLED, "wrong")
        assert world.turn(edition, [outcome(one, OutcomeState.DEFERRED)], [two]) == frozenset()
        assert store.release(edition, ME, world.now) == 1
        assert store.sweep(world.now, [OTHER], resend=True) == (1, 0)
        assert world.counts(edition) == {"suppressed": 4}
        assert store.delivery(three).reason
        with pytest.raises(Conflict):
            store.retry(edition, [DeliveryState.FAILED], world.now)

    def test_a_release_returns_what_was_not_begun(self, store: Store) -> None:
        """What is on the wire stays there."""
        world, edition = ready(store, 3)
        rows = world.claim(edition)
        world.claim(edition, OTHER)
        world.turn(edition, next=[rows[0].id])
        assert store.release(edition, OTHER, world.now) == 0
        assert store.release(edition, ME, world.now) == 2
        assert world.counts(edition) == {"sending": 1, "queued": 2}
        assert store.owners() == [ME]

    @pytest.mark.parametrize(("resend", "settled"), [(False, "uncertain"), (True, "queued")])
    def test_an_expired_lease_is_swept(self, store: Store, *, resend: bool, settled: str) -> None:
        """Claimed ones return; those on the wire are uncertain, or queued again when asked."""
        world, edition = ready(store, 3)
        rows = world.claim(edition)
        world.turn(edition, next=[rows[0].id])
        world.wait(LEASE / 2)
        assert store.sweep(world.now, [], resend=resend) == (0, 0)
        world.wait(LEASE)
        assert store.sweep(world.now, [], resend=resend) == (2, 1)
        row = store.delivery(rows[0].id)
        assert (row.state.value, row.attempts) == (settled, 1)
        assert row.reason
        assert store.owners() == []
        assert store.sweep(world.now, [], resend=resend) == (0, 0)

    def test_turns_prolong_the_lease(self, store: Store) -> None:
        """A worker that speaks keeps its batch; an empty turn is a heartbeat."""
        world, edition = ready(store, 2)
        rows = world.claim(edition)
        for _ in range(3):
            world.wait(LEASE * 0.9)
            world.turn(edition)
            assert store.sweep(world.now, [], resend=True) == (0, 0)
        assert world.turn(edition, next=[rows[0].id]) == {rows[0].id}

    def test_a_dead_owners_batch_is_swept_at_once(self, store: Store) -> None:
        """No lease needs to expire; others' batches stay."""
        world, edition = ready(store, 4)
        world.claim(edition, limit=2)
        world.claim(edition, OTHER)
        assert store.sweep(world.now, ["nobody"], resend=False) == (0, 0)
        assert store.sweep(world.now, [OTHER], resend=False) == (2, 0)
        assert world.counts(edition) == {"claimed": 2, "queued": 2}

    def test_a_worker_that_lost_its_lease_notices(self, store: Store) -> None:
        """Proof 8: stopped and continued, it may send nothing of what was swept."""
        world, edition = ready(store, 3)
        rows = [row.id for row in world.claim(edition)]
        world.turn(edition, next=[rows[0]])
        world.wait(2 * LEASE)
        store.sweep(world.now, [], resend=True)
        assert len(world.claim(edition, OTHER, limit=2)) == 2
        late = outcome(rows[0], OutcomeState.ACCEPTED)
        assert world.turn(edition, [late], rows[1:]) == frozenset()
        # What was accepted was accepted: the new owner is not to send it again.
        assert store.delivery(rows[0]).state is DeliveryState.ACCEPTED
        assert world.turn(edition, next=rows, owner=OTHER) == {rows[1]}

    def test_retry_queues_again_and_reopens(self, store: Store) -> None:
        """Only what ended in the states asked for."""
        world, edition = ready(store, 3)
        rows = [row.id for row in world.claim(edition)]
        world.turn(edition, next=rows)
        states = (OutcomeState.ACCEPTED, OutcomeState.FAILED, OutcomeState.UNCERTAIN)
        world.turn(edition, [outcome(r, s) for r, s in zip(rows, states, strict=True)])
        store.finish_editions(world.now)
        everything = list(DeliveryState)
        assert store.retry(edition, [DeliveryState.SUPPRESSED], world.now) == 0
        assert store.edition(edition).state is EditionState.DONE
        assert store.retry(edition, [DeliveryState.FAILED], world.now) == 1
        assert store.edition(edition).state is EditionState.OPEN
        assert world.counts(edition) == {"accepted": 1, "queued": 1, "uncertain": 1}
        assert store.retry(edition, everything, world.now) == 1
        assert world.counts(edition) == {"accepted": 1, "queued": 2}
        with pytest.raises(NotFound):
            store.retry(EditionId(404), everything, world.now)

    def test_retry_makes_deferred_ones_due(self, store: Store) -> None:
        """The operator need not wait."""
        world, edition = ready(store, 1)
        row = world.claim(edition)[0].id
        world.turn(edition, next=[row])
        later = world.now + 9 * MINUTE
        world.turn(edition, [outcome(row, OutcomeState.DEFERRED, until=later)])
        assert world.claim(edition) == []
        assert store.retry(edition, [DeliveryState.DEFERRED], world.now) == 1
        assert [one.id for one in world.claim(edition)] == [row]

    def test_rows_are_listed_by_state_person_and_number(self, store: Store) -> None:
        """Ordered by id for editions, newest first for a person."""
        world, edition = ready(store, 3)
        rows = store.deliveries(edition)
        assert [row.id for row in rows] == sorted(row.id for row in rows)
        assert store.deliveries(edition, limit=2) == rows[:2]
        assert store.deliveries(edition, [DeliveryState.FAILED]) == []
        assert store.delivery(rows[0].id) == rows[0]
        with pytest.raises(NotFound):
            store.delivery(DeliveryId(404))
        world.send(store.edition(edition))
        world.collect("two")
        second = world.opened()
        sent = store.deliveries_to(rows[0].subscriber)
        assert [row.edition for row in sent] == [second.id, edition]
        assert len(store.deliveries_to(rows[0].subscriber, limit=1)) == 1
        assert store.deliveries_to(SubscriberId(404)) == []
        assert store.delivery_to(rows[0].subscriber, second.id) == sent[0]
        assert store.delivery_to(rows[0].subscriber, edition) == sent[1]
        for person, number in ((SubscriberId(404), edition), (rows[0].subscriber, EditionId(404))):
            with pytest.raises(NotFound):
                store.delivery_to(person, number)

    def test_erased_people_stay_countable(self, store: Store) -> None:
        """The ledger keeps its sums without the address."""
        world, edition = ready(store, 2)
        world.send(store.edition(edition))
        store.erase(store.subscribers()[0].id, world.now)
        assert world.counts(edition) == {"accepted": 2}
        assert [row.email for row in store.deliveries(edition)] == ["", address("reader1")]
