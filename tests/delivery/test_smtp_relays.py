"""Several relays of one transport: they share the load, and take over from one that is down."""

import socket
import time
from collections import Counter

import msgspec
import pytest

from publisher.delivery import smtp
from publisher.errors import ConfigError, TransportRejected, TransportUnavailable
from publisher.kit.smtp_client.relays import Relay as Share
from publisher.kit.smtp_client.relays import Shares
from publisher.kit.smtp_client.settings import SmtpSettings
from publisher.model.editions import OutcomeState
from publisher.ports import TransportContext
from publisher.testing.transports import FakeLedger, TransportContract, make_parcels
from tests.delivery.relay import TLS, Fault, Relay

A, U = OutcomeState.ACCEPTED, OutcomeState.UNCERTAIN


def transport(*relays: dict[str, object], **options: object) -> smtp.Smtp:
    tables = [{"host": "127.0.0.1", **relay} for relay in relays]
    keys = {"relays": tables, "security": "none", "timeout": 5.0, "connections": 2, **options}
    context = TransportContext(name="relay", root=TLS, host="gazette.example")
    return smtp.create(msgspec.convert(keys, smtp.Options), context)


def send(parcels, *relays: dict[str, object], ledger=None, **options: object) -> FakeLedger:
    ledger, carrier = ledger or FakeLedger(), transport(*relays, **options)
    try:
        carrier.send(iter(parcels), ledger)
    finally:
        carrier.close()
    return ledger


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class TestTwoRelays(TransportContract):
    rewrites = False

    @pytest.fixture(autouse=True)
    def _place(self):
        with Relay() as self.one, Relay(features=()) as self.other:
            yield

    def open(self):
        return transport({"port": self.one.port}, {"port": self.other.port})

    def received(self):
        return [m.data for relay in (self.one, self.other) for m in relay.seen.messages]


def test_both_carry():
    with Relay() as one, Relay() as other:
        ledger = send(make_parcels(200), {"port": one.port}, {"port": other.port})
    assert ledger.states() == {A: 200}
    assert one.seen.messages
    assert other.seen.messages


@pytest.mark.parametrize("weights", [(3, 1), (1, 9)])
def test_shares_follow_the_weights(weights):
    with Relay() as one, Relay() as other:
        relays = [
            {"port": relay.port, "weight": weight}
            for relay, weight in zip((one, other), weights, strict=True)
        ]
        ledger = send(make_parcels(400), *relays, connections=1)
    assert ledger.states() == {A: 400}
    wanted = 400 * weights[0] / sum(weights)
    assert abs(len(one.seen.messages) - wanted) <= 12


def test_a_relay_s_own_rate_holds_for_it_alone():
    with Relay() as slow, Relay() as fast:
        relays = [{"port": slow.port, "per_second": 5}, {"port": fast.port}]
        began = time.monotonic()
        ledger = send(make_parcels(300), *relays)
        took = time.monotonic() - began
    assert ledger.states() == {A: 300}
    assert 1 <= len(slow.seen.messages) <= 5 + 5 * took


def test_what_a_dead_relay_does_not_take_the_other_does():
    with Relay() as alive:
        ledger = send(make_parcels(60), {"port": free_port()}, {"port": alive.port})
    assert ledger.states() == {A: 60}
    assert len(alive.seen.messages) == 60


@pytest.mark.parametrize("verb", ["connect", "EHLO", "MAIL", "DATA", "body"])
def test_a_relay_that_drops_everything_loses_nothing(verb):
    with Relay({verb: Fault.DROP}) as bad, Relay() as good:
        ledger = send(make_parcels(60), {"port": bad.port}, {"port": good.port})
    assert ledger.states()[A] >= 55
    lost = U if verb == "body" else OutcomeState.DEFERRED  # a small message leaves at once
    assert set(ledger.states()) <= {A, OutcomeState.DEFERRED, lost}
    assert not ledger.sending
    assert max(good.seen.recipients.values()) == 1


