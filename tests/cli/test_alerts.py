"""Alerts on the command line: looked at, tried, run by hand, explained."""

import email
from email import policy

import pytest

ALERT = 'action = "alert"\ntitle = "Breaking news"\nquiet = ""\n'


@pytest.fixture
def ready(cli, publication):
    """An alert schedule that has begun, and one person who wants it."""
    (publication / "schedules/breaking.toml").write_text(ALERT)
    assert cli("run", "--once").code == 0
    added = cli("subscribers", "add", "ada@example.org", "--schedule", "breaking")
    assert added.code == 0, added.err
    return cli


@pytest.fixture
def fire(publication):
    (publication / "articles/harbour/fire.md").write_text(
        "---\ntitle: Fire on the quay\n---\nIt was seen from the other side.\n"
    )


def mails(publication):
    files = (publication / "var/outbox/new").glob("*")
    return [email.message_from_bytes(one.read_bytes(), policy=policy.default) for one in files]


def test_who_asks_gets_alerts_and_nobody_else(ready):
    ready("subscribers", "add", "bo@example.org")
    found = {
        row["email"]: row["subscriptions"] for row in ready("--json", "subscribers", "list").json
    }
    assert {pair["schedule"] for pair in found["ada@example.org"]} == {"breaking"}
    assert {pair["schedule"] for pair in found["bo@example.org"]} == {"morning"}


def test_it_has_no_slots_and_says_when_it_runs(ready):
    rows = {row["schedule"]: row for row in ready("--json", "schedules", "list").json}
    assert (rows["breaking"]["rule"], rows["breaking"]["next"]) == ("at once", "")
    result = ready("schedules", "next", "breaking")
    assert result.code == 0
    assert result.err == "at once: after each collection, it has no slots\n"
    assert ready("check").code == 0


def test_run_by_hand_looks_for_stories_and_sends_them(ready, publication, fire):
    assert ready("collect").code == 0
    result = ready("schedules", "run", "breaking")
    assert result.code == 0, result.err
    assert "1 story to alert; edition 1: 1 accepted of 1 readers" in result.err
    assert [mail["Subject"] for mail in mails(publication)] == ["Fire on the quay"]
    assert "0 stories to alert" in ready("schedules", "run", "breaking").err
    rows = ready("--json", "schedules", "history", "breaking").json
    alerts = [row for row in rows if row["key"].startswith("alert:")]
    assert [(row["state"], row["reason"]) for row in alerts] == [
        ("done", "edition 1: “Fire on the quay” for 1 reader")
    ]


def test_send_is_for_digests_and_a_test_for_both(ready, publication, fire):
    ready("collect")
    refused = ready("send", "breaking")
    assert refused.code == 2
    assert "`schedules run` looks for stories now" in refused.err
    assert ready("send", "breaking", "--test", "me@example.org").code == 0
    assert [mail["Subject"] for mail in mails(publication)] == ["Fire on the quay"]


def test_preview_shows_the_newest_story(ready, tmp_path, fire):
    ready("collect")
    report = ready("--json", "preview", "breaking", "--out", tmp_path / "out").json
    assert report["stories"] == ["Fire on the quay"]


def test_what_waits_is_no_failure_and_is_explained(ready, publication, fire):
    (publication / "schedules/breaking.toml").write_text(
        ALERT + 'per_person = { count = 1, within = "30d" }\n'
    )
    ready("collect")
    assert ready("schedules", "run", "breaking").code == 0
    (publication / "articles/harbour/out.md").write_text(
        "---\ntitle: The fire is out\n---\nYes.\n"
    )
    ready("collect")
    again = ready("schedules", "run", "breaking")
    assert again.code == 0, again.err
    assert len(mails(publication)) == 1
    told = ready("explain", "ada@example.org", "the-fire-is-out").out
    assert "deferred: 1 alert within 30 d; the next may go at" in " ".join(told.split())
    rows = ready("--json", "deliveries", "2").json
    assert [(row["state"], row["attempts"]) for row in rows] == [("deferred", 0)]
    ready("subscribers", "add", "late@example.org", "--schedule", "breaking")
    assert "they joined later" in ready("explain", "late@example.org", "2").out
    assert ready("explain", "late@example.org").out.count("by breaking (at once)") == 2
