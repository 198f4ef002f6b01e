"""The contract of what is kept of enriching: points, relations, terms, and what editors overrule."""

from collections.abc import Mapping
from dataclasses import replace

from publisher.model.articles import (
    ArticleId,
    CollectedArticle,
    Link,
    Origin,
    Overruled,
    RelatedArticle,
    SourceState,
)
from publisher.model.enrichment import Enrichment, Relations, Relative, Tie
from publisher.ports import ArticleChanges, CollectionResult, Store
from publisher.testing.store_articles import change
from publisher.testing.store_world import FEED, MINUTE, NOON, SOURCE, World, enrich, story


class EnrichingContract:
    """What every store keeps of enriching; a test class provides the fixture `store`."""

    def test_enrichment_follows_changes(self, store: Store) -> None:
        """What changed is enriched again; supplied key points stay; None leaves things."""
        world = World(store)
        one, two = world.collect("one", "two")
        assert store.unenriched() == [one, two]
        assert store.unenriched(limit=1) == [one]
        enrich(store, one, key_points=("computed",), related=[two, ArticleId(404)])
        assert store.unenriched() == [two]
        kept = store.article(one)
        assert (kept.key_points, kept.key_points_supplied) == (("computed",), False)
        assert [(other.id, other.title) for other in kept.related] == [(two, "two")]
        change(world, one, story("one", key_points=("supplied",)), significant=True)
        assert store.unenriched() == [one, two]
        enrich(store, one)
        assert store.article(one).key_points == ("supplied",)
        store.change_article(two, ArticleChanges(hidden=True), NOON)
        assert store.article(one).related == ()
        assert store.unenriched() == [one, two]

    def test_what_changed_while_it_was_looked_at_is_enriched_again(self, store: Store) -> None:
        """The content that was looked at is named; an elder that is told stays as it is."""
        world = World(store)
        one, two = world.collect("one", "two")
        store.save_enrichments(
            [Enrichment(article=one, content_hash="of before", key_points=("old",))]
        )
        assert store.article(one).key_points == ()
        assert store.unenriched() == [one, two]
        assert store.relatives([one, two])[one].published == store.article(one).published
        store.change_article(two, ArticleChanges(hidden=True), NOON)
        assert store.relatives([one, two]).keys() == {one}

    def test_what_articles_are_tied_to_is_decided_of_what_is_kept(self, store: Store) -> None:
        """One after the other, of those that may be shown: nobody's word is lost."""
        world = World(store)
        one, two, three = world.collect("one", "two", "three")
        enrich(store, one, related=[three])
        for _ in range(2):

            def decide(known: Mapping[ArticleId, Relative]) -> Mapping[ArticleId, Relations]:
                kept = known[one].relations
                more = Tie(two, 0.25 * (1 + len(kept.ties)))
                return {one: Relations(own=2.5, ties=(*kept.ties, more)), three: Relations()}

            store.relate([one, ArticleId(404)], decide)
        ties = store.relatives([one])[one].relations
        assert ties == Relations(own=2.5, ties=(Tie(three, 0.5), Tie(two, 0.5), Tie(two, 0.75)))
        before = store.revisions([one], NOON)
        store.relate([one], lambda _known: {})
        assert store.revisions([one], NOON) == before

    def test_editors_overrule_key_points(self, store: Store) -> None:
        """Theirs count before supplied and computed ones, also when there are none, until given up."""
        world = World(store)
        (number,) = world.collect("Ferries", key_points=("supplied",))
        set_ = ArticleChanges(key_points=("theirs", "too"))
        after = store.change_article(number, set_, NOON + MINUTE)
        assert (after.key_points, after.points_by) == (("theirs", "too"), Origin.EDITOR)
        assert after.key_points_supplied
        assert after.updated == NOON
        change(world, number, story("Ferries", text="x"), significant=False)
        enrich(store, number, key_points=("computed",))
        assert store.article(number).key_points == ("theirs", "too")
        store.change_article(number, ArticleChanges(priority=1), NOON)
        none = store.change_article(number, ArticleChanges(key_points=()), NOON)
        assert (none.key_points, none.points_by) == ((), Origin.EDITOR)
        given_up = ArticleChanges(computed=[Overruled.KEY_POINTS])
        back = store.change_article(number, given_up, NOON)
        assert (back.key_points, back.points_by) == (("computed",), Origin.COMPUTED)
        change(world, number, story("Ferries", key_points=("supplied",)), significant=False)
        kept = store.article(number)
        assert (kept.key_points, kept.points_by) == (("supplied",), Origin.SOURCE)

    def test_editors_overrule_read_also(self, store: Store) -> None:
        """Stored articles by their title and address of now, others as written; hidden ones not."""
        world = World(store)
        one, two, three = world.collect("one", "two", "three")
        enrich(store, one, related=[three])
        tides = Link(title="Tides", url="https://port.example/tides")
        after = store.change_article(one, ArticleChanges(read_also=(two, tides)), NOON + MINUTE)
        assert after.own_read_also is not None
        stored, elsewhere = after.own_read_also
        assert isinstance(stored, RelatedArticle)
        assert (stored.id, stored.title, stored.uid) == (two, "two", store.article(two).uid)
        assert elsewhere == tides
        assert [other.id for other in after.related] == [three]
        assert after.updated == NOON
        revision = store.revisions([one], NOON)[one]
        store.change_article(two, ArticleChanges(title="Two"), NOON)
        assert store.revisions([one], NOON)[one] > revision
        assert [link.title for link in store.article(one).own_read_also or ()] == ["Two", "Tides"]
        change(world, one, story("one", text="x"), significant=False)
        enrich(store, one, related=[])
        assert len(store.article(one).own_read_also or ()) == 2
        store.change_article(two, ArticleChanges(hidden=True), NOON)
        assert store.article(one).own_read_also == (tides,)
        store.change_article(one, ArticleChanges(read_also=()), NOON)
        assert store.article(one).own_read_also == ()
        back = store.change_article(one, ArticleChanges(computed=[Overruled.READ_ALSO]), NOON)
        assert back.own_read_also is None

    def test_a_supplied_title_means_the_story_of_that_title(self, store: Store) -> None:
        """Whether it came before or with it; the newest of several, never itself, hidden ones not."""
        world = World(store)
        (old,) = world.collect("The crane", external_id="1")
        (new,) = world.collect("The crane", external_id="2")
        named = (Link(title="The crane"), Link(title="Nobody"), Link(title="The mole"))
        with_url = Link(title="The crane", url="https://port.example/crane")
        (one,) = world.collect("The mole", read_also=(*named, with_url))
        (both, mate) = store.save_collected(
            CollectionResult(
                state=SourceState(key=SOURCE),
                now=NOON,
                new=[
                    (story("A", read_also=(Link(title="B"),)), [(FEED, True)]),
                    (story("B"), [(FEED, True)]),
                ],
            )
        )
        found = store.article(one).read_also
        assert [getattr(link, "id", None) for link in found] == [new, None, None, None]
        assert found[1:] == (*named[1:], with_url)
        assert [getattr(link, "id", None) for link in store.article(both).read_also] == [mate]
        store.change_article(new, ArticleChanges(title="Crane 7"), NOON)
        assert store.article(one).read_also[0].title == "Crane 7"
        store.change_article(new, ArticleChanges(hidden=True), NOON)
        assert store.article(one).read_also[0] == named[0]
        change(world, one, story("The mole", read_also=named[1:2]), significant=False)
        assert store.article(one).read_also == named[1:2]
        assert old != new

    def test_an_editors_link_follows_its_story_at_the_source(self, store: Store) -> None:
        """A new title or address renews whoever links to it; another text does not."""
        world = World(store)
        one, two, three = world.collect("one", "two", "three")
        store.change_article(one, ArticleChanges(read_also=(two,)), NOON)

        def renewed(collected: CollectedArticle) -> list[bool]:
            before = store.revisions([one, three], NOON)
            change(world, two, collected, significant=False)
            after = store.revisions([one, three], NOON)
            return [after[number] > before[number] for number in (one, three)]

        assert renewed(story("two", text="x")) == [False, False]
        assert renewed(replace(story("two", text="x"), title="Two")) == [True, False]
        assert renewed(story("two", text="x", url="https://x.example/2")) == [True, False]
        assert [link.title for link in store.article(one).own_read_also or ()] == ["two"]

    def test_the_library_finds_articles_by_terms(self, store: Store) -> None:
        """Counts, postings newest first, within the budget and in the order asked."""
        world = World(store)
        one, two, three = world.collect("one", "two", "three")
        library = store.library()
        assert library.size() == 0
        library.index({n: {"harbour": 0.5, f"rare{n}": 0.25} for n in (one, two, three)})
        library.index({three: {"harbour": 1 / 3, "ferry\0": 1.0, "": 1.0}})
        assert library.size() == 3
        counted = library.frequencies(["harbour", "ferry", f"rare{three}", "none", ""])
        assert counted == {"harbour": 3, "ferry": 1}
        found = library.postings({"ferry": 1, "none": 4, "harbour": 2})
        assert found == {"ferry": [(three, 1.0)], "harbour": [(three, 1 / 3), (two, 0.5)]}
        assert library.postings({"harbour": 0}) == {}
        assert library.scores({}, 9) == []
        best = library.scores({"ferry": (9, 0.25), "harbour": (2, 3.0), "none": (9, 1.0)}, 9)
        assert [(number, round(score, 6)) for number, score in best] == [(two, 1.5), (three, 1.25)]
        assert library.scores({"harbour": (9, 1.0)}, 2) == [(one, 0.5), (two, 0.5)]
        library.index({three: {}})
        library.index({})
        assert library.size() == 2
        assert library.frequencies(["harbour", "ferry"]) == {"harbour": 2}
        library.index({two: {"harbour": 0.75}})
        assert library.frequencies(["harbour", f"rare{two}"]) == {"harbour": 2}
        assert library.postings({"harbour": 9}) == {"harbour": [(two, 0.75), (one, 0.5)]}
