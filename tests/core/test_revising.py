"""What editors do to an edition: any edits keep the set of stories, and touch nothing else."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.contents import Contents
from publisher.core.revising import (
    WORDS,
    Revising,
    annotate,
    changes,
    check_rests,
    hide,
    lift,
    pin,
    preface,
    put_after,
    put_before,
    refresh,
    show,
    unpin,
    write,
)
from publisher.errors import Conflict, UsageError
from publisher.model.articles import Article, ArticleState
from publisher.model.definitions import Action, ScheduleDefinition
from publisher.model.editions import (
    DeliveryState,
    Edition,
    EditionContent,
    EditionId,
    EditionState,
)
from publisher.model.timetable import RunId
from publisher.model.views import StoryView

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SCHEDULE = ScheduleDefinition(slug="morning", action=Action.DIGEST, feeds=("harbour",))


def story(number: int, **more) -> StoryView:
    usual = {
        "title": f"Story {number}",
        "url": f"https://gazette.example/{number}/",
        "standfirst": f"What story {number} says.",
        "key_points": ("One.", "Two."),
        "published": NOON,
        "content_hash": f"hash {number}",
    }
    return StoryView(id=number, **{**usual, **more})


def content(*numbers: int) -> EditionContent:
    return EditionContent(stories=tuple(story(number) for number in numbers), version=1)


def ids(made: EditionContent) -> list[int]:
    return [one.id for one in made.stories]


NUMBERS = (1, 2, 3, 4)
number = st.sampled_from(NUMBERS)
text = st.text(max_size=20)
edits = st.one_of(
    st.builds(lambda f, n: partial(f, article=n), st.sampled_from([pin, unpin, lift]), number),
    st.builds(lambda f, n: partial(f, article=n), st.sampled_from([hide, show]), number),
    st.builds(
        lambda f, n, m: partial(f, article=n, other=m),
        st.sampled_from([put_before, put_after]),
        number,
        number,
    ),
    st.builds(
        lambda n, name, words: partial(write, article=n, name=name, words=words),
        number,
        st.sampled_from(["title", "standfirst"]),
        text.filter(bool),
    ),
    st.builds(
        lambda n, words: partial(write, article=n, name="key_points", words=tuple(words)),
        number,
        st.lists(text, max_size=3),
    ),
    st.builds(lambda n, note: partial(annotate, article=n, note=note), number, text),
    st.builds(lambda note: partial(preface, note=note), text),
    st.builds(
        lambda n, keep: partial(refresh, fresh={n: story(n)}, articles=[n], keep=keep),
        number,
        st.booleans(),
    ),
)


@given(st.lists(edits, max_size=12))
def test_any_edits_keep_the_stories_and_what_they_are_not_about(made):
    before = after = content(*NUMBERS)
    for edit in made:
        after = edit(after)
    assert sorted(ids(after)) == sorted(ids(before))
    mine = ("pinned", "hidden", "note", "edited", *WORDS)
    for one in before.stories:
        now = next(story for story in after.stories if story.id == one.id)
        assert replace(now, **{name: getattr(one, name) for name in mine}) == one
        # What stands under the editors' words is what the source said.
        for name in WORDS:
            assert now.edited.get(name, getattr(now, name)) == getattr(one, name)
    # Whatever was done, taking everything anew without own words brings the words back.
    fresh = {one.id: one for one in before.stories}
    plain = refresh(after, fresh, keep=False)
    assert all(not one.edited and one.title == fresh[one.id].title for one in plain.stories)
    assert ids(plain) == ids(after)


@given(edits)
def test_an_edit_of_a_story_that_is_not_there_says_so(edit):
    if edit.func is preface:
        return
    with pytest.raises(UsageError, match="is not in this edition"):
        edit(content(8, 9))


@given(st.permutations(NUMBERS), number, number)
def test_moving_moves_one_story_only(order, one, other):
    before = content(*order)
    rest = [n for n in order if n != one]
    for move, step in ((put_before, -1), (put_after, 1)):
        after = ids(move(before, one, other))
        assert [n for n in after if n != one] == rest
        if one != other:
            assert after.index(one) - after.index(other) == step
    assert ids(lift(before, one)) == [one, *rest]


def test_pinned_stories_stand_at_the_head_in_the_order_of_pinning():
    made = pin(pin(content(1, 2, 3, 4), 3), 4)
    assert ids(made) == [3, 4, 1, 2]
    assert [one.pinned for one in made.stories] == [True, True, False, False]
    again = unpin(made, 3)
    assert ids(again) == [3, 4, 1, 2]
    assert ids(pin(again, 2)) == [2, 3, 4, 1]


def test_a_refresh_brings_what_is_new_and_keeps_the_editors_words():
    made = write(pin(content(1, 2), 2), 2, "title", "Ours")
    made = annotate(hide(made, 1), 2, "A note")
    newer = story(2, title="Theirs, corrected", standfirst="New.", content_hash="new")
    fresh = {1: story(1, standfirst="Newer."), 2: newer}
    after = refresh(made, fresh, [2])
    two, one = after.stories
    assert (two.title, two.standfirst, two.note, two.pinned) == ("Ours", "New.", "A note", True)
    assert two.edited == {"title": "Theirs, corrected"}
    assert one == made.stories[1]
    one = refresh(made, fresh).stories[1]
    assert (one.standfirst, one.hidden) == ("Newer.", True)
    assert refresh(made, fresh, keep=False).stories[0].title == "Theirs, corrected"
    assert refresh(made, {}) == made


def test_writing_what_stood_there_is_no_edit():
    made = write(content(1), 1, "title", "Ours")
    assert made.stories[0].edited == {"title": "Story 1"}
    assert write(made, 1, "title", "Story 1") == content(1)
    with pytest.raises(UsageError, match="cannot be empty"):
        write(made, 1, "title", "")
    assert write(made, 1, "key_points", ()).stories[0].key_points == ()


def article(**more) -> Article:
    usual = {
        "id": 1,
        "uid": "u",
        "source": "s",
        "external_id": "e",
        "slug": "s",
        "url": "",
        "title": "Story 1",
        "state": ArticleState.PUBLISHED,
        "published": NOON,
        "updated": NOON,
        "first_seen": NOON,
        "content_hash": "hash 1",
    }
    return Article(**{**usual, **more})


@pytest.mark.parametrize(
    ("fresh", "found", "told"),
    [
        ({}, {}, ()),
        ({"title": "Other"}, {}, ("title",)),
        ({"standfirst": "Other", "content_hash": "x"}, {}, ("standfirst",)),
        ({"key_points": ("One.",)}, {}, ("key points",)),
        ({"content_hash": "x"}, {}, ("text",)),
        ({"content_hash": "x", "updated": NOON}, {}, ("text", "updated")),
        ({}, {"state": ArticleState.HIDDEN}, ("hidden",)),
        ({}, {"state": ArticleState.DRAFT}, ("draft",)),
    ],
)
def test_what_changed_at_the_source_is_named(fresh, found, told):
    assert changes(story(1), story(1, **fresh), article(**found)) == told


def test_a_story_that_is_gone_and_own_words_that_are_no_change_of_the_source():
    assert changes(story(1), None, None) == ("gone",)
    ours = write(content(1), 1, "title", "Ours").stories[0]
    assert changes(ours, story(1), article()) == ()
    assert changes(ours, story(1, title="Theirs"), article()) == ("title",)


class Rows:
    """A store of one edition, in which somebody else may save before us."""

    def __init__(self, state=EditionState.REVIEW, counts=None, others=(), tried=0):
        self.kept = content(1, 2)
        self.state, self.counts, self.others = state, counts or {}, list(others)
        self.number_tried = tried

    def edition(self, number):
        return Edition(
            id=number,
            run=RunId(1),
            schedule="morning",
            slot="",
            number=1,
            state=self.state,
            opened=NOON,
            audience=3,
            counts=self.counts,
        )

    def tried(self, _number):
        return self.number_tried

    def content(self, _number):
        return self.kept

    def save_content(self, _number, made, expected):
        if self.others:
            other = self.others.pop(0)(self.kept)
            self.kept = replace(other, version=self.kept.version + 1)
        if expected != self.kept.version:
            raise Conflict("edition 7", "was changed by somebody else meanwhile")
        self.kept = replace(made, version=expected + 1)
        return self.kept


def revising(rows: Rows) -> Revising:
    return Revising(store=rows, contents=Contents(store=rows, feeds={}))


def test_edits_are_made_again_on_what_somebody_else_saved():
    rows = Rows(others=[partial(preface, note="Theirs")])
    made = revising(rows).revise(EditionId(7), SCHEDULE, [partial(lift, article=2)])
    assert (ids(made), made.note, made.version) == ([2, 1], "Theirs", 3)


def test_edits_are_all_made_or_none():
    rows = Rows()
    edits = [partial(lift, article=2), partial(hide, article=9)]
    with pytest.raises(UsageError, match="article 9"):
        revising(rows).revise(EditionId(7), SCHEDULE, edits)
    assert rows.kept == content(1, 2)


def test_edits_that_change_nothing_make_no_version():
    made = revising(Rows()).revise(EditionId(7), SCHEDULE, [partial(show, article=1)])
    assert made.version == 1


def test_somebody_who_is_always_faster_wins_in_the_end():
    rows = Rows(others=[partial(preface, note=str(n)) for n in range(9)])
    with pytest.raises(Conflict, match="somebody else"):
        revising(rows).revise(EditionId(7), SCHEDULE, [partial(lift, article=2)])


def test_the_last_story_cannot_be_hidden():
    edits = [partial(hide, article=1), partial(hide, article=2)]
    with pytest.raises(UsageError, match="editions reject 7"):
        revising(Rows()).revise(EditionId(7), SCHEDULE, edits)


@pytest.mark.parametrize(
    ("state", "counts", "said"),
    [
        (EditionState.OPEN, {}, "hold it first: `publisher editions hold 7`"),
        (EditionState.PREPARING, {}, "is being composed"),
        (EditionState.DONE, {}, "is done"),
        (EditionState.PAUSED, {DeliveryState.ACCEPTED: 2}, "2 of 3 readers have it"),
        (EditionState.REVIEW, {DeliveryState.UNCERTAIN: 1}, "1 of 3 readers have it"),
        (EditionState.PAUSED, {DeliveryState.CLAIMED: 1}, "in hand"),
    ],
)
def test_an_edition_that_does_not_rest_cannot_be_edited(state, counts, said):
    with pytest.raises(Conflict, match=said):
        revising(Rows(state, counts)).revise(EditionId(7), SCHEDULE, [])


def test_a_paused_edition_that_failed_for_somebody_may_be_edited():
    check_rests(Rows(EditionState.PAUSED, {DeliveryState.FAILED: 1}).edition(EditionId(7)), 0)


def test_an_edition_whose_copies_may_have_arrived_cannot_be_edited():
    rows = Rows(EditionState.PAUSED, {DeliveryState.QUEUED: 3}, tried=2)
    with pytest.raises(Conflict, match="2 of 3 readers may have it as it is"):
        revising(rows).revise(EditionId(7), SCHEDULE, [partial(lift, article=2)])
    assert rows.kept == content(1, 2)
