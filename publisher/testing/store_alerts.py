"""What a store promises of alerts: found once, held back when they must be, never lost or doubled."""

from datetime import time, timedelta

from publisher.core.pacing import Pace
from publisher.model.definitions import Cap, Quiet
from publisher.model.editions import DeliveryState, Edition, EditionState, OutcomeState
from publisher.model.subscribers import SubscriberStatus
from publisher.ports import ArticleChanges, Store
from publisher.testing.store_articles import change
from publisher.testing.store_world import DAILY, FEED, FEEDS, MINUTE, NOON, World, story

HOUR = timedelta(hours=1)
BREAKING = "breaking"
AUCKLAND = (
    "Pacific/Auckland"  # one in the morning when it is noon in London, quiet until 18:00 UTC
)
NIGHT = Quiet(begins=time(22), ends=time(7))
PACE = Pace(quiet=NIGHT, cap=Cap(count=9, within=HOUR), home="Europe/London")
ONE_AN_HOUR = Pace(quiet=None, cap=Cap(count=1, within=HOUR), home="Europe/London")


def fresh(world: World, since: timedelta = HOUR, priority: int = 0) -> list[str]:
    """Return the titles of stories worth an alert of the schedule `breaking`."""
    found = world.store.unalerted(BREAKING, FEEDS, world.now, world.now - since, priority)
    return world.titles(found)


def alerted(world: World, title: str, pacing: Pace = ONE_AN_HOUR) -> Edition:
    """Bring a story and open an alert of it."""
    (found,) = world.collect(title)
    edition = world.alert(found, pacing)
    assert edition is not None
    return edition


