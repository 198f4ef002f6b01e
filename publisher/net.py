"""HTTP: conditional GET for sources, requests for outlets; capped in size and time, guarded.

Serves the sources through the port Fetcher, and the outlets; the only importer of urllib3. Redirects
are followed by hand so that each hop is checked, and every address is checked at the moment of
connecting, so that a name that resolves to somewhere else the second time gains nothing (DNS
rebinding).
"""

import contextlib
import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.connection import create_connection

from publisher import __version__
from publisher.errors import FetchError
from publisher.ports import NO_HEADERS, Answered, Fetched

MAX_BYTES = 10 * 1024 * 1024
MAX_REDIRECTS = 5
CHUNK = 64 * 1024
DEADLINE = 60.0
CONNECT = 10.0
READ = 20.0
PERMANENT = (301, 308)
REDIRECTS = (301, 302, 303, 307, 308)
WITH_BODY = (200, 226)
GOOD = (*WITH_BODY, 304)
COLLECT_ADVICE = "[collect] allow_private_addresses lets it be asked"


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


class _Fetch(threading.local):
    """The fetch under way in this thread: which addresses it may reach, which sockets it uses.

    The sockets are there for a timer to end: a time limit for each read does not help against a
    server that sends a byte now and then.
    """

    reachable: Callable[[str], bool] = staticmethod(public_address)
    advice: str = ""
    sockets: list[socket.socket] | None = None

    def uses(self, found: socket.socket | None) -> None:
        """Remember a socket while a fetch is under way."""
        if found is not None and self.sockets is not None:
            self.sockets.append(found)


_fetch = _Fetch()


def _end(sockets: list[socket.socket], ended: threading.Event) -> None:
    """End a fetch whose time is up (called by its timer)."""
    ended.set()
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


class _Guard:
    """Connects only where the fetch may, and says which socket is used; mixed into urllib3's."""

    def _new_conn(self) -> socket.socket:
        host, port = self._dns_host, self.port  # type: ignore[attr-defined]  # urllib3's connection
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
            if refused := [one for one in addresses if not _fetch.reachable(one)]:
                raise Forbidden(f"{refused[0]} is a private address; {_fetch.advice}")
            return _first(addresses, port, self.timeout)  # type: ignore[attr-defined]  # the same
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]  # the same

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # the same
        _fetch.uses(self.sock)  # type: ignore[attr-defined]  # the same

    def request(self, *arguments: Any, **named: Any) -> None:
        _fetch.uses(self.sock)  # type: ignore[attr-defined]  # the same; one that was kept open
        super().request(*arguments, **named)  # type: ignore[misc]  # the same


def _first(addresses: Sequence[str], port: int, timeout: float) -> socket.socket:
    """Connect to the first address that answers. Raises OSError."""
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return create_connection((address, port), timeout)
    return create_connection((addresses[-1], port), timeout)


class _Http(_Guard, HTTPConnection):
    """Plain HTTP."""


class _Https(_Guard, HTTPSConnection):
    """HTTP over TLS."""


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http  # type: ignore[mutable-override]  # how urllib3 is extended


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https  # type: ignore[mutable-override]  # how urllib3 is extended


def anywhere(_address: str) -> bool:
    """Let every address through: for operators whose sources lie in their own network."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one fetch may cost: bytes after decompression, seconds in all."""

    bytes: int = MAX_BYTES
    seconds: float = DEADLINE


def _pool(connections: int, hosts: int) -> urllib3.PoolManager:
    """Return connections that are kept and guarded; nothing is retried or followed by itself."""
    pool = urllib3.PoolManager(
        num_pools=hosts,
        maxsize=connections,
        timeout=urllib3.Timeout(connect=CONNECT, read=READ),
        retries=False,
    )
    pool.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return pool


