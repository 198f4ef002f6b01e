"""One publish's way out: documents to every outlet, and the account of what became of them.

Serves core.publishing and core.around. What an outlet refuses is told; the others get it all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

from publisher.core.gallery import MEDIA
from publisher.core.gating import Gate
from publisher.errors import OutletError
from publisher.model.archives import FeedRecord
from publisher.model.views import Document
from publisher.ports import Outlet

BATCH = 50
"""How many documents are handed to the outlets at a time."""


@dataclass(slots=True, kw_only=True)
class Output:
    """Where documents go. `pictures` are those that were written, by their digests."""

    outlets: Sequence[Outlet]
    gate: Gate
    documents: int = 0
    changed: dict[str, None] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    untouched: int = 0
    recorded: set[str] = field(default_factory=set)
    pictures: dict[str, str] = field(default_factory=dict)
    refused: OutletError | None = None

    def write(self, documents: Iterable[Document]) -> tuple[dict[str, str], bool]:
        """Hand documents to every outlet; return their digests by path, and whether all took all."""
        paths: dict[str, str] = {}
        whole = True
        stream = iter(documents)
        while batch := tuple(islice(stream, BATCH)):
            paths.update((one.path, sha256(one.data).hexdigest()) for one in batch)
            for outlet in self.outlets:
                try:
                    self.changed.update(dict.fromkeys(outlet.write(batch)))
                except OutletError as error:
                    self.refused = self.refused or error
                    self._fail(outlet, error)
                    whole = False
        shown = {path: mark for path, mark in paths.items() if path.startswith(MEDIA)}
        self.pictures |= shown
        return {path: mark for path, mark in paths.items() if path not in shown}, whole

    def remove(self, paths: Iterable[str]) -> bool:
        """Take documents away from every outlet; tell whether they are gone.

        They are to be forgotten only then: what nobody remembers would stand for ever.
        """
        gone, whole = sorted(paths), True
        for outlet in self.outlets if gone else ():
            try:
                outlet.remove(gone)
            except OutletError as error:
                self._fail(outlet, error)
                whole = False
        self.removed += gone
        return whole

    def lacks(self, paths: Iterable[str]) -> bool:
        """Tell whether any of these is missing in any outlet. Raises OutletError."""
        return any(outlet.lacks(paths) for outlet in self.outlets)

    def is_same(self, before: FeedRecord | None, making: str, state: object) -> bool:
        """Tell whether what was made before is what would be made now, and still stands."""
        if before is None or (before.making, before.state) != (making, state):
            return False
        return not self.lacks(before.paths)

    def passed(self, documents: Iterable[Document], old: Mapping[str, str]) -> list[Document]:
        """Return the documents that pass the gate; one whose bytes are as before has passed it."""
        good = []
        for one in documents:
            known = old.get(one.path) == sha256(one.data).hexdigest()
            if reason := "" if known else self.gate.refuses(one):
                self.failed.append((one.path, reason))
            else:
                good.append(one)
        return good

    def _fail(self, outlet: Outlet, error: OutletError) -> None:
        self.failed.append((type(outlet).__name__, str(error)))
