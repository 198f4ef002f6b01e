"""What a store promises of being pushed to: decisions never cross, and no push is lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from publisher.model.articles import SourceState
from publisher.model.pushes import Listening, ListeningState, Offer, WaitingPush
from publisher.ports import Store
from publisher.testing.store_world import NOON

PORT = "feed:https://port.example/news.xml"
HUB = "https://hub.example/"
TOPIC = "https://port.example/news.xml"
OFFER = Offer(source=PORT, hubs=(HUB,), topic=TOPIC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LATE = 15 * MINUTE


def begun(store: Store, source: str = PORT, at: str = "t1") -> Listening:
    """Begin with a hub."""
    assert store.begin_listening(replace(OFFER, source=source), HUB, at, "s", NOON)
    found = store.listening_of(at)
    assert found
    return found


def alive(store: Store, source: str = PORT, at: str = "t1") -> Listening:
    """Begin with a hub that verifies it at noon, for ten days."""
    row = begun(store, source, at)
    wanted = replace(
        row,
        state=ListeningState.ALIVE,
        verified=NOON,
        until=NOON + 10 * DAY,
        due=NOON + 8 * DAY,
    )
    made = store.put_listening(wanted, NOON)
    assert made
    return made


def kept(store: Store, row: Listening, body: bytes = b"<feed/>", most: int = 9) -> bool:
    """Keep a push."""
    return store.keep_push(row, body, "application/atom+xml", NOON, most=most)


def waiting(store: Store, now: datetime = NOON) -> WaitingPush:
    """Take the next push."""
    found = store.take_waiting(now, now + MINUTE)
    assert found
    return found


class PushContract:
    """Offers, listenings, pushes that wait, polls."""

    def test_what_sources_offer_is_remembered_with_their_state(self, store: Store) -> None:
        """Those that offer nothing are left out."""
        store.save_state(SourceState(key=PORT, hubs=(HUB,), topic=TOPIC))
        store.save_state(SourceState(key="feed:https://other.example/"))
        assert store.offers() == {PORT: OFFER}
        assert store.source_states([PORT])[PORT].hubs == (HUB,)

    def test_a_hub_is_begun_with_once(self, store: Store) -> None:
        """Whoever comes second is told."""
        row = begun(store)
        assert not store.begin_listening(OFFER, HUB, "t2", "other", NOON)
        assert (row.token, row.secret, row.state) == ("t1", "s", ListeningState.ASKING)
        assert (row.due, row.change, row.waits) == (NOON, 0, False)
        assert store.listening_of("t2") is None
        assert list(store.listenings()) == [row]

    def test_neither_token_nor_secret_is_shown(self, store: Store) -> None:
        """Whatever is written down of a listening may be read by others."""
        row = replace(begun(store), token="unguessable", secret="between us")
        assert "unguessable" not in repr(row)
        assert "between us" not in repr(row)

    def test_of_two_decisions_about_the_same_the_first_counts(self, store: Store) -> None:
        """The second is told, and changes nothing; so does dropping."""
        row = begun(store)
        assert store.put_listening(replace(row, state=ListeningState.ALIVE), NOON)
        assert store.put_listening(replace(row, state=ListeningState.FAILED), NOON) is None
        store.drop_listening(row)
        (now,) = store.listenings()
        assert (now.state, now.change) == (ListeningState.ALIVE, 1)
        store.drop_listening(now)
        assert not store.listenings()

    def test_decisions_leave_counters(self, store: Store) -> None:
        """A push that came meanwhile has been counted."""
        row = alive(store)
        assert kept(store, row)
        assert [store.drop_push(row.id), store.drop_push(row.id)] == [1, 2]
        made = store.put_listening(replace(row, due=NOON), NOON)
        assert made
        assert (made.pushes, made.dropped, made.last) == (1, 2, NOON)

    def test_what_is_due_is_taken_by_one(self, store: Store) -> None:
        """Failed ones wait for a plan; a hold ends by itself, and with a decision."""
        row = begun(store)
        assert store.take_listening(NOON - MINUTE, NOON) is None
        assert store.pushes_due(NOON) == 1
        assert store.take_listening(NOON, NOON + MINUTE) == row
        assert store.take_listening(NOON, NOON + MINUTE) is None
        assert store.take_listening(NOON + MINUTE, NOON + DAY) == row
        made = store.put_listening(row, NOON)
        assert made
        assert store.take_listening(NOON, NOON + MINUTE) == made
        store.put_listening(replace(made, state=ListeningState.FAILED), NOON)
        assert store.take_listening(NOON + DAY, NOON + 2 * DAY) is None
        assert store.pushes_due(NOON) == 0

    def test_a_source_is_polled_when_its_hub_ends(self, store: Store) -> None:
        """It was polled rarely until then; one that never was, is not asked for."""
        row = alive(store)
        store.save_state(SourceState(key=PORT, next_check=NOON + DAY))
        store.put_listening(replace(row, state=ListeningState.FAILED), NOON + MINUTE)
        assert store.source_states([PORT])[PORT].next_check == NOON + MINUTE

    def test_pushes_wait_in_their_order_and_each_is_read_by_one(self, store: Store) -> None:
        """Bytes come back as they were."""
        row = alive(store)
        for body in (b"\x00\xff one", b"two"):
            assert kept(store, row, body)
        first = waiting(store)
        assert (first.body, first.source, first.topic) == (b"\x00\xff one", PORT, TOPIC)
        assert (first.content_type, first.listening) == ("application/atom+xml", row.id)
        second = waiting(store)
        assert second.body == b"two"
        assert store.take_waiting(NOON, NOON + MINUTE) is None
        assert waiting(store, NOON + MINUTE).id == first.id  # who held it has died
        store.settle_waiting(first.id, NOON)
        store.put_off_waiting(second.id, NOON + DAY)
        assert store.take_waiting(NOON + 2 * MINUTE, NOON + DAY) is None
        assert store.waiting_pushes() == {row.id: 1}
        assert waiting(store, NOON + DAY).tries == 1

    def test_the_same_push_waits_once_and_only_so_many_wait(self, store: Store) -> None:
        """It is counted all the same."""
        row = alive(store)
        assert kept(store, row)
        assert kept(store, row)
        assert store.waiting_pushes() == {row.id: 1}
        assert kept(store, row, b"other", most=2)
        assert not kept(store, row, b"third", most=2)
        (now,) = store.listenings()
        assert now.pushes == 3

    def test_a_push_that_cannot_be_read_has_its_source_polled(self, store: Store) -> None:
        """Others are polled when they would have been."""
        row = alive(store)
        store.save_state(SourceState(key=PORT, next_check=NOON + DAY))
        kept(store, row)
        store.settle_waiting(waiting(store).id, NOON)
        assert store.source_states([PORT])[PORT].next_check == NOON + DAY
        kept(store, row)
        store.settle_waiting(waiting(store).id, NOON, poll=True)
        assert store.source_states([PORT])[PORT].next_check == NOON

    def test_news_that_no_hub_has_brought_raise_doubt(self, store: Store) -> None:
        """Not those of the first poll, which may be older than the listening."""
        alive(store)
        store.save_state(SourceState(key=PORT, next_check=NOON + DAY))
        assert self.poll(store, NOON, news=True) == []
        assert self.poll(store, NOON + DAY, news=False) == []
        assert self.poll(store, NOON + 2 * DAY, news=True) == [PORT]
        (row,) = store.listenings()
        assert (row.missed, row.due) == (NOON + 2 * DAY, NOON + 2 * DAY + LATE)
        assert PORT in store.alive_sources(NOON + 2 * DAY + LATE - MINUTE, LATE)
        assert PORT not in store.alive_sources(NOON + 2 * DAY + LATE, LATE)
        assert store.source_states([PORT])[PORT].next_check == NOON + DAY
        assert self.poll(store, NOON + 3 * DAY, news=True) == []  # known already

    def test_a_push_ends_all_doubt(self, store: Store) -> None:
        """And news that it brought are no reason for any."""
        row = alive(store)
        self.poll(store, NOON - 2 * DAY, news=True)
        assert self.poll(store, NOON - DAY, news=True) == [PORT]
        kept(store, row)
        assert PORT in store.alive_sources(NOON, LATE)
        assert self.poll(store, NOON + DAY, news=True) == []
        assert self.poll(store, NOON + 2 * DAY, news=True) == [PORT]

    def test_only_living_listenings_are_relied_on(self, store: Store) -> None:
        """Until the lease ends."""
        begun(store, "feed:b", "t2")
        assert not store.alive_sources(NOON, LATE)
        alive(store)
        assert set(store.alive_sources(NOON + 9 * DAY, LATE)) == {PORT}
        assert not store.alive_sources(NOON + 10 * DAY, LATE)
        assert store.polled({}, NOON, LATE) == ()

    def poll(self, store: Store, now: datetime, *, news: bool) -> Sequence[str]:
        """Note a poll."""
        return store.polled({PORT: news, "feed:other": True}, now, LATE)
