"""RSS 2.0 with the RSS Advisory Board's profile; for readers of feeds.

Touches nothing: a view in, bytes out.
"""

import re
from dataclasses import replace

import msgspec

from publisher.kit.channel import MEDIA_TYPES, channel, item
from publisher.kit.entries import expressible
from publisher.kit.entry_html import content_html
from publisher.kit.feed_parts import Item
from publisher.kit.text import escape
from publisher.model.views import EntryView, FeedView
from publisher.ports import DocumentFormat

# Readers that take RSS titles for HTML eat what looks like a tag or an entity (`a<b`, `&amp;`).
_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY_LIKE = re.compile(r"&(?=#?\w+;)")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """RSS takes no options."""


class Rss:
    """The format `rss`."""

    name = "rss"
    extension = "rss"
    media_type = MEDIA_TYPES["rss"]

    def render(self, view: FeedView) -> bytes:
        """Return the document. Raises FormatError when the feed has no usable id or page."""
        from publisher.kit.feedxml import rss

        usable = expressible(view)
        head = channel(usable, self.name)
        plain = replace(
            head, title=_plain(head.title), description=_plain(head.description or head.title)
        )
        return rss(plain, [_item(entry, usable) for entry in usable.entries])


def create(options: Options, context: object = None) -> DocumentFormat:
    """Return the format; it needs neither options nor context."""
    del options, context
    return Rss()


def _item(entry: EntryView, view: FeedView) -> Item:
    """Return an item: a description is HTML, everything else is plain text."""
    whole = content_html(entry, view.language)
    written = item(entry, view, summary=escape(entry.summary), content=whole)
    return replace(
        written,
        title=_plain(written.title),
        authors=tuple(_plain(author) for author in written.authors),
        tags=tuple(_plain(tag) for tag in written.tags),
        source=written.source and replace(written.source, title=_plain(written.source.title)),
    )


def _plain(text: str) -> str:
    """Return plain text that still reads the same where it is taken for HTML."""
    return _ENTITY_LIKE.sub("& ", _TAG_LIKE.sub("< ", text))
