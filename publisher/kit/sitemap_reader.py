"""Sitemaps of strangers: plain ones, news sitemaps, and indexes of sitemaps (sitemaps.org 0.9).

Serves the `sitemap` source, which calls `read_sitemap` in a killable process. Pure. A namespace is
not looked at: half of all sitemaps have a wrong one.
"""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from publisher.errors import ParseError
from publisher.kit.clean import absolute_url
from publisher.kit.dates import as_instant
from publisher.kit.decode import decode_document
from publisher.kit.text import clean_text, plain_title, strip_illegal

MAX_ENTRIES = 50_000
"""Entries of one file (sitemaps.org); what follows is not read."""

MAX_OCTETS = 50 * 1024 * 1024
"""Bytes of one file, decompressed (sitemaps.org)."""

ENTRIES = frozenset({"url", "sitemap"})
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One address of a sitemap; `title` and what follows are of a news sitemap."""

    url: str
    changed: datetime | None = None
    title: str = ""
    published: datetime | None = None
    language: str = ""
    tags: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A file as read: pages, or further sitemaps when it is an index."""

    pages: tuple[Entry, ...] = ()
    maps: tuple[Entry, ...] = ()


@dataclass(slots=True)
class _Open:
    """The entry being read: texts by the local names of their elements."""

    said: dict[str, str] = field(default_factory=dict)

    def entry(self, base: str) -> Entry | None:
        """Return it, None without an address."""
        url = absolute_url(self.said.get("loc", ""), base)
        if not url:
            return None
        published = as_instant(self.said.get("publication_date", ""))
        words = self.said.get("keywords", "").split(",")
        return Entry(
            url=url,
            changed=as_instant(self.said.get("lastmod", "")) or published,
            title=plain_title(self.said.get("title", "")),
            published=published,
            language=self.said.get("language", ""),
            tags=tuple(dict.fromkeys(filter(None, map(clean_text, words)))),
            name=clean_text(self.said.get("name", "")),
        )


def read_sitemap(data: bytes, url: str, content_type: str = "") -> Sitemap:
    """Return what a sitemap names. Raises ParseError for what is none, as an error page is."""
    text = strip_illegal(decode_document(_unpacked(data, url), content_type)).strip()
    if text and not text.startswith("<"):
        return _plain(text, url)
    pages: list[Entry] = []
    maps: list[Entry] = []
    root = ""
    for kind, opened in _entries(text, url):
        root = root or kind
        entry = opened.entry(url) if opened is not None else None
        if entry is not None:
            (maps if kind == "sitemap" else pages).append(entry)
        if len(pages) + len(maps) >= MAX_ENTRIES:
            break
    if not root:
        raise ParseError(url, "is no sitemap")
    return Sitemap(pages=tuple(pages), maps=tuple(maps))


def _entries(text: str, url: str) -> Iterator[tuple[str, _Open | None]]:
    """Yield the root's name once, then each entry with its kind. Raises ParseError."""
    context = etree.iterparse(
        io.BytesIO(text.encode("utf-8", "replace")),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        _, first = next(context)
        root = _local(first.tag)
        if root not in {"urlset", "sitemapindex"}:
            raise ParseError(url, "is no sitemap")
        yield root, None
        yield from _below(context)
    except StopIteration as error:
        raise ParseError(url, "is no sitemap") from error
    except etree.XMLSyntaxError as error:
        raise ParseError(url, f"is no sitemap: {error.msg}") from error


def _below(events: Iterable[tuple[str, etree._Element]]) -> Iterator[tuple[str, _Open]]:
    """Yield the entries below the root, each with its kind, as they end."""
    opened: _Open | None = None
    for event, element in events:
        name = _local(element.tag)
        if event == "start":
            if name in ENTRIES and opened is None:
                opened = _Open()
        elif opened is not None and name in ENTRIES:
            yield name, opened
            opened = None
            element.clear(keep_tail=False)
        elif opened is not None and len(element) == 0 and element.text:
            opened.said.setdefault(name, element.text.strip())


def _plain(text: str, url: str) -> Sitemap:
    """Read a sitemap that is a text file: one address a line. Raises ParseError."""
    lines = [line.strip() for line in text.splitlines()[:MAX_ENTRIES] if line.strip()]
    if not lines or not all(line.startswith(("http://", "https://")) for line in lines):
        raise ParseError(url, "is no sitemap")
    found = (absolute_url(line, url) for line in lines)
    return Sitemap(pages=tuple(Entry(url=one) for one in found if one))


def _unpacked(data: bytes, url: str) -> bytes:
    """Return a file's bytes, decompressed if it is compressed. Raises ParseError."""
    if not data.startswith(GZIP):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            found = packed.read(MAX_OCTETS + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ParseError(url, f"cannot be decompressed: {error}") from error
    if len(found) > MAX_OCTETS:
        raise ParseError(url, f"is larger than {MAX_OCTETS // 1024 // 1024} MiB when decompressed")
    return found


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2].lower()
