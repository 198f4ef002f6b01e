"""Rates on the wire: shared by processes through the store, halved when the other side asks."""

import threading
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from publisher.app.allowances import StoreAllowances
from publisher.delivery import smtp
from publisher.engine.clock import SystemClock
from publisher.model.editions import OutcomeState
from publisher.ports import TransportContext
from publisher.store import open_store
from publisher.testing.transports import FakeLedger, make_parcels
from tests.delivery.relay import Relay
from tests.delivery.test_smtp import changed

A, D = OutcomeState.ACCEPTED, OutcomeState.DEFERRED
BOTH = pytest.mark.parametrize("features", [("PIPELINING",), ()], ids=["pipelined", "lockstep"])


def sharing(store, port: int, **options: object) -> smtp.Smtp:
    keys = {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 5.0, **options}
    context = TransportContext(
        name="relay",
        root=Path(),
        host="gazette.example",
        allowances=StoreAllowances(lambda: store, SystemClock()),
    )
    return smtp.create(msgspec.convert(keys, smtp.Options), context)


def readers_at(domain: str, parcels):
    return [changed(p, recipient=f"reader{p.delivery}@{domain}") for p in parcels]


def test_processes_on_one_store_keep_one_rate_together(tmp_path):
    """Each has a store, connections and a thread of its own, as two processes have."""
    ledgers = [FakeLedger(), FakeLedger()]
    stores = [open_store("sqlite:///s.db", tmp_path, permalink=str) for _ in ledgers]
    with Relay() as relay, closing(stores[0]), closing(stores[1]):

        def work(number: int) -> None:
            carrier = sharing(stores[number], relay.port, per_second=60, connections=3)
            with closing(carrier):
                carrier.send(iter(make_parcels(60)), ledgers[number])

        threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
    assert [ledger.states() for ledger in ledgers] == [{A: 60}, {A: 60}]
    assert took >= (120 - 60) / 60, "120 messages, of which no more than a second's worth at once"


@BOTH
@pytest.mark.parametrize("verb", ["RCPT", "dot"])
def test_a_domain_that_asks_for_less_gets_it_and_nobody_else_waits(tmp_path, features, verb):
    """The copies of others arrive by the connections that are opened anew."""
    script = {f"{verb} @googlemail": ["421 4.7.28 too much from you", "250 2.1.5 fine"]}
    slow, fast = make_parcels(20)[:6], make_parcels(46)[6:]
    mixed = [*readers_at("googlemail.com", slow), *fast]
    store = open_store("sqlite:///s.db", tmp_path, permalink=str)
    with Relay(script, features=features) as relay, closing(store):
        carrier, ledger = sharing(store, relay.port, connections=2), FakeLedger()
        with closing(carrier):
            carrier.send(iter(mixed), ledger)
        cut = store.slowed("relay ", SystemClock().now())
    assert set(cut) == {"relay gmail.com"}
    assert 0.5 <= cut["relay gmail.com"] < 0.51
    assert ledger.states()[A] >= 45
    assert set(ledger.states()) <= {A, D}
    assert not ledger.sending
    assert len(relay.seen.recipients) == ledger.states()[A]


def test_a_421_to_mail_is_the_relay_s_own_and_slows_no_domain(tmp_path):
    store = open_store("sqlite:///s.db", tmp_path, permalink=str)
    with Relay(limit=3) as relay, closing(store):
        carrier, ledger = sharing(store, relay.port, connections=2), FakeLedger()
        with closing(carrier):
            carrier.send(iter(readers_at("gmail.com", make_parcels(20))), ledger)
        assert store.slowed("relay ", SystemClock().now()) == {}
    assert ledger.states() == {A: 20}


def test_4_7_28_as_a_plain_deferral_counts_too(tmp_path):
    script = {"RCPT reader3@": "450-4.7.28 unusual rate\r\n450 4.7.28 of mail"}
    store = open_store("sqlite:///s.db", tmp_path, permalink=str)
    with Relay(script) as relay, closing(store):
        carrier, ledger = sharing(store, relay.port, connections=1), FakeLedger()
        with closing(carrier):
            carrier.send(iter(readers_at("gmail.com", make_parcels(4))), ledger)
        assert set(store.slowed("relay ", SystemClock().now())) == {"relay gmail.com"}
    assert ledger.states() == {A: 3, D: 1}
