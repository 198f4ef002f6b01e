"""`subscribers`: people in, out, changed, and never revived by accident."""

import csv
import email
import io
from email import policy

import pytest

ROWS = """email,name,feeds,schedule,status
ada@example.org,Ada Lindqvist,harbour,morning,confirmed
bo@example.org,"Okafor, Bo",harbour culture,morning,pending
ada@EXAMPLE.org,Ada again,,,
nobody,,,,
chi@example.org,,nowhere,,
"""


@pytest.fixture
def people(cli):
    cli("subscribers", "add", "ada@example.org", "--name", "Ada", "--feed", "harbour")
    cli("subscribers", "add", "bo@example.org", "--pending")
    return cli


def test_add_subscribes_to_everything_public_by_default(cli):
    result = cli("--json", "subscribers", "add", "Ada@Example.org", "--timezone", "Europe/Lisbon")
    assert result.code == 0
    row = result.json
    assert row["email"] == "Ada@Example.org"
    assert row["status"] == "confirmed"
    assert row["timezone"] == "Europe/Lisbon"
    assert {(w["feed"], w["schedule"]) for w in row["subscriptions"]} == {
        ("harbour", "morning"),
        ("culture", "morning"),
    }
    assert row["joined"].endswith("Z")
    assert set(row) == {
        *("email", "name", "language", "timezone", "status", "by", "subscriptions", "joined")
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["add", "nobody"], "nobody"),
        (["add", "a@example.org", "--feed", "harbor"], "harbor"),
        (["add", "a@example.org", "--schedule", "gather"], "gather"),
        (["add", "a@example.org", "--timezone", "Mars/Base"], "Mars/Base"),
        (["show", "nobody@example.org"], "nobody@example.org"),
        (["set", "nobody@example.org", "--name", "x"], "nobody@example.org"),
        (["suppress", "nobody"], "nobody"),
    ],
)
def test_what_cannot_be_is_one_line(cli, words: list[str], expected: str):
    result = cli("subscribers", *words)
    assert result.code in {1, 2}
    assert result.out == ""
    assert expected in result.err
    assert len(result.err.splitlines()) == 1


def test_list_by_status_and_feed(people):
    everybody = people("--json", "subscribers", "list").json
    assert [row["email"] for row in everybody] == ["ada@example.org", "bo@example.org"]
    pending = people("--json", "subscribers", "list", "--status", "pending").json
    assert [row["email"] for row in pending] == ["bo@example.org"]
    culture = people("--json", "subscribers", "list", "--feed", "culture").json
    assert [row["email"] for row in culture] == ["bo@example.org"]


def test_list_for_people_is_aligned_and_ends_with_a_summary(people):
    result = people("subscribers", "list")
    heading, first, second = result.out.splitlines()
    assert heading.split() == ["email", "name", "status", "gets", "zone"]
    assert first.index("confirmed") == second.index("pending") == heading.index("status")
    assert result.err == "2 subscribers\n"


def test_nothing_of_theirs_speaks_to_the_terminal(cli):
    cli("subscribers", "add", "a@example.org", "--name", "\x1b[31mred\x1b[0m [bold]x[/bold]")
    listed = cli("subscribers", "list").out
    assert "\x1b" not in listed
    assert "[bold]x[/bold]" in listed


def test_confirm(people):
    assert (
        people("--json", "subscribers", "confirm", "bo@example.org").json["status"] == "confirmed"
    )


def test_who_left_is_not_brought_back(people):
    assert people("subscribers", "unsubscribe", "ada@example.org").code == 0
    assert people("subscribers", "confirm", "ada@example.org").code == 1
    assert people("subscribers", "add", "ada@example.org").code == 1
    shown = people("--json", "subscribers", "show", "ada@example.org").json
    assert shown["status"] == "unsubscribed"


def test_by_feed_instead_of_by_mail(people):
    assert people("--json", "subscribers", "show", "ada@example.org").json["by"] == "mail"
    changed = people("--json", "subscribers", "set", "ada@example.org", "--by", "feed").json
    assert changed["by"] == "feed"
    assert "their editions are put in their feed" in people("explain", "ada@example.org").out
    people("collect")
    people("send", "morning")
    ledger = people("--json", "deliveries", "1").json
    assert [(row["transport"], row["reason"]) for row in ledger] == [("feed", "in their feed")]
    assert "edition 1: accepted: in their feed" in people("explain", "ada@example.org", "1").out
    exported = people("subscribers", "export").out
    assert [row["by"] for row in csv.DictReader(io.StringIO(exported))] == ["feed", "mail"]
    people("subscribers", "set", "ada@example.org", "--by", "mail")
    assert people("--json", "subscribers", "show", "ada@example.org").json["by"] == "mail"


