"""Only what is new in a feed, for readers that say which version they have (RFC 3229, `A-IM: feed`).

Serves feeds.py. Remembers in this process which entries the versions it served held; a version that
it does not know is answered with the whole document, as the standard allows.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from threading import Lock

import msgspec

from publisher.web.conditions import tags_of, weighted
from publisher.web.shelf import Loaded, loaded

MOST = 2_000
"""Versions remembered: a feed of fifty entries takes some kilobytes in each."""

# Text is escaped in our documents, so that a tag is a tag wherever it stands.
_ENTRIES = {
    ".rss": re.compile(rb"[ \t]*<item>.*?</item>\r?\n?", re.DOTALL),
    ".atom": re.compile(rb"[ \t]*<entry(?: [^>]*)?>.*?</entry>\r?\n?", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class Parted:
    """A document in pieces: what stands around its entries, and these."""

    before: bytes
    entries: tuple[bytes, ...]
    after: bytes

    def holding(self, wanted: Iterable[bytes]) -> bytes:
        """Return the document with these of its entries."""
        return b"".join((self.before, *wanted, self.after))


def asks_for_delta(a_im: str) -> bool:
    """Tell whether a reader takes a feed that holds only what is new."""
    return any(name == "feed" and weight > 0 for name, weight in weighted(a_im))


def parted(data: bytes, suffix: str) -> Parted | None:
    """Part a document of ours; None when it is not of the form that is known."""
    if suffix == ".json":
        return _parted_json(data)
    found = list(_ENTRIES[suffix].finditer(data)) if suffix in _ENTRIES else []
    if not found or any(a.end() != b.start() for a, b in pairwise(found)):
        return None
    entries = tuple(one.group() for one in found)
    return Parted(data[: found[0].start()], entries, data[found[-1].end() :])


def _parted_json(data: bytes) -> Parted | None:
    """Part a JSON Feed; its entries are written on a line each, which means the same."""
    try:
        document = msgspec.json.decode(data, type=dict[str, object])
    except msgspec.DecodeError:
        return None
    items = document.pop("items", None)
    if not isinstance(items, list) or not document:
        return None
    head = msgspec.json.encode(document)
    written = tuple(b"," + msgspec.json.encode(item) for item in items)
    return _JsonParted(head[:-1] + b',"items":[', written, b"]}\n")


class _JsonParted(Parted):
    """The same of JSON, where commas stand between entries."""

    __slots__ = ()

    def holding(self, wanted: Iterable[bytes]) -> bytes:
        """Return the document with these of its entries."""
        return self.before + b"".join(wanted)[1:] + self.after


class Versions:
    """Which entries the versions of documents held. Thread-safe."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: OrderedDict[tuple[str, str], frozenset[int]] = OrderedDict()
        self._made: OrderedDict[tuple[str, str, str], Loaded] = OrderedDict()
        self._lock = Lock()

    def note(self, name: str, document: Loaded) -> None:
        """Remember a version that is being served; cheap when it is known."""
        key = (name, document.digest)
        if key in self._held:
            return
        found = parted(document.data, _suffix(name))
        entries = frozenset(map(hash, found.entries)) if found else frozenset()
        with self._lock:
            self._held[key] = entries
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def since(self, name: str, document: Loaded, if_none_match: str) -> tuple[Loaded, str] | None:
        """Return the document with what is new since a version the reader has, and that one's tag.

        None when that version is not known, or everything is new.
        """
        for tag in tags_of(if_none_match):
            held = tag.strip('"').partition("-")[0]
            known = self._held.get((name, held))
            if known:
                made = self._delta(name, document, known, held)
                return (made, tag) if made else None
        return None

    def _delta(
        self, name: str, document: Loaded, known: frozenset[int], held: str
    ) -> Loaded | None:
        key = (name, document.digest, held)  # the tag itself may hold what its reader likes
        if key in self._made:
            return self._made[key]
        found = parted(document.data, _suffix(name))
        if found is None:
            return None
        fresh = [entry for entry in found.entries if hash(entry) not in known]
        if len(fresh) == len(found.entries):
            return None
        # Its tag is that of the whole: whoever adds these entries to theirs has that (section 10.5).
        part = loaded(found.holding(fresh), document.media_type, document.modified)
        made = replace(part, digest=document.digest)
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._most // 20:
                self._made.popitem(last=False)
        return made


def _suffix(name: str) -> str:
    return f".{name.rpartition('.')[2]}"
