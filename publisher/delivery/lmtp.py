"""Messages to a mail store on this machine or beside it by LMTP: a TCP port or a Unix socket.

Serves operators whose readers have their mailboxes with them, and archives. Touches the network.
The store answers for each recipient when it has the message (RFC 2033): nothing is queued between.
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


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an `lmtp` transport."""

    socket: str = ""  # path of a Unix socket, for example /run/dovecot/lmtp
    host: str = ""  # name or address, when there is no socket
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 24  # with host
    security: Literal["none", "starttls", "opportunistic"] = "none"  # none: on this machine only
    insecure: bool = False  # allow letters in the clear beyond this machine
    ca_file: str = ""  # certificates to trust instead of the system's
    connections: Annotated[int, msgspec.Meta(ge=1, le=200)] = 4  # open at once, at most
    messages_per_connection: Count = 100  # then a new one
    per_second: Rate = 0  # messages a second, over all connections and processes; 0 = no limit
    timeout: Rate = 0  # seconds for each answer; 0 = what RFC 5321 advises (minutes)


class Lmtp:
    """The transport: a mailbox is a real reader's, so it counts as leaving the machine."""

    leaves_machine = True

    def __init__(self, settings: SmtpSettings, meters: SharedMeters | None = None) -> None:
        self.name = settings.name
        self._client = SmtpClient(settings, meters=meters)

    def send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        """Carry what the ledger lets go. Raises TransportUnavailable, TransportRejected."""
        self._client.send(parcels, ledger)

    def close(self) -> None:
        """Say goodbye to the store; may be called twice."""
        self._client.close()


def create(options: Options, context: TransportContext) -> Lmtp:
    """Make the transport. Raises ConfigError for none or two places, and for letters in the clear."""
    if bool(options.socket) == bool(options.host):
        raise ConfigError(f"transports.{context.name}", "needs either socket or host")
    every = dict.fromkeys(("connect", "greeting", "command", "data", "message"), options.timeout)
    return Lmtp(
        SmtpSettings(
            host=options.host,
            port=options.port,
            socket=str(context.root / options.socket) if options.socket else "",
            lmtp=True,
            name=context.name,
            helo=context.host,
            security=Security(options.security),
            insecure=options.insecure,
            ca_file=str(context.root / options.ca_file) if options.ca_file else "",
            connections=options.connections,
            messages_per_connection=options.messages_per_connection,
            per_second=options.per_second,
            timeouts=Timeouts(**every) if options.timeout else Timeouts(),
        ),
        SharedMeters(context.allowances) if context.allowances else None,
    )
