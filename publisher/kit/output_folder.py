"""The output folder as what copies it sees it: which documents stand there, and each one's bytes.

Serves core.mirroring. Reads the folder it is given and nothing outside it: what a web server would
show, so neither drafts (dot files) nor links, and no compressed forms, which belong to that server.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from publisher.errors import OutletError
from publisher.kit.atomic import reason
from publisher.kit.media_types import media_type
from publisher.kit.pressing import SUFFIXES
from publisher.model.views import Document

FORMS = tuple(SUFFIXES.values())


class OutputFolder:
    """Implements the port FinishedDocuments."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield each document's path, and what tells this version of it from every other.

        Raises OutletError when a folder cannot be looked at.
        """
        try:
            yield from _walk(str(self._root), "")
        except OSError as error:
            raise OutletError(str(self._root), reason(error)) from error

    def read(self, path: str) -> Document | None:
        """Return a document; None when it is gone, or cannot be read."""
        try:
            data = (self._root / path).read_bytes()
        except OSError:
            return None
        return Document(path=path, data=data, media_type=media_type(path))


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, str]]:
    try:
        with os.scandir(folder) as entries:
            found = {entry.name: entry for entry in entries if not entry.name.startswith(".")}
    except FileNotFoundError:
        return  # nothing published yet, or taken away meanwhile
    for name, entry in found.items():
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{prefix}{name}/")
        elif entry.is_file(follow_symlinks=False) and not _is_form(name, found):
            try:
                seen = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # taken away meanwhile
            yield f"{prefix}{name}", f"{seen.st_mtime_ns:x}-{seen.st_size:x}-{seen.st_ino:x}"


def _is_form(name: str, beside: dict[str, "os.DirEntry[str]"]) -> bool:
    return name.endswith(FORMS) and name.rpartition(".")[0] in beside
