"""Atom 1.0 (RFC 4287) with RFC 5005 archives; for readers of feeds.

Touches nothing: a view in, bytes out.
"""

from dataclasses import replace

import msgspec

from publisher.kit.channel import MEDIA_TYPES, channel, item
from publisher.kit.entries import expressible
from publisher.kit.entry_html import content_html
from publisher.kit.text import readable
from publisher.model.views import FeedView
from publisher.ports import DocumentFormat


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Atom takes no options."""


class Atom:
    """The format `atom`."""

    name = "atom"
    extension = "atom"
    media_type = MEDIA_TYPES["atom"]

    def render(self, view: FeedView) -> bytes:
        """Return the document. Raises FormatError when the feed has no usable id or page."""
        from publisher.kit.feedxml import atom

        # Words for podcasts are for RSS alone: no directory reads Atom.
        usable = replace(expressible(view), podcast=None)
        items = [
            item(
                entry,
                usable,
                summary=readable(entry.summary),
                content=content_html(entry, usable.language),
            )
            for entry in usable.entries
        ]
        return atom(channel(usable, self.name), items)


def create(options: Options, context: object = None) -> DocumentFormat:
    """Return the format; it needs neither options nor context."""
    del options, context
    return Atom()
