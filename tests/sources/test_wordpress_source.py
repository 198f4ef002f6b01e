"""WordPress by its REST API, against a site that filters, sorts and pages as WordPress does."""

from datetime import UTC, datetime, timedelta

import pytest

from publisher.errors import FetchError, ParseError
from publisher.kit.wordpress_posts import read_posts
from publisher.model.articles import SOURCE, SourceState
from publisher.net import HttpFetcher
from publisher.ports import SourceContext
from publisher.sources import wordpress as adapter
from tests.sources.wordpress_site import EPOCH, wordpress


def hours(number):
    return EPOCH + timedelta(hours=number)


@pytest.fixture
def here():
    with wordpress() as running:
        yield running


@pytest.fixture
def source(tmp_path, here):
    def make(url="", **more):
        context = SourceContext(
            key="wordpress:x", root=tmp_path, fetcher=HttpFetcher(allow_private=True)
        )
        return adapter.WordPress(adapter.Options(url=url or here.url, **more), context)

    return make


def state_after(collected):
    return SourceState(key="k", cursor=collected.cursor, last_success=EPOCH)


def titles(collected):
    return [article.title for article in collected.articles]


def test_a_story_has_all_its_parts(here, source):
    here.write(
        7,
        1,
        "Night&#8217;s ferry &amp; <em>more</em>",
        content='<p onclick="x()">One.</p><script>x</script><p><a href="/map">Two</a></p>',
    )
    found = source().collect(SourceState(key="k"), hours(2))
    (article,) = found.articles
    assert article.title == "Night’s ferry & more"
    assert article.html == f'<p>One.</p><p><a href="{here.url}/map">Two</a></p>'
    assert article.text == "One.\n\nTwo"
    assert article.authors == ("Ines & Vautrin",)
    assert article.tags == ("Harbour & sea", "ships")
    assert article.image == f"{here.url}/uploads/quay.jpg"
    assert article.url == f"{here.url}/7/"
    assert article.external_id == f"{here.url}/?p=7"
    assert article.published == article.updated == hours(1)
    assert article.attributes[SOURCE] == {
        "title": "Port & Sea",
        "url": here.url,
        "home": here.url,
    }
    assert not found.partial


@pytest.mark.parametrize(
    ("pretty", "named", "below"),
    [
        (True, "header", "/wp-json/wp/v2/posts?"),
        (True, "head", "/wp-json/wp/v2/posts?"),
        (True, "nowhere", "/wp-json/wp/v2/posts?"),
        (False, "header", "/index.php?rest_route=/wp/v2/posts&"),
        (False, "nowhere", "/?rest_route=/wp/v2/posts&"),
    ],
)
def test_the_api_is_found_once_and_known_then(here, source, pretty, named, below):
    here.pretty, here.named = pretty, named
    here.write(1, 1)
    first = source().collect(SourceState(key="k"), hours(2))
    assert titles(first) == ["Story 1"]
    assert here.asked[-1].startswith(below)
    here.asked.clear()
    again = source().collect(state_after(first), hours(3))
    assert all(path.startswith(below) for path in here.asked)
    assert len(here.asked) == 2
    assert again.partial


@pytest.mark.parametrize("path", ["/wp-json", "/wp-json/wp/v2/posts?x=1", "/?rest_route=/wp/v2"])
def test_an_address_of_the_api_is_taken_at_its_word(here, source, path):
    here.write(1, 1)
    assert titles(source(here.url + path).collect(SourceState(key="k"), hours(2))) == ["Story 1"]
    assert len(here.asked) == 2


def test_the_backlog_is_read_over_pages_newest_first_and_no_further(here, source):
    for number in range(1, 91):
        here.write(number, number)
    found = source(backlog=60).collect(SourceState(key="k"), hours(100))
    assert titles(found) == [f"Story {number}" for number in range(90, 30, -1)]
    assert [asked["page"] for asked in here.questions] == ["1", "2", "3"]
    assert not found.partial


def test_what_is_new_and_what_was_edited_comes_and_nothing_else(here, source):
    for number in range(1, 6):
        here.write(number, 100 * number)
    first = source().collect(SourceState(key="k"), hours(510))
    here.write(6, 600)
    here.edit(2, 601, "Story 2, corrected")
    later = source().collect(state_after(first), hours(610))
    assert later.partial
    assert titles(later) == ["Story 6", "Story 5", "Story 2, corrected"]  # 5: the overlap
    third = source().collect(state_after(later), hours(211))
    assert set(titles(third)) <= {"Story 6", "Story 2, corrected"}  # what the overlap repeats
    kept = {article.external_id: article for article in third.articles}
    assert kept == {
        article.external_id: article for article in later.articles if article.external_id in kept
    }


