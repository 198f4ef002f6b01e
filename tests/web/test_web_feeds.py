"""Feeds as programs ask for them: what is new only, in the format they name, and not too often."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.freshness import CEILING, FLOOR, STILL, USUAL, fresh_for, rhythm_of
from publisher.formats import atom, rss
from publisher.formats import json as json_feed
from publisher.kit.calendar import Almanac
from publisher.lint.feeds import DocumentInspector
from publisher.model.definitions import Action, ScheduleDefinition
from publisher.ports import ArticleChanges
from publisher.testing.formats import example_entry, example_feed
from publisher.web.deltas import Versions, parted
from publisher.web.feeds import preferred
from publisher.web.patience import CREDIT, SHARE, Patience, counted
from publisher.web.shelf import loaded

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORMS = {"rss": rss, "atom": atom, "json": json_feed}
ACCEPTED = {
    "*/*": "",
    "": "",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": "",
    "application/rss+xml": "rss",
    "application/atom+xml, application/rss+xml;q=0.9, text/html;q=0.5": "atom",
    # Miniflux
    "application/xml, application/atom+xml, application/rss+xml, application/rdf+xml,"
    " application/feed+json, text/html, */*;q=0.9": "atom",
    "application/feed+json": "json",
    "text/html, application/rss+xml;q=0.5": "",
    "application/rss+xml;q=0": "",
}


def entries(answer: Any) -> list[str]:
    if "json" in answer.headers["content-type"]:
        return [item["id"] for item in json.loads(answer.content)["items"]]
    return [entry.id for entry in feedparser.parse(answer.content).entries]


def change(site: Any) -> str:
    """Give one story another title and publish; return its id."""
    story = site.app.store.articles(feed="harbour", now=site.clock.now())[0]
    site.app.store.change_article(story.id, ArticleChanges(title="New words"), site.clock.now())
    site.app.publish()
    return str(story.uid)


@pytest.mark.parametrize("form", FORMS)
def test_only_what_is_new_for_whoever_asks_for_that(site: Any, form: str) -> None:
    path = f"/feeds/harbour.{form}"
    before = site.client.get(path)
    asked = {"a-im": "feed", "if-none-match": before.headers["etag"]}
    assert site.client.get(path, headers=asked).status_code == 304
    changed = change(site)
    whole, part = site.client.get(path), site.client.get(path, headers=asked)
    assert (whole.status_code, part.status_code) == (200, 226)
    assert changed in entries(part)
    assert 0 < len(entries(part)) < len(entries(whole))
    head = part.headers
    assert (head["im"], head["cache-control"]) == ("feed", "no-store, im")
    assert (
        head["etag"].strip('"').partition("-")[0]
        == whole.headers["etag"].strip('"').partition("-")[0]
    )
    assert head["delta-base"] == before.headers["etag"]
    assert {"A-IM", "If-None-Match"} <= set(head["vary"].split(", "))
    report = DocumentInspector().inspect(part.content, media_type=head["content-type"])
    assert report.errors == ()
    again = {"a-im": "feed", "if-none-match": head["etag"]}
    assert site.client.get(path, headers=again).status_code == 304


def test_what_is_not_known_or_not_asked_for_is_answered_whole(site: Any) -> None:
    etag = site.client.get("/feeds/harbour.atom").headers["etag"]
    change(site)
    for headers in (
        {"a-im": "feed", "if-none-match": '"unknown"'},
        {"a-im": "feed"},
        {"a-im": "feed;q=0", "if-none-match": etag},
        {"a-im": "vcdiff", "if-none-match": etag},
        {"if-none-match": etag},
    ):
        assert site.client.get("/feeds/harbour.atom", headers=headers).status_code == 200


def test_a_delta_is_made_once_whatever_a_reader_writes_behind_its_tag() -> None:
    kind = rss.create(rss.Options())
    old, new = (
        loaded(kind.render(example_feed([example_entry(n) for n in numbers])), "text/xml")
        for numbers in ((1, 2), (1, 2, 3))
    )
    versions = Versions()
    versions.note("feeds/a.rss", old)
    made = [versions.since("feeds/a.rss", new, f'"{old.digest}-{n}"') for n in range(3)]
    assert len({id(one and one[0]) for one in made}) == 1


@given(st.sets(st.integers(1, 12)), st.sets(st.integers(1, 12)), st.sampled_from(sorted(FORMS)))
def test_old_and_new_together_are_the_whole(old: set[int], new: set[int], form: str) -> None:
    """A reader that adds a delta to what it has, has every entry, each as it is now."""
    kind, name = FORMS[form].create(FORMS[form].Options()), f"feeds/a.{form}"
    made = [
        loaded(kind.render(example_feed([example_entry(n) for n in sorted(numbers)])), "text/xml")
        for numbers in (old, new)
    ]
    versions = Versions()
    versions.note(name, made[0])
    found = versions.since(name, made[1], made[0].etag)
    if found is None:
        assert not old & new or not old
        return
    told, known, whole = (
        set(parted(one.data, f".{form}").entries) if parted(one.data, f".{form}") else set()
        for one in (found[0], *made)
    )
    assert told == whole - known


@pytest.mark.parametrize(("accept", "form"), ACCEPTED.items())
def test_the_page_of_a_feed_is_the_feed_for_programs(site: Any, accept: str, form: str) -> None:
    assert preferred(accept) == form
    for path in ("/feeds/harbour/", "/feeds/harbour"):
        answer = site.client.get(path, headers={"accept": accept})
        kind = answer.headers["content-type"].partition(";")[0]
        if form:
            direct = site.client.get(f"/feeds/harbour.{form}")
            assert (kind, answer.content) == (
                direct.headers["content-type"].partition(";")[0],
                direct.content,
            )
            assert "Accept" in answer.headers["vary"].split(", ")
            assert answer.headers["content-location"].endswith(f"/feeds/harbour.{form}")
        else:
            assert kind == "text/html"
            assert "Accept" in answer.headers["vary"].split(", ")


def test_a_program_is_given_the_format_that_there_is(site: Any) -> None:
    made = site.app.definitions
    feeds = {**made.feeds, "harbour": replace(made.feeds["harbour"], formats=("rss",))}
    site.app.replace_definitions(replace(made, feeds=feeds))
    site.app.publish()
    accept = "application/atom+xml, application/rss+xml;q=0.9, text/html;q=0.5"
    answer = site.client.get("/feeds/harbour/", headers={"accept": accept})
    assert answer.headers["content-type"].startswith("application/rss+xml")


@pytest.mark.parametrize("accept", ["text/html", "text/html,*/*;q=0.1"])
def test_a_feeds_own_address_never_answers_with_a_page(site: Any, accept: str) -> None:
    answer = site.client.get("/feeds/harbour.rss", headers={"accept": accept})
    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.content.startswith(b"<?xml")


def test_whoever_asks_too_often_is_told_when_to_come_back(site: Any) -> None:
    asked = {"user-agent": "Hammer/1"}
    answers = [site.client.get("/feeds/harbour.rss", headers=asked) for _ in range(20)]
    assert [answer.status_code for answer in answers] == [200] * 12 + [429] * 8
    wait = int(answers[-1].headers["retry-after"])
    assert 0 < wait <= 900 / SHARE
    assert site.client.get("/feeds/harbour.atom", headers=asked).status_code == 200
    assert site.client.get("/feeds/harbour.rss", headers={"user-agent": "B"}).status_code == 200
    site.clock.advance(timedelta(seconds=wait))
    assert site.client.get("/feeds/harbour.rss", headers=asked).status_code == 200


def test_an_operator_may_let_them(site: Any) -> None:
    made = site.app.definitions
    site.app.replace_definitions(replace(made, web=replace(made.web, slow_down=False)))
    codes = {site.client.get("/feeds/harbour.rss").status_code for _ in range(30)}
    assert codes == {200}


@given(st.lists(st.integers(1, 4_000), max_size=60), st.sampled_from([0.25, 1.0]))
def test_nobody_gets_more_than_the_pace_and_who_keeps_it_never_waits(
    steps: list[int], cost: float
) -> None:
    patience, fresh, now, got = Patience(), timedelta(minutes=60), NOON, 0.0
    for step in steps:
        now += timedelta(seconds=step)
        wait = patience.wait(("a", "b", "c"), fresh, cost, now)
        got += 0 if wait else cost
        assert wait == 0 or wait <= 3_600 / SHARE
        spent = (now - NOON) / (fresh / SHARE)
        assert got <= CREDIT + spent + 1e-6
    steady = Patience()
    for number in range(200):
        at = NOON + number * fresh / SHARE
        assert steady.wait(("a", "b", "c"), fresh, 1.0, at) == 0


def test_everybody_behind_an_unknown_proxy_is_nobody() -> None:
    assert counted("127.0.0.1", behind_proxy=False) == ""
    assert counted("10.0.0.1", behind_proxy=False) == ""
    assert counted("127.0.0.1", behind_proxy=True) == "127.0.0.1"
    assert counted("8.8.8.8", behind_proxy=False) == "8.8.8.8"


def schedule(when: str, feeds: tuple[str, ...] = ("a",), action: Action = Action.PUBLISH) -> Any:
    return ScheduleDefinition(slug="p", action=action, when=when, feeds=feeds)


@pytest.mark.parametrize(
    ("made", "now", "fresh", "still"),
    [
        ([], NOON, USUAL, USUAL),
        ([schedule("every 15m", ("b",))], NOON, USUAL, USUAL),
        ([schedule("every 15m", action=Action.COLLECT)], NOON, USUAL, USUAL),
        ([schedule("every 15m")], NOON, timedelta(minutes=15), timedelta(minutes=15)),
        ([schedule("every 15m")], NOON + timedelta(minutes=14), FLOOR, timedelta(minutes=15)),
        ([schedule("every 1m")], NOON, FLOOR, FLOOR),
        ([schedule("daily at 18:00")], NOON, timedelta(hours=6), STILL),
        ([schedule("every mon at 11:00")], NOON, CEILING, STILL),
        ([schedule("once on 2026-01-01 at 09:00")], NOON, CEILING, USUAL),
    ],
)
def test_a_feed_stays_fresh_until_the_next_publish(
    made: list[Any], now: datetime, fresh: timedelta, still: timedelta
) -> None:
    schedules = {str(number): one for number, one in enumerate(made)}
    assert fresh_for("a", schedules, Almanac(), now, "UTC") == fresh
    assert rhythm_of("a", schedules, Almanac(), now, "UTC") == still


BROWSERS = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
)
MINIFLUX = (
    "application/xml, application/atom+xml, application/rss+xml, application/rdf+xml,"
    " application/feed+json, text/html, */*;q=0.9"
)


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_browsers_are_told_a_type_that_they_show_in_our_style(site: Any, name: str) -> None:
    path = f"/feeds/harbour.{name}"
    plain = site.client.get(path, headers={"accept": "*/*"})
    assert plain.headers["content-type"] == f"application/{name}+xml; charset=utf-8"
    for accept in BROWSERS:
        shown = site.client.get(path, headers={"accept": accept})
        assert shown.headers["content-type"] == "application/xml; charset=utf-8"
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert (shown.content, shown.headers["etag"]) == (plain.content, plain.headers["etag"])
    for accept in (MINIFLUX, "application/atom+xml", "", "text/html;q=0"):
        read = site.client.get(path, headers={"accept": accept})
        assert read.headers["content-type"] == f"application/{name}+xml; charset=utf-8", accept
        assert "Accept" in read.headers["vary"].split(", ")


def test_a_feed_of_json_has_no_style(site: Any) -> None:
    shown = site.client.get("/feeds/harbour.json", headers={"accept": BROWSERS[0]})
    assert shown.headers["content-type"] == "application/feed+json; charset=utf-8"


def test_feeds_that_nobody_wrote_are_served_like_others(site: Any) -> None:
    made = site.app.definitions
    site.app.replace_definitions(replace(made, more_feeds=("all", "tag")))
    made = site.app.publish()
    path = next(path for path in made.changed if path.startswith("feeds/tag/"))
    tag = path.removeprefix("feeds/").partition(".")[0].partition("/index")[0]
    for slug in ("all", tag):
        for form in FORMS:
            answer = site.client.get(f"/feeds/{slug}.{form}")
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["link"].startswith(
                f"<http://127.0.0.1:8080/feeds/{slug}.{form}>"
            )
            known = {"if-none-match": answer.headers["etag"]}
            assert site.client.get(f"/feeds/{slug}.{form}", headers=known).status_code == 304
            asked = site.client.get(f"/feeds/{slug}", headers={"accept": "application/atom+xml"})
            assert asked.headers["content-type"].startswith("application/atom+xml")
        page = site.client.get(f"/feeds/{slug}/")
        assert page.headers["content-type"].startswith("text/html")
        assert f"/feeds/{slug}.rss" in page.text
