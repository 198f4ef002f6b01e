"""A message once sent looks the same for ever; one that nobody has follows its templates."""

import re
import subprocess
import sys

import pytest

from publisher import assets
from publisher.app import App
from publisher.app.actions import runner
from publisher.app.reviewing import approve
from publisher.app.sending import send_due
from publisher.model.editions import DeliveryState, EditionState
from publisher.model.timetable import PlannedRun

RED = '{% extends "default/email/newspaper.html" %}{% block footer %}{{ super() }}<p>Red</p>{% endblock %}'


@pytest.fixture
def root(tmp_path):
    assets.write_starter(tmp_path)
    return tmp_path


def opened(root) -> App:
    """Open the publication with an edition that is about to go."""
    app = App.open(root)
    app.seed()
    app.collect()
    app.store.add_run("morning", PlannedRun(key="manual:1", slot="", due=app.now()))
    runner(app).work("morning")
    return app


def again(root) -> App:
    """Open the publication as a new process with another template would."""
    (root / "templates/email").mkdir(parents=True, exist_ok=True)
    (root / "templates/email/newspaper.html").write_text(RED)
    return App.open(root)


def copies(app) -> list[bytes]:
    """Return everybody's copy as it would go now."""
    (edition,) = app.store.editions(states=(), limit=None)
    composed = app.frozen(edition)
    return [composed.parcel(row).data for row in app.store.deliveries(edition.id)]


def test_who_is_sent_later_gets_the_same_bytes_as_before_a_new_template(root):
    app = opened(root)
    before = copies(app)
    send_due(app, stop=iter([False, False, True, True, True, True]).__next__)
    app.close()
    app = again(root)
    assert copies(app) == before
    (edition,) = app.store.editions(states=(), limit=None)
    html, _ = app.composed(edition).bodies(app.store.deliveries(edition.id)[0])
    assert "<p>Red</p>" not in html, "the page shows what was sent"
    app.close()


def renamed(root):
    """Call the publication, its digest and its feeds otherwise, and change the subject."""
    for path, old, new in (
        ("publisher.toml", 'title = "The Harbour Gazette"', 'title = "The Bay Gazette"'),
        ("schedules/morning.toml", 'title = "Morning digest"', 'title = "At dawn"'),
        (
            "schedules/morning.toml",
            'subject = "{{ lead.title }}"',
            'subject = "News: {{ lead.title }}"',
        ),
        ("schedules/morning.toml", "every weekday at 07:30", "daily at 05:15"),
        ("feeds/tides.toml", 'title = "Tides"', 'title = "Ebb and flow"'),
    ):
        text = (root / path).read_text()
        assert old in text
        (root / path).write_text(text.replace(old, new))


def test_who_is_sent_later_gets_the_same_bytes_as_before_a_new_name(root):
    app = opened(root)
    before = copies(app)
    send_due(app, stop=iter([False, False, True, True, True, True]).__next__)
    app.close()
    renamed(root)
    app = App.open(root)
    assert copies(app) == before
    app.close()


def test_names_changed_while_nobody_has_the_edition_count(root):
    app = opened(root)
    (edition,) = app.store.editions(states=(), limit=None)
    app.store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "to mend")
    app.close()
    renamed(root)
    app = App.open(root)
    app.store.move_edition(edition.id, (EditionState.PAUSED,), EditionState.OPEN, "")
    for copy in copies(app):
        assert b"Subject: News: " in copy
        assert b"At dawn" in copy
    app.close()


def test_a_template_mended_while_nobody_has_the_edition_counts(root):
    app = opened(root)
    before = copies(app)
    (edition,) = app.store.editions(states=(), limit=None)
    app.store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "to mend")
    app.close()
    app = again(root)
    app.store.move_edition(edition.id, (EditionState.PAUSED,), EditionState.OPEN, "")
    after = copies(app)
    assert after != before
    assert all(b"Red" in copy for copy in after)
    app.close()


