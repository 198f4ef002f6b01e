"""Connections for what is no HTTP, such as mailboxes: guarded alike, and never longer than allowed."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from publisher.net.addresses import anywhere, public_address
from publisher.net.allowance import Allowance, Limits
from publisher.net.connections import connected
from publisher.net.fetching import ADVICE


class Dialler:
    """Implements the port Dial; thread-safe. `allow_private` lets this machine's network be reached."""

    def __init__(self, *, allow_private: bool = False) -> None:
        self._reachable = anywhere if allow_private else public_address

    @contextmanager
    def __call__(self, host: str, port: int, seconds: float) -> Iterator[socket.socket]:
        """Connect for at most so many seconds; see the port. Raises OSError."""
        limits = Limits(seconds=seconds)
        sock = connected(host, port, Allowance(limits, self._reachable, ADVICE))
        # A byte now and then would satisfy any time limit of single reads. The timer has a handle of
        # its own, because a socket that is wrapped in TLS is another object from then on.
        handle = sock.dup()
        timer = threading.Timer(seconds, _end, (handle,))
        timer.daemon = True
        timer.start()
        try:
            yield sock
        finally:
            timer.cancel()
            _end(handle)
            handle.close()
            sock.close()


def _end(sock: socket.socket) -> None:
    """End a connection whose time is up, also while somebody reads from it."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
