"""Port of pictures that mail shows."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture fit for mail: its bytes, and the size in CSS pixels at which it is shown."""

    data: bytes
    media_type: str
    width: int
    height: int


class Pictures(Protocol):
    """Makes pictures fit for mail, whoever sent them; called by core.illustrating in threads."""

    def fit(self, data: bytes) -> Picture:
        """Return it resized and without metadata; same bytes, same picture. Raises ParseError."""
        ...

    def measure(self, data: bytes) -> tuple[int, int]:
        """Return the width and height at which it is shown as it is. Raises ParseError."""
        ...
