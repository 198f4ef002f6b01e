"""The contract of clusters: sketches, who stands with whom, and what readers remember of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from publisher.core.cluster_rules import join, settle, split
from publisher.core.leading import policy
from publisher.model.articles import ArticleId
from publisher.model.clusters import (
    Bond,
    ClusterSettings,
    Partner,
    Placed,
    Resemblance,
    Settled,
    Sketch,
    Standing,
)
from publisher.model.editions import Choice, DeliveryState, OutcomeState
from publisher.ports import ArticleChanges, Store
from publisher.testing.store_articles import change
from publisher.testing.store_world import FEED, World, enrich, story

DAYS = timedelta(days=3)


class ClusterContract:
    """What every store keeps of clusters; a test class provides the fixture `store`."""

    def test_texts_are_found_by_their_keys(self, store: Store) -> None:
        """A sketch is replaced; who had none is told apart; of each key the newest are found."""
        one, two, three = World(store).collect("one", "two", "three")
        texts = {one: Sketch((1, 2, 3), 3), two: Sketch((3, 4), 2), three: Sketch()}
        assert set(store.save_sketches(texts)) == {one, two, three}
        assert store.sketches([one, two, three, ArticleId(404)]) == texts
        found = store.sharing(texts)
        assert {number: set(others) for number, others in found.items()} == {
            one: {two}, two: {one}, three: set(),
        }  # fmt: skip
        fourth = Sketch((3, 2**32 - 1), 7)
        assert set(store.sharing({ArticleId(404): fourth}, limit=1)[ArticleId(404)]) == {two}
        assert set(store.save_sketches({one: fourth, ArticleId(404): fourth})) == set()
        assert store.sketches([one]) == {one: fourth}
        assert set(store.sharing({two: texts[two]})[two]) == {one}
        assert not store.sharing({two: Sketch((4,), 1)})[two]

    def test_clusters_get_numbers_and_never_the_same_again(self, store: Store) -> None:
        """What is decided is kept, with all that stands in a cluster; others are left alone."""
        one, two, three, four, five = World(store).collect("1", "2", "3", "4", "5")
        assert set(unite(store, [one, two], [three, four])) == {one, two, three, four}
        first, second = (store.article(number).cluster for number in (one, three))
        assert first is not None
        assert second is not None
        assert first != second
        assert [store.article(n).cluster for n in (two, four, five)] == [first, second, None]
        assert [one.follows for one in store.standings([one, two]).values()] == [False, True]
        seen: list[ArticleId] = []

        def look(here: Sequence[Standing]) -> Mapping[ArticleId, Settled]:
            seen.extend(standing.id for standing in here)
            return {}

        store.settle_clusters([two], look)
        assert seen == [one, two]
        assert set(take_out(store, two)) == {one, two}
        unite(store, [one, five])
        assert store.article(one).cluster not in {None, first, second}
        assert store.settle_clusters([], lambda _: {one: Settled()}) == ()
        assert set(store.standings([one, ArticleId(404)])) == {one}

    def test_a_change_of_place_is_seen(self, store: Store) -> None:
        """Who is put elsewhere is published again, with all that it stood or stands with."""
        world = World(store)
        one, two, three, four = ids = world.collect("one", "two", "three", "four")
        before = store.revisions(ids, world.now)
        unite(store, [one, two])
        after = store.revisions(ids, world.now)
        assert [after[n] > before[n] for n in ids] == [True, True, False, False]
        unite(store, [four, one])
        last = store.revisions(ids, world.now)
        assert [last[n] > after[n] for n in ids] == [True, True, False, True]
        store.change_article(two, ArticleChanges(hidden=True), world.now)
        shown = store.revisions(ids, world.now)
        assert [n in shown and shown[n] > last[n] for n in ids] == [True, False, False, True]
        take_out(store, four)
        store.change_article(two, ArticleChanges(hidden=False), world.now)
        members = {one.id: one for one in store.feed_members(FEED, world.now)}
        assert [members[n].follows for n in (one, two, three)] == [False, True, False]
        assert members[one].cluster == members[two].cluster != members[three].cluster

    def test_what_operators_say_survives_collecting(self, store: Store) -> None:
        """A changed text changes nothing of it."""
        world = World(store)
        one, two = world.collect("one", "two")
        take_out(store, one)
        change(world, one, story("one", text="another"), significant=True)
        assert store.standings([one])[one].placed is Placed.APART
        store.settle_clusters([one, two], lambda here: join(here, [one, two]))
        change(world, one, story("one", text="a third"), significant=True)
        assert store.standings([one])[one].placed is Placed.JOINED
        assert store.article(one).cluster == store.article(two).cluster is not None

    def test_a_mate_is_no_further_reading(self, store: Store) -> None:
        """Also where it was offered before the two stood together."""
        world = World(store)
        one, two, three = world.collect("one", "two", "three")
        enrich(store, one, related=[two, three])
        unite(store, [one, two])
        assert [other.id for other in store.article(one).related] == [three]
        take_out(store, two)
        assert [other.id for other in store.article(one).related] == [two, three]

    def test_what_leaves_a_cluster_that_was_sent_is_not_sent(self, store: Store) -> None:
        """Those who had the cluster have had what leaves it; who had not gets both."""
        world = World(store)
        world.reader("ada")
        (one,) = world.collect("one")
        assert world.digest() == {"ada": ["one"]}
        (two,) = world.collect("two")
        unite(store, [one, two])
        assert world.digest() == {}
        world.reader("bo")
        take_out(store, two)
        world.collect("three")
        sent = world.digest()
        assert sent["ada"] == ["three"]
        assert "two" in sent["bo"]
        assert world.digest() == {}

    def test_what_leaves_a_cluster_that_nobody_had_is_sent(self, store: Store) -> None:
        """Nothing is lost by a cluster that came and went."""
        world = World(store)
        world.reader("ada")
        one, two = world.collect("one", "two")
        unite(store, [one, two])
        take_out(store, two)
        assert world.digest() == {"ada": ["one", "two"]}

    def test_what_stood_for_a_cluster_and_failed_owes_all_of_it(self, store: Store) -> None:
        """The mate of a story that turns out not to have arrived may be told instead."""
        world = World(store)
        world.reader("ada")
        one, two = world.collect("one", "two")
        unite(store, [one, two])
        edition = store.open_edition(world.intent(), lambda *_: Choice(articles=(one,)))
        assert edition is not None
        world.send_one(edition, OutcomeState.UNCERTAIN)
        assert world.digest() == {}
        store.retry(edition.id, [DeliveryState.UNCERTAIN], world.now)
        world.send_one(edition, OutcomeState.FAILED)
        store.finish_editions(world.now)
        assert world.digest() == {"ada": ["one", "two"]}  # the choice of one of them is core's
        assert world.digest() == {}


def unite(store: Store, *groups: Sequence[ArticleId]) -> Collection[ArticleId]:
    """Cluster each group as if its texts were copies."""
    found = [
        Resemblance(
            article=first,
            partners=tuple(Partner(article=o, bond=Bond.COPY, strength=1.0) for o in others),
        )
        for first, *others in groups
    ]

    def decide(here: Sequence[Standing]) -> Mapping[ArticleId, Settled]:
        return settle(here, found, (), policy(ClusterSettings()), DAYS)

    return store.settle_clusters([number for group in groups for number in group], decide)


def take_out(store: Store, article: ArticleId) -> Collection[ArticleId]:
    """Split an article off."""
    return store.settle_clusters([article], lambda here: split(here, article))
