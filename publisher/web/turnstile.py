"""A turnstile: so many forms from one place in an hour, so that nobody mails the world through us.

Serves the form for subscribing. Remembers in this process only; what an address gets in an hour is
the store's to remember.
"""

from collections import deque
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

LIMIT = 20
"""Forms from one place; a school or an office is one place."""

WITHIN = timedelta(hours=1)

MOST = 10_000
"""Places remembered; beyond that the one that came first is forgotten."""

_HOME = 64  # bits of an IPv6 address that one customer has


class Turnstile:
    """Counts who came through. Thread-safe."""

    def __init__(self, limit: int = LIMIT, most: int = MOST) -> None:
        self._limit = limit
        self._most = most
        self._seen: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def lets(self, address: str, now: datetime) -> bool:
        """Count somebody who comes from an address; False when too many did."""
        place = place_of(address)
        with self._lock:
            times = self._seen.pop(place, deque())
            while times and now - times[0] >= WITHIN:
                times.popleft()
            self._seen[place] = times  # last in line again
            if len(self._seen) > self._most:
                del self._seen[next(iter(self._seen))]
            if len(times) >= self._limit:
                return False
            times.append(now)
            return True


def place_of(address: str) -> str:
    """Return what is counted as one place: an IPv4 address, an IPv6 customer."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found.packed, _HOME), strict=False))
    return str(found)
