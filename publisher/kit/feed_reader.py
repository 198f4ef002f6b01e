"""RSS 0.9x to 2.0, RDF and Atom 0.3 and 1.0 to articles, ill-formed and mislabelled ones too.

Serves the `feed` source, which calls `read_feed` in a killable process: hostile documents make
the parser run for ever. Touches nothing. The only importer of feedparser.
"""

import calendar
import html as entities
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser

from publisher.errors import ParseError
from publisher.kit.clean import absolute_url
from publisher.kit.dates import as_instant
from publisher.kit.decode import decode_document
from publisher.kit.episodes import as_attribute, read_episode
from publisher.kit.feed_entries import Content, FeedDocument, cleaned, identified
from publisher.kit.json_feed import looks_like_json, read_json_feed
from publisher.kit.page_html import looks_like_html
from publisher.kit.text import clean_text, plain_title, strip_illegal, text_to_html
from publisher.model.articles import SCHEMES, CollectedArticle, Enclosure, SourceProblem
from publisher.model.podcasts import EPISODE

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));")
_ROOT = re.compile(r"<((?:[\w-]+:)?(?:rss|feed|rdf|channel))[\s>/]", re.IGNORECASE)
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_EPISODE = {
    "title": "itunes_title",
    "duration": "itunes_duration",
    "season": "itunes_season",
    "episode": "itunes_episode",
    "type": "itunes_episodetype",
    "explicit": "itunes_explicit",
    "transcripts": "podcast_transcript",
}
"""Fields of an episode by feedparser's names."""

_REGION = 2  # letters of a country in a language tag
_TEXT_TYPES = frozenset({"text/plain", "text"})


class NotAFeed(ParseError):
    """The document is a web page, not a feed; it may point at one."""


def read_feed(data: bytes, url: str, content_type: str = "") -> FeedDocument:
    """Return a feed document of any format; `url` is what relative addresses count from.

    `content_type` is the HTTP header. An entry that cannot be read is a problem, the others come
    through. Raises ParseError for what is empty, cut off, or no feed (NotAFeed: a web page).
    """
    text = strip_illegal(decode_document(data, content_type)).strip()
    if not text:
        raise ParseError(url, "is empty")
    if looks_like_json(text):
        return read_json_feed(text, url)
    root = _ROOT.search(_DECLARATION.sub("", text)[:20_000])
    if root is None:
        if looks_like_html(text):
            raise NotAFeed(url, "is a web page, not a feed")
        raise ParseError(url, "is neither RSS, Atom, RDF nor JSON Feed")
    if not _is_closed(text, root[1]):
        raise ParseError(url, f"is cut off: </{root[1]}> is missing")
    return _document(_parse(text), url)


def _is_closed(text: str, root: str) -> bool:
    """Tell whether the root element ends."""
    return bool(
        re.search(rf"</{re.escape(root)}\s*>|<{re.escape(root)}[^<>]*/>", text, re.IGNORECASE)
    )


