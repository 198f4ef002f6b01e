"""Independent readers of feeds, each made to say the same of a document: its entries in order.

Serves the readers' tests. What a reader gives in another form (a date as a tuple, a title as HTML) is
brought to ours; what it leaves out is None.
"""

import html
import io
import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import atoma
import fastfeedparser
import feedparser
import podcastparser


class Entry(NamedTuple):
    """What a reader says of an entry."""

    id: str | None
    title: str
    url: str
    published: datetime | None


Read = Callable[[Sequence[Path]], list[list[Entry]]]
"""Entries of each document, in the document's order."""


def instant(written: str | float | time.struct_time | datetime | None) -> datetime | None:
    """Return an instant to the second, in UTC."""
    if isinstance(written, time.struct_time):
        return datetime(*written[:6], tzinfo=UTC)
    if isinstance(written, int | float):
        return datetime.fromtimestamp(written, UTC)
    if isinstance(written, str):
        try:
            written = datetime.fromisoformat(written)
        except ValueError:
            written = datetime.strptime(written, "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=UTC)
    return written and written.astimezone(UTC).replace(microsecond=0)


def with_json(files: Sequence[Path]) -> list[list[Entry]]:
    """Read JSON Feed as the specification says: this is what the others are held against."""
    return [
        [
            Entry(one["id"], one["title"], one["url"], instant(one["date_published"]))
            for one in json.loads(file.read_bytes())["items"]
        ]
        for file in files
    ]


def with_feedparser(files: Sequence[Path]) -> list[list[Entry]]:
    """Read with feedparser, which leaves titles as they stand in XML."""
    return [
        [
            Entry(one.id, one.title, one.link, instant(one.published_parsed))
            for one in feedparser.parse(file.read_bytes(), sanitize_html=False).entries
        ]
        for file in files
    ]


def with_fastfeedparser(files: Sequence[Path]) -> list[list[Entry]]:
    """Read with fastfeedparser, which knows JSON Feed as well."""
    return [
        [
            Entry(one.get("id"), one["title"], one["link"], instant(one.get("published")))
            for one in fastfeedparser.parse(file.read_bytes()).entries
        ]
        for file in files
    ]


def with_atoma(files: Sequence[Path]) -> list[list[Entry]]:
    """Read with atoma, which has a function for each format."""
    return [_with_atoma(file) for file in files]


def _with_atoma(file: Path) -> list[Entry]:
    data = file.read_bytes()
    if file.suffix == ".rss":
        items = atoma.parse_rss_bytes(data).items
        return [Entry(one.guid, one.title, one.link, instant(one.pub_date)) for one in items]
    if file.suffix == ".json":
        found = atoma.parse_json_feed_bytes(data).items
        return [Entry(one.id_, one.title, one.url, instant(one.date_published)) for one in found]
    return [
        Entry(
            one.id_,
            one.title.value,
            next(link.href for link in one.links if link.rel in {None, "alternate"}),
            instant(one.published),
        )
        for one in atoma.parse_atom_bytes(data).entries
    ]


def with_podcastparser(files: Sequence[Path]) -> list[list[Entry]]:
    """Read with podcastparser."""
    return [
        [
            Entry(one["guid"], one["title"], one["link"], instant(one["published"]))
            for one in podcastparser.parse(file.as_uri(), io.BytesIO(file.read_bytes()))[
                "episodes"
            ]
        ]
        for file in files
    ]


def with_node(node: str, modules: Path, name: str) -> Read:
    """Return how to read with a package of npm."""
    script = Path(__file__).with_name("read.mjs")

    def read(files: Sequence[Path]) -> list[list[Entry]]:
        command = [node, str(script), name, *map(str, files)]
        environment = {**os.environ, "READERS": str(modules)}
        done = subprocess.run(command, capture_output=True, check=True, env=environment)
        return [
            [
                Entry(one.get("id"), one["title"], one["url"], instant(one.get("published")))
                for one in document
            ]
            for document in json.loads(done.stdout)
        ]

    return read


def with_sfeed(program: str) -> Read:
    """Return how to read with sfeed: one line an entry, parted by tabs."""

    def read(files: Sequence[Path]) -> list[list[Entry]]:
        return [_lines(program, file.read_bytes()) for file in files]

    return read


def _lines(program: str, data: bytes) -> list[Entry]:
    done = subprocess.run([program], input=data, capture_output=True, check=True)
    rows = (line.split("\t") for line in done.stdout.decode().splitlines())
    return [Entry(row[5], row[1], row[2], instant(int(row[0]))) for row in rows]


def with_newsboat(program: str, folder: Path) -> Read:
    """Return how to read with newsboat: a cache of its own for each document, which keeps no order."""

    def read(files: Sequence[Path]) -> list[list[Entry]]:
        return [_boat(program, folder / str(number), file) for number, file in enumerate(files)]

    return read


def _boat(program: str, here: Path, file: Path) -> list[Entry]:
    here.mkdir(parents=True)
    (here / "config").write_text("reload-threads 1\nmax-items 0\n")
    (here / "urls").write_text(f"{file.as_uri()}\n")
    command = [program, "-C", "config", "-u", "urls", "-c", "cache.db", "-x", "reload"]
    home = {
        **os.environ,
        "HOME": str(here),
        "XDG_CONFIG_HOME": str(here),
        "XDG_DATA_HOME": str(here),
    }
    subprocess.run(command, cwd=here, check=True, capture_output=True, env=home, timeout=60)
    with sqlite3.connect(here / "cache.db") as cache:
        rows: Iterable[Any] = cache.execute("SELECT guid, title, url, pubDate FROM rss_item")
        return [Entry(row[0], html.unescape(row[1]), row[2], instant(row[3])) for row in rows]
