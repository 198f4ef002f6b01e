"""SIGKILL in the middle of a send: nobody is missing, and copies stay within the promised bound."""

import signal

from tests.e2e.sink import Sink

READERS = 2_000
CONNECTIONS = 4
RELAY = """
[transports.relay]
type = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
connections = {connections}
"""


def test_nobody_is_missing_after_a_kill(operator):
    people = "email\n" + "".join(f"reader{n}@example.org\n" for n in range(READERS))
    (operator.folder / "people.csv").write_text(people, encoding="utf-8")
    with Sink() as sink:
        relay = RELAY.format(port=sink.port, connections=CONNECTIONS)
        operator.edit(
            "publisher.toml",
            lambda text: (
                text.replace('transport = "outbox"', 'transport = "relay"').replace(
                    'samples = "subscribers.csv"', ""
                )
                + relay
            ),
        )
        operator.types("subscribers", "import", str(operator.folder / "people.csv"))
        running = operator.start("run", "--no-web")
        sink.wait_for(READERS // 4)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        assert len(sink.copies) < READERS
        operator.types("run", "--once", "--no-web")
    assert len(sink.copies) == READERS
    assert sink.copies.total() - READERS <= CONNECTIONS
    assert all(len(ids) == 1 for ids in sink.identities.values())
    (edition,) = operator.asks("editions", "list")
    assert edition["complete"]
    assert edition["audience"] == READERS
    assert sum(edition["counts"].values()) == READERS
