"""Keys of `[websub]`: feeds that arrive the moment they change; serves schema and building."""

from typing import Annotated

from msgspec import Meta, Struct

Duration = Annotated[str, Meta(extra={"kind": "duration"})]
WebAddress = Annotated[str, Meta(extra={"kind": "web address"})]


class WebsubTable(Struct, frozen=True, kw_only=True):
    """Tells readers of a change at once (W3C WebSub), by a hub of our own or by others."""

    hub: Annotated[
        bool,
        Meta(
            description="Be a hub: programs subscribe at `/websub`, and `run` brings them each change."
        ),
    ] = False
    hubs: Annotated[
        tuple[WebAddress, ...], Meta(description="Other hubs, told of each change.")
    ] = ()
    lease: Annotated[
        Duration,
        Meta(description="How long a subscription lasts that asks for no time of its own."),
    ] = "10d"
    min_lease: Annotated[Duration, Meta(description="The shortest that is given.")] = "1h"
    max_lease: Annotated[Duration, Meta(description="The longest that is given.")] = "30d"
    max_subscriptions: Annotated[
        int, Meta(ge=1, description="Subscriptions in all; further ones are refused.")
    ] = 10_000
    max_per_host: Annotated[
        int, Meta(ge=1, description="Subscriptions whose callbacks are on the same host.")
    ] = 1_000
    allow_private_addresses: Annotated[
        bool,
        Meta(
            description="Let callbacks, hubs and the publication itself lie on this machine and its network."
        ),
    ] = False
