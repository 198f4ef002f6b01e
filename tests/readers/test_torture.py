"""What breaks feeds elsewhere breaks none of ours: no rule of any judge is hurt, nothing is lost."""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from publisher.lint.feeds import DocumentInspector
from tests.readers import torture


def documents(made: Any, *suffixes: str) -> list[Path]:
    """Return every document of every feed, archive pages included."""
    wanted = suffixes or torture.FORMATS
    return sorted(p for p in made.folder.glob("feeds/**/*") if p.suffix[1:] in wanted)


def address(made: Any, path: Path) -> str:
    return torture.URL + path.relative_to(made.folder).as_posix()


def test_nothing_is_lost_and_what_is_wrong_is_told(made: Any) -> None:
    told = [str(problem) for report in made.reports for problem in report.problems]
    assert len(told) == 1
    assert "has the id of another story" in told[0]
    assert [report.error for report in made.reports] == ["", "", ""]
    assert (made.report.failed, made.complaints) == ((), [])
    stories = sum(len(json.loads(path.read_bytes())["items"]) for path in documents(made, "json"))
    assert stories == 13 + 13 + 1
    archives = {path.stem for path in documents(made, "rss") if path.parent.name == "archive"}
    assert len(archives) == 3


def test_our_own_judge_finds_nothing(made: Any) -> None:
    judge, now = DocumentInspector(), torture.NOW
    for path in documents(made):
        found = judge.inspect(path.read_bytes(), url=address(made, path), now=now)
        assert [str(one) for one in found.findings] == [], path.name


def test_the_public_validator_finds_nothing(made: Any) -> None:
    """W3C's, where its source is at hand: FEEDVALIDATOR names the folder `src` of a checkout."""
    source = os.environ.get("FEEDVALIDATOR", "")
    if not source:
        pytest.skip("W3C's feedvalidator: FEEDVALIDATOR does not name its folder")
    sys.path.insert(0, source)
    import feedvalidator
    from feedvalidator.compatibility import AA

    for path in documents(made, "rss", "atom"):
        events = feedvalidator.validateString(
            path.read_bytes(), firstOccurrenceOnly=1, base=address(made, path)
        )["loggedEvents"]
        assert [type(event).__name__ for event in AA(events)] == [], path.name


def test_json_feed_keeps_its_published_schema(made: Any, json_feed_schema: Any) -> None:
    for path in documents(made, "json"):
        found = json_feed_schema.iter_errors(json.loads(path.read_bytes()))
        assert [error.message for error in found] == [], path.name


def test_nothing_unsafe_or_relative_gets_out(made: Any) -> None:
    for path in documents(made, "json"):
        for item in json.loads(path.read_bytes())["items"]:
            tree = etree.HTML(f"<div>{item['content_html']}</div>")
            assert tree.xpath("//script|//style|//iframe|//@onclick") == []
            links = [*tree.xpath("//@href"), *tree.xpath("//@src")]
            for srcset in tree.xpath("//@srcset"):
                links += [part.split()[0] for part in srcset.split(", ")]
            assert [link for link in links if not link.startswith("https://")] == [
                link for link in links if link.startswith("http://127.0.0.1:")
            ]


def test_all_formats_hold_the_same_in_the_same_order(made: Any) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    for path in documents(made, "json"):
        ids = [item["id"] for item in json.loads(path.read_bytes())["items"]]
        rss = etree.parse(path.with_suffix(".rss"))
        assert [one.text for one in rss.iter("guid")] == ids
        entries = etree.parse(path.with_suffix(".atom")).iter(f"{atom}entry")
        assert [entry.findtext(f"{atom}id") for entry in entries] == ids


def test_twenty_enclosures_are_all_there(made: Any) -> None:
    media, atom = "{http://search.yahoo.com/mrss/}", "{http://www.w3.org/2005/Atom}"
    json_path = next(p for p in documents(made, "json") if b"19.mp3" in p.read_bytes())
    item = next(i for i in json.loads(json_path.read_bytes())["items"] if "attachments" in i)
    wanted = [one["url"] for one in item["attachments"]]
    assert len(wanted) == 20
    rss = next(
        one
        for one in etree.parse(json_path.with_suffix(".rss")).iter("item")
        if one.findtext("guid") == item["id"]
    )
    found = [rss.find("enclosure"), *rss.findall(f"{media}content")]
    assert [one.get("url") for one in found if one.get("medium") != "image"] == wanted
    entry = next(
        one
        for one in etree.parse(json_path.with_suffix(".atom")).iter(f"{atom}entry")
        if one.findtext(f"{atom}id") == item["id"]
    )
    links = [one.get("href") for one in entry.findall(f"{atom}link[@rel='enclosure']")]
    assert links == wanted


def test_publishing_again_changes_nothing(made: Any) -> None:
    before = {path: path.read_bytes() for path in documents(made)}
    made.clock.time += timedelta(minutes=5)
    report = made.app.publish()
    made.clock.time -= timedelta(minutes=5)
    assert (report.changed, report.failed) == ((), ())
    assert {path: path.read_bytes() for path in documents(made)} == before


@pytest.mark.parametrize("form", torture.FORMATS)
def test_paging_back_meets_every_entry_once(made: Any, form: str) -> None:
    """As a reader that follows prev-archive, or next_url, from the document it subscribed to."""
    path, seen = made.folder / f"feeds/torture.{form}", []
    while path:
        data = path.read_bytes()
        if form == "json":
            page = json.loads(data)
            seen += [item["id"] for item in page["items"]]
            older = page.get("next_url", "")
        else:
            tree = etree.fromstring(data)
            ids = "//guid/text()" if form == "rss" else "//a:entry/a:id/text()"
            spaces = {"a": "http://www.w3.org/2005/Atom"}
            seen += tree.xpath(ids, namespaces=spaces)
            older = "".join(tree.xpath("//a:link[@rel='prev-archive']/@href", namespaces=spaces))
        path = older and made.folder / older.removeprefix(torture.URL)
    assert len(seen) == len(set(seen)) == 26
