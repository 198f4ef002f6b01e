"""Keys of `[clusters]`: articles that tell one story; serves schema and building."""

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from publisher.model.clusters import ClusterSettings, Lead


class ClustersTable(Struct, frozen=True, kw_only=True):
    """Articles that tell one story: one of them leads, the others are "also at"."""

    enabled: Annotated[
        bool, Meta(description="Put articles together; what stands together already stays so.")
    ] = True
    lead: Annotated[
        Literal["first", "longest"],
        Meta(description="Who leads: the one published first, or the one with the longest text."),
    ] = "first"
    prefer: Annotated[
        tuple[str, ...],
        Meta(
            description="Sources that lead before all others, the first one named first: by what their"
            " `url` or `path` says, or as `type:address`."
        ),
    ] = ()
    days: Annotated[
        int, Meta(ge=1, le=30, description="How far apart the articles of one story lie at most.")
    ] = 3


def clusters(read: ClustersTable) -> ClusterSettings:
    """Return what a checked table says."""
    return ClusterSettings(
        enabled=read.enabled,
        lead=Lead(read.lead),
        prefer=tuple(dict.fromkeys(read.prefer)),
        days=timedelta(days=read.days),
    )
