"""Folders of the publication's own stories, watched while it runs; serves the scheduler.

Whoever saves a story sees it taken in within seconds, not at the next collection. Looking means asking
for the files' times and sizes; a folder that takes long to look at is looked at more rarely.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic

from publisher.app.app import App
from publisher.app.listening import follow
from publisher.errors import FetchError
from publisher.model.articles import SourceReport

PAUSE = 3.0
"""Seconds between two looks, at least."""

EASE = 50.0
"""How many times as long as a look took is waited until the next."""

Look = frozenset[tuple[str, int, int]]
"""What a folder looks like: its files, with their times and sizes."""


class FolderWatch:
    """Remembers how folders looked when they were taken in. Called from one thread."""

    def __init__(self, app: App, ticks: Callable[[], float] = monotonic) -> None:
        self._app = app
        self._ticks = ticks
        self._taken: dict[str, Look] = {}
        self._before: Mapping[str, Look] = {}
        self._next = 0.0

    def look(self, _stop: Callable[[], bool] = lambda: False) -> Sequence[SourceReport]:
        """Collect from folders that have changed, and stood still since the last look.

        Each is collected from once after the start: nobody watched it before. One that no schedule has
        ever collected from is left to the schedule. Raises StoreError.
        """
        begun = self._ticks()
        if begun < self._next:
            return ()
        now = self._looks()
        changed = [
            key
            for key, look in now.items()
            if look != self._taken.get(key) and look == self._before.get(key)
        ]
        self._before = now
        self._next = begun + max(PAUSE, EASE * (self._ticks() - begun))
        if not changed:
            return ()
        self._taken |= {key: now[key] for key in changed}
        return self._collect(changed)

    def _looks(self) -> dict[str, Look]:
        """Return how the folders of all feeds look now."""
        root = self._app.definitions.root
        return {
            key: _look(root / str(subject.definition.adapter.options.get("path", "")))
            for key, subject in self._app.sources.subjects.items()
            if subject.definition.adapter.type == "folder"
        }

    def _collect(self, keys: Sequence[str]) -> Sequence[SourceReport]:
        """Collect from some folders, and from nothing else."""
        reports = []
        subjects = self._app.sources.subjects
        for key in keys:
            if key not in subjects:  # the definitions were edited meanwhile
                continue
            definition = subjects[key].definition
            state = self._app.store.source_states([key]).get(key)
            if state is None:  # never collected yet: what is there is no news of these seconds
                continue
            try:
                found = self._app.source(definition).collect(state, self._app.clock.now())
            except FetchError as error:
                self._app.complain(key, error.reason)
                continue
            reports.append(self._app.sources.take(definition, found))
        follow(self._app, reports)
        for report in reports:
            for problem in report.problems:
                self._app.complain(problem.where, problem.message)
        return tuple(reports)


def _look(folder: Path) -> Look:
    """Return how a folder looks, empty where it cannot be read."""
    found: set[tuple[str, int, int]] = set()
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        seen = entry.stat()
                        found.add((entry.path, seen.st_mtime_ns, seen.st_size))
        except OSError:
            continue
    return frozenset(found)
