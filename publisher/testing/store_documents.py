"""The contract of what publishing remembers; serves the stores' tests."""

from collections.abc import Callable
from datetime import timedelta

from publisher.model.archives import Archive, ArchivePage, FeedRecord, FeedState, Newest
from publisher.model.articles import ArticleId
from publisher.ports import ArticleChanges, Store
from publisher.testing.store_world import World

ONE, TWO = "harbour", "quay"


class DocumentContract:
    """To be subclassed with a fixture `store`."""

    def test_every_visible_change_raises_the_revision_of_the_feeds_that_show_it(
        self, store: Store
    ) -> None:
        """And of no others."""
        world = World(store)
        numbers = world.collect("a", "b", "c", feeds=(ONE,))
        world.collect("d", feeds=(TWO,))
        seen = store.feed_states(world.now)
        assert {feed: state.count for feed, state in seen.items()} == {ONE: 3, TWO: 1}
        changes: list[Callable[[], object]] = [
            lambda: store.change_article(numbers[0], ArticleChanges(title="A"), world.now),
            lambda: store.change_article(numbers[0], ArticleChanges(hidden=True), world.now),
            lambda: store.change_article(numbers[0], ArticleChanges(hidden=False), world.now),
            lambda: store.save_enrichment(numbers[1], key_points=["point"]),
            lambda: store.set_memberships(ONE, numbers[:2], world.now),
            lambda: store.set_memberships(ONE, [*numbers[:1], numbers[2]], world.now),
        ]
        for change in changes:
            change()
            now = store.feed_states(world.now)
            assert now[ONE] != seen[ONE]
            assert now[TWO] == seen[TWO]
            seen = now
        store.change_article(numbers[0], ArticleChanges(), world.now)
        assert store.feed_states(world.now) == seen

    def test_who_points_at_a_changed_article_is_renewed_with_it(self, store: Store) -> None:
        """Its title or its hiding shows under their Read also."""
        world = World(store)
        (cited,) = world.collect("a", feeds=(ONE,))
        (citing,) = world.collect("b", feeds=(TWO,))
        store.save_enrichment(citing, related=[cited])
        before = store.feed_states(world.now)
        store.change_article(cited, ArticleChanges(hidden=True), world.now)
        assert store.feed_states(world.now)[TWO].revision > before[TWO].revision

    def test_members_are_those_that_may_be_read_now(self, store: Store) -> None:
        """Hidden ones and those of the future are none."""
        world = World(store)
        first, second = world.collect("a", "b", feeds=(ONE,))
        store.change_article(first, ArticleChanges(hidden=True), world.now)
        assert [one.id for one in store.feed_members(ONE, world.now)] == [second]
        assert store.feed_members(ONE, world.now - timedelta(days=9_000)) == []
        slugs = {number: store.article(number).slug for number in (first, second)}
        found = store.readable_slugs([*slugs.values(), "nobody"], world.now)
        assert found == {slugs[second]}

    def test_without_a_change_nothing_is_newer(self, store: Store) -> None:
        """Only the next date that is to come may change what can be read."""
        world = World(store)
        assert store.newest(world.now) == Newest()
        world.collect("a", feeds=(ONE,))
        seen = store.newest(world.now)
        assert seen == store.newest(world.now)
        assert seen.until is None
        day = world.now + timedelta(days=1)
        world.collect("b", feeds=(TWO,), published=day)
        assert store.newest(world.now).revision > seen.revision
        assert store.newest(world.now).until == day
        assert store.newest(day).until is None

    def test_what_was_made_is_remembered_whole(self, store: Store) -> None:
        """Until it is made anew, or forgotten."""
        world = World(store)
        page = ArchivePage(number=1, name="1", mark="ab", articles=(ArticleId(1), ArticleId(2)))
        tail = ArchivePage(number=2, name="2-cd", mark="cd", articles=(ArticleId(3),))
        record = FeedRecord(
            making="x",
            state=FeedState(count=3, revision=7),
            archive=Archive(pages=(page,), tail=tail, last=1),
            paths={"feeds/a.rss": "00"},
            uid="tag:g.example,2026-11-24:x",
            until=world.now,
        )
        assert store.feed_records() == {}
        store.record_feed("a", record, {})
        assert store.feed_records() == {"a": record}
        empty = FeedRecord(making="y", state=FeedState(), archive=Archive(), paths={})
        store.record_feed("a", empty, {})
        store.record_feed("", record, {})
        assert store.feed_records() == {"a": empty, "": record}
        store.forget_feeds(["a", "b"])
        assert store.feed_records() == {"": record}

    def test_moves_lead_on_and_end_where_something_stands_again(self, store: Store) -> None:
        """Nothing leads to what is gone."""

        def record(*paths: str) -> FeedRecord:
            made = dict.fromkeys(paths, "00")
            return FeedRecord(making="", state=FeedState(), archive=Archive(), paths=made)

        store.record_feed("a", record("2"), {"1": "2"})
        assert (store.moved_to("1"), store.moved_to("2")) == ("2", None)
        store.record_feed("a", record("3"), {"2": "3", "9": ""})
        assert store.moves() == {"1": "3", "2": "3", "9": ""}
        store.record_feed("a", record("2", "3"), {})
        assert store.moves() == {"1": "3", "9": ""}
