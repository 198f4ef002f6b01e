"""The last look at a feed before it is written: nothing in it can break a document.

Serves the document formats and the pages, so that all of them show the same entries in the same
order. Pure but for one log line per entry that is left out.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

from publisher.errors import FormatError
from publisher.kit.text import clean_lines, clean_text, derive_title, strip_illegal
from publisher.model.articles import Enclosure, Link
from publisher.model.views import ArchiveLinks, EntryView, FeedView, SourceView

MAX_CONTENT = 2_000_000
"""Characters of HTML in one entry; a longer one goes out with its summary alone, because readers
refuse the whole document when one text is too long (libxml2: 10 MB)."""

_LOG = logging.getLogger(__name__)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+\Z")
_HOST = re.compile(r"[A-Za-z0-9._-]+\Z|\[[0-9A-Fa-f:.]+\]\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*\Z", re.ASCII)
_ANY = "application/octet-stream"
_TYPES = {
    "mp3": "audio/mpeg",
    "m4a": "audio/x-m4a",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "mp4": "video/mp4",
    "m4v": "video/x-m4v",
    "mov": "video/quicktime",
    "pdf": "application/pdf",
}
"""Of files that entries carry; the machine's own table differs from place to place."""

_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH = "/:@!$&'()*+,;=~%"  # RFC 3986 section 3.3, and % because it is already encoded


def expressible(view: FeedView) -> FeedView:
    """Return the view with legal characters, ASCII addresses and distinct ids.

    A podcast without a cover that can be fetched is none.
    An entry without a usable id or address is left out and logged; the feed itself always comes
    through, provided that its own id and home are addresses. Idempotent. Raises FormatError for
    those two.
    """
    if not _URI.match(view.uid) or not web_address(view.home):
        raise FormatError(view.slug, "the feed's id and its page must be absolute addresses")
    cleaned = _cleaned(view)
    return replace(
        view,
        title=clean_text(view.title) or view.slug,
        description=clean_text(view.description),
        language=_language(view.language),
        home=web_address(view.home),
        site=web_address(view.site),
        links={name: url for name, raw in view.links.items() if (url := web_address(raw))},
        publication=clean_text(view.publication),
        contact=clean_text(view.contact),
        updated=view.updated.astimezone(UTC),
        archive=_archive(view.archive),
        podcast=view.podcast if view.podcast and web_address(view.podcast.image) else None,
        entries=cleaned,
    )


class _Memory:
    """The entries cleaned last: the formats of a feed get the same ones, one after the other."""

    last: tuple[tuple[EntryView, ...], tuple[EntryView, ...]] = ((), ())


def _cleaned(view: FeedView) -> tuple[EntryView, ...]:
    given, cleaned = _Memory.last
    if given is view.entries or cleaned is view.entries:
        return cleaned
    cleaned = tuple(_usable(view))
    _Memory.last = (view.entries, cleaned)
    return cleaned


@lru_cache(maxsize=16_384)  # the same ones at every publish, and in each format
def web_address(url: str) -> str:
    """Return an http(s) address as an ASCII URI (RFC 3986), or "" for anything else."""
    try:
        parts = urlsplit(strip_illegal(url).strip())
        host, port = parts.hostname or "", parts.port
        host = f"[{host}]" if ":" in host else _ascii_host(host)
    except ValueError:  # UnicodeError, from an impossible host, is one
        return ""
    if parts.scheme not in {"http", "https"} or not _HOST.match(host):
        return ""
    netloc = f"{host}:{port}" if port else host
    path, query, fragment = (
        quote(_LONE_PERCENT.sub("%25", part), safe=safe)
        for part, safe in (
            (parts.path, _PATH),
            (parts.query, _PATH + "?"),
            (parts.fragment, _PATH),
        )
    )
    return urlunsplit((parts.scheme, netloc, path, query, fragment))


def _ascii_host(host: str) -> str:
    """Return a host name as it stands in the DNS. Raises UnicodeError."""
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _archive(links: ArchiveLinks) -> ArchiveLinks:
    return replace(
        links,
        current=web_address(links.current),
        previous=web_address(links.previous),
        next=web_address(links.next),
    )


def _usable(view: FeedView) -> Iterator[EntryView]:
    """Yield the entries that can be expressed, made so; the first one of an id wins."""
    seen: set[str] = set()
    for entry in view.entries:
        try:
            usable = expressible_entry(entry)
        except FormatError as error:
            _LOG.warning("feed %s: an entry is left out: %s", view.slug, error)
            continue
        if usable.uid not in seen:
            seen.add(usable.uid)
            yield usable


def expressible_entry(entry: EntryView) -> EntryView:
    """Return one entry with legal characters and ASCII addresses. Raises FormatError if it has none."""
    url = web_address(entry.url)
    if not url or not _URI.match(entry.uid):
        raise FormatError(entry.uid or str(entry.id), "its id and its address must be absolute")
    if entry.published.tzinfo is None or entry.updated.tzinfo is None:
        raise FormatError(entry.uid, "its instants have no time zone")
    html = strip_illegal(entry.html) if len(entry.html) <= MAX_CONTENT else ""
    text = clean_lines(entry.text[:MAX_CONTENT])
    summary = clean_text(entry.summary[:MAX_CONTENT])
    return replace(
        entry,
        title=clean_text(entry.title) or derive_title(summary or text) or url,
        url=url,
        summary=summary,
        html=html,
        text=text,
        language=_language(entry.language),
        authors=_words(entry.authors),
        tags=_words(entry.tags),
        image=web_address(entry.image),
        enclosures=_enclosures(entry.enclosures),
        key_points=_words(entry.key_points),
        read_also=_links(entry.read_also),
        also_at=_links(entry.also_at),
        published=entry.published.astimezone(UTC),
        updated=entry.updated.astimezone(UTC),
        standfirst=clean_text(entry.standfirst),
        dek=clean_text(entry.dek),
        source=_source(entry.source),
    )


def _source(source: SourceView | None) -> SourceView | None:
    """Return a source that can be named; its id is its address where it has no better one."""
    if source is None or not (title := clean_text(source.title)):
        return None
    url = web_address(source.url)
    uid = source.uid if _URI.match(source.uid) else url
    return SourceView(title=title, uid=uid, url=url, home=web_address(source.home))


def _words(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values cleaned, without empty and repeated ones."""
    return tuple(dict.fromkeys(word for value in values if (word := clean_text(value))))


def _language(tag: str) -> str:
    return tag if _LANGUAGE.match(tag) else ""


def _enclosures(enclosures: Iterable[Enclosure]) -> tuple[Enclosure, ...]:
    kept = {
        url: Enclosure(
            url=url,
            type=_media_type(one.type, url),
            length=max(one.length, 0),
        )
        for one in enclosures
        if (url := web_address(one.url))
    }
    return tuple(kept.values())


def _media_type(said: str, url: str) -> str:
    """Return a file's type, by the end of its name where nobody said one that can be meant."""
    if said != _ANY and _MEDIA_TYPE.match(said):
        return said
    return _TYPES.get(url.partition("?")[0].rpartition(".")[2].lower(), _ANY)


def _links(links: Iterable[Link]) -> tuple[Link, ...]:
    cleaned = (
        replace(one, title=clean_text(one.title), url=web_address(one.url)) for one in links
    )
    return tuple(dict.fromkeys(one for one in cleaned if one.title))
