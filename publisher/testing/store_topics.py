"""What a store promises of topics: each has the articles that name it, and keeps its slug."""

from collections.abc import Sequence
from datetime import timedelta

from publisher.model.topics import KINDS
from publisher.ports import ArticleChanges, Store
from publisher.testing.store_world import FEEDS, World


def sorted_topics(world: World, feeds: Sequence[str] = FEEDS) -> dict[str, tuple[str, list[str]]]:
    """Return the title and the articles' titles of each topic, by slug, as they are now."""
    store = world.store
    store.sort_topics()
    return {
        one.slug: (
            one.title,
            sorted(world.titles([m.id for m in store.topic_members(one.slug, feeds, world.now)])),
        )
        for one in store.topics(KINDS, feeds, world.now)
    }


class TopicContract:
    """What articles have in common."""

    def test_topics_have_the_articles_that_name_them(self, store: Store) -> None:
        """However the name is written, and counted once."""
        world = World(store)
        world.collect("one", tags=("Harbour", "R&D", "harbour "), authors=("Ann Quill",))
        world.collect("two", tags=("HARBOUR",), attributes={"source": {"title": "The Bugle"}})
        found = sorted_topics(world)
        assert found == {
            "all": ("", ["one", "two"]),
            "author/ann-quill": ("Ann Quill", ["one"]),
            "source/the-bugle": ("The Bugle", ["two"]),
            "tag/harbour": ("Harbour", ["one", "two"]),
            "tag/r-d": ("R&D", ["one"]),
        }
        states = {one.slug: one.state.count for one in store.topics(("tag",), FEEDS, world.now)}
        assert states == {"tag/harbour": 2, "tag/r-d": 1}

    def test_names_that_would_share_a_slug_have_two_and_keep_them(self, store: Store) -> None:
        """Also when the first one has no article any more, and where no letter is plain."""
        world = World(store)
        (first,) = world.collect("one", tags=("C",))
        sorted_topics(world)
        world.collect("two", tags=("C++", "港"))
        assert {"tag/c", "tag/c-2"} < sorted_topics(world).keys()
        store.change_article(first, ArticleChanges(tags=("other",)), world.now)
        found = sorted_topics(world)
        assert "tag/c" not in found
        assert found["tag/c-2"] == ("C++", ["two"])
        assert len([slug for slug in found if slug.startswith("tag/")]) == 3
        store.change_article(first, ArticleChanges(tags=("C",)), world.now)
        assert sorted_topics(world)["tag/c"] == ("C", ["one"])

    def test_an_article_leaves_what_it_does_not_name_any_more(self, store: Store) -> None:
        """And what it may not be shown in."""
        world = World(store)
        one, two = world.collect("one", "two", tags=("harbour",))
        before = {t.slug: t.state for t in store.topics(("tag",), FEEDS, world.now)}
        assert before == {}, "nothing is sorted yet"
        assert sorted_topics(world)["tag/harbour"][1] == ["one", "two"]
        (state,) = (t.state for t in store.topics(("tag",), FEEDS, world.now))
        store.change_article(one, ArticleChanges(tags=("quay",)), world.now)
        found = sorted_topics(world)
        assert (found["tag/harbour"][1], found["tag/quay"][1]) == (["two"], ["one"])
        assert next(t for t in store.topics(("tag",), FEEDS, world.now)).state != state
        store.change_article(two, ArticleChanges(hidden=True), world.now)
        assert sorted_topics(world).keys() == {"all", "tag/quay"}

    def test_private_feeds_lend_nothing(self, store: Store) -> None:
        """An article counts that is in one of the feeds asked for, whatever else it is in."""
        world = World(store)
        world.collect("open", tags=("x",), feeds=("harbour", "secret"))
        world.collect("closed", tags=("x",), feeds=("secret",))
        assert sorted_topics(world) == {"all": ("", ["open"]), "tag/x": ("x", ["open"])}
        assert sorted_topics(world, ("secret",))["all"][1] == ["closed", "open"]
        assert sorted_topics(world, ()) == {}

    def test_a_name_is_one_in_whatever_form_it_is_written(self, store: Store) -> None:
        """Letters with their marks, or letters and marks (Unicode, normal forms C and D)."""
        world = World(store)
        world.collect("one", tags=("\u00dcber",))
        world.collect("two", tags=("U\u0308ber",))
        assert sorted_topics(world, FEEDS)["tag/uber"][1] == ["one", "two"]

    def test_a_date_that_comes_is_a_change(self, store: Store) -> None:
        """What was counted before does not hide an article that was waiting for its time."""
        world = World(store)
        later = world.now + timedelta(hours=1)
        world.collect("now", tags=("x",))
        world.collect("later", tags=("x",), published=later)
        assert sorted_topics(world)["tag/x"][1] == ["now"]
        (found,) = store.topics(("tag",), FEEDS, later)
        assert found.state.count == 2

    def test_sorting_goes_on_where_it_stopped(self, store: Store) -> None:
        """More than one step at a time, many of one revision; twice is as once."""
        world = World(store)
        world.collect(*map(str, range(1_203)), tags=("x",))
        assert len(sorted_topics(world)["tag/x"][1]) == 1_203
        store.sort_topics()
        world.collect("late", tags=("x",))
        assert len(sorted_topics(world)["tag/x"][1]) == 1_204
