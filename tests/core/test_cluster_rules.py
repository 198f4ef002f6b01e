"""Which articles tell one story, decided without a store."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.cluster_rules import (
    AGAIN,
    MOST,
    STRONG,
    copies,
    coverage,
    join,
    resemblance,
    same_source,
    settle,
    split,
)
from publisher.core.leading import policy
from publisher.model.clusters import (
    NEAR,
    Bond,
    ClusterSettings,
    Lead,
    Partner,
    Placed,
    Resemblance,
    Settled,
    Standing,
)
from publisher.model.enrichment import Tie

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
DAYS = timedelta(days=3)
FIRST = policy(ClusterSettings())


def standing(number, cluster=None, day=0, **more):
    more = {"source": f"feed:{number}", "url": f"https://site-{number}.example/", **more}
    return Standing(id=number, published=NOON + day * timedelta(days=1), cluster=cluster, **more)


def like(number, *others, bond=Bond.COPY, joins=True):
    partners = tuple(Partner(article=o, bond=bond, strength=0.6, joins=joins) for o in others)
    return Resemblance(article=number, partners=partners)


def covers(number, *others):
    return like(number, *others, bond=Bond.COVERAGE)


def clusters(standings, changes):
    """Return who stands together after changes, as sets."""
    after = {one.id: one.cluster for one in standings}
    after |= {number: one.cluster for number, one in changes.items()}
    named = {}
    for number, cluster in after.items():
        if cluster is not None:
            named.setdefault(cluster, set()).add(number)
    return sorted(named.values(), key=min)


def settled(standings, *found, fresh=(), leads=FIRST):
    return settle(standings, found, fresh, leads, DAYS)


def test_two_copies_are_a_cluster_and_the_one_shown_before_leads():
    here = [standing(1), standing(2)]
    changes = settled(here, like(2, 1), fresh={2})
    assert changes == {1: Settled(cluster=-1), 2: Settled(cluster=-1, follows=True)}
    assert settled(here, like(1, 2), like(2, 1), fresh={1, 2}) == changes


def test_the_policy_says_who_leads_among_those_nobody_was_shown():
    here = [standing(1, length=5), standing(2, length=9, day=-1)]
    longest = policy(ClusterSettings(lead=Lead.LONGEST))
    leader = lambda changes: [number for number, one in changes.items() if not one.follows]  # noqa: E731
    assert leader(settled(here, like(1, 2), fresh={1, 2})) == [2]
    assert leader(settled(here, like(1, 2), fresh={1, 2}, leads=longest)) == [2]
    assert leader(settled(here, like(1, 2), fresh={2}, leads=longest)) == [1]


def test_a_late_one_joins_and_nothing_else_changes():
    here = [standing(1, 4), standing(2, 4, follows=True), standing(3)]
    assert settled(here, like(3, 2), fresh={3}) == {3: Settled(cluster=4, follows=True)}
    assert settled([standing(1, 4), standing(2, 4, follows=True)], like(2, 1)) == {}


def test_a_bridge_makes_one_of_two():
    here = [
        standing(1, 4),
        standing(2, 4, follows=True),
        standing(3, 2),
        standing(4, 2),
        standing(5),
    ]
    changes = settled(here, like(5, 1, 4), fresh={5})
    assert clusters(here, changes) == [{1, 2, 3, 4, 5}]
    assert {one.cluster for one in changes.values()} == {2}
    assert [n for n in range(1, 6) if not getattr(changes.get(n), "follows", False)] == [1]


def test_what_is_not_like_its_cluster_any_more_leaves():
    here = [standing(1, 4), standing(2, 4, follows=True), standing(3, 4, follows=True)]
    assert settled(here, like(1)) == {1: Settled(), 2: Settled(cluster=4)}
    assert settled(here[:2], like(2)) == {1: Settled(), 2: Settled()}
    assert settled(here, like(1, 3, joins=False)) == {}


def test_what_lies_too_far_apart_is_no_cluster():
    here = [standing(1, 4), standing(2, 4, day=2, follows=True), standing(3, day=4)]
    assert settled(here, like(3, 2)) == {}
    assert settled([standing(1), standing(2, day=4)], like(2, 1)) == {}


def test_coverage_needs_half_of_a_cluster_and_no_second_story_of_a_source():
    here = [
        standing(1, 4),
        standing(2, 4, follows=True),
        standing(3, 4, follows=True),
        standing(4),
    ]
    assert settled(here, covers(4, 1)) == {}
    assert clusters(here, settled(here, covers(4, 1, 2))) == [{1, 2, 3, 4}]
    sequel = [standing(1, 4), standing(2, 4, follows=True), standing(3, source="feed:1")]
    assert settled(sequel, covers(3, 2)) == {}
    assert settled(sequel, like(3, 2)) == {3: Settled(cluster=4, follows=True)}


def test_what_operators_split_stands_alone_until_they_join_it():
    here = [standing(1, 4), standing(2, 4, follows=True), standing(3, 4, follows=True)]
    changes = split(here, 1)
    assert changes == {1: Settled(placed=Placed.APART), 2: Settled(cluster=4)}
    apart = [standing(1, placed=Placed.APART), standing(2, 4), standing(3, 4, follows=True)]
    assert settled(apart, like(1, 2), like(2, 1, 3), like(3, 1, 2)) == {}
    assert split([standing(7)], 7) == {7: Settled(placed=Placed.APART)}
    back = join(apart, {1, 2})
    assert clusters(apart, back) == [{1, 2, 3}]
    assert {back[number].placed for number in (1, 2)} == {Placed.JOINED}
    assert back[3] == Settled(cluster=4, follows=True) if 3 in back else True


def test_what_operators_joined_stays_and_is_not_merged_by_itself():
    here = [
        standing(1, 4, placed=Placed.JOINED),
        standing(2, 4, placed=Placed.JOINED, follows=True),
    ]
    assert settled(here, like(1), like(2)) == {}
    more = [*here, standing(3, 5), standing(4, 5, follows=True), standing(5)]
    assert clusters(more, settled(more, like(5, 1, 3), fresh={5})) == [{1, 2, 5}, {3, 4}]


def test_joining_brings_whole_clusters_along():
    here = [
        standing(1, 4),
        standing(2, 4, follows=True),
        standing(3, 9),
        standing(4, 9, follows=True),
    ]
    assert clusters(here, join(here, {2, 4})) == [{1, 2, 3, 4}]
    assert clusters([standing(1), standing(2)], join([standing(1), standing(2)], {1, 2})) == [
        {1, 2}
    ]


def test_one_source_publishes_again_only_what_is_the_same():
    one, same, other = standing(1), standing(2, source="feed:1"), standing(3)
    known = {2: same, 3: other}
    found = copies(one, {2: 0.6, 3: NEAR}, known)
    assert [(p.article, p.joins) for p in found] == [(3, True)]
    assert [p.joins for p in copies(one, {2: AGAIN}, known)] == [True]
    assert [p.joins for p in copies(one, {3: NEAR * 0.8}, known)] == [False]


def test_one_site_is_one_source():
    assert same_source(
        standing(1, url="https://www.port.example/a"), standing(2, url="https://port.example/b")
    )
    assert not same_source(standing(1, url=""), standing(2, url=""))


def test_coverage_is_measured_from_both_sides_and_between_sources():
    one, other, own = standing(1), standing(2), standing(3, source="feed:1")
    known = {1: one, 2: other, 3: own}
    ties = [Tie(1, 9.0), Tie(2, 4.0), Tie(3, 8.0), Tie(404, 8.0)]
    (found,) = coverage(one, 9.0, ties, {2: 4.0, 3: 9.0}, known)
    assert (found.article, found.strength, found.joins) == (2, pytest.approx(4 / 6), True)
    weak = coverage(one, 9.0, [Tie(2, 6 * STRONG * 0.8)], {2: 4.0}, known)
    assert [p.joins for p in weak] == [False]
    assert coverage(one, 0.0, ties, {}, known) == []


def test_partners_of_other_days_are_none_and_copies_come_first():
    known = {1: standing(1, day=9), 2: standing(2), 3: standing(3), 4: standing(4)}
    partners = [
        Partner(article=1, bond=Bond.COPY, strength=1.0),
        Partner(article=2, bond=Bond.COVERAGE, strength=0.9),
        Partner(article=3, bond=Bond.COPY, strength=0.3),
        Partner(article=3, bond=Bond.COVERAGE, strength=0.9),
    ]
    found = resemblance(standing(4), partners, known, DAYS)
    assert [(p.article, p.bond) for p in found.partners] == [(3, Bond.COPY), (2, Bond.COVERAGE)]


@given(data=st.data())
def test_clusters_are_at_least_two_short_and_kept_as_operators_want(data):
    """Whatever is found in whatever order: nobody stands alone in a cluster, and one leads each."""
    numbers = range(1, data.draw(st.integers(2, 7)) + 1)
    placed = data.draw(st.lists(st.sampled_from(Placed), min_size=7, max_size=7))
    here = [
        standing(n, source=f"feed:{n % 3}", day=n % 5, placed=Placed.BY_ITSELF if p is Placed.JOINED else p)
        for n, p in zip(numbers, placed, strict=False)
    ]  # fmt: skip
    for turn in range(1, 4):
        found = [
            like(n, *data.draw(st.lists(st.sampled_from(numbers), unique=True)),
                 bond=data.draw(st.sampled_from(Bond)), joins=data.draw(st.booleans()))
            for n in data.draw(st.lists(st.sampled_from(numbers), unique=True))
        ]  # fmt: skip
        changes = settled(here, *found, fresh=data.draw(st.sets(st.sampled_from(numbers))))
        given = {n: n + 10 * turn for n in range(-9, 0)}
        here = [
            standing(
                one.id, given.get(now.cluster, now.cluster), source=one.source,
                day=(one.published - NOON).days, placed=now.placed, follows=now.follows,
            )
            if (now := changes.get(one.id)) else one
            for one in here
        ]  # fmt: skip
        for together in clusters(here, {}):
            members = [one for one in here if one.id in together]
            assert len(members) > 1
            assert sum(not one.follows for one in members) == 1
            dates = [one.published for one in members]
            assert max(dates) - min(dates) <= DAYS
            assert all(one.placed is not Placed.APART for one in members)
        assert not any(one.follows for one in here if one.cluster is None)
        assert settled(here) == {}


def test_a_flood_of_copies_is_no_cluster_without_end():
    crowd = [standing(number, cluster=1) for number in range(MOST)]
    late = standing(MOST)
    assert settle([*crowd, late], [like(MOST, 0, 1)], [MOST], FIRST, DAYS) == {}
    assert MOST in settle([*crowd[1:], late], [like(MOST, 1)], [MOST], FIRST, DAYS)
