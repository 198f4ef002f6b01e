"""Feeds that nobody wrote: they come and go with their articles, and are feeds like all others."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from publisher import config
from publisher.app import App
from publisher.errors import UsageError
from publisher.lint.feeds import DocumentInspector
from publisher.ports import ArticleChanges

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://gazette.example/"
SETTINGS = f"""
[publication]
title = "Gazette"
url = "{URL}"
postal_address = "1 Quay Street"
contact = "editor@gazette.example"
[output]
more_feeds = ["all", "tag", "author", "source"]
"""
FEED = 'title = "{name}"\nlimit = 3\n{more}[[sources]]\ntype = "folder"\npath = "{name}"\n'


@pytest.fixture
def app(tmp_path):
    """Two public feeds and a private one, whose stories share tags and an author."""
    (tmp_path / "feeds").mkdir()
    (tmp_path / "publisher.toml").write_text(SETTINGS)
    for name, more in {"harbour": "", "tides": "", "secret": "public = false\n"}.items():
        (tmp_path / f"feeds/{name}.toml").write_text(FEED.format(name=name, more=more))
        (tmp_path / name).mkdir()
        for number in range(4):
            write(tmp_path, name, number, '["Ships & Quays", "Über"]' if number else "[]")
    clock = SimpleNamespace(time=NOW, now=lambda: clock.time)
    with closing(App.open(tmp_path, clock=clock)) as opened:
        opened.collect()
        yield opened


def write(root, name, number, tags):
    at = (NOW - timedelta(hours=number)).isoformat()
    head = f'title = "{name} {number}"\ndate = {at}\ntags = {tags}\nauthor = "Ann Quill"'
    (root / name / f"{number}.md").write_text(f"+++\n{head}\n+++\nText {number}.\n")


def feed_paths(report):
    return {path for path in report.changed if path.endswith((".rss", ".atom", ".json"))}


def titles(app, slug):
    """Return the titles of the whole history of a feed, newest first, by its JSON Feed's pages."""
    public, found = app.definitions.root / "public", []
    path = public / f"feeds/{slug}.json"
    while path:
        page = json.loads(path.read_bytes())
        found += [item["title"] for item in page["items"]]
        older = page.get("next_url", "")
        path = older and public / older.removeprefix(URL)
    return found


def test_each_has_its_documents_pages_and_whole_history(app):
    report = app.publish()
    public = app.definitions.root / "public"
    slugs = {"all", "tag/ships-quays", "tag/uber", "author/ann-quill"}
    for slug in slugs:
        for ending in (".rss", ".atom", ".json", "/index.html"):
            assert (public / f"feeds/{slug}{ending}").is_file()
    assert not (public / "feeds/source").exists()
    assert sorted(titles(app, "all")) == sorted(
        f"{name} {n}" for name in ("harbour", "tides") for n in range(4)
    )
    assert len(titles(app, "tag/uber")) == len(set(titles(app, "tag/uber"))) == 6
    assert json.loads((public / "feeds/tag/ships-quays.json").read_bytes())["title"] == (
        "Ships & Quays — Gazette"
    )
    judge = DocumentInspector()
    for path in feed_paths(report):
        found = judge.inspect((public / path).read_bytes(), url=URL + path, now=NOW)
        assert [str(one) for one in (*found.errors, *found.warnings)] == [], path


def test_lists_name_the_feed_of_all_and_none_of_the_many_others(app):
    app.publish()
    public = app.definitions.root / "public"
    for name in ("opml.xml", "feeds/index.html", "index.html"):
        text = (public / name).read_text()
        assert "feeds/all" in text
        assert "feeds/tag" not in text
    index = (public / "feeds/index.html").read_text()
    assert index.count("Newest story") == 3


def test_only_what_a_change_touches_is_written(app):
    first = app.publish()
    again = app.publish()
    assert (again.changed, again.removed, again.documents) == ((), (), first.documents)
    write(app.definitions.root, "harbour", 1, '["Über"]')
    app.collect(everything=True)
    touched = {
        path.split("/archive/")[0].rpartition(".")[0] or path for path in feed_paths(app.publish())
    }
    touched = {
        path.removesuffix(".rss").removesuffix(".atom").removesuffix(".json") for path in touched
    }
    assert {"feeds/tag/ships-quays", "feeds/tag/uber"} <= {p.split("/archive")[0] for p in touched}
    assert not any("tides" in path for path in touched)
    assert "harbour 1" not in titles(app, "tag/ships-quays")
    assert app.publish().changed == ()