def test_a_relay_that_dies_in_the_middle():
    """Limited to two messages a connection, and then gone: the rest goes by the other one."""
    script = {"connect": ["220 ready", "220 ready", Fault.DROP]}
    with Relay(script, limit=2) as dying, Relay() as good:
        ledger = send(make_parcels(80), {"port": dying.port}, {"port": good.port})
    assert ledger.states() == {A: 80}
    assert len(dying.seen.messages) <= 4
    assert len(dying.seen.messages) + len(good.seen.messages) == 80


def test_all_relays_down_is_unavailable_and_counts_nobody():
    ledger = FakeLedger()
    with pytest.raises(TransportUnavailable):
        send(make_parcels(5), {"port": free_port()}, {"port": free_port()}, ledger=ledger)
    assert not ledger.outcomes
    assert not ledger.sending


def test_a_second_copy_after_failover_has_the_same_message_id():
    """The first relay takes the message and dies before it says so; the operator sends again."""
    (parcel,) = make_parcels(1)
    with Relay({"dot": Fault.DROP}) as first, Relay() as second:
        ledger = send([parcel], {"port": first.port})
        assert ledger.states() == {U: 1}
        ledger = send([parcel], {"port": free_port()}, {"port": second.port})
    assert ledger.states() == {A: 1}
    assert parcel.message_id.encode() in second.seen.messages[0].data
    assert second.seen.messages[0].data == parcel.data


def test_a_relay_that_refuses_the_login_stops_the_edition():
    refusing = Relay({"AUTH": "535 5.7.8 wrong"}, features=("AUTH PLAIN",))
    ledger = FakeLedger()
    with refusing as bad, Relay(features=("AUTH PLAIN",)) as good:
        login = {"username": "news", "password": "s3cret"}
        with pytest.raises(TransportRejected, match="login"):
            send(make_parcels(50), {"port": bad.port, **login}, {"port": good.port}, ledger=ledger)
    assert set(ledger.states()) <= {A}
    assert not ledger.sending


@pytest.mark.parametrize(
    "keys",
    [{}, {"host": "127.0.0.1", "relays": [{"host": "127.0.0.1"}]}],
)
def test_either_one_host_or_several_relays(keys):
    with pytest.raises(ConfigError, match="either host or relays"):
        smtp.create(
            msgspec.convert({"security": "none", **keys}, smtp.Options),
            TransportContext(name="relay", root=TLS),
        )


def test_each_relay_is_checked_like_one_alone():
    with pytest.raises(ConfigError, match="this machine"):
        transport({"port": 25}, {"host": "relay.example"})


# Shares alone


def relays(*weights: float) -> list[Share]:
    return [
        Share(SmtpSettings(host="localhost", weight=weight, connections=1)) for weight in weights
    ]


def test_a_relay_that_stalls_is_not_waited_for():
    now = [0.0]
    fast, slow = relays(1, 1)
    shares = Shares([fast, slow], lambda: now[0])
    taken = Counter[str]()
    for _ in range(100):
        now[0] += 0.1
        if shares.may(fast):
            shares.count(fast, 1)
            taken["fast"] += 1
    assert 75 <= taken["fast"] <= 85, "two seconds of patience, then none"
    assert shares.may(slow)


def test_what_was_missed_is_not_made_up_for():
    now = [0.0]
    fast, slow = relays(1, 1)
    shares = Shares([fast, slow], lambda: now[0])
    now[0] = 5.0
    for _ in range(50):
        assert shares.may(fast)
        shares.count(fast, 1)
    for _ in range(3):
        shares.count(slow, 1)
    assert shares.may(fast)


def test_without_weights_and_alone_nobody_waits():
    for weights in ((0, 0), (5,), (5, 0)):
        made = relays(*weights)
        shares = Shares(made, lambda: 0.0)
        for _ in range(100):
            assert shares.may(made[0])
            shares.count(made[0], 1)
