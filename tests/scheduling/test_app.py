"""The scheduler of a whole publication: once, for long, and while it is edited."""

from threading import Event

import pytest

from publisher import assets
from publisher.app import App
from publisher.model.timetable import RunState
from publisher.scheduling import run_once, scheduler
from tests.scheduling.fakes import HandClock

WAIT = 60


@pytest.fixture
def folder(tmp_path):
    assets.write_starter(tmp_path)
    return tmp_path


@pytest.fixture
def opened():
    apps = []

    def open_app(folder, **options):
        apps.append(App.open(folder, **options))
        return apps[-1]

    yield open_app
    for app in apps:
        app.close()


def test_once_does_all_that_is_due_in_order_and_then_nothing(folder, opened):
    app = opened(folder, clock=HandClock("2026-11-24T12:00"))
    app.seed()
    done = run_once(app)
    assert [(run.schedule, run.key, ending[0]) for run, ending in done.runs] == [
        ("collect", "first", RunState.DONE),
        ("publish", "first", RunState.DONE),
        ("morning", "first", RunState.DONE),
    ]
    assert [report.complete for report in done.sent] == [True]
    again = run_once(app)
    assert (again.runs, again.sent, again.notes) == ((), (), ())


def test_once_catches_up_with_the_latest_slot_only(folder, opened):
    clock = HandClock("2026-11-24T12:00")
    app = opened(folder, clock=clock)
    app.seed()
    run_once(app)
    clock.go(days=2)
    done = run_once(app)
    assert [(run.schedule, run.key) for run, _ in done.runs] == [
        ("morning", "2026-11-26T07:30"),
        ("collect", "2026-11-26T12:00Z"),
        ("publish", "2026-11-26T12:00Z"),
    ]
    skipped = [run for run in app.store.history("morning") if run.state is RunState.SKIPPED]
    assert [(run.key, run.reason) for run in skipped][-1] == (
        "2026-11-25T07:30",
        "superseded by a later missed run",
    )


def test_it_sends_and_goes_on_until_it_is_stopped(folder, opened):
    app = opened(folder, clock=HandClock("2026-11-24T12:00"))
    app.seed()
    complete, ended = Event(), []
    made = scheduler(
        app,
        tell=lambda run, ending: ended.append((run.schedule, ending[0])),
        sent=lambda report: complete.set() if report.complete else None,
    )
    made.start()
    assert complete.wait(WAIT)
    assert made.stop()
    assert [schedule for schedule, _ in ended] == ["collect", "publish", "morning"]


def test_an_edit_is_read_while_running_and_an_invalid_one_is_told(folder, opened):
    told, complained = [], Event()

    def complain(*words):
        told.append(words)
        complained.set()

    app = opened(folder, clock=HandClock("2026-11-24T12:00"), complain=complain)
    app.seed()
    made = scheduler(app)
    made.start()
    path = folder / "schedules" / "morning.toml"
    text = path.read_text()
    path.write_text(text.replace("every weekday at 07:30", "every weekday at 7:3O"))
    made.reload()
    assert complained.wait(WAIT)
    assert told[0][0] == "definitions"
    assert "schedules/morning.toml: when: reading stopped at" in told[0][1]
    assert app.definitions.schedules["morning"].when == "every weekday at 07:30"
    complained.clear()
    path.write_text(text.replace("every weekday at 07:30", "every weekday at 08:15"))
    made.reload()
    assert complained.wait(WAIT)  # the changed rule is told
    assert "the rule changed from every weekday at 07:30" in told[1][1]
    assert app.definitions.schedules["morning"].when == "every weekday at 08:15"
    assert made.stop()
