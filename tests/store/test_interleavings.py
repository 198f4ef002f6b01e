"""Any order of collecting, opening, sending, dying, retrying, leaving, and changing between mail
and feed keeps promises 2 and 4.

Nobody is lost: an edition's states always add up to its audience, and who stays gets every story.
Nobody gets a story twice: no two copies that went out, or still may, share a story.
"""

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from publisher.core.pacing import Pace
from publisher.errors import Conflict
from publisher.model.definitions import Cap
from publisher.model.editions import (
    DeliveryState,
    EditionContent,
    EditionState,
    OutcomeState,
)
from publisher.model.subscribers import SubscriberId, SubscriberStatus
from publisher.model.views import StoryView
from publisher.ports import LEASE, ArticleChanges
from publisher.store import open_store
from publisher.testing.store_world import DAILY, MINUTE, NOON, World, outcome

FEEDS = ("harbour", "culture")
PACE = Pace(quiet=None, cap=Cap(count=1, within=10 * MINUTE), home="UTC")
OWNERS = ("host:1", "host:2")
OVER = {DeliveryState.FAILED, DeliveryState.SUPPRESSED}
RETRIED = [DeliveryState.FAILED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN]


class Ledger(RuleBasedStateMachine):
    """A publication with two steady readers, two fickle ones, and two workers that may die."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        shutil.copy(self.template, root / "publisher.db")
        self.store = open_store("sqlite:///publisher.db", root)
        with self.store._db.write() as tx:
            tx.exec_driver_sql("COMMIT")
            tx.exec_driver_sql("PRAGMA synchronous = OFF")  # no power cut happens in this test
            tx.exec_driver_sql("BEGIN IMMEDIATE")
        self.world = World(self.store)
        self.editions: dict[int, int] = {}
        self.claimed: dict[tuple[str, int], list[int]] = {}
        self.wire: dict[tuple[str, int], list[int]] = {}
        self.stories: dict[int, set[str]] = {}
        self.hidden: set[int] = set()
        self.count = 0

    @initialize()
    def subscribe(self) -> None:
        self.steady = {
            self.world.reader("ada", *FEEDS).id: set(FEEDS),
            self.world.reader("bo", FEEDS[0]).id: {FEEDS[0]},
        }
        self.fickle = [self.world.reader("chi", *FEEDS).id, self.world.reader("dee", FEEDS[1]).id]

    @rule(
        count=st.integers(1, 3),
        feeds=st.sampled_from([FEEDS, FEEDS[:1], FEEDS[1:]]),
        late=st.booleans(),
    )
    def collect(self, count: int, feeds: tuple[str, ...], *, late: bool) -> None:
        self.count += count
        titles = [f"story {number}" for number in range(self.count - count, self.count)]
        published = self.world.now + 3 * MINUTE if late else None
        for number in self.world.collect(*titles, feeds=feeds, published=published):
            self.stories[number] = set(feeds)

    @rule(
        limit=st.integers(1, 4),
        feeds=st.sampled_from([FEEDS, FEEDS[:1]]),
        least=st.integers(1, 2),
    )
    def open(self, limit: int, feeds: tuple[str, ...], least: int) -> None:
        edition = self.world.open(*feeds, limit=limit, least=least)
        if edition is not None:
            self.editions[edition.id] = edition.audience

    @precondition(lambda self: self.stories)
    @rule(data=st.data())
    def alert(self, data: st.DataObject) -> None:
        """One story at once; a second one within ten minutes waits."""
        edition = self.world.alert(data.draw(st.sampled_from(sorted(self.stories))), PACE)
        if edition is not None:
            self.editions[edition.id] = edition.audience

    @precondition(lambda self: self.editions)
    @rule(data=st.data(), owner=st.sampled_from(OWNERS), limit=st.integers(1, 3))
    def claim(self, data: st.DataObject, owner: str, limit: int) -> None:
        edition = data.draw(st.sampled_from(sorted(self.editions)))
        alert = self.store.run(self.store.edition(edition).run).article is not None
        rows = self.world.claim(edition, owner, limit, PACE if alert else None)
        self.claimed.setdefault((owner, edition), []).extend(row.id for row in rows)

    @precondition(lambda self: any(self.claimed.values()) or any(self.wire.values()))
    @rule(data=st.data(), next_count=st.integers(0, 2), told=st.integers(0, 2))
    def turn(self, data: st.DataObject, next_count: int, told: int) -> None:
        who = data.draw(st.sampled_from(sorted({*self.claimed, *self.wire})))
        claimed, wire = self.claimed.setdefault(who, []), self.wire.setdefault(who, [])
        states = st.sampled_from(list(OutcomeState))
        ended = [outcome(wire.pop(), data.draw(states)) for _ in range(min(told, len(wire)))]
        wanted = [claimed.pop() for _ in range(min(next_count, len(claimed)))]
        wire.extend(self.world.turn(who[1], ended, wanted, owner=who[0]))

    @rule(owner=st.sampled_from(OWNERS), resend=st.booleans(), forgets=st.booleans())
    def die(self, owner: str, *, resend: bool, forgets: bool) -> None:
        """A worker is swept as dead; one that does not forget comes back and goes on talking."""
        self.store.sweep(self.world.now, [owner], resend=resend)
        if forgets:
            self.claimed = {who: rows for who, rows in self.claimed.items() if who[0] != owner}
            self.wire = {who: rows for who, rows in self.wire.items() if who[0] != owner}

    @rule(minutes=st.sampled_from([1, 20]), resend=st.booleans())
    def wait(self, minutes: int, *, resend: bool) -> None:
        self.world.wait(minutes * MINUTE)
        self.store.sweep(self.world.now, [], resend=resend)

    @precondition(lambda self: self.editions)
    @rule(data=st.data(), owner=st.sampled_from(OWNERS))
    def release(self, data: st.DataObject, owner: str) -> None:
        edition = data.draw(st.sampled_from(sorted(self.editions)))
        self.store.release(edition, owner, self.world.now)
        self.claimed.pop((owner, edition), None)

    @precondition(lambda self: self.editions)
    @rule(data=st.data(), to=st.sampled_from([*EditionState]))
    def move(self, data: st.DataObject, to: EditionState) -> None:
        edition = data.draw(st.sampled_from(sorted(self.editions)))
        before = {
            EditionState.OPEN: [EditionState.PAUSED],
            EditionState.PAUSED: [EditionState.OPEN],
            EditionState.CANCELLED: [EditionState.OPEN, EditionState.PAUSED],
        }
        with contextlib.suppress(Conflict):
            self.store.move_edition(edition, before.get(to, []), to, "moved")

    @precondition(lambda self: self.editions)
    @rule(data=st.data())
    def approve(self, data: st.DataObject) -> None:
        """Hold an edition, hide and show stories of it, and let it go."""
        number = data.draw(st.sampled_from(sorted(self.editions)))
        edition = self.store.edition(number)
        hidden = data.draw(st.lists(st.sampled_from(edition.articles), unique=True))
        resting = [EditionState.REVIEW, EditionState.PAUSED]
        with contextlib.suppress(Conflict):
            before = [EditionState.OPEN, EditionState.PAUSED]
            self.store.move_edition(number, before, EditionState.REVIEW, "held")
            version = getattr(self.store.content(number), "version", 0)
            stories = tuple(
                StoryView(id=one, title="", url="", published=NOON, hidden=one in hidden)
                for one in edition.articles
            )
            told = EditionContent(stories=stories)
            version = self.store.save_content(number, told, version).version
            self.hidden.update(hidden)
            self.store.approve_edition(number, resting, version, "", self.world.now)

    @precondition(lambda self: self.editions)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        edition = data.draw(st.sampled_from(sorted(self.editions)))
        states = data.draw(st.lists(st.sampled_from(RETRIED), unique=True))
        with contextlib.suppress(Conflict):
            self.store.retry(edition, states, self.world.now)

    @rule()
    def finish(self) -> None:
        for edition in self.store.finish_editions(self.world.now):
            assert edition.complete

    @rule(
        which=st.integers(0, 1),
        status=st.sampled_from(
            [SubscriberStatus.CONFIRMED, SubscriberStatus.PAUSED, SubscriberStatus.UNSUBSCRIBED]
        ),
    )
    def change_mind(self, which: int, status: SubscriberStatus) -> None:
        self.store.set_status(self.fickle[which], status, self.world.now)

    @rule(which=st.integers(0, 1), feeds=st.sampled_from([(), FEEDS, FEEDS[:1], FEEDS[1:]]))
    def resubscribe(self, which: int, feeds: tuple[str, ...]) -> None:
        pairs = [(feed, DAILY) for feed in feeds]
        self.store.subscribe(self.fickle[which], pairs, self.world.now)

    @rule(which=st.integers(0, 3), by_feed=st.booleans())
    def change_way(self, which: int, *, by_feed: bool) -> None:
        person = [*self.steady, *self.fickle][which]
        self.store.change_subscriber(person, by_feed=by_feed)

    @precondition(lambda self: self.editions)
    @rule(data=st.data(), limit=st.integers(1, 2))
    def fill_feeds(self, data: st.DataObject, limit: int) -> None:
        edition = data.draw(st.sampled_from(sorted(self.editions)))
        alert = self.store.run(self.store.edition(edition).run).article is not None
        pacing = PACE if alert else None
        last: SubscriberId | None = SubscriberId(0)
        while last is not None:
            last = self.store.fill_feeds(edition, last, self.world.now, limit, pacing)

    @precondition(lambda self: self.stories)
    @rule(data=st.data(), hidden=st.booleans())
    def hide(self, data: st.DataObject, *, hidden: bool) -> None:
        story = data.draw(st.sampled_from(sorted(self.stories)))
        self.store.change_article(story, ArticleChanges(hidden=hidden), self.world.now)

    @invariant()
    def every_audience_adds_up(self) -> None:
        for edition in self.store.editions():
            assert edition.audience == self.editions[edition.id]
            assert sum(edition.counts.values()) == edition.audience

    @invariant()
    def nobody_gets_a_story_twice(self) -> None:
        for person in (*self.steady, *self.fickle) if hasattr(self, "steady") else ():
            copies = self.store.deliveries_to(person, 1000)
            sent = [one for row in copies if row.state not in OVER for one in row.articles]
            assert len(sent) == len(set(sent)), (person, copies)
            told = [one for edition in self.store.told(person, 1000) for one in edition.articles]
            assert len(told) == len(set(told)), (person, copies)

    def teardown(self) -> None:
        """Let everything end well: then who stayed has every story."""
        try:
            if hasattr(self, "steady"):
                self.settle()
                self.nobody_gets_a_story_twice()
                self.every_audience_adds_up()
                self.nothing_is_lost()
        finally:
            self.store.close()
            self.folder.cleanup()

    def settle(self) -> None:
        for story in self.stories:
            self.store.change_article(story, ArticleChanges(hidden=False), self.world.now)
        self.world.wait(100 * LEASE)
        self.store.sweep(self.world.now, [], resend=True)
        for edition in self.store.editions():
            if edition.state in {EditionState.PAUSED, EditionState.REVIEW}:
                self.store.move_edition(edition.id, [edition.state], EditionState.OPEN, "")
            self.world.send(self.store.edition(edition.id))
        self.store.finish_editions(self.world.now)
        while (edition := self.world.open(*FEEDS, limit=3)) is not None:
            self.editions[edition.id] = edition.audience
            self.world.send(edition)
            self.store.finish_editions(self.world.now)

    def nothing_is_lost(self) -> None:
        for person, feeds in self.steady.items():
            copies = self.store.deliveries_to(person, 1000)
            had = {one for row in copies if row.state not in OVER for one in row.articles}
            theirs = {story for story, held in self.stories.items() if held & feeds}
            assert theirs - self.hidden <= had <= theirs
            told = {one for edition in self.store.told(person, 1000) for one in edition.articles}
            assert had == told, "a feed holds what was mailed as well"


def test_any_interleaving_keeps_the_promises(sqlite_template):
    machine = type("Machine", (Ledger,), {"template": sqlite_template})
    run_state_machine_as_test(machine, settings=settings(max_examples=30, stateful_step_count=40))


@pytest.mark.torture
def test_long_interleavings_keep_the_promises(sqlite_template):
    """Each takes about a second of one core: as many as ten minutes hold."""
    machine = type("Machine", (Ledger,), {"template": sqlite_template})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=600, stateful_step_count=150)
    )