def test_let_go_anew_in_another_process_it_is_kept_again(root):
    app, other = opened(root), App.open(root)
    before = copies(app)
    (edition,) = app.store.editions(states=(), limit=None)
    other.store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "a look")
    other.store.move_edition(edition.id, (EditionState.PAUSED,), EditionState.OPEN, "")
    assert app.store.kept_messages(edition.id, 1) == {}
    assert copies(app) == before
    assert app.store.kept_messages(edition.id, 1), "this process sends, so it keeps"
    other.close()
    app.close()


HEAVY = (
    "PIL",
    "cryptography",
    "feedgen",
    "litestar",
    "lxml",
    "markdown_it",
    "nh3",
    "premailer",
    "publisher.formats.pages",
    "sqlalchemy.dialects.postgresql",
    "urllib3",
    "yaml",
)


def test_a_process_that_only_sends_loads_nothing_that_it_does_not_need(root):
    app = opened(root)
    copies(app)
    app.close()
    script = (
        "import sys\nfrom pathlib import Path\nfrom publisher.app import App\n"
        "from publisher.app.sending import send_due\n"
        "app = App.open(Path(sys.argv[1]))\n(report,) = send_due(app)\napp.close()\n"
        "assert report.complete, report\n"
        "assert not (heavy := set(sys.argv[2:]) & set(sys.modules)), heavy\n"
    )
    subprocess.run([sys.executable, "-c", script, str(root), *HEAVY], check=True)


@pytest.mark.parametrize("review", [False, True])
def test_what_was_approved_goes_out_also_from_a_process_that_composed_before(root, review):
    if review:
        schedule = root / "schedules/morning.toml"
        schedule.write_text(schedule.read_text() + "\nreview = { required = true }\n")
    app = opened(root)
    (edition,) = app.store.editions(states=(), limit=None)
    if not review:
        copies(app)
        app.store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "to mend")
    other = again(root)
    approve(other, edition.id, (EditionState.PAUSED, EditionState.REVIEW))
    other.close()
    send_due(app)
    sent = [path.read_bytes() for path in (root / "var/outbox").rglob("*") if path.is_file()]
    assert len(sent) == 3
    assert all(b"Red" in mail for mail in sent)
    app.close()


def test_a_page_keeps_nothing(root):
    app = opened(root)
    (edition,) = app.store.editions(states=(), limit=None)
    app.store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "a look")
    app.store.move_edition(edition.id, (EditionState.PAUSED,), EditionState.OPEN, "")
    app.close()
    app = App.open(root)
    (edition,) = app.store.editions(states=(), limit=None)
    app.composed(edition).bodies(app.store.deliveries(edition.id)[0])
    assert app.store.kept_messages(edition.id, 1) == {}
    app.close()


def test_words_broken_meanwhile_pause_their_edition_and_no_other(root):
    app = opened(root)
    app.close()
    words = root / "templates/words"
    words.mkdir(parents=True)
    shipped = (assets.templates() / "words/en.toml").read_text()
    whole = 'rhythm = "You get this {rhythm} because {reason}."'
    assert whole in shipped
    (words / "en.toml").write_text(shipped.replace(whole, whole.replace("{rhythm}", "{nope}")))
    app = App.open(root)
    (report,) = send_due(app)
    assert "nope" in report.note
    (edition,) = app.store.editions(states=(), limit=None)
    assert edition.state is EditionState.PAUSED
    assert edition.counts[DeliveryState.QUEUED] == 3
    app.close()


def test_a_sender_of_any_script_has_a_feedback_id(root):
    settings = root / "publisher.toml"
    said = re.sub(r"<[^<>@]+@[^<>]+>", "<news@bücher.example>", settings.read_text())
    settings.write_text(said)
    app = opened(root)
    assert b"Feedback-ID: 1:morning:digest:bcherexample\r\n" in copies(app)[0]
    app.close()
