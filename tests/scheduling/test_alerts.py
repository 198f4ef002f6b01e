"""Alerts in a whole publication: at once, once, not at night, and not again in the digest."""

import email
import email.policy
import threading
from contextlib import ExitStack, closing
from datetime import UTC, datetime

import pytest

from publisher.app import App
from publisher.app.actions import runner
from publisher.app.sending import send_due
from publisher.model.editions import DeliveryState, EditionState
from publisher.model.subscribers import NewSubscriber
from publisher.model.timetable import RunState
from publisher.ports import ArticleChanges
from publisher.scheduling import run_once
from tests.scheduling.fakes import HandClock

FILES = {
    "publisher.toml": """
[publication]
title = "The Test Gazette"
url = "https://gazette.example/"
timezone = "Europe/Berlin"
postal_address = "1 Quay Street"
contact = "editor@gazette.example"
""",
    "feeds/harbour.toml": '[[sources]]\ntype = "folder"\npath = "articles"\n',
    "schedules/gather.toml": 'action = "collect"\nwhen = "every 15m"\nfirst = "now"\n',
    "schedules/morning.toml": 'action = "digest"\nwhen = "daily at 07:30"\n',
    "schedules/breaking.toml": 'action = "alert"\n',
    "articles/bell.md": "---\ntitle: The new bell\ndate: 2026-03-02\n---\nIt rings a tone lower.\n",
}
EVENING = "2026-11-25T19:59"  # one minute before nine in Berlin, before four in New York


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "gazette"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def opened(folder):
    """Open the publication, as often as asked, all by one clock that tests move."""
    clock = HandClock(EVENING)
    with ExitStack() as stack:

        def open_app():
            return stack.enter_context(closing(App.open(folder, clock=clock)))

        yield open_app


@pytest.fixture
def app(opened):
    """A publication that has run once: what is there now is no news."""
    made = opened()
    run_once(made)
    return made


def go(app, text):
    """Let time pass in which the publisher was running."""
    app.clock.time = datetime.fromisoformat(text).replace(tzinfo=UTC)
    app.store.beat(app.now())


def write(app, title, more=""):
    name = title.lower().replace(" ", "-")
    text = f"---\ntitle: {title}\n{more}---\nIt happened a moment ago.\n"
    (app.definitions.root / f"articles/{name}.md").write_text(text)


def reader(app, name, *schedules, zone=""):
    new = NewSubscriber(
        email=f"{name}@example.org",
        timezone=zone,
        subscriptions=tuple(("harbour", schedule) for schedule in schedules),
    )
    return app.store.add_subscriber(new, app.now())[0]


def mails(app):
    """Return (whom, subject) of everything in the outbox, in the order of sending."""
    paths = sorted((app.definitions.root / "var/outbox/new").glob("*"))
    read = [
        email.message_from_bytes(one.read_bytes(), policy=email.policy.default) for one in paths
    ]
    return sorted((one["To"].addresses[0].username, one["Subject"]) for one in read)


def alerts(app):
    return [(run.state, run.reason) for run in reversed(app.store.history("breaking"))]


def test_at_once_in_the_morning_and_not_again_in_the_digest(app):
    reader(app, "ada", "breaking", "morning")
    reader(app, "kiri", "breaking", "morning", zone="America/New_York")
    go(app, "2026-11-25T21:00")  # ten in the evening in Berlin
    write(app, "Fire on the quay")
    done = run_once(app)
    endings = [(run.schedule, *ending) for run, ending in done.runs]
    edition = app.store.editions(schedule="breaking")[0]
    said = f"edition {edition.id}: “Fire on the quay” for 2 readers, 1 of them later"
    assert endings[-1] == ("breaking", RunState.DONE, said)
    assert mails(app) == [("kiri", "Fire on the quay")]
    (ada,) = app.store.deliveries(edition.id, [DeliveryState.DEFERRED])
    assert ada.reason == "quiet until 07:00 (Europe/Berlin)"
    go(app, "2026-11-26T05:59")
    run_once(app)
    assert len(mails(app)) == 1
    go(app, "2026-11-26T06:00")
    run_once(app)
    assert mails(app) == [("ada", "Fire on the quay"), ("kiri", "Fire on the quay")]
    write(app, "The bell is heard in Denmark", "priority: -1\n")
    go(app, "2026-11-26T06:30")  # the digest's slot
    run_once(app)
    digest = app.store.editions(schedule="morning")[0]
    titles = {app.store.article(number).title for number in digest.articles}
    assert "Fire on the quay" not in titles
    assert app.store.edition(edition.id).state is EditionState.DONE


def test_the_digest_that_comes_first_leaves_the_story_to_the_alert(app):
    reader(app, "ada", "breaking", "morning", zone="America/New_York")
    go(app, "2026-11-26T04:00")  # eleven in the evening in New York
    write(app, "Fire on the quay")
    run_once(app)
    go(app, "2026-11-26T06:30")  # the digest's slot: still night in New York
    run_once(app)
    assert [subject for _, subject in mails(app)].count("Fire on the quay") == 0
    go(app, "2026-11-26T12:00")
    run_once(app)
    assert [subject for _, subject in mails(app)].count("Fire on the quay") == 1
    go(app, "2026-11-27T06:30")
    run_once(app)
    told = [number for one in app.store.deliveries_to(1) for number in one.articles]
    assert len(told) == len(set(told))


def test_what_was_there_before_the_schedule_is_passed_over(app):
    write(app, "Fire on the quay")
    app.collect()
    (app.definitions.root / "schedules/breaking.toml").rename(
        app.definitions.root / "schedules/urgent.toml"
    )
    from publisher import config

    app.replace_definitions(config.load(app.definitions.root))
    run_once(app)
    (run,) = app.store.history("urgent")
    assert (run.state, run.reason) == (RunState.SKIPPED, "it was there before this schedule")


