"""`collect`, `articles`, `publish`: stories in, overruled, and out as documents."""

import json
from xml.etree import ElementTree as ET

import pytest


@pytest.fixture
def collected(cli):
    assert cli("collect").code == 0
    return cli


def test_collect_reports_per_source(cli):
    result = cli("--json", "collect")
    assert result.code == 0
    rows = {row["source"]: row for row in result.json}
    assert set(rows) == {"folder:articles/culture", "folder:articles/harbour"}
    harbour = rows["folder:articles/harbour"]
    assert harbour.pop("next_check")
    assert harbour == {
        "source": "folder:articles/harbour",
        "feeds": ["harbour"],
        "new": 1,
        "changed": 0,
        "same": 0,
        "duplicate": 0,
        "filtered": 0,
        "held": 0,
        "problems": [],
        "error": "",
    }
    assert "2 new and 0 changed articles from 2 sources" in result.err


def test_collect_one_feed_only(cli):
    rows = cli("--json", "collect", "culture").json
    assert [row["source"] for row in rows] == ["folder:articles/culture"]


def test_one_bad_story_does_not_stop_the_others_and_ends_with_1(cli, publication):
    (publication / "articles/harbour/broken.md").write_text("---\ntitle: [unclosed\n---\nText.\n")
    result = cli("collect")
    assert result.code == 1
    assert "broken.md" in result.err
    assert "2 new" in result.err


def test_one_bad_source_does_not_stop_the_others_and_ends_with_1(cli, publication):
    path = publication / "feeds/culture.toml"
    path.write_text(path.read_text().replace("articles/culture", "articles/nowhere"))
    result = cli("--json", "collect")
    assert result.code == 1
    errors = {row["source"]: bool(row["error"]) for row in result.json}
    assert errors == {"folder:articles/nowhere": True, "folder:articles/harbour": False}


def test_list_gives_the_rows_of_the_contract(collected):
    rows = collected("articles", "list", "--feed", "culture", "--json").json
    assert len(rows) == 1
    row = rows[0]
    assert list(row) == [
        *("id", "title", "url", "published", "tags", "key_points", "read_also"),
        *("cluster", "source", "state"),
    ]
    assert row["title"] == "The choir sings on the quay"
    assert row["published"] == "2026-03-01T07:00:00Z"
    assert row["key_points"] == ["The choir sings.", "The quay is full."]
    assert row["source"] == "folder:articles/culture"
    assert row["state"] == "published"
    assert row["url"].startswith("https://gazette.example/articles/")


def test_an_article_is_named_by_id_slug_or_address(collected):
    row = collected("--json", "articles", "list", "--feed", "harbour").json[0]
    shown = collected("--json", "articles", "show", row["id"]).json
    assert shown["feeds"] == ["harbour"]
    assert "cast from the same bronze" in shown["text"]
    for name in (shown["slug"], shown["url"]):
        assert collected("--json", "articles", "show", name).json["id"] == row["id"]
    assert "The ferry has a new bell" in collected("articles", "show", row["id"]).out


def test_hide_takes_it_out_and_undo_brings_it_back(collected):
    number = collected("--json", "articles", "list", "--feed", "harbour").json[0]["id"]
    assert collected("--json", "articles", "hide", number).json["state"] == "hidden"
    assert collected("--json", "articles", "list", "--feed", "harbour").json == []
    hidden = collected("--json", "articles", "list", "--state", "hidden").json
    assert [row["id"] for row in hidden] == [number]
    assert collected("articles", "hide", number, "--undo").code == 0
    assert len(collected("--json", "articles", "list").json) == 2


def test_set_and_pin(collected):
    old = collected("--json", "articles", "list").json[-1]["id"]
    changed = collected("--json", "articles", "set", old, "--title", "New", "--tag", "a").json
    assert changed["title"] == "New"
    assert changed["tags"] == ["a"]
    assert collected("articles", "pin", old).code == 0
    assert collected("--json", "articles", "list").json[0]["id"] == old


def names(collected):
    """The choir's and the ferry's ids."""
    rows = collected("--json", "articles", "list").json
    return [next(row["id"] for row in rows if word in row["title"]) for word in ("choir", "ferry")]


def test_an_editors_key_points_outlive_collecting(collected, publication):
    choir, _ = names(collected)
    given = ("--key-point", "They  sang.", "--key-point", "It <rained>.")
    assert collected("--json", "articles", "set", choir, *given).json["key_points"] == [
        "They sang.",
        "It <rained>.",
    ]
    story = publication / "articles/culture/choir.md"
    story.write_text(story.read_text().replace("The quay is full.", "The quay was full."))
    assert collected("collect").code == 0
    assert collected("publish").code == 0
    feed = (publication / "public/feeds/culture.json").read_text()
    assert json.loads(feed)["items"][0]["_key_points"]["points"] == ["They sang.", "It <rained>."]
    assert (
        collected("--json", "articles", "set", choir, "--no-key-points").json["key_points"] == []
    )
    back = collected("--json", "articles", "set", choir, "--auto", "key-points").json
    assert back["key_points"] == ["The choir sings.", "The quay was full."]


