"""A reader that remembers (`reader`) is told of changes, and never of a story it knows as a new one."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from reader import make_reader

from publisher import config
from publisher.app import App
from publisher.ports import ArticleChanges
from tests.sources.loopback import site

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = """
[publication]
title = "Gazette"
url = "http://gazette.example/"
postal_address = "1 Quay Street"
"""
FEED = 'title = "Harbour"\nlimit = 4\n[[sources]]\ntype = "folder"\npath = "articles"\n'
COUNT = 6


def write_story(root: Path, number: int, words: str = "Ships came in.") -> None:
    at = (NOW - timedelta(hours=number)).isoformat()
    text = f'+++\ntitle = "Story {number}"\ndate = {at}\n+++\n{words} It was the day {number}.\n'
    (root / "articles" / f"{number}.md").write_text(text)


@pytest.fixture
def gazette(tmp_path: Path) -> Iterator[Any]:
    """A publication that can be edited, and its documents as one reader finds them, one after another."""
    root = tmp_path / "gazette"
    for folder in ("articles", "feeds"):
        (root / folder).mkdir(parents=True)
    (root / "publisher.toml").write_text(SETTINGS)
    (root / "feeds" / "harbour.toml").write_text(FEED)
    for number in range(COUNT):
        write_story(root, number)
    clock = SimpleNamespace(time=NOW)
    clock.now = lambda: clock.time
    with closing(App.open(root, clock=clock)) as app:
        yield SimpleNamespace(root=root, app=app, clock=clock)


def publish(gazette: Any, slug: str = "harbour") -> Path:
    """Collect and publish again, an hour later; return the folder of the feed's documents."""
    gazette.clock.time += timedelta(hours=1)
    gazette.app.replace_definitions(config.load(gazette.root))
    gazette.app.collect(everything=True)
    report = gazette.app.publish()
    assert report.failed == ()
    folder: Path = gazette.root / "public" / "feeds"
    assert (folder / f"{slug}.atom").exists()
    return folder


def edit(gazette: Any) -> str:
    write_story(gazette.root, 1, "Ships left again, and nobody knows why they did so on that day.")
    return "harbour"


def retitle(gazette: Any) -> str:
    found = gazette.app.store.find_article("story-2")
    changes = ArticleChanges(title="Another title")
    gazette.app.store.change_article(found.id, changes, gazette.clock.time)
    return "harbour"


def move_host(gazette: Any) -> str:
    _settings(gazette, "http://gazette.example/", "http://elsewhere.example/paper/")
    return "harbour"


def go_https(gazette: Any) -> str:
    _settings(gazette, "http://", "https://")
    return "harbour"


def rename_feed(gazette: Any) -> str:
    old, new = (gazette.root / "feeds" / f"{slug}.toml" for slug in ("harbour", "quays"))
    new.write_text(f'was = ["harbour"]\n{old.read_text()}')
    old.unlink()
    return "quays"


def rename_stories(gazette: Any) -> str:
    """Ask for other addresses in front matter; a story keeps the one it was first published under."""
    for path in (gazette.root / "articles").glob("*.md"):
        text = path.read_text()
        path.write_text(re.sub(r"(title = .*)", r'\1\nslug = "renamed-' + path.stem + '"', text))
    return "harbour"


def _settings(gazette: Any, old: str, new: str) -> None:
    path = gazette.root / "publisher.toml"
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
@pytest.mark.parametrize(
    ("change", "modified"),
    [
        (edit, 1),
        (retitle, 1),
        (move_host, 1),
        (go_https, 1),
        (rename_feed, 0),
        (rename_stories, 0),
    ],
)
def test_what_changes_is_modified_and_never_new(
    gazette: Any, form: str, change: Any, modified: int
) -> None:
    folder = publish(gazette)
    with closing(make_reader(":memory:", feed_root=str(folder))) as reader:
        reader.add_feed(f"harbour.{form}")
        first = reader.update_feed(f"harbour.{form}")
        assert (first.new, first.modified) == (4, 0)
        before = {entry.id for entry in reader.get_entries()}
        slug = change(gazette)
        publish(gazette, slug)
        if slug != "harbour":
            reader.change_feed_url(f"harbour.{form}", f"{slug}.{form}")
        found = reader.update_feed(f"{slug}.{form}")
        assert found.new == 0
        assert found.modified >= modified
        assert {entry.id for entry in reader.get_entries()} == before
        again = reader.update_feed(f"{slug}.{form}")
        assert (again.new, again.modified) == (0, 0), "nothing has changed since"


OLD = """<rss version="2.0"><channel><title>Old</title><link>http://old.example/</link>
<description>Old</description>{items}</channel></rss>"""
ITEM = """<item><guid isPermaLink="{link}">{guid}</guid><title>Old {number}</title>
<link>http://old.example/{number}</link><description>Words of number {number}.</description>
<pubDate>Mon, 23 Nov 2026 1{number}:00:00 GMT</pubDate></item>"""
GUIDS = ("http://old.example/?p=1", "urn:uuid:0ea2a7f2-90b4-4a5e-9d5c-4a2a6f2f5d11", "17 of ours")


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_a_feed_that_moves_here_keeps_the_ids_its_readers_know(tmp_path: Path, form: str) -> None:
    """Those that Atom takes for ids; a guid that is no URI gets one of ours, in all formats."""
    items = "".join(
        ITEM.format(link="true" if guid.startswith("http") else "false", guid=guid, number=number)
        for number, guid in enumerate(GUIDS)
    )
    (tmp_path / "feeds").mkdir()
    (tmp_path / "publisher.toml").write_text(
        f"{SETTINGS}[collect]\nallow_private_addresses = true\n"
    )
    with site() as elsewhere:
        elsewhere.document("/old.rss", OLD.format(items=items).encode())
        source = f'[[sources]]\ntype = "feed"\nurl = "{elsewhere.url}/old.rss"\nkeep_ids = true\n'
        (tmp_path / "feeds" / "moved.toml").write_text(f'title = "Moved"\n{source}')
        with closing(App.open(tmp_path, clock=SimpleNamespace(now=lambda: NOW))) as app:
            app.collect()
            assert app.publish().failed == ()
    (tmp_path / "old.rss").write_text(OLD.format(items=items))
    (tmp_path / f"moved.{form}").write_bytes(
        (tmp_path / f"public/feeds/moved.{form}").read_bytes()
    )
    with closing(make_reader(":memory:", feed_root=str(tmp_path))) as reader:
        reader.add_feed("old.rss")
        assert reader.update_feed("old.rss").new == 3
        reader.change_feed_url("old.rss", f"moved.{form}")
        assert reader.update_feed(f"moved.{form}").new == 1
        ids = {entry.id for entry in reader.get_entries()}
    assert set(GUIDS) < ids
    assert len([one for one in ids if one.startswith("tag:")]) == 1
