"""Connections: guarded when they are made, metered while they are used, kept for the next request.

Serves the rest of `net`. They are urllib3's, without its pools: a pool for each of ten thousand hosts
costs more than asking them.
"""

import http.client
import io
import socket
import ssl
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from publisher.net.addresses import Forbidden, Target, target_of
from publisher.net.allowance import CONNECT, READ, Allowance, Limits, TooMuch
from publisher.net.answers import failure
from publisher.net.bodies import PIECE, unpacked
from publisher.net.turns import Turns

T = TypeVar("T")
Resolve = Callable[..., list[tuple[Any, ...]]]
Server = tuple[str, str, int]
Answer = BaseHTTPResponse

SMALL = 16 * 1024
"""Bytes of a body nobody wants that are read all the same, so that the connection can be kept."""

MANY = 1_000
REPEATABLE = frozenset({"GET", "HEAD"})


class _Metered(io.RawIOBase):
    """What a socket brings, within a fetch's allowance."""

    def __init__(self, raw: Any, sock: socket.socket, allowed: Allowance) -> None:
        self._raw, self._sock, self._allowed = raw, sock, allowed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._allowed.patience(self._allowed.limits.read))
        count: int = self._raw.readinto(buffer)
        self._allowed.spend(count)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Guard:
    """Connects only where the fetch may, and waits no longer than it may; mixed into urllib3's."""

    allowed: Allowance
    resolve: Resolve

    def _new_conn(self) -> socket.socket:
        host, port = self._dns_host, self.port  # type: ignore[attr-defined]  # urllib3's connection
        try:
            return connected(host, port, self.allowed, self.resolve)
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]  # the same

    def send(self, data: Any) -> None:
        """Send within the time that is left; http.client calls it for every block."""
        sock: socket.socket | None = self.sock  # type: ignore[attr-defined]  # the same
        if sock is not None:
            sock.settimeout(self.allowed.patience(READ))
        super().send(data)  # type: ignore[misc]  # the same

    def metered(self, sock: socket.socket, **named: Any) -> http.client.HTTPResponse:
        """Make http.client's answer, metered; its `response_class`."""
        answer = http.client.HTTPResponse(sock, **named)
        raw = answer.fp.detach()
        answer.fp = io.BufferedReader(_Metered(raw, sock, self.allowed))
        return answer


def connected(
    host: str, port: int, allowed: Allowance, resolve: Resolve | None = None
) -> socket.socket:
    """Connect to a host where that is allowed. Raises OSError, Forbidden among them."""
    answers = (resolve or resolved)(host, port, type=socket.SOCK_STREAM)
    refused = [at for *_, at in answers if not allowed.reachable(str(at[0]))]
    if refused:
        raise Forbidden(f"{refused[0][0]} is a private address; {allowed.advice}")
    return _first(answers, allowed)


def _first(answers: list[tuple[Any, ...]], allowed: Allowance) -> socket.socket:
    """Connect to the first address that answers. Raises OSError."""
    trouble: OSError = OSError("the name has no address")
    for family, kind, protocol, _, address in answers:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(allowed.patience(CONNECT))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
        except OSError as error:
            sock.close()
            trouble = error
        else:
            return sock
    raise trouble


class _Http(_Guard, HTTPConnection):
    """Plain HTTP."""


class _Https(_Guard, HTTPSConnection):
    """HTTP over TLS."""


_Connection = _Http | _Https


