"""How a relay is reached: address, security, credentials, patience, limits.

Serves the SMTP client and the transport that builds it from TOML. Pure: values and their check.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from publisher.errors import ConfigError
from publisher.ports import LEASE

_HELO = re.compile(r"[A-Za-z0-9._:\[\]-]+")


class Security(StrEnum):
    """How the connection is protected."""

    STARTTLS = "starttls"  # required: without it nothing is said
    IMPLICIT = "implicit"  # TLS from the first octet (RFC 8314)
    OPPORTUNISTIC = "opportunistic"  # TLS when offered, certificates not checked
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds until an answer must be whole, however slowly it drips in (RFC 5321 4.5.3.2).

    Those of the sending as a whole are the first relay's.
    """

    connect: float = 30.0
    greeting: float = 300.0
    command: float = 300.0
    data: float = 120.0
    message: float = 600.0
    leave: float = 5.0  # how long a leave given before the envelope is relied on
    drain: float = 15.0  # how long answers are waited for when the process is to end
    beat: float = LEASE.total_seconds() / 4  # how often the lease is prolonged while waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """A relay. `name` is the transport's, for outcomes and errors; `helo` is what EHLO says.

    `socket` is the path of a Unix socket, used instead of host and port. `token` is asked at every
    login (XOAUTH2). `notify` are the reports wanted (RFC 3461: failure, delay, success; or never)
    and `returned` what they hold (HDRS or FULL).
    `per_second` 0 means no limit; `domains` gives recipients' domains limits of their own, and
    `slow_start` the seconds in which these are climbed to.
    """

    host: str
    port: int = 587
    socket: str = ""
    lmtp: bool = False  # LHLO (RFC 2033); with one recipient a message nothing else differs
    name: str = "smtp"
    helo: str = "localhost"
    security: Security = Security.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    token: Callable[[], str] | None = field(default=None, repr=False)
    notify: tuple[str, ...] = ()
    returned: str = "HDRS"
    insecure: bool = False
    ca_file: str = ""
    connections: int = 4
    weight: float = 0.0  # its share among several relays; 0 = what it can take
    messages_per_connection: int = 100
    per_second: float = 0.0
    relay_per_second: float = 0.0  # of this relay alone, among several
    domains: Mapping[str, float] = field(default_factory=dict)
    slow_start: Mapping[str, float] = field(default_factory=dict)
    timeouts: Timeouts = field(default_factory=Timeouts)

    @property
    def peer(self) -> str:
        """Return `host:port`, or the socket's path, for people."""
        return self.socket or f"{self.host}:{self.port}"

    @property
    def local(self) -> bool:
        """Tell whether the relay is on this machine, as far as its address says."""
        return bool(self.socket) or is_loopback(self.host)

    def check(self) -> None:
        """Refuse what would send letters or passwords in the clear. Raises ConfigError."""
        if bool(self.username) != bool(self.password or self.token):
            reason = "needs both username and password (or token), or neither"
            raise ConfigError(self.name, reason)
        if "never" in self.notify and len(self.notify) > 1:
            raise ConfigError(self.name, 'notify = ["never"] stands alone (RFC 3461 section 4.1)')
        if not _HELO.fullmatch(self.helo):
            raise ConfigError(self.name, f"cannot greet as {self.helo!r}: not a host name")
        if self.insecure or self.local:
            return
        if self.security is Security.NONE:
            raise ConfigError(
                self.name,
                'security = "none" is for relays on this machine; use "starttls" or "implicit",'
                " or set insecure = true",
            )


def is_loopback(host: str) -> bool:
    """Tell whether a host as written is this machine; only `localhost` is known by name."""
    if host.lower() in {"localhost", "localhost."}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
