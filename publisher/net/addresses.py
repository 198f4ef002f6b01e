"""Which addresses may be asked: those of the web, without tricks, and IP addresses of the internet.

Serves the rest of `net`. Pure.
"""

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from urllib3.util import parse_url

from publisher.errors import FetchError

MAX_URL = 8_000
"""Characters of an address; RFC 9110 section 4.1 asks for as many."""

_PORTS = {"http": 80, "https": 443}
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class Forbidden(OSError):
    """The address is not one of the public internet."""


def public_address(text: str) -> bool:
    """Tell whether an IP address may be asked: global, not IPv4 in disguise of a private one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo is not None:
            inner = address.teredo[1]
        if inner is not None:
            return public_address(str(inner))
        if address in _TRANSLATED:
            return public_address(str(ipaddress.IPv4Address(address.packed[-4:])))
    return address.is_global and not address.is_multicast


def anywhere(_address: str) -> bool:
    """Let every address through: for operators whose sources lie in their own network."""
    return True


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart: server (scheme, host, port), and path with query, percent-encoded."""

    server: tuple[str, str, int]
    path: str


def target_of(url: str) -> Target:
    """Return an address as a request needs it. Raises FetchError for what may not be asked."""
    try:
        parts = parse_url(url) if len(url) <= MAX_URL else None
    except ValueError:  # urllib3's own errors are ValueErrors, too
        parts = None
    if parts is None or parts.scheme not in _PORTS or not parts.host:
        raise FetchError(url[:MAX_URL], "only http and https addresses can be fetched")
    if parts.auth is not None:
        raise FetchError(url, "addresses with a user name are not asked")
    server = (parts.scheme, parts.host.strip("[]"), parts.port or _PORTS[parts.scheme])
    return Target(server, parts.request_uri)


def same_server(one: str, other: str) -> bool:
    """Tell whether two addresses are of one scheme, host and port (RFC 6454); not when unreadable."""
    try:
        first, second = (urlsplit(url) for url in (one, other))
        ports = [part.port or _PORTS.get(part.scheme) for part in (first, second)]
    except ValueError:
        return False
    return (first.scheme, first.hostname, ports[0]) == (second.scheme, second.hostname, ports[1])


def joined(url: str, here: str, location: str) -> str:
    """Return where a redirect leads from `here`. Raises FetchError when it does not say."""
    with suppress(UnicodeError):  # read as Latin-1 (RFC 9110 section 5.5), meant as UTF-8
        location = location.encode("latin-1").decode()
    try:
        target = urljoin(here, location)
    except ValueError:
        target = ""
    if not location or not target:
        raise FetchError(url, "the server redirects to nowhere")
    return target