def test_a_scheduled_post_comes_though_it_was_edited_long_before_its_date(here, source):
    here.write(1, 10)
    first = source().collect(SourceState(key="k"), hours(11))
    here.write(2, 300).modified = hours(5)  # written then, for hour 300
    found = source().collect(state_after(first), hours(301))
    assert titles(found) == ["Story 2", "Story 1"]
    assert found.articles[0].updated == hours(300)


def test_a_scheduled_post_that_comes_late_is_not_missed(here, source):
    here.write(1, 100)
    first = source().collect(SourceState(key="k"), hours(101))
    here.write(2, 94).modified = hours(5)  # due at 94, published when somebody came at 102
    assert "Story 2" in titles(source().collect(state_after(first), hours(103)))


@pytest.mark.parametrize("old", [False, True])
def test_an_old_site_without_modified_after_is_read_as_far_as_needed(here, source, old):
    here.old = old
    for number in range(1, 81):
        here.write(number, number)
    first = source(backlog=80).collect(SourceState(key="k"), hours(100))
    here.edit(3, 200, "Edited")
    here.asked.clear()
    found = source(backlog=80).collect(state_after(first), hours(201))
    assert titles(found)[-1] == "Edited"
    assert len([asked for asked in here.questions if asked["orderby"] == "modified"]) == 1


def test_edits_of_what_lies_behind_the_backlog_are_no_news(here, source):
    for number in range(1, 41):
        here.write(number, number)
    first = source(backlog=10).collect(SourceState(key="k"), hours(50))
    for number in range(1, 41):
        here.edit(number, 100, f"Story {number}, moved")
    found = source(backlog=10).collect(state_after(first), hours(101))
    assert sorted(titles(found)) == sorted(f"Story {n}, moved" for n in range(31, 41))
    again = source(backlog=10).collect(state_after(found), hours(102))
    assert set(titles(again)) <= set(titles(found))


def test_more_edits_than_one_collection_takes_come_over_several(here, source):
    for number in range(1, 701):
        here.write(number, 1 + number / 1000)
    first = source(backlog=450).collect(SourceState(key="k"), hours(5))
    assert len(first.articles) == 450
    for number in range(1, 701):
        here.edit(number, 100 + number / 1000, f"Edited {number}")
    state, seen = state_after(first), []
    for run in range(3):
        found = source(backlog=450).collect(state, hours(110 + run))
        seen += titles(found)
        state = state_after(found)
    assert {f"Edited {n}" for n in range(251, 701)} <= set(seen)
    here.asked.clear()
    source(backlog=450).collect(state, hours(120))
    assert len(here.asked) == 2  # all of it lies behind now


def test_what_is_published_during_a_walk_pushes_nothing_out(here, source):
    for number in range(1, 61):
        here.write(number, number)

    def publish(path):
        if "&page=2" in path and len(here.posts) == 60:
            here.write(61, 99)

    here.before = publish
    found = source().collect(SourceState(key="k"), hours(100))
    assert {f"Story {n}" for n in range(1, 61)} <= set(titles(found))
    assert "Story 61" in titles(source().collect(state_after(found), hours(101)))


def test_what_is_taken_away_during_a_walk_pulls_nothing_past_it(here, source):
    for number in range(1, 61):
        here.write(number, number)

    def take_away(path):
        if "&page=2" in path:
            here.posts[:] = [post for post in here.posts if post.id not in {58, 59}]

    here.before = take_away
    found = source().collect(SourceState(key="k"), hours(100))
    assert {f"Story {n}" for n in range(1, 58)} <= set(titles(found))


def test_pages_without_totals_are_read_until_one_is_not_full(here, source):
    here.totals = False
    for number in range(1, 31):
        here.write(number, number)
    assert len(source().collect(SourceState(key="k"), hours(50)).articles) == 30


def test_what_stood_on_a_page_that_is_gone_is_found_where_it_is_now(here, source):
    for number in range(1, 27):
        here.write(number, number)

    def take_away(path):
        if "&page=2" in path:
            here.posts[:] = [post for post in here.posts if post.id not in {20, 21}]

    here.before = take_away
    found = source().collect(SourceState(key="k"), hours(50))
    assert {f"Story {n}" for n in range(1, 27)} - set(titles(found)) <= {"Story 20", "Story 21"}
    assert found.problems == ()


def test_a_site_that_gives_no_second_page_is_not_asked_for_ever(here, source):
    for number in range(1, 60):
        here.write(number, number)
    here.broken[2] = answers(b"", 400)
    assert len(source().collect(SourceState(key="k"), hours(100)).articles) == 25
    assert [asked["page"] for asked in here.questions] == ["1", "2"] * 3


