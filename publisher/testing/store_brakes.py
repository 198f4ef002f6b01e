"""What a store promises of complaints, and of editions that stop by themselves."""

from datetime import timedelta

import pytest

from publisher.errors import NotFound
from publisher.model.editions import (
    DeliveryState,
    EditionContent,
    EditionId,
    EditionState,
    OutcomeState,
    Refusal,
)
from publisher.model.subscribers import Complaint, SubscriberId, SubscriberStatus
from publisher.ports import Store
from publisher.testing.store_deliveries import OTHER, ready
from publisher.testing.store_world import MINUTE, World, address, outcome

DAY = timedelta(days=1)
PAUSED = (EditionState.PAUSED,)


def complaint(world: World, name: str, evidence: str = "") -> Complaint:
    """Return a complaint of a reader."""
    person = world.store.find_subscriber(address(name))
    return Complaint(evidence=evidence or name, subscriber=person.id, at=world.now)


def resume(world: World, edition: EditionId) -> None:
    """Let a paused edition go on, as an operator does."""
    content = world.store.content(edition)
    if content is None:
        content = world.store.save_content(edition, EditionContent(stories=()), 0)
    world.store.approve_edition(edition, PAUSED, content.version, "", world.now)


def refuse(world: World, edition: EditionId, *refusals: Refusal | None) -> None:
    """Send the next copies of an edition, each refused for good; None lets one be accepted."""
    rows = [row.id for row in world.claim(edition, limit=len(refusals))]
    world.turn(edition, next=rows)
    world.turn(
        edition,
        [
            outcome(row, OutcomeState.FAILED if why else OutcomeState.ACCEPTED, refusal=why)
            for row, why in zip(rows, refusals, strict=True)
        ],
    )
    world.store.release(edition, "host:1:me", world.now)


