"""A new relay takes so many a day: the rest waits, is accounted for, and goes on by itself."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from publisher.app import App
from publisher.app.sending import send_due
from publisher.cli.output import when
from publisher.cli.revising import list_row
from publisher.model.editions import EditionState
from tests.app.relays import counts, later, opened, publication, readers, sent
from tests.delivery.relay import Relay

WARM_UP = """
[transports.relay.warm_up]
begins = 2026-11-24
per_day = 20
growth = 2
until = 60
"""


@pytest.fixture
def relay():
    with Relay() as made:
        yield made


@pytest.fixture
def app(tmp_path, relay):
    with closing(publication(tmp_path, relay, more=WARM_UP)) as made:
        yield made


def waits(app):
    return [report.waits for report in send_due(app)]


def test_a_day_takes_its_share_and_the_rest_goes_on_the_next(app, relay):
    readers(app, 90)
    edition = opened(app)
    (reason,) = waits(app)
    assert reason == (
        "relay warms up: 18 copies and 0 letters of at most 20 went today,"
        " the rest goes on 2026-11-25 (Europe/Berlin)"
    )
    assert counts(app, edition) == {"accepted": 18, "queued": 72}
    assert waits(app) == [reason]
    assert len(relay.seen.messages) == 18
    later(app, days=1)
    assert len(waits(app)) == 1
    assert counts(app, edition) == {"accepted": 54, "queued": 36}
    later(app, days=1)
    assert waits(app) == [""]
    assert counts(app, edition) == {"accepted": 90}
    assert app.store.edition(edition.id).state is EditionState.DONE
    assert sorted(relay.seen.recipients.values()) == [1] * 90


def test_all_processes_share_a_day(app, relay):
    readers(app, 40)
    edition = opened(app)
    assert len(waits(app)) == 1
    with closing(App.open(app.definitions.root, clock=app.clock)) as other:
        assert len(waits(other)) == 1
    assert counts(app, edition) == {"accepted": 18, "queued": 22}


def test_what_the_relay_refuses_leaves_room_for_others(tmp_path):
    script = {f"RCPT reader{number}@": "550 5.7.1 no" for number in range(1, 6)}
    with Relay(script) as picky, closing(publication(tmp_path, picky, more=WARM_UP)) as app:
        readers(app, 30)
        edition = opened(app)
        assert waits(app) != [""]
        found = counts(app, edition)
        assert found["accepted"] == 18
        assert app.store.taken("relay", "2026-11-24") == (18, 0)


def test_a_higher_limit_counts_at_once(app):
    readers(app, 30)
    edition = opened(app)
    sent(app)
    path = app.definitions.root / "publisher.toml"
    path.write_text(path.read_text().replace("per_day = 20", "per_day = 60"))
    with closing(App.open(app.definitions.root, clock=app.clock)) as other:
        assert waits(other) == [""]
        assert counts(other, edition) == {"accepted": 30}


def test_the_command_line_says_why_it_waits(app):
    readers(app, 30)
    edition = opened(app)
    sent(app)
    row = list_row(app, app.store.edition(edition.id))
    assert row["state"] == "open"
    assert "relay warms up: 18 copies" in row["reason"]
    assert row["waits_until"] == when(datetime(2026, 11, 24, 23, tzinfo=UTC))
    later(app, days=1)
    sent(app)
    done = list_row(app, app.store.edition(edition.id))
    assert (done["state"], done["reason"], done["waits_until"]) == ("done", "", None)
