"""`check`, `doctor`, `templates`, `db`: looking before leaping."""

import socket
import sqlite3

import pytest


def test_all_is_well_and_nothing_was_done(cli, publication):
    before = sorted(publication.rglob("*"))
    result = cli("check")
    assert result.code == 0, result.err
    assert result.err == "2 feeds, 2 schedules: all is well\n"
    assert result.out.splitlines()[0].split() == ["schedule", "slot", "utc", "note"]
    assert sorted(publication.rglob("*")) == before


def test_the_next_slots_of_each_schedule_are_shown(cli):
    slots = cli("--json", "check").json["schedules"]
    assert len([row for row in slots if row["schedule"] == "morning"]) == 5
    assert all(row["utc"].endswith("Z") for row in slots)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "email/newspaper.html",
            "{% extends 'default/email/newspaper.html' %}\n{% block x %}{{ nowhere",
            "templates/email/newspaper.html:2: ",
        ),
        ("web/index.html", "<p>{{ no_such_name }}</p>", "templates/web/index.html:1: "),
        ("web/unsubscribe.html", "\n\n{{ no_such_name }}", "templates/web/unsubscribe.html:3: "),
        ("web/preferences.html", "{{ no_such_name }}", "templates/web/preferences.html:1: "),
        ("web/problem.html", "{{ no_such_name }}", "templates/web/problem.html:1: "),
        ("text/digest.txt", "{{ storys }}", "templates/text/digest.txt:1: "),
        ("web/article.html", "{{ no_such_name }}", "templates/web/article.html:1: "),
        ("web/feed.html", "{% if %}", "templates/web/feed.html:1: "),
    ],
)
def test_a_template_that_is_wrong_is_named_with_its_line(
    cli, publication, name: str, text: str, expected: str
):
    path = publication / "templates" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    result = cli("check")
    assert result.code == 78
    assert any(line.startswith(expected) for line in result.err.splitlines()), result.err


def test_a_subject_that_is_wrong_is_named_with_its_schedule(cli, publication):
    path = publication / "schedules/morning.toml"
    path.write_text(path.read_text() + 'subject = "{{ leed.title }}"\n')
    result = cli("check")
    assert result.code == 78
    assert "leed" in result.err


def test_what_is_in_use_is_looked_up(cli, publication, monkeypatch):
    path = publication / "publisher.toml"
    relay = '[transports.relay]\ntype = "smtp"\nhost = "127.0.0.1"\npassword = { env = "PW_OF_TEST" }\n'
    path.write_text(path.read_text() + relay)
    monkeypatch.delenv("PW_OF_TEST", raising=False)
    assert cli("check").code == 0
    path.write_text(path.read_text() + '[mail]\ntransport = "relay"\n')
    result = cli("--json", "check")
    assert result.code == 78
    assert result.json["problems"] == [
        {
            "file": "publisher.toml",
            "key": "transports.relay.password",
            "message": "the environment variable PW_OF_TEST is not set",
        }
    ]


def test_what_a_deletion_leaves_behind_is_named(cli, publication):
    cli("run", "--once")
    (publication / "feeds/culture.toml").unlink()
    (publication / "schedules/gather.toml").unlink()
    result = cli("check")
    assert result.code == 0
    assert "feeds/culture.toml is gone" in result.err
    assert "schedules/gather.toml is gone" in result.err


def test_what_has_no_effect_yet_is_said(cli, publication):
    path = publication / "publisher.toml"
    path.write_text(path.read_text() + '[receipts]\naddress = "bounces@gazette.example"\n')
    path = publication / "schedules/morning.toml"
    path.write_text(path.read_text() + 'spread = "5m"\n')
    (publication / "schedules/clean.toml").write_text('action = "receipts"\nwhen = "hourly"\n')
    names = [note.partition(": valid")[0] for note in cli("--json", "check").json["notes"]]
    assert names == [
        "[receipts]",
        'schedules/clean.toml: action = "receipts"',
        "schedules/morning.toml: spread",
    ]


