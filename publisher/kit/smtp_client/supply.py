"""The parcels still to be carried, let out no faster than relay and mailbox providers like.

Serves the lanes, which share one supply, so that a rate holds over all connections together. Pulls
the parcels lazily; touches nothing else.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator

from publisher.kit.smtp_client.settings import SmtpSettings
from publisher.model.messages import Parcel

_HELD = 200  # parcels set aside for slow domains; a digest has some 60 KB
_BURST_SECONDS = 0.1


class Bucket:
    """A token bucket that holds a tenth of a second's worth, at least one."""

    def __init__(self, per_second: float, now: float) -> None:
        self._rate = per_second
        self._size = max(1.0, per_second * _BURST_SECONDS)
        self._tokens = self._size
        self._at = now

    def wait(self, now: float) -> float:
        """Return the seconds until a token is there; 0 when one is."""
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
        self._at = now
        return max(0.0, (1.0 - self._tokens) / self._rate)

    def take(self) -> None:
        """Take a token that is there."""
        self._tokens -= 1.0


class Supply:
    """Hands out each parcel once; what could not be offered is put back and comes first."""

    def __init__(
        self, parcels: Iterator[Parcel], settings: SmtpSettings, clock: Callable[[], float]
    ) -> None:
        self._parcels = parcels
        self._clock = clock
        now = clock()
        self._relay = Bucket(settings.per_second, now) if settings.per_second else None
        self._domains = {
            domain.lower(): Bucket(rate, now) for domain, rate in settings.domains.items() if rate
        }
        self._again: deque[Parcel] = deque()
        self._held: dict[str, deque[Parcel]] = {domain: deque() for domain in self._domains}
        self._exhausted = False

    @property
    def left(self) -> bool:
        """Tell whether there may be more."""
        return bool(self._again) or not self._exhausted or any(self._held.values())

    def put_back(self, parcel: Parcel) -> None:
        """Return a parcel whose offer came to nothing."""
        self._again.append(parcel)

    def stop(self) -> None:
        """Hand out nothing more."""
        self._exhausted = True
        self._again.clear()
        self._held.clear()

    def take(self) -> Parcel | None:
        """Return a parcel that may go now; None when there is none, or none yet."""
        if self._again:
            return self._again.popleft()
        now = self._clock()
        if self._relay is not None and self._relay.wait(now) > 0:
            return None
        parcel = self._from_held(now) or self._from_parcels(now)
        if parcel is not None and self._relay is not None:
            self._relay.take()
        return parcel

    async def next(self) -> Parcel | None:
        """Return a parcel as soon as one may go; None when there is none left."""
        while True:
            parcel = self.take()
            if parcel is not None or not self.left:
                return parcel
            await asyncio.sleep(self.pause())

    def _from_held(self, now: float) -> Parcel | None:
        for domain, parcels in self._held.items():
            if parcels and self._domains[domain].wait(now) <= 0:
                self._domains[domain].take()
                return parcels.popleft()
        return None

    def _from_parcels(self, now: float) -> Parcel | None:
        while not self._exhausted and sum(map(len, self._held.values())) < _HELD:
            parcel = next(self._parcels, None)
            if parcel is None:
                self._exhausted = True
                return None
            domain = parcel.recipient.rpartition("@")[2].lower()
            bucket = self._domains.get(domain)
            if bucket is None:
                return parcel
            if bucket.wait(now) <= 0:
                bucket.take()
                return parcel
            self._held[domain].append(parcel)
        return None

    def pause(self) -> float:
        """Return the seconds until a parcel may go at the earliest."""
        now = self._clock()
        relay = self._relay.wait(now) if self._relay is not None else 0.0
        held = [
            self._domains[domain].wait(now) for domain, parcels in self._held.items() if parcels
        ]
        return max(relay, min(held, default=0.0))
