"""Walks over the pages of a site that changes under the feet: nothing is passed by."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import FetchError, ParseError
from publisher.kit.api_backlog import take_stock, within
from publisher.kit.api_pages import ApiPage, Mark, Row, plain_address, read_json, walk
from publisher.model.articles import CollectedArticle

START = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SIZE = 3


class Site:
    """Rows by the instant of their last change, newest first; several changes may fall in a second."""

    def __init__(self, rows):
        self.clock = START
        self.rows = {}
        self.versions = {}
        self.next = 0
        self.meanwhile = lambda: None
        for _ in range(rows):
            self.write(1)

    def touch(self, name):
        self.rows[name] = self.clock
        self.versions[name] = self.versions.get(name, 0) + 1

    def write(self, which):
        self.clock += SECOND * (which % 2)
        self.touch(self.next)
        self.next += 1

    def edit(self, which):
        self.clock += SECOND * (which % 2)
        if self.rows:
            self.touch(sorted(self.rows)[which % len(self.rows)])

    def edit_all(self, which):
        for name in sorted(self.rows, reverse=bool(which % 3)):
            self.clock += SECOND
            self.touch(name)

    def remove(self, which):
        if self.rows:
            name = sorted(self.rows)[which % len(self.rows)]
            del self.rows[name], self.versions[name]

    def ask(self, wanted):
        self.meanwhile()
        found = [
            (moment, name)
            for name, moment in self.rows.items()
            if wanted.since is None or moment > wanted.since
        ]
        found.sort(reverse=True)
        shown = found[(wanted.page - 1) * SIZE : wanted.page * SIZE]
        if not shown and wanted.page > 1 and found:
            return ApiPage(beyond=True)
        return ApiPage(
            rows=tuple(row(name, moment, self.versions[name]) for moment, name in shown),
            more=len(found) > wanted.page * SIZE,
            total=len(found),
            at=self.clock,
        )


def row(name, moment, version=1):
    article = CollectedArticle(
        external_id=str(name), title=str(version), published=moment, updated=moment
    )
    return Row(article=article, moment=moment)


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["write", "edit", "remove", "remove", "edit_all"]), st.integers(0, 50)
    ),
    max_size=7,
)


@given(st.integers(0, 20), st.lists(CHANGES, max_size=14), st.integers(3, 6))
def test_whatever_changes_during_walks_all_that_is_left_was_handed_over(rows, changes, most):
    site, waiting, handed = Site(rows), list(changes), {}

    def meanwhile():
        for what, which in waiting.pop(0) if waiting else ():
            getattr(site, what)(which)

    def go(mark, pages):
        now = site.clock + SECOND
        walked = walk(site.ask, mark, now, SECOND, size=SIZE, most=pages)
        for one in walked.rows:
            handed[int(one.article.external_id)] = int(one.article.title)
        return walked

    site.meanwhile = meanwhile
    walked = go(Mark(), 100)
    quiet = 0  # what changed after its page was read comes with the next walk
    for _ in range(100):
        meanwhile()
        mark = Mark.of(walked.mark.cursor("x"), "x")
        walked = go(mark, most)
        quiet += walked.whole and not waiting
        if quiet > 1:
            break
    assert quiet > 1, "the walks never end"
    assert {name: handed.get(name) for name in site.rows} == site.versions


def seen(walked):
    return {int(one.article.external_id) for one in walked.rows}


def test_many_that_go_at_once_during_a_walk_hide_none():
    site, asked = Site(21), []

    def ask(wanted):
        asked.append(wanted.page)
        if wanted.page == 4:
            for name in range(12, 19):
                site.rows.pop(name, None)
        return site.ask(wanted)

    walked = walk(ask, Mark(since=START), site.clock, SECOND, size=SIZE)
    assert set(range(12)) <= seen(walked)
    assert asked[:5] == [1, 2, 3, 4, 1]


def test_many_that_go_between_two_parts_of_a_walk_hide_none():
    site = Site(21)
    first = walk(site.ask, Mark(since=START), site.clock, SECOND, size=SIZE, most=3)
    assert (first.mark.page, first.mark.total) == (4, 21)
    for name in range(14, 19):
        del site.rows[name]
    rest = walk(site.ask, first.mark, site.clock, SECOND, size=SIZE)
    assert seen(first) | seen(rest) == set(range(21))


@given(st.integers(0, 40), st.integers(1, 20))
def test_of_a_site_at_rest_the_newest_are_taken_and_the_rest_lies_behind(rows, backlog):
    site = Site(rows)
    now = site.clock + SECOND

    def ask(wanted):
        return site.ask(wanted)

    stock = take_stock(ask, now, backlog)
    newest = sorted(site.rows, reverse=True)[:backlog]
    assert [int(one.article.external_id) for one in stock.rows] == newest
    assert bool(stock.horizon) is (rows > backlog)
    everything = [row(name, moment) for name, moment in site.rows.items()]
    inside = {int(one.article.external_id) for one in within(everything, stock.horizon)}
    assert inside == set(newest)


def test_one_page_is_asked_for_again_with_its_validators():
    site = Site(2)
    seen = []

    def ask(wanted):
        seen.append((wanted.etag, wanted.since))
        found = site.ask(wanted)
        return None if wanted.etag else ApiPage(rows=found.rows, total=found.total, etag="e")

    mark = Mark()
    results = []
    for _ in range(3):
        walked = walk(ask, mark, site.clock, SECOND, size=SIZE)
        results.append(walked.unchanged)
        mark = walked.mark
    assert results == [False, False, True]
    assert [etag for etag, _ in seen] == ["", "", "e"]
    assert seen[1][1] == seen[2][1]


def test_a_first_page_that_fails_is_an_error_and_a_later_one_a_problem():
    site = Site(9)

    def ask(wanted):
        if wanted.page == broken:
            raise FetchError("x", "the server answered 429", retry_after=timedelta(hours=1))
        return site.ask(wanted)

    broken = 1
    with pytest.raises(FetchError):
        walk(ask, Mark(), site.clock, SECOND, size=SIZE)
    broken = 2
    walked = walk(ask, Mark(since=START), site.clock, SECOND, size=SIZE)
    assert len(walked.rows) == 3
    assert (walked.mark.page, walked.mark.since, walked.whole) == (2, START, False)
    assert [problem.where for problem in walked.problems] == ["page 2"]
    assert walked.wait == timedelta(hours=1)


INSTANTS = st.integers(0, 3_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(
    st.builds(
        Mark,
        since=st.none() | INSTANTS,
        top=st.none() | INSTANTS,
        page=st.integers(1, 999_999),
        total=st.none() | st.integers(0, 10**9 - 1),
        etag=st.text(),
        last_modified=st.text(),
    )
)
def test_a_mark_is_kept_in_a_cursor(mark):
    assert Mark.of(mark.cursor("posts"), "posts") == mark


@given(st.dictionaries(st.sampled_from(["since", "top", "page", "total", "etag"]), st.text()))
def test_any_cursor_is_read(said):
    found = Mark.of({f"x.{key}": value for key, value in said.items()}, "x")
    assert found.page >= 1


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://h.example/a?key=secret#x", "https://h.example/a"),
        ("https://user:secret@h.example:8443/a", "https://h.example:8443/a"),
    ],
)
def test_a_plain_address_holds_no_secret(url, plain):
    assert plain_address(url) == plain


@given(st.binary())
def test_any_answer_is_json_or_a_clear_error(data):
    try:
        read_json(data, "application/json", "https://h.example/a?key=secret")
    except ParseError as error:
        assert error.subject == "https://h.example/a"  # noqa: PT017 - any bytes may be JSON
