"""What a store promises of articles, memberships and the posting index."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from publisher.errors import NotFound
from publisher.model.articles import (
    ArticleId,
    ArticleState,
    Enclosure,
    KnownArticle,
    Link,
    SourceState,
)
from publisher.model.content import content_hash, prints
from publisher.ports import ArticleChanges, CollectionResult, Store
from publisher.testing.store_world import FEED, MINUTE, NOON, SOURCE, World, enrich, story

FULL = story(
    "Ferries return",
    url="https://port.example/ferries?utm_source=x",
    html="<p>They do.</p>",
    text="They do.",
    standfirst="At last",
    dek="A long wait ends",
    summary="They do.",
    language="en",
    authors=("Ada", "Bo"),
    tags=("harbour", "ferries"),
    image="https://port.example/a.jpg",
    enclosures=(Enclosure(url="https://port.example/a.mp3", type="audio/mpeg", length=7),),
    key_points=("They return.",),
    read_also=(Link(title="Tides", url="https://port.example/tides"), Link(title="No link")),
    published=NOON - timedelta(days=1, microseconds=1),
    priority=3,
    attributes={"mood": "glad", "stars": 4},
)


class ArticleContract:
    """Articles."""

    def test_an_article_comes_back_as_it_was_brought(self, store: Store) -> None:
        """Every field survives, microseconds included."""
        (number,) = _save(store, FULL)
        kept = store.article(number)
        for name in FULL.__dataclass_fields__.keys() - {"draft", "slug", "updated"}:
            assert getattr(kept, name) == getattr(FULL, name), name
        assert kept.updated == FULL.published
        assert kept.first_seen == NOON
        assert kept.slug == "ferries-return"
        assert kept.content_hash == content_hash(FULL)
        assert kept.key_points_supplied
        assert not kept.own_page
        assert kept.state is ArticleState.PUBLISHED
        assert kept.source == SOURCE
        assert kept.uid.startswith("tag:")

    def test_saving_twice_changes_nothing(self, store: Store) -> None:
        """Collecting again after a crash finds what is there."""
        first = _save(store, FULL, story("Other"))
        before = store.articles(now=NOON)
        assert _save(store, FULL, story("Other")) == first
        assert store.articles(now=NOON) == before
        assert store.feeds_with_articles() == {FEED: 2}

    def test_an_article_without_a_date_keeps_the_time_of_first_sight(self, store: Store) -> None:
        """No date in the source: when we saw it first, also after it changed."""
        world = World(store)
        (number,) = world.collect("Undated")
        world.wait()
        change(world, number, story("Undated", text="More."), significant=False)
        assert store.article(number).published == NOON

    def test_permanent_ids_depend_on_store_source_and_external_id_only(self, store: Store) -> None:
        """The same name in two sources is two articles; each has its own uid and slug."""
        world = World(store)
        (one,) = world.collect("Same title")
        (two,) = world.collect("Same title", source="feed:https://port.example/")
        articles = store.articles_by_id([one, two])
        assert articles[one].uid != articles[two].uid
        assert articles[one].slug != articles[two].slug

    def test_articles_of_sources_come_page_by_page(self, store: Store) -> None:
        """In every state, each once, in the order of their ids."""
        world = World(store)
        ids = list(world.collect("a", "b", "c", source="feed:one"))
        world.collect("d", source="feed:two")
        store.change_article(ids[1], ArticleChanges(hidden=True), world.now)
        first = store.articles_from(["feed:one"], limit=2)
        assert [one.id for one in first] == ids[:2]
        rest = store.articles_from(["feed:one"], after=first[-1].id, limit=2)
        assert [one.id for one in rest] == ids[2:]
        assert list(store.articles_from([], limit=2)) == []

    def test_hostile_text_is_stored_clean(self, store: Store) -> None:
        """NUL, lone surrogates, enormous numbers and strange attributes stop nobody."""
        world = World(store)
        nasty = {"when": NOON, "deep": {"x": [1, None, "\ud800"]}}
        (number,) = world.collect("a\0b\ud800", attributes=nasty, priority=10**40)
        kept = store.article(number)
        assert kept.title == "ab?"
        assert kept.attributes["when"] == str(NOON)
        assert kept.priority > 10**9
        assert _known(store, "a\0b\ud800")["a\0b\ud800"].id == number
        assert world.collect("Привет", "你好", "") != []

    def test_known_articles_are_found_by_external_id_and_address(self, store: Store) -> None:
        """The decider sees what is stored of one source, and addresses over all."""
        (number,) = _save(store, FULL)
        known = _known(store, "Ferries return", "unknown")
        assert list(known) == ["Ferries return"]
        assert known["Ferries return"].id == number
        assert known["Ferries return"].content_hash == content_hash(FULL)
        assert store.known({"folder:other": ["Ferries return"]}) == {"folder:other": {}}

    def test_twins_are_found_by_every_mark_over_all_sources(self, store: Store) -> None:
        """Address, enclosure, title with date, and text, each under its own name."""
        (number,) = _save(store, replace(FULL, text="They do. " * 50))
        marks = prints(replace(FULL, text="They do. " * 50)).marks
        asked = [
            (name, getattr(marks, name)) for name in ("canonical", "file", "headline", "wording")
        ]
        assert all(value for _, value in asked)
        found = store.twins([*asked, ("file", marks.canonical), ("headline", "\ud800")])
        assert found.keys() == set(asked)
        for twins in found.values():
            (twin,) = twins
            assert (twin.id, twin.source, twin.external_id) == (number, SOURCE, "Ferries return")
            assert (twin.title, twin.published) == (FULL.title, FULL.published)

    def test_an_address_that_many_share_crowds_out_no_other_mark(self, store: Store) -> None:
        """Of each mark the newest few come, and the one story of another mark among them."""
        url = "https://port.example/log"
        many = [story(f"v{number}", url=url) for number in range(60)]
        ids = _save(store, *many, FULL)
        asked = [("canonical", prints(one).marks.canonical) for one in (many[0], FULL)]
        found = store.twins(asked)
        shared = [twin.id for twin in found[asked[0]]]
        assert 2 <= len(shared) < len(many)
        assert ids[59] in shared
        assert [twin.id for twin in found[asked[1]]] == [ids[60]]

    def test_many_sources_are_written_at_once(self, store: Store) -> None:
        """Ids come result by result, new ones before changed ones."""
        first = _save(store, story("a"), story("b"))
        more = [
            CollectionResult(
                state=SourceState(key=f"feed:{name}"),
                now=NOON,
                new=[(story(f"{name} {one}"), [(FEED, True)]) for one in "xy"],
                changed=[(old, story("again"), True, [(FEED, True)])],
            )
            for name, old in zip("12", first, strict=True)
        ]
        ids = list(store.save_collected(*more))
        titles = [store.article(number).title for number in ids]
        assert titles == ["1 x", "1 y", "again", "2 x", "2 y", "again"]
        assert store.feeds_with_articles() == {FEED: 6}
        assert list(store.save_collected()) == []

    def test_a_renamed_article_keeps_its_permanent_id(self, store: Store) -> None:
        """It is known under the new name only; the old name may be another story's later."""
        (number,) = _save(store, story("old"))
        before = store.article(number)
        store.save_collected(
            CollectionResult(
                state=SourceState(key=SOURCE),
                now=NOON,
                changed=[
                    (number, replace(story("old"), external_id="new"), False, [(FEED, True)])
                ],
                renamed=[number],
            )
        )
        after = store.article(number)
        assert (after.external_id, after.uid, after.slug) == ("new", before.uid, before.slug)
        (other,) = _save(store, story("old"))
        assert other != number
        assert store.article(other).uid != before.uid
        assert _save(store, story("old")) == [other]

    def test_held_articles_are_in_no_feed_until_released(self, store: Store) -> None:
        """They are listed by their state, and nowhere else."""
        held = CollectionResult(
            state=SourceState(key=SOURCE), now=NOON, held=True, new=[(story("x"), [(FEED, False)])]
        )
        (number,) = store.save_collected(held)
        assert store.articles(feed=FEED, now=NOON) == []
        assert store.article(number).state is ArticleState.HELD
        assert [one.id for one in store.articles(states=["held"], now=NOON)] == [number]
        assert store.held_counts() == {SOURCE: 1}
        assert store.release_held("feed:other", NOON) == 0
        assert store.release_held(SOURCE, NOON) == 1
        assert [one.id for one in store.articles(feed=FEED, now=NOON)] == [number]
        assert store.held_counts() == {}
        (other,) = store.save_collected(replace(held, new=[(story("y"), [(FEED, False)])]))
        assert store.release_held(SOURCE, NOON, hide=True) == 1
        assert store.article(other).state is ArticleState.HIDDEN

    def test_registered_sources_fall_due(self, store: Store) -> None:
        """New ones at once, others when their time comes; those no longer registered never."""
        store.register_sources(["feed:b", "feed:a"])
        assert store.due_sources(NOON) == ["feed:a", "feed:b"]
        assert store.due_sources(NOON, limit=1) == ["feed:a"]
        store.save_state(
            SourceState(key="feed:a", next_check=NOON + MINUTE), SourceState(key="feed:b")
        )
        store.register_sources(["feed:a", "feed:b", "feed:c"])
        assert store.due_sources(NOON) == ["feed:c"]
        assert store.due_sources(NOON + MINUTE) == ["feed:c", "feed:a"]
        store.register_sources(["feed:a"])
        store.save_state(SourceState(key="feed:other", next_check=NOON))
        assert store.due_sources(NOON + MINUTE) == ["feed:a"]
        store.register_sources([])
        assert store.due_sources(NOON + MINUTE) == []

    def test_source_states_are_replaced(self, store: Store) -> None:
        """What is remembered of a source comes back verbatim; unknown ones are absent."""
        state = SourceState(
            key=SOURCE,
            etag='W/"x"',
            last_modified="Tue, 24 Nov 2026 12:00:00 GMT",
            next_check=NOON + MINUTE,
            last_checked=NOON,
            last_success=NOON,
            failures=2,
            last_error="502",
            cursor={"page": "2"},
            interval=timedelta(hours=3),
            why="a story every 24 h",
            gap=timedelta(days=1),
            newest=NOON,
            horizon=NOON - timedelta(days=9),
            stopped="gone",
            told=True,
            fates={"new": 3},
        )
        store.save_state(state)
        assert store.source_states([SOURCE, "other"]) == {SOURCE: state}
        store.save_collected(CollectionResult(state=SourceState(key=SOURCE), now=NOON))
        assert store.source_states([SOURCE]) == {SOURCE: SourceState(key=SOURCE)}

    def test_a_change_moves_updated_only_when_significant(self, store: Store) -> None:
        """RFC 4287 section 4.2.15; content, hash and memberships change either way."""
        world = World(store)
        (number,) = world.collect("Ferries")
        world.wait()
        change(world, number, story("Ferries", text="A typo."), significant=False)
        assert store.article(number).updated == NOON
        assert store.article(number).text == "A typo."
        new = story("Ferries", text="All new.")
        change(world, number, new, significant=True, feeds=(("culture", True),))
        assert store.article(number).updated == world.now
        assert store.article(number).content_hash == content_hash(new)
        assert store.memberships([number]) == {number: ("culture",)}

    def test_articles_join_further_feeds(self, store: Store) -> None:
        """Another source brings a stored article: its feeds get it too."""
        world = World(store)
        (number,) = world.collect("Ferries")
        store.save_collected(
            CollectionResult(
                state=SourceState(key="feed:x"), now=NOON, joined=((number, (("culture", True),)),)
            )
        )
        assert store.memberships([number]) == {number: ("culture", FEED)}
        assert store.memberships([ArticleId(99)]) == {ArticleId(99): ()}

    def test_lists_are_pinned_first_then_newest_first(self, store: Store) -> None:
        """Feeds and lists share one order; limit and offset walk along it."""
        world = World(store)
        old, new, pinned = (
            world.collect(title, published=NOON - timedelta(days=days))[0]
            for title, days in (("old", 2), ("new", 1), ("pinned", 3))
        )
        store.change_article(pinned, ArticleChanges(pinned=True), NOON)
        assert [one.id for one in store.articles(now=NOON)] == [pinned, new, old]
        assert [one.id for one in store.articles(now=NOON, limit=1, offset=1)] == [new]
        assert [one.id for one in store.articles(now=NOON, offset=2)] == [old]
        assert store.articles(feed="culture", now=NOON) == []
        assert len(store.articles(feed=FEED, now=NOON)) == 3

    def test_states_tell_what_may_be_read(self, store: Store) -> None:
        """Future dates wait, drafts and hidden ones too; each can be listed."""
        world = World(store)
        (shown,) = world.collect("shown")
        (draft,) = world.collect("draft", draft=True)
        (later,) = world.collect("later", published=NOON + MINUTE)
        (hidden,) = world.collect("hidden")
        store.change_article(hidden, ArticleChanges(hidden=True), NOON)
        for state, number in (
            ("published", shown),
            ("draft", draft),
            ("scheduled", later),
            ("hidden", hidden),
        ):
            (found,) = store.articles(states=[state], now=NOON)
            assert (found.id, found.state.value) == (number, state)
        assert len(store.articles(states=list(ArticleState), now=NOON)) == 4
        assert {one.id for one in store.articles(now=NOON + MINUTE)} == {shown, later}

    def test_an_operators_changes_outlive_collecting(self, store: Store) -> None:
        """A title set by hand is not undone by the next collection; None leaves things."""
        world = World(store)
        (number,) = world.collect("Typo in tilte", tags=("a",))
        changes = ArticleChanges(title="Typo in title", priority=5, tags=("b", "c"))
        changed = store.change_article(number, changes, NOON)
        assert (changed.title, changed.priority, changed.tags) == ("Typo in title", 5, ("b", "c"))
        change(world, number, story("Typo in tilte", text="x"), significant=True)
        assert store.article(number).title == "Typo in title"
        assert _known(store, "Typo in tilte")["Typo in tilte"].title == "Typo in tilte"
        same = store.change_article(number, ArticleChanges(hidden=True), NOON)
        assert (same.title, same.hidden if hasattr(same, "hidden") else same.state) == (
            "Typo in title",
            ArticleState.HIDDEN,
        )

    def test_an_article_is_found_by_any_of_its_names(self, store: Store) -> None:
        """Id, uid, slug, address as written and as others write it."""
        (number,) = _save(store, FULL)
        kept = store.article(number)
        for name in (
            str(number),
            kept.uid,
            kept.uid.rpartition(":")[2],
            kept.slug,
            kept.url,
            "http://port.example/ferries#top",
        ):
            assert store.find_article(name).id == number, name
        for name in ("", "0", "9" * 40, "no-such-slug", "https://port.example/", "²"):
            with pytest.raises(NotFound):
                store.find_article(name)

    def test_what_is_missing_is_not_found(self, store: Store) -> None:
        """Verbs that name one article raise; those that name many leave it out."""
        nobody = ArticleId(404)
        with pytest.raises(NotFound):
            store.article(nobody)
        with pytest.raises(NotFound):
            store.change_article(nobody, ArticleChanges(hidden=True), NOON)
        enrich(store, nobody, key_points=("gone meanwhile",))
        assert store.articles_by_id([nobody]) == {}
        assert store.relatives([nobody]) == {}

    def test_a_feed_can_be_made_to_hold_exactly_these(self, store: Store) -> None:
        """After its selection changed; nothing added this way is mailed."""
        world = World(store)
        one, two, three = world.collect("one", "two", "three", feeds=())
        assert store.set_memberships(FEED, [one, two], NOON) == 2
        assert store.set_memberships(FEED, [two, three], NOON) == 2
        assert store.set_memberships(FEED, [two, three], NOON) == 0
        assert {article.id for article in store.articles(feed=FEED, now=NOON)} == {two, three}
        world.reader("ada")
        assert world.open() is None

    def test_articles_are_found_where_readers_find_them(self, store: Store) -> None:
        """At their address in any spelling, or on their page of ours."""
        world = World(store)
        (elsewhere,) = world.collect("Ferries return", url="https://port.example/ferries")
        (ours,) = world.collect("Tides")
        page = store.article(ours).url
        spelt = "http://port.example/ferries/?utm_source=x"
        nowhere = f"{page}x"
        assert store.articles_at([spelt, page, nowhere, "", "\u0000"]) == {
            spelt: (elsewhere,),
            page: (ours,),
        }

    def test_many_at_once(self, store: Store) -> None:
        """More than fits into one statement's list of values."""
        world = World(store)
        names = [f"story {number}" for number in range(1203)]
        numbers = world.collect(*names)
        assert len(store.articles_by_id(numbers)) == 1203
        assert len(_known(store, *names)) == 1203
        assert len(store.memberships(numbers)) == 1203
        assert store.set_memberships(FEED, [], NOON) == 1203


def _save(store: Store, *articles: object) -> list[ArticleId]:
    new = tuple((article, ((FEED, True),)) for article in articles)
    result = CollectionResult(state=SourceState(key=SOURCE), now=NOON, new=new)  # type: ignore[arg-type]  # stories
    return list(store.save_collected(result))


def change(
    world: World,
    number: ArticleId,
    article: object,
    *,
    significant: bool,
    feeds: tuple[tuple[str, bool], ...] = ((FEED, True),),
) -> None:
    """Let the source bring an article changed."""
    changed = ((number, article, significant, feeds),)
    result = CollectionResult(state=SourceState(key=SOURCE), now=world.now, changed=changed)  # type: ignore[arg-type]  # stories
    assert list(world.store.save_collected(result)) == [number]


def _known(store: Store, *ids: str) -> Mapping[str, KnownArticle]:
    """Return what is known of one source."""
    return store.known({SOURCE: ids})[SOURCE]
