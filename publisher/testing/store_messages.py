"""What a store promises of rendered messages: the first stays, until the edition is let go anew."""

from dataclasses import replace

import pytest

from publisher.errors import NotFound
from publisher.model.editions import Edition, EditionId, EditionState
from publisher.model.messages import Body, Literal, Message, Names, Place, Slot, SlotKind
from publisher.ports import Store
from publisher.testing.store_world import World

MESSAGE = Message(
    html=Body(
        frame=(Literal("<p>Täglich &amp; \u202b"), Slot("name", SlotKind.HTML), Place("lead")),
        blocks={"lead:1": (Literal("<h1>One</h1>"), Slot("section", SlotKind.HTML)), "more": ()},
    ),
    text=Body(frame=(Place("lead"), Slot("why", SlotKind.FLOWED)), blocks={"lead:1": ()}),
    language="de",
    flowed=True,
    names=Names(publication="Gazette", title="", subject="{{ lead.title }}", feeds={"a": "Ä"}),
)


class MessageContract:
    """Messages as they go out."""

    def test_a_message_comes_back_whole_and_the_first_one_stays(self, store: Store) -> None:
        """Of two processes that render, both send what the first one kept."""
        edition = _opened(World(store))
        assert store.message(edition.id, 1, "de") is None
        assert store.keep_message(edition.id, 1, MESSAGE) == MESSAGE
        other = replace(MESSAGE, text=Body(frame=(Literal("otherwise"),)))
        assert store.keep_message(edition.id, 1, other) == MESSAGE
        assert store.message(edition.id, 1, "de") == MESSAGE
        assert store.kept_messages(edition.id, 1) == {"de": MESSAGE.mark}
        assert other.mark != MESSAGE.mark
        assert store.message(edition.id, 1, "en") is None
        with pytest.raises(NotFound):
            store.keep_message(EditionId(404), 1, MESSAGE)

    def test_another_version_replaces_it(self, store: Store) -> None:
        """What an edition said before an edit is not sent any more."""
        edition = _opened(World(store))
        store.keep_message(edition.id, 1, MESSAGE)
        edited = replace(MESSAGE, text=Body(frame=(Literal("edited"),)))
        assert store.keep_message(edition.id, 2, edited) == edited
        assert store.message(edition.id, 1, "de") is None
        assert store.kept_messages(edition.id, 2) == {"de": edited.mark}

    def test_let_go_anew_it_is_forgotten_unless_somebody_has_it(self, store: Store) -> None:
        """A template mended while nobody has an edition counts; afterwards the bytes stay."""
        world = World(store)
        edition = _opened(world)
        store.keep_message(edition.id, 1, MESSAGE)
        _rest_and_go_on(store, edition.id)
        assert store.kept_messages(edition.id, 1) == {}
        store.keep_message(edition.id, 1, MESSAGE)
        store.forget_messages(edition.id)
        assert store.kept_messages(edition.id, 1) == {}
        store.keep_message(edition.id, 1, MESSAGE)
        world.send_one(edition)
        _rest_and_go_on(store, edition.id)
        store.forget_messages(edition.id)
        assert store.message(edition.id, 1, "de") == MESSAGE


def _opened(world: World) -> Edition:
    world.collect("one")
    for name in ("ada", "bo"):
        world.reader(name)
    return world.opened()


def _rest_and_go_on(store: Store, edition: EditionId) -> None:
    store.move_edition(edition, (EditionState.OPEN,), EditionState.PAUSED, "a test")
    store.move_edition(edition, (EditionState.PAUSED,), EditionState.OPEN, "")
