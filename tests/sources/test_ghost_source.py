"""Ghost by its Content API, against a site that filters, sorts and pages as Ghost does."""

import json
from datetime import timedelta

import pytest

from publisher.errors import FetchError, ParseError
from publisher.model.articles import SOURCE, SourceState
from publisher.net import HttpFetcher
from publisher.ports import SourceContext
from publisher.sources import ghost as adapter
from tests.sources.ghost_site import EPOCH, KEY, ghost


def hours(number):
    return EPOCH + timedelta(hours=number)


@pytest.fixture
def here():
    with ghost() as running:
        yield running


@pytest.fixture
def source(tmp_path, here):
    def make(url="", **more):
        context = SourceContext(
            key="ghost:x", root=tmp_path, fetcher=HttpFetcher(allow_private=True)
        )
        options = adapter.Options(url=url or here.url, **{"key": KEY, **more})
        return adapter.Ghost(options, context)

    return make


def state_after(collected):
    return SourceState(key="k", cursor=collected.cursor, last_success=EPOCH)


def titles(collected):
    return [article.title for article in collected.articles]


def test_a_story_has_all_its_parts(here, source):
    here.write(
        7,
        1,
        title="Use <b> & win",
        html='<p onclick="x()">One.</p><p><a href="/map">Two</a></p>',
        custom_excerpt="What ferries cost < now",
        feature_image=f"{here.url}/content/images/quay.jpg",
        authors=[{"name": "Ines Vautrin"}, {"name": "Ada Quill"}],
        tags=[
            {"name": "Harbour", "visibility": "public"},
            {"name": "#desk", "visibility": "internal"},
            {"name": "#hidden"},
            {"name": "plans", "visibility": "internal"},
        ],
    )
    found = source().collect(SourceState(key="k"), hours(2))
    (article,) = found.articles
    assert article.title == "Use <b> & win"
    assert article.html == f'<p>One.</p><p><a href="{here.url}/map">Two</a></p>'
    assert article.text == "One.\n\nTwo"
    assert article.summary == "What ferries cost < now"
    assert article.authors == ("Ines Vautrin", "Ada Quill")
    assert article.tags == ("Harbour",)
    assert article.image == f"{here.url}/content/images/quay.jpg"
    assert article.external_id == f"{7:024x}"
    assert article.language == "de"
    assert article.published == article.updated == hours(1)
    assert article.attributes[SOURCE] == {
        "title": "Port & Sea",
        "url": here.url,
        "home": f"{here.url}/",
    }
    assert not found.partial
    assert {headers["accept-version"] for headers in here.sent} == {"v5.0"}


@pytest.mark.parametrize("below", ["", "/", "/ghost/", "/ghost/api/content/posts/"])
def test_a_site_may_lie_in_a_folder_and_its_address_end_as_it_likes(here, source, below):
    here.folder = "/blog"
    here.write(1, 1)
    assert titles(source(f"{here.url}/blog{below}").collect(SourceState(key="k"), hours(2))) == [
        "Story 1"
    ]


def test_the_backlog_is_read_newest_first_and_no_further(here, source):
    for number in range(1, 91):
        here.write(number, number)
    here.edit(2, 99, "Old, but edited")
    found = source(backlog=60).collect(SourceState(key="k"), hours(100))
    assert titles(found) == [f"Story {number}" for number in range(90, 30, -1)]
    assert [asked["page"] for asked in here.questions] == ["1", "2", "3"]


def test_what_is_new_and_what_was_edited_comes_and_nothing_else(here, source):
    for number in range(1, 6):
        here.write(number, 100 * number)
    first = source().collect(SourceState(key="k"), hours(510))
    here.write(6, 600)
    here.edit(2, 601, "Story 2, corrected")
    here.asked.clear()
    later = source().collect(state_after(first), hours(610))
    assert later.partial
    assert titles(later) == ["Story 2, corrected", "Story 6", "Story 5"]  # 5: the overlap
    assert here.questions == [
        {
            "key": KEY,
            "include": "tags,authors",
            "order": "updated_at desc",
            "limit": "25",
            "page": "1",
            "filter": "updated_at:>'2026-11-21 17:00:00'",
        }
    ]
    assert len(here.asked) == 1  # what the site is called is known
    third = source().collect(state_after(later), hours(611))
    assert titles(third) == ["Story 2, corrected", "Story 6"]
    assert list(third.articles) == list(later.articles[:2])


def test_edits_of_what_lies_behind_the_backlog_are_no_news(here, source):
    for number in range(1, 41):
        here.write(number, number)
    first = source(backlog=10).collect(SourceState(key="k"), hours(50))
    for number in range(1, 41):
        here.edit(number, 100, f"Story {number}, moved")
    found = source(backlog=10).collect(state_after(first), hours(101))
    assert sorted(titles(found)) == sorted(f"Story {n}, moved" for n in range(31, 41))


def test_more_edits_than_one_collection_takes_come_over_several(here, source):
    for number in range(1, 601):
        here.write(number, 1 + number / 1000)
    first = source(backlog=450).collect(SourceState(key="k"), hours(5))
    for number in range(1, 601):
        here.edit(number, 100 + number / 1000, f"Edited {number}")
    state, seen = state_after(first), []
    for run in range(2):
        found = source(backlog=450).collect(state, hours(110 + run))
        seen += titles(found)
        state = state_after(found)
    assert {f"Edited {n}" for n in range(151, 601)} == set(seen)
    here.asked.clear()
    source(backlog=450).collect(state, hours(120))
    assert len(here.asked) == 1


