"""RSS 2.0 with the RSS Advisory Board's profile; for readers of feeds.

Touches nothing: a view in, bytes out.
"""

import msgspec

from publisher.kit.channel import MEDIA_TYPES, channel, item
from publisher.kit.entries import expressible
from publisher.kit.entry_html import content_html
from publisher.kit.text import escape
from publisher.model.views import FeedView
from publisher.ports import DocumentFormat


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
        items = [
            item(
                entry,
                usable,
                summary=escape(entry.summary),
                content=content_html(entry, usable.language),
            )
            for entry in usable.entries
        ]
        return rss(channel(usable, self.name), items)


def create(options: Options, context: object = None) -> DocumentFormat:
    """Return the format; it needs neither options nor context."""
    del options, context
    return Rss()
