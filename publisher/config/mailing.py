"""Keys about when mail stops by itself; serves schema, which holds the tables around them."""

from typing import Annotated

from msgspec import Meta, Struct


class PauseTable(Struct, frozen=True, kw_only=True):
    """When an edition stops by itself, until somebody resumes it. A share of 0 never stops it."""

    errors: Annotated[
        float, Meta(ge=0, le=100, description="Per cent of an edition's copies refused for good.")
    ] = 10.0
    policy: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="Per cent of an edition's copies to one recipient domain refused by policy.",
        ),
    ] = 5.0
    after: Annotated[
        int,
        Meta(ge=1, description="Copies tried (to the domain) before these two count."),
    ] = 100
    complaints: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="Complaints per cent of all that was accepted in seven days.",
        ),
    ] = 0.3
    complaints_after: Annotated[
        int, Meta(ge=1, description="Copies accepted in seven days before complaints count.")
    ] = 1_000
