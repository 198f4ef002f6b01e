"""Documents into a folder that a web server shows: `public/`.

Serves core.publishing and core.mirroring. Touches the folder it is given, and nothing outside it;
removes what it is told.
A document whose bytes are the same keeps its file and its time, so that servers and readers see no
change where there is none. Many documents are flushed to the disk together: each goes to its place when
its bytes are durable, in the order given.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import msgspec

from publisher.errors import OutletError
from publisher.kit.atomic import Draft, reason, several, sync_folder, write_whole
from publisher.kit.pressing import BEST, SUFFIXES, is_pressable, press
from publisher.model.views import Document
from publisher.ports import TransportContext

BATCH, OCTETS = 64, 16 << 20
"""How many documents are flushed together, and after how many octets that is done."""


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `directory` outlet."""

    path: str = "public"  # the folder, made when missing
    precompress: bool = False  # `.br` and `.gz` beside documents, for web servers


class DirectoryOutlet:
    """The outlet. Each file is replaced in one step, after `sync` has made its bytes durable."""

    def __init__(
        self,
        root: Path,
        *,
        precompress: bool = False,
        sync: Callable[[int], None] = os.fsync,
    ) -> None:
        self._root = root
        self._precompress = precompress
        self._sync = sync

    @property
    def form(self) -> str:
        """Return where documents lie, and whether with compressed forms."""
        return f"{self._root} {self._precompress}"

    def probe(self) -> str:
        """Try to write a file. Raises OutletError."""
        place = next(folder for folder in (self._root, *self._root.parents) if folder.exists())
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(b"x")
        except OSError as error:
            raise OutletError(str(self._root), reason(error)) from None
        return f"{self._root} can be written"

    def write(self, documents: Iterable[Document]) -> Sequence[str]:
        """Write what changed and return its paths, in order.

        One document that cannot be written does not keep back the others. Raises OutletError at
        the end, naming the first such document, their number and what stands all the same.
        """
        going = _Going()
        for document in documents:
            if going.is_full(document):
                self._settle(going)
            try:
                self._draft(document, going)
            except OutletError as error:
                self._settle(going)  # those before come first among failures, too
                going.failures.append(error)
            except BaseException:
                going.drop()
                raise
        self._settle(going)
        folders = sorted(going.touched)
        for folder, failed in zip(folders, several(sync_folder, folders), strict=True):
            if failed:
                going.failures.append(OutletError(str(folder), reason(failed)))
        if failures := going.failures:
            more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
            subject, what = failures[0].subject, failures[0].reason + more
            raise OutletError(subject, what, written=going.standing)
        return going.changed

    def remove(self, paths: Iterable[str]) -> None:
        """Take documents away, and folders that are empty then. Raises OutletError at the end."""
        failures: list[OutletError] = []
        for path in paths:
            try:
                self._remove(path)
            except OSError as error:
                failures.append(OutletError(str(self._root / path), reason(error)))
        if failures:
            raise failures[0]

    def lacks(self, paths: Iterable[str]) -> bool:
        """Tell whether any of these documents is missing in the folder."""
        root = f"{self._root}{os.sep}"
        return not all(os.path.isfile(root + path) for path in paths)  # noqa: PTH113  thousands of them

    def _remove(self, path: str) -> None:
        parts = PurePosixPath(path).parts
        root = self._root.resolve()
        target = root.joinpath(*parts)
        if not _is_inside(path, parts) or not target.parent.resolve().is_relative_to(root):
            return
        target.unlink(missing_ok=True)
        _drop_forms(target)
        for folder in target.parents:
            if folder == root or not folder.is_dir() or any(folder.iterdir()):
                return
            folder.rmdir()

    def _draft(self, document: Document, going: "_Going") -> None:
        """Write a document aside, unless it stands already. Raises OutletError."""
        try:
            target = self._place(document.path, going.touched)
            if not _holds(target, document.data):
                going.add(document, Draft(target, document.data))
                return
            if self._precompress and not _has_forms(target, document):
                _write_forms(target, document)
        except OSError as error:
            raise OutletError(str(self._root / document.path), reason(error)) from None
        going.standing.append(document.path)

    def _settle(self, going: "_Going") -> None:
        """Put what was written aside in its place, once it is durable."""
        try:
            drafts = [draft for _, draft in going.drafts]
            failed = several(lambda draft: draft.flush(self._sync), drafts)
            for (document, draft), error in zip(going.drafts, failed, strict=True):
                try:
                    if error:
                        raise error
                    self._put(document, draft)
                except OSError as wrong:
                    draft.drop()
                    subject = str(self._root / document.path)
                    going.failures.append(OutletError(subject, reason(wrong)))
                else:
                    going.stands(document, draft)
        except BaseException:
            going.drop()
            raise
        going.begin()

    def _put(self, document: Document, draft: Draft) -> None:
        # Before the document: an old form beside a new document would be believed.
        _drop_forms(draft.path)
        draft.put()
        if self._precompress:
            _write_forms(draft.path, document)

    def _place(self, path: str, touched: set[Path]) -> Path:
        """Return the file for a document's path, its folders made. Raises OutletError, OSError."""
        parts = PurePosixPath(path).parts
        if not _is_inside(path, parts):
            raise OutletError(repr(path), f"is not a path inside {self._root}")
        self._root.mkdir(parents=True, exist_ok=True)
        root = folder = self._root.resolve()
        for part in parts[:-1]:
            folder /= part
            if not folder.resolve().is_relative_to(root):
                raise OutletError(repr(path), f"leads out of {self._root} through a link")
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)
                touched.add(folder.parent)
        return folder / parts[-1]


