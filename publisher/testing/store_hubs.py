"""What a store promises of WebSub: no change is lost, none is brought by two at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from publisher.model.hubs import HubAnswer, HubMode, HubRequest, PendingIntent, PendingPush
from publisher.ports import Store
from publisher.testing.store_world import NOON

HARBOUR = "https://gazette.example/feeds/harbour.atom"
CULTURE = "https://gazette.example/feeds/culture.atom"
HUB = "https://hub.example/"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def wanted(
    name: str = "ada",
    topic: str = HARBOUR,
    mode: HubMode = HubMode.SUBSCRIBE,
    host: str = "reader.example",
    secret: str = "",
) -> HubRequest:
    """Return a request."""
    return HubRequest(
        mode=mode,
        topic=topic,
        callback=f"https://{host}/{name}",
        host=host,
        secret=secret,
        lease=10 * DAY,
    )


def asked(store: Store, request: HubRequest, total: int = 100, per_host: int = 100) -> HubAnswer:
    """Ask for something."""
    return store.ask_hub(request, NOON, total=total, per_host=per_host)


def taken(store: Store, now: datetime = NOON) -> PendingIntent:
    """Take the next request."""
    found = store.take_intent(now, now + MINUTE)
    assert found
    return found


def subscribed(store: Store, *requests: HubRequest) -> None:
    """Ask, and confirm."""
    for request in requests:
        assert asked(store, request) is HubAnswer.TAKEN
        assert store.confirm_intent(taken(store).id, NOON)


def pushed(store: Store, now: datetime = NOON) -> PendingPush:
    """Take the next push."""
    found = store.take_push(now, now + MINUTE)
    assert found
    return found


class HubContract:
    """Topics, requests, subscriptions, pings."""

    def test_a_topic_is_told_when_its_digest_changes(self, store: Store) -> None:
        """Once; the first time it is news as well."""
        assert set(store.tell_topics({HARBOUR: "1", CULTURE: "1"}, (), NOON)) == {HARBOUR, CULTURE}
        assert not store.tell_topics({HARBOUR: "1", CULTURE: "1"}, (), NOON)
        assert store.tell_topics({HARBOUR: "2", CULTURE: "1"}, (), NOON) == [HARBOUR]

    def test_of_many_who_compare_at_once_one_tells(self, store: Store) -> None:
        """The others find that it is told."""
        store.tell_topics({HARBOUR: "1"}, (), NOON)
        with ThreadPoolExecutor(4) as threads:
            told = threads.map(lambda _: store.tell_topics({HARBOUR: "2"}, (), NOON), range(8))
            assert sorted(map(len, told)) == [0] * 7 + [1]

    def test_only_topics_can_be_subscribed_to_and_only_subscriptions_ended(
        self, store: Store
    ) -> None:
        """What else is asked for is said."""
        assert asked(store, wanted()) is HubAnswer.NO_TOPIC
        store.tell_topics({HARBOUR: "1"}, (), NOON)
        away = wanted(mode=HubMode.UNSUBSCRIBE)
        assert asked(store, away) is HubAnswer.NO_SUBSCRIPTION
        subscribed(store, wanted())
        assert asked(store, away) is HubAnswer.TAKEN
        assert store.confirm_intent(taken(store).id, NOON)
        assert asked(store, away) is HubAnswer.NO_SUBSCRIPTION

    def test_there_is_room_for_so_many_in_all_and_of_a_host(self, store: Store) -> None:
        """Requests that wait count; who has a place keeps it."""
        store.tell_topics({HARBOUR: "1"}, (), NOON)
        subscribed(store, wanted("ada"))
        assert asked(store, wanted("ben"), per_host=1) is HubAnswer.HOST_FULL
        assert asked(store, wanted("ben"), total=1) is HubAnswer.FULL
        assert asked(store, wanted("ada"), total=1, per_host=1) is HubAnswer.TAKEN
        assert asked(store, wanted("eve", host="other.example"), per_host=1) is HubAnswer.TAKEN

    def test_the_last_request_about_a_pair_counts(self, store: Store) -> None:
        """What is verified for one that was replaced does nothing."""
        store.tell_topics({HARBOUR: "1"}, (), NOON)
        asked(store, wanted(secret="old"))
        old = taken(store)
        asked(store, wanted(secret="new"))
        assert not store.confirm_intent(old.id, NOON)
        new = taken(store)
        assert (new.request.secret, new.known, new.since) == ("new", True, None)
        assert store.confirm_intent(new.id, NOON)
        store.tell_topics({HARBOUR: "2"}, (), NOON)
        assert pushed(store).secret == "new"

    def test_a_request_is_held_put_off_and_dropped(self, store: Store) -> None:
        """Nobody else has it meanwhile."""
        store.tell_topics({HARBOUR: "1"}, (), NOON)
        asked(store, wanted())
        held = taken(store)
        assert store.take_intent(NOON, NOON + MINUTE) is None
        store.put_off_intent(held.id, NOON, NOON + 5 * MINUTE)
        assert store.take_intent(NOON + 4 * MINUTE, NOON + DAY) is None
        again = taken(store, NOON + 5 * MINUTE)
        assert (again.id, again.since) == (held.id, NOON)
        store.drop_intent(held.id)
        assert store.take_intent(NOON + DAY, NOON + DAY) is None

    def test_a_change_is_due_for_each_subscription_until_it_was_taken(self, store: Store) -> None:
        """To subscribe again keeps one subscription, and what it waits for."""
        store.tell_topics({HARBOUR: "1", CULTURE: "1"}, (), NOON)
        subscribed(store, wanted("ada"), wanted("ben"), wanted("ada", topic=CULTURE))
        assert store.take_push(NOON, NOON + MINUTE) is None
        store.tell_topics({HARBOUR: "2", CULTURE: "1"}, (), NOON)
        subscribed(store, wanted("ada"))
        first, second = pushed(store), pushed(store)
        assert {first.callback, second.callback} == {
            wanted("ada").callback,
            wanted("ben").callback,
        }
        assert store.take_push(NOON, NOON + MINUTE) is None
        store.settle_push(first.id, first.change)
        assert pushed(store, NOON + MINUTE).id == second.id  # its holder was silent

    def test_a_change_that_comes_while_one_is_brought_is_not_lost(self, store: Store) -> None:
        """Nor brought beside it."""
        store.tell_topics({HARBOUR: "1"}, (), NOON)
        subscribed(store, wanted())
        store.tell_topics({HARBOUR: "2"}, (), NOON)
        first = pushed(store)
        store.tell_topics({HARBOUR: "3"}, (), NOON)
        assert store.take_push(NOON, NOON + MINUTE) is None
        store.settle_push(first.id, first.change)
        second = pushed(store)
        assert (second.id, second.change) == (first.id, first.change + 1)

    def test_what_failed_waits_for_its_time_or_for_the_next_change(self, store: Store) -> None:
        """And says since when it fails."""
        store.tell_topics({HARBOUR: "1"}, (), NOON)
        subscribed(store, wanted())
        store.tell_topics({HARBOUR: "2"}, (), NOON)
        first = pushed(store)
        store.put_off_push(first.id, first.change, NOON, NOON + 5 * MINUTE, "answered 500")
        assert store.take_push(NOON + 4 * MINUTE, NOON + DAY) is None
        again = pushed(store, NOON + 5 * MINUTE)
        assert again.since == NOON
        store.put_off_push(again.id, again.change, NOON, None, "answered 500")
        assert store.take_push(NOON + DAY, NOON + DAY) is None
        store.tell_topics({HARBOUR: "3"}, (), NOON + DAY)
        assert pushed(store, NOON + DAY).since is None

    def test_a_lease_ends(self, store: Store) -> None:
        """Nothing is brought after it; the sweep drops it, and requests that nobody confirmed."""
        store.tell_topics({HARBOUR: "1"}, (), NOON)
        subscribed(store, wanted("ada"))
        asked(store, wanted("ben"))
        store.tell_topics({HARBOUR: "2"}, (), NOON)
        end = NOON + 10 * DAY
        assert store.take_push(end, end + MINUTE) is None
        assert store.sweep_hub(end - MINUTE, NOON - DAY) == 0
        assert store.sweep_hub(end, NOON) == 2
        assert store.topic_figures()[0].subscribers == 0

    def test_subscriptions_to_what_is_no_more_end(self, store: Store) -> None:
        """So do pings; a request says that its topic is gone."""
        store.tell_topics({HARBOUR: "1", CULTURE: "1"}, (HUB,), NOON)
        subscribed(store, wanted())
        asked(store, wanted("ben"))
        store.tell_topics({CULTURE: "1"}, (HUB,), NOON)
        assert [found.topic for found in store.topic_figures()] == [CULTURE]
        assert not taken(store).known
        assert store.hub_figures()[0].waiting == 1

    def test_other_hubs_hear_of_each_topic_that_changed(self, store: Store) -> None:
        """Each until it was told; a change that came meanwhile is told as well."""
        store.tell_topics({HARBOUR: "1"}, (HUB,), NOON)
        first = store.take_ping(NOON, NOON + MINUTE)
        assert first
        assert (first.hub, first.topic, first.since) == (HUB, HARBOUR, None)
        store.put_off_ping(first.id, first.change, NOON, NOON + MINUTE, "answered 503")
        figures = store.hub_figures()[0]
        assert (figures.waiting, figures.since, figures.error) == (1, NOON, "answered 503")
        assert store.take_ping(NOON, NOON + MINUTE) is None
        again = store.take_ping(NOON + MINUTE, NOON + 2 * MINUTE)
        assert again
        store.tell_topics({HARBOUR: "2"}, (HUB,), NOON + MINUTE)
        store.settle_ping(again.id, again.change)
        newer = store.take_ping(NOON + MINUTE, NOON + 2 * MINUTE)
        assert newer
        store.settle_ping(newer.id, newer.change)
        assert not store.hub_figures()

    def test_what_is_due_is_counted(self, store: Store) -> None:
        """Requests, pushes and pings."""
        store.tell_topics({HARBOUR: "1"}, (HUB,), NOON)
        subscribed(store, wanted())
        asked(store, wanted("ben"))
        store.tell_topics({HARBOUR: "2"}, (HUB,), NOON)
        assert store.hub_due(NOON) == 3
        pushed(store)
        assert store.hub_due(NOON) == 2

    def test_figures_say_who_waits_and_who_fails(self, store: Store) -> None:
        """By topic."""
        store.tell_topics({HARBOUR: "1", CULTURE: "1"}, (), NOON)
        subscribed(store, wanted("ada"), wanted("ben"))
        store.tell_topics({HARBOUR: "2", CULTURE: "1"}, (), NOON)
        first = pushed(store)
        store.put_off_push(first.id, first.change, NOON, NOON + MINUTE, "no answer")
        culture, harbour = store.topic_figures()
        assert (culture.topic, culture.subscribers, culture.until) == (CULTURE, 0, None)
        assert (harbour.subscribers, harbour.waiting, harbour.failing) == (2, 2, 1)
        assert harbour.until == NOON + 10 * DAY

    def test_of_many_at_once_each_brings_another(self, store: Store) -> None:
        """Processes share the work: nothing is brought twice."""
        store.tell_topics({HARBOUR: "1"}, (), NOON)
        subscribed(store, *(wanted(f"reader{number}") for number in range(8)))
        store.tell_topics({HARBOUR: "2"}, (), NOON)
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: store.take_push(NOON, NOON + MINUTE), range(16)))
        callbacks = [push.callback for push in found if push]
        assert len(callbacks) == len(set(callbacks)) == 8
