"""What one fetch may cost and reach; every wait and every byte of it is counted here.

Serves the connections. A time limit for each read does not help against a server that sends a byte
now and then, nor one for each line against endless lines: so the socket itself is asked for no longer
than the whole fetch has left, and for no more bytes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

MAX_BYTES = 10 * 1024 * 1024
DEADLINE = 60.0
CONNECT = 10.0
READ = 20.0
HEADERS = 512 * 1024
"""Bytes on the wire beside the body: headers, the frames of chunks, what redirects say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one fetch may cost: bytes (compressed, and after decompression), seconds in all.

    `read` is how long each single wait for the network may last, `per_host` how many fetches may ask
    one host at a time.
    """

    bytes: int = MAX_BYTES
    seconds: float = DEADLINE
    read: float = READ
    per_host: int = 2


class TooMuch(OSError):
    """More bytes than the fetch may cost."""


class Allowance:
    """The allowance of one fetch, redirects included; `advice` says how to reach private addresses."""

    __slots__ = ("_left", "_until", "advice", "limits", "reachable")

    def __init__(self, limits: Limits, reachable: Callable[[str], bool], advice: str = "") -> None:
        self.limits = limits
        self.reachable = reachable
        self.advice = advice
        self._until = time.monotonic() + limits.seconds
        self._left = limits.bytes + HEADERS

    @property
    def late(self) -> bool:
        """Tell whether the time is up."""
        return time.monotonic() >= self._until

    def patience(self, longest: float) -> float:
        """Return how many seconds to wait for the network now. Raises TimeoutError."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no time left")
        return min(left, longest)

    def postpone(self, seconds: float) -> None:
        """Let the fetch end so much later: it waited for others."""
        self._until += seconds

    def spend(self, count: int) -> None:
        """Count bytes that came over the wire. Raises TooMuch."""
        self._left -= count
        if self._left < 0:
            raise TooMuch("too many bytes")

    def why(self, plain: str) -> str:
        """Return why the fetch failed, when it was for its cost; else `plain`."""
        if self._left < 0:
            return f"more than {self.limits.bytes} bytes"
        return f"took longer than {self.limits.seconds:g} s" if self.late else plain