def resolved(host: str, port: int, **named: Any) -> list[tuple[Any, ...]]:
    """Return a name's addresses as `socket.getaddrinfo` does. Raises OSError."""
    return list(socket.getaddrinfo(host, port, **named))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to one server, and what it may cost."""

    url: str
    headers: Mapping[str, str]
    allowed: Allowance
    method: str = "GET"
    body: bytes | None = None


class Connections:
    """Makes requests and keeps what can be used again, `idle` connections in all; thread-safe.

    `each` is how many requests one host gets at a time.
    """

    def __init__(self, idle: int, each: int = MANY, resolve: Resolve = resolved) -> None:
        self._idle = idle
        self._turns = Turns(each)
        self._resolve = resolve
        self._kept: OrderedDict[Server, list[_Connection]] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._kept)

    def ask(self, request: Request, read: Callable[[Answer], T]) -> T:
        """Make a request and return what `read` makes of its answer.

        Raises FetchError, also what `read` raises of it.
        """
        target = target_of(request.url)
        try:
            with self._turns.at(target.server[1], request.allowed):
                return self._asked(target, request, read)
        except (HTTPError, http.client.HTTPException, ValueError, OSError) as error:
            raise failure(request.url, error, request.allowed) from error

    def _asked(self, target: Target, request: Request, read: Callable[[Answer], T]) -> T:
        """Make a request, over a kept connection if there is one."""
        kept = self._take(target.server)
        if kept is not None and request.method in REPEATABLE:
            # Some servers let go of a connection just when it is used again.
            with suppress(ConnectionError):
                return self._use(kept, target, request, read)
            kept = None
        return self._use(kept or self._open(target.server), target, request, read)

    def _use(
        self,
        connection: _Connection,
        target: Target,
        request: Request,
        read: Callable[[Answer], T],
    ) -> T:
        """Make a request over a connection, which is kept when the answer was read to its end."""
        connection.allowed = request.allowed
        whole = False
        try:
            connection.request(
                request.method,
                target.path,
                body=request.body,
                headers=request.headers,
                preload_content=False,
                decode_content=False,
            )
            with closing(connection.getresponse()) as answer:
                result = read(answer)
                whole = answer.closed and connection.sock is not None
        finally:
            if not whole:
                connection.close()
        if whole:
            self._keep(target.server, connection)
        return result

    def _open(self, server: Server) -> _Connection:
        """Return a new connection, not yet connected."""
        scheme, host, port = server
        connection: _Connection
        if scheme == "https":
            connection = _Https(host, port, timeout=READ, ssl_context=self._secure)
        else:
            connection = _Http(host, port, timeout=READ)
        connection.resolve = self._resolve
        connection.response_class = connection.metered  # type: ignore[assignment]  # called as one
        return connection

    @cached_property
    def _secure(self) -> ssl.SSLContext:
        """Return how TLS is spoken; made once, because reading the certificates takes long."""
        context = create_urllib3_context()
        context.load_default_certs()
        return context

    def _take(self, server: Server) -> _Connection | None:
        """Return a kept connection to a server, None when there is none that is fit for use."""
        while True:
            with self._lock:
                found = self._kept.get(server)
                if not found:
                    return None
                connection = found.pop()
                self._count -= 1
                if not found:
                    del self._kept[server]
            if connection.is_connected:  # and nothing waits to be read that nobody asked for
                return connection
            connection.close()

    def _keep(self, server: Server, connection: _Connection) -> None:
        """Keep a connection; the one that was used longest ago makes room."""
        dropped: list[_Connection] = []
        with self._lock:
            self._kept.setdefault(server, []).append(connection)
            self._kept.move_to_end(server)
            self._count += 1
            while self._count > self._idle:
                oldest = next(iter(self._kept))
                dropped.append(self._kept[oldest].pop(0))
                self._count -= 1
                if not self._kept[oldest]:
                    del self._kept[oldest]
        for one in dropped:
            one.close()


def _close_all(kept: Mapping[Server, list[_Connection]]) -> None:
    """Close what nobody will use any more."""
    for connection in chain.from_iterable(kept.values()):
        connection.close()


def body_of(answer: Answer, limits: Limits) -> bytes:
    """Return the whole body, unpacked. Raises TooMuch, BadBody, and urllib3's errors when it is cut."""
    body = bytearray()
    pieces = answer.stream(PIECE, decode_content=False)
    for piece in unpacked(_counted(pieces, limits), answer.headers.get("content-encoding", "")):
        body += piece
        if len(body) > limits.bytes:
            raise TooMuch(f"more than {limits.bytes} bytes")
    return bytes(body)


def _counted(pieces: Iterable[bytes], limits: Limits) -> Iterator[bytes]:
    """Pass on what comes over the wire, up to the limit. Raises TooMuch."""
    count = 0
    for piece in pieces:
        count += len(piece)
        if count > limits.bytes:
            raise TooMuch(f"more than {limits.bytes} bytes")
        yield piece


def pass_over(answer: Answer) -> None:
    """Read what nobody wants where it is little, so that the connection can be used again."""
    left = answer.length_remaining
    if left is not None and left <= SMALL and not answer.chunked:
        answer.read(decode_content=False)
