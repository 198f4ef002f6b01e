"""Pages of strangers, read as a crawler should: robots.txt obeyed, one at a time, with pauses.

Implements the port PageReader for the sources; touches the network through a Fetcher. What robots.txt
says is remembered for a day, by host, within bounds of memory.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from publisher.errors import FetchError, ParseError
from publisher.kit.extraction import as_article, read_strange_story
from publisher.kit.robots import MAX_BYTES, OPEN, SHUT, Robots, read_robots
from publisher.model.articles import CollectedArticle
from publisher.ports import NO_HEADERS, Fetched, Fetcher

PAUSE = 0.5
"""Seconds between an answer and the next request to the same host."""

BUSY = 2.0
"""Seconds after which a host is thought to be free that answers somebody else now."""

LONGEST_PAUSE = 10.0
"""Seconds of Crawl-delay that are honoured; a host that wants more gets pages one a collection."""

LONGEST_WAIT = 30.0
"""Seconds a request waits for its turn; a host that asked for more is left alone."""

REMEMBERED = 24 * 3600.0
REMEMBERED_SHUT = 3600.0
MAX_HOSTS = 10_000
MAX_ROBOTS = 20 * 1024 * 1024
"""Bytes of robots.txt remembered of all hosts together."""

ACCEPT = "text/html, application/xhtml+xml, text/plain;q=0.9, */*;q=0.3"
_READABLE = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")
_TOO_MANY = 429


class Barred(FetchError):
    """The site's robots.txt says that we may not read the page."""


@dataclass(slots=True)
class _Host:
    """What is remembered of a host: its turn, its rules as it wrote them, when it may be asked."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    robots: bytes | None = None  # None: cannot be had
    until: float = 0.0
    delay: float = 0.0
    free: float = 0.0

    def rules(self) -> Robots:
        """Return the rules. They are read anew: as objects they are thirty times as large."""
        if self.robots is None:
            return SHUT
        return read_robots(self.robots) if self.robots else OPEN


class PolitePages:
    """Implements the port PageReader; thread-safe. `ticks` and `sleep` are those of `time`."""

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        pause: float = PAUSE,
        ticks: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._fetcher = fetcher
        self._pause = pause
        self._ticks = ticks
        self._sleep = sleep
        self._hosts: OrderedDict[str, _Host] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        etag: str = "",
        last_modified: str = "",
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Fetched:
        """Fetch a page when its host's turn has come; see the port. Raises FetchError."""
        origin = _origin(url)
        host = self._host(origin)
        with host.turn:
            self._enter(host, origin, url)
            self._rest(host, url)
            try:
                answer = self._fetcher.get(
                    url, accept=accept, etag=etag, last_modified=last_modified, headers=headers
                )
            except FetchError as error:
                if error.retry_after is not None or error.status == _TOO_MANY:
                    asked = error.retry_after.total_seconds() if error.retry_after else 0.0
                    host.free = self._ticks() + max(asked, 2 * LONGEST_WAIT)
                raise
            finally:
                host.free = max(host.free, self._ticks() + max(self._pause, host.delay))
        if answer.url != url:
            self._arrive(answer.url)
        return answer

    def wait(self, url: str) -> float:
        """Return about how long a request would wait; see the port."""
        try:
            host = self._host(_origin(url))
        except FetchError:
            return 0.0
        busy = max(BUSY, host.delay) if host.turn.locked() else 0.0
        return max(0.0, host.free - self._ticks(), busy)

    def story(self, url: str, *, language: str = "") -> CollectedArticle:
        """Return the story of a page; see the port. Raises FetchError and ParseError."""
        answer = self.get(url, accept=ACCEPT)
        kind = answer.headers.get("content-type", "")
        if kind and kind.partition(";")[0].strip().lower() not in _READABLE:
            raise ParseError(url, f"is no page: {kind[:80]}")
        story = read_strange_story(answer.body, answer.url, kind, language)
        return as_article(story, url, urldefrag(answer.url)[0])

    def _arrive(self, url: str) -> None:
        """Check where redirects ended: what a site bars is not read by a detour. Raises Barred."""
        origin = _origin(url)
        host = self._host(origin)
        with host.turn:
            self._enter(host, origin, url)

    def _enter(self, host: _Host, origin: str, url: str) -> None:
        """Let a page pass that its site lets us read, whose turn we have. Raises FetchError."""
        if host.until <= self._ticks():
            self._learn(host, origin)
        if host.robots is None:
            raise FetchError(url, "is not read while its site's robots.txt cannot be had")
        if not host.rules().allows(url):
            raise Barred(url, "its site's robots.txt bars publisher from it")

    def _learn(self, host: _Host, origin: str) -> None:
        """Ask a host for its rules."""
        before, after = host.robots, _fetched(self._fetcher, urljoin(origin, "/robots.txt"))
        host.robots = after
        host.until = self._ticks() + (REMEMBERED_SHUT if after is None else REMEMBERED)
        host.delay = min(host.rules().delay, LONGEST_PAUSE)
        with self._lock:
            self._size += len(after or b"") - len(before or b"")
            self._forget()

    def _rest(self, host: _Host, url: str) -> None:
        """Wait until the host has had its pause. Raises FetchError when it wants a long one."""
        left = host.free - self._ticks()
        if left > LONGEST_WAIT:
            raise FetchError(url, "its site asked to be left alone for a while")
        if left > 0:
            self._sleep(left)

    def _host(self, origin: str) -> _Host:
        """Return what is remembered of a host, the newest last."""
        with self._lock:
            host = self._hosts.setdefault(origin, _Host())
            self._hosts.move_to_end(origin)
            return host

    def _forget(self) -> None:
        """Forget the hosts that were asked for longest ago, down to the bounds."""
        while len(self._hosts) > MAX_HOSTS or (self._size > MAX_ROBOTS and len(self._hosts) > 1):
            _, host = self._hosts.popitem(last=False)
            self._size -= len(host.robots or b"")


def _fetched(fetcher: Fetcher, url: str) -> bytes | None:
    """Return a host's robots.txt, b"" when it has none, None when that cannot be told for now.

    RFC 9309 section 2.3.1: 4xx means no rules, all other trouble that nothing may be read. 429 asks
    for patience, so it counts as trouble.
    """
    try:
        return fetcher.get(url, accept="text/plain, */*;q=0.1").body[: MAX_BYTES + 1]
    except FetchError as error:
        absent = error.status is not None and 400 <= error.status < 500  # noqa: PLR2004 - 4xx
        return b"" if absent and error.status != _TOO_MANY else None


def _origin(url: str) -> str:
    """Return scheme, host and port of an address. Raises FetchError for what is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchError(url, "is no address") from error
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise FetchError(url, "only http and https addresses can be read")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme.lower()}://{host}{f':{port}' if port else ''}/"
