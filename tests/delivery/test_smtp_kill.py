"""SIGKILL in the middle of a sending: nobody is lost, and few are uncertain (promise 3)."""

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from publisher.testing.transports import FakeLedger, make_parcels
from tests.delivery.relay import Relay
from tests.delivery.test_smtp import send

COUNT = 400
CHILD = """
import json, sys
from pathlib import Path
from publisher.delivery import smtp
from publisher.ports import TransportContext
from publisher.testing.transports import make_parcels

port, connections, journal = int(sys.argv[1]), int(sys.argv[2]), open(sys.argv[3], "a")


class Journal:
    def turn(self, outcomes, next):
        told = [outcome.delivery for outcome in outcomes]
        asked = [parcel.delivery for parcel in next]
        journal.write(json.dumps([told, asked]) + "\\n")
        journal.flush()
        return frozenset(asked)

    def stopping(self):
        return False


options = smtp.Options(host="127.0.0.1", port=port, security="none", connections=connections)
carrier = smtp.create(options, TransportContext(name="relay", root=Path()))
carrier.send(iter(make_parcels({count}, size=20_000)), Journal())
"""


@pytest.mark.parametrize("features", [("PIPELINING",), ()], ids=["pipelined", "lockstep"])
@pytest.mark.parametrize(("connections", "at"), [(1, 3), (1, 117), (4, 61), (4, 250)])
def test_a_killed_process_leaves_at_most_one_uncertain_a_connection(
    tmp_path, features, connections, at
):
    journal = tmp_path / "journal"
    with Relay(features=features, notify_at=at) as relay:
        command = [sys.executable, "-c", CHILD.replace("{count}", str(COUNT))]
        arguments = [str(relay.port), str(connections), str(journal)]
        with subprocess.Popen([*command, *arguments], cwd=Path.cwd()) as child:
            assert relay.reached.wait(60)
            child.send_signal(signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
        answered, sending = read(journal)
        assert len(sending) <= connections
        rest = [p for p in make_parcels(COUNT, size=20_000) if p.delivery not in answered]
        again = send(relay, rest, FakeLedger(), connections=connections)
    assert len(again.outcomes) == len(rest)
    copies = Counter(relay.seen.recipients.values())
    assert len(relay.seen.recipients) == COUNT, "nobody is lost"
    assert copies.total() == COUNT
    assert set(copies) <= {1, 2}
    assert copies[2] <= len(sending), "only who was uncertain may have two"


def read(journal: Path) -> tuple[set[int], set[int]]:
    """Return who was answered and who was on the wire, as the journal has it."""
    answered: set[int] = set()
    sending: set[int] = set()
    for line in journal.read_text().splitlines():
        told, asked = json.loads(line)
        answered |= set(told)
        sending = (sending | set(asked)) - answered
    return answered, sending
