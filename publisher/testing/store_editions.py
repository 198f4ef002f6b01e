"""What a store promises of opening editions and of their states (promise 2)."""

from dataclasses import replace

import pytest

from publisher.errors import Conflict, NotFound
from publisher.model.articles import ArticleId
from publisher.model.editions import (
    Candidate,
    Choice,
    DeliveryState,
    EditionContent,
    EditionId,
    EditionState,
    OutcomeState,
    ReaderGroup,
)
from publisher.model.subscribers import SubscriberStatus
from publisher.model.timetable import RunId
from publisher.ports import ArticleChanges, Store
from publisher.testing.store_world import DAILY, FEED, MINUTE, World, address, take


class EditionContract:
    """Editions."""

    def test_an_edition_freezes_articles_and_audience(self, store: Store) -> None:
        """Who subscribes through this schedule and is confirmed gets it; nobody else."""
        world = World(store)
        world.collect("one", "two")
        world.reader("ada")
        world.reader("bo", schedule="weekly")
        world.reader("chi", "culture")
        world.reader("pending", status=SubscriberStatus.PENDING)
        world.reader("paused", status=SubscriberStatus.PAUSED)
        edition = world.opened()
        assert (edition.number, edition.state, edition.audience) == (1, EditionState.OPEN, 1)
        assert edition.opened == world.now
        assert (edition.schedule, edition.title, edition.transport) == (DAILY, "Daily", "outbox")
        assert world.titles(edition.articles) == ["one", "two"]
        (delivery,) = store.deliveries(edition.id)
        assert (delivery.name, delivery.email) == ("ada", address("ada"))
        assert (delivery.state, delivery.attempts) == (DeliveryState.QUEUED, 0)
        assert delivery.articles == edition.articles
        world.reader("late")
        assert len(store.deliveries(edition.id)) == 1

    def test_a_run_has_one_edition(self, store: Store) -> None:
        """Opening again finds it, whatever has changed."""
        world = World(store)
        world.collect("one")
        world.reader("ada")
        intent = world.intent()
        first = store.open_edition(intent, take(9))
        world.collect("two")
        assert first is not None
        assert store.open_edition(intent, _nothing) == first
        assert store.edition_of_run(intent.run) == first
        assert store.edition_of_run(RunId(404)) is None
        assert store.edition(first.id) == first
        with pytest.raises(NotFound):
            store.edition(EditionId(404))

    def test_an_edition_and_every_selection_follow_its_rank(self, store: Store) -> None:
        """Whoever gets what: the best story comes first, for everybody and in the edition."""
        world = World(store)
        for number in range(6):
            world.collect(f"story {number}", feeds=(FEED, "culture", "tides")[number % 3 :])
        names = {"all": (FEED, "culture", "tides"), "some": ("culture",), "few": (FEED,)}
        for name, feeds in names.items():
            world.reader(name, *feeds)
        intent = replace(
            world.intent(FEED, "culture", "tides"), rank=lambda one: (one.id % 2, -one.id)
        )
        edition = store.open_edition(intent, take(3))
        assert edition is not None
        best_first = sorted(edition.articles, key=lambda number: (number % 2, -number))
        assert list(edition.articles) == best_first
        for row in store.deliveries(edition.id):
            assert list(row.articles) == [one for one in best_first if one in row.articles]

    def test_nothing_is_written_when_nobody_gets_anything(self, store: Store) -> None:
        """No reader, no article, no choice, or only suppressed readers: no edition."""
        world = World(store)
        world.collect("one")
        assert world.open() is None
        world.reader("ada")
        assert store.open_edition(world.intent(), _nothing) is None
        assert world.open("culture") is None
        assert store.open_edition(world.intent(least=2), take(9)) is None
        store.suppress(address("ada"), "bounced", world.now)
        assert world.open() is None
        assert store.editions() == []
        store.unsuppress(address("ada"))
        assert world.opened().number == 1

    def test_suppressed_addresses_enter_as_suppressed(self, store: Store) -> None:
        """They are accounted for, with the reason."""
        world = World(store)
        world.collect("one")
        world.reader("ada")
        world.reader("bo")
        store.suppress("BO@EXAMPLE.org", "complaint", world.now)
        edition = world.opened()
        assert world.counts(edition.id) == {"queued": 1, "suppressed": 1}
        (delivery,) = store.deliveries(edition.id, [DeliveryState.SUPPRESSED])
        assert delivery.name == "bo"
        assert "complaint" in delivery.reason

    def test_readers_are_grouped_by_what_they_remember(self, store: Store) -> None:
        """One choice serves everybody who remembers the same; sizes add up to the audience."""
        world = World(store)
        world.collect("harbour story")
        world.collect("culture story", feeds=("culture",))
        for number in range(5):
            world.reader(f"both{number}", FEED, "culture")
        for number in range(3):
            world.reader(f"one{number}")
        seen: list[ReaderGroup] = []

        def choose(candidates: list[Candidate], group: ReaderGroup) -> Choice:
            seen.append(group)
            return Choice(articles=tuple(one.id for one in candidates))

        edition = store.open_edition(world.intent(FEED, "culture"), choose)  # type: ignore[arg-type]  # a list is given
        assert edition is not None
        assert edition.audience == 8
        assert sorted(group.size for group in seen) == [3, 5]
        assert {group.subscribed for group in seen} == {(FEED,), ("culture", FEED)}
        lengths = [len(delivery.articles) for delivery in store.deliveries(edition.id)]
        assert sorted(lengths) == [1, 1, 1, 2, 2, 2, 2, 2]

    def test_candidates_are_what_may_be_mailed(self, store: Store) -> None:
        """Backlog, drafts, hidden ones and other feeds stay out; places grow; fields are there."""
        world = World(store)
        (one,) = world.collect("one", feeds=(FEED, "culture"), priority=4)
        world.collect("backlog", mailable=False)
        world.collect("draft", draft=True)
        world.collect("future", published=world.now + MINUTE)
        world.collect("elsewhere", feeds=("culture",))
        (hidden,) = world.collect("hidden")
        (two,) = world.collect("two")
        store.change_article(hidden, ArticleChanges(hidden=True), world.now)
        store.change_article(two, ArticleChanges(title="Two", pinned=True), world.now)
        world.reader("ada")
        seen: list[Candidate] = []

        def choose(candidates: list[Candidate], _group: ReaderGroup) -> Choice:
            seen.extend(candidates)
            return Choice(articles=(candidates[0].id,))

        store.open_edition(world.intent(), choose)  # type: ignore[arg-type]  # a list is given
        assert [(c.id, c.title, c.priority, c.pinned) for c in seen] == [
            (one, "one", 4, False),
            (two, "Two", 0, True),
        ]
        assert seen[0].published == world.now
        assert list(seen[0].feeds) == [FEED]
        assert seen[0].feeds[FEED] < seen[1].feeds[FEED]

    def test_a_choice_of_what_was_not_offered_is_ignored(self, store: Store) -> None:
        """The store keeps promise 4 also against a faulty choice."""
        world = World(store)
        world.collect("one")
        world.reader("ada")
        world.digest()
        (two,) = world.collect("two")

        def choose(_candidates: object, _group: object) -> Choice:
            return Choice(articles=(ArticleId(1), ArticleId(77), two, two), owed=(ArticleId(1),))

        edition = store.open_edition(world.intent(), choose)
        assert edition is not None
        assert edition.articles == (two,)

    def test_groups_with_too_few_articles_are_left_out(self, store: Store) -> None:
        """They are owed everything the next time."""
        world = World(store)
        world.reader("ada")
        world.reader("bo", "culture")
        world.collect("one", "two")
        world.collect("three", feeds=("culture",))
        assert world.digest(FEED, "culture", least=2) == {"ada": ["one", "two"]}
        world.collect("four", feeds=("culture",))
        assert world.digest(FEED, "culture", least=2) == {"bo": ["three", "four"]}

    def test_time_zones_limit_the_audience(self, store: Store) -> None:
        """Schedules in the reader's own time: one edition per offset."""
        world = World(store)
        world.collect("one")
        world.reader("ada", timezone="Europe/Berlin")
        world.reader("bo", timezone="Asia/Tokyo")
        world.reader("chi")
        asked: list[str] = []

        def compatible(zone: str) -> bool:
            asked.append(zone)
            return zone == "Asia/Tokyo"

        edition = store.open_edition(world.intent(), take(9), compatible)
        assert edition is not None
        assert [one.name for one in store.deliveries(edition.id)] == ["bo"]
        assert sorted(asked) == ["", "Asia/Tokyo", "Europe/Berlin"]

    def test_editions_are_numbered_and_listed(self, store: Store) -> None:
        """Per schedule, from 1; newest first."""
        world = World(store)
        world.reader("ada")
        world.reader("bo", "culture", schedule="weekly")
        for title in ("one", "two"):
            world.collect(title)
            world.digest()
        world.collect("three", feeds=("culture",))
        world.digest("culture", schedule="weekly")
        listed = [(one.schedule, one.number, one.complete) for one in store.editions()]
        assert listed == [("weekly", 1, True), (DAILY, 2, True), (DAILY, 1, True)]
        assert [one.number for one in store.editions(schedule=DAILY, limit=1)] == [2]

    def test_the_edition_order_follows_its_selections(self, store: Store) -> None:
        """All stories once, in an order that agrees with what each reader gets."""
        world = World(store)
        world.collect("a", "c")
        world.collect("b", feeds=("culture",))
        world.reader("ada", FEED, "culture")
        world.reader("bo", FEED)
        world.reader("chi", "culture")
        edition = world.opened(FEED, "culture")
        whole = list(edition.articles)
        for one in store.deliveries(edition.id):
            assert [number for number in whole if number in one.articles] == list(one.articles)

    def test_a_review_waits(self, store: Store) -> None:
        """Nothing is claimed before approval; then it is as any other."""
        world = World(store)
        world.collect("one")
        world.reader("ada")
        edition = world.open(review=True)
        assert edition is not None
        assert edition.state is EditionState.REVIEW
        assert store.sendable(world.now) == []
        assert world.claim(edition.id) == []
        assert store.finish_editions(world.now) == []
        store.move_edition(edition.id, [EditionState.REVIEW], EditionState.OPEN, "approved")
        assert [one.id for one in store.sendable(world.now)] == [edition.id]
        assert world.send(edition) == {"ada": ["one"]}

    def test_states_change_only_from_what_is_expected(self, store: Store) -> None:
        """Two operators at once: the second is told."""
        world = World(store)
        world.collect("one")
        world.reader("ada")
        edition = world.opened()
        paused = store.move_edition(edition.id, [EditionState.OPEN], EditionState.PAUSED, "why")
        assert (paused.state, paused.reason) == (EditionState.PAUSED, "why")
        with pytest.raises(Conflict):
            store.move_edition(edition.id, [EditionState.OPEN], EditionState.CANCELLED, "")
        with pytest.raises(NotFound):
            store.move_edition(EditionId(404), [EditionState.OPEN], EditionState.PAUSED, "")
        assert store.sendable(world.now) == []
        store.move_edition(edition.id, [EditionState.PAUSED], EditionState.OPEN, "")
        assert world.send(edition) == {"ada": ["one"]}

    def test_cancelling_suppresses_what_is_queued_and_carries_the_stories_over(
        self, store: Store
    ) -> None:
        """Nobody is skipped silently: the ledger says cancelled, the next edition has the story."""
        world = World(store)
        world.collect("one")
        world.reader("ada")
        world.reader("bo")
        edition = world.opened()
        world.send_one(edition)
        moved = store.move_edition(
            edition.id, [EditionState.OPEN], EditionState.CANCELLED, "wrong"
        )
        assert moved.complete
        assert world.counts(edition.id) == {"accepted": 1, "suppressed": 1}
        (delivery,) = store.deliveries(edition.id, [DeliveryState.SUPPRESSED])
        assert delivery.reason == "wrong"
        assert list(world.digest().values()) == [["one"]]

    def test_an_edition_is_done_when_its_audience_adds_up(self, store: Store) -> None:
        """Not before; afterwards it keeps its figures."""
        world = World(store)
        world.collect("one")
        world.reader("ada")
        world.reader("bo")
        edition = world.opened()
        assert not edition.complete
        world.send_one(edition)
        assert store.finish_editions(world.now) == []
        world.send(edition, OutcomeState.FAILED)
        (done,) = store.finish_editions(world.now)
        assert (done.id, done.state, done.complete) == (edition.id, EditionState.DONE, True)
        assert world.counts(edition.id) == {"accepted": 1, "failed": 1}
        assert store.finish_editions(world.now) == []
        assert store.sendable(world.now) == []

    def test_the_subject_is_remembered(self, store: Store) -> None:
        """Of the whole edition."""
        world = World(store)
        world.collect("one")
        world.reader("ada")
        edition = world.opened()
        store.set_subject(edition.id, "Ferries return")
        assert store.edition(edition.id).subject == "Ferries return"
        with pytest.raises(NotFound):
            store.set_subject(EditionId(404), "x")

    def test_an_issue_is_an_edition_without_its_accounting(self, store: Store) -> None:
        """With what it says once that was frozen."""
        world = World(store)
        world.collect("one")
        world.reader("ada")
        edition = world.opened()
        bare = store.issue(edition.id)
        assert (bare.id, bare.schedule, bare.number) == (edition.id, DAILY, 1)
        assert (bare.state, bare.opened) == (EditionState.OPEN, edition.opened)
        assert bare.content is None
        assert store.issues([DAILY]) == []
        kept = store.save_content(edition.id, EditionContent(stories=(), note="Morning"), 0)
        assert store.issue(edition.id).content == kept
        assert store.issues([DAILY]) == [store.issue(edition.id)]
        assert store.issues(["weekly"]) == store.issues([]) == []
        with pytest.raises(NotFound):
            store.issue(EditionId(404))

    def test_issues_are_those_that_went_out_newest_first(self, store: Store) -> None:
        """By pages, and the nearest on either side of one."""
        world = World(store)
        world.reader("ada")
        world.reader("bo", schedule="weekly")
        made = [_frozen(world, f"story {number}", DAILY) for number in range(5)]
        other = _frozen(world, "other", "weekly")
        store.move_edition(made[1], [EditionState.OPEN], EditionState.CANCELLED, "wrong")
        store.move_edition(made[3], [EditionState.OPEN], EditionState.PAUSED, "later")
        held = world.open(schedule="weekly", review=True, key="held")
        assert held is None or store.issue(held.id).state is EditionState.REVIEW
        shown = [made[4], made[3], made[2], made[0]]
        assert [issue.id for issue in store.issues([DAILY])] == shown
        assert [issue.id for issue in store.issues([DAILY, "weekly"])] == [other, *shown]
        pages = [store.issues([DAILY], limit=3, offset=start) for start in (0, 3, 6)]
        assert [[issue.id for issue in page] for page in pages] == [shown[:3], shown[3:], []]
        older = store.issues([DAILY], before=made[3], limit=2)
        newer = store.issues([DAILY], after=made[0], limit=2)
        assert [issue.id for issue in older] == [made[2], made[0]]
        assert [issue.id for issue in newer] == [made[2], made[3]]


def _frozen(world: World, title: str, schedule: str) -> EditionId:
    world.collect(title)
    edition = world.opened(schedule=schedule)
    world.store.save_content(edition.id, EditionContent(stories=()), 0)
    world.send(edition)
    return edition.id


def _nothing(_candidates: object, _group: object) -> Choice:
    return Choice(articles=())
