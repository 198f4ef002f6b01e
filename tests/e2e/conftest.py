"""A whole publication in a folder, driven by its command line as an operator would."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from publisher.cli.main import run

COMMAND = [sys.executable, "-m", "publisher"]
LONG = 120


@dataclass
class Operator:
    """Types commands into one publication's folder."""

    folder: Path

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            [*COMMAND, "-C", str(self.folder), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NO_COLOR": "1"},
        )

    def types(self, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end and check its exit code."""
        done = subprocess.run(
            [*COMMAND, "-C", str(self.folder), *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONG,
            env={**os.environ, "NO_COLOR": "1"},
            check=False,
        )
        assert done.returncode == expect, f"{words}: {done.stdout}\n{done.stderr}"
        return done

    def asks(self, *words: str) -> object:
        """Run a command with --json and return what it answered."""
        return json.loads(self.types("--json", *words).stdout)

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        """Change one of the publication's files."""
        path = self.folder / name
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


@dataclass
class Colleague(Operator):
    """Types the same words to the same command line, without the seconds that new processes take."""

    capture: pytest.CaptureFixture[str]

    def types(self, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end and check its exit code."""
        self.capture.readouterr()
        code = run(["-C", str(self.folder), *words])
        out, err = self.capture.readouterr()
        assert code == expect, f"{words}: {out}\n{err}"
        return subprocess.CompletedProcess(words, code, out, err)


@pytest.fixture
def colleague(operator, capfd, monkeypatch) -> Colleague:
    """The same publication, for what needs no process of its own."""
    # What the internet says of names that are examples is asked by nobody.
    monkeypatch.setattr("publisher.kit.dns.txt", lambda _name: None)
    return Colleague(operator.folder, capfd)


@pytest.fixture
def operator(tmp_path) -> Operator:
    """A fresh starter publication."""
    here = Operator(tmp_path)
    here.types("init", "gazette")
    return Operator(tmp_path / "gazette")
