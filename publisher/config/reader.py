"""Reads a publication's folder: publisher.toml, feeds/*.toml, schedules/*.toml.

Serves app, the command line and `run`, which reads again when the fingerprint changes. Reads those
files and what `{ file }` names; writes nothing. Either everything is valid, or one error holds
every mistake of every file.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

from publisher import registry
from publisher.config import building, values
from publisher.config.adapters import Finder
from publisher.config.agreement import agree
from publisher.config.checking import Report
from publisher.errors import DefinitionError, Problem
from publisher.model.definitions import Definitions

PUBLICATION = "publisher.toml"
FOLDERS = ("feeds", "schedules")
RESERVED = frozenset({"all", "private", "tag", "author", "source"})
"""Slugs of feeds that addresses of the site need for themselves."""
LARGEST = 1_048_576  # octets of a definition file; what is larger is no such thing


def load(root: Path, *, find: Finder = registry.load) -> Definitions:
    """Return the publication in a folder.

    Raises DefinitionError with every mistake of every file, in the order of the files.
    """
    problems: list[Problem] = []
    if not (root / PUBLICATION).is_file():
        raise DefinitionError([_absent(root)])
    report = Report(PUBLICATION, problems)
    made = building.publication(report, _table(root / PUBLICATION, report, root), root, find)
    feeds = {}
    for path, report in _files(root, "feeds", problems):
        feeds[path.stem] = building.feed(report, path.stem, _table(path, report, root), find)
    schedules = {}
    for path, report in _files(root, "schedules", problems):
        table, zone = _table(path, report, root), made.publication.timezone
        schedules[path.stem] = building.schedule(report, path.stem, table, zone)
    made = agree(replace(made, feeds=feeds, schedules=schedules), problems)
    if problems:
        raise DefinitionError(problems)
    return made


def fingerprint(root: Path) -> str:
    """Return a digest that changes when a definition file comes, goes or is written; cheap."""
    digest = hashlib.blake2b(digest_size=16)
    for path in (root / PUBLICATION, *_paths(root, "feeds"), *_paths(root, "schedules")):
        try:
            stat = path.stat()
            state = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        except OSError:
            state = (0, 0, 0)
        digest.update(f"{path.relative_to(root)}\0{state}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _paths(root: Path, folder: str) -> list[Path]:
    """Return the definition files of a folder; what an editor hides is not one."""
    found = (root / folder).glob("*.toml")
    return sorted(path for path in found if not path.name.startswith("."))


def _files(root: Path, folder: str, problems: list[Problem]) -> Iterator[tuple[Path, Report]]:
    for path in _paths(root, folder):
        report = Report(f"{folder}/{path.name}", problems)
        try:
            values.slug(path.stem)
        except ValueError as error:
            report.add("", f"the file's name is the slug, and {error}")
        if folder == "feeds" and path.stem in RESERVED:
            reserved = ", ".join(sorted(RESERVED))
            report.add("", f"this slug is reserved, as are {reserved}; rename the file")
        yield path, report


def _table(path: Path, report: Report, root: Path) -> dict[str, object]:
    """Return what a file holds; {} when it cannot be read, which is reported."""
    text = ""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        if len(data) > LARGEST:
            report.add("", f"is larger than {LARGEST // 1024} KiB")
            return {}
        table = tomllib.loads(text)
    except OSError as error:
        report.add("", f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        report.add("", f"is not UTF-8 text (octet {error.start})")
    except (
        ValueError
    ) as error:  # a number of more digits than Python reads is not a TOMLDecodeError
        report.add("", f"broken TOML: {_placed(str(error), text)}")
    except RecursionError:
        report.add("", "broken TOML: nested too deeply")
    else:
        return cast("dict[str, object]", values.refer(table, report.file, "", root))
    return {}


def _placed(message: str, text: str) -> str:
    """Return tomllib's message with line and column, also where it stopped at the end."""
    lines = text.rstrip().split("\n")
    place = f"at line {len(lines)}, column {len(lines[-1]) + 1}: the end"
    return message.replace("at end of document", place)


def _absent(root: Path) -> Problem:
    if not root.is_dir():
        return Problem(file=str(root), key="", message="there is no such folder")
    advice = "`publisher init DIR` writes a publication, -C names the folder of one"
    return Problem(file=PUBLICATION, key="", message=f"there is none in {root}; {advice}")
