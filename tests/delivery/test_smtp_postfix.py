"""A real Postfix relays everything: sizes, scripts, octets, TLS and logins, and refuses as it does.

What it took it hands on to a relay of ours, where the messages are compared octet by octet.
"""

import smtplib
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from publisher.errors import TransportRejected
from publisher.kit.dkim import DkimSigner, Signature, new_key, read_key
from publisher.kit.mime import MimePress
from publisher.model.editions import OutcomeState
from publisher.testing.transports import FakeLedger, make_parcels
from tests.delivery.postfix import Postfix, postfix
from tests.delivery.relay import Relay
from tests.delivery.test_smtp import changed, transport
from tests.kit.test_mime_letter import ENVELOPE, HTML, TEXT, Message, copy_for
from tests.verifying import verified

A, D, F = OutcomeState.ACCEPTED, OutcomeState.DEFERRED, OutcomeState.FAILED
pytestmark = pytest.mark.postfix
SECONDS = 30
ONWARD = ("PIPELINING", "SIZE 50000000", "8BITMIME", "SMTPUTF8")


@pytest.fixture(scope="module")
def onward() -> Iterator[Relay]:
    with Relay(features=ONWARD) as relay:
        yield relay


@pytest.fixture(scope="module")
def running(onward: Relay) -> Iterator[Postfix]:
    with postfix(onward.port) as started:
        yield started


def send(port: int, parcels, **options: object) -> FakeLedger:
    ledger, carrier = FakeLedger(), transport(port, **{"timeout": 20.0, **options})
    try:
        carrier.send(iter(parcels), ledger)
    finally:
        carrier.close()
    return ledger


def arrived(onward: Relay, parcels) -> dict[str, bytes]:
    """Return what reached the relay behind Postfix, by Message-ID; waits until all of it has."""
    wanted = {parcel.message_id for parcel in parcels}
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        found = {
            identifier: message.data
            for message in list(onward.seen.messages)
            for identifier in wanted
            if f"\nMessage-ID: {identifier}\r\n".encode() in message.data
        }
        if set(found) == wanted:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{len(wanted) - len(found)} messages did not come out of Postfix")


def same(relayed: bytes, sent: bytes) -> bool:
    """Tell whether only Postfix's own fields (Received, a missing Date) came on top."""
    head, _, body = relayed.partition(b"\r\n\r\n")
    own, _, sent_body = sent.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    return body == sent_body and [x for x in lines if x in own.split(b"\r\n")] == own.split(
        b"\r\n"
    )


def named(parcels, what: str):
    """Return parcels whose Message-IDs are this test's own."""
    return [
        changed(
            parcel,
            message_id=f"<{what}.{number}@gazette.example>",
            data=parcel.data.replace(
                parcel.message_id.encode(), f"<{what}.{number}@gazette.example>".encode()
            ),
        )
        for number, parcel in enumerate(parcels)
    ]


@pytest.mark.parametrize("door", ["plain", "old"])
def test_a_hundred_messages_arrive_octet_by_octet(running, onward, door):
    """`old` offers no PIPELINING and Postfix rejects whoever pipelines all the same."""
    parcels = named(make_parcels(100, size=20_000), f"many-{door}")
    ledger = send(getattr(running, door), parcels, connections=4, messages_per_connection=20)
    assert ledger.states() == {A: 100}
    found = arrived(onward, parcels)
    assert all(same(found[p.message_id], p.data) for p in parcels)


def test_compiled_letters_arrive_and_awkward_lines_too(running, onward):
    letter = MimePress().compile(Message(html=HTML, text=TEXT), ENVELOPE)
    letters = [
        letter.parcel(copy_for(email=f"reader{n}@bücher.example", recipient=str(n)), n)
        for n in range(1, 6)
    ]
    awkward = [
        changed(p, delivery=p.delivery + 10, data=p.data + b"\r\n.\r\n..x\r\n")
        for p in named(make_parcels(3), "awkward")
    ]
    parcels = [*letters, *awkward]
    assert send(running.plain, parcels).states() == {A: 8}
    found = arrived(onward, parcels)
    assert all(same(found[p.message_id], p.data) for p in parcels)


def test_refusals_have_postfix_s_codes_and_touch_nobody_else(running, onward):
    gone, later, fine = named(make_parcels(3), "refused")
    gone = changed(gone, recipient="gone@reader.example")
    later = changed(later, recipient="later@reader.example")
    ledger = send(running.plain, [gone, later, fine], connections=1)
    assert [str(ledger.outcomes[n].state) for n in (1, 2, 3)] == [F, D, A]
    assert [ledger.outcomes[n].code for n in (1, 2)] == ["5.1.1", "4.2.0"]
    arrived(onward, [fine])