@dataclass(slots=True)
class _Going:
    """One writing on its way: what is written aside, and what became of the rest."""

    drafts: list[tuple[Document, Draft]] = field(default_factory=list)
    octets: int = 0
    changed: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    touched: set[Path] = field(default_factory=set)
    failures: list[OutletError] = field(default_factory=list)

    def is_full(self, document: Document) -> bool:
        """Tell whether to settle before this one: also when its path waits already."""
        full = len(self.drafts) >= BATCH or self.octets >= OCTETS
        return full or any(one.path == document.path for one, _ in self.drafts)

    def add(self, document: Document, draft: Draft) -> None:
        self.drafts.append((document, draft))
        self.octets += len(document.data)

    def stands(self, document: Document, draft: Draft) -> None:
        self.changed.append(document.path)
        self.standing.append(document.path)
        self.touched.add(draft.path.parent)

    def begin(self) -> None:
        self.drafts, self.octets = [], 0

    def drop(self) -> None:
        for _, draft in self.drafts:
            draft.drop()


def _holds(target: Path, data: bytes) -> bool:
    if target.is_symlink() or not target.is_file() or target.stat().st_size != len(data):
        return False
    return target.read_bytes() == data


def _forms(target: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name of each compressed form and where it lies."""
    for name, suffix in SUFFIXES.items():
        yield name, target.with_name(target.name + suffix)


def _has_forms(target: Path, document: Document) -> bool:
    """Tell whether the forms are there; one that would not be shorter never is."""
    worth = is_pressable(document.media_type, len(document.data))
    return not worth or any(place.is_file() for _, place in _forms(target))


def _write_forms(target: Path, document: Document) -> None:
    """Write the compressed forms, as old as the document: servers compare their times."""
    if not is_pressable(document.media_type, len(document.data)):
        return
    made, seen = press(document.data, effort=BEST), target.stat()
    for name, place in _forms(target):
        if name in made:
            write_whole(place, made[name])
            os.utime(place, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def _drop_forms(target: Path) -> None:
    for _, place in _forms(target):
        place.unlink(missing_ok=True)


def _is_inside(path: str, parts: tuple[str, ...]) -> bool:
    """Tell whether a path is relative and plain: no way up, no drive, nothing unprintable."""
    plain = path.isprintable() and "\\" not in path and not path.startswith("/")
    return bool(parts) and plain and not path.endswith("/") and ".." not in parts


def create(options: Options, context: TransportContext) -> DirectoryOutlet:
    """Make the outlet; relative paths count from the publication's folder."""
    return DirectoryOutlet(context.root / options.path, precompress=options.precompress)
