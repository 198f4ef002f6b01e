"""JSON Feed 1.0 and 1.1 to articles (jsonfeed.org/version/1.1), tolerant of what items get wrong.

Serves the `feed` source. Pure.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from publisher.errors import ParseError
from publisher.kit.clean import absolute_url
from publisher.kit.dates import as_instant
from publisher.kit.entry_lists import usable_links, usable_points
from publisher.kit.episodes import as_attribute, read_episode
from publisher.kit.feed_bounds import MAX_ENTRIES, too_many
from publisher.kit.feed_entries import Content, FeedDocument, identified, told
from publisher.kit.text import clean_text, plain_title, text_to_html
from publisher.model.articles import CollectedArticle, Enclosure, Link, SourceProblem
from publisher.model.podcasts import EPISODE


def looks_like_json(text: str) -> bool:
    """Tell whether a document is JSON rather than XML or HTML."""
    return text.lstrip()[:1] in {"{", "["}


def read_json_feed(text: str, url: str) -> FeedDocument:
    """Return the feed. Items that are no objects are problems; the others come through.

    Raises ParseError when the document is no JSON (cut off, say) or no JSON Feed.
    """
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(url, f"is not JSON: {error}") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or "jsonfeed.org/version" not in str(feed.get("version", "")):
        raise ParseError(url, "is JSON but not a JSON Feed (no version or no items)")
    articles: list[CollectedArticle] = []
    problems: list[SourceProblem] = []
    if len(items) > MAX_ENTRIES:
        problems.append(too_many(len(items)))
    for number, item in enumerate(items[:MAX_ENTRIES], 1):
        if isinstance(item, dict):
            articles.append(_article(item, feed, url))
        else:
            problems.append(SourceProblem(where=f"item {number}", message="is not an object"))
    return FeedDocument(
        title=plain_title(_text(feed, "title")),
        link=absolute_url(_text(feed, "home_page_url"), url),
        articles=identified(articles),
        problems=tuple(problems),
        hubs=tuple(dict.fromkeys(_hubs(feed, url))),
        self_link=absolute_url(_text(feed, "feed_url"), url),
    )


def _hubs(feed: Mapping[str, Any], url: str) -> Iterator[str]:
    """Yield the addresses of WebSub hubs."""
    for hub in _list(feed, "hubs"):
        known = isinstance(hub, dict) and _text(hub, "type").lower() == "websub"
        if known and (address := absolute_url(_text(hub, "url"), url)):
            yield address


def _article(item: Mapping[str, Any], feed: Mapping[str, Any], url: str) -> CollectedArticle:
    """Return one item as an article."""
    address = absolute_url(_text(item, "url") or _text(item, "external_url"), url)
    full = _text(item, "content_html") or text_to_html(_text(item, "content_text"))
    content = Content(full=full, base_url=address or url)
    said = told(content, *_lists(item, address or url))
    image = _text(item, "image") or _text(item, "banner_image")
    external = absolute_url(_text(item, "external_url"), url)
    return CollectedArticle(
        external_id=_text(item, "id").strip(),
        title=plain_title(_text(item, "title")),
        url=address,
        html=said.html,
        text=said.text,
        summary=clean_text(_text(item, "summary")),
        language=clean_text(_text(item, "language") or _text(feed, "language")),
        authors=tuple(_authors(item)) or tuple(_authors(feed)),
        tags=tuple(word for tag in _list(item, "tags") if (word := clean_text(str(tag)))),
        image=absolute_url(image, url),
        enclosures=tuple(_enclosures(item, url)),
        key_points=said.key_points,
        read_also=said.read_also,
        published=as_instant(_text(item, "date_published")),
        updated=as_instant(_text(item, "date_modified")),
        attributes={
            **({"external_url": external} if external and external != address else {}),
            **_episode(item),
        },
    )


def _lists(item: Mapping[str, Any], base: str) -> tuple[tuple[str, ...], tuple[Link, ...]]:
    """Return key points and Read also as `formats.json` writes them for programs."""
    points, related = (
        _list(said, name) if isinstance(said := item.get(extension), dict) else []
        for extension, name in (("_key_points", "points"), ("_related", "items"))
    )
    links = [(_text(one, "title"), _text(one, "url")) for one in related if isinstance(one, dict)]
    return usable_points(points), usable_links(links, base)


def _episode(item: Mapping[str, Any]) -> Mapping[str, object]:
    """Return how long the item's sound or film lasts, where an attachment says so."""
    attached = (one for one in _list(item, "attachments") if isinstance(one, dict))
    said = next((one for one in attached if one.get("duration_in_seconds")), {})
    table = {"duration": said.get("duration_in_seconds")}
    found = as_attribute(read_episode(table, lambda one: one)[0])
    return {EPISODE: found} if found else {}


def _text(table: Mapping[str, Any], key: str) -> str:
    """Return a member as text; numbers are read as such ("id" often is one)."""
    value = table.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _list(table: Mapping[str, Any], key: str) -> list[Any]:
    """Return a member that is a list, else an empty one."""
    value = table.get(key)
    return value if isinstance(value, list) else []


def _authors(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield names from `authors` (1.1), else from `author` (1.0)."""
    for author in _list(table, "authors") or [table.get("author")]:
        if isinstance(author, dict) and (name := clean_text(_text(author, "name"))):
            yield name


def _enclosures(item: Mapping[str, Any], url: str) -> Iterator[Enclosure]:
    """Yield attachments that have an address."""
    for attachment in _list(item, "attachments"):
        if not isinstance(attachment, dict):
            continue
        if address := absolute_url(_text(attachment, "url"), url):
            size = _text(attachment, "size_in_bytes")
            yield Enclosure(
                url=address,
                type=clean_text(_text(attachment, "mime_type")) or "application/octet-stream",
                length=int(float(size)) if size.replace(".", "", 1).isdigit() else 0,
            )