def test_first_now_alerts_what_came_in_lately(folder, opened):
    (folder / "schedules/breaking.toml").unlink()
    app = opened()
    reader(app, "ada", "urgent")
    write(app, "Fire on the quay")
    run_once(app)
    (folder / "schedules/urgent.toml").write_text('action = "alert"\nfirst = "now"\n')
    again = opened()
    done = run_once(again)
    assert "1 story to alert" in [ending[1] for _, ending in done.runs]
    assert mails(again) == [("ada", "Fire on the quay")]


def test_with_a_rule_it_looks_at_its_slots_alone(folder, opened):
    (folder / "schedules/breaking.toml").write_text('action = "alert"\nwhen = "daily at 21:30"\n')
    app = opened()
    run_once(app)
    reader(app, "ada", "breaking")
    write(app, "Fire on the quay")
    go(app, "2026-11-25T20:15")
    run_once(app)
    assert mails(app) == []
    go(app, "2026-11-25T20:30")
    run_once(app)
    assert mails(app) == [("ada", "Fire on the quay")]


def test_a_paused_schedule_passes_stories_over(app):
    reader(app, "ada", "breaking")
    app.store.pause_schedule("breaking", None, paused=True)
    write(app, "Fire on the quay")
    go(app, "2026-11-25T20:15")
    run_once(app)
    app.store.pause_schedule("breaking", None, paused=False)
    go(app, "2026-11-25T20:30")
    run_once(app)
    assert alerts(app) == [(RunState.SKIPPED, "paused")]
    assert mails(app) == []


def test_a_story_of_low_priority_waits_for_its_editor(folder, opened):
    (folder / "schedules/breaking.toml").write_text('action = "alert"\nmin_priority = 5\n')
    app = opened()
    run_once(app)
    reader(app, "ada", "breaking")
    write(app, "Fire on the quay")
    go(app, "2026-11-25T20:15")
    run_once(app)
    assert mails(app) == []
    story = app.store.find_article("fire-on-the-quay")
    app.store.change_article(story.id, ArticleChanges(priority=9), app.now())
    go(app, "2026-11-25T20:30")
    run_once(app)
    assert mails(app) == [("ada", "Fire on the quay")]


def test_what_nobody_was_there_to_alert_in_time_is_no_alert_any_more(app):
    """The run was planned, and the process died; one that had opened its edition goes on."""
    reader(app, "ada", "breaking", "morning")
    for title in ("Fire on the quay", "Fog on the water"):
        write(app, title)
    go(app, "2026-11-25T20:15")
    app.collect()
    assert app.alerting.look(app.schedule("breaking")) == 2
    first, second = reversed(app.store.history("breaking"))
    app.opening.open(first, app.schedule("breaking"), "outbox")
    go(app, "2026-11-26T03:00")
    runner(app).work("breaking")
    late = app.store.run(second.id)
    assert (late.state, late.reason) == (RunState.SKIPPED, "too late to alert")
    assert app.store.run(first.id).state is RunState.DONE
    assert len(app.store.editions(schedule="breaking")) == 1
    go(app, "2026-11-26T06:30")  # the digest's slot
    run_once(app)
    assert len(mails(app)) == 2


def test_a_hidden_story_does_not_reach_who_sleeps(app):
    reader(app, "ada", "breaking", "morning")
    go(app, "2026-11-25T22:00")
    write(app, "Fire on the quay")
    run_once(app)
    story = app.store.find_article("fire-on-the-quay")
    app.store.change_article(story.id, ArticleChanges(hidden=True), app.now())
    go(app, "2026-11-26T06:00")
    run_once(app)
    (edition,) = app.store.editions(schedule="breaking")
    assert (edition.state, edition.reason) == (EditionState.CANCELLED, "the story was withdrawn")
    assert edition.complete
    app.store.change_article(story.id, ArticleChanges(hidden=False), app.now())
    go(app, "2026-11-26T06:30")
    run_once(app)
    digest = app.store.editions(schedule="morning")[0]
    assert story.id in digest.articles
    assert alerts(app)[0][0] is RunState.DONE
    assert len(app.store.editions(schedule="breaking")) == 1


def test_nobody_for_whom_it_is_news_is_a_reason(app):
    write(app, "Fire on the quay")
    go(app, "2026-11-25T20:15")
    run_once(app)
    assert alerts(app) == [
        (RunState.SKIPPED, "news to nobody who gets this, or not to be read any more")
    ]


def test_two_processes_send_one_alert(app, opened):
    for number in range(5):
        reader(app, f"reader{number}", "breaking")
    write(app, "Fire on the quay")
    go(app, "2026-11-25T20:15")
    pair = [app, opened()]
    barrier, errors = threading.Barrier(2), []

    def work(one):
        barrier.wait()
        try:
            run_once(one)
        except BaseException as error:  # noqa: BLE001  told below, in the test's thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(one,)) for one in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    send_due(app)
    assert len(app.store.editions(schedule="breaking")) == 1
    assert mails(app) == [(f"reader{number}", "Fire on the quay") for number in range(5)]


def test_an_alert_that_was_opened_and_not_sent_is_sent_by_the_next_process(app, opened):
    reader(app, "ada", "breaking")
    write(app, "Fire on the quay")
    go(app, "2026-11-25T20:15")
    app.collect()
    app.alerting.look(app.schedule("breaking"))
    runner(app).work("breaking")  # and here the process dies
    assert mails(app) == []
    app.close()
    again = opened()
    run_once(again)
    assert mails(again) == [("ada", "Fire on the quay")]
    run_once(again)
    assert len(mails(again)) == 1
