"""Source `sitemap`: a site's own list of its pages, for sites without a feed; news sitemaps too.

Touches the network: sitemaps through the Fetcher, pages as robots.txt allows. Of a site's many pages
only a few are read in one collection, the newest first at the beginning, the rest in later ones.
"""

import base64
import fnmatch
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from publisher.errors import FetchError, ParseError, SourceError
from publisher.kit.sitemap_reader import Entry, Sitemap, read_sitemap
from publisher.kit.unchanged import unchanged
from publisher.kit.worker import read_apart
from publisher.model.articles import (
    SOURCE,
    Collected,
    CollectedArticle,
    SourceProblem,
    SourceState,
)
from publisher.ports import SourceContext

ACCEPT = "application/xml, text/xml, text/plain;q=0.8, */*;q=0.3"
SECONDS = 20.0
"""How long one sitemap may be read."""

MAPS = 50
"""Sitemaps of an index that are read in one collection, the newest first."""

MARK = 8
"""Characters by which a page is remembered."""

TRIES = 3
"""How often a page that cannot be fetched is tried before it is let go."""

Address = Annotated[str, Meta(extra={"kind": "web address"})]
Patterns = tuple[str, ...]
Limit = Annotated[int, Meta(ge=1, le=200)]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `sitemap` source."""

    url: Address  # the sitemap, or an index of sitemaps
    include: Patterns = ()  # paths of stories, such as `/news/*`; none means all
    exclude: Patterns = ()  # paths of what is no story, such as `/tag/*`
    fetch: bool = True  # read each story's page; without, only a news sitemap has titles
    limit: Limit = 20  # pages that are read in one collection


@dataclass(slots=True)
class _Memory:
    """What is remembered between collections; a cursor in other words.

    `since` is the date before which all dated pages are dealt with, `seen` marks of those after it
    and of those without a date, `again` pages that could not be fetched, with how often.
    """

    since: datetime | None = None
    seen: set[str] = field(default_factory=set)
    again: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Mapping[str, str]) -> "_Memory":
        """Return what a cursor says."""
        since, seen = cursor.get("since", ""), cursor.get("seen", "")
        again = (one.partition(" ") for one in cursor.get("again", "").splitlines())
        return cls(
            since=datetime.fromisoformat(since) if since else None,
            seen={seen[at : at + MARK] for at in range(0, len(seen), MARK)},
            again={url: int(tries) for tries, _, url in again},
        )

    def cursor(self) -> dict[str, str]:
        """Return it as a cursor, empty members left out."""
        said = {
            "since": self.since.isoformat() if self.since else "",
            "seen": "".join(sorted(self.seen)),
            "again": "\n".join(f"{tries} {url}" for url, tries in self.again.items()),
        }
        return {key: value for key, value in said.items() if value}

    def is_new(self, entry: Entry) -> bool:
        """Tell whether a page is one that has not been dealt with, or has changed since."""
        if entry.url in self.again:
            return True
        return not self._is_past(entry) and _mark(entry) not in self.seen

    def _is_past(self, entry: Entry) -> bool:
        """Tell whether a page lies before the date up to which all is dealt with."""
        return bool(entry.changed and self.since and entry.changed < self.since)

    def keep(self, entries: Iterable[Entry]) -> None:
        """Forget marks that tell nothing any more: of pages of the past, and of those that are gone."""
        self.seen &= {_mark(entry) for entry in entries if not self._is_past(entry)}

    def done(self, entry: Entry) -> None:
        """Take note of a page that was dealt with."""
        self.again.pop(entry.url, None)
        self.seen.add(_mark(entry))

    def advance(
        self, wanted: Sequence[Entry], taken: Sequence[Entry], now: datetime, *, first: bool
    ) -> int:
        """Move on to what was dealt with; return how many pages wait for later collections.

        At first only the newest are taken: what is older is the site's archive, and no news.
        """
        if first:
            self.seen |= {_mark(entry) for entry in wanted}
        chosen = {one.url for one in taken}
        left = [] if first else [one for one in wanted if one.url not in chosen]
        dated = [one.changed for one in (left or wanted) if one.changed and one.changed <= now]
        if dated:  # while some wait, the date stays before the oldest of them
            edge = min(dated) if left else max(dated)
            self.since = max(self.since, edge) if self.since else edge
        return len(left)

    def failed(self, entry: Entry) -> None:
        """Take note of a page that could not be fetched: it is tried again, a few times."""
        tries = self.again.get(entry.url, 0) + 1
        self.done(entry)
        if tries < TRIES:
            self.again[entry.url] = tries


class SitemapSource:
    """The source. A story's permanent id is its address."""

    def __init__(self, options: Options, context: SourceContext) -> None:
        self._options = options
        self._context = context

    def collect(self, state: SourceState, now: datetime) -> Collected:
        """Read the sitemap and what is new in it. Raises FetchError and ParseError."""
        memory = _Memory.of(state.cursor)
        waiting = bool(memory.again) or bool(state.cursor.get("waiting"))
        answer = self._context.fetcher.get(
            self._options.url,
            accept=ACCEPT,
            etag="" if waiting else state.etag,
            last_modified="" if waiting else state.last_modified,
        )
        if (same := unchanged(answer, state)) is not None:
            return same
        first = self._read(answer.body, answer.url, answer.headers.get("content-type", ""))
        entries, problems = self._entries(first, memory)
        wanted = [one for one in entries if self._is_story(one) and memory.is_new(one)]
        taken = _taken(wanted, self._options.limit, first=state.last_success is None)
        articles, lacking = self._stories(taken, memory)
        waits = memory.advance(wanted, taken, now, first=state.last_success is None)
        if not first.maps:  # of an index not all is read each time: what is not there is not gone
            memory.keep(entries)
        index = bool(first.maps)  # its validators say nothing of the sitemaps in it
        return Collected(
            articles=tuple(articles),
            problems=(*problems, *lacking),
            partial=True,
            etag="" if index else answer.headers.get("etag", ""),
            last_modified="" if index else answer.headers.get("last-modified", ""),
            cursor=memory.cursor() | ({"waiting": str(waits)} if waits else {}),
        )

    def _entries(
        self, sitemap: Sitemap, memory: _Memory
    ) -> tuple[list[Entry], list[SourceProblem]]:
        """Return the pages of a sitemap, or of those sitemaps of an index that may hold something new."""
        entries = list(sitemap.pages)
        problems: list[SourceProblem] = []
        old = memory.since
        maps = [one for one in sitemap.maps if not (old and one.changed and one.changed < old)]
        latest = datetime.max.replace(tzinfo=UTC)
        for one in sorted(maps, key=lambda one: one.changed or latest, reverse=True)[:MAPS]:
            try:
                answer = self._context.fetcher.get(one.url, accept=ACCEPT)
                kind = answer.headers.get("content-type", "")
                entries += self._read(answer.body, answer.url, kind).pages
            except SourceError as error:
                problems.append(SourceProblem(where=one.url, message=error.reason))
        return entries, problems

    def _read(self, data: bytes, url: str, content_type: str) -> Sitemap:
        """Read a file in a process of its own. Raises ParseError."""
        return read_apart(url, SECONDS, read_sitemap, data, url, content_type)

    def _is_story(self, entry: Entry) -> bool:
        """Tell whether a page is a story by its path."""
        path = urlsplit(entry.url).path or "/"
        included = not self._options.include or _matches(path, self._options.include)
        return included and not _matches(path, self._options.exclude) and path != "/"

    def _stories(
        self, taken: Sequence[Entry], memory: _Memory
    ) -> tuple[list[CollectedArticle], list[SourceProblem]]:
        """Read the stories of some pages; one that cannot be read stops no other."""
        articles: list[CollectedArticle] = []
        problems: list[SourceProblem] = []
        for entry in taken:
            try:
                articles.append(self._story(entry))
                memory.done(entry)
            except FetchError as error:
                memory.failed(entry)
                problems.append(SourceProblem(where=entry.url, message=error.reason))
            except ParseError as error:  # it will hold no story the next time either
                memory.done(entry)
                problems.append(SourceProblem(where=entry.url, message=error.reason))
        return articles, problems

    def _story(self, entry: Entry) -> CollectedArticle:
        """Return one page's story. Raises FetchError, and ParseError when it has none."""
        if self._options.fetch:
            story = self._context.pages.story(entry.url, language=entry.language)
        elif entry.title:
            story = CollectedArticle(external_id=entry.url, title=entry.title, url=entry.url)
        else:
            raise ParseError(entry.url, "has no title in the sitemap; fetch = true reads its page")
        said = {"title": entry.name, "url": self._options.url}
        return replace(
            story,
            external_id=entry.url,
            title=entry.title or story.title,
            language=entry.language or story.language,
            tags=entry.tags or story.tags,
            published=entry.published or story.published or entry.changed,
            attributes={SOURCE: said} if entry.name else {},
        )


def _taken(wanted: Sequence[Entry], limit: int, *, first: bool) -> list[Entry]:
    """Return what is read now: the newest at first, later the oldest that wait."""
    undated = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
    ordered = sorted(wanted, key=lambda one: one.changed or undated, reverse=first)
    return ordered[:limit]


def _matches(path: str, patterns: Iterable[str]) -> bool:
    """Tell whether a path begins as one of the patterns says, or is as it says with wildcards."""
    return any(
        fnmatch.fnmatchcase(path, one) if set("*?[") & set(one) else path.startswith(one)
        for one in patterns
    )


def _mark(entry: Entry) -> str:
    """Return a few digits for a page as it is now."""
    when = entry.changed.isoformat() if entry.changed else ""
    digest = hashlib.blake2b(f"{entry.url} {when}".encode(), digest_size=MARK * 6 // 8).digest()
    return base64.b64encode(digest).decode("ascii")


def create(options: Options, context: SourceContext) -> SitemapSource:
    """Make the source."""
    return SitemapSource(options, context)
