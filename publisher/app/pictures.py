"""Pictures of stories, of one opened publication: what makes them fit for mail.

Serves what freezes an edition.
"""

from publisher.app.parts import Parts
from publisher.core.illustrating import Illustrator
from publisher.kit.pictures import SafePictures
from publisher.net import HttpFetcher, Limits

PICTURE_SECONDS = 10.0
"""How long one picture of somebody else's may take to come."""

PER_HOST = 6
"""Pictures of one host that are fetched at a time, as browsers do."""


def illustrator(parts: Parts) -> Illustrator:
    """Return the illustrate use-case."""
    made = parts.definitions
    public = made.root / made.output
    return Illustrator(
        store=parts.store,
        clock=parts.clock,
        settings=made.images,
        base_url=made.publication.url,
        fetcher=HttpFetcher(
            contact=made.collect.contact or made.publication.contact,
            allow_private=made.collect.allow_private_addresses,
            limits=Limits(bytes=made.images.max_bytes, seconds=PICTURE_SECONDS, per_host=PER_HOST),
        ),
        pictures=SafePictures(width=made.images.width, quality=made.images.quality),
        media=parts.picture,
        holds=lambda path: (public / path).is_file(),
        outlets=[parts.output],
        complain=parts.complain,
    )
