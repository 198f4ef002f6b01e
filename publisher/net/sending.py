"""Requests of any kind: to services that operators named, and to addresses that strangers named.

Serves outlets, the hub and what listens to hubs. No redirect is followed. Touches the network through
`connections`.
"""

from collections.abc import Callable, Mapping

from publisher import __version__
from publisher.net.addresses import anywhere, public_address
from publisher.net.allowance import READ, Allowance, Limits
from publisher.net.answers import named
from publisher.net.connections import Answer, Connections, Request, body_of, pass_over
from publisher.ports import Answered, Fetched

STRANGERS = 64
"""Connections to addresses of strangers that stay open."""


class HttpSender:
    """Makes requests one by one, each on its own; thread-safe.

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
        self._connections = Connections(connections)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Fetched:
        """Make one request and return the whole answer, whatever its status. Raises FetchError."""

        def read(answer: Answer) -> Fetched:
            data = body_of(answer, self._limits)
            return Fetched(status=answer.status, url=url, body=data, headers=named(answer))

        sent = {
            "User-Agent": f"publisher/{__version__}",
            "Accept-Encoding": "identity",
            **headers,
        }
        allowed = Allowance(self._limits, self._reachable, self._advice)
        request = Request(url=url, headers=sent, allowed=allowed, method=method, body=body)
        return self._connections.ask(request, read)


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
        self._limits = Limits(seconds=seconds)
        self._advice = advice
        self._agent = f"publisher/{__version__}" + (f" (+{contact})" if contact else "")
        self._connections = Connections(STRANGERS)

    def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        keep: int = 0,
    ) -> Answered:
        """Make one request; see the port. Raises FetchError."""

        def read(answer: Answer) -> Answered:
            said = answer.read(keep) if keep else b""
            pass_over(answer)
            return Answered(answer.status, said, named(answer))

        sent = {"User-Agent": self._agent, "Accept-Encoding": "identity", **headers}
        request = Request(
            url=url,
            headers=sent,
            allowed=Allowance(self._limits, self._reachable, self._advice),
            method=method,
            body=body or None,
        )
        return self._connections.ask(request, read)