@contextlib.contextmanager
def _timed(
    url: str, seconds: float, reachable: Callable[[str], bool], advice: str
) -> Iterator[threading.Event]:
    """Let a request take so long and reach so far; the event tells that its time is up.

    Raises FetchError then, whatever the cut connection looked like.
    """
    ended, _fetch.sockets = threading.Event(), []
    _fetch.reachable, _fetch.advice = reachable, advice
    timer = threading.Timer(seconds, _end, (_fetch.sockets, ended))
    timer.daemon = True
    timer.start()
    late = f"took longer than {seconds:g} s"
    try:
        yield ended
    except FetchError as error:
        if ended.is_set() and error.status is None:
            raise FetchError(url, late) from error
        raise
    finally:
        timer.cancel()
        _fetch.sockets = None
    if ended.is_set():  # a socket shut down while headers came looks like their end
        raise FetchError(url, late)


class HttpFetcher:
    """Implements the port Fetcher; thread-safe. `contact` tells hosts whom to write to.

    `reachable` tells which IP addresses may be connected to; `allow_private` stands for all.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        allow_private: bool = False,
        limits: Limits | None = None,
        reachable: Callable[[str], bool] = public_address,
    ) -> None:
        self._limits = limits or Limits()
        self._reachable = anywhere if allow_private else reachable
        self._agent = f"publisher/{__version__}" + (f" (+{contact})" if contact else "")
        self._pool = _pool(connections=2, hosts=50)

    def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        etag: str = "",
        last_modified: str = "",
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Fetched:
        """Fetch an address; see the port. Raises FetchError."""
        sent = {
            "User-Agent": self._agent,
            "Accept": accept,
            "Accept-Encoding": "gzip, deflate",
        }
        if etag:
            sent["If-None-Match"] = etag
        if last_modified:
            sent["If-Modified-Since"] = last_modified
        with _timed(url, self._limits.seconds, self._reachable, COLLECT_ADVICE) as ended:
            return self._follow(url, sent, headers, ended)

    def _follow(
        self, url: str, sent: Mapping[str, str], own: Mapping[str, str], ended: threading.Event
    ) -> Fetched:
        """Follow redirects to an answer; `own` headers stay with their server. Raises FetchError."""
        here, permanent = url, True
        for _hop in range(MAX_REDIRECTS + 1):
            answer = self._ask(here, {**sent, **own} if same_server(here, url) else sent)
            if answer.status not in REDIRECTS:
                moved = here if permanent and here != url else ""
                return _judged(url, answer, moved)
            permanent = permanent and answer.status in PERMANENT
            here = _joined(url, here, answer.headers.get("location", ""))
            if ended.is_set():
                break
        raise FetchError(url, f"more than {MAX_REDIRECTS} redirects")

    def _ask(self, url: str, headers: Mapping[str, str]) -> Fetched:
        """Make one request; redirects are handed back. Raises FetchError."""
        if not _is_web(url):
            raise FetchError(url, "only http and https addresses can be fetched")
        try:
            answer = self._pool.request(
                "GET", url, headers=headers, redirect=False, preload_content=False
            )
        except (HTTPError, ValueError, OSError) as error:
            raise FetchError(url, _plain(error)) from error
        found = _named(answer)
        try:
            body = _body(url, answer, self._limits.bytes) if answer.status in WITH_BODY else b""
        except (HTTPError, ValueError, OSError) as error:
            raise FetchError(url, _plain(error)) from error
        finally:
            answer.close()
        return Fetched(status=answer.status, url=url, body=body, headers=found)


class HttpSender:
    """Makes requests of any kind, one by one, each on its own; thread-safe. No redirect is followed.

    `connections` stay open. `allow_private` lets addresses of this machine and its network be asked;
    `advice` says in an error how operators do so.
    """

    def __init__(
        self,
        *,
        connections: int = 4,
        allow_private: bool = False,
        advice: str = "",
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._reachable = anywhere if allow_private else public_address
        self._advice = advice
        self._pool = _pool(connections, hosts=4)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Fetched:
        """Make one request and return the whole answer, whatever its status. Raises FetchError."""
        with _timed(url, self._limits.seconds, self._reachable, self._advice):
            return self._ask(method, url, headers, body)

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Fetched:
        named = {
            "User-Agent": f"publisher/{__version__}",
            "Accept-Encoding": "identity",
            **headers,
        }
        try:
            answer = self._pool.request(
                method, url, headers=named, body=body, redirect=False, preload_content=False
            )
            try:
                found = _named(answer)
                data = _body(url, answer, self._limits.bytes)
            finally:
                answer.release_conn()
        except (HTTPError, ValueError, OSError) as error:
            raise FetchError(url, _plain(error)) from error
        return Fetched(status=answer.status, url=url, body=data, headers=found)


def _named(answer: urllib3.BaseHTTPResponse) -> dict[str, str]:
    """Return the headers by lower-case name; several of one name are one list (RFC 9110 5.3)."""
    return {name.lower(): value for name, value in answer.headers.itermerged()}


def _body(url: str, answer: urllib3.BaseHTTPResponse, limit: int) -> bytes:
    """Return the decompressed body. Raises FetchError when it is too large, urllib3's when cut."""
    body = bytearray()
    for chunk in answer.stream(CHUNK, decode_content=True):
        body += chunk
        if len(body) > limit:
            answer.close()
            raise FetchError(url, f"more than {limit} bytes")
    return bytes(body)


