"""How many messages may go now, by a rate that several processes share.

Serves the SMTP client, which asks, and the store, which keeps the meters. Pure.
"""

from dataclasses import dataclass, replace
from math import exp2

SLICE = (
    0.5  # seconds' worth of messages that a meter holds at most; half of it is given out at once
)
UNUSED = 3_600.0  # seconds without a message after which a slow start begins anew
FIRST = 0.1  # the part of its rate with which a slow start begins
AGAIN = 10.0  # seconds in which several complaints count as one
RECOVERY = 600.0  # seconds in which a rate that was cut doubles again
DEEPEST = 1 / 1_024  # the part of its rate below which none is cut
LEAST = 10.0  # messages a second from which a rate without a limit is cut at least
_BACK = 5.0  # seconds by which clocks of two machines may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """`messages` may go now; when that is 0, ask again in `wait` seconds.

    `per_second` is the rate in force; 0 means that there is no limit.
    """

    messages: int
    wait: float
    per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One rate: what it holds, and how far it is cut. Times are seconds since 1970, UTC.

    `base` is the rate, messages a second, at which one without a limit was cut.
    """

    tokens: float = 0.0
    at: float
    began: float
    base: float = 0.0
    cut: float = 1.0
    cut_at: float = 0.0

    def cut_now(self, now: float) -> float:
        """Return the part of the rate that is left after a cut; 1 when it has recovered."""
        return min(1.0, self.cut * exp2(min(64.0, max(0.0, now - self.cut_at) / RECOVERY)))

    def per_second(self, limit: float, slow_start: float, now: float) -> float:
        """Return the rate in force, 0 for none. `slow_start` is in seconds, 0 for none."""
        cut = self.cut_now(now)
        if not limit:
            return self.base * cut if cut < 1.0 else 0.0
        climbed = (now - self.began) / slow_start if slow_start else 1.0
        return limit * cut * min(1.0, FIRST + (1.0 - FIRST) * max(0.0, climbed))


def draw(
    meter: Meter | None, limit: float, slow_start: float, now: float
) -> tuple[Meter, Allowance]:
    """Take a slice; return the meter as it is then, and what may go."""
    fresh = meter is None or now - meter.at > UNUSED
    before = meter or Meter(at=now, began=now)
    if fresh:
        before = replace(before, at=now, began=now)
    rate = before.per_second(limit, slow_start, now)
    if not rate:
        return replace(before, at=now), Allowance(messages=0, wait=0.0, per_second=0.0)
    portion = max(1.0, rate * SLICE / 2)
    since = now - before.at if now >= before.at - _BACK else 0.0  # a clock that was set back
    at = max(now, before.at) if since < 0 else now
    held = portion if fresh else min(2 * portion, before.tokens + max(0.0, since) * rate)
    if held < portion:
        wait = (portion - held) / rate
        return replace(before, at=at, tokens=held), Allowance(
            messages=0, wait=wait, per_second=rate
        )
    given = int(held)
    after = replace(before, at=at, tokens=held - given)
    return after, Allowance(messages=given, wait=0.0, per_second=rate)


def slow_down(meter: Meter | None, limit: float, observed: float, now: float) -> Meter:
    """Halve a rate, from `observed` messages a second where there is no limit.

    What was observed in the first second says little: a rate is not cut from less than LEAST.
    """
    before = meter or Meter(at=now, began=now)
    if before.cut < 1.0 and 0.0 <= now - before.cut_at < AGAIN:
        return before
    cut = before.cut_now(now)
    base = limit or (before.base if cut < 1.0 else max(LEAST, observed))
    return replace(before, base=base, cut=max(DEEPEST, cut / 2), cut_at=now)
