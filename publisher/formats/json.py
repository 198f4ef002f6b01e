"""JSON Feed 1.1 (jsonfeed.org/version/1.1), written by ourselves; for readers of feeds.

Touches nothing: a view in, bytes out.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from publisher.kit.channel import MEDIA_TYPES, hubs_of, own_address
from publisher.kit.entries import expressible
from publisher.kit.entry_html import content_html
from publisher.kit.episodes import is_played
from publisher.kit.podcasts import duration_of
from publisher.model.articles import Enclosure, Link
from publisher.model.views import EntryView, FeedView, SourceView
from publisher.ports import DocumentFormat

VERSION = "https://jsonfeed.org/version/1.1"
ABOUT = {
    "_key_points": "The story in a few sentences, each a point of the list `points`.",
    "_also_at": "The story's other sources: `items`, each with its name (`title`) and the story's url there.",
    "_related": "Stories to read also: `items`, each with a title and, where known, its url and id.",
    "_source": "The feed that this story was taken from: its title, its url and its page (`home`).",
}
"""Extensions are objects that say what they are (JSON Feed 1.1, "Extensions")."""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """JSON Feed takes no options."""


class JsonFeed:
    """The format `json`."""

    name = "json"
    extension = "json"
    media_type = MEDIA_TYPES["json"]

    def render(self, view: FeedView) -> bytes:
        """Return the document. Raises FormatError when the feed has no usable id or page."""
        usable = expressible(view)
        document = {
            **_head(usable),
            "items": [_item(entry, usable.language) for entry in usable.entries],
        }
        return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def create(options: Options, context: object = None) -> DocumentFormat:
    """Return the format; it needs neither options nor context."""
    del options, context
    return JsonFeed()


def _head(view: FeedView) -> dict[str, object]:
    """Return the top-level members; an older page of the archive is `next_url`."""
    return _present(
        {
            "version": VERSION,
            "title": view.title,
            "home_page_url": view.home,
            "feed_url": own_address(view, "json"),
            "description": view.description,
            "next_url": view.archive.previous,
            "language": view.language,
            "authors": _authors((view.publication,)),
            "hubs": [{"type": "WebSub", "url": hub} for hub in hubs_of(view)],
            "expired": view.ended,
        }
    )


def _item(entry: EntryView, language: str) -> dict[str, object]:
    """Return an item; `content_html` is there even when empty, because one content must be."""
    members = {
        "id": entry.uid,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "image": entry.image,
        "date_published": _instant(entry.published),
        "date_modified": _instant(entry.updated),
        "authors": _authors(entry.authors),
        "tags": list(entry.tags),
        "language": entry.language or language,
        "attachments": _attachments(entry),
        "_key_points": _extension("_key_points", points=list(entry.key_points)),
        "_related": _extension("_related", items=[_related(link) for link in entry.read_also]),
        "_also_at": _extension("_also_at", items=[_related(link) for link in entry.also_at]),
        "_source": _source(entry.source),
    }
    return {**_present(members), "content_html": content_html(entry, language)}


def _extension(name: str, **members: object) -> dict[str, object]:
    """Return an extension for programs, {} when it would say nothing; people read the content."""
    said = _present(members)
    return {"about": ABOUT[name], **said} if said else {}


def _source(source: SourceView | None) -> dict[str, object]:
    if source is None:
        return {}
    return _extension("_source", title=source.title, url=source.url, home=source.home)


def _related(link: Link) -> dict[str, object]:
    return _present({"id": link.uid, "url": link.url, "title": link.title})


def _authors(names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"name": name} for name in names if name]


def _attachments(entry: EntryView) -> list[dict[str, object]]:
    """Return the files; how long an episode is stands with its first sound or film."""
    seconds = duration_of(entry)
    made = []
    for one in entry.enclosures:
        known = seconds if is_played(one.type) else 0
        seconds -= known
        made.append(_attachment(one, known))
    return made


def _attachment(one: Enclosure, seconds: int) -> dict[str, object]:
    members = {"url": one.url, "mime_type": one.type, "size_in_bytes": one.length}
    return _present({**members, "duration_in_seconds": seconds})


def _instant(instant: datetime) -> str:
    """Return an RFC 3339 date in UTC."""
    return instant.isoformat().replace("+00:00", "Z")


def _present(members: Mapping[str, object]) -> dict[str, object]:
    """Return the members that have a value."""
    return {name: value for name, value in members.items() if value}
