"""Rates of one sending: slices drawn from meters that all processes share, spent evenly here.

Serves the supply. Touches the store through the port Allowances, a few times a second and never for
a single message.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from publisher.errors import StoreError
from publisher.model import allowances
from publisher.model.allowances import Allowance, Meter
from publisher.ports import Allowances

_BURST_SECONDS = 0.1
_SLICE_SECONDS = 1.0  # a slice not used by then is dropped: others had no part of it meanwhile
_FREE_SECONDS = 5.0  # until somebody without a limit asks again


class Bucket:
    """A token bucket that holds a tenth of a second's worth, at least one."""

    def __init__(self, per_second: float, now: float) -> None:
        self.rate = per_second
        self._tokens = self._size
        self._at = now

    @property
    def _size(self) -> float:
        return max(1.0, self.rate * _BURST_SECONDS)

    def wait(self, now: float) -> float:
        """Return the seconds until a token is there; 0 when one is."""
        self._tokens = min(self._size, self._tokens + (now - self._at) * self.rate)
        self._at = now
        return max(0.0, (1.0 - self._tokens) / self.rate)

    def take(self) -> None:
        """Take a token that is there."""
        self._tokens -= 1.0


class Meters(Protocol):
    """Where slices are drawn; `now` is in seconds on a clock of the meters' own choice."""

    def draw(self, bucket: str, limit: float, slow_start: float, now: float) -> Allowance:
        """Draw a slice of a rate."""
        ...

    def slow_down(self, bucket: str, limit: float, observed: float, now: float) -> None:
        """Halve a rate."""
        ...

    def slowed(self, prefix: str, now: float) -> Mapping[str, float]:
        """Return the rates that are cut at this moment, without a limit of their own included."""
        ...


class OwnMeters:
    """Meters of this process alone."""

    def __init__(self) -> None:
        self._meters: dict[str, Meter] = {}

    def draw(self, bucket: str, limit: float, slow_start: float, now: float) -> Allowance:
        """Draw a slice of a rate."""
        known = self._meters.get(bucket)
        self._meters[bucket], allowance = allowances.draw(known, limit, slow_start, now)
        return allowance

    def slow_down(self, bucket: str, limit: float, observed: float, now: float) -> None:
        """Halve a rate."""
        known = self._meters.get(bucket)
        self._meters[bucket] = allowances.slow_down(known, limit, observed, now)

    def slowed(self, prefix: str, now: float) -> Mapping[str, float]:
        """Return the rates that are cut at this moment."""
        return {
            bucket: meter.cut_now(now)
            for bucket, meter in self._meters.items()
            if bucket.startswith(prefix) and meter.cut_now(now) < 1.0
        }


class SharedMeters:
    """Meters in the store; while it cannot answer, this process goes on with its own.

    What the ledger cannot record is not sent anyway, so no error of the store's is raised here:
    it would come between a message and its outcome.
    """

    def __init__(self, shared: Allowances) -> None:
        self._shared = shared
        self._own = OwnMeters()

    def draw(self, bucket: str, limit: float, slow_start: float, now: float) -> Allowance:
        """Draw a slice of a rate."""
        try:
            return self._shared.draw(bucket, limit, slow_start)
        except StoreError:
            return self._own.draw(bucket, limit, slow_start, now)

    def slow_down(self, bucket: str, limit: float, observed: float, now: float) -> None:
        """Halve a rate."""
        try:
            self._shared.slow_down(bucket, limit, observed)
        except StoreError:
            self._own.slow_down(bucket, limit, observed, now)

    def slowed(self, prefix: str, now: float) -> Mapping[str, float]:
        """Return the rates that are cut at this moment."""
        try:
            return self._shared.slowed(prefix)
        except StoreError:
            return self._own.slowed(prefix, now)


class Gate:
    """Lets messages of one rate pass: slice by slice, evenly within a slice."""

    def __init__(self, draw: Callable[[float], Allowance], now: float) -> None:
        self._draw = draw
        self._pace: Bucket | None = None
        self._left = 0
        self._until = now
        self._ask = now

    def wait(self, now: float) -> float:
        """Return the seconds until a message may pass; 0 when one may."""
        if now >= self._until or (self._pace is not None and self._left <= 0):
            if now < self._ask:
                return self._ask - now
            self._renew(now)
            if self._pace is not None and self._left <= 0:
                return self._ask - now
        return self._pace.wait(now) if self._pace is not None else 0.0

    @property
    def rate(self) -> float:
        """Return the messages a second that pass at present; one where nothing is limited."""
        return self._pace.rate if self._pace is not None else 1.0

    def take(self) -> None:
        """Let one pass that may."""
        if self._pace is not None:
            self._left -= 1
            self._pace.take()

    def renew(self) -> None:
        """Forget the slice: the rate has changed."""
        self._left, self._until = 0, 0.0

    def _renew(self, now: float) -> None:
        allowance = self._draw(now)
        if not allowance.per_second:
            self._pace, self._until, self._ask = None, now + _FREE_SECONDS, now
            return
        if self._pace is None:
            self._pace = Bucket(allowance.per_second, now)
        self._pace.rate = allowance.per_second
        self._left, self._until = allowance.messages, now + _SLICE_SECONDS
        self._ask = now + allowance.wait
