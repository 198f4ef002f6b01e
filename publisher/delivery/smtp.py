"""Messages to a relay by SMTP: several connections, pipelined, every answer recorded.

Serves operators with a mail server or a provider's submission port. Touches the network. The
client is kit.smtp_client; this file says which keys it has.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from publisher.errors import ConfigError
from publisher.kit.smtp_client import Security, SharedMeters, SmtpClient, SmtpSettings, Timeouts
from publisher.model.messages import Parcel
from publisher.ports import Ledger, TransportContext

Count = Annotated[int, msgspec.Meta(ge=1)]
Rate = Annotated[float, msgspec.Meta(ge=0)]
_PORTS = {"starttls": 587, "implicit": 465, "opportunistic": 25, "none": 25}


class DomainOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of `[transports.NAME.domains."DOMAIN"]`: limits for recipients of one group of domains."""

    per_second: Rate  # messages a second, over all connections and processes; 0 = no limit
    slow_start: Rate = 60  # seconds from a tenth of it to all of it, after an hour's rest


class TimeoutOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of `[transports.NAME.timeouts]`: seconds; 0 = `timeout`, else what RFC 5321 advises."""

    connect: Rate = 0  # for the connection, and for the TLS handshake (30)
    greeting: Rate = 0  # for the relay's greeting (300)
    command: Rate = 0  # for each of EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET (300)
    data: Rate = 0  # for the answer to DATA (120)
    message: Rate = 0  # for sending a message and the answer to its final dot (600)


class RelayOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of `[[transports.NAME.relays]]`: one of several relays; what is not set is the transport's."""

    host: str  # the relay's name or address
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0  # 0 = as the transport
    username: str = ""  # of the login
    password: str = ""  # of the login
    weight: Rate = 0  # its share of the messages; 0 = what it can take
    per_second: Rate = 0  # messages a second to this relay, over all processes; 0 = no limit


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an `smtp` transport."""

    host: str = ""  # the relay's name or address
    relays: tuple[RelayOptions, ...] = ()  # several instead of `host`: they share the load
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0  # 0 = 587, 465 (implicit) or 25
    security: Literal["starttls", "implicit", "opportunistic", "none"] = "starttls"  # on the way
    username: str = ""  # of the login; none when empty
    password: str = ""  # of the login; better `{ env = "NAME" }` or `{ file = "path" }`
    token: str = ""  # instead of a password: XOAUTH2; a file is read again at every login
    insecure: bool = False  # allow letters and passwords in the clear beyond this machine
    ca_file: str = ""  # certificates to trust instead of the system's
    connections: Annotated[int, msgspec.Meta(ge=1, le=200)] = 4  # open at once to each relay
    messages_per_connection: Count = 100  # then a new one; some relays allow few
    per_second: Rate = 0  # messages a second, over all connections and processes; 0 = no limit
    domains: dict[
        str, DomainOptions
    ] = {}  # limits by the recipients' domain and those that belong to it
    timeout: Rate = 0  # seconds for each answer; 0 = what RFC 5321 advises (minutes)
    timeouts: TimeoutOptions = TimeoutOptions()  # the same by verb
    notify: tuple[
        Literal["failure", "delay", "success", "never"], ...
    ] = ()  # reports (DSN) to ask for
    returned: Literal["headers", "full"] = "headers"  # what of a message a report holds


class Smtp:
    """The transport: whatever the relay's address, what it takes may reach real readers."""

    leaves_machine = True

    def __init__(self, *relays: SmtpSettings, meters: SharedMeters | None = None) -> None:
        self.name = relays[0].name
        self._client = SmtpClient(*relays, meters=meters)

    def send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        """Carry what the ledger lets go. Raises TransportUnavailable, TransportRejected."""
        self._client.send(parcels, ledger)

    def close(self) -> None:
        """Say goodbye to the relay; may be called twice."""
        self._client.close()


def create(options: Options, context: TransportContext) -> Smtp:
    """Make the transport. Raises ConfigError for what would send secrets in the clear."""
    if bool(options.host) == bool(options.relays):
        raise ConfigError(f"transports.{context.name}", "needs either host or relays")
    relays = options.relays or (RelayOptions(host=options.host),)
    meters = SharedMeters(context.allowances) if context.allowances else None
    return Smtp(*(_settings(options, relay, context) for relay in relays), meters=meters)


def _settings(options: Options, relay: RelayOptions, context: TransportContext) -> SmtpSettings:
    fresh = context.fresh or (lambda _key: options.token)
    return SmtpSettings(
        host=relay.host,
        port=relay.port or options.port or _PORTS[options.security],
        name=context.name,
        helo=context.host,
        security=Security(options.security),
        username=relay.username or options.username,
        password=relay.password or options.password,
        token=(lambda: fresh("token")) if options.token and not relay.password else None,
        notify=options.notify,
        returned="FULL" if options.returned == "full" else "HDRS",
        insecure=options.insecure,
        ca_file=str(context.root / options.ca_file) if options.ca_file else "",
        connections=options.connections,
        messages_per_connection=options.messages_per_connection,
        weight=relay.weight,
        relay_per_second=relay.per_second,
        per_second=options.per_second,
        domains={domain: limit.per_second for domain, limit in options.domains.items()},
        slow_start={domain: limit.slow_start for domain, limit in options.domains.items()},
        timeouts=_timeouts(options),
    )


def _timeouts(options: Options) -> Timeouts:
    """Return what was written, by verb or for all of them; the rest is as RFC 5321 advises."""
    written = msgspec.structs.asdict(options.timeouts)
    known = {verb: seconds or options.timeout for verb, seconds in written.items()}
    return Timeouts(**{verb: seconds for verb, seconds in known.items() if seconds})
