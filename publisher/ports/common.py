"""Ports that everybody may ask for: the time, and who is told of long work."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The only source of time; tests hold it still."""

    def now(self) -> datetime:
        """Return the instant, aware, UTC."""
        ...


class Progress(Protocol):
    """Told about long work, for progress bars; `total` None while unknown."""

    def __call__(self, done: int, total: int | None, what: str) -> None:
        """Report."""
        ...


LEASE = timedelta(seconds=60)
"""How long a claimed run or batch stays with a silent worker."""
