"""The SMTP transport against a real server on loopback: carrying, pipelining, security, limits."""

import base64
import socket
from typing import ClassVar

import msgspec
import pytest

from publisher.delivery import smtp
from publisher.errors import ConfigError, TransportRejected, TransportUnavailable
from publisher.model.editions import OutcomeState
from publisher.ports import TransportContext
from publisher.testing.transports import (
    FakeLedger,
    TransportContract,
    UnreachableContract,
    make_parcels,
)
from tests.delivery.relay import TLS, Relay

LOCK_STEP = ("SIZE 50000000",)


def transport(port: int, **options: object) -> smtp.Smtp:
    keys = {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 5.0, **options}
    context = TransportContext(name="relay", root=TLS, host="gazette.example")
    return smtp.create(msgspec.convert(keys, smtp.Options), context)


def send(relay: Relay, parcels, ledger=None, **options: object) -> FakeLedger:
    ledger = ledger or FakeLedger()
    carrier = transport(relay.port, **options)
    try:
        carrier.send(iter(parcels), ledger)
    finally:
        carrier.close()
    return ledger


class Contract(TransportContract):
    rewrites = False
    features = ("PIPELINING", "SIZE 50000000")
    options: ClassVar[dict[str, object]] = {}

    @pytest.fixture(autouse=True)
    def _place(self):
        with Relay(features=self.features) as relay:
            self.relay = relay
            yield
            assert relay.seen.violations == []

    def open(self):
        return transport(self.relay.port, **self.options)

    def received(self):
        return [message.data for message in self.relay.seen.messages]


class TestPipelined(Contract):
    pass


class TestPipelinedOneConnection(Contract):
    options: ClassVar = {"connections": 1}


class TestLockStep(Contract):
    features = LOCK_STEP


class TestFewMessagesAConnection(Contract):
    options: ClassVar = {"connections": 2, "messages_per_connection": 3}


