"""Nine independent readers, and one that remembers, read the same of every document of ours."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from publisher.kit.text import readable
from tests.readers import reading
from tests.readers.reading import Entry, Read
from tests.readers.test_torture import documents

MODULES = Path(__file__).resolve().parents[2] / ".tools" / "node" / "node_modules"


@dataclass(frozen=True)
class Reader:
    """A reader, what it reads, and how it is opened."""

    name: str
    forms: tuple[str, ...]
    open: Callable[[Path], Read]
    keeps_order: bool = True


def of_node(name: str) -> Callable[[Path], Read]:
    """Return how a package of npm is opened; skips where it or Node is missing."""

    def opened(_folder: Path) -> Read:
        node = shutil.which("node")
        if node is None or not (MODULES / name).exists():
            pytest.skip(f"newsreader: {name} not found (`make tools` fetches it)")
        return reading.with_node(node, MODULES, name)

    return opened


def of_debian(name: str, made: Callable[[str, Path], Read]) -> Callable[[Path], Read]:
    """Return how a program is opened; skips where it is missing."""

    def opened(folder: Path) -> Read:
        program = shutil.which(name)
        if program is None:
            pytest.skip(f"newsreader: {name} not found (`make tools` fetches it)")
        return made(program, folder)

    return opened


XML, ALL = ("rss", "atom"), ("rss", "atom", "json")
READERS = (
    Reader("feedparser", XML, lambda _: reading.with_feedparser),
    Reader("fastfeedparser", ALL, lambda _: reading.with_fastfeedparser),
    Reader("atoma", ALL, lambda _: reading.with_atoma),
    Reader("podcastparser", XML, lambda _: reading.with_podcastparser),
    Reader("rss-parser", XML, of_node("rss-parser")),
    Reader("feedsmith", ALL, of_node("feedsmith")),
    Reader("@rowanmanning/feed-parser", XML, of_node("@rowanmanning/feed-parser")),
    Reader("sfeed", XML, of_debian("sfeed", lambda program, _: reading.with_sfeed(program))),
    Reader("newsboat", XML, of_debian("newsboat", reading.with_newsboat), keeps_order=False),
)


def expected(path: Path) -> list[Entry]:
    """Return what a document says, by the JSON Feed of the same page."""
    (found,) = reading.with_json([path.with_suffix(".json")])
    if path.suffix == ".json":
        return found
    return [entry._replace(title=readable(entry.title)) for entry in found]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_it_reads_the_same_entries_of_every_document(
    made: Any, reader: Reader, tmp_path: Path
) -> None:
    read, paths = reader.open(tmp_path), documents(made, *reader.forms)
    assert len(paths) == 5 * len(reader.forms)
    for path, found in zip(paths, read(paths), strict=True):
        wanted = expected(path)
        if reader.keeps_order:
            assert found == wanted, path.name
        else:
            assert Counter(found) == Counter(wanted), path.name
