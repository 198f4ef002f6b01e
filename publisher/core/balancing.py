"""Balance: an edition's audience against what became of its copies, and what can be done now. Pure.

Serves the command line and the metrics. The sums are those of promise 2: accepted, failed,
suppressed, uncertain and under way are the audience, or the difference is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.model.editions import ENDED, DeliveryState, EditionState, Refusal
from publisher.model.sheets import WINDOW, ReasonTally, Sheet

READY = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENDING)
"""States from which a copy goes out without waiting for a time."""

ANSWERED = (DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.UNCERTAIN)
"""Ends that a transport's work leads to."""

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The copies in one state: how many, and the reasons told apart; `others` were not."""

    state: DeliveryState
    count: int
    reasons: tuple[ReasonTally, ...] = ()

    @property
    def others(self) -> int:
        """Return how many stand in this state for reasons not listed."""
        return max(0, self.count - sum(one.count for one in self.reasons))

    @property
    def worth_retrying(self) -> int:
        """Return how many another try may help: not those where nobody is."""
        hard = sum(one.count for one in self.reasons if one.refusal == Refusal.HARD)
        return max(0, self.count - hard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One side of the sheet and the other. `missing` is what the parts lack of the audience."""

    audience: int
    parts: Mapping[DeliveryState, Part]

    @property
    def ended(self) -> int:
        """Return how many copies came to an end."""
        return self._sum(ENDED)

    @property
    def ready(self) -> int:
        """Return how many copies go out as soon as it is their turn."""
        return self._sum(READY)

    @property
    def under_way(self) -> int:
        """Return how many copies are still to come to an end."""
        return self.ready + self._sum((DeliveryState.DEFERRED,))

    @property
    def missing(self) -> int:
        """Return how many of the audience no part accounts for; anything but 0 is a fault."""
        return self.audience - self.ended - self.under_way

    def _sum(self, states: tuple[DeliveryState, ...]) -> int:
        return sum(self.parts[state].count for state in states)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When an edition's sending began, when it ended or may end, and copies a second.

    `rate` is what the last minute showed while work goes on, over the whole time afterwards; None
    while unknown. `expected` is None when nothing moves.
    """

    started: datetime | None
    finished: datetime | None
    expected: datetime | None
    rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something an operator can do now: the command, and what it does."""

    command: str
    does: str


def balance(sheet: Sheet) -> Balance:
    """Return the balance of a sheet."""
    counts = sheet.edition.counts
    parts = {
        state: Part(
            state=state,
            count=counts.get(state, 0),
            reasons=tuple(one for one in sheet.reasons if one.state is state),
        )
        for state in DeliveryState
    }
    return Balance(audience=sheet.edition.audience, parts=parts)


def times(sheet: Sheet) -> Times:
    """Return when it began and how fast it is, from when copies came to their states."""
    answered = [one for one in sheet.tallies if one.state in ANSWERED]
    if not answered:
        return Times(started=None, finished=sheet.ended, expected=None, rate=None)
    started, last = min(one.first for one in answered), max(one.last for one in answered)
    made = balance(sheet)
    if made.under_way == 0:
        done, over = sum(one.count for one in answered), last - started
        rate = done / (over / SECOND) if over >= SECOND else None
        return Times(started=started, finished=sheet.ended or last, expected=None, rate=rate)
    recent = sum(one.recent for one in answered)
    over = min(WINDOW, max(sheet.asked - started, SECOND))
    rate = recent / (over / SECOND)
    expected = sheet.asked + made.ready / rate * SECOND if recent and made.ready else None
    return Times(started=started, finished=None, expected=expected, rate=rate)


def advice(sheet: Sheet) -> tuple[Advice, ...]:
    """Return what an operator can do with an edition now, the most obvious first."""
    number, made = sheet.edition.id, balance(sheet)
    state, parts = sheet.edition.state, made.parts
    found = [
        Advice(command=command.format(number), does=does.format(made.under_way))
        for command, does in STANDING.get(state, ())
    ]
    if state is EditionState.OPEN and made.under_way and not sheet.hands:
        which = f"{made.ready:,} that are due" if made.ready else "deferred when they are due"
        found.insert(0, Advice(command="run", does=f"sends the {which}"))
    if state in {EditionState.OPEN, EditionState.PAUSED, EditionState.DONE}:
        for again, command, does in AGAIN:
            if count := parts[again].worth_retrying:
                told = does.format(f"{count:,}")
                found.append(Advice(command=command.format(number), does=told))
    return tuple(found)


STANDING: Mapping[EditionState, tuple[tuple[str, str], ...]] = {
    EditionState.REVIEW: (
        ("editions approve {}", "lets it go"),
        ("editions edit {}", "changes it"),
        ("editions reject {}", "ends it; nobody gets it"),
    ),
    EditionState.OPEN: (("editions pause {}", "stops it; what is on its way arrives"),),
    EditionState.PAUSED: (
        ("editions resume {}", "goes on with the {:,} to go"),
        ("editions cancel {}", "ends it; the {:,} to go do not get it"),
    ),
}

AGAIN = (
    (DeliveryState.DEFERRED, "retry {} --state deferred", "tries the {} deferred now"),
    (DeliveryState.FAILED, "retry {} --state failed", "tries the {} failed again"),
    (
        DeliveryState.UNCERTAIN,
        "retry {} --state uncertain",
        "sends the {} uncertain again; they may have it already",
    ),
)
