"""What a relay's extensions are used for: 8BITMIME, SMTPUTF8, DSN, XOAUTH2, and LMTP beside SMTP."""

import base64
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery import lmtp, smtp
from publisher.errors import ConfigError, TransportRejected
from publisher.kit.smtp_client.envelopes import xtext
from publisher.model.editions import OutcomeState
from publisher.ports import TransportContext
from publisher.testing.transports import FakeLedger, TransportContract, make_parcels
from tests.delivery.relay import TLS, Fault, Relay
from tests.delivery.test_smtp import changed, send, transport
from tests.delivery.test_smtp_faults import attempt

A, F, U = OutcomeState.ACCEPTED, OutcomeState.FAILED, OutcomeState.UNCERTAIN
WIDE = ("PIPELINING", "8BITMIME", "SMTPUTF8")


def mails(relay: Relay) -> list[str]:
    return [line for lines in relay.seen.commands for line in lines if line.startswith("MAIL")]


def eight_bit(parcel):
    return changed(parcel, data=parcel.data + "Grüße\r\n".encode())


@pytest.mark.parametrize("features", [WIDE, ("8BITMIME",)], ids=["pipelined", "lockstep"])
def test_a_message_that_is_not_ascii_is_declared(features):
    plain, wide = make_parcels(2)
    with Relay(features=features) as relay:
        ledger = send(relay, [plain, eight_bit(wide)], connections=1)
    assert ledger.states() == {A: 2}
    assert [mail.partition("> ")[2] for mail in mails(relay)] == ["", "BODY=8BITMIME"]
    assert relay.seen.messages[1].data.endswith("Grüße\r\n".encode())


def test_a_message_that_is_not_ascii_does_not_go_where_only_ascii_goes():
    plain, wide = make_parcels(2)
    with Relay(features=("PIPELINING",)) as relay:
        ledger = send(relay, [eight_bit(wide), plain])
    assert ledger.states() == {A: 1, F: 1}
    assert ledger.outcomes[2].code == "5.6.3"
    assert "8BITMIME" in ledger.outcomes[2].reason


def test_an_address_of_another_script_goes_where_it_can():
    first, second = make_parcels(2)
    wide = changed(second, recipient="jörg@xn--bcher-kva.example")
    with Relay(features=WIDE) as relay:
        ledger = send(relay, [first, wide], connections=1)
    assert ledger.states() == {A: 2}
    assert [mail.partition("> ")[2] for mail in mails(relay)] == ["", "BODY=8BITMIME SMTPUTF8"]
    assert relay.seen.messages[1].recipient == "jörg@xn--bcher-kva.example"


def test_an_address_of_another_script_is_its_reader_s_own_failure_elsewhere():
    first, second = make_parcels(2)
    with Relay(features=("PIPELINING", "8BITMIME")) as relay:
        ledger = send(relay, [changed(first, recipient="jörg@reader.example"), second])
    assert ledger.states() == {A: 1, F: 1}
    assert (ledger.outcomes[1].state, ledger.outcomes[1].code) == (F, "5.6.7")
    assert "SMTPUTF8" in ledger.outcomes[1].reason
    assert list(relay.seen.recipients) == [second.recipient]


def test_half_a_character_is_no_address():
    with Relay(features=WIDE) as relay:
        ledger = send(relay, [changed(make_parcels(1)[0], recipient="j\ud800@reader.example")])
    assert ledger.outcomes[1].code == "5.1.3"
    assert mails(relay) == []


def test_reports_are_asked_for_where_they_are_offered():
    (parcel,) = make_parcels(1)
    options = {"notify": ["failure", "delay"], "returned": "headers"}
    with Relay(features=("DSN", "SIZE 0", "PIPELINING")) as relay:
        assert send(relay, [parcel], **options).states() == {A: 1}
    identifier = parcel.message_id.strip("<>")
    assert mails(relay)[0].endswith(f"SIZE={len(parcel.data)} RET=HDRS ENVID={identifier}")
    assert f"RCPT TO:<{parcel.recipient}> NOTIFY=FAILURE,DELAY" in relay.seen.commands[0]
    with Relay(features=("SIZE 0",)) as relay:
        assert send(relay, [parcel], **options).states() == {A: 1}
    assert not any("NOTIFY" in line or "ENVID" in line for line in relay.seen.commands[0])
    with Relay(features=("DSN",)) as relay:
        assert send(relay, [parcel]).states() == {A: 1}
    assert not any("NOTIFY" in line or "ENVID" in line for line in relay.seen.commands[0])


def test_never_and_failure_exclude_each_other():
    with pytest.raises(ConfigError, match="never"):
        transport(25, notify=["never", "failure"])


@given(st.text())
def test_xtext_can_be_read_back_and_holds_nothing_else(text):
    written = xtext(text.encode("utf-8", "replace").decode())
    assert written.isascii()
    assert written.isprintable()
    assert not set(written) & set(" =")
    head, *parts = written.encode().split(b"+")
    read = head + b"".join(bytes([int(part[:2], 16)]) + part[2:] for part in parts)
    assert read.decode() == text.encode("utf-8", "replace").decode()


# Login by token


def by_token(port: int, token: Path) -> smtp.Smtp:
    keys = {"host": "127.0.0.1", "port": port, "security": "none", "username": "news@x.example"}
    options = msgspec.convert({**keys, "token": "at start", "timeout": 5.0}, smtp.Options)

    def fresh(key: str) -> str:
        if not token.exists():
            raise ConfigError(f"transports.relay.{key}", "cannot read it")
        return token.read_text()

    return smtp.create(options, TransportContext(name="relay", root=TLS, fresh=fresh))


