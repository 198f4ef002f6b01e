"""Which stories a reader gets: nothing twice, nothing lost, best first."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.editing import LINES, chooser, is_due, rank
from publisher.model.articles import ArticleId
from publisher.model.definitions import Overflow
from publisher.model.editions import Candidate, FeedMemory, ReaderGroup

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def candidate(number, feeds=None, **more):
    return Candidate(
        id=ArticleId(number),
        title=f"Story {number}",
        feeds=feeds or {"harbour": number},
        **{"published": NOON + timedelta(minutes=number), **more},
    )


def reader(start=0, watermark=0, **more):
    memory = (FeedMemory(feed="harbour", start=start, watermark=watermark),)
    return ReaderGroup(**{"subscribed": ("harbour",), "memory": memory, **more})


def test_what_lies_above_the_watermark_is_due_newest_first():
    choice = chooser(10)([candidate(n) for n in (1, 2, 3)], reader(watermark=1))
    assert choice.articles == (3, 2)
    assert choice.owed == ()


def test_a_new_reader_begins_where_they_joined():
    assert chooser(10)([candidate(n) for n in (1, 2, 3)], reader(start=2)).articles == (3,)


def test_pinned_and_urgent_stories_lead():
    stories = [candidate(1, priority=5), candidate(2), candidate(3, pinned=True)]
    assert [c.id for c in sorted(stories, key=rank)] == [3, 1, 2]


def test_a_feed_with_weight_counts_as_fresher():
    old = candidate(1, published=NOON - timedelta(hours=11), feeds={"culture": 1, "harbour": 9})
    new = candidate(2, published=NOON)
    assert [c.id for c in sorted([old, new], key=rank)] == [2, 1]
    weighed = sorted([old, new], key=lambda one: rank(one, {"culture": 2, "harbour": 0}))
    assert [c.id for c in weighed] == [1, 2]


def test_what_is_over_the_limit_may_be_told_by_title():
    stories = [candidate(n) for n in range(1, 50)]
    choice = chooser(3, overflow=Overflow.SUMMARISE)(stories, reader())
    assert choice.articles == (49, 48, 47)
    assert choice.more == tuple(range(46, 46 - LINES, -1))
    assert choice.owed == tuple(range(46 - LINES, 0, -1))


def test_what_is_over_the_limit_is_owed_and_comes_next_time():
    stories = [candidate(n) for n in range(1, 6)]
    first = chooser(3)(stories, reader())
    assert (first.articles, first.owed) == ((5, 4, 3), (2, 1))
    later = reader(watermark=5, owed=frozenset(first.owed))
    assert chooser(3)(stories, later).articles == (2, 1)


def test_a_story_sent_through_another_feed_is_not_sent_again():
    both = candidate(4, feeds={"harbour": 4, "culture": 9})
    memory = (
        FeedMemory(feed="harbour", start=0, watermark=0),
        FeedMemory(feed="culture", start=0, watermark=9),
    )
    group = ReaderGroup(subscribed=("harbour",), memory=memory)
    assert not is_due(both, group)
    assert is_due(candidate(5), group)


def test_one_story_of_a_cluster_is_enough():
    stories = [candidate(1, cluster=7), candidate(2, cluster=7), candidate(3)]
    assert chooser(10)(stories, reader()).articles == (3, 2)
    assert chooser(10)(stories, reader(watermark=1)).articles == (3,)


@given(
    st.integers(0, 30),
    st.integers(0, 30),
    st.sets(st.integers(1, 30)),
    st.integers(1, 8),
)
def test_over_any_number_of_editions_each_due_story_is_sent_exactly_once(
    start, joined, sent, limit
):
    stories = [candidate(n) for n in range(1, 31)]
    group = reader(start=start, watermark=joined, sent=frozenset(map(ArticleId, sent)))
    due = {story.id for story in stories if is_due(story, group)}
    assert due == {n for n in range(1, 31) if n > max(start, joined) and n not in sent}
    got: list[int] = []
    for _ in range(31):
        choice = chooser(limit)(stories, group)
        got.extend(choice.articles)
        group = reader(start=start, watermark=30, owed=frozenset(choice.owed))
    assert sorted(got) == sorted(due)
