"""Hosts that asked for patience: nothing is asked of them until then. Serves `net`; thread-safe.

A server that answers 429 or 503 means whoever asks, not one address of many (RFC 6585 section 4,
RFC 9110 section 15.6.4). What is remembered is this process's.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from publisher.errors import FetchError

Server = tuple[str, str, int]

TOO_MANY = 429
UNAVAILABLE = 503
UNSAID = timedelta(minutes=1)
"""How long a host is left alone that says "too many requests" and not for how long."""

LONGEST = timedelta(hours=24)
MAX_HOSTS = 10_000


class Rests:
    """What hosts asked for; `ticks` is `time.monotonic`."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._until: dict[Server, float] = {}
        self._lock = threading.Lock()

    def check(self, server: Server, url: str) -> None:
        """Pass when a host may be asked. Raises FetchError, which says when it may."""
        until = self._until.get(server)
        if until is None:
            return
        left = until - self._ticks()
        if left <= 0:
            with self._lock:
                self._until.pop(server, None)
            return
        raise FetchError(
            url,
            f"its server asked to be left alone for {left:.0f} s more",
            status=TOO_MANY,
            retry_after=timedelta(seconds=left),
        )

    def hear(self, server: Server, error: FetchError) -> None:
        """Remember what a host asked for with its answer."""
        wait = error.retry_after
        if wait is None and error.status == TOO_MANY:
            wait = UNSAID
        if wait is None or error.status not in {TOO_MANY, UNAVAILABLE}:
            return
        with self._lock:
            now = self._ticks()
            if len(self._until) >= MAX_HOSTS:
                self._until = {one: until for one, until in self._until.items() if until > now}
            if len(self._until) < MAX_HOSTS:
                self._until[server] = now + min(wait, LONGEST).total_seconds()
