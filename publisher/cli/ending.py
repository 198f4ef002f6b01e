"""Ending when asked to: SIGINT and SIGTERM as an event; serves the commands that send."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def signals(reload: object = None) -> Iterator[Event]:
    """Turn SIGINT and SIGTERM into an event for as long as the block runs; SIGHUP calls `reload`.

    A second SIGINT or SIGTERM ends the process at once: nothing is lost by that.
    """
    stopping = Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            sys.exit(128 + number)
        stopping.set()

    def again(_number: int, _frame: FrameType | None) -> None:
        if callable(reload):
            reload()

    wanted = {signal.SIGINT: stop, signal.SIGTERM: stop, signal.SIGHUP: again}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
