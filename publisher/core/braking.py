"""When an edition stops by itself: too many errors, blocks or complaints. Decisions are pure.

Serves sending, and whoever reads what comes back. A list gone bad or a blocked sender is harmed by
every further copy, so the rest waits until a person has looked; what they let go on counts anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.model.definitions import PauseSettings
from publisher.model.editions import EditionId, Trouble
from publisher.ports import Brakes, Clock

WINDOW = timedelta(days=7)
"""Complaints come late, and are judged by mailbox providers over days."""

COMPLAINTS = "complaints"
GLANCE = 10
"""So many refusals make it look at once, and not only after the batch."""
PATIENCE = 20
"""How many times longer than a look takes nobody looks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why an edition stops: a word for the record (`errors`, `policy:DOMAIN`), a line for people."""

    name: str
    reason: str


def too_many(bad: int, among: int, share: float, after: int) -> bool:
    """Tell whether `bad` of `among` are too many: that share of them, once there are `after`."""
    return share > 0 and among >= max(1, after) and bad / among >= share


def errors(trouble: Trouble, limits: PauseSettings) -> Cause | None:
    """Return the cause when too many copies of an edition were refused for good."""
    if not too_many(trouble.failed, trouble.tried, limits.errors, limits.after):
        return None
    many = _of(trouble.failed, trouble.tried, "copies")
    return Cause(
        name="errors",
        reason=f"{many} were refused for good; the limit is {100 * limits.errors:g}%"
        " ([mail.pause] errors)",
    )


def suspects(trouble: Trouble, limits: PauseSettings) -> tuple[str, ...]:
    """Return the domains that may block us: enough refused that it is worth counting the others."""
    least = max(1, int(limits.policy * limits.after))
    found = sorted(trouble.blocked.items(), key=lambda item: (-item[1], item[0]))
    return tuple(domain for domain, bad in found if limits.policy and bad >= least)


def policy(domain: str, blocked: int, tried: int, limits: PauseSettings) -> Cause | None:
    """Return the cause when a domain refuses us by policy."""
    if not too_many(blocked, tried, limits.policy, limits.after):
        return None
    many = _of(blocked, tried, f"copies to {domain}")
    return Cause(
        name=f"policy:{domain}",
        reason=f"{domain} blocks us: {many} were refused by policy; the limit is"
        f" {100 * limits.policy:g}% ([mail.pause] policy)",
    )


def complaints(count: int, accepted: int, limits: PauseSettings) -> Cause | None:
    """Return the cause when too many of those who got something in seven days complained."""
    if not too_many(count, accepted, limits.complaints, limits.accepted):
        return None
    return Cause(
        name=COMPLAINTS,
        reason=f"{count:,} complaints about {accepted:,} copies accepted within"
        f" {WINDOW.days} days; the limit is {100 * limits.complaints:g}% ([mail.pause] complaints)",
    )


@dataclass(slots=True, kw_only=True)
class Watch:
    """Looks after one edition while it is sent, seldom enough that it costs next to nothing.

    `refused` counts what was since the last look: without any, only complaints matter. `reason` is
    why it stopped the edition, `unheeded` a cause that came when nobody waited any more.
    """

    store: Brakes
    clock: Clock
    limits: PauseSettings
    edition: EditionId
    refused: int = 0
    reason: str = ""
    unheeded: str = ""
    _rests: datetime | None = None
    _early: bool = False  # a domain waits to be judged until more was accepted

    def glance(self) -> None:
        """Look within a batch, once enough was refused. Raises StoreError."""
        if self.refused >= GLANCE and not self.reason:
            self.look()

    def look(self, *, last: bool = False) -> str:
        """Pause the edition if it must stop, and return why; "" lets it go on.

        The `last` look of a pass is taken however long the one before took. Raises StoreError.
        """
        now = self.clock.now()
        if self.reason or (self._rests is not None and now < self._rests and not last):
            return self.reason
        cause = next(self._causes(now), None)
        later = self.clock.now()
        self.refused, self._rests = int(self._early), later + PATIENCE * (later - now)
        if cause and self.store.brake(self.edition, cause.name, cause.reason, later):
            self.reason = cause.reason
        elif cause:
            self.unheeded = cause.reason
        return self.reason

    def _causes(self, now: datetime) -> Iterator[Cause]:
        if self.refused:
            yield from self._of_the_edition(now - WINDOW)
        limits, since = self.limits, now - WINDOW
        count = self.store.complaints(since) if limits.complaints else 0
        if count and count >= int(limits.complaints * limits.accepted):
            most = int(count / limits.complaints) + 1  # among so many they are few enough
            if found := complaints(count, self.store.accepted(since, most), limits):
                yield found

    def _of_the_edition(self, since: datetime) -> Iterator[Cause]:
        limits, trouble = self.limits, self.store.trouble(self.edition)
        suspected = suspects(trouble, limits)
        enough = limits.accepted
        self._early = bool(suspected) and self.store.accepted(since, enough) < enough
        for domain in () if self._early else suspected:
            tried = self.store.tried_at(self.edition, domain)
            if found := policy(domain, trouble.blocked[domain], tried, limits):
                yield found
        if found := errors(trouble, limits):
            yield found


def _of(bad: int, among: int, what: str) -> str:
    return f"{bad:,} of {among:,} {what} ({bad / among:.1%})"
