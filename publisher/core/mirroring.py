"""Mirror: copy the finished documents to an outlet elsewhere, and take away there what is gone here.

Serves publishing. The output folder is what is true; what an outlet was given is remembered, so that
only what differs is sent, and what failed is sent the next time. What others point at goes first:
whoever reads there while it goes on never follows a link into nothing.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from publisher.errors import OutletError, OutletUnavailable
from publisher.model.views import Document
from publisher.ports import FinishedDocuments, Outlet, Placements, Progress

BATCH, OCTETS = 100, 16 << 20
"""How many documents are handed over at a time, and how much of them."""

GONE = 1_000
"""How many are taken away at a time."""

STORIES, ARCHIVES, FEEDS, PAGES = range(4)
"""The order in which documents go: each points at those before it, if at any."""

Pair = tuple[str, str]  # subject, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored:
    """What bringing documents to one outlet came to."""

    outlet: str
    written: int = 0
    removed: int = 0
    failed: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirroring:
    """The mirror use-case for one outlet, by its name in the settings."""

    store: Placements
    finished: FinishedDocuments
    outlet: Outlet
    name: str
    batch: int = BATCH
    octets: int = OCTETS

    def mirror(
        self, progress: Progress | None = None, stop: Callable[[], bool] = lambda: False
    ) -> Mirrored:
        """Make what stands there what stands here. Raises StoreError.

        A document that the outlet refuses keeps back no other, but for a feed that leads to it. When
        the outlet takes nothing at all, the rest is left for the next time.
        """
        known = self.store.placed(self.name)
        going = _Going(mirroring=self)
        try:
            going.marks = marks = self._marks(known)
            going.write(self._due(marks, known), progress, stop)
            if not stop():
                # Also when one was refused: a dead link is better than what somebody had erased.
                going.remove(sorted(known.keys() - marks.keys()))
        except OutletError as error:
            going.failed.append((error.subject, error.reason))
        return Mirrored(
            outlet=self.name,
            written=going.written,
            removed=going.removed,
            failed=tuple(going.failed),
        )

    def _marks(self, known: Collection[str]) -> Mapping[str, str]:
        """Return the marks of all that stands here. Raises OutletError."""
        form = sha256(self.outlet.form.encode()).hexdigest()[:8]
        marks = {path: f"{stamp} {form}" for path, stamp in self.finished.files()}
        if known and not marks:
            # A disk that is not mounted: to take everything away there would be the wrong answer.
            raise OutletError("the output folder", "is empty; run `publisher publish` first")
        return marks

    def _due(self, marks: Mapping[str, str], known: Mapping[str, str]) -> Sequence[str]:
        """Return what is to be written, in the order in which it goes. Raises OutletError."""
        due = {path for path, mark in marks.items() if known.get(path) != mark}
        there = marks.keys() - due
        if self.outlet.lacks(there):
            due |= {path for path in there if self.outlet.lacks([path])}
        return sorted(due, key=lambda path: (rank(path), path))


@dataclass(slots=True, kw_only=True)
class _Going:
    """One mirroring on its way, and the account of it."""

    mirroring: Mirroring
    marks: Mapping[str, str] = field(default_factory=dict)
    written: int = 0
    removed: int = 0
    failed: list[Pair] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # feeds that lead to what is not there

    def write(
        self, due: Sequence[str], progress: Progress | None, stop: Callable[[], bool]
    ) -> None:
        """Write these. Raises StoreError; OutletUnavailable when there is no use in going on."""
        for part in self._parts(due):
            if stop():
                return
            self._write(part)
            if progress:
                progress(self.written + len(self.failed), len(due), self.mirroring.name)

    def remove(self, paths: Sequence[str]) -> None:
        """Take these away. Raises StoreError, OutletError."""
        made = self.mirroring
        for start in range(0, len(paths), GONE):
            part = paths[start : start + GONE]
            made.outlet.remove(part)
            made.store.drop_placed(made.name, part)
            self.removed += len(part)

    def _parts(self, due: Sequence[str]) -> Iterator[list[Document]]:
        """Yield documents, some at a time and of one rank, as far as they still stand here."""
        part: list[Document] = []
        size, made = 0, self.mirroring
        for path in due:
            full = len(part) == made.batch or size > made.octets
            if part and (full or rank(path) != rank(part[0].path)):
                yield part
                part, size = [], 0
            document = None if self._is_held(path) else made.finished.read(path)
            if document is not None:
                part.append(document)
                size += len(document.data)
        if part:
            yield part

    def _is_held(self, path: str) -> bool:
        """Tell whether a document has to wait, since what it leads to could not be written."""
        held = _feed(path) in self.broken
        if held:
            self.failed.append((path, "waits for a page of its archive"))
        return held

    def _write(self, part: Sequence[Document]) -> None:
        made, done = self.mirroring, [one.path for one in part]
        try:
            made.outlet.write(part)
        except OutletError as error:
            done = list(error.written)
            if isinstance(error, OutletUnavailable):
                self._record(done)
                raise
            self.failed.append((error.subject, error.reason))
            lost = {one.path for one in part} - set(done)
            self.broken |= {_feed(path) for path in lost if rank(path) == ARCHIVES}
        self._record(done)

    def _record(self, paths: Collection[str]) -> None:
        made = self.mirroring
        made.store.record_placed(made.name, {path: self.marks[path] for path in paths})
        self.written += len(paths)


def rank(path: str) -> int:
    """Return when a document goes: stories and what they show, archives, feeds, pages that list."""
    if path.startswith("feeds/"):
        if "/archive/" in path:
            return ARCHIVES
        return PAGES if path.endswith(".html") else FEEDS
    listing = "/" not in path and path.endswith((".html", ".xml", ".txt"))
    return PAGES if listing else STORIES


def _feed(path: str) -> str:
    """Return the slug of the feed that a document belongs to, "" for none."""
    if not path.startswith("feeds/"):
        return ""
    inside = path.removeprefix("feeds/").partition("/archive/")[0].removesuffix("/index.html")
    return inside.rpartition(".")[0] if inside.endswith((".rss", ".atom", ".json")) else inside
