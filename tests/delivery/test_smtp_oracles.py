"""The same parcels through aiosmtpd, Postfix's sink and smtplib: nothing differs but the speed."""

import asyncio
import os
import smtplib
import socket
import subprocess
import time

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from publisher.kit.mime import MimePress
from publisher.model.editions import OutcomeState
from publisher.testing.transports import FakeLedger, make_parcels
from tests.delivery.relay import Relay
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


@pytest.fixture
def aiosmtpd():
    handler = Keeper()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.factory = lambda: SMTP(handler, loop=asyncio.get_running_loop())
    controller.start()
    yield port, handler
    controller.stop()


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