class BrakeContract:
    """Complaints and brakes."""

    def test_who_complains_is_never_written_to_again(self, store: Store) -> None:
        """Unsubscribed and suppressed, once for each report; a letter would be one too many."""
        world, edition = ready(store, 2)
        told = complaint(world, "reader0")
        assert store.barred(address("reader0")) == ""
        assert store.complain(told, world.now)
        assert not store.complain(told, world.now + DAY)
        assert store.barred(address("READER0")) == "complained"
        store.unsuppress(address("reader0"))
        person = store.find_subscriber(address("reader0"))
        assert person.status is SubscriberStatus.UNSUBSCRIBED
        assert [row.email for row in world.claim(edition)] == [address("reader1")]
        assert store.complaints(world.now) == 1
        assert store.complaints(world.now + MINUTE) == 0
        stranger = Complaint(evidence="x", subscriber=SubscriberId(404), at=world.now)
        with pytest.raises(NotFound):
            store.complain(stranger, world.now)
        assert store.complaints(world.now) == 1

    def test_a_complaint_of_somebody_forgotten_counts_and_brings_nothing_back(
        self, store: Store
    ) -> None:
        """The address is gone, and stays so."""
        world, _ = ready(store, 1)
        told = complaint(world, "reader0")
        store.erase(told.subscriber, world.now)
        assert store.complain(told, world.now)
        assert store.suppressions() == []
        assert store.complaints(world.now) == 1

    def test_trouble_is_counted_from_the_ledger(self, store: Store) -> None:
        """What we refuse ourselves was never tried; who puts off for his policy blocks nobody."""
        world, edition = ready(store, 6)
        row = world.claim(edition, limit=1)[0].id
        world.turn(edition, [outcome(row, OutcomeState.FAILED)])  # ours: never offered
        refuse(world, edition, Refusal.HARD, Refusal.POLICY, None)
        deferred = world.claim(edition, limit=1)[0].id
        world.turn(edition, next=[deferred])
        said = outcome(deferred, OutcomeState.DEFERRED, refusal=Refusal.POLICY)
        world.turn(edition, [said])
        found = store.trouble(edition)
        assert (found.failed, found.tried) == (2, 3)
        assert found.blocked == {"example.org": 1}
        assert store.tried_at(edition, "example.org") == 4
        assert store.tried_at(edition, "ample.org") == 0
        assert store.tried_at(edition, "e_ample.org") == 0
        with pytest.raises(NotFound):
            store.trouble(EditionId(404))

    def test_what_was_blocked_and_then_accepted_is_not_blocked(self, store: Store) -> None:
        """Only the last answer counts."""
        world, edition = ready(store, 1)
        refuse(world, edition, Refusal.POLICY)
        assert store.trouble(edition).blocked == {"example.org": 1}
        store.retry(edition, [DeliveryState.FAILED], world.now)
        world.send(store.edition(edition))
        assert store.trouble(edition).blocked == {}

    def test_an_edition_stops_once_and_says_why(self, store: Store) -> None:
        """Of two processes one stops it; a turn after it lets nothing go."""
        world, edition = ready(store, 3)
        mine = world.claim(edition, OTHER, limit=1)[0].id
        assert store.brake(edition, "errors", "too many errors", world.now)
        assert not store.brake(edition, "errors", "too many errors", world.now)
        found = store.edition(edition)
        assert (found.state, found.reason) == (EditionState.PAUSED, "too many errors")
        assert world.turn(edition, next=[mine], owner=OTHER) == frozenset()
        assert world.counts(edition) == {"queued": 3}

    def test_what_may_be_our_fault_suppresses_nobody(self, store: Store) -> None:
        """An edition that stops for its errors lifts what it suppressed, and nothing else."""
        world, edition = ready(store, 7)
        refuse(world, edition, Refusal.HARD)
        assert store.brake(edition, "policy:example.org", "", world.now)
        assert store.barred(address("reader0"))
        world.wait()
        resume(world, edition)  # what went before was seen, and stays
        refuse(world, edition, Refusal.HARD, Refusal.HARD, None)
        store.suppress(address("reader3"), "bounced: they said so", world.now)
        held = world.claim(edition, limit=1)[0].id
        world.turn(edition, next=[held])
        assert store.brake(edition, "errors", "", world.now)
        world.turn(edition, [outcome(held, OutcomeState.FAILED, refusal=Refusal.HARD)])
        barred = [name for name in range(7) if store.barred(address(f"reader{name}"))]
        assert barred == [0, 3]
        assert world.counts(edition) == {"accepted": 1, "failed": 4, "queued": 2}

    def test_also_when_there_is_nobody_left_to_spare(self, store: Store) -> None:
        """The next edition is written to them as well."""
        world, edition = ready(store, 2)
        refuse(world, edition, Refusal.HARD, Refusal.HARD)
        assert len(store.suppressions()) == 2
        assert not store.brake(edition, "errors", "", world.now)
        assert store.suppressions() == []

    def test_an_edition_that_is_through_does_not_stop(self, store: Store) -> None:
        """There is nobody left to spare."""
        world, edition = ready(store, 2)
        refuse(world, edition, Refusal.POLICY, Refusal.POLICY)
        assert not store.brake(edition, "errors", "too many errors", world.now)
        store.finish_editions(world.now)
        assert store.edition(edition).state is EditionState.DONE

    def test_what_was_let_go_on_counts_anew(self, store: Store) -> None:
        """Whoever resumes has seen what went before."""
        world, edition = ready(store, 6)
        refuse(world, edition, Refusal.POLICY, None)
        assert store.brake(edition, "errors", "", world.now)
        world.wait()
        resume(world, edition)
        assert store.trouble(edition).tried == 0
        assert store.trouble(edition).blocked == {}
        assert store.tried_at(edition, "example.org") == 0
        refuse(world, edition, Refusal.POLICY)
        found = store.trouble(edition)
        assert (found.failed, found.tried, found.blocked) == (1, 1, {"example.org": 1})
        assert store.retry(edition, [DeliveryState.FAILED], world.now) == 2

    def test_a_pause_by_hand_forgives_nothing(self, store: Store) -> None:
        """Only what the edition stopped for by itself is over."""
        world, edition = ready(store, 4)
        refuse(world, edition, Refusal.POLICY)
        store.move_edition(edition, [EditionState.OPEN], EditionState.PAUSED, "")
        world.wait()
        resume(world, edition)
        assert store.trouble(edition).failed == 1

    def test_accepted_copies_are_counted_over_all_editions(self, store: Store) -> None:
        """Within a time, and no further than asked."""
        world, edition = ready(store, 3)
        start = world.now
        world.send(store.edition(edition))
        store.finish_editions(world.now)
        world.wait(DAY)
        world.collect("two")
        world.send(world.opened())
        assert store.accepted(start, 100) == 6
        assert store.accepted(start, 4) == 4
        assert store.accepted(world.now, 100) == 3
        assert store.accepted(world.now + DAY, 100) == 0

    def test_complaints_are_forgiven_for_all_editions_at_once(self, store: Store) -> None:
        """They concern every edition; what was accepted before does not dilute the new ones."""
        world, edition = ready(store, 4)
        start = world.now
        refuse(world, edition, None, None)
        store.complain(complaint(world, "reader0"), world.now)
        assert store.brake(edition, "complaints", "", world.now)
        world.wait()
        resume(world, edition)
        assert store.complaints(start) == 0
        assert store.accepted(start, 100) == 0
        refuse(world, edition, None)
        store.complain(complaint(world, "reader1"), world.now)
        assert (store.complaints(start), store.accepted(start, 100)) == (1, 1)
