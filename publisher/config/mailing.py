"""Keys of mail: `[mail.dkim]`, `[mail.pause]`, what every transport has; serves schema and building."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

Host = Annotated[str, Meta(extra={"kind": "domain"})]
Selector = Annotated[str, Meta(extra={"kind": "selector"})]


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
        Meta(
            ge=1, description="Copies of the edition tried (to the domain) before these two count."
        ),
    ] = 100
    complaints: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="Complaints per cent of all that was accepted in seven days.",
        ),
    ] = 0.3
    accepted: Annotated[
        int,
        Meta(
            ge=1,
            description="Copies accepted in seven days before `policy` and `complaints` count.",
        ),
    ] = 1_000


class DkimKeyTable(Struct, frozen=True, kw_only=True):
    """A further signature on every mail: of another kind, or by the next key."""

    selector: Annotated[Selector, Meta(description="The s= of the signature.")]
    key: Annotated[str, Meta(description="The private key in PEM form, best as a file.")]


class DkimTable(Struct, frozen=True, kw_only=True):
    """Signing of outgoing mail (RFC 6376); `publisher dkim new` makes a key and says what to write."""

    selector: Annotated[Selector, Meta(description="The s= of the signature.")]
    key: Annotated[
        str, Meta(description="The private key in PEM form, RSA or Ed25519, best as a file.")
    ]
    domain: Annotated[
        Host, Meta(description="The d= of the signature; default: that of `from`.")
    ] = ""
    also: Annotated[
        tuple[DkimKeyTable, ...],
        Meta(description="Further signatures: of another kind, or by the next key."),
    ] = ()
    threads: Annotated[
        int,
        Meta(
            ge=0,
            le=64,
            description="Sign editions with RSA so many copies at a time; 0: as each copy goes.",
        ),
    ] = 2


class WarmUpTable(Struct, frozen=True, kw_only=True):
    """How many messages a new relay or sender's domain takes a day; the rest waits for the next."""

    begins: Annotated[date, Meta(description="The first day, such as 2026-11-24.")]
    per_day: Annotated[int, Meta(ge=1, description="How many on the first day.")] = 50
    growth: Annotated[
        float, Meta(ge=1, le=10, description="Each further day so many times as many.")
    ] = 1.5
    until: Annotated[
        int, Meta(ge=1, description="A day that would take so many, or more, has no limit.")
    ] = 50_000
    reserve: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="Per cent of a day kept for confirmations and other letters to one person.",
        ),
    ] = 10.0


class TransportTable(Struct, frozen=True, kw_only=True):
    """The keys that every `[transports.NAME]` table has, whatever its type."""

    type: Annotated[str, Meta(description="Which kind of transport.")]
    warm_up: Annotated[
        WarmUpTable | None, Meta(description="While the transport is new to the world.")
    ] = None
