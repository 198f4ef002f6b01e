"""`preview`, `send`, `editions`, `deliveries`, `retry`, `explain`: a digest from looking to arriving."""

import email
import json
import socket
from contextlib import closing
from datetime import timedelta
from email import policy

import pytest

from publisher.app import App

RELAY = """
[mail]
transport = "relay"
[transports.relay]
type = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
"""


@pytest.fixture
def ready(cli):
    """Stories are in, and two people wait for them."""
    cli("subscribers", "add", "ada@example.org", "--name", "Ada")
    cli("subscribers", "add", "bo@example.org", "--feed", "harbour")
    cli("subscribers", "add", "pia@example.org", "--pending")
    assert cli("collect").code == 0
    return cli


@pytest.fixture
def outbox(publication):
    """The mail that was sent."""

    def read():
        files = (publication / "var/outbox/new").glob("*")
        return [email.message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]

    return read


@pytest.fixture
def dead_port():
    """A port of this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_preview_needs_no_readers_and_keeps_nothing(cli, publication):
    cli("collect")
    result = cli("preview", "morning", "--out", str(publication / "preview"))
    assert result.code == 0, result.err
    assert (publication / "preview/digest.eml").stat().st_size
    assert cli("--json", "editions", "list").json == []


def test_preview_writes_what_would_be_sent_and_sends_nothing(ready, tmp_path, outbox):
    result = ready("--json", "preview", "morning", "--out", tmp_path / "out")
    assert result.code == 0, result.err
    assert result.json["subject"] == "The ferry has a new bell"
    assert result.json["problems"] == []
    assert result.json["size"]["html"] == (tmp_path / "out/digest.html").stat().st_size
    assert any("unsubscribe" in link for link in result.json["links"])
    assert result.json == json.loads((tmp_path / "out/report.json").read_text())
    message = email.message_from_bytes(
        (tmp_path / "out/digest.eml").read_bytes(), policy=policy.default
    )
    assert message.get_content_type() == "multipart/alternative"
    text = (tmp_path / "out/digest.txt").read_text()
    assert text.index("new bell") < text.index("choir sings")
    assert outbox() == []
    assert ready("--json", "editions", "list").json == []


def test_preview_for_a_subscriber_holds_their_feeds_only(ready, tmp_path):
    ready("preview", "morning", "--for", "bo@example.org", "--out", tmp_path / "out")
    assert "choir" not in (tmp_path / "out/digest.txt").read_text()


def test_preview_without_stories_says_what_to_do(cli, tmp_path):
    result = cli("preview", "morning", "--out", tmp_path / "out")
    assert result.code == 1
    assert "publisher collect" in result.err
    assert not (tmp_path / "out").exists()


def test_dry_run_tells_and_does_nothing(ready, outbox):
    row = ready("--json", "send", "morning", "--dry-run").json
    assert row["subject"] == "The ferry has a new bell"
    assert row["readers"] == 2
    assert row["transport"] == "outbox"
    assert len(row["articles"]) == 2
    assert outbox() == []


def test_a_test_goes_to_one_address_and_is_not_remembered(ready, outbox):
    result = ready("send", "morning", "--test", "me@example.org")
    assert result.code == 0
    (message,) = outbox()
    assert message["To"].addresses[0].addr_spec == "me@example.org"
    assert ready("--json", "editions", "list").json == []


def test_send_reaches_everybody_who_is_confirmed(ready, outbox):
    result = ready("--json", "send", "morning", "--key", "one")
    assert result.code == 0, result.err
    row = result.json
    assert list(row) == [
        *("id", "schedule", "slot", "state", "subject", "articles", "audience"),
        *("counts", "complete"),
    ]
    others = ("queued", "claimed", "sending", "deferred", "failed", "suppressed", "uncertain")
    assert row["counts"] == {"accepted": 2, **dict.fromkeys(others, 0)}
    assert row["complete"] is True
    assert row["state"] == "done"
    addresses = {message["To"].addresses[0].addr_spec for message in outbox()}
    assert addresses == {"ada@example.org", "bo@example.org"}


def test_the_same_key_twice_sends_once(ready, outbox):
    first = ready("--json", "send", "morning", "--key", "one").json
    again = ready("--json", "send", "morning", "--key", "one")
    assert again.json == first
    assert "this key was used before" in again.err
    assert len(outbox()) == 2


def test_without_stories_a_run_is_recorded_as_skipped(cli):
    result = cli("--json", "send", "morning", "--key", "early")
    assert result.code == 0
    assert result.json["key"] == "manual:early"
    assert result.json["state"] == "skipped"
    assert cli("send", "morning", "--dry-run").code == 1


def test_another_key_has_nothing_new_to_send(ready, outbox):
    ready("send", "morning")
    result = ready("--json", "send", "morning")
    assert result.code == 0
    assert result.json["state"] == "skipped"
    assert "0 new articles" in result.err
    assert len(outbox()) == 2


def test_editions_and_deliveries_give_the_rows_of_the_contract(ready):
    sent = ready("--json", "send", "morning").json
    (listed,) = ready("--json", "editions", "list").json
    assert listed == {**sent, "reason": "", "waits_until": None}
    shown = ready("--json", "editions", "show", sent["id"]).json
    assert {name: shown[name] for name in listed} == listed
    assert [story["id"] for story in shown["stories"]] == sent["articles"]
    rows = ready("--json", "deliveries", sent["id"]).json
    assert [row["email"] for row in rows] == ["ada@example.org", "bo@example.org"]
    assert list(rows[0]) == [
        *("email", "state", "reason", "attempts", "message_id", "transport", "at")
    ]
    assert rows[0]["transport"] == "outbox"
    assert rows[0]["attempts"] == 1
    assert rows[0]["at"].endswith("Z")
    assert ready("--json", "deliveries", sent["id"], "--state", "failed").json == []
    assert ready("deliveries", "99").code == 1


def test_history_names_the_run(ready):
    ready("send", "morning", "--key", "one")
    (row,) = ready("--json", "schedules", "history", "morning").json
    assert list(row) == ["schedule", "key", "slot", "state", "reason", "started", "finished"]
    assert row["key"] == "manual:one"
    assert row["state"] == "done"


def test_a_relay_that_is_away_ends_with_69_and_retry_goes_on(
    ready, publication, dead_port, outbox
):
    path = publication / "publisher.toml"
    before = path.read_text()
    path.write_text(before + RELAY.format(port=dead_port))
    result = ready("--json", "send", "morning")
    assert result.code == 69
    assert result.json["counts"]["accepted"] == 0
    assert result.json["complete"] is False
    number = result.json["id"]
    assert ready("retry", number).code == 69
    relay_as_folder = (
        '[mail]\ntransport = "relay"\n[transports.relay]\ntype = "maildir"\npath = "var/outbox"\n'
    )
    path.write_text(before + relay_as_folder)
    done = ready("--json", "retry", number)
    assert done.code == 0, done.err
    assert done.json["counts"]["accepted"] == 2
    assert len(outbox()) == 2


def test_nothing_leaves_without_a_postal_address(ready, publication, dead_port):
    path = publication / "publisher.toml"
    text = path.read_text().replace('postal_address = "1 Quay Street"', "")
    path.write_text(text + RELAY.format(port=dead_port))
    result = ready("send", "morning")
    assert result.code == 78
    assert "publication.postal_address" in result.err


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (["pause"], "paused"),
        (["pause", "resume"], "open"),
        (["hold"], "review"),
        (["hold", "approve"], "open"),
        (["hold", "reject"], "cancelled"),
        (["cancel"], "cancelled"),
    ],
)
def test_an_operator_s_hand_on_an_edition(ready, publication, dead_port, words, state: str):
    path = publication / "publisher.toml"
    path.write_text(path.read_text() + RELAY.format(port=dead_port))
    number = ready("--json", "send", "morning").json["id"]
    for word in words:
        result = ready("--json", "editions", word, number)
        assert result.code == 0, result.err
    assert result.json["state"] == state


def test_what_is_done_cannot_be_paused(ready):
    number = ready("--json", "send", "morning").json["id"]
    result = ready("editions", "pause", number)
    assert result.code == 1
    assert len(result.err.splitlines()) == 1


def test_review_waits_for_approval(ready, publication, outbox):
    path = publication / "schedules/morning.toml"
    path.write_text(path.read_text() + "review = { required = true }\n")
    result = ready("--json", "send", "morning")
    assert result.code == 0
    assert result.json["state"] == "review"
    assert outbox() == []
    ready("editions", "approve", result.json["id"])
    assert ready("run", "--once").code == 0
    assert len(outbox()) == 2


def test_explain_tells_of_a_person_an_edition_and_an_article(ready):
    number = ready("--json", "send", "morning").json["id"]
    known = ready("--json", "explain", "ada@example.org").json
    assert known["deliveries"][0]["edition"] == number
    assert any("they get culture by morning" in reason for reason in known["reasons"])
    got = ready("--json", "explain", "ada@example.org", number).json["reasons"]
    alone = ready("--json", "explain", "bo@example.org", number).json["reasons"]
    assert "with 1 story chosen for them: The ferry has a new bell" in alone
    assert got[0].startswith(f"edition {number}: accepted")
    not_theirs = ready("--json", "explain", "bo@example.org", "articles/choir").code
    assert not_theirs == 1
    rows = ready("--json", "articles", "list", "--feed", "culture").json
    reasons = ready("--json", "explain", "bo@example.org", f"article:{rows[0]['id']}").json[
        "reasons"
    ]
    assert "it is in culture; they get harbour" in reasons
    waiting = ready("--json", "explain", "pia@example.org", number).json["reasons"]
    assert "they are pending: only confirmed people are written to" in waiting


def test_explain_says_what_becomes_of_a_copy(ready, publication):
    path = publication / "schedules/morning.toml"
    path.write_text(path.read_text() + "review = { required = true }\n")
    number = ready("--json", "send", "morning").json["id"]

    def told():
        return ready("--json", "explain", "ada@example.org", number).json["reasons"][-1]

    assert f"the edition is review; `editions approve {number}`" in told()
    ready("editions", "approve", number)
    assert told() == "it waits for its turn; `run` sends it"
    ready("editions", "pause", number, "--reason", "the mayor calls back")
    assert "the edition is paused: the mayor calls back" in told()
    result = ready("retry", number)
    assert result.code == 1
    assert f"it is paused: the mayor calls back; `editions resume {number}`" in result.err


def test_explain_knows_what_was_told_by_title_only(ready, publication):
    path = publication / "schedules/morning.toml"
    path.write_text(path.read_text() + 'max_articles = 1\noverflow = "summarise"\n')
    number = ready("--json", "send", "morning").json["id"]
    articles = ready("--json", "articles", "list").json
    told = [
        ready("--json", "explain", "ada@example.org", f"article:{row['id']}").json["reasons"][0]
        for row in articles
    ]
    for how, count in (("was in", 1), ("was told by title only in", len(articles) - 1)):
        said = f"it {how} their edition {number}: accepted"
        assert sum(reason.startswith(said) for reason in told) == count > 0


def test_explain_a_suppressed_stranger(ready):
    ready("subscribers", "suppress", "x@example.org", "--reason", "asked by letter")
    result = ready("explain", "x@example.org")
    assert result.code == 1
    assert "asked by letter" in result.err


def test_a_digest_that_is_unfit_is_not_sent_without_force(ready, publication, outbox):
    (publication / "templates/email").mkdir(parents=True)
    (publication / "templates/email/newspaper.html").write_text(
        '{% extends "default/email/newspaper.html" %}'
        "{% block footer %}{{ super() }}<form></form>{% endblock %}"
    )
    result = ready("send", "morning")
    assert result.code == 1
    assert "the HTML part holds <form>" in result.err
    assert outbox() == []
    assert ready("send", "morning", "--force").code == 0
    assert len(outbox()) == 2


def test_tidying_folds_what_ended_long_ago(ready, publication):
    """Nothing of today's; and what is folded is said wherever somebody asks for its rows."""
    (publication / "schedules/tidy.toml").write_text('action = "tidy"\nwhen = "daily at 04:00"\n')
    assert ready("send", "morning").code == 0
    assert "0 deliveries of 0 old editions" in ready("schedules", "run", "tidy").err
    with closing(App.open(publication)) as app:
        now = app.clock.now()
        app.store.fold_edition(now + timedelta(days=1), now)
    dropped = "its deliveries were dropped on"
    assert dropped in ready("deliveries", "1").err
    assert dropped in ready("explain", "ada@example.org", "1").out
    refused = ready("retry", "1")
    assert (refused.code, dropped in refused.err) == (1, True)
    row = ready("--json", "editions", "show", "1").json
    assert (row["audience"], row["counts"]["accepted"], row["complete"]) == (2, 2, True)
