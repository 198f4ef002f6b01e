"""What enriches the articles of one publication. Serves the composition root."""

from typing import TYPE_CHECKING, cast

from publisher.app.parts import plain
from publisher.core.enriching import Enricher
from publisher.ports import EnrichSettings, KeyPoints, Progress, ReadAlso

if TYPE_CHECKING:
    from publisher.app.parts import Parts


def settings(parts: "Parts") -> EnrichSettings:
    """Return how much an article gets: the most that one of its feeds may want."""
    feeds = parts.definitions.feeds.values()
    return EnrichSettings(
        key_points=max((feed.key_points for feed in feeds), default=3),
        read_also=max((feed.read_also for feed in feeds), default=3),
    )


def enriched(parts: "Parts", progress: Progress | None = None) -> int:
    """Give new and changed articles key points and Read also; return how many. Raises StoreError."""
    enricher = Enricher(
        store=parts.store,
        key_points=cast("KeyPoints", plain("enrich", "key_points")),
        read_also=cast("ReadAlso", plain("enrich", "read_also")),
        complain=parts.complain,
    )
    return enricher.enrich(settings(parts), progress)