def test_doctor(cli, publication):
    result = cli("--json", "doctor")
    assert result.code == 0
    states = {row["check"]: row["state"] for row in result.json}
    assert states["store"] == "ok"
    assert states["transport outbox"] == "ok"
    (publication / "secrets").mkdir(exist_ok=True)
    (publication / "secrets/tokens.key").write_text("nonsense")
    result = cli("doctor")
    assert result.code == 1
    assert "tokens.key" in result.out


def test_doctor_asks_the_relay(cli, publication):
    path = publication / "publisher.toml"
    path.write_text(
        path.read_text()
        + '[mail]\ntransport = "r"\n[transports.r]\ntype = "smtp"\nhost = "127.0.0.1"\nport = 1\n'
        + 'security = "none"\n'
    )
    result = cli("--json", "doctor")
    assert result.code == 1
    (row,) = [row for row in result.json if row["check"] == "transport r"]
    assert "127.0.0.1:1 does not answer" in row["detail"]


def test_mail_that_leaves_with_links_to_this_machine_is_a_problem(cli, publication):
    path = publication / "publisher.toml"
    path.write_text(path.read_text().replace("https://gazette.example/", "http://127.0.0.1:8080/"))
    assert _of_url(cli) == "note"
    path.write_text(path.read_text() + RELAY)
    assert _of_url(cli) == "problem"


def _of_url(cli):
    (row,) = [row for row in cli("--json", "doctor").json if row["check"] == "url"]
    assert "[publication] url" in row["detail"]
    return row["state"]


RELAY = """
[mail]
transport = "r"
[transports.r]
type = "smtp"
host = "127.0.0.1"
port = 1
security = "none"
"""


def test_doctor_asks_each_of_several_relays(cli, publication):
    path = publication / "publisher.toml"
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
        path.write_text(
            path.read_text()
            + '[mail]\ntransport = "r"\n[transports.r]\ntype = "smtp"\nsecurity = "none"\n'
            + f'[[transports.r.relays]]\nhost = "127.0.0.1"\nport = {port}\n'
            + '[[transports.r.relays]]\nhost = "127.0.0.1"\nport = 1\n'
        )
        result = cli("--json", "doctor")
    (row,) = [row for row in result.json if row["check"] == "transport r"]
    assert row["state"] == "problem"
    assert "127.0.0.1:1 does not answer" in row["detail"]


ALERTS = """
[alerts]
to = ["ops@gazette.example"]
transport = "{}"
[transports.pager]
type = "maildir"
path = "var/pager"
[transports.away]
type = "smtp"
host = "127.0.0.1"
port = 1
security = "none"
"""


def alarms(result):
    (row,) = [row for row in result.json if row["check"] == "alarms"]
    return row["state"], row["detail"]


def test_doctor_says_where_alarms_go_and_tries_it_when_asked(cli, publication):
    state, detail = alarms(cli("--json", "doctor"))
    assert state == "note"
    assert "[alerts] to" in detail
    result = cli("--json", "doctor", "--tell")
    assert (result.code, alarms(result)[0]) == (1, "problem")
    path = publication / "publisher.toml"
    before = path.read_text()
    path.write_text(before + ALERTS.format("pager"))
    assert alarms(cli("--json", "doctor")) == (
        "ok",
        "ops@gazette.example by pager; `doctor --tell` tries it",
    )
    assert not list((publication / "var").glob("pager/new/*"))
    result = cli("--json", "doctor", "--tell")
    assert (result.code, alarms(result)[0]) == (0, "ok")
    assert cli("doctor", "--tell").code == 0  # a test is no cause: it may be sent again
    letters = [file.read_bytes() for file in (publication / "var/pager/new").iterdir()]
    assert len(letters) == 2
    assert all(b"Subject: [The Test Gazette] this is a test" in one for one in letters)
    path.write_text(before + ALERTS.format("away"))
    result = cli("--json", "doctor", "--tell")
    assert (result.code, alarms(result)[0]) == (1, "problem")


