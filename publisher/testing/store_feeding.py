"""What a store promises of readers who have their editions in a feed of their own."""

import pytest

from publisher.errors import NotFound
from publisher.model.editions import BY_FEED, EditionId, EditionState, OutcomeState
from publisher.model.subscribers import (
    ImportVerdict,
    NewSubscriber,
    Subscriber,
    SubscriberId,
    SubscriberStatus,
)
from publisher.ports import LEASE, Store
from publisher.testing.store_world import DAILY, FEED, ME, MINUTE, NOON, World, outcome
from publisher.testing.store_world import address as address_of

FIRST = SubscriberId(0)
NOBODY = SubscriberId(404)


class FeedingContract:
    """Readers' own feeds."""

    def test_an_edition_is_put_into_feeds_without_being_claimed(self, store: Store) -> None:
        """The copy is accepted at once, the memory moves, and nothing is left to be mailed."""
        world = World(store)
        ada, bo = by_feed(world, "ada"), world.reader("bo")
        world.collect("one", "two")
        edition = world.opened()
        last = store.fill_feeds(edition.id, FIRST, world.now)
        assert last == ada.id
        assert store.fill_feeds(edition.id, ada.id, world.now) is None
        copy = store.delivery_to(ada.id, edition.id)
        assert (copy.state.value, copy.transport, copy.attempts) == ("accepted", BY_FEED, 0)
        assert copy.reason == "in their feed"
        assert world.counts(edition.id) == {"accepted": 1, "queued": 1}
        assert world.send(edition) == {"bo": ["one", "two"]}
        store.finish_editions(world.now)
        assert store.edition(edition.id).complete
        assert world.open() is None
        assert told(world, ada) == told(world, bo) == [["one", "two"]]

    def test_what_is_over_is_owed_to_readers_by_feed_too(self, store: Store) -> None:
        """Memory is one for both ways: what was left over comes next, however."""
        world = World(store)
        ada = by_feed(world, "ada")
        world.collect("one", "two", "three")
        fed(world, limit=2)
        store.change_subscriber(ada.id, by_feed=False)
        assert world.digest(limit=2) == {"ada": ["three"]}
        assert told(world, ada) == [["three"], ["one", "two"]]
        assert world.open() is None

    def test_titles_only_are_told_as_well(self, store: Store) -> None:
        """They come after the stories."""
        world = World(store)
        ada = by_feed(world, "ada")
        world.collect("one", "two", "three")
        fed(world, limit=1, titles=1)
        assert told(world, ada) == [["one", "two"]]
        (only,) = store.told(ada.id, 5)
        assert only.feeds == (FEED,)

    def test_a_batch_is_as_large_as_asked_for(self, store: Store) -> None:
        """The cursor goes on where the last batch ended."""
        world = World(store)
        readers = [by_feed(world, f"r{number}") for number in range(5)]
        world.collect("one")
        edition = world.opened()
        ends = [FIRST]
        while (last := store.fill_feeds(edition.id, ends[-1], world.now, limit=2)) is not None:
            ends.append(last)
        assert ends == [FIRST, readers[1].id, readers[3].id, readers[4].id]
        assert world.counts(edition.id) == {"accepted": 5}

    def test_a_claim_leaves_readers_by_feed_out(self, store: Store) -> None:
        """Who changes while an edition waits is not mailed, and finds it in their feed."""
        world = World(store)
        ada, bo = world.reader("ada"), world.reader("bo")
        world.collect("one")
        edition = world.opened()
        store.change_subscriber(ada.id, by_feed=True)
        assert [one.subscriber for one in world.claim(edition.id)] == [bo.id]
        assert world.counts(edition.id) == {"accepted": 1, "claimed": 1}
        assert told(world, ada) == [["one"]]
        assert told(world, bo) == []

    def test_who_changes_between_claim_and_envelope_is_not_mailed(self, store: Store) -> None:
        """The way is looked at in the transaction before each envelope."""
        world = World(store)
        ada = world.reader("ada")
        world.collect("one")
        edition = world.opened()
        (copy,) = world.claim(edition.id)
        store.change_subscriber(ada.id, by_feed=True)
        assert world.turn(edition.id, next=[copy.id]) == frozenset()
        assert told(world, ada) == [["one"]]
        store.release(edition.id, ME, world.now)
        store.finish_editions(world.now)
        assert store.edition(edition.id).complete
        assert world.open() is None

    def test_who_changes_back_before_it_went_is_mailed(self, store: Store) -> None:
        """A copy that waits goes the way its reader wants when its turn comes."""
        world = World(store)
        ada = by_feed(world, "ada")
        world.collect("one")
        edition = world.opened()
        store.change_subscriber(ada.id, by_feed=False)
        assert store.fill_feeds(edition.id, FIRST, world.now) is None
        assert world.send(edition) == {"ada": ["one"]}

    def test_consent_is_looked_at_when_feeds_are_filled(self, store: Store) -> None:
        """Promise 6 knows no exception: it is suppressed with the reason."""
        world = World(store)
        ada, bo, cy = (by_feed(world, name) for name in ("ada", "bo", "cy"))
        world.collect("one")
        edition = world.opened()
        store.set_status(ada.id, SubscriberStatus.UNSUBSCRIBED, world.now)
        store.suppress(address_of("bo"), "bounced", world.now)
        store.erase(cy.id, world.now)
        while store.fill_feeds(edition.id, FIRST, world.now) is not None:
            pass
        while world.claim(edition.id):
            pass
        assert world.counts(edition.id) == {"suppressed": 3}
        assert store.told(ada.id, 5) == store.told(bo.id, 5) == []

    def test_only_open_editions_fill_feeds(self, store: Store) -> None:
        """What editors look at, and what is paused or held back, is in nobody's feed."""
        world = World(store)
        ada = by_feed(world, "ada")
        world.collect("one")
        edition = world.open(review=True)
        assert edition is not None
        assert store.fill_feeds(edition.id, FIRST, world.now) is None
        store.move_edition(edition.id, (EditionState.REVIEW,), EditionState.PAUSED, "wait")
        assert store.fill_feeds(edition.id, FIRST, world.now) is None
        assert told(world, ada) == []
        store.move_edition(edition.id, (EditionState.PAUSED,), EditionState.CANCELLED, "no")
        assert world.counts(edition.id) == {"suppressed": 1}
        assert fed(world) is not None
        assert told(world, ada) == [["one"]]

    def test_a_deferred_copy_is_due_in_a_feed_as_by_mail(self, store: Store) -> None:
        """Not before its time, and once."""
        world = World(store)
        ada = world.reader("ada")
        world.collect("one")
        edition = world.opened()
        (copy,) = world.claim(edition.id)
        world.turn(edition.id, next=[copy.id])
        later = outcome(copy.id, OutcomeState.DEFERRED, until=world.now + MINUTE)
        world.turn(edition.id, [later])
        store.release(edition.id, ME, world.now)
        store.change_subscriber(ada.id, by_feed=True)
        assert store.fill_feeds(edition.id, FIRST, world.now) is None
        world.wait(2 * LEASE)
        assert store.fill_feeds(edition.id, FIRST, world.now) == ada.id
        assert world.counts(edition.id) == {"accepted": 1}
        assert told(world, ada) == [["one"]]

    def test_a_failed_copy_is_in_no_feed_until_it_is_carried_over(self, store: Store) -> None:
        """A feed holds what was told, once."""
        world = World(store)
        ada = world.reader("ada")
        world.collect("one")
        world.send(world.opened(), OutcomeState.FAILED)
        store.finish_editions(world.now)
        assert told(world, ada) == []
        store.change_subscriber(ada.id, by_feed=True)
        fed(world)
        assert told(world, ada) == [["one"]]

    def test_feeds_say_nothing_of_mailboxes(self, store: Store) -> None:
        """What went into a feed is no mail that was accepted."""
        world = World(store)
        ada = by_feed(world, "ada")
        world.collect("one")
        edition = fed(world)
        assert store.accepted(NOON - MINUTE, 10) == 0
        assert store.trouble(edition).tried == 0
        assert store.soft_failures(ada.id) == []

    def test_the_newest_editions_are_told_first(self, store: Store) -> None:
        """As many as asked for."""
        world = World(store)
        ada = by_feed(world, "ada")
        for title in ("one", "two", "three"):
            world.collect(title)
            fed(world)
        assert told(world, ada) == [["three"], ["two"], ["one"]]
        assert [one.opened for one in store.told(ada.id, 2)] == [NOON, NOON]

    def test_an_address_can_be_taken_back(self, store: Store) -> None:
        """Everybody has a key of their own; an erased person has none."""
        world = World(store)
        ada, bo = world.reader("ada"), world.reader("bo")
        assert ada.feed_key == ""
        assert store.renew_feed(ada.id, "k1").feed_key == "k1"
        assert store.subscriber(ada.id).feed_key == "k1"
        assert store.subscriber(bo.id).feed_key == ""
        store.erase(ada.id, NOON)
        for gone in (ada.id, NOBODY):
            with pytest.raises(NotFound):
                store.renew_feed(gone, "k2")

    def test_imports_say_how_people_are_reached(self, store: Store) -> None:
        """A row that says nothing changes nothing."""
        row = NewSubscriber(email="ada@x.example", subscriptions=((FEED, DAILY),), by_feed=True)
        assert store.import_subscribers([row], NOON) == [ImportVerdict.ADDED]
        assert store.find_subscriber(row.email).by_feed
        silent = NewSubscriber(email="ada@x.example")
        assert store.import_subscribers([silent], NOON) == [ImportVerdict.SAME]
        mail = NewSubscriber(email="ada@x.example", by_feed=False)
        assert store.import_subscribers([mail], NOON) == [ImportVerdict.UPDATED]
        assert not store.find_subscriber(row.email).by_feed


def by_feed(world: World, name: str) -> Subscriber:
    """Let a person subscribe who reads in a feed of their own."""
    return world.store.change_subscriber(world.reader(name).id, by_feed=True)


def fed(world: World, limit: int = 100, titles: int = 0) -> EditionId:
    """Open an edition, put it into the feeds, finish it."""
    edition = world.opened(limit=limit, titles=titles)
    last: SubscriberId | None = FIRST
    while last is not None:
        last = world.store.fill_feeds(edition.id, last, world.now)
    world.store.finish_editions(world.now)
    assert world.store.edition(edition.id).complete
    return edition.id


def told(world: World, person: Subscriber) -> list[list[str]]:
    """Return the titles a person was told, edition by edition, newest first."""
    return [world.titles(one.articles) for one in world.store.told(person.id, 50)]
