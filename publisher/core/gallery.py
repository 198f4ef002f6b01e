"""Pictures of the publication's own folder: those that documents point at go out with them.

Serves core.publishing. Each is read once in a publish; whatever is no picture there is passed over.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from publisher.model.views import Document, EntryView

MEDIA = "media/"
"""Where they stand: nobody's alone, so no feed takes them away."""


@dataclass(slots=True, kw_only=True)
class Gallery:
    """Finds pictures by their addresses; `media` reads one by its path below MEDIA, None if it cannot."""

    media: Callable[[str], Document | None]
    url: str
    _seen: set[str] = field(default_factory=set)

    def shown(self, entries: Iterable[EntryView]) -> Iterator[Document]:
        """Yield the pictures that these entries show and no entry before them did."""
        yield from self.named(f"{item.image} {item.html}" for item in entries)

    def named(self, texts: Iterable[str]) -> Iterator[Document]:
        """Yield the pictures whose addresses stand in these texts and in none before them."""
        ours = re.compile(re.escape(f"{self.url}{MEDIA}") + r"([^\s\"'<>?#]+)")
        found = {path for text in texts for path in ours.findall(text)}
        yield from self.again(f"{MEDIA}{path}" for path in found)

    def again(self, paths: Iterable[str]) -> Iterator[Document]:
        """Yield the pictures that stand at these paths."""
        for path in sorted(set(paths) - self._seen):
            self._seen.add(path)
            document = self.media(unquote(path.removeprefix(MEDIA)))
            if document is not None:
                yield document
