"""The hub's patience: when it tries again, whom it leaves alone, what operators hear."""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from publisher.core.hubbing import MOST, REST, Experience, Hub
from publisher.errors import FetchError
from publisher.model.definitions import WebsubSettings
from publisher.model.views import Document
from publisher.ports import Answered
from publisher.store import open_store

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://gazette.example/"
TOPIC = f"{URL}feeds/harbour.atom"
OTHER = f"{URL}feeds/culture.atom"
HUB = "https://hub.example/"
MINUTE = timedelta(minutes=1)


class World:
    """A hub over a real store and a fake web: `status` answers, None gives no answer."""

    def __init__(self, store):
        self.store, self.time, self.status = store, NOON, 200
        self.called, self.complaints, self.alarms = [], [], []
        self.document = Document(path="x", data=b"<feed/>", media_type="application/atom+xml")
        self.hub = Hub(
            store=store,
            clock=self,
            caller=self,
            settings=WebsubSettings(hub=True, hubs=(HUB,)),
            url=URL,
            load=lambda _topic: self.document,
            reachable=lambda _address: True,
            challenge=lambda: "abc",
            complain=lambda subject, reason: self.complaints.append((subject, reason)),
            alarm=lambda cause, *_: self.alarms.append(cause),
        )

    def now(self):
        return self.time

    def call(self, method, url, headers, body=b"", keep=0):
        self.called.append((method, url, body))
        if self.status is None:
            raise FetchError(url, "no answer")
        return Answered(self.status, b"abc" if keep else b"")

    def ask(self, callback="https://r.example/c", mode="subscribe", topic=TOPIC):
        said = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
        return self.hub.ask({name: [value] for name, value in said.items()})

    def tell(self, digest, hubs=()):
        self.store.tell_topics({TOPIC: digest, OTHER: digest}, hubs, self.time)

    def subscribe(self, *callbacks):
        for callback in callbacks:
            assert not self.ask(callback)
        self.hub.work()
        self.called.clear()

    def until_idle(self, step=MINUTE, most=10_000):
        for _ in range(most):
            self.time += step
            self.hub.work()

    @property
    def figures(self):
        return next(one for one in self.store.topic_figures() if one.topic == TOPIC)


@pytest.fixture
def world(tmp_path):
    store = open_store("sqlite:///hub.db", tmp_path, permalink=lambda slug: f"{URL}{slug}/")
    made = World(store)
    made.tell("1")
    yield made
    store.close()


def test_a_callback_that_says_nothing_is_asked_four_times_in_an_hour(world):
    world.ask()
    world.status = None
    world.until_idle(most=90)
    assert len(world.called) == 4
    assert world.store.hub_due(world.time + timedelta(days=9)) == 0
    assert not world.figures.subscribers


def test_a_callback_that_says_no_is_not_asked_again(world):
    world.ask()
    world.status = 404
    world.until_idle(most=90)
    assert len(world.called) == 1


def test_a_callback_whose_server_is_in_trouble_is_asked_again(world):
    world.ask()
    world.status = 503
    world.hub.work()
    world.status = 200
    world.until_idle(most=2)
    assert world.figures.subscribers == 1


def test_who_asked_for_a_topic_that_is_gone_is_told(world):
    world.ask()
    world.store.tell_topics({OTHER: "1"}, (), world.time)
    world.hub.work()
    ((method, url, _),) = world.called
    assert method == "GET"
    assert "hub.mode=denied" in url
    assert "hub.reason=" in url


def test_a_push_is_tried_for_three_days_then_waits_for_the_next_change(world):
    world.subscribe("https://r.example/c")
    world.tell("2")
    world.status = 500
    world.until_idle(step=timedelta(minutes=30), most=24 * 2 * 5)
    tries = len(world.called)
    assert 8 <= tries <= 14
    assert world.figures.failing == 1
    assert world.figures.waiting == 0
    world.status = 200
    world.tell("3")
    world.hub.work()
    assert len(world.called) == tries + 1
    assert (world.figures.failing, world.figures.waiting) == (0, 0)


