"""Feeds as tables to articles: titles said once, people without addresses, dates, files, pictures.

Serves `kit.feed_reader`. Pure. The tables have feedparser's names and values, whoever filled them.
"""

import html as entities
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from publisher.kit.clean import absolute_url
from publisher.kit.dates import as_instant
from publisher.kit.entry_lists import usable_links
from publisher.kit.episodes import as_attribute, read_episode
from publisher.kit.feed_entries import Content, FeedDocument, identified, told
from publisher.kit.feed_rhythm import fresh_for
from publisher.kit.text import clean_text, plain_title, text_to_html
from publisher.model.articles import SCHEMES, CollectedArticle, Enclosure, Link, SourceProblem
from publisher.model.podcasts import EPISODE

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
MOST = 500
"""People, tags and files of one entry; a mistake or malice has more."""

_TEXT_TYPES = frozenset({"text/plain", "text"})


def document_of(parsed: Any, url: str) -> FeedDocument:
    """Return a feed of its tables: `feed`, `entries` and `version`; `url` is where it lies."""
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
        fresh_for=fresh_for(feed),
        hubs=tuple(dict.fromkeys(_related(feed, "hub", url))),
        self_link=next(_related(feed, "self", url), ""),
    )


def _related(feed: Any, relation: str, url: str) -> Iterator[str]:
    """Yield the addresses of the feed's links of a relation."""
    for link in feed.get("links") or ():
        related = relation in str(link.get("rel") or "").split()
        if related and (address := absolute_url(str(link.get("href") or ""), url)):
            yield address


def _article(entry: Any, feed: Any, version: str, url: str, home: str) -> CollectedArticle:
    """Return one entry as an article."""
    original = entry.get("feedburner_origlink")
    named = original if original and isinstance(original, str) else entry.get("link")
    address = absolute_url(str(named or ""), url)
    base = url if version.startswith("atom") else address or home or url
    said = told(_content(entry, base, url), links=tuple(_read_also(entry, base)))
    published, updated = _instants(entry)
    return CollectedArticle(
        external_id=clean_text(str(entry.get("id") or "")),
        title=plain_title(str(entry.get("title") or "")),
        url=address,
        html=said.html,
        text=said.text,
        summary=said.summary,
        language=_language(entry, feed),
        authors=tuple(_authors(entry))[:MOST] or tuple(_authors(feed))[:MOST],
        tags=tuple(dict.fromkeys(_tags(entry)))[:MOST],
        image=_image(entry, base),
        enclosures=tuple(islice(_enclosures(entry, base), MOST)),
        key_points=said.key_points,
        read_also=said.read_also,
        published=published or updated,
        updated=updated or published,
        attributes={**_schemes(entry), **_episode(entry, base)},
    )


def _read_also(entry: Any, base: str) -> tuple[Link, ...]:
    """Return the entry's related pages (RFC 4287 section 4.2.7.2); one without a title invites nobody."""
    related = [one for one in entry.get("links") or () if one.get("rel") == "related"]
    said = [(str(one.get("title") or ""), str(one.get("href") or "")) for one in related]
    return usable_links(said, base)


def _schemes(entry: Any) -> Mapping[str, object]:
    """Return which list each tag of the entry is from, as it says."""
    schemes = {
        word: scheme
        for tag in (entry.get("tags") or ())[:MOST]
        if (scheme := clean_text(str(tag.get("scheme") or ""))) and (word := _tag(tag))
    }
    return {SCHEMES: schemes} if schemes else {}


def _episode(entry: Any, base: str) -> Mapping[str, object]:
    """Return what the entry is as an episode of a podcast; of several transcripts the last."""
    said = {field: entry.get(key) for field, key in _EPISODE.items() if entry.get(key)}
    chapters = entry.get("podcast_chapters") or {}
    if isinstance(chapters, Mapping) and chapters.get("url"):
        said["chapters"] = chapters["url"]
    if not said:
        return {}
    found = as_attribute(read_episode(said, lambda one: absolute_url(one, base))[0])
    return {EPISODE: found} if found else {}


def _content(entry: Any, base: str, url: str) -> Content:
    """Return the entry's longest content, its summary and what their addresses count from."""
    contents = [one for one in entry.get("content") or () if one.get("value")]
    summary = entry.get("summary_detail") or {}
    full: Mapping[str, Any] = max(contents, key=lambda one: len(one["value"]), default={})
    said = str((full or summary).get("base") or "")
    inner = "" if said == url else absolute_url(said, url)
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
    """Return a date of an entry."""
    return as_instant(str(entry.get(key) or "")) if key in entry else None


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
    enclosed = [one for one in _enclosed(entry) if _is_picture(one)]
    for one in (*media, *thumbnails, *own, *enclosed):
        if address := absolute_url(str(one.get("url") or one.get("href") or ""), base):
            return address
    return ""


def _is_picture(media: Mapping[str, Any]) -> bool:
    """Tell whether a media element is a picture."""
    return media.get("medium") == "image" or str(media.get("type") or "").startswith("image/")


def _enclosed(entry: Any) -> list[Mapping[str, Any]]:
    """Return the entry's links to files that belong to it."""
    return [one for one in entry.get("links") or () if one.get("rel") == "enclosure"]


def _enclosures(entry: Any, base: str) -> Iterator[Enclosure]:
    """Yield the files that belong to the entry."""
    for one in _enclosed(entry):
        if address := absolute_url(str(one.get("href") or ""), base):
            length = str(one.get("length") or "")
            yield Enclosure(
                url=address,
                type=clean_text(str(one.get("type") or "")) or "application/octet-stream",
                length=int(length) if length.isascii() and length.isdigit() else 0,
            )
