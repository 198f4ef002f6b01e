"""A letter somebody has just asked for leaves at once, whatever edition is on the wire."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Event

import pytest

from publisher.app.sending import send_due
from publisher.engine.clock import SystemClock
from publisher.model.subscribers import NewSubscriber, SubscriberStatus
from tests.app.relays import counts, opened, publication, readers
from tests.delivery.relay import Relay

READERS = 3_000
WARM_UP = """
[transports.relay.warm_up]
begins = 2026-11-24
per_day = 20
"""
ADA = NewSubscriber(email="ada@example.org", status=SubscriberStatus.PENDING)


def confirmations(relay):
    """Return after how many messages each letter to Ada came in."""
    seen = relay.seen.messages
    return [place for place, message in enumerate(seen) if message.recipient == ADA.email]


@pytest.mark.parametrize("limit", ["", "per_second = 60\n"], ids=["as fast as it goes", "60/s"])
def test_a_confirmation_does_not_wait_for_the_edition_on_the_wire(tmp_path, limit):
    """It has a connection of its own, and draws on no rate that editions share."""
    stop = Event()
    with (
        Relay(notify_at=40) as relay,
        closing(
            publication(tmp_path, relay, more=limit, connections=4, clock=SystemClock())
        ) as app,
        ThreadPoolExecutor(1) as threads,
    ):
        readers(app, READERS)
        edition = opened(app)
        sending = threads.submit(send_due, app, stop=stop.is_set)
        try:
            assert relay.reached.wait(60)
            before = len(relay.seen.messages)
            app.greeting.ask(ADA)
            (place,) = confirmations(relay)
        finally:
            stop.set()
        sending.result(60)
        assert place - before < READERS / 10, "the letter waited for the edition"
        assert counts(app, edition)["queued"] > READERS / 2


def test_a_confirmation_leaves_though_the_day_is_used_up(tmp_path):
    with (
        Relay() as relay,
        closing(publication(tmp_path, relay, more=WARM_UP)) as app,
    ):
        readers(app, 40)
        edition = opened(app)
        send_due(app)
        assert counts(app, edition) == {"accepted": 18, "queued": 22}
        app.greeting.ask(ADA)
        assert confirmations(relay) == [18]
        assert app.store.taken("relay", "2026-11-24") == (18, 1)
        send_due(app)
        assert counts(app, edition) == {"accepted": 18, "queued": 22}


def test_letters_above_their_part_leave_less_to_the_edition(tmp_path):
    with (
        Relay() as relay,
        closing(publication(tmp_path, relay, more=WARM_UP)) as app,
    ):
        readers(app, 40)
        for number in range(5):
            app.greeting.ask(NewSubscriber(email=f"new{number}@example.org"))
        edition = opened(app)
        send_due(app)
        assert counts(app, edition) == {"accepted": 15, "queued": 25}


def test_a_greylisted_confirmation_comes_again_by_itself(tmp_path):
    """The same bytes, beside an edition on the wire or none, and without another look at the form."""
    with (
        Relay({"RCPT": ["450 4.2.0 Greylisted", "250 2.1.5 Ok"]}) as relay,
        closing(publication(tmp_path, relay)) as app,
    ):
        app.greeting.ask(ADA)
        assert (confirmations(relay), app.carry_letters()) == ([], 0)
        app.clock.time += timedelta(minutes=4)
        assert app.carry_letters() == 0, "a greylisting server is not asked again sooner"
        app.clock.time += timedelta(minutes=2)
        assert (app.carry_letters(), confirmations(relay)) == (1, [0])
        assert app.carry_letters() == 0
        assert app.store.taken("relay", "2026-11-24") == (0, 1)
        assert app.complaints == []


def test_no_letter_goes_by_itself_from_a_store_that_may_be_a_copy(tmp_path):
    with (
        Relay({"RCPT": ["450 4.2.0 Greylisted", "250 2.1.5 Ok"]}) as relay,
        closing(publication(tmp_path, relay)) as app,
    ):
        app.greeting.ask(ADA)
        app.clock.time += timedelta(hours=1)
        app.held = "it may be a copy"
        assert app.carry_letters() == 0
        app.held = ""
        assert app.carry_letters() == 1