def test_a_topic_goes_with_its_last_article(app):
    app.publish()
    for article in app.store.articles(feed="tides", now=NOW):
        app.store.change_article(article.id, ArticleChanges(tags=()), NOW)
    for article in app.store.articles(feed="harbour", now=NOW):
        app.store.change_article(article.id, ArticleChanges(tags=("Über",)), NOW)
    report = app.publish()
    assert {path for path in report.removed if path.startswith("feeds/tag/ships-quays.")} == {
        f"feeds/tag/ships-quays.{ending}" for ending in ("rss", "atom", "json")
    }
    assert not (app.definitions.root / "public/feeds/tag/ships-quays").exists()
    assert len(titles(app, "tag/uber")) == 4


def test_one_may_be_published_by_its_name(app):
    report = app.publish(["tag/uber"])
    assert {path.split(".")[0].split("/archive")[0] for path in feed_paths(report)} == {
        "feeds/tag/uber"
    }
    with pytest.raises(UsageError, match="tag/none"):
        app.publish(["tag/none"])


def test_switched_on_they_come_without_any_other_change(app):
    """What was published before has not changed since, and a publish that was cut off is made good."""
    made = app.definitions
    app.replace_definitions(replace(made, more_feeds=()))
    assert not any("all" in path for path in feed_paths(app.publish()))
    app.replace_definitions(made)
    app.publish(["tag/uber"])
    assert "feeds/tag/ships-quays.rss" in feed_paths(app.publish())
    assert app.publish().changed == ()


def test_switched_off_they_are_taken_away(app):
    app.publish()
    path = app.definitions.root / "publisher.toml"
    path.write_text(path.read_text().replace('["all", "tag", "author", "source"]', '["all"]'))
    app.replace_definitions(config.load(app.definitions.root))
    report = app.publish()
    assert any(path.startswith("feeds/author/") for path in report.removed)
    public = app.definitions.root / "public/feeds"
    assert not (public / "tag").exists()
    assert (public / "all.atom").exists()


@pytest.mark.parametrize("change", ["private", "deleted"])
def test_what_is_no_longer_for_everybody_is_taken_out_of_them(app, change):
    """Although no article changed: a feed that is made private lends nothing from then on."""
    app.publish()
    path = app.definitions.root / "feeds/tides.toml"
    if change == "deleted":
        path.unlink()
    else:
        path.write_text("public = false\n" + path.read_text())
    app.replace_definitions(config.load(app.definitions.root))
    app.publish()
    for slug in ("all", "tag/uber", "author/ann-quill"):
        assert {title.split()[0] for title in titles(app, slug)} == {"harbour"}
    assert app.publish().changed == ()


def test_a_topic_of_one_feed_is_there_while_that_is_public(app):
    write(app.definitions.root, "tides", 9, '["Lonely"]')
    write(app.definitions.root, "secret", 9, '["Hush"]')
    app.collect(everything=True)
    app.publish()
    public = app.definitions.root / "public/feeds/tag"
    assert (public / "lonely.rss").exists()
    assert not (public / "hush.rss").exists()
    for name, head in (("tides", "public = false\n"), ("secret", "")):
        path = app.definitions.root / f"feeds/{name}.toml"
        path.write_text(head + path.read_text().replace("public = false\n", ""))
    app.replace_definitions(config.load(app.definitions.root))
    app.publish()
    assert not (public / "lonely.rss").exists()
    assert (public / "hush.rss").exists()
    assert app.publish().changed == ()


def test_their_ids_stay_when_everything_else_changes(app):
    app.publish()
    public = app.definitions.root / "public/feeds"
    before = (public / "tag/uber.atom").read_text().partition("<id>")[2].partition("</id>")[0]
    path = app.definitions.root / "publisher.toml"
    path.write_text(path.read_text().replace(URL, "https://elsewhere.example/"))
    app.replace_definitions(config.load(app.definitions.root))
    app.publish()
    after = (public / "tag/uber.atom").read_text().partition("<id>")[2].partition("</id>")[0]
    assert before == after != ""