def secret(token: str) -> str:
    text = f"user=news@x.example\1auth=Bearer {token}\1\1"
    return "AUTH XOAUTH2 " + base64.b64encode(text.encode()).decode()


def test_a_token_is_read_again_at_every_login(tmp_path):
    token = tmp_path / "token"
    with Relay(features=("AUTH XOAUTH2 PLAIN", "PIPELINING"), limit=1) as relay:
        carrier, ledger = by_token(relay.port, token), FakeLedger()
        for number, parcel in enumerate(make_parcels(2)):
            token.write_text(f"token-{number}\n")
            carrier.send(iter([parcel]), ledger)
            carrier.close()
    assert ledger.states() == {A: 2}
    assert [lines[1] for lines in relay.seen.commands] == [secret("token-0"), secret("token-1")]


def test_a_refused_token_says_why_and_touches_nobody(tmp_path):
    token = tmp_path / "token"
    token.write_text("old")
    script = {"challenge": "eyJzdGF0dXMiOiI0MDEifQ==", "AUTH": "535 5.7.8 token expired"}
    ledger = FakeLedger()
    with Relay(script, features=("AUTH XOAUTH2",)) as relay:
        carrier = by_token(relay.port, token)
        with pytest.raises(TransportRejected, match="token expired"):
            carrier.send(iter(make_parcels(2)), ledger)
        carrier.close()
    assert relay.seen.commands[0][1:3] == [secret("old"), ""]
    assert not ledger.outcomes


def test_a_token_that_is_not_there_names_the_setting(tmp_path):
    with Relay(features=("AUTH XOAUTH2",)) as relay:
        carrier = by_token(relay.port, tmp_path / "nowhere")
        with pytest.raises(TransportRejected, match=r"transports\.relay\.token"):
            carrier.send(iter(make_parcels(1)), FakeLedger())
        carrier.close()


def test_a_password_is_not_sent_as_a_token_and_the_other_way_round():
    for features, keys, named in (
        (("AUTH XOAUTH2",), {"password": "p"}, "PLAIN or LOGIN"),
        (("AUTH PLAIN",), {"token": "t"}, "XOAUTH2"),
    ):
        with Relay(features=features) as relay, pytest.raises(TransportRejected, match=named):
            send(relay, make_parcels(1), username="news", **keys)
        assert relay.seen.verbs["AUTH"] == 0


# Patience by verb


@pytest.mark.parametrize(
    ("verb", "key"),
    [
        ("connect", "greeting"),
        ("EHLO", "command"),
        ("MAIL", "command"),
        ("RCPT", "command"),
        ("DATA", "data"),
        ("dot", "message"),
    ],
)
def test_each_verb_has_its_own_patience(verb, key):
    """The others would wait for minutes; the test ends because this one does not."""
    patience = {"timeout": 0.0, "timeouts": {key: 0.1}}
    with Relay({verb: Fault.HANG}) as relay:
        ledger, error = attempt(relay, make_parcels(1), **patience)
    assert "no answer in time" in (ledger.outcomes[1].reason if error is None else str(error))
    assert set(ledger.states()) <= {U if verb == "dot" else OutcomeState.DEFERRED}


# LMTP


def store(context: TransportContext | None = None, **keys: object) -> lmtp.Lmtp:
    given = context or TransportContext(name="store", root=TLS, host="gazette.example")
    return lmtp.create(msgspec.convert({"timeout": 5.0, **keys}, lmtp.Options), given)


class LmtpContract(TransportContract):
    rewrites = False

    def received(self):
        return [message.data for message in self.relay.seen.messages]


class TestLmtpByPort(LmtpContract):
    options: ClassVar[dict[str, object]] = {"connections": 2}

    @pytest.fixture(autouse=True)
    def _place(self):
        with Relay() as self.relay:
            yield
        verbs = self.relay.seen.verbs
        assert verbs["EHLO"] == verbs["HELO"] == 0

    def open(self):
        return store(host="127.0.0.1", port=self.relay.port, **self.options)


class TestLmtpBySocket(LmtpContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        self.path = str(tmp_path / "lmtp")
        with Relay(path=self.path) as self.relay:
            yield

    def open(self):
        return store(socket=self.path)


def test_each_recipient_has_the_answer_to_its_own_message():
    script = {
        "dot reader2@": "550 5.2.2 over quota",
        "dot reader3@": "450 4.2.1 mailbox is being moved",
        "RCPT reader4@": "550 5.1.1 no such mailbox",
    }
    ledger = FakeLedger()
    with Relay(script) as relay:
        carrier = store(host="127.0.0.1", port=relay.port, connections=1)
        carrier.send(iter(make_parcels(5)), ledger)
        carrier.close()
    assert {number: str(one.state) for number, one in ledger.outcomes.items()} == {
        1: A,
        2: F,
        3: OutcomeState.DEFERRED,
        4: F,
        5: A,
    }
    assert relay.seen.verbs["LHLO"] == 1


@pytest.mark.parametrize("keys", [{}, {"host": "127.0.0.1", "socket": "lmtp"}])
def test_there_is_one_place(keys):
    with pytest.raises(ConfigError, match="either"):
        store(**keys)


def test_letters_do_not_leave_the_machine_in_the_clear():
    with pytest.raises(ConfigError, match="this machine"):
        store(host="mail.example")
    store(host="mail.example", insecure=True).close()
