"""A provider that takes few a second keeps nobody else waiting, and each copy is accounted for."""

from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace

from publisher.app.sending import send_all, send_due
from publisher.engine.clock import SystemClock
from publisher.model.editions import DeliveryState
from tests.app.relays import counts, opened, publication, readers
from tests.delivery.relay import Relay

SLOW = """
[transports.relay.domains."slow.example"]
per_second = 5
slow_start = 0
"""
HELD = 50  # ten seconds' worth wait beside the connections
CROWD, OTHERS = 700, 300


def test_those_behind_a_crowd_of_a_slow_group_are_all_served_first(tmp_path):
    """More of the slow group than a whole batch stands at the head of the queue."""
    with (
        Relay() as relay,
        closing(
            publication(tmp_path, relay, more=SLOW, connections=3, clock=SystemClock())
        ) as app,
    ):
        readers(app, CROWD, "slow.example")
        readers(app, OTHERS)
        edition = opened(app)

        def served() -> bool:
            others = [to for to in relay.seen.recipients if to.endswith("@reader.example")]
            return len(others) == OTHERS

        (report,) = send_due(app, stop=served)
        found = counts(app, edition)
        rows = app.store.deliveries(edition.id, (DeliveryState.DEFERRED,))
        assert app.store.tried(edition.id) == 0
    assert sum(found.values()) == CROWD + OTHERS
    assert OTHERS < found["accepted"] < OTHERS + HELD
    assert found["deferred"] >= CROWD - 2 * HELD
    assert set(relay.seen.recipients.values()) == {1}
    assert report.last is not None
    assert {(row.reason, row.attempts, row.since) for row in rows} == {
        ("waits for its provider's rate", 0, None)
    }


def test_a_command_that_ends_waits_for_what_is_due_later_and_for_nothing_else(tmp_path):
    """Eleven beyond the ten seconds' worth go when their second comes."""
    slow = SLOW.replace("per_second = 5", "per_second = 20")
    with (
        Relay() as relay,
        closing(
            publication(tmp_path, relay, more=slow, connections=2, clock=SystemClock())
        ) as app,
    ):
        readers(app, 211, "slow.example")
        edition = opened(app)
        (report,) = send_all(app)
        assert counts(app, edition) == {"accepted": 211}
    assert report.complete
    assert set(relay.seen.recipients.values()) == {1}


class Leaping:
    """The system's clock, until it is told to leap ahead: as a machine does that is busy elsewhere."""

    def __init__(self):
        self.ahead = timedelta()

    def now(self):
        return SystemClock().now() + self.ahead


def test_what_came_due_while_others_were_sent_is_sent_before_a_command_ends(tmp_path):
    """A hundred wait some three seconds for their turn; sending the rest takes five."""
    fast, clock = SLOW.replace("per_second = 5", "per_second = 100"), Leaping()
    with (
        Relay() as relay,
        closing(publication(tmp_path, relay, more=fast, connections=2, clock=clock)) as app,
    ):
        readers(app, 300, "slow.example")
        edition = opened(app)

        def advance(done, _audience, _subject):
            if done > 190:
                clock.ahead = timedelta(seconds=5)

        (report,) = send_all(app, advance)
        assert counts(app, edition) == {"accepted": 300}
    assert report.complete
    assert set(relay.seen.recipients.values()) == {1}


def test_a_transport_that_stops_before_the_first_copy_ends_the_sending(tmp_path):
    with (
        Relay() as relay,
        closing(publication(tmp_path, relay, clock=SystemClock())) as app,
    ):
        readers(app, 3)
        edition = opened(app)
        idle = SimpleNamespace(
            name="idle", leaves_machine=False, send=lambda _parcels, _ledger: None
        )
        app.sender.send(edition, idle, lambda: app.frozen(edition).parcel)
        assert counts(app, edition) == {"queued": 3}