def test_templates_list_eject_diff(cli, publication):
    states = {row["name"]: row["state"] for row in cli("--json", "templates", "list").json}
    assert states["web/index.html"] == "shipped"
    result = cli("templates", "diff")
    assert (result.code, result.out) == (0, "")
    result = cli("templates", "eject", "web/index.html")
    assert result.code == 0
    own = publication / "templates/web/index.html"
    assert str(own) in result.err
    own.write_text(own.read_text() + "<p>mine</p>\n")
    result = cli("templates", "diff")
    assert result.code == 1
    shown = result.out.splitlines()
    assert shown[0] == "--- shipped/web/index.html"
    assert "+<p>mine</p>" in shown
    states = {row["name"]: row["state"] for row in cli("--json", "templates", "list").json}
    assert states["web/index.html"] == "overridden"
    again = cli("templates", "eject", "web/index.html")
    assert again.code == 2
    assert "<p>mine</p>" in own.read_text()


def test_db_upgrade(cli, publication):
    first = cli("--json", "db", "upgrade").json
    assert first["before"] == ""
    assert cli("--json", "db", "upgrade").json == {
        "before": first["after"],
        "after": first["after"],
        "copy": None,
    }


def test_a_store_of_a_newer_publisher_ends_with_78(cli, publication):
    cli("db", "upgrade")
    with sqlite3.connect(publication / "var/publisher.db") as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    result = cli("articles", "list")
    assert result.code == 78
    assert "newer" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_broken_letter_is_told(cli, publication):
    own = publication / "templates/email"
    own.mkdir(parents=True)
    (own / "welcome.html").write_text(
        '{% extends "email/letter.html" %}{% block main %}{{ lien }}{% endblock %}'
    )
    result = cli("check")
    assert result.code == 78
    assert "templates/email/welcome.html" in result.err
    assert "lien" in result.err


def test_broken_pages_of_subscribing_are_told(cli, publication):
    own = publication / "templates/web"
    own.mkdir(parents=True)
    for name in ("subscribe.html", "confirm.html"):
        (own / name).write_text("{{ nothing.there }}")
        result = cli("check")
        assert (result.code, f"templates/web/{name}" in result.err) == (78, True)
        (own / name).unlink()


def test_an_unknown_look_is_named_with_the_nearest(cli, publication):
    with (publication / "schedules/morning.toml").open("a") as file:
        file.write('template = "newspapr"\n')
    result = cli("check")
    assert result.code == 78
    assert (
        "schedules/morning.toml: template: there is no templates/email/newspapr.html" in result.err
    )
    assert 'did you mean "newspaper"' in result.err


def test_a_subject_that_asks_for_what_no_story_has_is_located(cli, publication):
    with (publication / "schedules/morning.toml").open("a") as file:
        file.write('subject = "{{ lead.titel }}"\n')
    result = cli("check")
    assert result.code == 78
    assert "schedules/morning.toml: subject: a story has no attribute 'titel'" in result.err


def test_what_the_lint_would_hold_back_is_told_beforehand(cli, publication):
    (publication / "templates/email").mkdir(parents=True)
    (publication / "templates/email/newspaper.html").write_text(
        '{% extends "default/email/newspaper.html" %}'
        "{% block footer %}{{ super() }}<form></form>{% endblock %}"
    )
    result = cli("check")
    assert result.code == 78
    assert "schedules/morning.toml: template: the HTML part holds <form>" in result.err


def test_a_cover_that_is_not_there_is_named(cli, publication):
    feed = next((publication / "feeds").glob("*.toml"))
    table = '\n[podcast]\nimage = "cover.png"\ncategories = ["News: Daily News"]\n'
    feed.write_text(feed.read_text() + table)
    result = cli("check")
    assert result.code == 78
    assert f"feeds/{feed.name}: podcast.image: there is no picture cover.png here" in result.err
    (publication / "cover.png").write_bytes(b"\x89PNG")
    assert cli("check").code == 0


def test_a_logo_that_is_not_there_is_named(cli, publication):
    with (publication / "publisher.toml").open("a") as file:
        file.write('[theme.logo]\npicture = "logo.png"\nwidth = 200\nheight = 60\nalt = "T"\n')
    result = cli("check")
    assert result.code == 78
    assert "publisher.toml: theme.logo: there is no picture logo.png here" in result.err
