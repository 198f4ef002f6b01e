"""What is offered under an article: above the floor, no copy, the fresher of equals; elders learn, too."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.relating import FADED, FLOOR, chosen, closeness, told
from publisher.model.articles import ArticleId
from publisher.model.enrichment import Relations, Relative, Tie

DAY = timedelta(days=1)
NOW = datetime(2027, 3, 1, tzinfo=UTC)


def relative(number, age=0, cluster=None, own=10.0, ties=()):
    relations = Relations(own=own, ties=tuple(Tie(ArticleId(n), score) for n, score in ties))
    return Relative(
        id=ArticleId(number), published=NOW - age * DAY, cluster=cluster, relations=relations
    )


def known(*relatives):
    return {one.id: one for one in relatives}


def ties(*pairs, own=10.0):
    return Relations(own=own, ties=tuple(Tie(ArticleId(n), score) for n, score in pairs))


def ids(relations):
    return [tie.article for tie in relations.ties]


def test_best_first_above_the_floor_and_never_itself():
    asked = relative(1)
    everybody = known(asked, relative(2), relative(3), relative(4))
    found = ties((1, 10.0), (2, 3.0), (3, 5.0), (4, FLOOR * 10 - 0.01))
    assert ids(chosen(asked, found, everybody, 3)) == [3, 2]
    assert ids(chosen(asked, found, everybody, 1)) == [3]


def test_what_may_not_be_shown_is_of_the_cluster_or_a_copy_is_left_out():
    asked = relative(1, cluster=7)
    everybody = known(asked, relative(2, cluster=7), relative(3, cluster=8), relative(4))
    found = ties((2, 9.0), (3, 8.0), (4, 7.0), (5, 6.0))
    assert ids(chosen(asked, found, everybody, 9)) == [3, 4]
    assert ids(chosen(asked, found, everybody, 9, without={ArticleId(3)})) == [4]


def test_fresher_first_where_ties_are_equal_only():
    asked = relative(1)
    everybody = known(asked, relative(2, age=400), relative(3, age=1))
    assert ids(chosen(asked, ties((2, 5.0), (3, 5.0)), everybody, 2)) == [3, 2]
    assert ids(chosen(asked, ties((2, 5.0), (3, 3.0)), everybody, 2)) == [2, 3]


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_closeness_goes_both_ways(one, other):
    assert 1 - FADED <= closeness(one, other) == closeness(other, one) <= 1


def test_an_elder_learns_of_its_sequel():
    elder = relative(1, age=9, ties=[(2, 4.0), (3, 2.0)])
    others = known(relative(2), relative(3))
    assert ids(told(elder, relative(9), 3.0, others, 3)) == [2, 9, 3]
    assert ids(told(elder, relative(9), 3.0, others, 2)) == [2, 9]


def test_an_elder_does_not_change_for_what_says_nothing_new():
    elder = relative(1, cluster=4, ties=[(2, 4.0), (3, 3.0)])
    others = known(relative(2), relative(3))
    assert told(elder, relative(9), FLOOR * 10 - 0.01, others, 9) is None
    assert told(elder, relative(9), 2.0, others, 2) is None
    assert told(elder, relative(9, cluster=4), 9.0, others, 3) is None
    assert told(elder, elder, 10.0, others, 3) is None
    assert told(relative(1, own=0.0), relative(9), 3.0, others, 3) is None


def test_an_elder_forgets_what_may_no_longer_be_shown():
    elder = relative(1, ties=[(2, 4.0), (3, 3.0)])
    assert ids(told(elder, relative(9), 2.0, known(relative(3)), 3)) == [3, 9]
