"""The limits of a transport: one for its relays, one for each group of domains.

Serves the supply; kept between two sendings. A group without a limit gets one while the other side
asks for less (421 or 4.7.28 about a recipient): half of what it got, and slowly more again.
"""

from collections.abc import Callable
from functools import lru_cache, partial

from publisher.kit.providers import group_of
from publisher.kit.smtp_client.meters import Gate, Meters, OwnMeters
from publisher.kit.smtp_client.settings import SmtpSettings

_NEWS_SECONDS = 5.0  # between two looks for rates that other processes have cut


class Rates:
    """Gates by group of domains; those of all processes draw from the same meters."""

    def __init__(
        self, settings: SmtpSettings, clock: Callable[[], float], meters: Meters | None = None
    ) -> None:
        self.clock = clock
        self.gates: dict[str, Gate] = {}
        self._name = settings.name
        self._meters = meters or OwnMeters()
        self._news = 0.0
        limits: dict[str, tuple[float, float]] = {}
        for domain, per_second in settings.domains.items():
            group = group_of(domain)
            known, slow_start = limits.get(group, (per_second, 0.0))
            slow_start = max(slow_start, settings.slow_start.get(domain, 0.0))
            if per_second:
                limits[group] = (min(per_second, known), slow_start)
        self._limits = limits
        for group in limits:
            self._add(group)
        self.relay = self.gate("", settings.per_second)

    def gate(self, name: str, per_second: float) -> Gate | None:
        """Return a gate of its own name, None without a limit."""
        return self._gate(name, per_second, 0.0) if per_second else None

    def group(self, recipient: str) -> str:
        """Return the group of an address."""
        return _group(recipient.rpartition("@")[2])

    def of(self, recipient: str) -> tuple[str, Gate | None]:
        """Return the group of an address, and its gate when there is one."""
        group = self.group(recipient)
        return group, self.gates.get(group)

    def wait(self, group: str, now: float) -> float:
        """Return the seconds until a message of a group may pass; 0 when one may."""
        gate = self.gates.get(group)
        return gate.wait(now) if gate is not None else 0.0

    def passes(self, group: str, now: float) -> bool:
        """Let a message of a group pass, or tell that none may."""
        gate = self.gates.get(group)
        if gate is None:
            return True
        if gate.wait(now) > 0:
            return False
        gate.take()
        return True

    def slow_down(self, group: str, observed: float) -> None:
        """Halve the rate of a group, which got `observed` messages a second."""
        now, (limit, _) = self.clock(), self._limits.get(group, (0.0, 0.0))
        self._meters.slow_down(self._bucket(group), limit, observed, now)
        if group in self.gates:
            self.gates[group].renew()
        else:
            self._add(group)

    def refresh(self, now: float) -> None:
        """Learn now and then which rates other processes have cut, and forget what recovered."""
        if now < self._news:
            return
        self._news = now + _NEWS_SECONDS
        prefix = self._bucket("")
        cut = {bucket.removeprefix(prefix) for bucket in self._meters.slowed(prefix, now)}
        for group in cut - set(self.gates):
            self._add(group)
        for group in set(self.gates) - cut - set(self._limits):
            del self.gates[group]

    def _add(self, group: str) -> None:
        self.gates[group] = self._gate(group, *self._limits.get(group, (0.0, 0.0)))

    def _gate(self, group: str, limit: float, slow_start: float) -> Gate:
        return Gate(
            partial(self._meters.draw, self._bucket(group), limit, slow_start), self.clock()
        )

    def _bucket(self, group: str) -> str:
        return f"{self._name} {group}"


@lru_cache(maxsize=4_096)  # most readers share a few
def _group(domain: str) -> str:
    return group_of(domain)
