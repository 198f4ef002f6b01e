"""`run`: the main job in processes of its own, from start to signal."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIRST = """
action = "digest"
title = "Morning digest"
when = "every weekday at 07:30"
first = "now"
"""
PUBLISH = 'action = "publish"\nwhen = "every 15m"\nfirst = "now"\n'


@pytest.fixture
def due(publication):
    """A publication whose first digest is due at once, with two people who wait for it."""
    (publication / "schedules/morning.toml").write_text(FIRST)
    (publication / "schedules/write.toml").write_text(PUBLISH)
    (publication / "people.csv").write_text("email\nada@example.org\nbo@example.org\n")
    path = publication / "publisher.toml"
    path.write_text(path.read_text() + '[subscribers]\nsamples = "people.csv"\n')
    return publication


@contextlib.contextmanager
def running(root: Path, *options: str):
    """A `run` that serves, and its standard error line by line."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "publisher", "-C", str(root), "run", *options],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """Return the first line of standard error that matches."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if re.search(pattern, line):
            return line
    raise AssertionError(f"{pattern!r} never came; there was: {''.join(seen)}")


def outbox(root: Path) -> list[Path]:
    return sorted((root / "var/outbox/new").glob("*"))


def test_once_does_all_that_is_due_and_the_second_time_nothing(due, shell):
    first = shell("-C", due, "run", "--once")
    assert first.code == 0, first.err
    assert first.out == ""
    assert "edition 1" in first.err
    assert str(due / "var/outbox") in first.err
    assert str(due / "public") in first.err
    assert (due / "public/feeds/harbour.rss").is_file()
    sent = outbox(due)
    assert len(sent) == 2
    second = shell("-C", due, "run", "--once")
    assert second.code == 0
    assert "nothing was due" in second.err
    assert outbox(due) == sent


def test_once_in_json(due, shell):
    result = shell("--json", "-C", due, "run", "--once")
    assert result.code == 0
    assert [run["schedule"] for run in result.json["runs"]] == ["gather", "write", "morning"]
    assert [edition["complete"] for edition in result.json["editions"]] == [True]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_and_ends_with_0(due, number: signal.Signals):
    with running(due, "--bind", "127.0.0.1:0") as process:
        address = re.search(r"http://\S+/", read_until(process, "serving http"))
        assert address is not None
        read_until(process, "2 accepted of 2 readers")
        with urllib.request.urlopen(f"{address[0]}feeds/harbour.rss", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
    assert len(outbox(due)) == 2


def test_metrics_may_have_an_address_of_their_own(due):
    file = due / "publisher.toml"
    file.write_text(file.read_text() + '[web]\nmetrics = "127.0.0.1:0"\n')
    with running(due, "--bind", "127.0.0.1:0") as process:
        told = read_until(process, "serving http")
        address = re.search(r"metrics at (http://\S+/)", told)
        assert address is not None, told
        with urllib.request.urlopen(f"{address[1]}metrics", timeout=10) as answer:
            assert b"publisher_store_up 1.0" in answer.read()
        process.terminate()
        assert process.wait(timeout=20) == 0


def test_without_web_it_serves_nothing(due):
    with running(due, "--no-web") as process:
        assert "serving no pages" in read_until(process, "serving")
        process.terminate()
        assert process.wait(timeout=20) == 0


def test_a_port_in_use_ends_with_69_before_anything_is_done(due, shell):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = shell("-C", due, "run", "--bind", f"127.0.0.1:{port}")
    assert result.code == 69
    assert f"127.0.0.1:{port}" in result.err
    assert len(result.err.splitlines()) == 1
    assert outbox(due) == []


def test_an_invalid_edit_keeps_the_old_definitions_and_says_so(due):
    with running(due, "--no-web") as process:
        read_until(process, "accepted")
        (due / "feeds/harbour.toml").write_text('titel = "x"\n')
        process.send_signal(signal.SIGHUP)
        line = read_until(process, "the old ones stay in force")
        assert 'unknown key; did you mean "title"' in line
        process.terminate()
        assert process.wait(timeout=20) == 0


def test_two_processes_send_each_copy_once(due):
    with running(due, "--no-web") as one, running(due, "--no-web") as other:
        read_until(one, "serving")
        read_until(other, "serving")
        for process in (one, other):
            process.terminate()
        assert [process.wait(timeout=20) for process in (one, other)] == [0, 0]
    assert len(outbox(due)) in {0, 2}
    subprocess.run(
        [sys.executable, "-m", "publisher", "-C", str(due), "run", "--once"],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert len(outbox(due)) == 2
