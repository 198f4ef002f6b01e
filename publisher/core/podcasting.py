"""What a feed says of itself as a podcast: the written words, completed by what the publication is.

Serves core.publishing. Pure.
"""

import re
from dataclasses import replace
from uuid import UUID, uuid5

from publisher.model.definitions import FeedDefinition, Publication
from publisher.model.podcasts import Podcast

NAMESPACE = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""Of `podcast:guid` (podcastindex.org/namespace/1.0, "guid")."""


def podcast_guid(address: str) -> str:
    """Return the guid of a podcast whose feed is at an address: a UUIDv5 of it without its scheme."""
    return str(uuid5(NAMESPACE, re.sub(r"\A[a-z]+://", "", address).rstrip("/")))


def podcast(
    feed: FeedDefinition, publication: Publication, address: str, kept: str
) -> Podcast | None:
    """Return what a feed at `address` says of itself as a podcast, None when it is none.

    `kept` is the guid it has had, "" for none: it stays, whatever becomes of the address.
    """
    said = feed.podcast
    if said is None:
        return None
    ours = not said.image.startswith(("https://", "http://"))
    return replace(
        said,
        image=f"{publication.url}media/{said.image}" if ours else said.image,
        author=said.author or publication.title,
        owner=said.owner or publication.title,
        email=said.email or publication.contact,
        guid=said.guid or kept or podcast_guid(address),
        moved_to=address if feed.was else "",
        complete=feed.ended,
    )
