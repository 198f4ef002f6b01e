"""What a store promises of what editions say: kept, edited while nobody has it, let go as edited."""

from dataclasses import replace

import pytest

from publisher.errors import Conflict, NotFound
from publisher.model.articles import ArticleId, Link
from publisher.model.editions import (
    DeliveryState,
    Edition,
    EditionContent,
    EditionId,
    EditionState,
    OutcomeState,
)
from publisher.model.subscribers import SubscriberStatus
from publisher.model.views import StoryView
from publisher.ports import LEASE, Store
from publisher.testing.store_world import FEED, MINUTE, NOON, World, take

RESTING = (EditionState.REVIEW, EditionState.PAUSED)


class ContentContract:
    """Contents of editions."""

    def test_what_an_edition_says_is_kept_whole(self, store: Store) -> None:
        """Every field of a story comes back; what is not there yet is None."""
        edition = waiting(World(store))
        assert store.content(edition.id) is None
        told = StoryView(
            id=edition.articles[0],
            feeds=(FEED, "culture"),
            title="The bell",
            url="https://gazette.example/bell/",
            authors=("Ada", "Bo"),
            image="https://gazette.example/bell.png",
            image_width=600,
            key_points=("One.",),
            read_also=(Link(title="More", url="https://gazette.example/more/"),),
            also_at=(Link(title="Port", url="https://port.example/bell"),),
            published=NOON,
            updated=NOON + MINUTE,
            note="A note",
            pinned=True,
            hidden=True,
            edited={"title": "A bell", "key_points": ("Nothing.", "Much.")},
            content_hash="0" * 32,
        )
        made = EditionContent(stories=(told,), note="Good morning")
        saved = store.save_content(edition.id, made, 0)
        assert saved == replace(made, version=1)
        assert store.content(edition.id) == saved
        for verb in (store.content, lambda one: store.save_content(one, made, 0)):
            with pytest.raises(NotFound):
                verb(EditionId(404))

    def test_of_two_editors_the_second_is_told(self, store: Store) -> None:
        """A version is replaced by whoever read it last."""
        edition = waiting(World(store))
        first = store.save_content(edition.id, said(store, edition), 0)
        with pytest.raises(Conflict):
            store.save_content(edition.id, first, 0)
        second = store.save_content(edition.id, replace(first, note="Mine"), first.version)
        with pytest.raises(Conflict, match="somebody else"):
            store.save_content(edition.id, replace(first, note="Theirs"), first.version)
        assert store.content(edition.id) == second

    def test_an_edition_is_edited_only_while_it_rests_and_nobody_has_it(
        self, store: Store
    ) -> None:
        """Open, in a worker's hand, with somebody, or ended: what it says stays."""
        world = World(store)
        edition = waiting(world, "ada", "bo")
        now = store.save_content(edition.id, said(store, edition), 0)

        def refused() -> None:
            with pytest.raises(Conflict):
                store.save_content(edition.id, replace(now, note="late"), now.version)

        now = approved(store, edition, now)
        refused()
        world.claim(edition.id, limit=1)
        store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "")
        refused()
        store.release(edition.id, "host:1:me", world.now)
        now = store.save_content(edition.id, replace(now, note="in time"), now.version)
        now = approved(store, edition, now)
        world.send_one(edition, OutcomeState.FAILED)
        store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "")
        now = store.save_content(edition.id, replace(now, note="he has none"), now.version)
        now = approved(store, edition, now)
        world.send_one(edition)
        store.move_edition(edition.id, (EditionState.OPEN,), EditionState.REVIEW, "held")
        refused()
        store.move_edition(edition.id, RESTING, EditionState.CANCELLED, "")
        refused()

    @pytest.mark.parametrize("how", ["died", "deferred", "retried"])
    def test_a_copy_that_may_have_arrived_keeps_its_edition_as_it_is(
        self, store: Store, how: str
    ) -> None:
        """Promise 3: what is tried again is the same message; what was only claimed is nobody's."""
        world = World(store)
        edition = waiting(world, "ada", "bo")
        now = approved(store, edition, store.save_content(edition.id, said(store, edition), 0))
        assert store.tried(edition.id) == 0
        if how == "died":
            one, _ = world.claim(edition.id)
            world.turn(edition.id, next=[one.id])
            world.wait(2 * LEASE)
            assert store.sweep(world.now, [], resend=True) == (1, 1)
        else:
            states = {"deferred": OutcomeState.DEFERRED, "retried": OutcomeState.UNCERTAIN}
            world.send_one(edition, states[how])
            store.retry(edition.id, [DeliveryState.UNCERTAIN], world.now)
        assert store.tried(edition.id) == 1
        store.move_edition(edition.id, (EditionState.OPEN,), EditionState.REVIEW, "held")
        with pytest.raises(Conflict, match="may have it"):
            store.save_content(edition.id, replace(now, note="late"), now.version)

    def test_an_edition_goes_only_as_it_was_read(self, store: Store) -> None:
        """Edited by somebody meanwhile, or in another state: it stays; then the subject is kept."""
        world = World(store)
        edition = waiting(world)
        with pytest.raises(Conflict):
            store.approve_edition(edition.id, RESTING, 0, "x", world.now)
        first = store.save_content(edition.id, said(store, edition), 0)
        second = store.save_content(edition.id, replace(first, note="More"), first.version)
        with pytest.raises(Conflict, match="somebody else"):
            store.approve_edition(edition.id, RESTING, first.version, "x", world.now)
        assert store.sendable(world.now) == []
        gone = store.approve_edition(edition.id, RESTING, second.version, "Bells", world.now)
        assert (gone.state, gone.subject, gone.reason) == (EditionState.OPEN, "Bells", "")
        with pytest.raises(Conflict, match="cannot become"):
            store.approve_edition(edition.id, RESTING, second.version, "x", world.now)
        with pytest.raises(NotFound):
            store.approve_edition(EditionId(404), RESTING, 1, "x", world.now)
        assert world.send(edition) == {"ada": ["one"]}

    def test_who_would_get_nothing_but_hidden_stories_gets_no_mail(self, store: Store) -> None:
        """The others do; what was hidden on purpose does not come back."""
        world = World(store)
        edition = two_feeds(world)
        hidden = store.save_content(edition.id, said(store, edition, "harbour story"), 0)
        approved(store, edition, hidden)
        assert world.counts(edition.id) == {"queued": 1, "suppressed": 1}
        (row,) = store.deliveries(edition.id, [DeliveryState.SUPPRESSED])
        assert (row.name, row.reason) == ("bo", "every story of theirs was hidden by the editors")
        assert list(world.send(edition)) == ["ada"]
        (done,) = store.finish_editions(world.now)
        assert done.complete
        world.collect("next", feeds=(FEED, "culture"))
        assert world.digest(FEED, "culture") == {"ada": ["next"], "bo": ["next"]}

    def test_a_story_that_is_shown_again_reaches_those_it_was_withheld_from(
        self, store: Store
    ) -> None:
        """Also when their copy fails then: it is carried over."""
        world = World(store)
        edition = two_feeds(world)
        hidden = store.save_content(edition.id, said(store, edition, "harbour story"), 0)
        approved(store, edition, hidden)
        store.move_edition(edition.id, (EditionState.OPEN,), EditionState.REVIEW, "held")
        shown = store.save_content(edition.id, said(store, edition), hidden.version)
        approved(store, edition, shown)
        assert world.counts(edition.id) == {"queued": 2}
        sent = world.send(edition, OutcomeState.FAILED)
        assert sent["bo"] == ["harbour story"]
        store.finish_editions(world.now)
        assert world.digest(FEED, "culture")["bo"] == ["harbour story"]
        assert world.digest(FEED, "culture") == {}

    def test_a_cancelled_edition_carries_hidden_stories_over_too(self, store: Store) -> None:
        """Nobody has it: nothing of it was decided."""
        world = World(store)
        edition = two_feeds(world)
        hidden = store.save_content(edition.id, said(store, edition, "harbour story"), 0)
        approved(store, edition, hidden)
        store.move_edition(edition.id, (EditionState.OPEN,), EditionState.CANCELLED, "wrong")
        assert world.counts(edition.id) == {"suppressed": 2}
        again = world.digest(FEED, "culture")
        assert again["bo"] == ["harbour story"]
        assert sorted(again["ada"]) == ["culture story", "harbour story"]

    def test_titles_of_a_copy_that_was_withheld_are_owed(self, store: Store) -> None:
        """What would have been told by title was hidden by nobody."""
        world = World(store)
        edition, _ = withheld(world)
        assert world.counts(edition.id) == {"suppressed": 1}
        assert world.digest() == {"ada": ["two", "three"]}

    @pytest.mark.parametrize("under_way", [False, True])
    @pytest.mark.parametrize("ending", ["resumed", "cancelled", "shown"])
    def test_what_a_later_edition_told_of_a_withheld_one_is_not_owed_again(
        self, store: Store, ending: str, *, under_way: bool
    ) -> None:
        """Whatever becomes of the edition; a copy that would repeat it is not sent either."""
        world = World(store)
        edition, content = withheld(world)
        store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "")
        later = world.opened(titles=1, limit=1)
        told = {} if under_way else world.send(later)
        if ending == "cancelled":
            store.move_edition(edition.id, RESTING, EditionState.CANCELLED, "wrong")
        else:
            if ending == "shown":
                shown = replace(said(store, edition), version=content.version)
                content = store.save_content(edition.id, shown, content.version)
            approved(store, edition, content)
        assert world.send(edition) == {}
        assert {**told, **world.send(later)} == {"ada": ["two"]}
        store.finish_editions(world.now)
        assert world.digest() == ({} if ending == "resumed" else {"ada": ["one"]})
        assert world.digest() == {}

    def test_a_title_that_is_shown_again_is_owed_though_its_copy_is_withheld(
        self, store: Store
    ) -> None:
        """Hidden with the rest, then shown: it comes next time."""
        world = World(store)
        edition, content = withheld(world, "one", "two", "three")
        store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "")
        assert world.open() is None
        shown = replace(said(store, edition, "one", "three"), version=content.version)
        approved(store, edition, store.save_content(edition.id, shown, content.version))
        assert world.counts(edition.id) == {"suppressed": 1}
        assert world.digest() == {"ada": ["two"]}
        assert world.digest() == {}

    def test_languages_are_those_of_the_readers(self, store: Store) -> None:
        """Each once; readers of others do not count."""
        world = World(store)
        people = {"ada": "de", "bo": "de", "chi": "", "eve": "fr"}
        for name, language in people.items():
            person = world.reader(name, "culture" if name == "eve" else FEED)
            store.change_subscriber(person.id, language=language)
        world.collect("one")
        assert store.languages(world.opened().id) == ["", "de"]

    def test_a_rehearsal_is_what_opening_gives_and_leaves_nothing(self, store: Store) -> None:
        """The same stories, order and copies; numbers, places, runs and watermarks stay."""
        world = World(store)
        assert store.rehearse(world.intent(), take(9)) is None
        world.collect("one", "two", "three")
        ada, eve = world.reader("ada"), world.reader("eve", "culture")
        shown = [store.rehearse(world.intent(), take(2), ada.id) for _ in range(2)]
        others = store.rehearse(world.intent(), take(2), eve.id)
        assert others is not None
        assert others[1] is None
        assert store.editions() == []
        edition = world.opened(limit=2)
        (row,) = store.deliveries(edition.id)
        for found in shown:
            assert found is not None
            rehearsed, mine = found
            assert mine is not None
            same = {"id": edition.id, "run": edition.run, "slot": edition.slot}
            assert replace(rehearsed, **same) == edition  # type: ignore[arg-type]  # three kinds of values
            assert replace(mine, id=row.id, edition=row.edition) == row
        assert world.send(edition) == {"ada": ["one", "two"]}
        assert world.digest() == {"ada": ["three"]}
        assert "rehearsal" not in {run.key for run in store.history()}

    def test_a_rehearsal_for_few_holds_the_same_and_leaves_nothing(self, store: Store) -> None:
        """Of some readers who are written to; those who unsubscribed or bounced are none of them."""
        world = World(store)
        world.collect("one", "two")
        assert store.rehearse(world.intent(), take(9), few=True) is None
        gone, barred = world.reader("gone"), world.reader("barred")
        store.set_status(gone.id, SubscriberStatus.UNSUBSCRIBED, NOON)
        store.suppress(barred.email, "bounced", NOON)
        assert store.rehearse(world.intent(), take(9), few=True) is None
        world.reader("ada")
        found = store.rehearse(world.intent(), take(9), few=True)
        assert found is not None
        assert store.editions() == []
        assert (
            world.digest() == {"ada": world.titles(found[0].articles)} == {"ada": ["one", "two"]}
        )

    def test_editions_are_listed_by_state(self, store: Store) -> None:
        """Those that wait, whatever came after."""
        world = World(store)
        edition = waiting(world)
        world.collect("two")
        world.reader("bo")
        world.opened()
        assert [one.id for one in store.editions(states=[EditionState.REVIEW])] == [edition.id]
        assert len(store.editions(limit=None)) == 2