class AlertContract:
    """Alerts."""

    def test_a_story_is_found_until_it_has_a_run(self, store: Store) -> None:
        """Oldest first; each schedule plans for itself."""
        world = World(store)
        (second,) = world.collect("second", published=NOON)
        world.collect("first", published=NOON - MINUTE)
        assert fresh(world) == ["first", "second"]
        world.run(f"alert:{second}", "other")
        assert fresh(world) == ["first", "second"]
        world.run(f"alert:{second}", BREAKING)
        assert fresh(world) == ["first"]

    def test_only_recent_mailable_readable_stories_of_the_feeds_are_found(
        self, store: Store
    ) -> None:
        """What is old, held back, elsewhere or a backlog is no alert."""
        world = World(store)
        world.collect("elsewhere", feeds=("culture",))
        world.collect("backlog", mailable=False)
        world.collect("draft", draft=True)
        world.collect("dated long ago", published=NOON - timedelta(days=2))
        world.collect("dated by the day", published=NOON - timedelta(hours=12))
        world.collect("tomorrow", published=NOON + timedelta(days=1))
        (hidden,) = world.collect("hidden")
        store.change_article(hidden, ArticleChanges(hidden=True), world.now)
        assert fresh(world) == ["dated by the day"]
        world.wait(2 * HOUR)
        world.digest()  # gives places to what could be read
        assert fresh(world) == []
        world.wait(timedelta(hours=22))
        assert fresh(world) == ["tomorrow"]

    def test_a_story_that_only_now_can_be_read_is_news(self, store: Store) -> None:
        """A draft may lie for hours before its editor lets it go."""
        world = World(store)
        world.collect("other")
        (drafted,) = world.collect("drafted", draft=True)
        world.reader("ada")
        world.digest()
        world.wait(3 * HOUR)
        assert fresh(world) == []
        change(world, drafted, story("drafted"), significant=False)
        assert fresh(world) == ["drafted"]

    def test_priority_decides(self, store: Store) -> None:
        """Also the one that an editor gives later."""
        world = World(store)
        (one, _) = world.collect("one", "two")
        world.collect("urgent", priority=5)
        assert fresh(world, priority=5) == ["urgent"]
        store.change_article(one, ArticleChanges(priority=6), world.now)
        assert sorted(fresh(world, priority=5)) == ["one", "urgent"]

    def test_an_alert_holds_its_story_alone_and_goes_to_whom_it_is_news(
        self, store: Store
    ) -> None:
        """Whatever else is new; those who had it get no alert."""
        world = World(store)
        world.reader("ada")
        (one,) = world.collect("one")
        assert world.digest() == {"ada": ["one"]}
        world.reader("bo", schedule=BREAKING)
        assert world.alert(one) is None
        new, _ = world.collect("new", "other")
        edition = world.alert(new, schedule=BREAKING)
        assert edition is not None
        assert edition.articles == (new,)
        assert world.send(edition) == {"bo": ["new"]}

    def test_who_sleeps_gets_it_in_the_morning(self, store: Store) -> None:
        """Written as deferred when the alert opens, with the reason; no try is counted."""
        world = World(store)
        world.reader("ada")
        world.reader("kiri", timezone=AUCKLAND)
        edition = alerted(world, "story", PACE)
        assert world.counts(edition.id) == {"queued": 1, "deferred": 1}
        (kiri,) = store.deliveries(edition.id, [DeliveryState.DEFERRED])
        assert (kiri.name, kiri.attempts) == ("kiri", 0)
        assert kiri.reason == f"quiet until 07:00 ({AUCKLAND})"
        assert store.next_due(world.now) == NOON + 6 * HOUR
        assert world.send(edition, pacing=PACE) == {"ada": ["story"]}
        store.finish_editions(world.now)
        assert store.edition(edition.id).state is EditionState.OPEN
        assert not store.sendable(world.now)
        world.wait(6 * HOUR)
        assert [one.id for one in store.sendable(world.now)] == [edition.id]
        assert world.send(edition, pacing=PACE) == {"kiri": ["story"]}
        (done,) = store.finish_editions(world.now)
        assert done.complete
        assert store.delivery(kiri.id).attempts == 1

    def test_over_the_cap_they_wait_one_behind_the_other(self, store: Store) -> None:
        """What waits counts, so that nothing bursts; each reader has a cap of their own."""
        world = World(store)
        world.reader("ada")
        first, second = alerted(world, "one"), alerted(world, "two")
        world.reader("bo")
        third = alerted(world, "three")
        assert [world.counts(one.id) for one in (first, second, third)] == [
            {"queued": 1},
            {"deferred": 1},
            {"queued": 1, "deferred": 1},
        ]
        sent = []
        for _ in range(4):
            for edition in store.sendable(world.now):
                sent += [
                    (world.now, name, *titles)
                    for name, titles in world.send(edition, pacing=ONE_AN_HOUR).items()
                ]
            store.finish_editions(world.now)
            world.wait(HOUR)
        assert sent == [
            (NOON, "ada", "one"),
            (NOON, "bo", "three"),
            (NOON + HOUR, "ada", "two"),
            (NOON + 2 * HOUR, "ada", "three"),
        ]

    def test_after_an_outage_they_neither_burst_nor_wake_anybody(self, store: Store) -> None:
        """What was due while nobody sent is judged again when it is claimed."""
        world = World(store)
        world.reader("ada")
        editions = [alerted(world, title) for title in ("one", "two", "three")]
        world.wait(24 * HOUR)
        assert [len(world.send(one, pacing=ONE_AN_HOUR)) for one in editions] == [1, 0, 0]
        world.wait(HOUR)
        assert [len(world.send(one, pacing=ONE_AN_HOUR)) for one in editions] == [0, 1, 0]
        world.wait(9 * HOUR)  # ten in the evening
        night = Pace(quiet=NIGHT, cap=ONE_AN_HOUR.cap, home="Europe/London")
        assert world.send(editions[2], pacing=night) == {}
        (row,) = store.deliveries(editions[2].id)
        assert row.reason == "quiet until 07:00 (Europe/London)"
        assert row.attempts == 0

    def test_an_alert_long_done_counts_from_when_it_reached_the_reader(self, store: Store) -> None:
        """Not from when it was opened."""
        world = World(store)
        world.reader("kiri", timezone=AUCKLAND)
        pace = Pace(quiet=NIGHT, cap=ONE_AN_HOUR.cap, home="Europe/London")
        edition = alerted(world, "one", pace)
        world.wait(6 * HOUR)
        assert world.send(edition, pacing=pace) == {"kiri": ["one"]}
        store.finish_editions(world.now)
        world.wait(30 * MINUTE)
        second = alerted(world, "two", pace)
        assert store.next_due(world.now) == NOON + 7 * HOUR
        assert world.counts(second.id) == {"deferred": 1}

    def test_what_an_editor_holds_stops_no_other_alert(self, store: Store) -> None:
        """A paused one counts for nobody; released, it waits its turn."""
        world = World(store)
        world.reader("ada")
        held = alerted(world, "held")
        store.move_edition(held.id, [EditionState.OPEN], EditionState.PAUSED, "")
        assert world.send(alerted(world, "urgent"), pacing=ONE_AN_HOUR) == {"ada": ["urgent"]}
        store.move_edition(held.id, [EditionState.PAUSED], EditionState.OPEN, "")
        assert world.send(held, pacing=ONE_AN_HOUR) == {}
        world.wait(HOUR)
        assert world.send(held, pacing=ONE_AN_HOUR) == {"ada": ["held"]}

    def test_trying_again_by_hand_does_not_break_the_quiet(self, store: Store) -> None:
        """`retry` queues them; claiming defers them again."""
        world = World(store)
        world.reader("kiri", timezone=AUCKLAND)
        edition = alerted(world, "story", PACE)
        assert store.retry(edition.id, [DeliveryState.DEFERRED], world.now) == 1
        assert world.counts(edition.id) == {"queued": 1}
        assert world.send(edition, pacing=PACE) == {}
        assert world.counts(edition.id) == {"deferred": 1}

    def test_a_delayed_alert_and_a_digest_share_no_story(self, store: Store) -> None:
        """Whichever comes first; what the alert does not bring the digest does."""
        world = World(store)
        world.reader("kiri", timezone=AUCKLAND)
        world.reader("manu", timezone=AUCKLAND)
        edition = alerted(world, "urgent", PACE)
        world.collect("other")
        assert world.digest() == {"kiri": ["other"], "manu": ["other"]}
        world.wait(6 * HOUR)
        world.send_one(edition)
        world.send_one(edition, OutcomeState.FAILED)
        store.finish_editions(world.now)
        assert world.digest() == {"manu": ["urgent"]}
        assert world.digest() == {}

    def test_a_delayed_alert_that_is_sent_before_the_digest_under_way(self, store: Store) -> None:
        """The digest opened first, and is sent last."""
        world = World(store)
        world.reader("kiri", timezone=AUCKLAND)
        edition = alerted(world, "urgent", PACE)
        world.collect("other")
        digest = world.opened()
        world.wait(6 * HOUR)
        assert world.send(edition, pacing=PACE) == {"kiri": ["urgent"]}
        assert world.send(digest) == {"kiri": ["other"]}
        store.finish_editions(world.now)
        assert world.digest() == {}

    def test_a_story_under_way_in_a_digest_is_not_alerted(self, store: Store) -> None:
        """It reaches them with the digest."""
        world = World(store)
        world.reader("ada")
        (one,) = world.collect("one")
        digest = world.opened()
        assert world.alert(one, PACE) is None
        assert world.send(digest) == {"ada": ["one"]}

    def test_a_cancelled_alert_is_told_by_the_digest(self, store: Store) -> None:
        """Those for whom it waited are owed the story, whether a digest passed it or not."""
        world = World(store)
        world.reader("kiri", timezone=AUCKLAND)
        first, second = alerted(world, "one", PACE), alerted(world, "two", PACE)
        world.collect("other")
        assert world.digest() == {"kiri": ["other"]}
        for edition in (first, second):
            store.move_edition(edition.id, [EditionState.OPEN], EditionState.CANCELLED, "")
        assert world.digest() == {"kiri": ["one", "two"]}

    def test_who_leaves_while_it_waits_is_left_alone(self, store: Store) -> None:
        """Consent is looked at again in the morning."""
        world = World(store)
        kiri = world.reader("kiri", timezone=AUCKLAND)
        edition = alerted(world, "story", PACE)
        store.set_status(kiri.id, SubscriberStatus.UNSUBSCRIBED, world.now)
        world.wait(6 * HOUR)
        assert world.send(edition, pacing=PACE) == {}
        assert world.counts(edition.id) == {"suppressed": 1}

    def test_readers_of_digests_alone_get_no_alert(self, store: Store) -> None:
        """A subscription names its schedule."""
        world = World(store)
        world.reader("ada", FEED, schedule=DAILY)
        (one,) = world.collect("one")
        assert world.alert(one, PACE, schedule=BREAKING) is None
