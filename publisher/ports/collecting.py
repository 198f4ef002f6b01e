"""Ports of collecting: HTTP, and where articles come from."""

import socket
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn, Protocol

from publisher.errors import FetchError
from publisher.model.articles import Collected, CollectedArticle, SourceState

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An HTTP answer. `url` is where the redirects ended; header names are lower-case.

    What a header says in several lines is joined by commas (RFC 9110 section 5.3).

    `body` is decompressed and complete (a cut body is a FetchError). `permanent` is the new address
    when every hop was a 301 or 308.
    """

    status: int
    url: str
    body: bytes = b""
    headers: Mapping[str, str]
    permanent: str = ""


class Fetcher(Protocol):
    """HTTP for sources; implemented by `net`, faked in tests."""

    def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        etag: str = "",
        last_modified: str = "",
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Fetched:
        """Fetch with conditional headers; answers 200 and 304 (and 226) are returned.

        `headers` are for this server alone: a redirect to another host or scheme does not carry
        them, since they may hold a password.

        Raises FetchError for every other answer, refused addresses, timeouts and oversize bodies.
        """
        ...


class PageReader(Fetcher, Protocol):
    """Asks sites for pages as a crawler should: a Fetcher that obeys robots.txt and takes its time.

    One page of a host at a time, with a pause between two: calls wait for their turn. Called by
    sources; implemented by `kit.polite_pages`. `get` raises FetchError also for what robots.txt bars.
    """

    def wait(self, url: str) -> float:
        """Return the seconds a request to this address would wait for its host's turn, about."""
        ...

    def story(self, url: str, *, language: str = "") -> CollectedArticle:
        """Fetch a page and return its story; `language` is meant when the page does not tell.

        `external_id` is the address as given, `url` where the redirects ended. Raises FetchError,
        and ParseError when the page holds no story.
        """
        ...


class NoPages:
    """A PageReader that reads nothing, for sources that follow no links."""

    def get(self, url: str, **_asked: object) -> Fetched:
        """Raise FetchError."""
        raise FetchError(url, "pages are not read here")

    def wait(self, url: str) -> float:  # noqa: ARG002 - the port's
        """Return 0.0: nobody waits for nothing."""
        return 0.0

    def story(self, url: str, **_asked: str) -> CollectedArticle:
        """Raise FetchError."""
        raise FetchError(url, "pages are not read here")


class Dial(Protocol):
    """Connects to a host and port that operators named; implemented by `net`."""

    def __call__(
        self, host: str, port: int, seconds: float
    ) -> AbstractContextManager[socket.socket]:
        """Give a connection, which is ended after so many seconds whatever happens on it.

        Raises OSError, also where addresses of private networks are not to be asked.
        """
        ...


def nowhere(host: str, port: int, seconds: float) -> NoReturn:  # noqa: ARG001 - the port's
    """Connect to nothing: for sources that ask no mailbox."""
    raise OSError("no connections are made here")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """What a source may use: its permanent key, the publication's folder, the network.

    `fetcher` asks what operators named, `pages` what strangers linked; `dial` connects to mailboxes.
    """

    key: str
    root: Path
    fetcher: Fetcher
    pages: PageReader = field(default_factory=NoPages)
    dial: Dial = nowhere
    language: str = ""
    base_url: str = ""  # the publication's; pictures beside a story are served below it
    allow_outside: bool = False  # `extract` on the command line may read any path


class Source(Protocol):
    """Where articles come from; called by core.collecting in worker threads, one call at a time."""

    def collect(self, state: SourceState, now: datetime) -> Collected:
        """Read what is there now. Writes nothing. Raises SourceError only."""
        ...


class Inbox(Source, Protocol):
    """A source that programs hand articles in to; `token` opens it over HTTP, "" never does."""

    token: str

    def read(self, data: bytes) -> Collected:
        """Return what is handed in as JSON. Raises ParseError that names everything wrong."""
        ...
