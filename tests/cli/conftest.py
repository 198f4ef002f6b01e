"""A small publication, and the command line called in this process or in one of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from publisher.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "publisher.toml": """
[publication]
title = "The Test Gazette"
url = "https://gazette.example/"
timezone = "Europe/Berlin"
postal_address = "1 Quay Street"
contact = "editor@gazette.example"
""",
    "feeds/harbour.toml": """
title = "Harbour"
[[sources]]
type = "folder"
path = "articles/harbour"
""",
    "feeds/culture.toml": """
title = "Culture"
[[sources]]
type = "folder"
path = "articles/culture"
""",
    "schedules/morning.toml": """
action = "digest"
title = "Morning digest"
when = "every weekday at 07:30"
""",
    "schedules/gather.toml": """
action = "collect"
when = "every 15m"
first = "now"
""",
    "articles/harbour/ferry.md": """---
title: The ferry has a new bell
date: 2026-03-02T08:00:00+01:00
tags: [ferries]
---
The old bell cracked in the frost of last winter. The new one was cast from the same bronze.

It rings a tone lower than before, and the pilots say that it carries further over the water.
""",
    "articles/culture/choir.md": """---
title: The choir sings on the quay
date: 2026-03-01T08:00:00+01:00
key_points: [The choir sings., The quay is full.]
---
Forty people came to the quay on Sunday to hear the choir sing the songs of the rope works.
""",
}


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Call = Callable[..., Result]


@pytest.fixture(autouse=True)
def _nobody_asks_dns(monkeypatch):
    """Let no test depend on what the internet says of names that are examples."""
    monkeypatch.setattr("publisher.kit.dns.txt", lambda _name: None)


@pytest.fixture
def publication(tmp_path: Path) -> Path:
    """A publication of two feeds, one story in each, that nothing has run yet."""
    root = tmp_path / "gazette"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return root


@pytest.fixture
def anywhere(capfdbinary: pytest.CaptureFixture[bytes]) -> Call:
    """Call the command line in this process."""

    def call(*arguments: object) -> Result:
        capfdbinary.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return Result(code, out.decode(), err.decode())

    return call


@pytest.fixture
def cli(publication: Path, anywhere: Call) -> Call:
    """Call the command line on the publication."""
    return lambda *arguments: anywhere("-C", publication, *arguments)


@pytest.fixture
def shell() -> Call:
    """Call the command line in a process of its own."""

    def call(*arguments: object, input: bytes = b"", **settings: Any) -> Result:  # noqa: A002
        done = subprocess.run(
            [sys.executable, "-m", "publisher", *map(str, arguments)],
            input=input,
            capture_output=True,
            check=False,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            **settings,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call
