"""The contract of what publishing remembers; serves the stores' tests."""

from collections.abc import Callable
from datetime import timedelta

from publisher.model.archives import (
    Archive,
    ArchivePage,
    FeedRecord,
    FeedState,
    MapRecord,
    Newest,
    PageRecord,
)
from publisher.model.articles import ArticleId
from publisher.ports import ArticleChanges, Store
from publisher.testing.store_world import World, enrich

ONE, TWO = "harbour", "quay"
DAY = timedelta(days=1)


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
            lambda: enrich(store, numbers[1], key_points=("point",)),
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
        enrich(store, citing, related=[cited])
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
            guid="917393e3-1b1e-5cef-ace4-edaa54e1f810",
            until=world.now,
            maps=(MapRecord(path="sitemaps/1.xml", mark="1 7", changed=world.now),),
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

    def test_a_page_is_due_until_it_is_made_of_the_newest_revision(self, store: Store) -> None:
        """Of readable articles of ours that stand in one of the feeds asked for."""
        world = World(store)
        first, second = world.collect("a", "b", feeds=(ONE,), url="")
        (coming,) = world.collect("c", feeds=(ONE,), url="", published=world.now + DAY)
        world.collect("d", feeds=(TWO,), url="")
        world.collect("e", feeds=(ONE,), url="https://elsewhere.example/e")
        due = store.stale_pages([ONE], "x", world.now)
        assert list(due) == [first, second]
        assert list(store.stale_pages([ONE], "x", world.now, after=first)) == [second]
        assert list(store.stale_pages([ONE], "x", world.now, limit=1)) == [first]
        assert store.stale_pages([], "x", world.now) == {}
        pages = [PageRecord(path=f"p{one}", article=one, revision=due[one]) for one in due]
        store.record_pages(pages, "x")
        assert store.stale_pages([ONE], "x", world.now) == {}
        assert list(store.stale_pages([ONE], "y", world.now)) == [first, second]
        assert list(store.stale_pages([ONE], "x", world.now + DAY)) == [coming]
        store.change_article(first, ArticleChanges(title="New"), world.now)
        assert list(store.stale_pages([ONE], "x", world.now)) == [first]
        store.record_pages(pages, "x")
        store.set_memberships(ONE, [second], world.now)
        assert list(store.stale_pages([ONE], "x", world.now)) == [first], "its page stays"

    def test_pages_are_counted_in_parts_and_listed_for_maps(self, store: Store) -> None:
        """By the ids of their articles; news are the newest, and only those after an instant."""
        world = World(store)
        (old,) = world.collect("a", feeds=(ONE,), published=world.now - DAY)
        (new,) = world.collect("b", feeds=(ONE,), published=world.now - timedelta(hours=1))
        pages = [PageRecord(path=f"p{one}", article=one, revision=1) for one in (old, new)]
        store.record_pages(pages, "x")
        assert store.count_pages() == 2
        parts = [store.page_paths(part, 2) for part in (0, 1)]
        assert sorted(path for part in parts for path in part) == sorted([f"p{old}", f"p{new}"])
        assert all(len(part) == 1 for part in parts)
        listed = store.listed_pages(world.now)
        assert [one.id for one in listed] == sorted([old, new])
        assert [one.id for one in store.listed_pages(world.now, after=listed[0].id)] == [
            listed[1].id
        ]
        assert listed[0].updated >= listed[0].published
        first, second = (one.id for one in listed)
        assert [one.id for one in store.listed_pages(world.now, last=first)] == [first]
        assert store.page_states(1) == {
            first: FeedState(count=1, revision=1),
            second: FeedState(count=1, revision=1),
        }
        store.record_pages([PageRecord(path=f"p{second}", article=second, revision=7)], "x")
        assert store.page_states(1_000) == {0: FeedState(count=2, revision=7)}
        found = store.news_pages(world.now - timedelta(hours=2), world.now, 5)
        assert [one.path for one in found] == [f"p{new}"]
        assert store.news_pages(world.now, world.now, 5) == []

    def test_pages_of_what_may_not_be_read_are_lost_and_go(self, store: Store) -> None:
        """They are nowhere, until they are made again."""
        world = World(store)
        (one,) = world.collect("a", feeds=(ONE,), url="")
        store.record_pages([PageRecord(path="p", article=one, revision=1)], "x")
        assert store.lost_pages(world.now) == []
        store.change_article(one, ArticleChanges(hidden=True), world.now)
        assert store.lost_pages(world.now) == ["p"]
        store.drop_pages(["p"], gone=True)
        assert (store.count_pages(), store.moved_to("p")) == (0, "")
        store.record_pages([PageRecord(path="p", article=one, revision=2)], "x")
        assert store.moved_to("p") is None
        store.drop_pages(["p"], gone=False)
        assert (store.count_pages(), store.moved_to("p")) == (0, None)

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
