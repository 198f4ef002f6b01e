"""What a store promises of an edition's figures and of its list (promise 2: they add up)."""

from datetime import timedelta

import pytest

from publisher.errors import NotFound
from publisher.model.editions import (
    DeliveryId,
    DeliveryState,
    EditionId,
    EditionState,
    OutcomeState,
)
from publisher.model.sheets import Sheet
from publisher.model.subscribers import NewSubscriber
from publisher.ports import LEASE, Store
from publisher.testing.store_world import DAILY, ME, MINUTE, World, outcome

GONE = "550 5.1.1 <{}>: no such user"
SLOW = "421 4.7.28 too many at once"


def people(world: World, *addresses: str) -> None:
    """Let people with these addresses subscribe."""
    for one in addresses:
        new = NewSubscriber(email=one, subscriptions=(("harbour", DAILY),))
        world.store.add_subscriber(new, world.now)


def told(sheet: Sheet) -> dict[str, int]:
    """Return what the rows of a sheet add up to, by state."""
    sums: dict[str, int] = {}
    for one in sheet.tallies:
        sums[one.state.value] = sums.get(one.state.value, 0) + one.count
    return sums


class SheetContract:
    """Editions in figures."""

    def test_a_sheet_adds_up_at_every_moment(self, store: Store) -> None:
        """Claimed, on the wire, ended in each way: the rows and the counts say the same."""
        world = World(store)
        world.collect("one")
        people(world, *(f"r{number}@a.example" for number in range(6)), "s@b.example")
        edition = world.opened().id
        assert told(store.sheet(edition, world.now)) == {"queued": 7}
        one, two, three, four, five, _, seven = (row.id for row in world.claim(edition))
        store.suppress("s@b.example", "complaint", world.now)
        world.wait()
        assert world.turn(edition, next=[one, two, three, four, seven]) == {one, two, three, four}
        made = [
            outcome(one, OutcomeState.ACCEPTED, code="250", transport="relay"),
            outcome(two, OutcomeState.FAILED, reason=GONE.format("r1"), transport="relay"),
            outcome(three, OutcomeState.DEFERRED, reason=SLOW, until=world.now + LEASE),
        ]
        world.turn(edition, made, [five])
        sheet = store.sheet(edition, world.now)
        assert told(sheet) == world.counts(edition)
        assert told(sheet) == {
            "accepted": 1,
            "failed": 1,
            "deferred": 1,
            "sending": 2,
            "claimed": 1,
            "suppressed": 1,
        }
        assert sheet.hands == 1
        assert store.sending() == [edition]
        assert sheet.next_due == world.now + LEASE
        store.sweep(world.now + 2 * LEASE, [ME], resend=False)
        sheet = store.sheet(edition, world.now)
        assert told(sheet) == world.counts(edition)
        assert told(sheet)["uncertain"] == 2
        assert (sheet.hands, store.sending()) == (0, [])

    def test_a_sheet_tells_reasons_apart_by_their_code(self, store: Store) -> None:
        """Replies that differ in an address are one reason, in the relay's own words."""
        world = World(store)
        world.collect("one")
        people(world, *(f"r{number}@a.example" for number in range(4)))
        edition = world.opened().id
        rows = [row.id for row in world.claim(edition)]
        world.turn(edition, next=rows)
        said = [GONE.format("r0"), GONE.format("r1"), "552 5.2.2 mailbox full", GONE.format("r3")]
        for row, words in zip(rows, said, strict=True):
            world.wait()
            world.turn(edition, [outcome(row, OutcomeState.FAILED, reason=words)])
        sheet = store.sheet(edition, world.now)
        assert [(one.words, one.count) for one in sheet.reasons] == [
            (GONE.format("r0"), 3),
            ("552 5.2.2 mailbox full", 1),
        ]
        assert {one.state for one in sheet.reasons} == {DeliveryState.FAILED}
        assert sheet.first is not None
        assert sheet.last is not None
        assert (sheet.first.email, sheet.first.words) == ("r0@a.example", GONE.format("r0"))
        assert (sheet.last.email, sheet.last.words) == ("r3@a.example", GONE.format("r3"))
        assert sheet.last.at - sheet.first.at == 3 * MINUTE

    def test_a_sheet_names_transports_and_when(self, store: Store) -> None:
        """The first and the last of each, and how many came lately."""
        world = World(store)
        world.collect("one")
        people(world, *(f"r{number}@a.example" for number in range(3)))
        edition = world.opened().id
        rows = [row.id for row in world.claim(edition)]
        world.turn(edition, next=rows)
        begun = world.now
        for row, name in zip(rows, ("relay", "spare", "spare"), strict=True):
            world.wait()
            world.turn(edition, [outcome(row, OutcomeState.ACCEPTED, transport=name)])
        found = store.sheet(edition, world.now + timedelta(seconds=30)).tallies
        assert [(one.transport, one.count, one.recent) for one in found] == [
            ("relay", 1, 0),
            ("spare", 2, 1),
        ]
        assert [(one.first, one.last) for one in found] == [
            (begun + MINUTE, begun + MINUTE),
            (begun + 2 * MINUTE, begun + 3 * MINUTE),
        ]
        assert store.sheet(edition, world.now).ended is None
        store.finish_editions(world.now)
        assert store.sheet(edition, world.now).ended == world.now

    def test_a_sheet_shows_the_largest_domains(self, store: Store) -> None:
        """With all their states, and what was said last; who was erased has none."""
        world = World(store)
        world.collect("one")
        people(world, "a@small.example", "b@big.example", "C@BIG.example", '"x@y"@big.example')
        people(world, "d@other.example", "e@other.example", "f@gone.example")
        edition = world.opened().id
        rows = {row.email: row.id for row in world.claim(edition)}
        world.turn(edition, next=sorted(rows.values()))
        failed, deferred = rows["b@big.example"], rows['"x@y"@big.example']
        world.turn(edition, [outcome(failed, OutcomeState.FAILED, reason=GONE)])
        world.wait()
        world.turn(edition, [outcome(deferred, OutcomeState.DEFERRED, reason=SLOW)])
        store.erase(store.find_subscriber("f@gone.example").id, world.now)
        big, other, nowhere = store.sheet(edition, world.now, domains=3).domains
        assert (big.domain, big.readers) == ("big.example", 3)
        shown = {state.value: count for state, count in big.counts.items() if count}
        assert shown == {"failed": 1, "deferred": 1, "sending": 1}
        assert (big.state, big.words, big.at) == (DeliveryState.DEFERRED, SLOW, world.now)
        assert (other.domain, other.readers, other.state) == ("other.example", 2, None)
        assert (nowhere.domain, nowhere.readers) == ("", 1)
        assert store.sheet(edition, world.now, domains=0).domains == ()

    def test_there_is_no_sheet_of_nothing(self, store: Store) -> None:
        """An unknown number says so."""
        with pytest.raises(NotFound):
            store.sheet(EditionId(404), World(store).now)

    def test_a_list_comes_in_pages(self, store: Store) -> None:
        """Every row once, by state and by domain, whatever the size of a page."""
        world = World(store)
        world.collect("one")
        addresses = [f"r{number}@{'a' if number % 3 else 'b'}.example" for number in range(9)]
        people(world, *addresses)
        other = world.opened().id
        world.collect("two")
        edition = world.opened().id
        rows = [row.id for row in world.claim(edition, limit=4)]
        world.turn(edition, next=rows)
        world.turn(edition, [outcome(one, OutcomeState.FAILED, reason="no") for one in rows])
        assert listed(store, edition) == addresses
        assert listed(store, other) == addresses
        failed, queued = DeliveryState.FAILED, DeliveryState.QUEUED
        assert listed(store, edition, failed) == addresses[:4]
        assert listed(store, edition, queued) == addresses[4:]
        assert listed(store, edition, queued, failed) == addresses
        assert listed(store, edition, DeliveryState.ACCEPTED) == []
        assert listed(store, edition, domain="b.example") == addresses[::3]
        assert listed(store, edition, failed, domain="b.example") == [addresses[0], addresses[3]]
        assert listed(store, EditionId(404)) == []
        (line, *_) = store.page(edition, limit=1)
        assert (line.state, line.reason, line.attempts, line.at) == (failed, "no", 1, world.now)

    def test_the_figures_of_all_editions_that_are_not_finished(self, store: Store) -> None:
        """Editions by state, copies of open ones, and how long the oldest has waited."""
        world = World(store)
        empty = store.ledgers(world.now)
        assert (empty.states, empty.copies, empty.queued_since) == ({}, {}, None)
        world.collect("one")
        people(world, "a@a.example", "b@a.example")
        world.digest()
        assert store.ledgers(world.now).states == {}
        world.collect("two")
        begun = world.now
        first = world.opened().id
        world.wait()
        world.collect("three")
        second = world.opened().id
        store.move_edition(second, [EditionState.OPEN], EditionState.PAUSED, "later")
        found = store.ledgers(world.now)
        assert found.states == {"open": 1, "paused": 1}
        assert found.copies == {DeliveryState.QUEUED: 2}
        assert found.queued_since == begun
        rows = [row.id for row in world.claim(first)]
        world.turn(first, next=rows)
        until = world.now + LEASE
        later = [outcome(one, OutcomeState.DEFERRED, until=until) for one in rows]
        world.turn(first, later)
        assert store.ledgers(world.now).queued_since is None
        assert store.ledgers(until + MINUTE).queued_since == until


def listed(
    store: Store, edition: EditionId, *states: DeliveryState, domain: str = ""
) -> list[str]:
    """Return the addresses of a list read two rows at a time."""
    found: list[str] = []
    after: DeliveryId | None = None
    while page := store.page(edition, states, domain=domain, after=after, limit=2):
        found += [line.email for line in page]
        after = page[-1].id
    return found
