"""The end in the middle of a send: nobody is missing, and copies stay within the promised bound."""

import signal

from tests.e2e.sink import Sink

READERS = 1_000
CONNECTIONS = 4
RELAY = """
[transports.relay]
type = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
connections = {connections}
"""


def by_relay(operator, port):
    """Let the starter's digest go to many readers by a relay on loopback."""
    people = "email\n" + "".join(f"reader{n}@example.org\n" for n in range(READERS))
    (operator.folder / "people.csv").write_text(people, encoding="utf-8")
    relay = RELAY.format(port=port, connections=CONNECTIONS)
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


def test_nobody_is_missing_after_a_kill(operator):
    with Sink() as sink:
        by_relay(operator, sink.port)
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


def test_sigterm_finishes_what_is_on_the_wire_and_no_more(operator):
    with Sink() as sink:
        by_relay(operator, sink.port)
        running = operator.start("run", "--no-web")
        sink.wait_for(READERS // 4)
        running.send_signal(signal.SIGTERM)
        said, _ = running.communicate(timeout=25)
        assert running.returncode >= 0, said
        (edition,) = operator.asks("editions", "list")
        counts = edition["counts"]
        assert counts["accepted"] == len(sink.copies) < READERS
        assert counts["uncertain"] == counts["sending"] == counts["claimed"] == 0
        operator.types("run", "--once", "--no-web")
    assert len(sink.copies) == sink.copies.total() == READERS
