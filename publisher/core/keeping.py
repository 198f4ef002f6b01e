"""Keep: see whether a store may be a copy of a newer one, and let nothing be sent from it then.

A restored copy does not know what its original sent since (guarantees, promise 5). A file outside
the store witnesses how far the store came; a copy that is behind it, that was never worked on here,
or that `backup` made is held back until somebody says `publisher resume`. Where the witness was
restored as well, the age of the last heartbeat is the guard.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from publisher.core.catching_up import length
from publisher.errors import Conflict
from publisher.model.editions import Edition, EditionState
from publisher.model.keeping import HELD_BACK, Marks
from publisher.ports import Clock, Editions, Keeping

BEAT = timedelta(seconds=5)
"""How old a heartbeat may be before it is written anew."""

ALIVE = timedelta(minutes=1)
"""A shared store with a heartbeat younger than this is being worked on elsewhere."""


class KeptStore(Editions, Keeping, Protocol):
    """What keeping needs of the store."""


def doubt(marks: Marks, now: datetime) -> str:
    """Return why a store may be a copy of a newer one, "" when nothing speaks for that. Pure."""
    if marks.copied is not None:
        return f"this is the copy that `publisher backup` made at {_instant(marks.copied)}"
    if marks.place != marks.here:
        return "this is a copy of another database"
    witness = marks.witness
    if witness is not None and witness.identity == marks.identity and witness.count > marks.count:
        steps = witness.count - marks.count
        return (
            f"it is {steps:,} steps behind the witness at {marks.path}: an older copy was put back"
        )
    return _unwitnessed(marks, now) if marks.path and marks.witnesses else ""


def _unwitnessed(marks: Marks, now: datetime) -> str:
    """Return what is wrong with the witness of a store that had one before."""
    if marks.witness is None:
        # Another machine may join those that work on a server's store at this moment.
        joins = marks.shared and marks.beat is not None and abs(now - marks.beat) < ALIVE
        return "" if joins else f"there is no witness at {marks.path}: the store was copied here"
    if marks.witness.identity != marks.identity or marks.witness.name not in marks.witnesses:
        return f"the witness at {marks.path} is of another store: the store was copied here"
    return ""


def lateness(edition: Edition, beat: datetime | None, now: datetime, allowed: timedelta) -> str:
    """Return why an edition is too late to go on by itself, "" when it is not. Pure."""
    if beat is None or now - beat <= allowed:
        return ""
    return (
        f"nothing ran for {length(now - beat)} (max_lateness of {edition.schedule} is"
        f" {length(allowed)})"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """The keep use-case. `allowed` gives a schedule's `max_lateness`."""

    store: KeptStore
    clock: Clock
    allowed: Callable[[str], timedelta]

    def look(self) -> str:
        """Hold back what must not go by itself, and beat; return why the whole store is held, or "".

        To be called before anything is sent. Raises StoreError.
        """
        marks, now = self.store.marks(), self.clock.now()
        reason = marks.held
        if not reason and doubt(marks, now):
            # Another process may have been making the witness just then.
            reason = doubt(self.store.marks(settled=True), now)
        if reason:
            self.store.hold_back(reason)
        else:
            self.store.attest()
            self._pause_late(marks.beat, now)
        if marks.beat is None or abs(now - marks.beat) >= BEAT:
            self.store.beat(now)
        return reason

    def _pause_late(self, beat: datetime | None, now: datetime) -> None:
        """Pause what was open when the store was last worked on, too long ago."""
        if beat is None or now - beat <= BEAT:
            return
        states = (EditionState.OPEN, EditionState.PREPARING)
        for edition in self.store.editions(states=states, limit=None):
            why = lateness(edition, beat, now, self.allowed(edition.schedule))
            if why:
                with suppress(Conflict):  # somebody else was first
                    self.store.move_edition(
                        edition.id, states, EditionState.PAUSED, HELD_BACK + why
                    )


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="minutes").replace("+00:00", "Z")