def test_an_editors_links_follow_the_stories_they_lead_to(collected, publication):
    choir, ferry = names(collected)
    tides = "Tide tables = https://port.example/tides?a=b"
    wanted = ("--read-also", ferry, "--read-also", tides, "--read-also", ferry)
    rows = collected("--json", "articles", "set", choir, *wanted).json["read_also"]
    assert [(row["id"], row["title"]) for row in rows] == [
        (ferry, "The ferry has a new bell"),
        (None, "Tide tables"),
    ]
    assert rows[1]["url"] == "https://port.example/tides?a=b"
    collected("articles", "set", ferry, "--title", "A new bell")
    assert collected("publish").code == 0
    feed = json.loads((publication / "public/feeds/culture.json").read_text())
    (item,) = feed["items"]
    assert [one["title"] for one in item["_related"]["items"]] == ["A new bell", "Tide tables"]
    assert collected("--json", "articles", "set", choir, "--no-read-also").json["read_also"] == []
    assert collected("articles", "set", choir, "--auto", "read-also").code == 0


def test_show_says_where_everything_comes_from(collected):
    choir, ferry = names(collected)
    out = collected("articles", "show", choir).out
    assert "key points  came with the story" in out
    collected("articles", "set", choir, "--read-also", ferry, "--no-key-points")
    out = collected("articles", "show", choir).out
    assert "none, set by hand" in out
    assert "- The ferry has a new bell" in out
    row = collected("--json", "articles", "show", choir).json
    assert (row["key_points_by"], row["key_points_why"]) == ("editor", [])
    assert [(link["id"], link["by"]) for link in row["read_also"]] == [(ferry, "editor")]
    assert collected("--json", "articles", "show", ferry).json["key_points_by"] == "computed"


def test_a_date_stays_when_editors_overrule(collected):
    choir, ferry = names(collected)
    before = collected("--json", "articles", "show", choir).json
    collected("articles", "set", choir, "--key-point", "x", "--read-also", ferry)
    assert collected("--json", "articles", "show", choir).json["updated"] == before["updated"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ((), "say what to set"),
        (("--key-point", " "), "a key point needs words"),
        (("--key-point", "x", "--no-key-points"), "only one of --key-point"),
        (("--no-key-points", "--auto", "key-points"), "only one of --key-point"),
        (("--read-also", "1", "--auto", "read-also"), "only one of --read-also"),
        (("--read-also", "https://port.example/tides"), "needs a title, as in --read-also"),
        (("--auto", "title"), "'title' is not one of"),
    ],
)
def test_what_cannot_be_set_is_said(collected, wrong, says):
    choir, _ = names(collected)
    result = collected("articles", "set", choir, *wrong)
    assert result.code == 2
    assert says in result.err


def test_a_story_cannot_point_at_itself_or_at_nothing(collected):
    choir, _ = names(collected)
    assert (
        "cannot point at itself" in collected("articles", "set", choir, "--read-also", choir).err
    )
    assert "no article has this" in collected("articles", "set", choir, "--read-also", "404").err


def test_publish_writes_documents_once(collected, publication):
    result = collected("--json", "publish")
    assert result.code == 0
    paths = {row["path"] for row in result.json}
    for name in ("feeds/harbour.rss", "feeds/harbour.atom", "feeds/harbour.json"):
        assert name in paths
        assert (publication / "public" / name).is_file()
    ET.parse(publication / "public/feeds/harbour.rss")
    json.loads((publication / "public/feeds/harbour.json").read_text())
    again = collected("--json", "publish")
    assert again.code == 0
    assert again.json == []
    assert "0 of " in again.err
    assert str(publication / "public") in again.err


def test_publish_that_cannot_write_ends_with_75(collected, publication):
    (publication / "public").write_text("a file where a folder must be")
    result = collected("publish")
    assert result.code in {1, 75}
    assert "public" in result.err


def inbox(publication, name="desk"):
    (publication / f"feeds/{name}.toml").write_text(
        f'title = "Desk"\n[[sources]]\ntype = "inbox"\nname = "{name}"\n'
    )


def test_articles_are_handed_in_by_a_program(cli, publication, tmp_path):
    inbox(publication)
    story = tmp_path / "story.json"
    story.write_text('[{"id": "1", "title": "Handed in", "markdown": "*Yes.*"}]')
    first = cli("articles", "add", str(story), "--json")
    assert (first.json["new"], first.json["source"]) == (1, "inbox:desk")
    assert "0 new, 0 changed, 1 known" in cli("articles", "add", str(story)).err
    rows = cli("articles", "list", "--feed", "desk", "--json").json
    assert [row["title"] for row in rows] == ["Handed in"]


def test_what_is_wrong_with_articles_is_said_line_by_line(cli, publication, tmp_path):
    story = tmp_path / "story.json"
    story.write_text('[{"id": "1"}, {"title": "x"}]')
    assert 'a feed needs [[sources]] type = "inbox"' in cli("articles", "add", str(story)).err
    inbox(publication)
    wrong = cli("articles", "add", str(story))
    assert wrong.code
    assert "article 1: needs a title or a text" in wrong.err
    assert "article 2: needs an id" in wrong.err
    inbox(publication, "night")
    assert "there is desk, night" in cli("articles", "add", str(story)).err
