"""Turns at a host: so many requests at a time and no more. Serves `net`; thread-safe."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from publisher.net.allowance import Allowance

LONGEST_WAIT = 60.0


class Turns:
    """Lets `each` requests to a host happen at a time; hosts that nobody asks take no room."""

    def __init__(self, each: int, longest: float = LONGEST_WAIT) -> None:
        self._each = each
        self._longest = longest
        self._busy: dict[str, int] = {}
        self._changed = threading.Condition()

    @contextmanager
    def at(self, host: str, allowed: Allowance) -> Iterator[None]:
        """Wait for a turn at a host and have it; waiting takes nothing from what a fetch may take.

        Raises TimeoutError when there is none within a minute.
        """
        with self._changed:
            if self._busy.get(host, 0) >= self._each:
                begun = time.monotonic()
                while self._busy.get(host, 0) >= self._each:
                    if not self._changed.wait(begun + self._longest - time.monotonic()):
                        raise TimeoutError("its host has been busy with others for too long")
                allowed.postpone(time.monotonic() - begun)
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
