"""`schedules`: slots to come, pauses, and what became of runs."""

import pytest


def test_next_gives_slots_in_the_schedule_s_zone_with_their_offset(cli):
    rows = cli(
        *("--json", "schedules", "next", "morning", "--count", "3"),
        *("--from", "2026-03-27T00:00:00Z"),
    ).json
    assert rows == [
        {"slot": "2026-03-27T07:30:00+01:00", "utc": "2026-03-27T06:30:00Z", "note": ""},
        {"slot": "2026-03-30T07:30:00+02:00", "utc": "2026-03-30T05:30:00Z", "note": ""},
        {"slot": "2026-03-31T07:30:00+02:00", "utc": "2026-03-31T05:30:00Z", "note": ""},
    ]


@pytest.mark.parametrize("start", ["2026-03-27T07:30", "2026-03-27T07:30:00+01:00", "2026-03-27"])
def test_from_counts_itself_and_is_local_without_an_offset(cli, start: str):
    rows = cli("schedules", "next", "morning", "--count", "1", "--from", start, "--json").json
    assert rows[0]["slot"] == "2026-03-27T07:30:00+01:00"


def test_next_says_why_a_slot_is_special(cli, publication):
    path = publication / "schedules/morning.toml"
    path.write_text(
        'action = "digest"\nwhen = "daily at 02:30"\nskip = { dates = ["2026-03-30"] }\n'
    )
    rows = cli(
        "--json", "schedules", "next", "morning", "--count", "2", "--from", "2026-03-29"
    ).json
    assert "02:30 does not exist" in rows[0]["note"]
    assert rows[1]["note"] == "skipped: rests on 2026-03-30"


def test_next_of_what_is_over_is_empty(cli, publication):
    (publication / "schedules/morning.toml").write_text(
        'action = "digest"\nwhen = "once on 2020-01-01 at 09:00"\n'
    )
    assert cli("--json", "schedules", "next", "morning").json == []
    assert "never again" in cli("schedules", "next", "morning").err


def test_list_names_rule_and_next_slot(cli):
    rows = {row["schedule"]: row for row in cli("--json", "schedules", "list").json}
    assert rows["morning"]["action"] == "digest"
    assert rows["morning"]["rule"] == "weekdays at 07:30"
    assert rows["morning"]["feeds"] == ["culture", "harbour"]
    assert rows["morning"]["state"] == "new"
    assert "T07:30:00+" in rows["morning"]["next"]


def test_pause_and_resume_also_before_the_first_run(cli):
    assert cli("schedules", "pause", "morning", "--until", "2030-01-01T00:00").code == 0
    rows = {row["schedule"]: row for row in cli("--json", "schedules", "list").json}
    assert rows["morning"]["state"] == "paused"
    assert rows["morning"]["paused_until"] == "2029-12-31T23:00:00Z"
    assert cli("schedules", "resume", "morning").code == 0
    rows = {row["schedule"]: row for row in cli("--json", "schedules", "list").json}
    assert rows["morning"]["state"] == "on"


def test_history_is_empty_before_anything_ran(cli):
    assert cli("--json", "schedules", "history").json == []
    assert cli("schedules", "history").err == "0 runs\n"
