"""Documents on disk, ready to be answered with: bytes, entity tag, time of change.

Serves documents.py. Reads the output folder it is given and nothing outside it.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from publisher.kit.media_types import media_type
from publisher.kit.pressing import is_pressable, press

KEPT_SIZE = 1 << 20  # octets above which a document is read anew each time
KEPT = 128
NO_SUCH = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One document; `pressed` holds its compressed forms by their names in Content-Encoding.

    `etag` is strong and made of the identity bytes; each form has its own (RFC 9110 8.8.3.3).
    """

    data: bytes
    pressed: Mapping[str, bytes]
    digest: str
    media_type: str
    modified: datetime | None = None

    @property
    def etag(self) -> str:
        """Return the tag of the document as it is."""
        return f'"{self.digest}"'

    @property
    def etags(self) -> tuple[str, ...]:
        """Return every tag that stands for this document."""
        return (self.etag, *map(self.tag, self.pressed))

    def tag(self, encoding: str) -> str:
        """Return the tag of a form, of the document as it is for ""."""
        return f'"{self.digest}-{encoding}"' if encoding else self.etag

    def form(self, encoding: str) -> bytes:
        """Return the octets of a form."""
        return self.pressed[encoding] if encoding else self.data


class Version(NamedTuple):
    """What tells that a file is still the one that was read."""

    changed: int
    size: int
    number: int


def version_of(place: str) -> Version | None:
    """Return which version of a file stands at a place, None when none does. Raises OSError."""
    try:
        seen = os.stat(place)  # noqa: PTH116  asked for at each request
    except OSError as error:
        if error.errno in NO_SUCH:
            return None
        raise
    regular = stat.S_ISREG(seen.st_mode)
    return Version(seen.st_mtime_ns, seen.st_size, seen.st_ino) if regular else None


class Shelf:
    """The output folder, seen through paths that cannot leave it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def place(self, path: str) -> Path | None:
        """Return where a path (relative, forward slashes) lies; None for what may not be asked for.

        Dot files are drafts of the outlet; links that lead out of the folder are not followed.
        """
        parts = path.split("/")
        if any(not part or part.startswith(".") for part in parts):
            return None
        if not path.isprintable() or "\\" in path:
            return None
        try:
            root = self._root.resolve()
            place = root.joinpath(*parts).resolve()
        except (OSError, RuntimeError):
            return None
        return place if place.is_relative_to(root) else None

    def load(self, path: str) -> Loaded | None:
        """Return a document, None when there is none. Raises OSError when it cannot be read."""
        place = self.place(path)
        version = version_of(str(place)) if place else None
        if place is None or version is None:
            return None
        kind = media_type(path)
        return _read(place, kind) if version.size > KEPT_SIZE else _read_kept(place, kind, version)

    def holds_folder(self, path: str) -> bool:
        """Tell whether a path is a folder with a page of its own."""
        place = self.place(path)
        try:
            return place is not None and (place / "index.html").is_file()
        except OSError:
            return False

    def modified(self, path: str) -> datetime | None:
        """Return when a document changed; None when there is none."""
        found = self.load(path)
        return found.modified if found else None


@lru_cache(maxsize=KEPT)
def _read_kept(place: Path, kind: str, _version: Version) -> Loaded:
    """Read once per version of the file."""
    return _read(place, kind)


def _read(place: Path, kind: str) -> Loaded:
    with place.open("rb") as file:
        seen = os.fstat(file.fileno())  # of this very file, which may be replaced meanwhile
        data = file.read()
    return loaded(data, kind, datetime.fromtimestamp(int(seen.st_mtime), UTC))


def loaded(data: bytes, kind: str, modified: datetime | None = None) -> Loaded:
    """Return a document made of these bytes; `modified` only when it is known for certain."""
    return Loaded(
        data=data,
        pressed=press(data) if is_pressable(kind, len(data)) else {},
        digest=hashlib.sha256(data).hexdigest()[:32],
        media_type=kind,
        modified=modified,
    )
