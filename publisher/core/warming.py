"""How much a transport may take on a day while it is new to the world. Pure.

Serves sending and the command line. Mailbox providers distrust a sender that begins with a
hundred thousand messages: a new relay or domain begins with few and takes more each day. What is
above waits in the queue; letters somebody has just asked for have a part of the day of their own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import floor, log
from zoneinfo import ZoneInfo

from publisher.model.definitions import WarmUp
from publisher.model.editions import Outcome, OutcomeState, Wait
from publisher.model.messages import Parcel
from publisher.ports import Days

TAKEN = (OutcomeState.ACCEPTED, OutcomeState.UNCERTAIN)
"""Outcomes after which a copy counts: the transport has it, or may have it."""


def allowance(curve: WarmUp, day: date) -> int | None:
    """Return how many messages a day allows in all; None when the transport is warm."""
    if curve.per_day >= curve.until:
        return None
    days = max(0, (day - curve.begins).days)
    # By logarithms first: years later the number itself would be too large for any computer.
    if log(curve.per_day) + days * log(curve.growth) >= log(curve.until):
        return None
    return floor(curve.per_day * curve.growth**days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warming:
    """A transport's curve by the publication's clock (`zone`)."""

    transport: str
    curve: WarmUp
    zone: str

    def day(self, at: datetime) -> str:
        """Return the day an instant belongs to (`2026-11-24`)."""
        return self._date(at).isoformat()

    def room(self, now: datetime, editions: int, letters: int) -> int | None:
        """Return how many more copies may go today; None for as many as there are.

        `editions` and `letters` went already. Letters beyond their part take from the copies'.
        """
        most = allowance(self.curve, self._date(now))
        if most is None:
            return None
        reserve = floor(most * self.curve.reserve)
        return max(0, most - editions - max(reserve, letters))

    def wait(self, now: datetime, editions: int, letters: int) -> Wait | None:
        """Return until when copies wait, None when one may go now."""
        if self.room(now, editions, letters) != 0:
            return None
        tomorrow = self._date(now) + timedelta(days=1)
        most = allowance(self.curve, self._date(now)) or 0
        until = datetime.combine(tomorrow, time(), ZoneInfo(self.zone)).astimezone(UTC)
        letter = "letter" if letters == 1 else "letters"
        return Wait(
            until=until,
            reason=f"{self.transport} warms up: {editions:,} copies and {letters:,} {letter} of at"
            f" most {most:,} went today, the rest goes on {tomorrow} ({self.zone})",
        )

    def _date(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()


@dataclass(slots=True, kw_only=True)
class Quota:
    """One process's share of a transport's day: counted before a copy goes, given back if it did not.

    A process that dies gives nothing back: what it had on the wire may have arrived.
    """

    store: Days
    warming: Warming
    _days: dict[int, str] = field(default_factory=dict)

    def wait(self, now: datetime) -> Wait | None:
        """Return until when copies wait, None when one may go now. Raises StoreError."""
        return self.warming.wait(
            now, *self.store.taken(self.warming.transport, self.warming.day(now))
        )

    def within(self, wanted: int, now: datetime) -> int:
        """Return how many of `wanted` today still takes; counts nothing. Raises StoreError."""
        taken = self.store.taken(self.warming.transport, self.warming.day(now))
        room = self.warming.room(now, *taken)
        return wanted if room is None else min(wanted, room)

    def admit(self, parcels: Sequence[Parcel], now: datetime) -> Sequence[Parcel]:
        """Count the first of these that today still takes, and return them. Raises StoreError."""
        if not parcels:
            return parcels
        going = parcels[: self.store.take(self.warming, len(parcels), now)]
        self._days.update(dict.fromkeys((one.delivery for one in going), self.warming.day(now)))
        return going

    def settle(self, outcomes: Iterable[Outcome], kept: Iterable[Parcel]) -> None:
        """Give back what the transport did not take, and what the ledger kept. Raises StoreError."""
        back: Counter[str] = Counter()
        took: dict[int, bool] = {one.delivery: one.state in TAKEN for one in outcomes}
        took.update(dict.fromkeys((parcel.delivery for parcel in kept), False))
        for number, taken in took.items():
            day = self._days.pop(number, "")
            if day and not taken:
                back[day] += 1
        for day, count in back.items():
            self.store.give_back(self.warming.transport, day, count)
