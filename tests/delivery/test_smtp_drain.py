"""SIGTERM: what is on the wire is finished and recorded, nothing new begins, and it ends in time."""

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from publisher.kit.smtp_client import Security, SmtpClient, SmtpSettings, Timeouts
from publisher.model.editions import OutcomeState
from publisher.testing.transports import FakeLedger, make_parcels
from tests.delivery.relay import Fault, Relay
from tests.delivery.test_smtp import send
from tests.delivery.test_smtp_kill import CHILD, COUNT, read

A, U = OutcomeState.ACCEPTED, OutcomeState.UNCERTAIN
STOPPING = CHILD.replace(
    "def stopping(self):\n        return False", "def stopping(self):\n        return bool(asked)"
).replace(
    "class Journal",
    "import signal\nasked = []\nsignal.signal(signal.SIGTERM, lambda *_: asked.append(1))\n\n\nclass Journal",
)
BOTH = pytest.mark.parametrize("features", [("PIPELINING",), ()], ids=["pipelined", "lockstep"])


class Ending(FakeLedger):
    """A ledger that asks for the end after so many outcomes."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def stopping(self) -> bool:
        return len(self.outcomes) >= self.after


def carry(relay: Relay, ledger: FakeLedger, **settings: object) -> None:
    """Send five parcels by one connection, with much patience until the process is to end."""
    known = {
        "host": "127.0.0.1",
        "port": relay.port,
        "security": Security.NONE,
        "connections": 1,
        "timeouts": Timeouts(drain=0.3),
    }
    with SmtpClient(SmtpSettings(**{**known, **settings})) as client:
        client.send(iter(make_parcels(5)), ledger)


@BOTH
@pytest.mark.parametrize("connections", [1, 4])
def test_a_terminated_process_leaves_nobody_uncertain(tmp_path, features, connections):
    journal = tmp_path / "journal"
    with Relay(features=features, notify_at=60) as relay:
        command = [sys.executable, "-c", STOPPING.replace("{count}", str(COUNT))]
        arguments = [str(relay.port), str(connections), str(journal)]
        with subprocess.Popen([*command, *arguments], cwd=Path.cwd()) as child:
            assert relay.reached.wait(60)
            child.send_signal(signal.SIGTERM)
            assert child.wait(Timeouts().drain + 5) == 0
    answered, sending = read(journal)
    assert not sending
    copies = Counter(relay.seen.recipients.values())
    assert set(copies) == {1}
    assert {f"reader{n}@reader.example" for n in answered} == set(relay.seen.recipients)


def test_nothing_new_begins_however_slow_the_rate():
    """Copies that wait for their rate are left for the next process, not waited for."""
    ledger = Ending(after=1)
    with Relay() as relay:
        began = time.monotonic()
        send(relay, make_parcels(200), ledger, per_second=0.5)
        took = time.monotonic() - began
    assert ledger.states() == {A: len(relay.seen.messages)}
    assert len(relay.seen.messages) <= 2
    assert took < 5


@pytest.mark.parametrize(
    ("verb", "states"),
    [("dot", {U: 1}), ("RCPT", {}), ("connect", {}), ("EHLO", {})],
)
def test_a_relay_that_does_not_answer_is_not_waited_for_long(verb, states):
    ledger, ended = FakeLedger(), []

    def work() -> None:
        carry(relay, ledger)
        ended.append(True)

    with Relay({verb: Fault.HANG}) as relay:
        thread = threading.Thread(target=work)
        thread.start()
        until = time.monotonic() + 20
        while not (ledger.sending or (verb != "dot" and relay.seen.commands)):
            assert time.monotonic() < until
            time.sleep(0.01)
        ledger.stopped = True
        thread.join(20)
    assert ended
    assert set(ledger.states()) <= {U}
    assert ledger.states() == states
    assert not ledger.sending


def test_the_greeting_of_a_second_connection_is_not_waited_for():
    """The first one is over by then: it is not what has to be cut."""

    class Reconnected(FakeLedger):
        def stopping(self) -> bool:
            return len(relay.seen.commands) > 1

    ledger, patience = Reconnected(), 10.0
    with Relay({"connect": ["220 ready", Fault.HANG]}) as relay:
        began = time.monotonic()
        timeouts = Timeouts(greeting=patience, drain=0.3)
        carry(relay, ledger, messages_per_connection=1, timeouts=timeouts)
        took = time.monotonic() - began
    assert ledger.states() == {A: 1}
    assert not ledger.sending
    assert took < patience / 2


@BOTH
def test_the_envelope_that_has_left_already_begins_no_message(features):
    answer = threading.Event()

    class Stopping(FakeLedger):
        def stopping(self) -> bool:
            if relay.reached.is_set():
                answer.set()  # read after the sending has been told to stop
            return relay.reached.is_set()

    ledger = Stopping()
    with Relay(features=features, until=answer, notify_at=1) as relay:
        carry(relay, ledger)
    assert ledger.states() == {A: 1}
    assert set(ledger.asked) == {1}
    assert not ledger.sending
    assert len(relay.seen.messages) == 1
