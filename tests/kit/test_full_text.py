"""Following links: once for each entry, within bounds, and never a teaser in place of a text."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import FetchError, ParseError
from publisher.kit.full_text import (
    MAX_NOTES,
    PAGES,
    TRIES,
    Note,
    follow,
    kept_of,
    read_notes,
    write_notes,
)
from publisher.kit.polite_pages import Barred
from publisher.model.articles import CollectedArticle

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG = "The harbour lies still in the morning, and the boats wait for the tide. " * 30
CUT = "The harbour lies still in the morning, and the boats …"


@dataclass
class Site:
    """Pages by address: their texts, or why they cannot be read."""

    pages: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    waits: float = 0.0

    def wait(self, url):
        return self.waits if self.asked else 0.0

    def story(self, url, *, language=""):
        self.asked.append(url)
        found = self.pages.get(url, LONG)
        if isinstance(found, Exception):
            raise found
        return CollectedArticle(external_id=url, title="", html=f"<p>{found}</p>", text=found)


def entry(number=1, text=CUT, **more):
    url = f"https://a.example/{number}"
    return CollectedArticle(
        **{
            "external_id": f"id{number}",
            "title": f"The harbour {number}",
            "url": url,
            "text": text,
            **more,
        }
    )


class Feed:
    """A feed that is read again and again, with what is remembered in between."""

    def __init__(self):
        self.site, self.notes, self.now = Site(), "", NOON

    def read(self, *entries, **more):
        found = follow(entries, self.notes, self.site, self.now, **more)
        self.notes = found.notes
        assert [one.external_id for one in found.articles] == [one.external_id for one in entries]
        return found


@pytest.fixture
def feed():
    return Feed()


def test_a_teaser_gets_its_page_once_and_is_kept_from_then_on(feed):
    first = feed.read(entry())
    assert (first.articles[0].text, first.kept, first.later) == (LONG, frozenset(), False)
    for _ in range(3):
        again = feed.read(entry())
        assert (again.articles[0].text, again.kept) == (CUT, {"id1"})
    assert feed.site.asked == ["https://a.example/1"]


def test_a_whole_text_is_left_as_it_is(feed):
    assert feed.read(entry(text=LONG)).articles[0].text == LONG
    assert feed.site.asked == []


def test_a_feed_that_turns_to_teasers_takes_no_text_away(feed):
    feed.read(entry(text=LONG))
    feed.site.pages["https://a.example/1"] = FetchError("u", "timed out")
    assert feed.read(entry()).kept == {"id1"}
    assert feed.read(entry(text=LONG)).kept == frozenset()


def test_a_story_that_has_become_short_is_short(feed):
    feed.read(entry())
    feed.site.pages["https://a.example/1"] = "The harbour story was withdrawn."
    found = feed.read(entry(title="Withdrawn", text="The harbour story was withdrawn."))
    assert (found.articles[0].text, found.kept) == (
        "The harbour story was withdrawn.",
        frozenset(),
    )


def test_an_entry_whose_words_change_is_followed_again_at_once(feed):
    feed.read(entry())
    feed.site.pages["https://a.example/1"] = LONG + "Later the wind rose."
    changed = feed.read(entry(title="The harbour, corrected"))
    assert changed.articles[0].text.endswith("Later the wind rose.")
    assert changed.articles[0].title == "The harbour, corrected"
    assert changed.kept == frozenset()
    assert feed.read(entry(title="The harbour, corrected")).kept == {"id1"}


def test_an_entry_whose_date_alone_changes_is_followed_once_a_day(feed):
    for minute in range(5):
        feed.read(entry(updated=NOON + timedelta(minutes=minute)))
    assert len(feed.site.asked) == 1
    feed.now += timedelta(days=1)
    for minute in range(5, 10):
        feed.read(entry(updated=NOON + timedelta(minutes=minute)))
    assert len(feed.site.asked) == 2


def test_a_page_that_does_not_answer_leaves_the_teaser_and_is_tried_again(feed):
    feed.site.pages["https://a.example/1"] = FetchError("u", "the server answered 503", status=503)
    first = feed.read(entry())
    assert (first.articles[0].text, first.kept, first.later) == (CUT, frozenset(), True)
    assert first.problems[0].where == "https://a.example/1"
    assert first.problems[0].message == "full text: the server answered 503"
    feed.site.pages.clear()
    second = feed.read(entry())
    assert (second.articles[0].text, second.problems, second.later) == (LONG, (), False)


def test_a_page_that_never_answers_is_given_up_until_its_entry_changes(feed):
    feed.site.pages["https://a.example/1"] = FetchError("u", "timed out")
    later = [feed.read(entry()).later for _ in range(TRIES + 2)]
    assert later == [*[True] * (TRIES - 1), False, False, False]
    assert len(feed.site.asked) == TRIES
    feed.read(entry(title="New"))
    assert len(feed.site.asked) == TRIES + 1


@pytest.mark.parametrize(
    "error",
    [
        Barred("u", "barred"),
        ParseError("u", "no story"),
        FetchError("u", "gone", status=410),
        FetchError("u", "paid", status=402),
    ],
)
def test_what_will_not_change_is_asked_once_and_told_once(feed, error):
    feed.site.pages["https://a.example/1"] = error
    assert [len(feed.read(entry()).problems) for _ in range(3)] == [1, 0, 0]
    assert len(feed.site.asked) == 1


def test_a_text_that_is_stored_stays_while_its_page_cannot_be_read(feed):
    feed.read(entry())
    feed.site.pages["https://a.example/1"] = FetchError("u", "timed out")
    for _ in range(TRIES + 2):
        found = feed.read(entry(title="Changed"))
        assert (found.kept, found.articles[0].text) == ({"id1"}, CUT)
    feed.site.pages["https://a.example/1"] = "Please enable scripts."
    assert feed.read(entry(title="Changed again")).kept == {"id1"}


def test_a_page_that_says_no_more_is_not_taken_and_not_asked_again(feed):
    feed.site.pages["https://a.example/1"] = CUT + " and it is."
    for _ in range(3):
        found = feed.read(entry())
        assert (found.articles[0].text, found.kept, found.problems) == (CUT, frozenset(), ())
    assert len(feed.site.asked) == 1


def test_pages_are_bounded_and_the_rest_comes_next_time(feed):
    entries = [entry(number) for number in range(25)]
    counts = []
    for _ in range(4):
        found = feed.read(*entries)
        counts.append(
            (sum(one.text == LONG for one in found.articles), len(found.kept), found.later)
        )
    assert counts == [(10, 0, True), (10, 10, True), (5, 20, False), (0, 25, False)]
    assert PAGES == 10


def test_waiting_is_bounded(feed):
    feed.site.waits = 2.5
    found = feed.read(*[entry(number) for number in range(6)])
    assert (len(feed.site.asked), found.later) == (3, True)


def test_time_is_bounded(feed):
    seconds = iter(range(0, 1000, 12))
    found = feed.read(*[entry(number) for number in range(6)], ticks=lambda: next(seconds))
    assert (len(feed.site.asked), found.later) == (2, True)


def test_new_entries_come_before_those_whose_pages_failed(feed):
    feed.site.pages |= {
        f"https://a.example/{number}": FetchError("u", "timed out") for number in (1, 2)
    }
    feed.read(entry(1), entry(2), entry(3))
    assert feed.site.asked == ["https://a.example/1", "https://a.example/2"]  # then it was enough
    feed.site.asked.clear()
    feed.read(entry(1), entry(2), entry(3))
    assert feed.site.asked[0] == "https://a.example/3"


def test_links_that_lead_to_no_page_of_a_story_are_not_followed(feed):
    shared = [entry(1, url="https://a.example/log#1"), entry(2, url="https://a.example/log#2")]
    others = [
        entry(number, url=url)
        for number, url in enumerate(
            ("", "https://a.example/", "https://a.example", "https://a.example/a.MP3", "http://["),
            3,
        )
    ]
    found = feed.read(*shared, *others)
    assert {one.text for one in found.articles} == {CUT}
    assert (feed.site.asked, found.later, found.problems) == ([], False, ())


def test_what_left_the_feed_is_forgotten_but_not_for_a_part_of_it(feed):
    feed.read(entry(1), entry(2))
    part = feed.read(entry(3), partial=True)
    assert part.articles[0].text == LONG
    assert len(read_notes(feed.notes)) == 3
    assert feed.read(entry(1)).kept == {"id1"}
    assert len(read_notes(feed.notes)) == 1


def test_what_a_hub_brings_is_kept_where_its_text_is_known(feed):
    feed.read(entry(1))
    assert kept_of([entry(1), entry(2), entry(1, text=LONG)], feed.notes) == {"id1"}
    assert kept_of([entry(1, text=LONG)], feed.notes) == frozenset()


digits = st.text("0123456789abcdef", min_size=10, max_size=10)
written = st.builds(
    Note,
    words=digits,
    date=st.text("0123456789abcdef", min_size=4, max_size=4),
    full=st.booleans(),
    tries=st.integers(0, TRIES),
    day=st.integers(1, 999_999),
)


@given(st.dictionaries(digits, written, max_size=20))
def test_notes_come_back_as_they_were_written(notes):
    assert read_notes(write_notes(notes)) == notes


def test_notes_are_bounded():
    note = Note(words="0" * 10, date="0" * 4, day=1)
    many = write_notes({f"{number:010x}": note for number in range(3 * MAX_NOTES)})
    assert len(read_notes(many)) == MAX_NOTES
    assert len(many) < 40_000


@given(st.text())
def test_odd_notes_are_none(text):
    assert read_notes(text) == {} or text


texts = st.sampled_from([CUT, LONG, "Short."])
answers = st.sampled_from([LONG, "", FetchError("u", "no"), ParseError("u", "no")])


@given(st.lists(st.tuples(texts, answers, st.integers(0, 2)), max_size=12))
def test_once_a_text_is_there_no_teaser_replaces_it(history):
    """Whatever feed and page do, a text that is cut never takes the place of a whole one."""
    feed, stored = Feed(), None
    for text, answer, title in history:
        feed.site.pages["https://a.example/1"] = answer
        feed.now += timedelta(hours=5)
        found = feed.read(replace(entry(text=text), title=f"Title {title}"))
        if "id1" in found.kept:
            assert stored is not None
        else:
            assert stored != LONG or found.articles[0].text != CUT
            stored = found.articles[0].text
