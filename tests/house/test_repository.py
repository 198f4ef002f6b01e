"""The repository speaks of the product, in its own words, and names no machine."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = {".png", ".jpg", ".gif", ".webp", ".ico", ".woff2", ".gz", ".zip"}

# Folders at the root of somebody's machine; tracked files work anywhere.
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|root|home/[a-z]+)/")
INDEX_ADDRESS = re.compile(r"index-url|https?://[^ ]+/(simple|packages)/")
# The vocabulary is closed (docs/reference/glossary.md); these words are refused.
REFUSED_WORD = re.compile(r"\b(campaigns?|messengers?|notifiers?|backends?)\b", re.IGNORECASE)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")

# Files in which a refused word is right, each with its reason.
MAY_SAY: dict[str, str] = {
    "docs/reference/glossary.md": "lists the words that are not used",
    "pyproject.toml": "build-backend is a standard key",
    "publisher/kit/feed_names.py": "namespaces of other people's documents",
    "tests/house/test_repository.py": "names what it looks for",
}


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [name for name in names if Path(name).suffix not in BINARY]


def hits(names: list[str], pattern: re.Pattern[str]) -> Iterator[str]:
    for name in names:
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                yield f"{name}:{number}: {line.strip()[:120]}"


def test_no_machine_paths(tracked: list[str]):
    assert not list(hits(tracked, MACHINE_PATH))


def test_no_package_index_addresses(tracked: list[str]):
    looked_at = [name for name in tracked if not name.startswith("tests/house/")]
    packaging = re.compile(r"requirements/|pyproject\.toml|Makefile|\.ci/|lock|\.conf$")
    assert not list(hits([n for n in looked_at if packaging.search(n)], INDEX_ADDRESS))


def test_only_the_words_of_the_glossary(tracked: list[str]):
    places = ("publisher/", "templates/", "docs/", "feeds/", "schedules/", "articles/")
    ours = [n for n in tracked if n.startswith(places) or "/" not in n]
    assert not list(hits([name for name in ours if name not in MAY_SAY], REFUSED_WORD))


def test_nothing_is_left_unfinished(tracked: list[str]):
    code = [name for name in tracked if name.endswith(".py") and name not in MAY_SAY]
    assert not list(hits(code, UNFINISHED))


def test_secrets_and_state_are_not_tracked(tracked: list[str]):
    state = ("var/", "public/", "secrets/", ".venv/")
    assert not [name for name in tracked if name.startswith(state)]


def test_every_pinned_requirement_has_a_hash():
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        blocks = re.split(r"\n(?=\S)", path.read_text())
        pins = [block for block in blocks if not block.startswith("#")]
        assert pins
        assert not [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin], path
