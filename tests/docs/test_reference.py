"""Undocumented is a failing test: the generated reference is current and names everything."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from publisher.formats import digest
from publisher.kit.parts import Marks
from publisher.kit.templating.lines import OWN_FILTERS
from publisher.model.messages import SlotKind
from publisher.model.views import RECIPIENT_VALUES, SELECTION_VALUES, LetterView, StoryView
from tests.formats.editions import edition, templates

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
KINDS = ("sources", "enrich", "formats", "delivery", "engine")


def test_the_generated_pages_are_current():
    command = [sys.executable, str(DOCS / "generate.py"), "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"`make docs-reference` is due\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("kind", KINDS)
def test_every_adapter_has_its_keys_in_the_reference(kind: str):
    page = (DOCS / "reference" / "adapters.md").read_text()
    files = sorted((ROOT / "publisher" / kind).glob("[a-z]*.py"))
    adapters = [path for path in files if "class Options(" in path.read_text()]
    missing = [a.stem for a in adapters if f"### {a.stem.removeprefix('outlet_')}\n" not in page]
    assert not missing


def test_every_name_in_templates_is_in_the_reference():
    page = (DOCS / "reference" / "templates.md").read_text()
    marks = Marks("", (*SELECTION_VALUES, *RECIPIENT_VALUES), SlotKind.HTML)
    sight = {
        *digest.create(None, templates())._context(edition(), marks),
        *OWN_FILTERS,
        *marks.fields,
    }
    sight |= {field.name for field in fields(StoryView)} - {
        "content_hash",
        "edited",
        "hidden",
        "pinned",
    }
    sight |= {field.name for field in fields(LetterView)} - {"kind"}
    assert not {name for name in sight if not re.search(rf"`(\w+\.)?{name}\b", page)}


def test_no_command_or_key_is_without_a_word():
    """A row whose last cell is empty says nothing to the person who looks it up."""
    empty = [
        f"{name}: {line}"
        for name in ("commands.md", "settings.md", "adapters.md", "lint.md", "lint-documents.md")
        for line in (DOCS / "reference" / name).read_text().splitlines()
        if line.startswith("| `") and line.replace(" ", "").endswith("||")
    ]
    assert not empty


def test_every_decision_is_listed_and_has_its_four_parts():
    index = (DOCS / "adr" / "index.md").read_text()
    decisions = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert decisions
    numbers = [int(path.name.partition("-")[0]) for path in decisions]
    assert numbers == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text()
        assert path.stem in index
        assert text.startswith(f"# {int(path.name.partition('-')[0])}. "), path.name
        parts = [line for line in text.splitlines() if line.startswith("## ")]
        assert parts == ["## Context", "## Decision", "## Status", "## Consequences"], path.name


def test_every_page_is_reachable():
    pages = {path for path in DOCS.rglob("*.md") if "_build" not in path.parts}
    listed = {DOCS / "index.md"}
    for page in pages:
        for block in page.read_text().split("```{toctree}")[1:]:
            names = [line.strip() for line in block.split("```", 1)[0].splitlines()]
            listed |= {page.parent / f"{name}.md" for name in names if name and name[0] != ":"}
    assert pages == listed
