"""Which of a cluster leads, in mail by the policy, in documents for good."""

from datetime import UTC, datetime

from publisher.core.leading import leaders
from publisher.model.archives import Member
from publisher.model.articles import ArticleId

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def member(number, cluster=None, *, follows=False):
    return Member(
        id=ArticleId(number), published=NOON, updated=NOON, cluster=cluster, follows=follows
    )


def test_one_of_a_cluster_stands_in_a_document():
    members = [member(5, 1, follows=True), member(4), member(3, 1), member(2, 1, follows=True)]
    assert [one.id for one in leaders(members)] == [4, 3]


def test_where_the_leader_is_not_the_first_stored_stands_for_it():
    members = [member(5, 1, follows=True), member(4, 1, follows=True), member(3, 2)]
    assert [one.id for one in leaders(members)] == [4, 3]
    assert [one.id for one in leaders([*members, member(6, 1)])] == [3, 6]


def test_a_late_one_never_takes_the_place_of_what_stands_there():
    before = [member(2, 1, follows=True), member(3, 1, follows=True)]
    late = member(9, 1, follows=True)
    assert [one.id for one in leaders([late, *before])] == [one.id for one in leaders(before)]
    assert leaders([]) == []
