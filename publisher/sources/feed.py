"""Source `feed`: somebody's RSS, RDF, Atom or JSON Feed, over HTTP or as a file of the publication.

Touches the network through the Fetcher, or one file inside the publication. Documents are read in
a process of their own, because hostile ones make a parser run for ever. An answer that is no feed
(an error page, a cut document, nothing) is an error of this source; what is known stays.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import msgspec

from publisher.errors import FetchError, ParseError
from publisher.kit.decode import decode_document
from publisher.kit.feed_entries import FeedDocument
from publisher.kit.feed_reader import NotAFeed, read_feed
from publisher.kit.feed_search import search_feed
from publisher.kit.full_text import Followed, follow, kept_of
from publisher.kit.known_sites import feed_address
from publisher.kit.push_links import Found, found, page_offer
from publisher.kit.teasers import is_teaser
from publisher.kit.unchanged import unchanged
from publisher.kit.worker import read_apart
from publisher.model.articles import SOURCE, Collected, SourceState
from publisher.ports import Fetched, SourceContext

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9,"
    " application/json;q=0.8, application/xml;q=0.8, text/xml;q=0.8, text/html;q=0.5, */*;q=0.3"
)
SECONDS = 20.0
"""How long one document may be read; a thousand ordinary entries need about three."""

FULL_AFTER = timedelta(days=7)
"""After so long of 304 one fetch is made without conditions: a validator may be stuck."""

MOVED_AFTER = 5
"""After how many identical permanent redirects the new address is asked at once."""

GONE = frozenset({404, 410})
LONGEST_FRESH = timedelta(hours=24)
MAX_FILE = 10 * 1024 * 1024


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `feed` source."""

    url: str  # https://…: a feed, a site, a profile, a channel; or a path inside the publication
    push: bool = True  # be told of changes by the WebSub hub that the feed names, if any
    fetch_full_text: bool = False  # give entries that bring a teaser the text of their own page


