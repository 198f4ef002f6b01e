"""Listening over a real store and a fake web: what happens in between, and accidents."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from publisher.core import push_rules as rules
from publisher.core.hubbing import REST
from publisher.core.push_reading import TRIES, PushReader
from publisher.core.pushes import Heard, Listener
from publisher.errors import FetchError, ParseError, StoreBusy
from publisher.model.articles import Collected, SourceReport, SourceState
from publisher.model.definitions import AdapterDefinition, SourceDefinition
from publisher.model.pushes import ListeningState
from publisher.ports import Answered
from publisher.store import open_store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HUB = "https://hub.example.org/"
TOPICS = {f"feed:{n}": f"https://{n}.example.org/news.xml" for n in ("a", "b")}


class World:
    """A listener with a fake web: `status` answers, None gives no answer; `meanwhile` comes first."""

    def __init__(self, store):
        self.store, self.time, self.status = store, NOON, 202
        self.headers, self.said = {}, b""
        self.called, self.complaints, self.numbers = [], [], iter(range(1_000))
        self.wanted = set(TOPICS)
        self.meanwhile = lambda: None
        self.listener = Listener(
            store=store,
            clock=self,
            caller=self,
            url="https://gazette.org/",
            wanted=lambda: self.wanted,
            unguessable=lambda: f"chance {next(self.numbers)}",
            complain=lambda *what: self.complaints.append(what),
        )
        self.offer("feed:a")

    def offer(self, key, *hubs):
        state = SourceState(key=key, hubs=hubs or (HUB,), topic=TOPICS[key])
        self.store.save_state(state)

    def now(self):
        return self.time

    def call(self, method, url, headers, body=b"", keep=0):
        self.called.append((method, url, body.decode()))
        self.meanwhile()
        if self.status is None:
            raise FetchError(url, "took longer than 15 s")
        return Answered(self.status, self.said[:keep], self.headers)

    def go(self, step=timedelta(0)):
        self.time += step
        self.listener.due()
        return self.listener.work()

    @property
    def row(self):
        (found,) = self.store.listenings()
        return found

    def ask_back(self, **more):
        said = {"hub.mode": "subscribe", "hub.topic": self.row.topic, "hub.challenge": "c", **more}
        return self.listener.confirm(self.row.token, said)

    def alive(self):
        self.go()
        assert self.ask_back() == b"c"
        return self.row


@pytest.fixture
def world(tmp_path):
    store = open_store("sqlite:///w.db", tmp_path, permalink=lambda slug: f"https://g.org/{slug}/")
    yield World(store)
    store.close()


def test_a_hub_that_asks_back_at_once_and_then_fails_is_alive(world):
    """Its verification counts, whatever becomes of the answer to the request."""
    world.status = 500
    world.meanwhile = world.ask_back
    world.go()
    assert world.row.state is ListeningState.ALIVE
    assert (world.row.error, world.complaints) == ("", [])


def test_that_we_ask_is_known_before_the_hub_hears_of_it(world):
    seen = []
    world.meanwhile = lambda: seen.append((world.row.waits, world.row.asked))
    world.go()
    assert seen == [(True, NOON)]


def test_plans_are_made_once_a_minute_and_when_the_clock_was_set_back(world):
    world.go()
    world.offer("feed:b")
    assert world.go(MINUTE / 2) == 0
    assert world.go(MINUTE) == 1
    world.wanted = set()
    world.go(-HOUR)
    assert world.store.listenings() == []


def test_a_host_that_gave_no_answer_is_left_alone(world):
    world.offer("feed:b")
    world.status = None
    world.go()
    assert len(world.called) == 1
    assert {row.error for row in world.store.listenings()} == {
        "took longer than 15 s",
        "its host gave no answer",
    }
    world.status = 202
    world.go(max(REST, 6 * MINUTE))
    assert {row.waits for row in world.store.listenings()} == {True}


def test_a_refusal_is_told_in_the_hubs_own_words_without_harm(world):
    world.status, world.said = 403, b"\x1b[2Jno\nstrangers \xff" + b"x" * 999
    world.go()
    assert world.row.error.startswith("answered 403: [2Jno strangers \ufffdxxx")
    assert len(world.row.error) <= 220
    ((source, reason),) = world.complaints
    assert source == "feed:a"
    assert "403" in reason
    world.go(HOUR)
    assert len(world.called) == 1  # our mistake: not before tomorrow
    world.go(2 * DAY)
    world.go()
    assert len(world.called) == 2
    assert len(world.complaints) == 1


def test_a_hub_says_when_to_come_again(world):
    world.status, world.headers = 503, {"retry-after": "7200"}
    world.go()
    assert world.row.due >= NOON + 2 * HOUR


def test_neither_token_nor_secret_is_in_a_complaint(world):
    world.status = None
    world.go()
    world.listener.hear(world.row, "sha256=0", "", b"x")
    assert len(world.complaints) == 2
    assert "chance" not in repr(world.complaints)


def test_a_denial_lets_another_hub_try_at_once(world):
    world.offer("feed:a", HUB, "https://two.example.org/")
    row = world.alive()
    said = {"hub.mode": "denied", "hub.topic": row.topic}
    assert world.listener.confirm(row.token, said)
    world.go()
    assert world.called[-1][1] == "https://two.example.org/"


def test_what_others_decide_at_the_same_moment_is_looked_at_again(world):
    """Two verifications at once are both confirmed."""
    world.go()
    real, raced = world.store.put_listening, []

    def put(row, now):
        if not raced:
            raced.append(real(row, now))  # the other one comes first
        return real(row, now)

    world.store.put_listening = put
    assert world.ask_back() == b"c"
    assert world.row.state is ListeningState.ALIVE


@pytest.mark.parametrize("mode", ["subscribe", "unsubscribe", "denied", ""])
def test_unknown_addresses_and_topics_are_never_confirmed(world, mode):
    row = world.alive()
    said = {"hub.mode": mode, "hub.topic": row.topic, "hub.challenge": "c"}
    assert world.listener.confirm("nobody", said) is None
    assert world.listener.confirm(row.token, {**said, "hub.topic": "https://x.org/"}) is None
    assert world.listener.confirm(row.token, {}) is None
    assert world.row == row


def test_a_hub_that_we_leave_may_deny_as_well(world):
    row = world.alive()
    world.wanted = set()
    world.go(MINUTE)
    assert world.row.state is ListeningState.LEAVING
    assert world.listener.confirm(row.token, {"hub.mode": "denied", "hub.topic": row.topic})
    assert world.store.listenings() == []


def test_what_becomes_of_a_push(world):
    assert world.listener.expects("nobody") == (None, Heard.GONE)
    world.go()
    assert world.listener.expects(world.row.token) == (None, Heard.EARLY)
    world.ask_back(**{"hub.lease_seconds": "3600"})
    row, heard = world.listener.expects(world.row.token)
    assert (row, heard) == (world.row, Heard.KEPT)
    world.time += HOUR
    assert world.listener.expects(row.token) == (None, Heard.GONE)


# Reading what was pushed


class Reading:
    """Reads what waits; `outcome` is what a source makes of it, raised when it is an error."""

    def __init__(self, world):
        self.world, self.outcome, self.taken = world, Collected(partial=True), []
        self.row = world.alive()
        definition = SourceDefinition(
            key="feed:a", adapter=AdapterDefinition(name="a", type="feed")
        )
        self.sources = {"feed:a": definition}
        self.reader = PushReader(
            store=world.store,
            articles=world.store,
            clock=world,
            sources=lambda: self.sources,
            open_source=lambda _definition: self,
            take=self.take,
            complain=lambda *what: world.complaints.append(what),
        )

    def collect(self, state, now):
        raise AssertionError("a push is no reason to ask")

    def pushed(self, body, content_type, state):
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def take(self, definition, collected):
        self.taken.append(collected)
        return SourceReport(source=definition.key, new=1)

    def push(self, body=b"x"):
        assert self.world.store.keep_push(self.row, body, "text/xml", self.world.time, most=9)

    @property
    def waiting(self):
        return sum(self.world.store.waiting_pushes().values())


@pytest.fixture
def reading(world):
    return Reading(world)


def test_what_waits_is_read_in_its_order_and_forgotten(reading):
    for body in (b"1", b"2"):
        reading.push(body)
    assert len(reading.reader.read().reports) == 2
    assert reading.waiting == 0
    assert reading.reader.read() == ((), set())


def test_reading_stops_when_it_is_told_to(reading):
    reading.push()
    assert reading.reader.read(lambda: True) == ((), set())
    assert reading.waiting == 1


def test_a_push_of_a_source_that_is_gone_is_forgotten(reading):
    reading.push()
    reading.sources = {}
    assert reading.reader.read() == ((), set())
    assert (reading.waiting, reading.taken) == (0, [])


@pytest.mark.parametrize("outcome", [None, ParseError("feed:a", "is cut off")])
def test_what_cannot_be_read_or_says_only_that_there_is_news_is_polled(reading, outcome):
    state = replace(reading.world.store.source_states(["feed:a"])["feed:a"], next_check=NOON + DAY)
    reading.world.store.save_state(state)
    reading.push()
    reading.outcome = outcome
    assert reading.reader.read() == ((), {"feed:a"})
    assert reading.waiting == 0
    assert len(reading.world.complaints) == (outcome is not None)
    assert reading.world.store.source_states(["feed:a"])["feed:a"].next_check == NOON


def test_an_accident_is_tried_again_a_few_times(reading):
    reading.push()
    reading.outcome = RuntimeError("unlucky")
    for _ in range(TRIES):
        assert reading.waiting == 1
        reading.reader.read()
        reading.world.time += 2 * MINUTE
    assert reading.waiting == 0
    assert "unlucky" in reading.world.complaints[-1][1]


def test_a_store_in_trouble_loses_no_push(reading):
    reading.push()
    reading.outcome = StoreBusy("store", "is locked")
    with pytest.raises(StoreBusy):
        reading.reader.read()
    assert reading.waiting == 1
    reading.outcome = Collected(partial=True)
    reading.world.time += HOUR
    assert len(reading.reader.read().reports) == 1


def test_a_source_that_cannot_be_pushed_to_is_polled(reading):
    reading.push()
    one = replace(reading.reader, open_source=lambda _definition: object())
    assert one.read() == ((), {"feed:a"})
    assert reading.waiting == 0


def test_polls_that_failed_raise_no_doubt(reading):
    listener, store = reading.world.listener, reading.world.store
    listener.polled([SourceReport(source="feed:a", new=0)])
    reading.world.time += DAY
    listener.polled([SourceReport(source="feed:a", new=3, error="cut off")])
    assert set(listener.alive(reading.world.time)) == {"feed:a"}
    listener.polled([SourceReport(source="feed:a", new=3)])
    reading.world.time += rules.LATE
    assert not listener.alive(reading.world.time)
    assert store.listenings()[0].missed is not None
