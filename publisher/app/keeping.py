"""Looking after the store of a running publication: hold it back when it may be a copy, let it go.

Serves the scheduler, sending and the command line.
"""

from collections.abc import Collection

from publisher.app.app import App
from publisher.app.reviewing import approve
from publisher.errors import PublisherError, StoreTrouble
from publisher.model.editions import ENDED, Edition, EditionId, EditionState
from publisher.model.keeping import HELD_BACK

ASSUMED_SENT = "taken to have been sent before the store was put back"
PAUSED = (EditionState.PAUSED,)


def watch(app: App) -> str:
    """Hold back what must not be sent by itself; return why the whole store is held, or "".

    To be called before anything is sent. Tells the operators. Raises StoreError.
    """
    reason = app.keeper.look()
    if reason and app.held != reason:
        app.complain("store", f"nothing is sent: {reason}; `publisher resume` releases it")
        app.alarm.tell(
            "store:held",
            "nothing is sent: the store may be a copy",
            f"Nothing is sent from the store any more: {reason}.\n\nIt cannot know what was sent since it"
            " was copied. `publisher resume` shows what it would send, and lets it go on.",
        )
    app.held = reason
    return reason


def held_back(app: App) -> tuple[Edition, ...]:
    """Return the editions that were paused because the store may be a copy, or too late; oldest first."""
    paused = app.store.editions(states=PAUSED, limit=None)
    return tuple(edition for edition in reversed(paused) if edition.reason.startswith(HELD_BACK))


def to_go(edition: Edition) -> int:
    """Return how many readers of an edition have not got it, as far as the store knows."""
    return edition.audience - sum(edition.counts.get(state, 0) for state in ENDED)


def let_go(
    app: App, going: Collection[EditionId], sent: Collection[EditionId]
) -> tuple[tuple[EditionId, str], ...]:
    """Trust the store again; open these editions, count those as sent, leave the others paused.

    Returns (edition, why) of those that could not go on. Raises StoreError.
    """
    app.store.let_go()
    app.held = ""
    app.keeper.look()
    failed: list[tuple[EditionId, str]] = []
    for number in sent:
        app.store.count_as_sent(number, ASSUMED_SENT, app.clock.now())
    for number in going:
        try:
            approve(app, number, PAUSED)
        except StoreTrouble:
            raise
        except PublisherError as error:
            failed.append((number, str(error)))
    app.store.finish_editions(app.clock.now())
    return tuple(failed)
