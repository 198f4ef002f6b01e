"""The port Fetcher: conditional GET, redirects by hand, a few requests to a host at a time.

Serves the sources. Touches the network through `connections`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from publisher import __version__
from publisher.errors import FetchError
from publisher.net.addresses import anywhere, joined, public_address, same_server
from publisher.net.allowance import Allowance, Limits
from publisher.net.answers import named, retry_after
from publisher.net.connections import (
    Answer,
    Connections,
    Request,
    Resolve,
    body_of,
    pass_over,
    resolved,
)
from publisher.ports import NO_HEADERS, Fetched

MAX_REDIRECTS = 5
PERMANENT = (301, 308)
REDIRECTS = (301, 302, 303, 307, 308)
WITH_BODY = (200, 226)
NOT_MODIFIED = 304
GOOD = (*WITH_BODY, NOT_MODIFIED)
CONDITIONS = frozenset({"if-none-match", "if-modified-since"})
IDLE = 32
"""Connections that stay open between requests."""

ADVICE = "[collect] allow_private_addresses lets it be asked"
ENCODINGS = "gzip, br"


class HttpFetcher:
    """Implements the port Fetcher; thread-safe. `contact` tells hosts whom to write to.

    `reachable` tells which IP addresses may be connected to; `allow_private` stands for all.
    `resolve` finds a host's addresses as `socket.getaddrinfo` does.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        allow_private: bool = False,
        limits: Limits | None = None,
        reachable: Callable[[str], bool] = public_address,
        resolve: Resolve = resolved,
    ) -> None:
        self._limits = limits or Limits()
        self._reachable = anywhere if allow_private else reachable
        self._always = {
            "User-Agent": f"publisher/{__version__}" + (f" (+{contact})" if contact else ""),
            "Accept-Encoding": ENCODINGS,
        }
        self._connections = Connections(IDLE, self._limits.per_host, resolve)

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
        sent = {**self._always, "Accept": accept}
        if etag:
            sent["If-None-Match"] = etag
            sent["A-IM"] = "feed"  # RFC 3229: what is new since then will do
        if last_modified:
            sent["If-Modified-Since"] = last_modified
        allowed = Allowance(self._limits, self._reachable, ADVICE)
        return self._follow(Request(url=url, headers=sent, allowed=allowed), headers)

    def _follow(self, request: Request, own: Mapping[str, str]) -> Fetched:
        """Follow redirects to an answer; `own` headers stay with their server. Raises FetchError."""
        url, here, permanent = request.url, request.url, True
        for _hop in range(MAX_REDIRECTS + 1):
            headers = {**request.headers, **own} if same_server(here, url) else request.headers
            answer = self._ask(replace(request, url=here, headers=headers))
            if answer.status not in REDIRECTS:
                moved = here if permanent and here != url else ""
                return _judged(replace(request, headers=headers), answer, moved)
            permanent = permanent and answer.status in PERMANENT
            here = joined(url, here, answer.headers.get("location", ""))
        raise FetchError(url, f"more than {MAX_REDIRECTS} redirects")

    def _ask(self, request: Request) -> Fetched:
        """Make one request at its host's turn; redirects are handed back. Raises FetchError."""

        def read(answer: Answer) -> Fetched:
            wanted = answer.status in WITH_BODY
            body = body_of(answer, self._limits) if wanted else b""
            if not wanted:
                pass_over(answer)
            return Fetched(status=answer.status, url=request.url, body=body, headers=named(answer))

        return self._connections.ask(request, read)


def _judged(request: Request, answer: Fetched, permanent: str) -> Fetched:
    """Return a useful answer; raise FetchError for any other."""
    unasked = answer.status == NOT_MODIFIED and CONDITIONS.isdisjoint(
        name.lower() for name in request.headers
    )
    if answer.status in GOOD and not unasked:
        return replace(answer, permanent=permanent)
    said = answer.headers
    raise FetchError(
        request.url,
        f"the server answered {answer.status}{', which nobody asked for' if unasked else ''}",
        status=answer.status,
        retry_after=retry_after(said.get("retry-after", ""), said.get("date", "")),
    )