def test_validators_are_sent_back_and_nothing_new_is_said_so(here, source):
    here.validators = True
    here.write(1, 1)
    state = SourceState(key="k")
    seen = []
    for _ in range(4):
        found = source().collect(state, hours(2))
        seen.append(found.unchanged)
        state = state_after(found)
    assert seen == [False, False, True, True]
    here.write(2, 3)
    found = source().collect(state, hours(4))
    assert "Story 2" in titles(found)


def test_kinds_are_read_each_by_itself(here, source):
    here.write(1, 1)
    here.write(2, 2, kind="pages")
    first = source(types=("posts",)).collect(SourceState(key="k"), hours(3))
    both = source(types=("posts", "pages")).collect(state_after(first), hours(4))
    assert set(titles(both)) == {"Story 1", "Story 2"}
    with pytest.raises(FetchError, match=r'has no "recipes" \(404\)'):
        source(types=("recipes",)).collect(state_after(first), hours(4))


def test_a_login_opens_what_is_closed_to_strangers(here, source):
    here.login = "ines:abcd EFGH"
    here.write(1, 1)
    with pytest.raises(FetchError, match=r"does not answer strangers.*\(401\)"):
        source().collect(SourceState(key="k"), hours(2))
    with pytest.raises(FetchError, match=r"the key is refused.*\(401\)") as caught:
        source(username="ines", password="wrong1").collect(SourceState(key="k"), hours(2))
    assert "wrong1" not in str(caught.value)
    found = source(username="ines", password="abcd EFGH").collect(SourceState(key="k"), hours(2))
    assert titles(found) == ["Story 1"]


def test_a_login_goes_to_no_other_server_and_over_no_open_line(here, source):
    login = {"username": "ines", "password": "abcd"}
    with wordpress() as other:
        here.url, mine = other.url, here.url  # the page names the other's API
        page, here.answer = here.page, lambda handler: page(handler, handler.path)
        with pytest.raises(FetchError, match="is another server than that of url"):
            source(mine, **login).collect(SourceState(key="k"), hours(2))
        assert other.asked == []
    with pytest.raises(FetchError, match="over https only"):
        source("http://127.press.example/", **login).collect(SourceState(key="k"), hours(2))
    with pytest.raises(FetchError, match="belong together"):
        source(password="abcd").collect(SourceState(key="k"), hours(2))


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
        (answers(b"<html><body><p>Just a moment</p>"), ParseError, "a web page came instead"),
        (answers(b""), ParseError, "is empty"),
        (answers(b'[{"id": 1, "title": {"rend'), ParseError, "is no JSON, or is cut off"),
        (answers(b"[" * 100_000), ParseError, "nested too deeply"),
        (answers(b'{"code": "x", "message": "Sorry &amp; no"}'), ParseError, "says: Sorry & no"),
        (answers(b"7"), ParseError, "no list of posts"),
        (answers(b"", 403), FetchError, r"does not answer strangers.*\(403\)"),
        (answers(b"", 500), FetchError, "the server answered 500"),
    ],
)
def test_an_answer_that_is_none_is_an_error_in_one_line(here, source, answer, kind, reason):
    here.write(1, 1)
    here.broken[1] = answer
    with pytest.raises(kind, match=reason) as caught:
        source().collect(SourceState(key="k"), hours(2))
    assert str(caught.value).startswith(f"{here.url}/wp-json/wp/v2/posts: ")
    assert "\n" not in str(caught.value)


def test_a_site_that_wants_peace_gets_it(here, source):
    here.write(1, 1)
    here.broken[1] = answers(b"", 429, Retry_After="7200")
    with pytest.raises(FetchError) as caught:
        source().collect(SourceState(key="k"), hours(2))
    assert caught.value.retry_after == timedelta(hours=2)


def test_a_later_page_that_fails_costs_only_itself(here, source):
    for number in range(1, 61):
        here.write(number, number)
    here.broken[2] = answers(b"", 429, Retry_After="7200")
    found = source().collect(SourceState(key="k"), hours(100))
    assert len(found.articles) == 25
    assert [problem.where for problem in found.problems] == ["page 2"]
    assert found.fresh_until == hours(102)


def test_a_walk_that_broke_goes_on_where_it_was(here, source):
    here.write(1, 1)
    first = source().collect(SourceState(key="k"), hours(2))
    for number in range(2, 62):
        here.write(number, 100 + number)
    here.broken[2] = answers(b"<html>", 200)
    broken = source().collect(state_after(first), hours(200))
    assert len(broken.articles) == 25
    here.broken.clear()
    whole = source().collect(state_after(broken), hours(201))
    both = {article.external_id for article in (*broken.articles, *whole.articles)}
    assert len(both) >= 60


