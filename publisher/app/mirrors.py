"""Outlets besides the output folder, of one opened publication: when each is brought up to date.

Serves publishing, the scheduler and the command line.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock

from publisher.app.parts import Parts
from publisher.core.mirroring import Mirrored, Mirroring
from publisher.errors import ConfigError
from publisher.kit.output_folder import OutputFolder
from publisher.model.definitions import AdapterDefinition
from publisher.ports import Outlet, Progress

AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""How long after the first failure, the second, and so on it is tried again by itself."""

LOOK = timedelta(hours=1)
"""How long after a success it is looked whether all still stands there, without any change here."""


FEW = 3
"""How many reasons operators are told at once."""


class Mirrors:
    """Knows what is due where. Thread-safe; one mirroring at a time in a process."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._working = Lock()
        self._outlets: dict[str, tuple[AdapterDefinition, Outlet]] = {}
        self._due: dict[str, datetime] = {}
        self._failures: dict[str, int] = {}

    def changed(self) -> None:
        """Note that documents have changed; an outlet that fails is not tried sooner for that."""
        for name in [name for name, tries in dict(self._failures).items() if not tries]:
            self._due.pop(name, None)

    def carry(self, stop: Callable[[], bool] = lambda: False) -> Sequence[Mirrored]:
        """Bring documents where it is time to; return what came of it. Raises StoreError."""
        now = self._parts.clock.now()
        names = [
            name for name in self._parts.definitions.outlets if self._due.get(name, now) <= now
        ]
        return self._mirror(names, None, stop) if names else ()

    def bring(self, progress: Progress | None = None) -> Sequence[Mirrored]:
        """Bring documents to every outlet now. Raises StoreError."""
        return self._mirror(list(self._parts.definitions.outlets), progress, lambda: False)

    def outlet(self, name: str) -> Outlet:
        """Return an outlet, kept as long as its definition stays. Raises ConfigError."""
        definition = self._parts.definitions.outlets[name]
        kept = self._outlets.get(name)
        if kept is None or kept[0] != definition:
            kept = self._outlets[name] = (definition, self._parts.outlet(definition))
        return kept[1]

    def _mirror(
        self, names: Sequence[str], progress: Progress | None, stop: Callable[[], bool]
    ) -> Sequence[Mirrored]:
        with self._working:
            return [self._one(name, progress, stop) for name in names if not stop()]

    def _one(self, name: str, progress: Progress | None, stop: Callable[[], bool]) -> Mirrored:
        parts = self._parts
        self._failures.setdefault(name, 0)
        # Before the look at the folder: what changes while this goes on is due again.
        self._due[name] = parts.clock.now() + LOOK
        folder = OutputFolder(parts.definitions.root / parts.definitions.output)
        try:
            mirroring = Mirroring(
                store=parts.store, finished=folder, outlet=self.outlet(name), name=name
            )
            done = mirroring.mirror(progress, stop)
        except ConfigError as error:
            done = Mirrored(outlet=name, failed=((error.subject, error.reason),))
        self._settle(done)
        return done

    def _settle(self, done: Mirrored) -> None:
        """Say when it is tried again, and tell of trouble."""
        name, parts = done.outlet, self._parts
        if not done.failed:
            self._failures[name] = 0
            return
        wait = AGAIN[min(self._failures[name], len(AGAIN) - 1)]
        self._failures[name] += 1
        self._due[name] = parts.clock.now() + wait
        told = "\n".join(": ".join(filter(None, pair)) for pair in done.failed[:FEW])
        more = f"\n(and {len(done.failed) - FEW} more)" if len(done.failed) > FEW else ""
        parts.alarm.tell(
            f"outlet:{name}",
            f"documents do not get to the outlet {name}",
            f"{told}{more}\n\nIt is tried again by itself; `publisher publish` does so at once.",
        )
