"""`editions`: an edition is held, edited, looked at and let go, and the mails carry it."""

import email
from email import policy

import pytest

REVIEW = "review = { required = true }\n"


@pytest.fixture
def ready(cli, publication):
    """Stories are in, two people wait for them, and editions wait for approval."""
    path = publication / "schedules/morning.toml"
    path.write_text(path.read_text() + REVIEW)
    cli("subscribers", "add", "ada@example.org", "--name", "Ada")
    cli("subscribers", "add", "bo@example.org", "--feed", "harbour")
    assert cli("collect").code == 0
    return cli


@pytest.fixture
def number(ready):
    """An edition of the ferry and the choir that waits."""
    return ready("--json", "send", "morning").json["id"]


@pytest.fixture
def ids(ready):
    rows = ready("--json", "articles", "list").json
    return {row["title"].split()[1]: row["id"] for row in rows}


@pytest.fixture
def mails(ready, publication):
    """Approve an edition, carry it, and read what arrived by address."""

    def read(number):
        assert ready("editions", "approve", number).code == 0
        assert ready("run", "--once", "--no-web").code == 0
        files = (publication / "var/outbox/new").glob("*")
        found = [email.message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]
        return {message["To"].addresses[0].addr_spec: message for message in found}

    return read


def text(message):
    return message.get_body(("plain",)).get_content()


def test_what_editors_did_is_what_the_mails_carry(ready, number, ids, mails, tmp_path):
    result = ready(
        *("--json", "editions", "edit", number, "--top", ids["choir"]),
        *("--title", ids["choir"], "Sing with us", "--standfirst", ids["choir"], "On Sunday."),
        *(
            "--key-points",
            ids["choir"],
            "First.",
            "--story-note",
            ids["ferry"],
            "Hear it at noon.",
        ),
        *("--key-points", ids["choir"], "Second.", "--note", "Good morning from the quay."),
    )
    assert result.code == 0, result.err
    row = result.json
    assert row["content_version"] == 2
    assert row["note"] == "Good morning from the quay."
    assert [story["title"] for story in row["stories"]] == [
        "Sing with us",
        "The ferry has a new bell",
    ]
    assert row["stories"][0]["edited"] == ["key_points", "standfirst", "title"]
    assert row["stories"][0]["feeds"] == ["culture"]
    assert row["stories"][1]["note"] == "Hear it at noon."
    assert row["changed_since"] == []
    out = tmp_path / "out"
    preview = ready(*("editions", "preview", number, "--for", "ada@example.org", "--out", out))
    assert preview.code == 0, preview.err
    sent = mails(number)
    ada = sent["ada@example.org"]
    assert ada["Subject"] == "Sing with us"
    body = text(ada)
    for words in ("Good morning from the quay.", "On Sunday.", "First.", "Second."):
        assert words in body
    assert body.index("Sing with us") < body.index("new bell") < body.index("Hear it at noon.")
    assert (out / "digest.txt").read_text() == body.replace("\r\n", "\n")
    assert sent["bo@example.org"]["Subject"] == "The ferry has a new bell"
    assert ready("--json", "editions", "show", number).json["subject"] == "Sing with us"


def test_the_preview_of_a_reader_s_copy_is_what_they_get(
    ready, number, ids, publication, tmp_path
):
    ready("editions", "edit", number, "--top", ids["choir"])
    shown = {}
    for address in ("ada@example.org", "bo@example.org"):
        ready("editions", "preview", number, "--for", address, "--out", tmp_path)
        shown[address] = (tmp_path / "digest.eml").read_bytes()
    ready("editions", "approve", number)
    ready("run", "--once", "--no-web")
    files = (publication / "var/outbox/new").glob("*")
    assert {path.read_bytes().replace(b"\n", b"\r\n") for path in files} == set(shown.values())


def test_a_preview_of_the_whole_edition_and_of_a_stranger(ready, number, tmp_path):
    whole = ready("--json", "editions", "preview", number, "--out", tmp_path / "out")
    assert whole.json["stories"] == ["The ferry has a new bell", "The choir sings on the quay"]
    stranger = ready(
        *("editions", "preview", number, "--for", "x@example.org", "--out", tmp_path / "x")
    )
    assert stranger.code == 1
    assert len(stranger.err.splitlines()) == 1
    ready("subscribers", "add", "late@example.org")
    late = ready(
        *("editions", "preview", number, "--for", "late@example.org", "--out", tmp_path / "x")
    )
    assert late.code == 1
    assert f"is not among the readers of edition {number}" in late.err
    assert not (tmp_path / "x").exists()


