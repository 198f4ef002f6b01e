"""An edition goes when its mail can be sent as it is, and waits with the operators told when not."""

import mailbox
import re
from dataclasses import replace

import pytest

from publisher import assets
from publisher.app import App
from publisher.app.actions import runner
from publisher.app.releasing import LINT, release
from publisher.app.reviewing import approve, decide_reviews, overrule
from publisher.app.sending import send_due
from publisher.model.definitions import Review
from publisher.model.editions import EditionState
from publisher.model.timetable import PlannedRun

ALERTS = """
[alerts]
to = ["ops@gazette.example"]
transport = "pager"

[transports.pager]
type = "maildir"
path = "var/pager"
"""
FORM = '{% extends "default/email/newspaper.html" %}{% block footer %}{{ super() }}<form></form>{% endblock %}'


@pytest.fixture
def root(tmp_path):
    assets.write_starter(tmp_path)
    with (tmp_path / "publisher.toml").open("a") as file:
        file.write(ALERTS)
    return tmp_path


@pytest.fixture
def app(root):
    opened = App.open(root)
    yield opened
    opened.close()


def run(app):
    """Collect, run the digest once, and return its edition."""
    app.seed()
    app.collect()
    app.store.add_run("morning", PlannedRun(key="manual:1", slot="", due=app.now()))
    ((done, (state, _)),) = runner(app).work("morning")
    assert str(state) == "done"
    return app.store.edition_of_run(done.id)


def mails(root, box: str) -> list[mailbox.MaildirMessage]:
    return list(mailbox.Maildir(root / "var" / box, create=True))


def test_a_sound_edition_goes(app, root):
    edition = run(app)
    assert (edition.state, edition.reason) == (EditionState.OPEN, "")
    assert edition.subject
    send_due(app)
    assert len(mails(root, "outbox")) == 3
    assert mails(root, "pager") == []


def test_a_mail_with_errors_waits_and_the_operators_are_told_once(app, root):
    (root / "templates/email").mkdir(parents=True)
    (root / "templates/email/newspaper.html").write_text(FORM)
    edition = run(app)
    assert edition.state is EditionState.REVIEW
    assert edition.reason.startswith(LINT)
    assert "<form>" in edition.reason
    send_due(app)
    assert mails(root, "outbox") == []
    (told,) = mails(root, "pager")
    assert f"edition {edition.id} of morning waits" in told["Subject"]
    assert release(app, edition, app.schedule("morning")) == edition
    assert overrule(app, edition).state is EditionState.OPEN
    send_due(app)
    assert len(mails(root, "outbox")) == 3
    assert len(mails(root, "pager")) == 1


def test_what_waits_for_approval_is_not_overruled(app):
    edition = run(app)
    held = app.store.move_edition(
        edition.id, (EditionState.OPEN,), EditionState.REVIEW, "held by the operator"
    )
    assert overrule(app, held) == held


def test_a_crash_between_opening_and_letting_go_loses_nothing(app):
    app.seed()
    app.collect()
    now = app.now()
    found, _ = app.store.add_run("morning", PlannedRun(key="manual:1", slot="", due=now))
    schedule = app.schedule("morning")
    opened = app.opening.open(found, schedule, "outbox")
    assert opened.state is EditionState.PREPARING
    assert send_due(app) == ()
    runner(app).work("morning")
    assert app.store.edition(opened.id).state is EditionState.OPEN


def test_what_keeps_an_edition_from_being_composed_pauses_it_until_it_is_mended(app, root):
    key = root / "secrets" / "tokens.key"
    key.parent.mkdir(exist_ok=True)
    key.write_text("damaged\n")
    app.seed()
    app.collect()
    app.store.add_run("morning", PlannedRun(key="manual:1", slot="", due=app.now()))
    ((done, (state, reason)),) = runner(app).work("morning")
    assert str(state) == "failed"
    assert "tokens.key" in reason
    edition = app.store.edition_of_run(done.id)
    assert edition.state is EditionState.PAUSED
    send_due(app)
    assert any("is paused" in mail["Subject"] for mail in mails(root, "pager"))
    key.unlink()
    assert approve(app, edition.id, (EditionState.PAUSED,)).state is EditionState.OPEN
    send_due(app)
    assert len(mails(root, "outbox")) == 3


def test_what_was_opened_by_a_run_that_ended_is_paused(app):
    app.seed()
    app.collect()
    found, _ = app.store.add_run("morning", PlannedRun(key="manual:1", slot="", due=app.now()))
    opened = app.opening.open(found, app.schedule("morning"), "outbox")
    decide_reviews(app)
    assert app.store.edition(opened.id).state is EditionState.PREPARING
    app.replace_definitions(replace(app.definitions, schedules={}))
    runner(app).work("morning")
    decide_reviews(app)
    paused = app.store.edition(opened.id)
    assert paused.state is EditionState.PAUSED
    assert "no longer defined" in paused.reason


def test_force_does_not_stand_in_for_an_approval(app, root):
    schedules = {
        slug: replace(schedule, review=Review(required=True))
        for slug, schedule in app.definitions.schedules.items()
    }
    app.replace_definitions(replace(app.definitions, schedules=schedules))
    (root / "templates/email").mkdir(parents=True)
    (root / "templates/email/newspaper.html").write_text(FORM)
    edition = run(app)
    assert edition.reason.startswith(LINT)
    waits = overrule(app, edition)
    assert (waits.state, waits.reason) == (EditionState.REVIEW, "")


def test_what_is_brief_for_one_reader_is_judged_as_it_leads_for_another(app, root):
    """A fault in one story's lead form, which the copy with every story does not show."""
    shipped = (assets.templates() / "email/parts.html").read_text(encoding="utf-8")
    head = re.search(r"{% macro lead\(story, look\).*?%}", shipped)
    assert head
    fault = "{% if 'foghorn' in story.title %}<form></form>{% endif %}"
    (root / "templates/email").mkdir(parents=True)
    (root / "templates/email/parts.html").write_text(
        shipped.replace(head[0], head[0] + fault), encoding="utf-8"
    )
    edition = run(app)
    whole = app.composed(edition).bodies(app.composed(edition).everything())[0]
    assert "<form>" not in whole
    assert edition.state is EditionState.REVIEW
    assert "<form>" in edition.reason
