"""Feeds that nobody wrote: what articles have in common, gathered."""

from dataclasses import dataclass

from publisher.model.archives import FeedState

ALL = "all"
KINDS = (ALL, "tag", "author", "source")
"""What may be gathered; the first part of a feed's slug (`tag/harbour`), or all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One tag, author or source: `slug` is that of its feed, given once and for ever."""

    kind: str
    slug: str
    title: str
    state: FeedState
