"""Readers by feed: their editions go nowhere near a relay, and add up all the same."""

import pytest

from publisher.app.sending import send_all, send_due
from tests.app.relays import counts, opened, publication, readers, sent
from tests.delivery.relay import Relay

DOWN = {"connect": "421 4.3.2 closing"}


@pytest.fixture
def made(tmp_path):
    apps = []

    def make(relay):
        apps.append(publication(tmp_path / "gazette", relay))
        return apps[-1]

    yield make
    for app in apps:
        app.close()


def by_feed(app, *numbers):
    for number in numbers:
        person = app.store.find_subscriber(f"reader{number}@reader.example")
        app.store.change_subscriber(person.id, by_feed=True)


def ways(app, edition):
    return {row.email.partition("@")[0]: row.transport for row in app.store.deliveries(edition.id)}


def test_nothing_of_theirs_is_sent_to_a_relay(made):
    with Relay() as relay:
        app = made(relay)
        readers(app, 3)
        by_feed(app, 1, 3)
        edition = opened(app)
        assert sent(app) == []
        mailed = {message.recipient for message in relay.seen.messages}
    assert mailed == {"reader2@reader.example"}
    assert counts(app, edition) == {"accepted": 3}
    assert ways(app, edition) == {"reader1": "feed", "reader2": "relay", "reader3": "feed"}
    assert app.store.edition(edition.id).state.value == "done"


def test_a_relay_that_is_down_keeps_nothing_from_feeds(made):
    with Relay(DOWN) as relay:
        app = made(relay)
        readers(app, 2)
        by_feed(app, 1)
        edition = opened(app)
        (report,) = send_due(app)
    assert report.note
    assert counts(app, edition) == {"accepted": 1, "queued": 1}


def test_where_all_read_by_feed_no_relay_is_asked(made):
    with Relay(DOWN) as relay:
        app = made(relay)
        readers(app, 2)
        by_feed(app, 1, 2)
        edition = opened(app)
        (report,) = send_all(app)
        assert relay.seen.commands == []
    assert (report.complete, report.note) == (True, "")
    assert counts(app, edition) == {"accepted": 2}
