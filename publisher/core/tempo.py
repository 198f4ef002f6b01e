"""Tempo: how fast a queue drains right now, and how long it still takes. Pure.

Serves whoever watches an edition being sent. Only what was seen counts: no rate before two looks,
and a queue that stands still has no time left to promise.
"""

from collections import deque
from collections.abc import Mapping

from publisher.core.balancing import READY
from publisher.model.editions import DeliveryState

SPAN = 12.0
"""Seconds that the rate looks back: long enough to be calm, short enough to be true."""

LEAST = 0.4
"""Seconds between the two looks of a first rate."""


class Tempo:
    """Looks at an edition's counts again and again; moments are seconds of any steady clock."""

    def __init__(self, span: float = SPAN) -> None:
        self._span = span
        self._looks: deque[tuple[float, int]] = deque()
        self._moved: float | None = None

    def look(self, at: float, counts: Mapping[DeliveryState, int]) -> None:
        """Take note of counts at a moment not before the last one."""
        ready = sum(counts.get(state, 0) for state in READY)
        if self._looks and ready > self._looks[-1][1]:
            self._looks.clear()  # a retry, or deferred ones fell due: another stretch begins
        if not self._looks or ready != self._looks[-1][1]:
            self._moved = at
        self._looks.append((at, ready))
        while len(self._looks) > 2 and at - self._looks[1][0] >= self._span:  # noqa: PLR2004  two make a rate
            self._looks.popleft()

    @property
    def rate(self) -> float | None:
        """Return how many copies a second leave the queue; None while that is not known."""
        if not self._looks:
            return None
        (begin, before), (end, after) = self._looks[0], self._looks[-1]
        return (before - after) / (end - begin) if end - begin >= LEAST else None

    @property
    def left(self) -> float | None:
        """Return the seconds until the queue is empty at this rate; None when nothing moves."""
        rate = self.rate
        return self._looks[-1][1] / rate if rate else None

    @property
    def still(self) -> float:
        """Return for how many seconds the queue has not moved although it holds something."""
        if not self._looks or self._moved is None or not self._looks[-1][1]:
            return 0.0
        return self._looks[-1][0] - self._moved