def _parse(text: str) -> Any:
    """Return feedparser's result for a legal text."""
    legal = _REFERENCE.sub(_legal_reference, _DECLARATION.sub("", text))
    return feedparser.parse(
        io.BytesIO(legal.encode()),
        # No content-location: feedparser would make ids absolute too, and they must never change
        # when a feed moves (RFC 4287 section 4.2.6.1).
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _legal_reference(match: re.Match[str]) -> str:
    """Return a character reference, "" when XML forbids its character."""
    code = int(match[1], 16) if match[1] else int(match[2])
    legal = code < 0x110000 and not 0xD800 <= code < 0xE000  # noqa: PLR2004 - Unicode's borders
    return match[0] if legal and strip_illegal(chr(code)) else ""


def _document(parsed: Any, url: str) -> FeedDocument:
    """Return feedparser's result as a feed."""
    feed = parsed.feed
    home = absolute_url(str(feed.get("link") or ""), url)
    articles: list[CollectedArticle] = []
    problems: list[SourceProblem] = []
    for number, entry in enumerate(parsed.entries, 1):
        try:
            articles.append(_article(entry, feed, parsed.version or "", url, home))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            where = str(entry.get("id") or entry.get("link") or f"entry {number}")
            problems.append(SourceProblem(where=where, message=f"cannot be read: {error}"))
    return FeedDocument(
        title=plain_title(str(feed.get("title") or "")),
        link=home,
        uid=clean_text(str(feed.get("id") or "")),
        articles=identified(articles),
        problems=tuple(problems),
        fresh_for=_fresh_for(feed),
    )


def _article(entry: Any, feed: Any, version: str, url: str, home: str) -> CollectedArticle:
    """Return one entry as an article."""
    said = str(entry.get("feedburner_origlink") or entry.get("link") or "")
    address = absolute_url(said, url)
    base = url if version.startswith("atom") else address or home or url
    html, text, summary = cleaned(_content(entry, base, url))
    published, updated = _instants(entry)
    return CollectedArticle(
        external_id=clean_text(str(entry.get("id") or "")),
        title=plain_title(str(entry.get("title") or "")),
        url=address,
        html=html,
        text=text,
        summary=summary,
        language=_language(entry, feed),
        authors=tuple(_authors(entry)) or tuple(_authors(feed)),
        tags=tuple(dict.fromkeys(_tags(entry))),
        image=_image(entry, base),
        enclosures=tuple(_enclosures(entry, base)),
        published=published or updated,
        updated=updated or published,
        attributes={**_schemes(entry), **_episode(entry, base)},
    )


def _schemes(entry: Any) -> Mapping[str, object]:
    """Return which list each tag of the entry is from, as it says."""
    schemes = {
        word: scheme
        for tag in entry.get("tags") or ()
        if (scheme := clean_text(str(tag.get("scheme") or ""))) and (word := _tag(tag))
    }
    return {SCHEMES: schemes} if schemes else {}


def _episode(entry: Any, base: str) -> Mapping[str, object]:
    """Return what the entry is as an episode of a podcast; of several transcripts the last."""
    said = {field: entry.get(key) for field, key in _EPISODE.items() if entry.get(key)}
    chapters = entry.get("podcast_chapters") or {}
    if isinstance(chapters, Mapping) and chapters.get("url"):
        said["chapters"] = chapters["url"]
    found = as_attribute(read_episode(said, lambda one: absolute_url(one, base))[0])
    return {EPISODE: found} if found else {}


def _content(entry: Any, base: str, url: str) -> Content:
    """Return the entry's longest content, its summary and what their addresses count from."""
    contents = [one for one in entry.get("content") or () if one.get("value")]
    summary = entry.get("summary_detail") or {}
    full: Mapping[str, Any] = max(contents, key=lambda one: len(one["value"]), default={})
    inner = absolute_url(str((full or summary).get("base") or ""), url)
    return Content(
        full=_html_of(full),
        summary=_html_of(summary),
        base_url=inner or base,
    )


def _html_of(detail: Mapping[str, Any]) -> str:
    """Return a text construct as HTML; plain text that holds mark-up counts as HTML."""
    value = str(detail.get("value") or "")
    plain = str(detail.get("type") or "") in _TEXT_TYPES
    if plain and not re.search(r"<(?:p|br|a|div|img|b|i|em|strong|ul|ol|li|h\d)\b[^<>]*>", value):
        return text_to_html(entities.unescape(value))
    return value


def _instants(entry: Any) -> tuple[datetime | None, datetime | None]:
    """Return when an entry was published and updated; of several spellings the first that reads."""
    published = _instant(entry, "published") or _instant(entry, "created")
    return published, _instant(entry, "updated")


def _instant(entry: Any, key: str) -> datetime | None:
    """Return a date of an entry as feedparser read it, else as we do."""
    if key not in entry:
        return None
    parsed = entry.get(f"{key}_parsed")
    if parsed is not None:
        try:
            return as_instant(datetime.fromtimestamp(calendar.timegm(parsed), UTC))
        except (ValueError, OverflowError, OSError):
            return None
    return as_instant(str(entry.get(key) or ""))


def _language(entry: Any, feed: Any) -> str:
    """Return the language an entry or its feed names, in BCP 47 shape, "" when none."""
    detail = (entry.get("title_detail") or {}).get("language")
    said = (
        str(detail or entry.get("language") or feed.get("language") or "")
        .strip()
        .replace("_", "-")
    )
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", said):
        return ""
    primary, *rest = said.split("-")
    return "-".join([primary.lower(), *(p.upper() if len(p) == _REGION else p for p in rest)])


_ADDRESS = re.compile(r"<?[^\s<>()@]+@[^\s<>()]+>?")


def _authors(table: Any) -> Iterator[str]:
    """Yield people's names; addresses are nobody's business."""
    people = [str(one.get("name") or "") for one in table.get("authors") or () if one]
    written = str(table.get("author") or "")
    # feedparser cuts addresses at endings of four letters ("x@host.example" leaves "ple").
    for person in people if people and "@" not in written else [written]:
        said = clean_text(entities.unescape(person))
        name = _ADDRESS.sub("", said).strip(" ()<>,;:\"'")
        if name:
            yield f"{name})" if "(" in name and ")" not in name else name


def _tags(entry: Any) -> Iterator[str]:
    """Yield the entry's categories as words."""
    for tag in entry.get("tags") or ():
        if word := _tag(tag):
            yield word


def _tag(tag: Mapping[str, Any]) -> str:
    """Return a category as people read it."""
    return plain_title(str(tag.get("label") or tag.get("term") or ""))


def _image(entry: Any, base: str) -> str:
    """Return the address of the entry's picture: Media RSS, iTunes or a picture enclosure."""
    media = [one for one in entry.get("media_content") or () if _is_picture(one)]
    thumbnails = list(entry.get("media_thumbnail") or ())
    own = [{"url": (entry.get("image") or {}).get("href")}]
    enclosed = [one for one in entry.get("enclosures") or () if _is_picture(one)]
    for one in (*media, *thumbnails, *own, *enclosed):
        if address := absolute_url(str(one.get("url") or one.get("href") or ""), base):
            return address
    return ""


def _is_picture(media: Mapping[str, Any]) -> bool:
    """Tell whether a media element is a picture."""
    return media.get("medium") == "image" or str(media.get("type") or "").startswith("image/")


def _enclosures(entry: Any, base: str) -> Iterator[Enclosure]:
    """Yield the files that belong to the entry."""
    for one in entry.get("enclosures") or ():
        if address := absolute_url(str(one.get("href") or ""), base):
            length = str(one.get("length") or "")
            yield Enclosure(
                url=address,
                type=clean_text(str(one.get("type") or "")) or "application/octet-stream",
                length=int(length) if length.isascii() and length.isdigit() else 0,
            )


def _fresh_for(feed: Any) -> timedelta | None:
    """Return how long the feed says it need not be asked again (ttl, sy:updatePeriod)."""
    ttl = str(feed.get("ttl") or "")
    if ttl.isascii() and ttl.isdigit():
        return timedelta(minutes=min(int(ttl), 7 * 1440))
    hours = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    frequency = str(feed.get("sy_updatefrequency") or "1").strip()
    if hours is None or not (frequency.isascii() and frequency.isdigit()):
        return None
    return timedelta(hours=hours) / max(1, int(frequency[:6]))