class Feed:
    """The source. What it remembers of the feed (where it moved to) stands in the cursor."""

    def __init__(
        self, options: Options, context: SourceContext, *, seconds: float = SECONDS
    ) -> None:
        self._options = options
        self._url = feed_address(options.url)
        self._context = context
        self._seconds = seconds

    def collect(self, state: SourceState, now: datetime) -> Collected:
        """Read the feed. Raises FetchError, and ParseError for what is no feed."""
        try:
            scheme = urlsplit(self._url).scheme.lower()
        except ValueError as error:
            raise FetchError(self._url, f"is no address: {error}") from error
        if scheme in {"http", "https"}:
            return self._collect_http(state, now)
        if scheme not in {"", "file"}:
            raise FetchError(self._options.url, "only http, https and file addresses can be feeds")
        return self._collect_file(state, now)

    def _collect_file(self, state: SourceState, now: datetime) -> Collected:
        """Read a file of the publication, every time: that costs less than it saves."""
        data = self._file().read_bytes()
        document = self._read(data, self._context.base_url, self._options.url, "")
        told = self._followed(document, state, now)
        return Collected(
            articles=told.articles,
            problems=(*document.problems, *told.problems),
            kept=told.kept,
            cursor={"followed": told.notes} if told.notes else {},
        )

    def _followed(
        self, document: FeedDocument, state: SourceState, now: datetime, *, partial: bool = False
    ) -> Followed:
        """Return the entries, where it is wanted with the texts of their own pages."""
        if not self._options.fetch_full_text:
            return Followed(articles=document.articles)
        notes = state.cursor.get("followed", "")
        return follow(document.articles, notes, self._context.pages, now, partial=partial)

    def _file(self) -> Path:
        """Return the file's path. Raises FetchError when it is absent or outside."""
        said = self._options.url
        relative = unquote(re.sub(r"^file:(//(localhost)?(?=/))?", "", said, flags=re.IGNORECASE))
        root = self._context.root.resolve()
        path = (root / relative).resolve()
        if not (path.is_relative_to(root) or self._context.allow_outside):
            raise FetchError(said, "lies outside the publication's folder")
        if not path.is_file():
            raise FetchError(said, "there is no such file in the publication")
        if path.stat().st_size > MAX_FILE:
            raise FetchError(said, f"is larger than {MAX_FILE // 1024 // 1024} MiB")
        return path

    def _collect_http(self, state: SourceState, now: datetime) -> Collected:
        """Fetch the feed, conditionally, and read it."""
        trail = _Trail.of(state, now)
        url = trail.address or self._url
        answer, asked = self._ask(url, trail, state, now)
        trail = trail.after(asked, answer, now)
        if asked != url:
            trail = replace(trail, address=asked)
        if (same := unchanged(answer, state)) is not None:
            until = _fresh_until(now, answer.headers, None)
            return replace(same, fresh_until=until, cursor=trail.cursor())
        document, answer, trail = self._document(
            answer, trail, known=state.last_success is not None
        )
        offered = self._offered(document, answer, trail)
        partial = answer.status == 226  # noqa: PLR2004 - IM Used (RFC 3229): only what is new
        told = self._followed(document, state, now, partial=partial)
        # While pages wait for their turn the feed must be read again, changed or not.
        said = {} if told.later else answer.headers
        return Collected(
            articles=told.articles,
            problems=(*document.problems, *told.problems),
            kept=told.kept,
            partial=partial,
            etag=said.get("etag", ""),
            last_modified=said.get("last-modified", ""),
            fresh_until=_fresh_until(now, said, None if told.later else document.fresh_for),
            skip_hours=document.skip_hours,
            skip_days=document.skip_days,
            cursor=replace(trail, followed=told.notes).cursor(),
            hubs=offered.hubs,
            topic=offered.topic,
        )

    def _offered(self, document: FeedDocument, answer: Fetched, trail: "_Trail") -> Found:
        """Return which hubs tell of the feed's changes, if they may tell us."""
        if not self._options.push:
            return Found()
        said = Found(document.hubs, document.self_link)
        offered = found(answer.headers.get("link", ""), said, answer.url)
        return offered if offered.hubs else trail.offered

    def _ask(
        self, url: str, trail: "_Trail", state: SourceState, now: datetime
    ) -> tuple[Fetched, str]:
        """Return the answer of a feed's address, and the address.

        Where a feed was only thought to be, because of what stands in a table of sites, and there is
        none, the address as written is asked.
        """
        conditional = trail.conditional(now)
        etag = state.etag if conditional else ""
        last_modified = state.last_modified if conditional else ""
        try:
            fetch = self._context.fetcher.get
            return fetch(url, accept=ACCEPT, etag=etag, last_modified=last_modified), url
        except FetchError as error:
            written = self._options.url
            strange = state.last_success is None and url not in {written, trail.address}
            if not strange or error.status not in GONE or "://" not in written:
                raise
            return self._fetch(written), written

    def pushed(self, body: bytes, content_type: str, state: SourceState) -> Collected | None:
        """Read what a hub brought; see the port Pushable. Raises ParseError.

        None for a page, whose feed has news then, and for teasers whose pages are to be read.
        """
        said = state.cursor
        url = said.get("at") or said.get("address") or self._url
        try:
            document = self._read(body, url, url, content_type)
        except NotAFeed:
            return None
        kept = kept_of(document.articles, said.get("followed", ""))
        if self._options.fetch_full_text and any(
            is_teaser(article) and article.external_id not in kept for article in document.articles
        ):
            return None
        return Collected(
            articles=document.articles,
            problems=document.problems,
            kept=kept,
            partial=True,
            etag=state.etag,
            last_modified=state.last_modified,
            cursor=said,
        )

    def _document(
        self, answer: Fetched, trail: "_Trail", *, known: bool
    ) -> tuple[FeedDocument, Fetched, "_Trail"]:
        """Return the feed of an answer, or the one found from its page (autodiscovery).

        A page where a feed used to be (`known`) is somebody's error page: not followed. What hubs
        the page itself names is remembered, for a feed that names none.
        """
        try:
            return self._read_answer(answer), answer, trail
        except NotAFeed:
            if known:
                raise
            page = decode_document(answer.body)
            sought = search_feed(answer, page, self._fetch, self._read_answer)
            if sought is None:
                reason = "is a web page, and no feed was found on its site"
                raise NotAFeed(answer.url, reason) from None
        read, feed, address = sought
        offer = page_offer(page, answer.url)
        hubs, topic = found(answer.headers.get("link", ""), offer, answer.url)
        at = feed.url if feed.url != address else ""
        trail = replace(trail, address=address, at=at, hubs=" ".join(hubs), topic=topic)
        return read, feed, trail

    def _fetch(self, url: str) -> Fetched:
        return self._context.fetcher.get(url, accept=ACCEPT)

    def _read_answer(self, answer: Fetched) -> FeedDocument:
        """Return the feed in an HTTP answer. Raises ParseError."""
        kind = answer.headers.get("content-type", "")
        return self._read(answer.body, answer.url, answer.url, kind)

    def _read(self, data: bytes, base: str, name: str, content_type: str) -> FeedDocument:
        """Read a document in a process of its own. Raises ParseError that names the source."""
        try:
            read = read_apart(name, self._seconds, read_feed, data, base, content_type)
            return _named(read, name)
        except ParseError as error:
            raise type(error)(name, error.reason) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trail:
    """What is remembered of a feed's address: where it is, where it may be moving, when last whole.

    `at` is where its redirects ended, so that what a hub brings is read as from there; `hubs` and
    `topic` are what the page says that led here. `followed` are notes of links that were followed.
    """

    address: str = ""
    at: str = ""
    hubs: str = ""
    topic: str = ""
    moving: str = ""
    times: int = 0
    full: str = ""
    followed: str = ""

    @classmethod
    def of(cls, state: SourceState, now: datetime) -> "_Trail":
        """Return what the cursor says."""
        times = state.cursor.get("times", "0")
        return cls(
            address=state.cursor.get("address", ""),
            at=state.cursor.get("at", ""),
            hubs=state.cursor.get("hubs", ""),
            topic=state.cursor.get("topic", ""),
            moving=state.cursor.get("moving", ""),
            times=int(times) if times.isdigit() else 0,
            full=state.cursor.get("full", "") or now.isoformat(),
            followed=state.cursor.get("followed", ""),
        )

    @property
    def offered(self) -> Found:
        """Return what the page offers that led here."""
        return Found(tuple(self.hubs.split()), self.topic)

    def conditional(self, now: datetime) -> bool:
        """Tell whether validators may be sent: not when the last whole answer is long ago."""
        return now - datetime.fromisoformat(self.full) < FULL_AFTER

    def after(self, asked: str, answer: Fetched, now: datetime) -> "_Trail":
        """Return the trail after an answer."""
        whole = answer.status == 200  # noqa: PLR2004 - OK
        full = now.isoformat() if whole else self.full
        at = self.at
        if whole:
            at = answer.url if answer.url != asked else ""
        here = replace(self, at=at, full=full)
        if not answer.permanent:
            return replace(here, moving="", times=0)
        times = self.times + 1 if answer.permanent == self.moving else 1
        if times >= MOVED_AFTER:
            return replace(here, address=urljoin(asked, answer.permanent), moving="", times=0)
        return replace(here, moving=answer.permanent, times=times)

    def cursor(self) -> Mapping[str, str]:
        """Return it as a cursor, empty members left out."""
        said = {
            "address": self.address,
            "at": self.at,
            "hubs": self.hubs,
            "topic": self.topic,
            "moving": self.moving,
            "times": str(self.times or ""),
            "full": self.full,
            "followed": self.followed,
        }
        return {key: value for key, value in said.items() if value}


def _named(document: FeedDocument, url: str) -> FeedDocument:
    """Let every article say which feed it was taken from, so that ours can (RFC 4287 4.2.11)."""
    if not document.title:
        return document
    said = {"title": document.title, "uid": document.uid, "url": url, "home": document.link}
    known = {key: value for key, value in said.items() if value}
    articles = (
        replace(one, attributes={**one.attributes, SOURCE: known}) for one in document.articles
    )
    return replace(document, articles=tuple(articles))


def _fresh_until(
    now: datetime, headers: Mapping[str, str], said: timedelta | None
) -> datetime | None:
    """Return until when the feed need not be asked: the longest of max-age and its own word."""
    found = re.search(r"max-age\s*=\s*\"?(\d{1,9})", headers.get("cache-control", ""))
    spans = [timedelta(seconds=int(found[1]))] if found else []
    longest = max([*spans, *([said] if said else [])], default=timedelta(0))
    return now + min(longest, LONGEST_FRESH) if longest else None


def create(options: Options, context: SourceContext) -> Feed:
    """Make the source."""
    return Feed(options, context)