def test_what_is_too_large_is_not_sent(running, onward):
    fits, large = named(
        [*make_parcels(1, size=150_000), *make_parcels(2, size=250_000)[1:]], "size"
    )
    ledger = send(running.plain, [large, fits], connections=1)
    assert ledger.states() == {F: 1, A: 1}
    assert ledger.outcomes[2].code == "5.3.4"
    arrived(onward, [fits])


def test_what_is_too_large_for_a_relay_that_does_not_say_so_is_refused_by_it(running):
    (large,) = named(make_parcels(1, size=250_000), "unsaid")
    ledger = send(running.old, [large])
    assert ledger.states() == {F: 1}
    assert ledger.outcomes[1].code == "5.3.4"


def test_letters_of_any_script_and_octets_of_any_kind(running, onward):
    first, second = named(make_parcels(2), "wide")
    eight = changed(first, data=first.data + "Grüße\r\n".encode())
    letter = MimePress().compile(Message(html=HTML, text=TEXT), ENVELOPE)
    wide = letter.parcel(copy_for(email="jörg@bücher.example", recipient="wide"), 5)
    assert send(running.plain, [eight, wide, second], connections=1).states() == {A: 3}
    found = arrived(onward, [eight, wide, second])
    assert found[eight.message_id].endswith("Grüße\r\n".encode())
    assert onward.seen.recipients["jörg@xn--bcher-kva.example"] == 1
    ledger = send(running.old, [wide, eight])
    assert {one.code for one in ledger.outcomes.values()} == {"5.6.7", "5.6.3"}


def test_reports_can_be_asked_for(running, onward):
    parcels = named(make_parcels(3), "reports")
    assert send(running.plain, parcels, notify=["failure", "delay"]).states() == {A: 3}
    arrived(onward, parcels)


def test_starttls_and_implicit_tls(running, onward):
    for door, security in (("plain", "starttls"), ("wrapped", "implicit")):
        parcels = named(make_parcels(12, size=30_000), security)
        ledger = send(
            getattr(running, door),
            parcels,
            security=security,
            host="localhost",
            ca_file="certificate.pem",
            connections=2,
        )
        assert ledger.states() == {A: 12}
        arrived(onward, parcels)


@pytest.mark.parametrize(
    "keys",
    [{"password": "s3cret"}, {"token": "t0ken"}],
    ids=["password", "token"],
)
def test_logins(running, onward, keys):
    parcels = named(make_parcels(2), f"login-{next(iter(keys))}")
    assert send(running.plain, parcels, username="news", **keys).states() == {A: 2}
    arrived(onward, parcels)
    with pytest.raises(TransportRejected, match="login"):
        send(running.plain, parcels, username="news", **dict.fromkeys(keys, "wrong"))


def test_smtplib_is_told_the_same(running):
    """The oracle: the same refusals for the same envelopes."""
    with smtplib.SMTP("127.0.0.1", running.plain, timeout=20) as client:
        client.ehlo("gazette.example")
        assert client.mail("bounces@gazette.example", ["SIZE=1"])[0] == 250
        for address, answer in (("gone", 550), ("later", 450), ("reader1", 250)):
            assert client.rcpt(f"{address}@reader.example")[0] == answer


def test_what_is_signed_holds_behind_postfix(running, onward):
    kinds = {"s1": "rsa", "e1": "ed25519"}
    keys = {name: read_key(new_key(kind).decode()) for name, kind in kinds.items()}
    domain = "gazette.example"
    signer = DkimSigner(
        [Signature(domain=domain, selector=name, key=key) for name, key in keys.items()]
    )
    envelope = replace(ENVELOPE, edition="signed")
    letter = MimePress(lambda: signer).compile(Message(html=HTML, text=TEXT), envelope)
    odd = ".NET  fan, =\tFrom  \n.\n é \u2028 漢 "
    names = ("Ann Lee", "Jörg, der  Alte", "", "<>@" * 30)
    parcels = [
        letter.parcel(
            copy_for(recipient=str(n), name=name, values=copy_for().values | {"name": odd * n}), n
        )
        for n, name in enumerate(names, start=1)
    ]
    ledger = send(running.plain, parcels)
    assert {outcome.state for outcome in ledger.outcomes.values()} == {A}
    records = {f"{name}._domainkey.{domain}": key.record for name, key in keys.items()}
    relayed = arrived(onward, parcels)
    assert [verified(data, records) for data in relayed.values()] == [2] * len(names)
