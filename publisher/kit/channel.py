"""The head and the entries of a feed view in the words of the XML formats.

Serves formats/rss and formats/atom, which differ in how text is written, not in what is said. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from publisher.kit.feed_parts import Channel, Item, Reference
from publisher.kit.podcasts import episode_of, played_first, sayable
from publisher.kit.text import readable
from publisher.model.articles import SCHEMES
from publisher.model.views import EntryView, FeedView

MEDIA_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+\Z")
_EMAIL = re.compile(r"[^@\s()<>,]+@[^@\s()<>,]+\.[^@\s()<>,]+\Z")


def channel(view: FeedView, name: str) -> Channel:
    """Return the head of a feed for the format `name`; its own address in `view.links` is self."""
    return Channel(
        uid=view.uid,
        title=readable(view.title),
        description=readable(view.description or view.title),
        home=view.home,
        language=view.language,
        publication=readable(view.publication),
        email=view.contact if _EMAIL.match(view.contact) else "",
        updated=view.updated,
        links=_references(view, name),
        is_archive=view.archive.is_archive,
        is_complete=view.archive.is_complete,
        style=view.style,
        podcast=sayable(view.podcast),
    )


def own_address(view: FeedView, name: str) -> str:
    """Return the document's own address, "" when unknown.

    An archive page is not its subscription document and may not claim to be.
    """
    own = view.links.get(name, "")
    return "" if view.archive.is_archive and own == view.archive.current else own


def hubs_of(view: FeedView) -> tuple[str, ...]:
    """Return where a document says that its changes are told of.

    An archive page never changes: nobody can subscribe to it.
    """
    return () if view.archive.is_archive else view.hubs


def _references(view: FeedView, name: str) -> tuple[Reference, ...]:
    """Return self, the hubs, the other formats and the archive's neighbours, those that exist."""
    own = MEDIA_TYPES[name]
    others = [
        ("alternate", view.links.get(other, ""), kind)
        for other, kind in MEDIA_TYPES.items()
        if other != name
    ]
    archive = view.archive
    wanted = [
        ("self", own_address(view, name), own),
        *(("hub", hub, "") for hub in hubs_of(view)),
        *others,
        ("current", archive.current, own),
        ("prev-archive", archive.previous, own),
        ("next-archive", archive.next, own),
    ]
    return tuple(Reference(rel=rel, href=href, type=kind) for rel, href, kind in wanted if href)


def _schemes(entry: EntryView, view: FeedView) -> tuple[str, ...]:
    """Return which list each tag is from: as its feed said, or ours for a story of our own."""
    known = entry.attributes.get(SCHEMES)
    ours = "" if entry.source else view.category_scheme
    if not isinstance(known, Mapping):
        return (_iri(ours),) * len(entry.tags)
    return tuple(_iri(str(known.get(tag, ours))) for tag in entry.tags)


def _iri(text: str) -> str:
    """Return a scheme that Atom can say (RFC 4287 section 4.2.2.2), "" for anything else."""
    return text if _IRI.match(text) else ""


def item(entry: EntryView, view: FeedView, *, summary: str, content: str) -> Item:
    """Return an entry with its texts as the format wants them.

    `content` is the whole entry as HTML. Where the view carries no body, it stands for the summary:
    an entry without content is what RFC 4287 calls a summary.
    """
    whole = bool(entry.html)
    title = readable(entry.title)
    if not (summary or content):
        summary = title  # readers and judges want some text
    return Item(
        uid=entry.uid,
        title=title,
        url=entry.url,
        published=entry.published,
        updated=entry.updated,
        summary=summary if whole else content or summary,
        summary_is_html=bool(content) and not whole,
        content=content if whole else "",
        authors=tuple(map(readable, entry.authors)),
        tags=tuple(map(readable, entry.tags)),
        schemes=_schemes(entry, view),
        enclosures=played_first(entry.enclosures) if view.podcast else entry.enclosures,
        image=entry.image,
        related=tuple(replace(link, title=readable(link.title)) for link in entry.read_also),
        language=entry.language if entry.language != view.language else "",
        source=entry.source and replace(entry.source, title=readable(entry.source.title)),
        episode=episode_of(entry) if view.podcast else None,
    )
