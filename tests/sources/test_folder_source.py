"""Stories in a folder: every form, every key, and nothing one bad file can do to the others."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.errors import FetchError
from publisher.model.articles import SourceState
from publisher.ports import SourceContext
from publisher.registry import load

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
STORY = """---
title: The old crane
date: 2026-11-20T07:30:00+01:00
updated: 2026-11-21
slug: crane
id: story-7
tags: [harbour, cranes]
authors: [Ada, Bob]
language: en
summary: It turns again.
image: crane.png
key_points: [It turns., It lifts.]
read_also:
  - {title: Another, url: "https://x.example/a"}
enclosures:
  - {url: "https://x.example/a.mp3", type: audio/mpeg, length: 123}
priority: 4
mood: happy
---
It lifted a **piano**.

| a | b |
|---|---|
| 1 | 2 |
"""


@pytest.fixture
def shelf(tmp_path):
    (tmp_path / "articles").mkdir()
    return tmp_path / "articles"


def collect(shelf, state=None):
    module = load("sources", "folder")
    context = SourceContext(
        key="folder:articles",
        root=shelf.parent,
        fetcher=None,
        language="en",
        base_url="https://g.example/",
    )
    source = module.create(module.Options(path="articles"), context)
    return source.collect(state or SourceState(key="folder:articles"), NOON)


def test_all_keys_of_the_contract(shelf):
    (shelf / "crane.md").write_text(STORY)
    (shelf / "crane.png").write_bytes(b"\x89PNG")
    (article,) = collect(shelf).articles
    assert article.external_id == "story-7"
    assert article.title == "The old crane"
    assert article.published == datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    assert article.updated is not None
    assert (article.slug, article.language, article.priority) == ("crane", "en", 4)
    assert article.tags == ("harbour", "cranes")
    assert article.authors == ("Ada", "Bob")
    assert article.key_points == ("It turns.", "It lifts.")
    assert article.read_also[0].url == "https://x.example/a"
    assert article.enclosures[0].length == 123
    assert article.image == "https://g.example/media/articles/crane.png"
    assert article.attributes["mood"] == "happy"
    assert "<strong>piano</strong>" in article.html
    assert "<table>" in article.html


def test_toml_front_matter_and_a_draft(shelf):
    (shelf / "a.md").write_text('+++\ntitle = "A"\ndraft = true\n+++\nText.\n')
    (article,) = collect(shelf).articles
    assert (article.title, article.draft) == ("A", True)


def test_a_story_without_a_date_has_its_files_time_and_keeps_it(shelf):
    path = shelf / "a.md"
    path.write_text("# A\n\nText.\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    first = collect(shelf)
    seen = first.articles[0].published
    assert seen == datetime.fromtimestamp(1_700_000_000, UTC)
    os.utime(path, (1_750_000_000, 1_750_000_000))
    again = collect(shelf, SourceState(key="folder:articles", cursor=first.cursor))
    assert again.articles[0].published == seen


def test_one_bad_file_is_a_problem_and_the_others_come_through(shelf):
    (shelf / "good.md").write_text("---\ntitle: Good\n---\nText.\n")
    (shelf / "bad.md").write_text("---\ntitle: [never closed\n---\nText.\n")
    (shelf / "bomb.md").write_text("---\na: &a [1]\nb: *a\n---\nText.\n")
    (shelf / "binary.md").write_bytes(b"\0\1\2")
    (shelf / ".hidden.md").write_text("# Hidden\n")
    collected = collect(shelf)
    assert [article.title for article in collected.articles] == ["Good"]
    assert {Path(problem.where).name for problem in collected.problems} == {
        "bad.md",
        "bomb.md",
        "binary.md",
    }


def test_nothing_outside_the_publication_is_read(shelf, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.md"
    outside.write_text("# Secret\n")
    (shelf / "link.md").symlink_to(outside)
    assert collect(shelf).articles == ()


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(FetchError, match="no such folder"):
        collect(tmp_path / "articles")


def test_scripts_and_handlers_never_come_through(shelf):
    (shelf / "a.md").write_text("# A\n\n<script>x()</script><p onclick=x style='a:b'>Hi</p>\n")
    (article,) = collect(shelf).articles
    assert "script" not in article.html
    assert "onclick" not in article.html
    assert "style" not in article.html
