"""Progress bars stand on terminals only; nothing of them reaches a pipe."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "texts.jsonl"
    row = {"title": "Ferry", "text": "The ferry returned. It carries books. People cheered."}
    path.write_text("".join(json.dumps({"id": n, **row}) + "\n" for n in range(200)))
    return path


def key_points(texts: Path, stderr: int) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "publisher", "key-points", str(texts)],
        stdout=subprocess.PIPE,
        stderr=stderr,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"},
    )


def read_all(descriptor: int) -> str:
    """Read a terminal until its other side is closed, which is an error on Linux."""
    parts = []
    try:
        while part := os.read(descriptor, 65_536):
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts).decode()


def test_a_terminal_sees_the_bar_and_a_pipe_the_json(texts):
    master, slave = pty.openpty()
    done = key_points(texts, slave)
    os.close(slave)
    shown = read_all(master)
    os.close(master)
    assert "Key points" in shown
    assert "200/200" in shown
    assert "200 texts" in shown
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 200


def test_a_pipe_sees_the_summary_alone(texts):
    done = key_points(texts, subprocess.PIPE)
    assert done.stderr == b"200 texts\n"