def test_what_is_taken_away_during_a_walk_pulls_nothing_past_it(here, source):
    for number in range(1, 61):
        here.write(number, number)

    def take_away(page):
        if page == 2:
            here.posts[:] = [one for one in here.posts if one["title"] != "Story 58"]

    here.before = take_away
    found = source().collect(SourceState(key="k"), hours(100))
    assert {f"Story {n}" for n in range(1, 58)} <= set(titles(found))


def test_validators_are_sent_back_and_nothing_new_is_said_so(here, source):
    here.write(1, 1)
    state, seen = SourceState(key="k"), []
    for _ in range(4):
        found = source().collect(state, hours(2))
        seen.append(found.unchanged)
        state = state_after(found)
    assert seen == [False, False, True, True]
    assert state.cursor["title"] == "Port & Sea"
    here.edit(1, 3, "Edited")
    assert titles(source().collect(state, hours(4))) == ["Edited"]


def test_a_site_that_does_not_say_its_name_is_read_all_the_same(here, source):
    here.settings = False
    here.write(1, 1)
    (article,) = source().collect(SourceState(key="k"), hours(2)).articles
    assert SOURCE not in article.attributes


def test_a_story_for_members_has_its_excerpt(here, source):
    here.write(1, 1, html="", excerpt="Only the beginning\nis free.", visibility="paid")
    (article,) = source().collect(SourceState(key="k"), hours(2)).articles
    assert article.text == "Only the beginning\nis free."
    assert article.summary == ""


def test_a_wrong_key_is_refused_and_never_shown(here, source):
    wrong = "deadbeef" * 3 + "ab"
    with pytest.raises(FetchError, match=r"the key is refused.*\(401\)") as caught:
        source(key=wrong).collect(SourceState(key="k"), hours(2))
    error = caught.value
    assert wrong not in f"{error} {error.__cause__} {error.args}"
    assert str(error).startswith(f"{here.url}/ghost/api/content/posts/: ")


def test_no_key_is_shown_when_nobody_answers(source):
    with pytest.raises(FetchError) as caught:
        source("http://127.0.0.1:9/").collect(SourceState(key="k"), hours(2))
    assert KEY not in str(caught.value)
    assert "127.0.0.1:9" in str(caught.value)


def answers(body, status=200, **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (answers(b"<!DOCTYPE html><html>"), ParseError, "a web page came instead of JSON"),
        (answers(b""), ParseError, "is empty"),
        (answers(b'{"posts": [{"id": "1", "ti'), ParseError, "is no JSON, or is cut off"),
        (answers(b'{"a":' * 100_000), ParseError, "nested too deeply"),
        (answers(b"[]"), ParseError, "no list of posts"),
        (answers(b'{"posts": {}}'), ParseError, "no list of posts"),
        (answers(b'{"errors": [{"message": "Busy"}]}'), ParseError, "the site says: Busy"),
        (answers(b"", 404), FetchError, r"no REST API of Ghost there \(404\)"),
        (answers(b"", 403), FetchError, r"the key is refused.*\(403\)"),
        (answers(b"", 503), FetchError, "the server answered 503"),
    ],
)
def test_an_answer_that_is_none_is_an_error_in_one_line(here, source, answer, kind, reason):
    here.write(1, 1)
    here.broken[1] = answer
    with pytest.raises(kind, match=reason) as caught:
        source().collect(SourceState(key="k"), hours(2))
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_site_that_wants_peace_gets_it(here, source):
    for number in range(1, 31):
        here.write(number, number)
    here.broken[2] = answers(b"", 429, Retry_After="3600")
    found = source().collect(SourceState(key="k"), hours(100))
    assert len(found.articles) == 25
    assert [problem.where for problem in found.problems] == ["page 2"]
    assert found.fresh_until == hours(101)
    here.broken[1] = here.broken[2]
    with pytest.raises(FetchError) as caught:
        source().collect(state_after(found), hours(102))
    assert caught.value.retry_after == timedelta(hours=1)


# Posts by themselves

POST = {
    "id": "5",
    "url": "https://p.example/5/",
    "title": "T",
    "html": "<p>X.</p>",
    "published_at": "2026-11-24T10:00:00.000+00:00",
    "updated_at": "2026-11-24T11:00:00.000+00:00",
}
MEMBERS = ["title", "html", "excerpt", "tags", "authors", "url", "published_at", "feature_image"]


def posts(*rows):
    data = json.dumps({"posts": rows}).encode()
    return adapter.read_posts(data, "application/json", "https://p.example/", "updated_at")


def test_what_is_no_post_is_a_problem():
    found = posts(POST, "x", {"title": "no id"}, {**POST, "id": 7})
    assert len(found.rows) == 1
    assert [problem.where for problem in found.problems] == [
        f"post {number} of https://p.example/" for number in (2, 3, 4)
    ]


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("value", [None, 5, "x", [], {}, [None], [[]], [{"name": 5}], True, 1e400])
def test_any_member_may_be_anything(member, value):
    found = posts({**POST, member: value})
    assert len(found.rows) + len(found.problems) == 1


@pytest.mark.parametrize("pagination", [None, [], {}, {"next": "x", "total": "y"}, {"total": 1.5}])
def test_pages_may_be_counted_in_any_way(pagination):
    data = json.dumps({"posts": [POST], "meta": {"pagination": pagination}}).encode()
    found = adapter.read_posts(data, "application/json", "https://p.example/", "updated_at")
    assert len(found.rows) == 1
