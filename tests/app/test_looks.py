"""A publication with broken templates of its own: whole mail in the shipped look, one alarm."""

import mailbox
from datetime import UTC, datetime

import pytest

from publisher import assets
from publisher.app import App
from publisher.app.actions import runner
from publisher.app.sending import send_due
from publisher.model.timetable import PlannedRun

ALERTS = """
[alerts]
to = ["ops@gazette.example"]
transport = "pager"
[transports.pager]
type = "maildir"
path = "var/pager"
"""


class Stopped:
    def now(self):
        return datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


def publish(root, key):
    """Do what a day does: collect, publish, open a digest and send it."""
    heard = []
    app = App.open(root, clock=Stopped(), complain=lambda *said: heard.append(said))
    try:
        app.seed()
        app.collect()
        app.publish()
        app.store.add_run("morning", PlannedRun(key=key, slot=key, due=app.now()))
        runner(app).work("morning")
        send_due(app)
    finally:
        app.close()
    return heard


def bodies(root):
    """Return the HTML of every digest, without what is each reader's own."""
    letters = mailbox.Maildir(root / "var/outbox", create=False)
    return {
        letter["To"]: {
            part.get_content_type(): part.get_payload(decode=True).decode()
            for part in letter.walk()
            if not part.is_multipart()
        }
        for letter in letters
    }


def alarms(root):
    folder = root / "var/pager"
    return [letter["Subject"] for letter in mailbox.Maildir(folder)] if folder.exists() else []


@pytest.fixture
def root(tmp_path):
    assets.write_starter(tmp_path)
    with (tmp_path / "publisher.toml").open("a") as file:
        file.write(ALERTS)
    return tmp_path


def own(root, name, text):
    path = root / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


PARTS = (assets.templates() / "email/parts.html").read_text()
BROKEN = {
    "error": ("email/parts.html", PARTS.replace("{{ story.title }}", "{{ story.titel }}")),
    "no way out": ("email/parts.html", PARTS.replace("field.unsubscribe_url", "field.view_url")),
    "half": ("text/digest.txt", "{{ publication }}"),
    "syntax": ("email/newspaper.html", "<p>{% if %}"),
    "words": ("words/en.toml", "a = "),
}


@pytest.mark.parametrize(("name", "text"), BROKEN.values(), ids=BROKEN)
def test_broken_templates_cost_the_look_and_not_the_mail(root, name, text):
    own(root, name, text)
    heard = publish(root, "manual:x")
    letters = bodies(root)
    assert letters
    for parts in letters.values():
        assert parts["text/html"].rstrip().endswith("</html>")
        for body in parts.values():
            assert "/unsubscribe/" in body
            assert "/articles/" in body
    assert [subject for subject, _ in heard if subject == "template"]
    told = [subject for subject in alarms(root) if "template" in subject]
    assert len(told) == 1
    publish(root, "manual:y")  # another process, the same day
    assert [subject for subject in alarms(root) if "template" in subject] == told


def test_own_templates_that_work_are_used_and_nobody_is_told(root):
    own(
        root,
        "email/plain.html",
        '{% extends "default/email/plain.html" %}',
    )
    own(root, "web/index.html", '{% extends "default/web/index.html" %}')
    assert publish(root, "manual:x") == []
    assert alarms(root) == []
    assert bodies(root)
    assert "</html>" in (root / "public/index.html").read_text()


def test_a_subject_that_fails_for_a_selection_is_the_leads_title(root):
    schedule = root / "schedules/morning.toml"
    text = schedule.read_text().replace("{{ lead.title }}", "{{ stories[99].title }}")
    schedule.write_text(text)
    publish(root, "manual:x")
    letters = list(mailbox.Maildir(root / "var/outbox", create=False))
    assert letters
    assert all(letter["Subject"] for letter in letters)
    assert len(alarms(root)) == 1


PAGES = (
    "index.html",
    "feeds/index.html",
    "feeds/tides/index.html",
    "articles/trial-trip/index.html",
)


@pytest.mark.parametrize("name", ["index", "feeds", "feed", "article", "base"])
def test_a_broken_page_costs_its_look_and_nothing_else(root, name):
    own(root, f"web/{name}.html", "<p>{{ nobody }}</p>")
    heard = publish(root, "manual:x")
    assert [subject for subject, _ in heard if subject == "template"]
    for path in PAGES:
        page = (root / "public" / path).read_text()
        assert page.rstrip().endswith("</html>"), path
    assert "/articles/trial-trip/" in (root / "public/sitemap.xml").read_text()