def test_a_question_about_edits_that_fails_costs_no_news(here, source):
    here.write(1, 1)
    first = source().collect(SourceState(key="k"), hours(2))
    here.write(2, 50)

    def refuse(path):
        here.broken.clear()
        if "orderby=modified" in path:
            here.broken[1] = answers(b"", 504)

    here.before = refuse
    found = source().collect(state_after(first), hours(51))
    assert "Story 2" in titles(found)
    assert [problem.where for problem in found.problems] == ["edits of posts"]


def test_an_api_that_has_moved_is_looked_for_again(here, source):
    here.write(1, 1)
    first = source().collect(SourceState(key="k"), hours(2))
    here.pretty = False
    here.write(2, 3)
    found = source().collect(state_after(first), hours(4))
    assert "Story 2" in titles(found)
    assert found.cursor["root"].endswith("?rest_route=/")


def test_a_site_that_is_no_wordpress(here, source):
    here.named, here.pretty = "nowhere", False
    here.answer = lambda handler: here.page(handler, "/x")
    with pytest.raises(FetchError, match="no REST API there"):
        source().collect(SourceState(key="k"), hours(2))


def test_a_date_in_the_future_hides_nothing_that_comes_after(here, source):
    here.write(1, 1_000_000)
    first = source().collect(SourceState(key="k"), hours(2))
    here.write(2, 10)
    assert "Story 2" in titles(source().collect(state_after(first), hours(11)))


# Posts by themselves

POST = {
    "id": 5,
    "link": "https://p.example/5/",
    "date_gmt": "2026-11-24T10:00:00",
    "modified_gmt": "2026-11-24T11:00:00",
    "title": {"rendered": "T"},
    "content": {"rendered": "<p>X.</p>"},
}


def posts(*rows):
    import json

    return read_posts(json.dumps(rows).encode(), "application/json", "https://p.example/", "date")


@pytest.mark.parametrize(
    ("guid", "expected"),
    [
        ("https://p.example/?p=5", "https://p.example/?p=5"),
        ("https://p.example/?post_type=story&#038;p=5", "https://p.example/?post_type=story&p=5"),
        ("https://elsewhere.example/?p=77", "post 5"),
        ("https://p.example/5/", "post 5"),
        ("", "post 5"),
    ],
)
def test_the_guid_is_kept_when_it_is_of_this_post(guid, expected):
    (row,), _, _ = posts({**POST, "guid": {"rendered": guid}})
    assert row.article.external_id == expected


def test_what_is_hidden_or_missing_is_left_out():
    refused = {"code": "rest_user_invalid_id", "message": "Invalid user ID."}
    row = {
        **POST,
        "title": {"rendered": ""},
        "_embedded": {"author": [refused], "wp:featuredmedia": [refused], "wp:term": [refused, 5]},
        "jetpack_featured_media_url": "https://i0.example/a.jpg",
        "yoast_head_json": {"author": "Ada Quill"},
    }
    (found,), problems, count = posts(row)
    assert (problems, count) == ((), 1)
    assert found.article.title == "X."
    assert found.article.authors == ("Ada Quill",)
    assert found.article.tags == ()
    assert found.article.image == "https://i0.example/a.jpg"


def test_a_post_behind_a_password_is_left_out_and_one_that_is_none_is_a_problem():
    locked = {**POST, "id": 6, "content": {"rendered": "", "protected": True}}
    rows, problems, count = posts(POST, locked, "x", {"title": "no id"}, {**POST, "id": True})
    assert [row.article.external_id for row in rows] == ["post 5"]
    assert [problem.where for problem in problems] == [
        f"post {number} of https://p.example/" for number in (3, 4, 5)
    ]
    assert count == 5


def test_an_excerpt_that_only_repeats_the_text_is_none():
    own = {**POST, "excerpt": {"rendered": "<p>Why ferries matter [&hellip;]</p>"}}
    repeated = {**POST, "excerpt": {"rendered": "<p>X.</p>"}}
    (one,), _, _ = posts(own)
    (two,), _, _ = posts(repeated)
    assert (one.article.summary, two.article.summary) == ("Why ferries matter…", "")


@pytest.mark.parametrize(
    "member", ["title", "content", "excerpt", "_embedded", "link", "date_gmt"]
)
@pytest.mark.parametrize("value", [None, 5, "x", [], {}, {"rendered": None}, [[]], True, 1e400])
def test_any_member_may_be_anything(member, value):
    rows, problems, count = posts({**POST, member: value})
    assert (len(rows) + len(problems), count) == (1, 1)


def test_a_date_without_its_utc_is_read_as_it_stands():
    (row,), _, _ = posts({**POST, "date_gmt": None, "date": "2026-11-24T12:00:00"})
    assert row.moment == datetime(2026, 11, 24, 12, tzinfo=UTC)
