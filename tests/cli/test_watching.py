"""An edition is watched while it is sent, and its sheet read, from the process that sends or another."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.app import App
from publisher.app.sheets import sheet_of
from publisher.cli.watching import Looking, View
from publisher.errors import StoreBusy
from publisher.model.editions import EditionId

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sent(cli):
    """Edition 1 went to three readers; one address cannot be written to."""
    for address in ("ada@example.org", "bo@example.org", "cy@other.example"):
        cli("subscribers", "add", address)
    cli("collect")
    assert cli("send", "morning").code == 0
    return cli


def test_the_sheet_is_part_of_show(sent):
    row = sent("--json", "editions", "show", 1).json
    assert row["counts"]["accepted"] == 3
    assert row["balance"] == {
        "audience": 3,
        "accepted": 3,
        "failed": {"count": 0, "reasons": [], "other_reasons": 0},
        "suppressed": {"count": 0, "reasons": [], "other_reasons": 0},
        "uncertain": {"count": 0, "reasons": [], "other_reasons": 0},
        "under_way": {
            "count": 0,
            "queued": 0,
            "claimed": 0,
            "sending": 0,
            "deferred": {"count": 0, "reasons": [], "other_reasons": 0, "next": None},
        },
        "missing": 0,
    }
    assert [one["transport"] for one in row["transports"]] == ["outbox"]
    assert [(one["domain"], one["readers"]) for one in row["domains"]] == [
        ("example.org", 2),
        ("other.example", 1),
    ]
    assert row["errors"] == {"first": None, "last": None}
    assert row["started"] <= row["finished"]
    told = sent("editions", "show", 1).out
    assert "      3  accepted\n" in told
    assert "      3  readers      all accounted for\n" in told


def test_following_what_has_ended_shows_it_once(sent):
    result = sent("--json", "editions", "show", 1, "--follow")
    (row,) = result.lines
    assert row["id"] == 1
    assert row["balance"]["accepted"] == 3
    plain = sent("editions", "show", 1, "--follow")
    assert plain.err == "edition 1: 3 of 3, done, 3 accepted\n"
    assert "all accounted for" in plain.out
    assert sent("editions", "show", 404, "--follow").code == 1


def test_deliveries_are_listed_by_domain(sent):
    rows = sent("--json", "deliveries", 1, "--domain", "Example.ORG").json
    assert [row["email"] for row in rows] == ["ada@example.org", "bo@example.org"]
    result = sent("deliveries", 1, "--domain", "other.example", "--state", "accepted")
    heading, row = result.out.splitlines()
    assert heading.split() == ["email", "state", "attempts", "transport", "at", "reason"]
    assert row.split()[:4] == ["cy@other.example", "accepted", "1", "outbox"]
    assert result.err.startswith("1 delivery of 3; edition 1 is complete")
    assert sent("--json", "deliveries", 1, "--domain", "no.example").json == []


def test_a_terminal_sees_the_live_view(sent, publication):
    master, slave = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "publisher", "editions", "show", "1", "--follow"],
        stdout=slave,
        stderr=slave,
        check=False,
        cwd=publication,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "60"},
    )
    os.close(slave)
    parts = []
    try:
        while part := os.read(master, 65_536):
            parts.append(part)
    except OSError:
        pass
    os.close(master)
    shown = b"".join(parts).decode()
    assert done.returncode == 0
    assert "Edition 1 · The ferry has a new bell" in shown
    assert "3 of 3" in shown


class Staged:
    """The store it is given, but for being busy, and for what it says is being sent."""

    def __init__(self, store, busy=False):
        self._store = store
        self.busy = busy
        self.held = []

    def sending(self):
        return self.held

    def __getattr__(self, name):
        if self.busy:
            raise StoreBusy("store", "locked")
        return getattr(self._store, name)


@pytest.fixture
def app(sent, publication):
    opened = App.open(publication)
    yield opened
    opened.close()


def drawn(app, **more):
    pictures = []
    view = View(app, "Sending", draw=pictures.append, size=lambda: (80, 24), **more)
    return view, pictures


def test_the_view_shows_the_edition_asked_for(app):
    view, pictures = drawn(app, edition=EditionId(1))
    view.step()
    assert pictures[-1][0].plain == "Edition 1 · The ferry has a new bell"


def test_the_view_shows_other_work_until_something_is_sent_for_more_than_a_moment(app):
    app.__dict__["store"] = staged = Staged(app.store)
    view, pictures = drawn(app, edition=None)
    view.advance(3, 12, "harbour")
    view.step()
    assert pictures[-1][0].plain == "Sending  ━━━─────────  3 of 12  harbour"
    staged.held = [EditionId(1)]
    view.step()
    assert pictures[-1][0].plain.startswith("Sending")
    view.step()
    assert pictures[-1][0].plain.startswith("Edition 1")
    staged.held = []
    view.step()
    assert pictures[-1][0].plain.startswith("Sending")


def test_a_busy_store_ends_no_view(app):
    pictures = []
    app.__dict__["store"] = staged = Staged(app.store, busy=True)

    def draw(lines):
        pictures.append(lines)
        staged.busy = False
        if lines:
            view.stop()

    view = View(app, "Sending", EditionId(1), draw, lambda: (80, 24))
    view.run()
    assert [bool(lines) for lines in pictures] == [False, True]


def test_a_provider_that_asked_for_less_is_marked(app):
    now = app.clock.now()
    app.store.slow_down("outbox other.example", 10.0, 8.0, now)
    app.store.slow_down("elsewhere example.org", 10.0, 8.0, now)
    left = {one.domain: one.left for one in sheet_of(app, EditionId(1)).domains}
    assert left["example.org"] == 1.0
    assert left["other.example"] == pytest.approx(0.5, abs=0.05)


def test_a_look_counts_first_and_keeps_what_is_dear(app):
    looking = Looking(app, EditionId(1))
    assert looking.look().domains == ()
    whole = looking.look(whole=True)
    assert len(whole.domains) == 2
    assert looking.look().domains is whole.domains
    assert looking.pause >= 0.5
