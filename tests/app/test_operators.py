"""The operators are told: what reaches their mailbox, and what a machine of several processes sends."""

import mailbox
from datetime import UTC, datetime, timedelta

import pytest

from publisher import assets
from publisher.app import App
from publisher.app.actions import runner
from publisher.app.operators import write
from publisher.app.releasing import hold_back
from publisher.app.reviewing import overrule
from publisher.app.sending import send_due
from publisher.core.alarming import PAUSE
from publisher.core.editing import Opening
from publisher.errors import DeliveryError, TransportRejected
from publisher.model.editions import EditionState, Outcome, OutcomeState
from publisher.model.findings import Finding, Severity
from publisher.model.timetable import PlannedRun
from publisher.scheduling import scheduler

ALERTS = """
[alerts]
to = ["ops@gazette.example", "night@gazette.example"]
transport = "pager"

[transports.pager]
type = "maildir"
path = "var/pager"
"""


class Stopped:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.time = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)

    def now(self):
        return self.time


class Refusing:
    """A relay that refuses our account."""

    name, leaves_machine = "outbox", False

    def send(self, parcels, ledger):
        raise TransportRejected("transport outbox", "535 authentication failed")

    def close(self):
        pass


@pytest.fixture
def root(tmp_path):
    assets.write_starter(tmp_path)
    with (tmp_path / "publisher.toml").open("a") as file:
        file.write(ALERTS)
    return tmp_path


@pytest.fixture
def opened(root):
    made = []

    def one():
        app = App.open(root, clock=Stopped(), complain=lambda *said: app.complaints.append(said))
        app.complaints = []
        made.append(app)
        return app

    yield one
    for app in made:
        app.close()


def told(root):
    found = mailbox.Maildir(root / "var" / "pager", create=False)
    return sorted((message["To"], message["Subject"]) for message in found)


def subjects(root):
    return sorted({subject.partition("] ")[2] for _, subject in told(root)})


def edition_of(app):
    """Open an edition of the morning digest, without composing it."""
    app.seed()
    app.collect()
    run, _ = app.store.add_run("morning", PlannedRun(key="manual:x", slot="x", due=app.now()))
    opening = Opening(store=app.store, clock=app.clock, calendar=app.calendar, home="UTC")
    return opening.open(run, app.schedule("morning"), "outbox")


def run_of(app, schedule):
    app.store.add_run(schedule, PlannedRun(key="manual:x", slot="x", due=app.now()))
    return runner(app).work(schedule)


def test_an_edition_that_a_relay_refuses_is_told_once_by_all_processes(root, opened):
    app = opened()
    edition = edition_of(app)
    for one in (app, opened()):
        one._transports["outbox"] = Refusing()
        send_due(one)
        one.store.move_edition(edition.id, (EditionState.PAUSED,), EditionState.OPEN, "")
    assert subjects(root) == ["edition 1 of morning is paused"]
    assert {to for to, _ in told(root)} == {"night@gazette.example", "ops@gazette.example"}
    message = next(iter(mailbox.Maildir(root / "var" / "pager", create=False)))
    assert "535 authentication failed" in message.get_payload(decode=True).decode()


def test_a_pause_is_told_though_errors_were_told_the_same_day(root, opened):
    app = opened()
    fault = Finding(rule="severe", severity=Severity.ERROR, message="I do not like it")
    edition = edition_of(app)
    overrule(app, hold_back(app, edition, (edition.state,), (fault,)))
    app._transports["outbox"] = Refusing()
    send_due(app)
    assert subjects(root) == [
        "edition 1 of morning is paused",
        "edition 1 of morning waits: its mail has errors",
    ]


def test_a_pause_that_could_not_be_told_is_told_later(root, opened):
    app = opened()
    app._transports["outbox"] = Refusing()
    edition_of(app)
    pager = root / "var/pager"
    pager.write_text("in the way of a mailbox")
    send_due(app)
    assert any("could not be told of edition:1:paused" in reason for _, reason in app.complaints)
    pager.unlink()
    app.clock.time += PAUSE - timedelta(seconds=1)
    send_due(app)
    assert not pager.exists()
    app.clock.time += timedelta(seconds=1)
    send_due(app)
    assert subjects(root) == ["edition 1 of morning is paused"]


def test_a_run_that_fails_is_told(root, opened):
    app = opened()
    feed = next(iter(app.definitions.feeds.values()))
    schedule = next(s for s in app.definitions.schedules.values() if str(s.action) == "collect")
    assert feed.sources
    for path in (root / "articles").iterdir():
        path.rename(path.with_name(f"was-{path.name}"))
    ((_, ending),) = run_of(app, schedule.slug)
    assert ending[0] == "failed"
    assert {subject for _, subject in told(root)} == {
        f"[{app.definitions.publication.title}] {schedule.slug} failed"
    }


def test_an_edit_that_cannot_be_used_is_told(root, opened):
    app = opened()
    made = scheduler(app)
    (root / "publisher.toml").write_text("[publication]\ntitel = 'x'\n")
    assert not made._rereading.look()
    assert [subject.partition("] ")[2] for _, subject in told(root)] == [
        "an edit of the definitions is refused"
    ] * 2
    assert app.complaints[0][0] == "definitions"


def test_of_several_operators_one_is_enough(root, opened):
    app = opened()

    class Half(Refusing):
        def send(self, parcels, ledger):
            for parcel in parcels:
                ledger.turn((), [parcel])
                bad = parcel.recipient.startswith("night")
                state = OutcomeState.FAILED if bad else OutcomeState.ACCEPTED
                ledger.turn(
                    [Outcome(delivery=parcel.delivery, state=state, reason="550 no such user")], ()
                )

    write(app.definitions, Half(), app.now(), "s", "t", app.complain)
    assert app.complaints == [("alarm", "1 of 2 operators were not told: 550 no such user")]
    with pytest.raises(DeliveryError, match="535"):
        write(app.definitions, Refusing(), app.now(), "s", "t", app.complain)
