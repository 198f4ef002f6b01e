"""A transport that is down: the fallback carries the rest, and a second copy can be told as one."""

import pytest

from publisher.model.editions import DeliveryState
from tests.app.relays import counts, opened, publication, readers, sent
from tests.delivery.relay import Fault, Relay

FALLBACK = """
[transports.spare]
type = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
"""


@pytest.fixture
def made(tmp_path):
    apps = []

    def make(relay, spare):
        app = publication(tmp_path / "gazette", relay, more=FALLBACK.format(port=spare.port))
        path = app.definitions.root / "publisher.toml"
        path.write_text(path.read_text().replace("[mail]", '[mail]\nfallback = ["spare"]', 1))
        app.close()
        apps.append(type(app).open(app.definitions.root, clock=app.clock))
        apps[-1].collect()
        return apps[-1]

    yield make
    for app in apps:
        app.close()


def message_ids(relay):
    return {
        message.recipient: next(
            line for line in message.data.split(b"\r\n") if line.startswith(b"Message-ID:")
        )
        for message in relay.seen.messages
    }


def test_the_fallback_carries_what_a_relay_that_is_down_does_not(made):
    with Relay({"connect": "421 4.3.2 closing"}) as relay, Relay() as spare:
        app = made(relay, spare)
        readers(app, 20)
        edition = opened(app)
        assert sent(app) == []
    assert counts(app, edition) == {"accepted": 20}
    assert {row.transport for row in app.store.deliveries(edition.id)} == {"spare"}
    assert len(relay.seen.commands) <= 2


def test_a_copy_that_goes_again_by_another_relay_has_the_same_message_id_and_bytes(made):
    """The first relay takes two messages and hangs up before it says so; the operator retries."""
    with Relay({"dot": Fault.DROP}) as relay, Relay() as spare:
        app = made(relay, spare)
        readers(app, 6)
        edition = opened(app)
        sent(app)
        unsure = counts(app, edition)["uncertain"]
        assert counts(app, edition) == {"uncertain": unsure, "accepted": 6 - unsure}
        first = message_ids(spare)
        rows = app.store.deliveries(edition.id)
        told = {row.email: row.message_id for row in rows if row.state.value == "uncertain"}
        app.store.retry(edition.id, (DeliveryState.UNCERTAIN,), app.now())
        sent(app)
    assert counts(app, edition) == {"accepted": 6}
    again = {who: found for who, found in message_ids(spare).items() if who not in first}
    assert set(again) == set(told)
    assert {who: f"Message-ID: {said}".encode() for who, said in told.items()} == again
