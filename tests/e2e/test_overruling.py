"""An editor looks at why a story says what it says, overrules it, and reads the documents."""

import json
import re
from dataclasses import replace

import feedparser
import pytest

POINTS = ["The old line lost money in <winter> & only then.", "The new one waits for the train."]


def stories(colleague):
    return {row["slug"]: row for row in details(colleague)}


def details(colleague):
    rows = colleague.asks("articles", "list")
    return [colleague.asks("articles", "show", str(row["id"])) for row in rows]


def item(colleague, title):
    feed = json.loads((colleague.folder / "public/feeds/harbour.json").read_text("utf-8"))
    return next(one for one in feed["items"] if one["title"] == title)


def test_from_an_empty_folder_to_overruled_documents(colleague):
    colleague.types("run", "--once", "--no-web")
    # What did not fit into the first digest comes with the second; then nothing is new to anybody.
    colleague.types("send", "morning", "--key", "rest")
    mails = len([*(colleague.folder / "var/outbox/new").iterdir()])
    seal, line, ferry = (
        stories(colleague)[slug]
        for slug in ("seal-pup-back-at-sea", "why-the-old-line-closed", "night-ferry-returns")
    )
    assert (seal["key_points_by"], line["key_points_by"]) == ("computed", "source")
    assert seal["key_points_why"]
    assert all(one["reasons"] for one in seal["key_points_why"])
    assert [link["by"] for link in line["read_also"]] == ["computed"]
    assert line["read_also"][0]["why"]["terms"]
    told = colleague.types("articles", "show", "why-the-old-line-closed").stdout
    assert re.search(r"computed, \d+ % alike: .*Aldersund \d+ %", told)

    points = [part for point in POINTS for part in ("--key-point", point)]
    links = ("--read-also", "trial-trip", "--read-also", "Tide tables=https://port.example/t?a&b")
    colleague.types("articles", "set", "why-the-old-line-closed", *points, *links)
    colleague.types("articles", "set", "trial-trip", "--title", "The trial trip")
    colleague.types("collect", "--all")
    colleague.types("publish")
    after = item(colleague, line["title"])
    assert after["_key_points"]["points"] == POINTS
    related = after["_related"]["items"]
    assert [(one["title"], "id" in one) for one in related] == [
        ("The trial trip", True),
        ("Tide tables", False),
    ]
    assert after["content_html"].index("<li>The old line lost money in &lt;winter&gt; &amp;") == (
        after["content_html"].index("<li>")
    )
    atom = feedparser.parse((colleague.folder / "public/feeds/harbour.atom").read_bytes())
    (entry,) = (one for one in atom.entries if one.title == line["title"])
    titles = [one["title"] for one in entry.links if one.rel == "related"]
    assert titles == ["The trial trip", "Tide tables"]
    page = (colleague.folder / "public/articles/why-the-old-line-closed/index.html").read_text()
    assert "<li>The old line lost money in &lt;winter&gt; &amp; only then.</li>" in page
    assert "<bdi>The trial trip</bdi></a>" in page
    linted = [f"public/feeds/harbour.{name}" for name in ("rss", "atom", "json")]
    colleague.types("lint", *(str(colleague.folder / one) for one in linted))

    # It still is nothing new.
    assert stories(colleague)["why-the-old-line-closed"]["updated"] == line["updated"]
    colleague.types("send", "morning", "--key", "again")
    assert len([*(colleague.folder / "var/outbox/new").iterdir()]) == mails

    colleague.types(
        *("articles", "set", "why-the-old-line-closed"),
        *("--auto", "key-points", "--auto", "read-also"),
    )
    back = stories(colleague)["why-the-old-line-closed"]
    assert back["key_points"] == line["key_points"]
    assert [link["id"] for link in back["read_also"]] == [ferry["id"]]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_another_publication_takes_them_as_supplied_and_says_them_once(colleague, tmp_path, form):
    colleague.types("run", "--once", "--no-web")
    ours = {row["title"]: row for row in details(colleague)}
    feed = colleague.folder / f"public/feeds/harbour.{form}"
    colleague.types("init", str(tmp_path / "other"))
    other = replace(colleague, folder=tmp_path / "other")
    other.edit("feeds/tides.toml", lambda text: text.replace("almanac.xml", f"taken.{form}"))
    (other.folder / f"articles/tides/taken.{form}").write_bytes(feed.read_bytes())
    for name in ("harbour", "culture"):
        (other.folder / f"feeds/{name}.toml").unlink()
    other.types("collect")
    theirs = details(other)
    assert len(theirs) >= 6
    for found in theirs:
        row = ours[found["title"]]
        assert found["key_points"] == row["key_points"]
        assert found["key_points_by"] == "source"
        supplied = [link["title"] for link in found["read_also"] if link["by"] == "source"]
        assert supplied == [link["title"] for link in row["read_also"]]
        for point in row["key_points"]:
            assert found["text"].count(point) == row["text"].count(point)
    other.types("publish")
    again = (other.folder / "public/feeds/tides.rss").read_text("utf-8")
    assert again.count("Key points") == len(theirs)