def test_a_host_that_gave_no_answer_is_left_alone_for_a_minute(world):
    world.subscribe("https://r.example/1", "https://r.example/2", "https://s.example/1")
    world.tell("2")
    world.status = None
    world.hub.work()
    assert sorted({url for _, url, _ in world.called}) == [
        "https://r.example/1",
        "https://s.example/1",
    ]


def test_a_document_that_is_not_there_waits(world):
    world.subscribe("https://r.example/c")
    world.tell("2")
    there, world.document = world.document, None
    world.hub.work()
    assert world.called == []
    world.document = there
    world.time += 2 * MINUTE
    world.hub.work()
    assert len(world.called) == 1


def test_other_hubs_hear_of_each_topic(world):
    world.tell("2", hubs=(HUB,))
    world.hub.work()
    assert [(method, url) for method, url, _ in world.called] == [("POST", HUB)] * 2
    bodies = {body for _, _, body in world.called}
    for topic in ("harbour", "culture"):
        said = f"hub.mode=publish&hub.url=https%3A%2F%2Fgazette.example%2Ffeeds%2F{topic}.atom"
        assert any(body.startswith(said.encode()) for body in bodies)
    assert not world.store.hub_figures()


def test_a_hub_in_trouble_is_complained_of_once_alarmed_of_later_and_given_up_at_last(world):
    world.tell("2", hubs=(HUB,))
    world.status = 503
    world.hub.work()
    assert world.complaints == [
        ("hub hub.example", "could not be told of a change: answered 503; tried again")
    ]
    assert world.alarms == []
    world.until_idle(step=timedelta(minutes=30), most=24 * 2 * 5)
    assert len(world.complaints) == 1
    assert set(world.alarms) == {f"hub:{HUB}"}
    assert not world.store.hub_figures()
    world.tell("3", hubs=(HUB,))
    world.status = 200
    world.hub.work()
    world.tell("4", hubs=(HUB,))
    world.status = None
    world.hub.work()
    assert len(world.complaints) == 2


def test_a_hub_that_gave_no_answer_is_not_asked_for_each_topic(world):
    world.tell("2", hubs=(HUB,))
    world.status = None
    world.hub.work()
    assert len(world.called) == 1


def test_a_hub_that_is_no_longer_named_is_not_told(world):
    world.store.tell_topics({TOPIC: "2", OTHER: "2"}, ("https://old.example/",), world.time)
    world.hub.work()
    assert world.called == []
    assert not world.store.hub_figures()


def test_a_hub_that_is_switched_off_asks_and_brings_nothing(world):
    world.subscribe("https://r.example/c")
    world.tell("2", hubs=(HUB,))
    off = replace(world.hub, settings=replace(world.hub.settings, hub=False))
    off.work()
    assert {url for _, url, _ in world.called} == {HUB}
    world.called.clear()
    world.hub.work()
    assert [url for _, url, _ in world.called] == ["https://r.example/c"]


def test_work_in_one_go_is_bounded(world):
    world.subscribe(*(f"https://r{number}.example/c" for number in range(7)))
    world.tell("2")
    assert world.hub.work(most=5) == 5
    assert world.hub.due() == 2
    assert world.hub.work() == 2
    assert MOST <= 1_000


def test_it_ends_when_it_is_asked_to(world):
    world.subscribe("https://r.example/c")
    world.tell("2")
    assert world.hub.work(stop=lambda: True) == 0


def test_many_hosts_are_left_alone_at_a_time():
    """Several threads do the work: what one has seen of a host, no other one forgets."""
    known, threads = Experience(), 8
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(lambda n: known.tire(f"host{n}", NOON), range(500)):
                pass
    finally:
        sys.setswitchinterval(interval)
    assert all(known.rests(f"host{n}", NOON) for n in range(500))
    known.tire("other", NOON + REST)
    assert list(known.resting) == ["other"]
