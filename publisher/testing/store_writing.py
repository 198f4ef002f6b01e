"""What a store promises of key points that somebody outside writes: asked once, paid once, never forced."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from publisher.model.articles import ArticleId
from publisher.ports import Answer, ArticleChanges, Budget, Pointed, Service, Spent, Store
from publisher.testing.store_articles import change
from publisher.testing.store_world import MINUTE, NOON, World, enrich, story

DAY = "2026-11-24"
FOR = "key points"
LONG_AGO = NOON - timedelta(days=9)
SOON = NOON + MINUTE


class WritingContract:
    """Questions, answers and budgets."""

    def test_those_with_computed_points_are_found_newest_first(self, store: Store) -> None:
        """Not what was supplied, set by hand, not enriched yet, hidden, old, or in no feed."""
        world = World(store)
        bring(world, "old", published=NOON - timedelta(days=3))
        bring(world, "older", published=NOON - timedelta(hours=5))
        newest = bring(world, "newest", text="All of it.", language="en")
        bring(world, "supplied", key_points=("Theirs.",))
        own, hidden = bring(world, "own"), bring(world, "hidden")
        store.change_article(own, ArticleChanges(key_points=("Mine.",)), NOON)
        store.change_article(hidden, ArticleChanges(hidden=True), NOON)
        world.collect("raw")
        (alone,) = world.collect("alone", feeds=())
        enrich(store, alone, key_points=("Alone.",))
        found = store.pointed(NOON - timedelta(days=1), NOON, 9)
        assert [one.title for one in found] == ["newest", "older"]
        first = found[0]
        assert (first.id, first.text, first.language) == (newest, "All of it.", "en")
        assert first.points == ("Point of newest.",)
        assert [one.title for one in store.pointed(LONG_AGO, NOON, 1)] == ["newest"]

    def test_written_points_renew_the_article_and_nothing_else(self, store: Store) -> None:
        """`updated` stays, documents are made again, and nobody is mailed twice."""
        world = World(store)
        world.reader("ada")
        number = bring(world, "one")
        before = store.article(number)
        assert world.digest() == {"ada": ["one"]}
        revision = store.revisions([number], NOON)[number]
        assert store.set_points(only(store), ("Written.", "By somebody."))
        after = store.article(number)
        assert after.key_points == ("Written.", "By somebody.")
        assert (after.updated, after.published) == (before.updated, before.published)
        assert store.revisions([number], NOON)[number] > revision
        world.wait()
        assert world.digest() == {}

    def test_points_of_an_article_that_has_changed_are_not_set(self, store: Store) -> None:
        """They were written of something else."""
        world = World(store)
        number = bring(world, "one", text="It was so.")
        asked = only(store)
        change(world, number, story("one", text="It was not so."), significant=True)
        assert not store.set_points(asked, ("It was so.",))
        enrich(store, number, key_points=("It was not so.",))
        assert not store.set_points(asked, ("It was so.",))
        assert store.article(number).key_points == ("It was not so.",)
        assert not store.set_points(replace(asked, id=ArticleId(999)), ("Nobody.",))

    def test_the_editors_points_stay_above_written_ones(self, store: Store) -> None:
        """Also where they were set while somebody wrote."""
        world = World(store)
        number = bring(world, "one")
        asked = only(store)
        store.change_article(number, ArticleChanges(key_points=("Mine.",)), NOON)
        store.set_points(asked, ("Written.",))
        assert store.article(number).key_points == ("Mine.",)
        assert store.pointed(LONG_AGO, NOON, 9) == []

    def test_a_question_is_one_process_s_until_its_time_is_up(self, store: Store) -> None:
        """Then it may be asked by anybody again: who had it may have died."""
        assert store.claim_answers(["a", "b", "c"], NOON, SOON, 2) == ["a", "b"]
        assert store.claim_answers(["a", "b", "c"], NOON, SOON, 9) == ["c"]
        assert store.claim_answers(["a"], NOON, SOON, 9) == []
        assert store.claim_answers(["a"], SOON, SOON + MINUTE, 9) == ["a"]
        assert store.answers(["a", "x"]) == {"a": Answer(due=SOON + MINUTE)}
        assert store.answers([]) == {}

    def test_of_many_at_once_one_gets_a_question(self, store: Store) -> None:
        """Processes share them."""
        with ThreadPoolExecutor(4) as threads:
            asked = list(
                threads.map(lambda _: store.claim_answers(["a"], NOON, SOON, 1), range(12))
            )
        assert sum(map(len, asked)) == 1

    def test_an_answer_is_kept_and_asked_no_more(self, store: Store) -> None:
        """What failed is asked again when it is due."""
        store.claim_answers(["a", "b"], NOON, SOON, 2)
        settled = Answer(points=("So it is.",), tries=1)
        store.keep_answer("a", settled, NOON)
        store.keep_answer("b", Answer(tries=1, due=SOON), NOON)
        assert store.answers(["a", "b"]) == {"a": settled, "b": Answer(tries=1, due=SOON)}
        later = NOON + timedelta(days=1)
        assert store.claim_answers(["a", "b"], later, later + MINUTE, 2) == ["b"]

    def test_old_answers_are_forgotten(self, store: Store) -> None:
        """Their articles are not asked about any more."""
        store.keep_answer("a", Answer(points=("Old.",)), LONG_AGO)
        store.keep_answer("b", Answer(points=("New.",)), LONG_AGO + timedelta(days=90))
        assert set(store.answers(["a", "b"])) == {"b"}

    def test_a_day_takes_so_many_requests_and_no_more(self, store: Store) -> None:
        """Each day and purpose has its own."""
        two = Budget(requests=2)
        assert [store.spend(FOR, DAY, two, 10) for _ in range(3)] == [True, True, False]
        assert store.spent(FOR, DAY) == Spent(requests=2, tokens=20)
        assert store.spend(FOR, "2026-11-25", two, 10)
        assert store.spend("else", DAY, two, 10)
        assert store.spent(FOR, "1970-01-01") == Spent()

    def test_a_day_takes_so_many_tokens_and_no_more(self, store: Store) -> None:
        """What a request was thought to cost is corrected when it is known."""
        hundred = Budget(requests=99, tokens=100)
        assert store.spend(FOR, DAY, hundred, 60)
        assert not store.spend(FOR, DAY, hundred, 60)
        store.settle(FOR, DAY, -30)
        assert store.spend(FOR, DAY, hundred, 60)
        store.settle(FOR, DAY, 500)
        assert not store.spend(FOR, DAY, hundred, 0)
        assert store.spent(FOR, DAY) == Spent(requests=2, tokens=590)
        store.settle(FOR, "1970-01-01", 5)

    def test_of_many_at_once_no_more_than_the_budget_go(self, store: Store) -> None:
        """Processes share a day."""
        with ThreadPoolExecutor(4) as threads:
            went = threads.map(lambda _: store.spend(FOR, DAY, Budget(requests=5), 1), range(20))
            assert sum(went) == 5

    def test_trouble_of_a_service_is_known_to_all_and_told_once(self, store: Store) -> None:
        """A new reason is news, and so is the same after all was well."""
        assert store.service_state("s") == Service()
        down = Service(failures=3, until=SOON, error="is down")
        assert store.note_service("s", down)
        assert store.service_state("s") == down
        assert not store.note_service("s", replace(down, failures=4))
        assert store.note_service("s", replace(down, error="is no more"))
        store.note_service("s", Service())
        assert store.note_service("s", down)
        assert store.service_state("other") == Service()


def bring(world: World, title: str, **more: object) -> ArticleId:
    """Bring a story and give it a computed point."""
    (number,) = world.collect(title, **more)  # type: ignore[arg-type]  # the tests' own keywords
    enrich(world.store, number, key_points=(f"Point of {title}.",))
    return number


def only(store: Store) -> Pointed:
    """Return the one article that may be asked about."""
    (found,) = store.pointed(LONG_AGO, NOON, 9)
    return found
