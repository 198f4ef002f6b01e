"""Finds what ships with the product besides code: templates, and the starter publication.

Serves templating, config and `init`. In a wheel it all lies in `publisher/_data`, in a checkout
beside the package. Reads there only; `write_starter` writes into the folder it is given.
"""

import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from publisher.errors import ConfigError, OutletError, StoreFull, UsageError

STARTER = ("articles", "feeds", "schedules", "subscribers.csv", "publisher.toml")
IGNORED = ("public/", "var/", "secrets/")


def root() -> Path:
    """Return the folder that holds templates/, feeds/, schedules/, articles/ and publisher.toml.

    Raises ConfigError when the installation is damaged.
    """
    package = Path(__file__).resolve().parent
    # An editable installation has no _data, and one left behind there by a build would be stale:
    # the checkout, recognised by its pyproject, comes first.
    for folder in (package.parent, package / "_data"):
        if _holds(folder):
            return folder
    raise ConfigError(str(package), "the shipped templates are missing: install publisher again")


def templates() -> Path:
    """Return the folder of the shipped templates. Raises ConfigError."""
    return root() / "templates"


def write_starter(folder: Path) -> tuple[Path, ...]:
    """Write the starter publication into a folder, made when missing; return the files written.

    Secrets are not among them. File times are the time of writing, so that stories without a date
    are new. An existing publication, or any file in the way, is refused before anything is written
    (UsageError). When writing fails half-way, what was written is taken away again: StoreFull when
    the disk is full, OutletError otherwise.
    """
    if (folder / "publisher.toml").exists():
        raise UsageError(str(folder), "there is a publication here already; name another folder")
    plan = {folder / name: source for name, source in _starter_files()}
    for target in plan:
        if target.exists():
            raise UsageError(str(target), "is in the way; name an empty folder")
    written: list[Path] = []
    try:
        for target, source in plan.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            written.append(target)
            shutil.copyfile(source, target)
        _ignore(folder / ".gitignore")
    except OSError as error:
        _take_away(written, folder)
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        kind = StoreFull if full else OutletError
        raise kind(str(folder), f"cannot be written: {error.strerror or error}") from error
    return tuple(written)


def _holds(folder: Path) -> bool:
    if folder.name != "_data" and not _is_checkout(folder):
        return False
    return (folder / "publisher.toml").is_file() or (folder / "templates").is_dir()


def _is_checkout(folder: Path) -> bool:
    try:
        return 'name = "publisher"' in (folder / "pyproject.toml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _starter_files() -> Iterator[tuple[str, Path]]:
    """Yield (relative path, shipped file); publisher.toml last: it marks a whole folder."""
    shipped = root()
    for name in STARTER:
        start = shipped / name
        for path in sorted(start.rglob("*")) if start.is_dir() else [start]:
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(shipped).as_posix(), path


def _ignore(path: Path) -> None:
    """Keep output, state and secrets out of git, also in a folder that has its own list."""
    present = path.read_text("utf-8").splitlines() if path.exists() else []
    missing = [line for line in IGNORED if line not in present]
    if missing:
        path.write_text("\n".join([*present, *missing, ""]), encoding="utf-8")


def _take_away(written: list[Path], folder: Path) -> None:
    for path in written:
        path.unlink(missing_ok=True)
    parents = {parent for path in written for parent in path.parents}
    for path in sorted(parents, key=lambda parent: -len(parent.parts)):
        if path.is_relative_to(folder) and path.is_dir() and not any(path.iterdir()):
            path.rmdir()
