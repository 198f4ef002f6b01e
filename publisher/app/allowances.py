"""The store's meters as transports see them: opened when first asked, told the time by the clock."""

from collections.abc import Callable, Mapping

from publisher.model.allowances import Allowance
from publisher.ports import Clock, Meters


class StoreAllowances:
    """The port Allowances over the store. Raises StoreError."""

    def __init__(self, meters: Callable[[], Meters], clock: Clock) -> None:
        self._meters = meters
        self._clock = clock

    def draw(self, bucket: str, limit: float, slow_start: float) -> Allowance:
        """Take what may go now."""
        return self._meters().draw(bucket, limit, slow_start, self._clock.now())

    def slow_down(self, bucket: str, limit: float, observed: float) -> None:
        """Halve a rate."""
        self._meters().slow_down(bucket, limit, observed, self._clock.now())

    def slowed(self, prefix: str) -> Mapping[str, float]:
        """Return the buckets of a prefix that are cut, each with the part of its rate that is left."""
        return self._meters().slowed(prefix, self._clock.now())
