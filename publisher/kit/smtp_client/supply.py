"""The parcels still to be carried, let out no faster than relay and mailbox providers like.

Serves the lanes, which share one supply, so that a rate holds over all connections together. Pulls
the parcels lazily; touches nothing else. A few parcels of a slow group wait here; those that would
wait long are handed back, so that nobody else waits for them.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterator

from publisher.kit.smtp_client.meters import Gate
from publisher.kit.smtp_client.rates import Rates
from publisher.model.messages import Parcel

_HELD = 200  # parcels set aside for slow groups together …
_AHEAD = 10.0  # … and of one group those that may go within so many seconds, one at least
_LONGEST = 3_600.0  # seconds after which whoever was handed back is looked at again: rates recover
_AT_ONCE = 100  # parcels looked at in a row before the connections get their turn
LOOK = 0.25  # seconds after which whoever waits for a rate looks whether it is to stop
_RECENT = 1_000  # messages by which a group's part of the whole is judged


class Supply:
    """Hands out each parcel once; what could not be offered is put back and comes first."""

    def __init__(
        self,
        parcels: Iterator[Parcel],
        rates: Rates,
        later: Callable[[Parcel, float], None] = lambda _parcel, _seconds: None,
    ) -> None:
        """`later` takes a parcel that nobody is to wait for, and the seconds until it may go."""
        self._parcels = parcels
        self._rates = rates
        self._later = later
        self._queue_ends: dict[str, float] = {}
        self.clock = rates.clock
        self._again: deque[Parcel] = deque()
        self._held: defaultdict[str, deque[Parcel]] = defaultdict(deque)
        self._exhausted = self._stopped = False
        self._more = False  # there may be parcels behind those set aside that can go at once
        self._since = self.clock()
        self._count = 0
        self._recent: deque[str] = deque(maxlen=_RECENT)
        rates.refresh(self._since)

    @property
    def left(self) -> bool:
        """Tell whether there may be more."""
        return bool(self._again) or not self._exhausted or any(self._held.values())

    @property
    def stopped(self) -> bool:
        """Tell whether no message may begin any more."""
        return self._stopped

    def put_back(self, parcel: Parcel) -> None:
        """Return a parcel whose offer came to nothing; one of a limited group queues again."""
        if self._stopped:
            return
        group, gate = self._rates.of(parcel.recipient)
        (self._again if gate is None else self._held[group]).append(parcel)

    def slow_down(self, parcel: Parcel) -> None:
        """Halve the rate of a parcel's group: the other side asks for it."""
        group = self._rates.group(parcel.recipient)
        same = sum(self._rates.group(recipient) == group for recipient in self._recent)
        share = same / max(1, len(self._recent))
        elapsed = max(1.0, self.clock() - self._since)
        self._rates.slow_down(group, share * self._count / elapsed)

    def stop(self) -> None:
        """Hand out nothing more."""
        self._exhausted = self._stopped = True
        self._again.clear()
        self._held.clear()

    def take(self) -> Parcel | None:
        """Return a parcel that may go now; None when there is none, or none yet."""
        if self._again:
            return self._again.popleft()
        now, relay = self.clock(), self._rates.relay
        if relay is not None and relay.wait(now) > 0:
            return None
        parcel = self._from_held(now) or self._from_parcels(now)
        if parcel is not None:
            self._count += 1
            self._recent.append(parcel.recipient)
            if relay is not None:
                relay.take()
        return parcel

    async def next(self) -> Parcel | None:
        """Return a parcel as soon as one may go; None when there is none left."""
        while True:
            parcel = self.take()
            if parcel is not None or not self.left:
                return parcel
            await asyncio.sleep(min(LOOK, self.pause()))

    def _from_held(self, now: float) -> Parcel | None:
        for group, parcels in self._held.items():
            if parcels and self._rates.passes(group, now):
                return parcels.popleft()
        return None

    def _from_parcels(self, now: float) -> Parcel | None:
        self._more = False
        for _ in range(_AT_ONCE):
            if self._exhausted:
                return None
            parcel = next(self._parcels, None)
            if parcel is None:
                self._exhausted = True
                return None
            if not self._rates.gates:
                return parcel
            group, gate = self._rates.of(parcel.recipient)
            if gate is None or (not self._held[group] and self._rates.passes(group, now)):
                return parcel
            self._hold(group, gate, parcel, now)
        self._more = True
        return None

    def _hold(self, group: str, gate: Gate, parcel: Parcel, now: float) -> None:
        """Set a parcel aside, or hand it back until about the time when its turn will have come."""
        mine = self._held[group]
        own = max(1, int(gate.rate * _AHEAD))
        if len(mine) < own and sum(map(len, self._held.values())) < _HELD:
            mine.append(parcel)
            return
        begins = max(self._queue_ends.get(group, 0.0), now + len(mine) / gate.rate)
        self._queue_ends[group] = begins + 1 / gate.rate
        self._later(parcel, min(_LONGEST, begins - now))

    def pause(self) -> float:
        """Return the seconds until a parcel may go at the earliest."""
        now, relay = self.clock(), self._rates.relay
        first = relay.wait(now) if relay is not None else 0.0
        if self._more:
            return first
        held = [self._rates.wait(group, now) for group, parcels in self._held.items() if parcels]
        return max(first, min(held, default=0.0))
