"""Asking many sources at once, one of a host at a time."""

import threading
from datetime import UTC, datetime

import pytest

from publisher.core.asking import BATCH, Agenda, Question, ask, host_of
from publisher.errors import ConfigError
from publisher.model.articles import Collected, SourceState
from publisher.model.definitions import AdapterDefinition, SourceDefinition

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def question(url, kind="feed"):
    adapter = AdapterDefinition(name=url, type=kind, options={"url": url})
    return Question(SourceDefinition(key=f"{kind}:{url}", adapter=adapter), SourceState(key=url))


class Street:
    """Sources that note how many of each host are asked at a time, and wait for one another."""

    def __init__(self, together=1):
        self.lock, self.now, self.most = threading.Lock(), {}, {}
        self.barrier = threading.Barrier(together)

    def open(self, definition):
        host = host_of(definition)
        street = self

        class Door:
            def collect(self, state, now):
                with street.lock:
                    street.now[host] = street.now.get(host, 0) + 1
                    street.most[host] = max(street.most.get(host, 0), street.now[host])
                street.barrier.wait(10)
                with street.lock:
                    street.now[host] -= 1
                return Collected(etag=state.key)

        return Door()


def answers(questions, open_source, workers=8):
    return [one for batch in ask(questions, open_source, NOON, workers) for one in batch]


def test_every_source_is_asked_once_and_of_one_host_one_at_a_time():
    """The barrier opens only when two hosts are asked at the same time."""
    questions = [question(f"https://{host}.example/{n}") for host in "ab" for n in range(20)]
    street = Street(together=2)
    found = answers(questions, street.open)
    assert sorted(one.state.key for one, _ in found) == sorted(q.state.key for q in questions)
    assert all(answer.etag == one.state.key for one, answer in found)
    assert street.most == {"a.example": 1, "b.example": 1}


def test_sources_without_a_host_are_in_nobodys_way():
    street = Street(together=4)
    questions = [question(f"articles/{n}", "folder") for n in range(4)]
    assert len(answers(questions, street.open, workers=4)) == 4


def test_a_failure_is_an_answer_whatever_it_is():
    def broken(definition):
        raise ConfigError("feeds/a.toml", "no such variable")

    class Odd:
        def collect(self, state, now):
            raise ZeroDivisionError("oops")

    ((_, first),) = answers([question("https://a.example/")], broken)
    ((_, second),) = answers([question("https://a.example/")], lambda definition: Odd())
    assert isinstance(first, ConfigError)
    assert isinstance(second, ZeroDivisionError)


def test_answers_come_in_batches_and_none_is_lost_when_there_are_many():
    questions = [question(f"https://h{n}.example/") for n in range(5 * BATCH)]
    batches = list(ask(questions, Street().open, NOON, 16))
    assert max(map(len, batches)) <= BATCH
    assert sum(map(len, batches)) == len(questions)
    assert list(ask([], Street().open, NOON, 16)) == []


def test_who_stops_listening_leaves_no_thread_behind():
    questions = [question(f"https://h{n}.example/") for n in range(500)]
    street = Street()
    batches = ask(questions, street.open, NOON, 8)
    next(batches)
    batches.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("collect-")]
    assert len(street.most) < len(questions)


def test_a_closed_agenda_gives_nothing():
    agenda = Agenda([question("https://a.example/")])
    agenda.close()
    with agenda.take() as taken:
        assert taken is None


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://A.example:8080/x", "a.example"), ("articles", ""), ("http://[bad/", "")],
)
def test_hosts_are_read_from_addresses(url, host):
    assert host_of(question(url).definition) == host