class HttpCaller:
    """Implements the port Caller; thread-safe. Asks addresses that strangers have named.

    `seconds` is what one request may take in all; `allow_private` lets addresses of this machine and
    its network be asked, `advice` says in an error how operators do so.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        allow_private: bool = False,
        seconds: float = READ,
        advice: str = "",
        reachable: Callable[[str], bool] = public_address,
    ) -> None:
        self._reachable = anywhere if allow_private else reachable
        self._seconds = seconds
        self._advice = advice
        self._agent = f"publisher/{__version__}" + (f" (+{contact})" if contact else "")
        self._pool = _pool(connections=8, hosts=8)

    def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        keep: int = 0,
    ) -> Answered:
        """Make one request; see the port. Raises FetchError."""
        if not _is_web(url):
            raise FetchError(url, "only http and https addresses can be asked")
        named = {"User-Agent": self._agent, "Accept-Encoding": "identity", **headers}
        with _timed(url, self._seconds, self._reachable, self._advice):
            try:
                answer = self._pool.request(
                    method,
                    url,
                    headers=named,
                    body=body or None,
                    redirect=False,
                    preload_content=False,
                )
                try:
                    said = answer.read(keep) if keep else b""
                    return Answered(answer.status, said, _named(answer))
                finally:
                    answer.close()
            except (HTTPError, ValueError, OSError) as error:
                raise FetchError(url, _plain(error)) from error


def same_server(one: str, other: str) -> bool:
    """Tell whether two addresses are of one scheme, host and port (RFC 6454); not when unreadable."""
    try:
        first, second = (urlsplit(url) for url in (one, other))
        usual = {"http": 80, "https": 443}
        ports = [part.port or usual.get(part.scheme) for part in (first, second)]
    except ValueError:
        return False
    return (first.scheme, first.hostname, ports[0]) == (second.scheme, second.hostname, ports[1])


def _is_web(url: str) -> bool:
    """Tell whether an address is one that can be fetched."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)


def _joined(url: str, here: str, location: str) -> str:
    """Return where a redirect leads. Raises FetchError when it does not say."""
    try:
        target = urljoin(here, location)
    except ValueError:
        target = ""
    if not location or not target:
        raise FetchError(url, "the server redirects to nowhere")
    return target


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
    text = re.sub(r"<[^>]*>: |\w+\(host=[^)]*\): ", "", str(error))
    return text.strip() or type(error).__name__