def test_a_hidden_story_is_in_no_mail_and_who_has_no_other_gets_none(ready, number, ids, mails):
    assert ready("editions", "edit", number, "--hide", ids["ferry"]).code == 0
    sent = mails(number)
    assert list(sent) == ["ada@example.org"]
    assert "new bell" not in text(sent["ada@example.org"])
    (row,) = ready("--json", "deliveries", number, "--state", "suppressed").json
    assert row["email"] == "bo@example.org"
    assert "hidden by the editors" in row["reason"]
    assert ready("--json", "send", "morning").json["state"] == "skipped"


def test_edits_are_made_in_the_order_written(ready, number, ids):
    bell, choir = ids["ferry"], ids["choir"]
    edits = (
        "--top",
        choir,
        "--top",
        bell,
        "--hide",
        choir,
        "--show",
        choir,
        "--after",
        bell,
        choir,
    )
    row = ready("--json", "editions", "edit", number, *edits).json
    assert [story["id"] for story in row["stories"]] == [choir, bell]
    assert not any(story["hidden"] for story in row["stories"])


def test_edits_are_all_made_or_none(ready, number, ids, publication):
    (publication / "articles/harbour/new.md").write_text("---\ntitle: Not in it\n---\nWords.\n")
    ready("collect")
    result = ready("editions", "edit", number, "--pin", ids["choir"], "--top", "not-in-it")
    assert result.code == 2
    assert "is not in this edition" in result.err
    assert ready("--json", "editions", "show", number).json["content_version"] == 1
    assert ready("editions", "edit", number, "--pin", "no-such-slug").code == 1
    assert ready("editions", "edit", number).code == 2
    both = ("--hide", ids["choir"], "--hide", ids["ferry"])
    assert "editions reject" in ready("editions", "edit", number, *both).err


def test_what_changed_at_the_source_shows_and_can_be_taken(ready, number, ids, publication):
    ready("editions", "edit", number, "--title", ids["choir"], "Ours")
    path = publication / "articles/culture/choir.md"
    path.write_text(path.read_text().replace("The quay is full.", "The quay is empty."))
    path = publication / "articles/harbour/ferry.md"
    path.write_text(path.read_text().replace("has a new bell", "has two new bells"))
    ready("collect", "--all")
    row = ready("--json", "editions", "show", number).json
    changed = {story["id"]: story["changed"] for story in row["stories"]}
    assert "title" in changed[ids["ferry"]]
    assert "key points" in changed[ids["choir"]]
    assert sorted(row["changed_since"]) == sorted(ids.values())
    assert "key points" in ready("editions", "show", number).out
    after = ready("--json", "editions", "edit", number, "--refresh", "all").json
    assert [story["title"] for story in after["stories"]] == [
        "The ferry has two new bells",
        "Ours",
    ]
    assert after["changed_since"] == []
    plain = ready("--json", "editions", "edit", number, "--original", ids["choir"]).json
    assert plain["stories"][1]["title"] == "The choir sings on the quay"
    ready("articles", "hide", ids["choir"])
    row = ready("--json", "editions", "show", number).json
    assert row["stories"][1]["changed"] == ["hidden"]


def test_only_an_edition_that_rests_is_edited(ready, number, ids):
    ready("editions", "approve", number)
    result = ready("editions", "edit", number, "--pin", ids["choir"])
    assert result.code == 1
    assert f"hold it first: `publisher editions hold {number}`" in result.err
    held = ready("editions", "hold", number)
    assert held.code == 0
    assert f"editions edit {number}" in held.err
    assert ready("editions", "edit", number, "--pin", ids["choir"]).code == 0
    ready("editions", "approve", number)
    ready("run", "--once", "--no-web")
    done = ready("editions", "edit", number, "--pin", ids["choir"])
    assert done.code == 1
    assert "is done" in done.err


def test_the_list_says_until_when_an_edition_waits_and_holding_stops_the_clock(ready, number):
    (row,) = ready("--json", "editions", "list").json
    assert row["waits_until"].endswith("Z")
    assert row["reason"] == ""
    assert row["waits_until"] in ready("editions", "list").out
    ready("editions", "hold", number, "--reason", "the mayor calls back")
    (row,) = ready("--json", "editions", "list").json
    assert (row["waits_until"], row["reason"]) == (None, "the mayor calls back")


def test_preview_of_a_schedule_is_for_those_who_get_it(ready, publication, tmp_path):
    ready("subscribers", "add", "pia@example.org", "--pending")
    out = tmp_path / "out"
    for address, reason in {
        "x@example.org": "no such subscriber",
        "pia@example.org": "is pending",
    }.items():
        result = ready("preview", "morning", "--for", address, "--out", out)
        assert result.code == 1
        assert reason in result.err
        assert len(result.err.splitlines()) == 1
    number = ready("--json", "send", "morning").json["id"]
    ready("editions", "approve", number)
    ready("run", "--once", "--no-web")
    result = ready("preview", "morning", "--for", "ada@example.org", "--out", out)
    assert result.code == 1
    assert "nothing is new to them" in result.err
    assert not out.exists()
    assert ready("preview", "morning", "--out", out).code == 0
