"""Whatever happens to an edition, in whatever order, its sheet adds up to its audience (promise 2)."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.balancing import balance
from publisher.model.editions import DeliveryState, EditionState, OutcomeState, Refusal
from publisher.ports import LEASE
from publisher.store import open_store
from publisher.testing.store_world import ME, World, address, outcome
from tests.store.conftest import SQLITE

READERS = 7
OTHER = "host:2:other"
STEPS = st.one_of(
    st.tuples(st.just("claim"), st.sampled_from([ME, OTHER]), st.integers(1, 4)),
    st.tuples(st.just("begin"), st.sampled_from([ME, OTHER]), st.integers(1, 3)),
    st.tuples(st.just("tell"), st.sampled_from(OutcomeState), st.sampled_from([None, *Refusal])),
    st.tuples(st.just("sweep"), st.booleans()),
    st.tuples(st.just("release"), st.sampled_from([ME, OTHER])),
    st.tuples(st.just("suppress"), st.integers(0, READERS - 1)),
    st.tuples(st.just("erase"), st.integers(0, READERS - 1)),
    st.tuples(st.just("retry"), st.sampled_from(DeliveryState)),
    st.tuples(st.just("pause")),
    st.tuples(st.just("finish")),
    st.tuples(st.just("cancel")),
)


class Hand:
    """Does to an edition what a step says, as far as it can be done."""

    def __init__(self, store):
        self.world = World(store)
        self.world.collect("one")
        self.people = [self.world.reader(f"reader{number}").id for number in range(READERS)]
        self.edition = self.world.opened().id
        self.store = store
        self.gone = set()

    def claim(self, owner, limit):
        self.world.claim(self.edition, owner, limit)

    def begin(self, owner, count):
        rows = self.store.deliveries(self.edition, [DeliveryState.CLAIMED])[:count]
        self.world.turn(self.edition, next=[row.id for row in rows], owner=owner)

    def tell(self, state, refusal):
        for row in self.store.deliveries(self.edition, [DeliveryState.SENDING])[:1]:
            said = outcome(row.id, state, reason=f"{row.id} said so", refusal=refusal)
            for owner in (ME, OTHER):
                self.world.turn(self.edition, [said], owner=owner)

    def sweep(self, resend):
        self.world.wait(2 * LEASE)
        self.store.sweep(self.world.now, [], resend)

    def release(self, owner):
        self.store.release(self.edition, owner, self.world.now)

    def suppress(self, number):
        self.store.suppress(address(f"reader{number}"), "complaint", self.world.now)

    def erase(self, number):
        if number not in self.gone:
            self.store.erase(self.people[number], self.world.now)
            self.gone.add(number)

    def retry(self, state):
        if self.store.edition(self.edition).state is not EditionState.CANCELLED:
            self.store.retry(self.edition, [state], self.world.now)

    def pause(self):
        self._move(EditionState.OPEN, EditionState.PAUSED)

    def finish(self):
        self._move(EditionState.PAUSED, EditionState.OPEN)
        self.store.finish_editions(self.world.now)

    def cancel(self):
        self._move(EditionState.PAUSED, EditionState.CANCELLED)

    def _move(self, before, after):
        if self.store.edition(self.edition).state is before:
            self.store.move_edition(self.edition, [before], after, "")


def check(store, edition, now):
    """The audience is what counts, rows, domains and the list say, each by itself."""
    sheet = store.sheet(edition, now)
    made = balance(sheet)
    assert made.audience == READERS
    assert made.missing == 0
    by_rows, by_domain, listed = (dict.fromkeys(DeliveryState, 0) for _ in range(3))
    for one in sheet.tallies:
        by_rows[one.state] += one.count
    for one in sheet.domains:
        for state, count in one.counts.items():
            by_domain[state] += count
    for line in store.page(edition):
        listed[line.state] += 1
    assert by_rows == by_domain == listed == dict(sheet.edition.counts)
    for part in made.parts.values():
        assert sum(one.count for one in part.reasons) + part.others == part.count


@given(st.lists(STEPS, max_size=25))
def test_a_sheet_adds_up_after_every_step(sqlite_template, steps):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, Path(folder) / "publisher.db")
        store = open_store(SQLITE, Path(folder))
        try:
            hand = Hand(store)
            for name, *values in steps:
                getattr(hand, name)(*values)
                hand.world.wait()
                check(store, hand.edition, hand.world.now)
        finally:
            store.close()
