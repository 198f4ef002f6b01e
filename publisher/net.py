"""HTTP for sources: conditional GET, caps on size and time, and a guard against private addresses.

Serves the sources through the port Fetcher; the only importer of urllib3. Redirects are followed
by hand so that each hop is checked, and every address is checked at the moment of connecting, so
that a name that resolves to somewhere else the second time gains nothing (DNS rebinding).
"""

import ipaddress
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.connection import create_connection

from publisher import __version__
from publisher.errors import FetchError
from publisher.ports import Fetched

MAX_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 5
CHUNK = 64 * 1024
DEADLINE = 60.0
CONNECT = 10.0
READ = 20.0
PERMANENT = (301, 308)
REDIRECTS = (301, 302, 303, 307, 308)
GOOD = (200, 226, 304)


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
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return public_address(str(ipaddress.IPv4Address(address.packed[-4:])))
    return address.is_global and not address.is_multicast


class _Guard:
    """Connects only to public addresses; mixed into urllib3's connections."""

    def _new_conn(self) -> socket.socket:
        host, port = self._dns_host, self.port  # type: ignore[attr-defined]  # urllib3's connection
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
            if refused := [address for address in addresses if not public_address(address)]:
                raise Forbidden(f"{refused[0]} is a private address")
            return create_connection((addresses[0], port), self.timeout)  # type: ignore[attr-defined]  # the same
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]  # the same


class _GuardedHttp(_Guard, HTTPConnection):
    """Plain HTTP to public addresses."""


class _GuardedHttps(_Guard, HTTPSConnection):
    """HTTP over TLS to public addresses."""


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHttp  # type: ignore[mutable-override]  # how urllib3 is extended


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHttps  # type: ignore[mutable-override]  # how urllib3 is extended


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one fetch may cost: bytes after decompression, seconds in all."""

    bytes: int = MAX_BYTES
    seconds: float = DEADLINE


class HttpFetcher:
    """Implements the port Fetcher; thread-safe. `contact` tells hosts whom to write to."""

    def __init__(
        self, *, contact: str = "", allow_private: bool = False, limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits()
        self._agent = f"publisher/{__version__}" + (f" (+{contact})" if contact else "")
        self._pool = urllib3.PoolManager(
            num_pools=50,
            maxsize=2,
            timeout=urllib3.Timeout(connect=CONNECT, read=READ),
            retries=False,
        )
        if not allow_private:
            self._pool.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def get(
        self, url: str, *, accept: str = "*/*", etag: str = "", last_modified: str = ""
    ) -> Fetched:
        """Fetch an address; see the port. Raises FetchError."""
        ends = time.monotonic() + self._limits.seconds
        headers = {
            "User-Agent": self._agent,
            "Accept": accept,
            "Accept-Encoding": "gzip, deflate",
        }
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        here, permanent = url, True
        for _hop in range(MAX_REDIRECTS + 1):
            answer = self._ask(here, headers, ends)
            if answer.status not in REDIRECTS:
                moved = here if permanent and here != url else ""
                return _judged(url, answer, moved)
            permanent = permanent and answer.status in PERMANENT
            here = urljoin(here, answer.headers.get("location", ""))
        raise FetchError(url, f"more than {MAX_REDIRECTS} redirects")

    def _ask(self, url: str, headers: Mapping[str, str], ends: float) -> Fetched:
        """Make one request; redirects are handed back."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(url, "only http and https addresses can be fetched")
        try:
            answer = self._pool.request(
                "GET", url, headers=headers, redirect=False, preload_content=False
            )
            try:
                found = {name.lower(): value for name, value in answer.headers.items()}
                wanted = answer.status in (200, 226)
                body = self._body(url, answer, ends) if wanted else b""
            finally:
                answer.close()
        except (HTTPError, ValueError, OSError) as error:
            raise FetchError(url, _plain(error)) from error
        return Fetched(status=answer.status, url=url, body=body, headers=found)

    def _body(self, url: str, answer: urllib3.BaseHTTPResponse, ends: float) -> bytes:
        body = bytearray()
        for chunk in answer.stream(CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._limits.bytes:
                raise FetchError(url, f"more than {self._limits.bytes} bytes")
            if time.monotonic() > ends:
                raise FetchError(url, f"took longer than {self._limits.seconds:.0f} s")
        return bytes(body)


def _judged(url: str, answer: Fetched, permanent: str) -> Fetched:
    """Return a useful answer; raise FetchError for any other."""
    if answer.status in GOOD:
        return Fetched(
            status=answer.status,
            url=answer.url,
            body=answer.body,
            headers=answer.headers,
            permanent=permanent,
        )
    raise FetchError(
        url,
        f"the server answered {answer.status}",
        status=answer.status,
        retry_after=retry_after(
            answer.headers.get("retry-after", ""), answer.headers.get("date", "")
        ),
    )


def retry_after(value: str, date: str = "") -> timedelta | None:
    """Return how long a server wants to be left alone (RFC 9110 section 10.2.3), None if unsaid.

    A date is counted from the answer's own `date`, so that no clock of ours is needed.
    """
    if value.strip().isdigit():
        return timedelta(seconds=min(int(value), 30 * 86_400))
    try:
        until, since = parsedate_to_datetime(value), parsedate_to_datetime(date)
    except ValueError:
        return None
    wait = _aware(until) - _aware(since)
    return max(wait, timedelta(0))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _plain(error: Exception) -> str:
    """Return the reason without urllib3's object names."""
    text = re.sub(r"<[^>]*>: |\w+ConnectionPool\([^)]*\): ", "", str(error))
    return text.strip() or type(error).__name__
