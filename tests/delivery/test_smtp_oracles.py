"""The same parcels through aiosmtpd, Postfix's sink, smtplib and aiosmtplib: only the speed differs."""

import asyncio
import os
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from publisher.errors import TransportRejected
from publisher.kit.mime import MimePress
from publisher.model.editions import OutcomeState
from publisher.testing.transports import FakeLedger, make_parcels
from tests.delivery.relay import Relay, server_tls
from tests.delivery.test_smtp import changed, send, transport
from tests.kit.test_mime_letter import ENVELOPE, HTML, TEXT, Message, copy_for

A, D, F = OutcomeState.ACCEPTED, OutcomeState.DEFERRED, OutcomeState.FAILED


class Keeper:
    """An aiosmtpd handler that keeps what it is given and refuses by name."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("reader2@"):
            return "550 5.1.1 no such user"
        if address.startswith("reader3@"):
            return "450 4.2.0 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.kept[envelope.rcpt_tos[0]] = envelope.original_content
        return "250 2.0.0 kept"


@contextmanager
def kept_by(handler: object, **more: object) -> Iterator[int]:
    """Run an aiosmtpd peer over a handler; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.factory = lambda: SMTP(handler, loop=asyncio.get_running_loop(), **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture
def aiosmtpd():
    handler = Keeper()
    with kept_by(handler) as port:
        yield port, handler


def known(server, session, envelope, mechanism, login):
    """Authenticate as aiosmtpd asks."""
    good = (login.login, login.password) == (b"news", b"s3cret")
    return AuthResult(success=good, handled=False)


def test_aiosmtpd_with_tls_and_login_and_letters_of_any_script():
    handler = Keeper()
    demands = {
        "tls_context": server_tls(),
        "require_starttls": True,
        "authenticator": known,
        "auth_required": True,
        "enable_SMTPUTF8": True,
    }
    first, second = make_parcels(2)
    second = changed(second, delivery=9, recipient="jörg@xn--bcher-kva.example")
    secured = {"security": "starttls", "host": "localhost", "ca_file": "certificate.pem"}
    login = {"username": "news", "password": "s3cret"}
    with kept_by(handler, **demands) as port:
        carrier, ledger = transport(port, **secured, **login), FakeLedger()
        carrier.send(iter([first, second]), ledger)
        carrier.close()
        for keys, error in (
            ({**secured, "username": "news", "password": "wrong"}, "login"),
            (secured, "sender"),
        ):
            carrier = transport(port, **keys)
            with pytest.raises(TransportRejected, match=error):
                carrier.send(iter([first]), FakeLedger())
            carrier.close()
    assert ledger.states() == {A: 2}
    assert handler.kept == {p.recipient: p.data for p in (first, second)}


class Faulty(Keeper):
    """Refuses, hesitates and hangs up by name."""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        number = envelope.rcpt_tos[0].partition("@")[0].removeprefix("reader")
        if number == "4":
            await asyncio.sleep(0.5)
        if number == "5":
            server.transport.abort()
        if number == "6":
            return "552 5.3.4 too large"
        return await super().handle_DATA(server, session, envelope)


def test_aiosmtpd_that_hesitates_refuses_and_hangs_up():
    handler = Faulty()
    with kept_by(handler) as port:
        carrier, ledger = transport(port, connections=2), FakeLedger()
        carrier.send(iter(make_parcels(12)), ledger)
        carrier.close()
    states = {number: one.state for number, one in ledger.outcomes.items()}
    assert states.pop(5) is OutcomeState.UNCERTAIN
    assert states == {n: F if n in {2, 6} else D if n == 3 else A for n in states}
    assert len(states) == 11
    assert not ledger.sending


def test_aiosmtpd_takes_what_it_likes(aiosmtpd):
    port, handler = aiosmtpd
    parcels, ledger = make_parcels(12), FakeLedger()
    carrier = transport(port, connections=3)
    carrier.send(iter(parcels), ledger)
    carrier.close()
    assert ledger.states() == {A: 10, F: 1, D: 1}
    assert handler.kept == {p.recipient: p.data for p in parcels if p.delivery not in {2, 3}}


def test_smtplib_delivers_the_same_bytes():
    letter = MimePress().compile(Message(html=HTML, text=TEXT), ENVELOPE)
    letters = [
        letter.parcel(copy_for(email=f"reader{n}@reader.example", recipient=str(n)), n)
        for n in range(1, 6)
    ]
    awkward = [changed(p, data=p.data + b"\r\n.\r\n..x\r\n") for p in make_parcels(3)]
    parcels = [*letters, *(changed(p, delivery=p.delivery + 10) for p in awkward)]
    with Relay() as ours:
        send(ours, parcels, connections=1)
    with Relay() as theirs, smtplib.SMTP("127.0.0.1", theirs.port) as client:
        for parcel in parcels:
            client.sendmail(parcel.sender, [parcel.recipient], parcel.data)
    assert [m.data for m in ours.seen.messages] == [m.data for m in theirs.seen.messages]
    assert [m.recipient for m in ours.seen.messages] == [m.recipient for m in theirs.seen.messages]


def test_aiosmtplib_sends_the_same_envelopes_and_bytes():
    """Its parameters of MAIL differ in order only; what it says beside (QUIT, RSET) does not count."""
    plain = [changed(p, data=p.data + b"\r\n.\r\n..x\r\n") for p in make_parcels(3)]
    with Relay() as ours:
        send(ours, plain, connections=1)
    with Relay() as theirs:

        async def carry() -> None:
            async with aiosmtplib.SMTP(
                hostname="127.0.0.1", port=theirs.port, start_tls=False
            ) as client:
                for parcel in plain:
                    await client.sendmail(parcel.sender, [parcel.recipient], parcel.data)

        asyncio.run(carry())
    assert [m.data for m in ours.seen.messages] == [m.data for m in theirs.seen.messages]
    assert envelopes(ours) == envelopes(theirs)


def envelopes(relay: Relay) -> list[tuple[str, str]]:
    """Return the addresses of MAIL and RCPT as they were written."""
    return [
        (m.sender.partition("<")[2].partition(">")[0], m.recipient) for m in relay.seen.messages
    ]


@pytest.mark.postfix
def test_postfix_s_sink_takes_everything(smtp_sink):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([smtp_sink, *user, f"127.0.0.1:{port}", "100"]) as sink:
        try:
            _wait_for(port)
            carrier, ledger = transport(port, connections=4), FakeLedger()
            carrier.send(iter(make_parcels(200, size=20_000)), ledger)
            carrier.close()
        finally:
            sink.terminate()
    assert ledger.states() == {A: 200}


def _wait_for(port: int) -> None:
    # By the clock, not by tries: on a busy machine thousands are refused before the sink has begun.
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        os.sched_yield()
    raise AssertionError("the sink did not come up")
