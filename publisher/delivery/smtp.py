"""Messages to a relay by SMTP: several connections, pipelined, every answer recorded.

Serves operators with a mail server or a provider's submission port. Touches the network. The
client is kit.smtp_client; this file says which keys it has.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from publisher.kit.smtp_client import Security, SmtpClient, SmtpSettings, Timeouts
from publisher.model.messages import Parcel
from publisher.ports import Ledger, TransportContext

Count = Annotated[int, msgspec.Meta(ge=1)]
Rate = Annotated[float, msgspec.Meta(ge=0)]
_PORTS = {"starttls": 587, "implicit": 465, "opportunistic": 25, "none": 25}


class DomainOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of `[transports.NAME.domains."DOMAIN"]`: limits for recipients of one domain."""

    per_second: Rate  # messages a second, over all connections; 0 = no limit


class TimeoutOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of `[transports.NAME.timeouts]`: seconds; 0 = `timeout`, else what RFC 5321 advises."""

    connect: Rate = 0  # for the connection, and for the TLS handshake (30)
    greeting: Rate = 0  # for the relay's greeting (300)
    command: Rate = 0  # for each of EHLO, STARTTLS, AUTH, MAIL, RCPT, RSET (300)
    data: Rate = 0  # for the answer to DATA (120)
    message: Rate = 0  # for sending a message and the answer to its final dot (600)


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an `smtp` transport."""

    host: str  # the relay's name or address
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0  # 0 = 587, 465 (implicit) or 25
    security: Literal["starttls", "implicit", "opportunistic", "none"] = "starttls"  # on the way
    username: str = ""  # of the login; none when empty
    password: str = ""  # of the login; better `{ env = "NAME" }` or `{ file = "path" }`
    token: str = ""  # instead of a password: XOAUTH2; a file is read again at every login
    insecure: bool = False  # allow letters and passwords in the clear beyond this machine
    ca_file: str = ""  # certificates to trust instead of the system's
    connections: Annotated[int, msgspec.Meta(ge=1, le=200)] = 4  # open at once, at most
    messages_per_connection: Count = 100  # then a new one; some relays allow few
    per_second: Rate = 0  # messages a second, over all connections; 0 = no limit
    domains: dict[str, DomainOptions] = {}  # limits by recipients' domain
    timeout: Rate = 0  # seconds for each answer; 0 = what RFC 5321 advises (minutes)
    timeouts: TimeoutOptions = TimeoutOptions()  # the same by verb
    notify: tuple[
        Literal["failure", "delay", "success", "never"], ...
    ] = ()  # reports (DSN) to ask for
    returned: Literal["headers", "full"] = "headers"  # what of a message a report holds


class Smtp:
    """The transport: whatever the relay's address, what it takes may reach real readers."""

    leaves_machine = True

    def __init__(self, settings: SmtpSettings) -> None:
        self.name = settings.name
        self._client = SmtpClient(settings)

    def send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        """Carry what the ledger lets go. Raises TransportUnavailable, TransportRejected."""
        self._client.send(parcels, ledger)

    def close(self) -> None:
        """Say goodbye to the relay; may be called twice."""
        self._client.close()


def create(options: Options, context: TransportContext) -> Smtp:
    """Make the transport. Raises ConfigError for what would send secrets in the clear."""
    fresh = context.fresh or (lambda _key: options.token)
    return Smtp(
        SmtpSettings(
            host=options.host,
            port=options.port or _PORTS[options.security],
            name=context.name,
            helo=context.host,
            security=Security(options.security),
            username=options.username,
            password=options.password,
            token=(lambda: fresh("token")) if options.token else None,
            notify=options.notify,
            returned="FULL" if options.returned == "full" else "HDRS",
            insecure=options.insecure,
            ca_file=str(context.root / options.ca_file) if options.ca_file else "",
            connections=options.connections,
            messages_per_connection=options.messages_per_connection,
            per_second=options.per_second,
            domains={domain: limit.per_second for domain, limit in options.domains.items()},
            timeouts=_timeouts(options),
        )
    )


def _timeouts(options: Options) -> Timeouts:
    """Return what was written, by verb or for all of them; the rest is as RFC 5321 advises."""
    written = msgspec.structs.asdict(options.timeouts)
    known = {verb: seconds or options.timeout for verb, seconds in written.items()}
    return Timeouts(**{verb: seconds for verb, seconds in known.items() if seconds})