def test_an_import_says_how_people_are_reached(cli, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("email,by\nada@example.org,Feed\nbo@example.org,\nchi@example.org,pigeon\n")
    result = cli("subscribers", "import", str(file))
    assert result.code == 1
    assert "pigeon: not a way to reach anybody; there are mail, feed" in result.out
    listed = cli("--json", "subscribers", "list").json
    assert [(row["email"], row["by"]) for row in listed] == [
        ("ada@example.org", "feed"),
        ("bo@example.org", "mail"),
    ]


def test_one_unknown_address_does_not_stop_the_others(people):
    result = people("subscribers", "unsubscribe", "x@example.org", "ada@example.org")
    assert result.code == 1
    assert "ada@example.org is unsubscribed" in result.err


def test_set(people):
    changed = people(
        *(
            "--json",
            "subscribers",
            "set",
            "ada@example.org",
            "--name",
            "Ada L",
            "--language",
            "de",
        ),
        *("--feed", "culture", "--status", "paused"),
    ).json
    assert changed["name"] == "Ada L"
    assert changed["language"] == "de"
    assert changed["status"] == "paused"
    assert changed["subscriptions"] == [{"feed": "culture", "schedule": "morning"}]


def test_set_with_something_wrong_changes_nothing(people):
    result = people("subscribers", "set", "ada@example.org", "--name", "New", "--timezone", "Mars")
    assert result.code == 2
    assert people("--json", "subscribers", "show", "ada@example.org").json["name"] == "Ada"


def test_suppress_and_undo(people):
    assert people("subscribers", "suppress", "ada@example.org", "--reason", "asked").code == 0
    shown = people("--json", "subscribers", "show", "ada@example.org").json
    assert shown["status"] == "suppressed"
    assert people("subscribers", "suppress", "ada@example.org", "--undo").code == 0
    shown = people("--json", "subscribers", "show", "ada@example.org").json
    assert shown["status"] == "confirmed"
    assert people("subscribers", "suppress", "ada@example.org", "--undo").code == 1


def test_import_reports_row_by_row(cli, tmp_path):
    (tmp_path / "people.csv").write_text(ROWS)
    result = cli("--json", "subscribers", "import", tmp_path / "people.csv")
    assert result.code == 1
    verdicts = [(row["line"], row["verdict"]) for row in result.json]
    assert verdicts == [
        (2, "added"),
        (3, "added"),
        (4, "duplicate"),
        (5, "refused"),
        (6, "refused"),
    ]
    assert "5 rows: 2 added, 1 duplicate, 2 refused" in result.err


def test_import_for_people_lists_what_went_wrong(cli, tmp_path):
    (tmp_path / "people.csv").write_text(ROWS)
    result = cli("subscribers", "import", tmp_path / "people.csv")
    assert "nobody" in result.out
    assert "bo@example.org" not in result.out


def test_import_of_a_file_without_addresses_is_refused(cli, tmp_path):
    (tmp_path / "people.csv").write_text("name\nAda\n")
    result = cli("subscribers", "import", tmp_path / "people.csv")
    assert result.code == 2
    assert "no e-mail column" in result.err


def test_export_is_what_import_reads(cli, tmp_path, anywhere, publication):
    (tmp_path / "people.csv").write_text(ROWS)
    cli("subscribers", "import", tmp_path / "people.csv")
    exported = cli("subscribers", "export")
    assert exported.code == 0
    rows = list(csv.DictReader(io.StringIO(exported.out)))
    assert [row["email"] for row in rows] == ["ada@example.org", "bo@example.org"]
    assert rows[1]["name"] == "Okafor, Bo"
    assert set(rows[1]["feeds"].split()) == {"harbour", "culture"}
    assert rows[1]["status"] == "pending"
    before = cli("--json", "subscribers", "list").json
    (publication / "var/publisher.db").rename(tmp_path / "old.db")
    (tmp_path / "exported.csv").write_text(exported.out)
    assert cli("subscribers", "import", tmp_path / "exported.csv").code == 0
    after = cli("--json", "subscribers", "list").json
    assert [{**row, "joined": ""} for row in after] == [{**row, "joined": ""} for row in before]


def test_export_to_a_file(people, tmp_path):
    result = people("subscribers", "export", tmp_path / "out.csv", "--status", "pending")
    assert result.out == ""
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 2
    assert "wrote 1 subscriber" in result.err


def test_erase_asks_first(people, shell, publication):
    refused = shell("-C", publication, "subscribers", "erase", "ada@example.org", input=b"n\n")
    assert refused.code == 130
    assert people("--json", "subscribers", "show", "ada@example.org").code == 0
    assert people("subscribers", "erase", "ada@example.org", "--yes").code == 0
    assert people("subscribers", "show", "ada@example.org").code == 1


def outbox(publication):
    files = (publication / "var/outbox/new").glob("*")
    return [email.message_from_bytes(one.read_bytes(), policy=policy.default) for one in files]


def test_an_invitation_asks_once_an_hour_and_only_who_waits(cli, publication):
    first = cli("subscribers", "add", "ada@example.org", "--invite", "--feed", "harbour")
    assert (first.code, "is pending; an invitation is sent" in first.err) == (0, True)
    (letter,) = outbox(publication)
    assert letter["To"] == "ada@example.org"
    assert letter["Subject"] == "Please confirm: The Test Gazette"
    again = cli("--json", "subscribers", "add", "ada@example.org", "--invite")
    assert again.json["status"] == "pending"
    assert len(outbox(publication)) == 1 + ("an invitation is sent" in again.err)
    before = len(outbox(publication))
    cli("subscribers", "add", "bo@example.org")
    known = cli("subscribers", "add", "bo@example.org", "--invite")
    assert "bo@example.org is confirmed" in known.err
    cli("subscribers", "unsubscribe", "bo@example.org")
    assert cli("subscribers", "add", "bo@example.org", "--invite").code == 1
    assert len(outbox(publication)) == before


def test_confirming_by_hand_sends_nothing_and_says_so(people, publication):
    result = people("subscribers", "confirm", "bo@example.org")
    assert result.err == "bo@example.org is confirmed; no mail was sent\n"
    assert outbox(publication) == []


def test_an_invitation_waits_for_a_relay_that_is_down(cli, publication):
    path = publication / "publisher.toml"
    path.write_text(
        path.read_text()
        + '[mail]\ntransport = "r"\n[transports.r]\ntype = "smtp"\nhost = "127.0.0.1"\nport = 1\n'
        + 'security = "none"\n'
    )
    result = cli("subscribers", "add", "ada@example.org", "--invite")
    assert result.code == 0
    assert "127.0.0.1:1" in result.err
    assert "an invitation is kept, and sent when the relay takes it" in result.err
    assert cli("--json", "subscribers", "show", "ada@example.org").json["status"] == "pending"