class TestRefused(UnreachableContract):
    def open(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            return transport(listener.getsockname()[1])


class TestNotThere(UnreachableContract):
    def open(self):
        return transport(25, host="relay.nowhere.example", insecure=True)


@pytest.mark.parametrize("features", [("PIPELINING",), ()])
def test_the_bytes_arrive_as_they_are(features):
    awkward = b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\nb\r\n.\r\n"
    parcels = [
        changed(parcel, data=data)
        for parcel, data in zip(
            make_parcels(4), [awkward, b".\r\n", b"no line end", b"\r\n"], strict=True
        )
    ]
    with Relay(features=features) as relay:
        ledger = send(relay, parcels, connections=1)
    assert ledger.states() == {OutcomeState.ACCEPTED: 4}
    assert [m.data for m in relay.seen.messages] == [
        awkward,
        b".\r\n",
        b"no line end\r\n",
        b"\r\n",
    ]


def changed(parcel, *, data=None, **changes):
    changes |= {} if data is None else {"pieces": (data,)}
    fields = {name: getattr(parcel, name) for name in parcel.__slots__}
    return type(parcel)(**(fields | changes))


@pytest.mark.parametrize("hidden", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r"])
def test_a_message_cannot_smuggle_a_second_one(hidden):
    data = b"Subject: x\r\n\r\na" + hidden + b"MAIL FROM:<evil@x.example>\r\nb\r\n"
    with Relay() as relay:
        send(relay, [changed(make_parcels(1)[0], data=data)])
    (message,) = relay.seen.messages
    assert message.data == b"Subject: x\r\n\r\na\r\n.\r\nMAIL FROM:<evil@x.example>\r\nb\r\n"


def test_envelopes_leave_with_the_body_before_only_when_pipelining_is_offered():
    with Relay() as relay:
        send(relay, make_parcels(20), connections=1)
    # The first message shows whether the kernel takes one at once; its envelope follows apart.
    assert relay.seen.after_body.count("MAIL") >= 18
    with Relay(features=LOCK_STEP) as relay:
        send(relay, make_parcels(20), connections=1)
    assert relay.seen.after_body == []
    assert relay.seen.violations == []


def test_no_more_is_uncertain_at_any_moment_than_there_are_connections():
    for connections in (1, 3):
        with Relay() as relay:
            ledger = send(relay, make_parcels(60), connections=connections)
        assert ledger.most_sending <= connections
        assert len(relay.seen.commands) <= connections


def test_the_body_waits_for_the_ledger():
    class Watching(FakeLedger):
        def turn(self, outcomes, next):  # noqa: A002
            taken = len(relay.seen.messages)
            assert taken <= len(self.outcomes) + len(outcomes), "a body left before its turn"
            return super().turn(outcomes, next)

    with Relay() as relay:
        ledger = send(relay, make_parcels(30), Watching(), connections=1)
    assert ledger.states() == {OutcomeState.ACCEPTED: 30}


def test_connections_are_kept_open_between_two_sendings():
    with Relay() as relay:
        carrier, ledger = transport(relay.port, connections=2), FakeLedger()
        parcels = make_parcels(30)
        for start in range(0, 30, 10):
            carrier.send(iter(parcels[start : start + 10]), ledger)
        carrier.close()
    assert len(relay.seen.commands) == 2
    assert relay.seen.verbs["QUIT"] == 2
    assert ledger.states() == {OutcomeState.ACCEPTED: 30}


def test_a_connection_that_was_closed_meanwhile_costs_nothing():
    with Relay(limit=4) as relay:
        carrier, ledger = transport(relay.port, connections=1), FakeLedger()
        parcels = make_parcels(12)
        for start in range(0, 12, 4):
            carrier.send(iter(parcels[start : start + 4]), ledger)
        carrier.close()
    assert ledger.states() == {OutcomeState.ACCEPTED: 12}
    assert relay.seen.recipients.most_common(1)[0][1] == 1


def test_messages_per_connection_is_kept():
    with Relay() as relay:
        send(relay, make_parcels(10), connections=1, messages_per_connection=3)
    per_connection = [sum(c.startswith("MAIL") for c in lines) for lines in relay.seen.commands]
    assert per_connection == [3, 3, 3, 1]


def test_size_is_declared_and_a_message_above_it_is_not_sent():
    small, big = make_parcels(1)[0], make_parcels(2, size=3_000)[1]
    with Relay(features=("SIZE 1000", "PIPELINING")) as relay:
        ledger = send(relay, [small, big])
    assert ledger.states() == {OutcomeState.ACCEPTED: 1, OutcomeState.FAILED: 1}
    assert ledger.outcomes[2].code == "5.3.4"
    assert f"SIZE={len(small.data)}" in " ".join(relay.seen.commands[0] + relay.seen.commands[-1])
    assert relay.seen.verbs["RCPT"] == 1


def test_an_address_that_would_break_the_dialogue_is_not_written():
    evil = changed(make_parcels(1)[0], recipient="a@x>\r\nRCPT TO:<b@y")
    good = make_parcels(2)[1]
    with Relay() as relay:
        ledger = send(relay, [evil, good])
    assert ledger.states() == {OutcomeState.FAILED: 1, OutcomeState.ACCEPTED: 1}
    assert list(relay.seen.recipients) == [good.recipient]


def test_a_relay_without_extensions_is_spoken_to_plainly():
    with Relay({"EHLO": "502 5.5.1 old"}, features=()) as relay:
        ledger = send(relay, make_parcels(3), connections=1)
    assert ledger.states() == {OutcomeState.ACCEPTED: 3}
    assert "SIZE=" not in str(relay.seen.commands)


def test_a_pause_in_the_middle_ends_the_sending_without_a_storm_of_connections():
    class Pausing(FakeLedger):
        def turn(self, outcomes, next):  # noqa: A002
            if len(self.outcomes) >= 5:
                self.refuse = set(range(1_000))
            return super().turn(outcomes, next)

    with Relay() as relay:
        ledger = send(relay, make_parcels(100), Pausing(), connections=2)
    assert not ledger.sending
    assert len(relay.seen.messages) == len(ledger.outcomes) < 20
    assert len(relay.seen.commands) <= 6


@pytest.mark.parametrize("features", [("PIPELINING",), ()])
def test_one_unsubscribed_in_the_middle_does_not_get_it(features):
    with Relay(features=features) as relay:
        ledger = send(relay, make_parcels(20), FakeLedger(refuse={7, 8, 15}), connections=1)
    assert sum(relay.seen.recipients.values()) == 17
    assert not {f"reader{n}@reader.example" for n in (7, 8, 15)} & set(relay.seen.recipients)
    assert ledger.states() == {OutcomeState.ACCEPTED: 17}


# Security


def test_starttls_is_required_by_default():
    with Relay() as relay, pytest.raises(TransportUnavailable, match="STARTTLS"):
        send(relay, make_parcels(1), security="starttls")
    assert relay.seen.verbs["MAIL"] == 0


def test_starttls_secures_and_greets_again():
    with Relay(features=("STARTTLS", "PIPELINING")) as relay:
        ledger = send(
            relay,
            make_parcels(5, size=80_000),
            host="localhost",
            security="starttls",
            ca_file="certificate.pem",
            connections=1,
        )
    assert ledger.states() == {OutcomeState.ACCEPTED: 5}
    assert relay.seen.secured == 1
    assert [line.split(" ")[0] for line in relay.seen.commands[0][:4]] == [
        "EHLO",
        "STARTTLS",
        "EHLO",
        "MAIL",
    ]


def test_implicit_tls():
    with Relay(implicit=True) as relay:
        ledger = send(
            relay, make_parcels(5), security="implicit", ca_file="certificate.pem", connections=2
        )
    assert ledger.states() == {OutcomeState.ACCEPTED: 5}


@pytest.mark.parametrize("security", ["starttls", "implicit"])
def test_a_certificate_nobody_vouches_for_is_refused(security):
    features = ("STARTTLS", "PIPELINING")
    with Relay(features=features, implicit=security == "implicit") as relay:
        ledger = FakeLedger()
        with pytest.raises(TransportUnavailable, match="certificate"):
            send(relay, make_parcels(3), ledger, security=security)
    assert relay.seen.verbs["MAIL"] == 0
    assert not ledger.outcomes


def test_a_certificate_for_another_name_is_refused():
    # The certificate is for 127.0.0.1 and localhost.
    with (
        Relay(implicit=True, host="127.0.0.2") as relay,
        pytest.raises(TransportUnavailable, match="certificate"),
    ):
        send(
            relay,
            make_parcels(1),
            host="127.0.0.2",
            security="implicit",
            ca_file="certificate.pem",
        )


def test_opportunistic_uses_what_there_is():
    for features, secured in ((("STARTTLS",), 1), ((), 0)):
        with Relay(features=features) as relay:
            ledger = send(relay, make_parcels(2), security="opportunistic", connections=1)
        assert ledger.states() == {OutcomeState.ACCEPTED: 2}
        assert relay.seen.secured == secured


@pytest.mark.parametrize("answer", ["454 4.7.0 no TLS now", "501 5.5.4 no"])
def test_starttls_refused_fails_closed(answer):
    with (
        Relay({"STARTTLS": answer}, features=("STARTTLS",)) as relay,
        pytest.raises(TransportUnavailable, match="STARTTLS"),
    ):
        send(relay, make_parcels(1), security="starttls")
    assert relay.seen.verbs["MAIL"] == 0


def test_plain_answers_before_tls_are_not_taken_for_the_server_s():
    injected = "220 go ahead\r\n250-relay.test\r\n250 AUTH PLAIN"
    with (
        Relay({"STARTTLS": injected}, features=("STARTTLS",)) as relay,
        pytest.raises(TransportUnavailable, match="before TLS"),
    ):
        send(relay, make_parcels(1), security="starttls")


def test_a_server_that_hangs_up_instead_of_tls():
    with Relay(implicit=False) as relay, pytest.raises(TransportUnavailable, match=r"TLS|closed"):
        send(relay, make_parcels(1), security="implicit")


@pytest.mark.parametrize(
    ("features", "commands"),
    [
        (
            ("AUTH PLAIN LOGIN",),
            ["AUTH PLAIN " + base64.b64encode(b"\0news\0s3cret").decode()],
        ),
        (
            ("AUTH=LOGIN",),
            [
                "AUTH LOGIN",
                base64.b64encode(b"news").decode(),
                base64.b64encode(b"s3cret").decode(),
            ],
        ),
        (
            ("AUTH CRAM-MD5", "AUTH=PLAIN"),
            ["AUTH PLAIN " + base64.b64encode(b"\0news\0s3cret").decode()],
        ),
    ],
)
def test_login(features, commands):
    with Relay(features=features) as relay:
        ledger = send(relay, make_parcels(1), username="news", password="s3cret")
    assert ledger.states() == {OutcomeState.ACCEPTED: 1}
    assert relay.seen.commands[0][1 : 1 + len(commands)] == commands


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("535 5.7.8 wrong", TransportRejected),
        ("534 5.7.9 too weak", TransportRejected),
        ("454 4.7.0 try later", TransportUnavailable),
    ],
)
def test_a_refused_login_touches_nobody(answer, error):
    ledger = FakeLedger()
    with (
        Relay({"AUTH": answer}, features=("AUTH PLAIN",)) as relay,
        pytest.raises(error, match="login"),
    ):
        send(relay, make_parcels(3), ledger, username="news", password="s3cret")
    assert not ledger.outcomes
    assert not ledger.sending
    assert relay.seen.verbs["MAIL"] == 0


