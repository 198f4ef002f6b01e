"""Turns at a host: so many requests at a time and no more. Serves `net`; thread-safe."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from publisher.net.allowance import Allowance


class Turns:
    """Lets `each` requests to a host happen at a time; hosts that nobody asks take no room."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._busy: dict[str, int] = {}
        self._changed = threading.Condition()

    @contextmanager
    def at(self, host: str, allowed: Allowance) -> Iterator[None]:
        """Wait for a turn at a host and have it. Raises TimeoutError when the time is up before."""
        with self._changed:
            while self._busy.get(host, 0) >= self._each:
                self._changed.wait(allowed.patience(60.0))
            self._busy[host] = self._busy.get(host, 0) + 1
        try:
            yield
        finally:
            with self._changed:
                left = self._busy[host] - 1
                if left:
                    self._busy[host] = left
                else:
                    del self._busy[host]
                self._changed.notify_all()
