"""What is known of a store itself: who it is, how far it came, and what witnesses that outside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

HELD_BACK = "held back: "
"""Begins the reason of an edition that was paused because its store may be a copy, or too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What the file beside the store says: whose it is, its own name, and the store's last count."""

    identity: str
    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a store says of itself, and its witness of it.

    `count` rises whenever something is handed over and with each heartbeat (`beat`). `witnesses`
    are the names of the witnesses it was worked on with; `witness` is the one found at `path` (None:
    there is none; an empty path: nobody asked for one). `place` is where the store was when it was
    last trusted, `here` where it is ("" for a file). `copied` is when `backup` made it, `held` why
    nothing is sent from it. `shared` tells that several machines may work on it at once.
    """

    identity: str
    count: int = 0
    beat: datetime | None = None
    held: str = ""
    copied: datetime | None = None
    place: str = ""
    here: str = ""
    witnesses: tuple[str, ...] = ()
    witness: Witness | None = None
    path: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What a look through the store found and did.

    `damage` are lines of the database's own check; `orphans` counts rows by what they lack ("delivery
    without its subscriber"); they are named, never dropped. The rest counts what was put right.
    """

    damage: tuple[str, ...] = ()
    orphans: Mapping[str, int] = field(default_factory=dict)
    runs: int = 0
    returned: int = 0
    uncertain: int = 0
    due: int = 0
    cancelled: int = 0
    reopened: tuple[int, ...] = ()
    recounted: tuple[int, ...] = ()
    leases: int = 0

    @property
    def changes(self) -> int:
        """Return how many things were put right."""
        counted = (
            self.runs + self.returned + self.uncertain + self.due + self.leases + self.cancelled
        )
        return counted + len(self.reopened) + len(self.recounted)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file that travels with a copy of the store: its name from the publication's folder, `/` between.

    `mode` is the file's, `changed` its time in seconds since 1970.
    """

    name: str
    data: bytes
    mode: int = 0o644
    changed: int = 0