def test_a_login_that_is_not_offered_is_an_error_of_configuration():
    with (
        Relay(features=("AUTH GSSAPI",)) as relay,
        pytest.raises(TransportRejected, match="GSSAPI"),
    ):
        send(relay, make_parcels(1), username="news", password="s3cret")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"host": "relay.example"}, "this machine"),
        ({"host": "192.0.2.1"}, "this machine"),
        ({"host": "127.0.0.1", "username": "u"}, "username and password"),
    ],
)
def test_what_would_go_in_the_clear_is_refused_when_made(options, message):
    with pytest.raises(ConfigError, match=message):
        transport(25, **options)
    if "username" not in options:
        transport(25, **options, insecure=True).close()


def test_a_greeting_name_that_is_none_is_refused():
    context = TransportContext(name="relay", root=TLS, host="a b\r\n")
    with pytest.raises(ConfigError, match="greet"):
        smtp.create(smtp.Options(host="localhost"), context)


def test_ports_follow_the_security():
    for security, port in (("starttls", 587), ("implicit", 465), ("none", 25)):
        made = transport(0, security=security)
        (relay,) = made._client._relays
        assert relay.settings.port == port
        assert "s3cret" not in repr(relay.settings)


def test_a_missing_ca_file_names_itself():
    with Relay(implicit=True) as relay, pytest.raises(TransportRejected, match=r"nowhere\.pem"):
        send(relay, make_parcels(1), security="implicit", ca_file="nowhere.pem")


@pytest.mark.parametrize(
    "keys",
    [
        {"host": 5},
        {"relays": [{"port": 25}]},
        {"host": "h", "prot": 25},
        {"host": "h", "security": "ssl"},
        {"host": "h", "connections": 0},
        {"host": "h", "per_second": -1},
        {"host": "h", "domains": {"gmail.com": {}}},
    ],
)
def test_wrong_keys_are_refused(keys):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(keys, smtp.Options)
