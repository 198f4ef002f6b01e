"""What a store promises of each reader's memory (promise 4: nothing twice, nothing lost)."""

from publisher.model.editions import (
    Candidate,
    Choice,
    DeliveryState,
    EditionState,
    OutcomeState,
    ReaderGroup,
)
from publisher.model.subscribers import SubscriberStatus
from publisher.ports import LEASE, ArticleChanges, Store
from publisher.testing.store_articles import change
from publisher.testing.store_world import DAILY, FEED, MINUTE, World, outcome, story, take

BOTH = (FEED, "culture")


class MemoryContract:
    """Per-person memory."""

    def test_what_was_sent_is_not_sent_again(self, store: Store) -> None:
        """Only news enters the next edition; without news there is none."""
        world = World(store)
        world.reader("ada")
        world.collect("one", "two")
        assert world.digest() == {"ada": ["one", "two"]}
        assert world.digest() == {}
        world.collect("three")
        assert world.digest() == {"ada": ["three"]}

    def test_what_is_left_over_is_owed(self, store: Store) -> None:
        """Beyond the limit: carried over until it has been sent."""
        world = World(store)
        world.reader("ada")
        world.collect("one", "two", "three", "four", "five")
        assert world.digest(limit=2) == {"ada": ["one", "two"]}
        world.collect("six")
        assert world.digest(limit=2) == {"ada": ["three", "four"]}
        assert world.digest(limit=9) == {"ada": ["five", "six"]}
        assert world.digest() == {}

    def test_what_was_dropped_is_not_owed(self, store: Store) -> None:
        """A story left out on purpose (its cluster leads elsewhere) does not come back."""
        world = World(store)
        world.reader("ada")
        (one,) = world.collect("one")
        world.collect("two")
        edition = store.open_edition(world.intent(), lambda *_: Choice(articles=(one,)))
        assert edition is not None
        world.send(edition)
        assert world.digest() == {}

    def test_failed_and_skipped_copies_are_carried_over(self, store: Store) -> None:
        """Memory moves with the copy, not with the edition."""
        world = World(store)
        world.reader("ada")
        world.reader("bo")
        world.collect("one")
        edition = world.opened()
        world.send_one(edition)
        world.send_one(edition, OutcomeState.FAILED)
        store.finish_editions(world.now)
        world.collect("two")
        assert world.digest() == {"ada": ["two"], "bo": ["one", "two"]}

    def test_an_uncertain_copy_counts_as_sent(self, store: Store) -> None:
        """Also when a worker died with it on the wire."""
        world = World(store)
        world.reader("ada")
        world.reader("bo")
        world.collect("one")
        edition = world.opened()
        world.send_one(edition, OutcomeState.UNCERTAIN)
        (row,) = world.claim(edition.id)
        world.turn(edition.id, next=[row.id])
        world.wait(2 * LEASE)
        assert store.sweep(world.now, [], resend=False) == (0, 1)
        assert world.counts(edition.id) == {"uncertain": 2}
        world.collect("two")
        assert world.digest() == {"ada": ["two"], "bo": ["two"]}

    def test_an_uncertain_copy_that_fails_after_all_is_carried_over(self, store: Store) -> None:
        """Sent again by hand and refused: its stories are owed."""
        world = World(store)
        world.reader("ada")
        world.collect("one")
        edition = world.opened()
        world.send_one(edition, OutcomeState.UNCERTAIN)
        store.retry(edition.id, [DeliveryState.UNCERTAIN], world.now)
        assert world.open() is None
        world.send_one(edition, OutcomeState.FAILED)
        store.finish_editions(world.now)
        assert world.digest() == {"ada": ["one"]}
        assert world.digest() == {}

    def test_what_is_under_way_does_not_enter_a_second_edition(self, store: Store) -> None:
        """A deferred copy and the next edition share nothing, whichever arrives first."""
        world = World(store)
        world.reader("ada")
        world.reader("bo")
        world.collect("one")
        first = world.opened()
        rows = world.claim(first.id)
        world.turn(first.id, next=[row.id for row in rows])
        until = world.now + MINUTE
        world.turn(first.id, [outcome(row.id, OutcomeState.DEFERRED, until=until) for row in rows])
        assert world.open() is None
        world.collect("two")
        second = world.opened()
        world.wait()
        assert world.send_one(second).articles == second.articles
        world.send(first)
        world.send(second)
        for reader in store.subscribers():
            sent = store.deliveries_to(reader.id)
            assert [world.titles(row.articles) for row in sent] == [["two"], ["one"]]
        store.finish_editions(world.now)
        assert world.digest() == {}

    def test_titles_under_way_do_not_enter_a_second_edition(self, store: Store) -> None:
        """Told by title is told: a deferred copy keeps its titles to itself."""
        world = World(store)
        world.reader("ada")
        world.collect("one", "two", "three")
        first = world.opened(limit=1, titles=2)
        world.send_one(first, OutcomeState.DEFERRED)
        assert world.open() is None
        world.collect("four")
        assert world.digest() == {"ada": ["four"]}
        store.retry(first.id, [DeliveryState.DEFERRED], world.now)
        assert world.send(first) == {"ada": ["one"]}
        store.finish_editions(world.now)
        assert world.digest() == {}

    def test_what_arrived_by_another_feed_meanwhile_is_not_owed(self, store: Store) -> None:
        """Under way by one schedule while another opens over a second feed that holds it too."""
        world = World(store)
        ada = world.reader("ada")
        store.subscribe(ada.id, [(FEED, DAILY), ("culture", "weekly")], world.now)
        world.collect("shared", feeds=BOTH)
        daily = world.opened()
        world.collect("other", feeds=("culture",))
        weekly = world.opened("culture", schedule="weekly")
        assert world.send(daily) == {"ada": ["shared"]}
        assert world.send(weekly) == {"ada": ["other"]}
        store.finish_editions(world.now)
        assert world.digest("culture", schedule="weekly") == {}

    def test_what_failed_under_way_is_owed_by_the_next_edition(self, store: Store) -> None:
        """The watermark passed it; it comes back all the same."""
        world = World(store)
        world.reader("ada")
        world.collect("one")
        first = world.opened()
        world.collect("two")
        second = world.opened()
        assert world.send(second) == {"ada": ["two"]}
        assert world.send(first, OutcomeState.FAILED) == {"ada": ["one"]}
        store.finish_editions(world.now)
        assert world.digest() == {"ada": ["one"]}
        assert world.digest() == {}

    def test_a_retry_does_not_send_what_a_later_edition_took_up(self, store: Store) -> None:
        """Promise 4 goes before the operator's wish."""
        world = World(store)
        world.reader("ada")
        world.reader("bo")
        world.collect("one")
        first = world.opened()
        world.send(first, OutcomeState.FAILED)
        store.finish_editions(world.now)
        person = store.subscribers()[0]
        store.set_status(person.id, SubscriberStatus.PAUSED, world.now)
        assert world.digest() == {"bo": ["one"]}
        store.set_status(person.id, SubscriberStatus.CONFIRMED, world.now)
        assert store.retry(first.id, [DeliveryState.FAILED], world.now) == 1
        assert world.send(first) == {"ada": ["one"]}
        store.finish_editions(world.now)
        assert world.digest() == {}

    def test_a_retry_repeats_no_titles_either(self, store: Store) -> None:
        """What a later edition tells by title was taken up; a copy is sent whole or not at all."""
        world = World(store)
        world.collect("one", "two", "three")
        world.reader("ada")
        first = world.opened(limit=1, titles=2)
        world.send(first, OutcomeState.FAILED)
        store.finish_editions(world.now)
        (_, two, three) = first.articles
        choices = (
            Choice(articles=(two,)),
            Choice(articles=(world.collect("four")[0],), more=(three,)),
        )
        for choice in choices:
            later = store.open_edition(world.intent(), lambda *_, choice=choice: choice)
            assert later is not None
            assert store.retry(first.id, [DeliveryState.FAILED], world.now) == 0
            world.send(later, OutcomeState.FAILED)
            store.finish_editions(world.now)
        assert store.retry(first.id, [DeliveryState.FAILED], world.now) == 1

    def test_memory_survives_a_change_of_cadence(self, store: Store) -> None:
        """Weekly instead of daily: what daily sent is not sent again, what it owes is."""
        world = World(store)
        ada = world.reader("ada")
        world.collect("one", "two")
        world.digest(limit=1)
        world.collect("three")
        store.subscribe(ada.id, [(FEED, "weekly")], world.now)
        assert world.digest() == {}
        assert world.digest(schedule="weekly") == {"ada": ["two", "three"]}

    def test_memory_survives_leaving_and_coming_back(self, store: Store) -> None:
        """Nothing from before twice; who comes back begins like a newcomer."""
        world = World(store)
        ada = world.reader("ada")
        world.reader("bo")
        world.collect("one")
        world.digest()
        store.set_status(ada.id, SubscriberStatus.UNSUBSCRIBED, world.now)
        for title in ("two", "three"):
            world.collect(title)
            assert world.digest() == {"bo": [title]}
        store.set_status(ada.id, SubscriberStatus.CONFIRMED, world.now)
        world.collect("four")
        assert world.digest() == {"ada": ["three", "four"], "bo": ["four"]}

    def test_a_story_in_two_feeds_is_sent_once(self, store: Store) -> None:
        """By whichever feed and schedule it came first, before and after subscribing to the other."""
        world = World(store)
        ada = world.reader("ada")
        store.subscribe(ada.id, [(FEED, DAILY), ("culture", "weekly")], world.now)
        world.collect("shared", feeds=BOTH)
        world.collect("culture only", feeds=("culture",))
        assert world.digest(FEED) == {"ada": ["shared"]}
        assert world.digest("culture", schedule="weekly") == {"ada": ["culture only"]}
        world.reader("bo")
        world.collect("shared again", feeds=(FEED, "tides"))
        world.digest(FEED)
        store.subscribe(ada.id, [(FEED, DAILY), ("tides", DAILY)], world.now)
        assert world.digest(FEED, "tides") == {}

    def test_a_story_that_moves_to_another_feed_is_not_sent_again(self, store: Store) -> None:
        """Also when it leaves the first; and one that moves unsent is not lost."""
        world = World(store)
        world.reader("ada", *BOTH)
        (sent,) = world.collect("sent")
        world.digest(*BOTH)
        (unsent,) = world.collect("unsent")
        for number, title in ((sent, "sent"), (unsent, "unsent")):
            changed = story(title, text="moved")
            change(world, number, changed, significant=False, feeds=(("culture", True),))
        assert world.digest(*BOTH) == {"ada": ["unsent"]}
        for number, title in ((sent, "sent"), (unsent, "unsent")):
            change(world, number, story(title), significant=True)
        assert world.digest(*BOTH) == {}

    def test_newcomers_get_the_last_edition_at_most(self, store: Store) -> None:
        """Then everything since; the first readers of a feed get all that is news."""
        world = World(store)
        world.reader("ada")
        world.collect("one")
        world.digest()
        world.collect("two", "three")
        world.digest()
        world.collect("between")
        world.reader("bo")
        world.collect("after")
        assert world.digest() == {
            "ada": ["between", "after"],
            "bo": ["two", "three", "between", "after"],
        }

    def test_newcomers_do_not_get_what_the_last_edition_left_out(self, store: Store) -> None:
        """What others are owed is not theirs."""
        world = World(store)
        world.reader("ada")
        world.collect("one", "two", "three")
        assert world.digest(limit=1) == {"ada": ["one"]}
        world.reader("bo")
        assert world.digest() == {"ada": ["two", "three"]}

    def test_a_pending_reader_begins_when_confirmed(self, store: Store) -> None:
        """Not when the form was filled in."""
        world = World(store)
        world.reader("ada")
        bo = world.reader("bo", status=SubscriberStatus.PENDING)
        for title in ("one", "two"):
            world.collect(title)
            assert world.digest() == {"ada": [title]}
        confirmed = store.set_status(bo.id, SubscriberStatus.CONFIRMED, world.now)
        assert confirmed.consent_at == world.now
        world.collect("three")
        assert world.digest() == {"ada": ["three"], "bo": ["two", "three"]}

    def test_future_dates_and_drafts_are_news_when_they_can_be_read(self, store: Store) -> None:
        """A watermark that moved meanwhile does not swallow them."""
        world = World(store)
        world.reader("ada")
        world.collect("future", published=world.now + MINUTE)
        (draft,) = world.collect("draft", draft=True)
        world.collect("one")
        assert world.digest() == {"ada": ["one"]}
        world.wait()
        assert world.digest() == {"ada": ["future"]}
        change(world, draft, story("draft"), significant=True)
        assert world.digest() == {"ada": ["draft"]}

    def test_hidden_stories_come_back_when_shown(self, store: Store) -> None:
        """To those who have not had them."""
        world = World(store)
        world.reader("ada")
        (one,) = world.collect("one")
        world.collect("two")
        store.change_article(one, ArticleChanges(hidden=True), world.now)
        assert world.digest() == {"ada": ["two"]}
        assert world.digest() == {}
        store.change_article(one, ArticleChanges(hidden=False), world.now)
        assert world.digest() == {"ada": ["one"]}
        store.change_article(one, ArticleChanges(hidden=True), world.now)
        store.change_article(one, ArticleChanges(hidden=False), world.now)
        assert world.digest() == {}

    def test_a_cancelled_or_paused_edition_loses_nothing(self, store: Store) -> None:
        """What waits is under way; what was cancelled comes again."""
        world = World(store)
        world.reader("ada")
        world.collect("one")
        edition = world.opened()
        store.move_edition(edition.id, [EditionState.OPEN], EditionState.PAUSED, "")
        world.collect("two")
        assert world.digest() == {"ada": ["two"]}
        store.move_edition(edition.id, [EditionState.PAUSED], EditionState.CANCELLED, "")
        assert world.digest() == {"ada": ["one"]}

    def test_an_alert_moves_no_watermark(self, store: Store) -> None:
        """One story at once; the next digest has the others and not that one."""
        world = World(store)
        world.reader("ada", *BOTH)
        world.collect("one", "two")
        (urgent,) = world.collect("urgent", feeds=BOTH)
        edition = world.alert(urgent)
        assert edition is not None
        assert world.send(edition) == {"ada": ["urgent"]}
        assert world.digest(*BOTH) == {"ada": ["one", "two"]}

    def test_what_a_group_is_told_of_itself_is_true(self, store: Store) -> None:
        """Memory of all feeds, owed and sent ones, as the choice sees them."""
        world = World(store)
        ada = world.reader("ada", *BOTH)
        world.collect("c1", feeds=("culture",))
        one, two, three = world.collect("h1", "h2", "h3")
        world.digest(*BOTH, limit=2)
        store.subscribe(ada.id, [(FEED, DAILY)], world.now)
        world.collect("h4")
        seen: list[ReaderGroup] = []

        def choose(candidates: list[Candidate], group: ReaderGroup) -> Choice:
            seen.append(group)
            assert [one.title for one in candidates] == ["h2", "h3", "h4"]
            return Choice(articles=(one,))

        assert store.open_edition(world.intent(), choose) is None  # type: ignore[arg-type]  # a list is given
        (group,) = seen
        assert group.subscribed == (FEED,)
        assert group.owed == {two, three}
        assert group.sent == frozenset()
        watermarks = {memory.feed: memory.watermark for memory in group.memory}
        assert watermarks[FEED] == 3

    def test_two_schedules_over_one_feed_share_the_memory(self, store: Store) -> None:
        """Somebody who takes both gets each story once."""
        world = World(store)
        ada = world.reader("ada")
        store.subscribe(ada.id, [(FEED, DAILY), (FEED, "weekly")], world.now)
        world.collect("one")
        daily = world.opened()
        assert store.open_edition(world.intent(schedule="weekly"), take(9)) is None
        assert world.send(daily) == {"ada": ["one"]}
        assert world.digest(schedule="weekly") == {}
