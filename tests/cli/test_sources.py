"""What the command line says of sources, and does about them."""

import re

import pytest

FEED = """<rss version="2.0"><channel><title>Port</title><link>https://port.example/</link>
<description>Port</description>{items}</channel></rss>"""
ITEM = (
    "<item><guid>{guid}</guid><title>{title}</title><pubDate>{date}</pubDate>"
    "<link>https://port.example/{guid}</link></item>"
)
WORLD = """
title = "World"
[[sources]]
type = "feed"
url = "port.xml"
[[sources]]
type = "feed"
url = "missing.xml"
"""


def write(publication, mark, count=6):
    items = "".join(
        ITEM.format(
            guid=f"{mark}{n}", title=f"Story {mark}{n}", date=f"{n + 1:02d} Nov 2026 12:00 GMT"
        )
        for n in range(count)
    )
    (publication / "port.xml").write_text(FEED.format(items=items))


@pytest.fixture
def world(publication):
    (publication / "feeds/world.toml").write_text(WORLD)
    write(publication, "a")
    return publication


def test_sources_are_listed_with_how_they_fare(cli, world):
    before = cli("sources", "list", "--feed", "world", "--json")
    assert [row["state"] for row in before.json] == ["new", "new"]
    assert before.code == 0
    collected = cli("collect").out
    assert re.search(r"folder:articles/harbour .* each time\n", collected)
    assert re.search(r"feed:port\.xml .* in \d+ (min|h)\n", collected)
    listed = cli("sources", "list", "--json")
    assert listed.code == 1
    rows = {row["source"]: row for row in listed.json}
    good, bad = rows["feed:port.xml"], rows["feed:missing.xml"]
    assert (good["state"], good["last"], good["errors"]) == ("ok", "6 new", 0)
    assert good["why"].startswith("silent for") or good["why"].startswith("a story every")
    assert (bad["state"], bad["why"], bad["errors"]) == ("failing", "after an error", 1)
    assert rows["folder:articles/harbour"]["next_check"] == "each time"
    told = cli("sources", "list")
    assert re.search(r"feed:port\.xml +ok +(now|\d+ s ago) +in \d+ (s|min|h) ", told.out)
    assert "4 sources, 1 of them in trouble" in told.err
    only = cli("sources", "list", "--failing", "--json").json
    assert [row["source"] for row in only] == ["feed:missing.xml"]


def test_one_source_is_shown_by_a_part_of_its_key(cli, world):
    cli("collect")
    shown = cli("sources", "show", "missing", "--json").json
    assert "there is no such file" in shown["last_error"]
    assert "there is no such file" in cli("sources", "show", "missing").out
    many = cli("sources", "show", "feed:")
    assert many.code != 0
    assert "several sources are called that" in many.err
    assert "no such source" in cli("sources", "show", "nowhere").err


def test_a_source_that_failed_is_asked_again_when_it_is_resumed(cli, world):
    cli("collect")
    (world / "missing.xml").write_text(FEED.format(items=""))
    assert "feed:missing.xml" not in cli("collect").out
    assert "is asked at the next collection" in cli("sources", "resume", "missing").err
    assert "feed:missing.xml" in cli("collect").out
    assert cli("sources", "list").code == 0


def test_stories_under_new_ids_are_held_back_told_and_released(cli, world):
    path = world / "publisher.toml"
    path.write_text(path.read_text() + '\n[alerts]\nto = ["ops@gazette.example"]\n')
    cli("collect")
    write(world, "b")
    collected = cli("collect", "--all", "--json")
    row = next(row for row in collected.json if row["source"] == "feed:port.xml")
    assert (row["new"], row["held"], collected.code) == (0, 6, 1)
    assert "6 held back, see `articles list --state held`" in collected.err
    held = cli("articles", "list", "--state", "held", "--json").json
    assert {one["title"] for one in held} == {f"Story b{n}" for n in range(6)}
    assert len(cli("articles", "list", "--feed", "world", "--json").json) == 6
    assert cli("sources", "list", "--feed", "world", "--json").json[1]["state"] == "held"
    released = cli("sources", "release", "port", "--json")
    assert released.json == {"source": "feed:port.xml", "released": 6, "hidden": False}
    assert len(cli("articles", "list", "--feed", "world", "--json").json) == 12


def test_held_stories_can_be_kept_out_for_good(cli, world):
    cli("collect")
    write(world, "b")
    cli("collect", "--all")
    assert "6 articles of feed:port.xml hidden" in cli("sources", "release", "port", "--hide").err
    assert cli("collect", "--all", "feeds").code
    assert len(cli("articles", "list", "--feed", "world", "--json").json) == 6


def test_of_many_sources_only_those_with_something_to_tell_are_listed(cli, publication):
    tables = "".join(f'[[sources]]\ntype = "feed"\nurl = "f{n}.xml"\n' for n in range(60))
    (publication / "feeds/many.toml").write_text(f'title = "Many"\n{tables}')
    for n in range(60):
        (publication / f"f{n}.xml").write_text(FEED.format(items=""))
    write(publication, "a")
    (publication / "port.xml").rename(publication / "f7.xml")
    collected = cli("collect", "many")
    assert "feed:f7.xml" in collected.out
    assert "feed:f8.xml" not in collected.out
    assert "59 sources had nothing new" in collected.err
