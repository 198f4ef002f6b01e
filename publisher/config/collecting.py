"""Keys of what comes in and what is added to it: `[collect]`, `[enrich]`, `[images]`; serves schema."""

from typing import Annotated

from msgspec import Meta, Struct

Table = dict[str, object]


class CollectTable(Struct, frozen=True, kw_only=True):
    """Manners of the collector."""

    contact: Annotated[
        str, Meta(description="Named in the User-Agent, so that sites can ask who fetches.")
    ] = ""
    allow_private_addresses: Annotated[
        bool, Meta(description="Let sources name addresses of this machine and its network.")
    ] = False


class EnrichTable(Struct, frozen=True, kw_only=True):
    """What is added to articles besides what is worked out of their text."""

    llm: Annotated[
        Table | None,
        Meta(
            description="A language model that writes key points: the keys of the enricher `llm`;"
            " default: nobody is asked."
        ),
    ] = None


class ImagesTable(Struct, frozen=True, kw_only=True):
    """Pictures in digests."""

    proxy: Annotated[
        bool,
        Meta(
            description="Fetch, resize and serve them ourselves, so that nobody else sees who reads."
        ),
    ] = True
    width: Annotated[
        int,
        Meta(
            ge=100, le=1_200, description="Widest in pixels, as shown; stored at up to twice that."
        ),
    ] = 600
    quality: Annotated[int, Meta(ge=30, le=95, description="Of JPEG.")] = 82
    max_bytes: Annotated[
        int,
        Meta(ge=10_000, le=100_000_000, description="A larger picture is left out."),
    ] = 10_000_000
