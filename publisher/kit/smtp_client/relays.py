"""Several relays that share one load: who is left out for a while, and who takes how much.

Serves the carrier. Touches nothing; the clock is given.
"""

import asyncio
from collections.abc import Callable, Sequence
from ssl import SSLContext

from publisher.kit.smtp_client.meters import Gate
from publisher.kit.smtp_client.opening import tls_context
from publisher.kit.smtp_client.session import Session
from publisher.kit.smtp_client.settings import SmtpSettings
from publisher.kit.smtp_client.supply import LOOK, Supply
from publisher.model.messages import Parcel

_REST = 2.0  # seconds that a relay is left out after it was found down, doubled each time …
_LONGEST_REST = 300.0  # … up to this
_STALLED = 2.0  # seconds without taking a message after which nobody waits for a relay's share
_LOOK = 0.01  # seconds between two looks whether a relay is still ahead of its share


class Relay:
    """One relay between two sendings: its idle sessions, and until when it is left out."""

    def __init__(self, settings: SmtpSettings, gate: Gate | None = None) -> None:
        settings.check()
        self.settings = settings
        self.gate = gate
        self.resting: list[Session] = []
        self.reason = ""
        self._downs = 0
        self._until = 0.0
        self._context: SSLContext | None = None

    @property
    def context(self) -> SSLContext:
        """Return how to speak TLS with it. Raises TransportRejected for an unusable `ca_file`."""
        self._context = self._context or tls_context(self.settings)
        return self._context

    def wait(self, now: float) -> float:
        """Return the seconds for which it is still left out; 0 when it may be tried."""
        return max(0.0, self._until - now)

    def down(self, now: float, reason: str) -> None:
        """Leave it out for a while, longer each time."""
        if self.wait(now):
            return
        self.reason = reason
        self._until = now + min(_LONGEST_REST, _REST * 2**self._downs)
        self._downs += 1

    def up(self) -> None:
        """Note that it works."""
        self._downs, self._until, self.reason = 0, 0.0, ""


class Shares:
    """Keeps relays to their weights during one sending; one without a weight takes what it can.

    A relay that is ahead of its share by more than its connections waits for the others, but not
    for one that has taken nothing for a while; what that one missed is not made up for.
    """

    def __init__(self, relays: Sequence[Relay], clock: Callable[[], float]) -> None:
        weighted = {id(one): one.settings for one in relays if one.settings.weight}
        self._settings = weighted if len(weighted) > 1 else {}
        self._clock = clock
        self._taken = dict.fromkeys(self._settings, 0.0)
        self._at = dict.fromkeys(self._settings, clock())

    def may(self, relay: Relay) -> bool:
        """Tell whether a relay may take another message now."""
        mine = id(relay)
        if mine not in self._settings:
            return True
        now, own = self._clock(), self._settings[mine]
        level = (self._taken[mine] - own.connections) / own.weight
        for other, settings in self._settings.items():
            if other == mine or self._taken[other] / settings.weight >= level:
                continue
            if now - self._at[other] <= _STALLED:
                return False
            self._taken[other] = max(0.0, level * settings.weight)
        return True

    def count(self, relay: Relay, messages: int) -> None:
        """Note that a relay took messages, or (below 0) gave them back."""
        if id(relay) in self._settings:
            self._taken[id(relay)] += messages
            if messages > 0:
                self._at[id(relay)] = self._clock()

    def leave(self, relay: Relay) -> None:
        """Let nobody wait for a relay any more: it is down."""
        self._settings = {key: one for key, one in self._settings.items() if key != id(relay)}


class ShareOfSupply:
    """The supply as the lanes of one relay see it: theirs to take from when it is their turn."""

    def __init__(self, supply: Supply, shares: Shares, relay: Relay) -> None:
        self._supply, self._shares, self._relay = supply, shares, relay

    @property
    def left(self) -> bool:
        """Tell whether there may be more."""
        return self._supply.left

    @property
    def stopped(self) -> bool:
        """Tell whether no message may begin any more."""
        return self._supply.stopped

    def put_back(self, parcel: Parcel) -> None:
        """Return a parcel whose offer came to nothing."""
        self._shares.count(self._relay, -1)
        self._supply.put_back(parcel)

    def slow_down(self, parcel: Parcel) -> None:
        """Halve the rate of a parcel's group, for all relays: the readers' servers are the same."""
        self._supply.slow_down(parcel)

    def stop(self) -> None:
        """Hand out nothing more, to nobody."""
        self._supply.stop()

    def take(self) -> Parcel | None:
        """Return a parcel that may go now by this relay; None when there is none, or none yet."""
        gate = self._relay.gate
        if gate is not None and gate.wait(self._supply.clock()) > 0:
            return None
        if not self._shares.may(self._relay):
            return None
        parcel = self._supply.take()
        if parcel is not None:
            self._shares.count(self._relay, 1)
            if gate is not None:
                gate.take()
        return parcel

    async def next(self) -> Parcel | None:
        """Return a parcel as soon as one may go; None when there is none left."""
        while True:
            parcel = self.take()
            if parcel is not None or not self.left:
                return parcel
            await asyncio.sleep(max(_LOOK, min(LOOK, self._supply.pause())))
