"""Which of the stories that are news a reader gets: best first, none lost."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.editing import LINES, chooser, rank
from publisher.core.leading import policy
from publisher.model.articles import ArticleId
from publisher.model.clusters import ClusterSettings, Lead
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


def reader():
    memory = (FeedMemory(feed="harbour", start=0, watermark=0),)
    return ReaderGroup(subscribed=("harbour",), memory=memory)


def ranked(numbers):
    return sorted([candidate(n) for n in numbers], key=rank)


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
    stories = ranked(range(1, 50))
    choice = chooser(3, overflow=Overflow.SUMMARISE)(stories, reader())
    assert choice.articles == (49, 48, 47)
    assert choice.more == tuple(range(46, 46 - LINES, -1))
    assert choice.owed == tuple(range(46 - LINES, 0, -1))


def test_what_is_over_the_limit_is_owed():
    first = chooser(3)(ranked(range(1, 6)), reader())
    assert (first.articles, first.owed) == ((5, 4, 3), (2, 1))


def test_one_story_of_a_cluster_is_enough():
    stories = [candidate(3), candidate(2, cluster=7), candidate(1, cluster=7)]
    assert chooser(10)(stories, reader()).articles == (3, 1)


def test_who_leads_a_cluster_is_the_policys_affair():
    """Of those the reader may get: whoever is not among the candidates leads nothing."""
    stories = [
        candidate(4, cluster=7, source="feed:https://quay.example/f", length=10),
        candidate(3, cluster=7, source="feed:https://port.example/f", length=20),
        candidate(2, cluster=7, source="folder:own", length=30),
    ]

    def told(settings, known=stories):
        return chooser(9, leads=policy(settings))(known, reader()).articles

    assert told(ClusterSettings()) == (2,)
    assert told(ClusterSettings(lead=Lead.LONGEST)) == (2,)
    assert told(ClusterSettings(lead=Lead.LONGEST), stories[:2]) == (3,)
    assert told(ClusterSettings(prefer=("https://quay.example/f",))) == (4,)
    assert told(ClusterSettings(prefer=("no:where", "feed:https://port.example/f"))) == (3,)
    pinned = [*stories[:2], candidate(1, cluster=7, pinned=True)]
    assert told(ClusterSettings(prefer=("https://quay.example/f",)), pinned) == (1,)


def test_a_cluster_over_the_limit_is_owed_whole():
    stories = [candidate(4), candidate(3, cluster=7), candidate(2), candidate(1, cluster=7)]
    choice = chooser(1)(stories, reader())
    assert (choice.articles, choice.owed) == ((4,), (3, 2, 1))
    assert chooser(2)(stories, reader()).owed == (3, 1)
    choice = chooser(3)(stories, reader())
    assert (choice.articles, choice.owed) == ((4, 2, 1), ())


@given(
    numbers=st.lists(st.integers(1, 60), max_size=40, unique=True),
    limit=st.integers(1, 8),
    overflow=st.sampled_from(Overflow),
)
def test_every_story_is_told_once_by_title_or_owed_best_first(numbers, limit, overflow):
    choice = chooser(limit, overflow=overflow)(ranked(numbers), reader())
    everything = [*choice.articles, *choice.more, *choice.owed]
    assert everything == sorted(numbers, reverse=True)
    assert len(choice.articles) == min(limit, len(numbers))
    assert len(choice.more) <= (LINES if overflow is Overflow.SUMMARISE else 0)