def waiting(world: World, *names: str) -> Edition:
    """Return an edition of one story that waits for approval."""
    world.collect("one")
    for name in names or ("ada",):
        world.reader(name)
    edition = world.open(review=True)
    assert edition is not None
    return edition


def two_feeds(world: World) -> Edition:
    """Return an edition that waits: ada gets both of its stories, bo the harbour's."""
    world.collect("harbour story")
    world.collect("culture story", feeds=("culture",))
    world.reader("ada", FEED, "culture")
    world.reader("bo")
    edition = world.open(FEED, "culture", review=True)
    assert edition is not None
    return edition


def withheld(world: World, *hidden: str) -> tuple[Edition, EditionContent]:
    """Return an edition that ada does not get: `one` is hidden, the others would be titles."""
    world.collect("one", "two", "three")
    world.reader("ada")
    edition = world.open(limit=1, titles=2, review=True)
    assert edition is not None
    content = said(world.store, edition, *(hidden or ("one",)))
    return edition, approved(
        world.store, edition, world.store.save_content(edition.id, content, 0)
    )


def said(store: Store, edition: Edition, *hidden: str) -> EditionContent:
    """Return what an edition says, stories of these titles hidden."""
    found = store.articles_by_id(edition.articles)
    return EditionContent(
        stories=tuple(
            StoryView(
                id=ArticleId(number),
                title=found[number].title,
                url="",
                published=NOON,
                hidden=found[number].title in hidden,
            )
            for number in edition.articles
        )
    )


def approved(store: Store, edition: Edition, content: EditionContent) -> EditionContent:
    """Let an edition go as it reads, and return that."""
    store.approve_edition(edition.id, RESTING, content.version, "subject", NOON)
    return content
