"""What becomes of slots that are due: run, or skipped with the reason. Pure.

Serves timetabling. A slot noticed within a minute is on time; a later one was missed, and the
schedule's `catch_up` and `max_lateness` decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.model.definitions import CatchUp
from publisher.model.timetable import PlannedRun, RunState

ON_TIME = timedelta(minutes=1)
"""How late a slot may be noticed before it counts as missed: several ticks."""

SUPERSEDED = "superseded by a later missed run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One slot that is due: its key, its local time for people, its instant.

    `rests` is why the schedule rests then (holiday, pause), or "".
    """

    key: str
    slot: str
    at: datetime
    rests: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a schedule treats missed slots."""

    catch_up: CatchUp
    max_lateness: timedelta


def decide(
    slots: Sequence[Slot], now: datetime, policy: Policy, *, more: bool = False
) -> tuple[PlannedRun, ...]:
    """Return a run for each slot, oldest first; `more` says that later ones are due as well."""
    latest = None if more else _latest(slots, now, policy)
    return tuple(
        PlannedRun(
            key=slot.key,
            slot=slot.slot,
            due=slot.at,
            state=RunState.SKIPPED if reason else RunState.WAITING,
            reason=reason,
        )
        for slot in slots
        for reason in [
            _reason(slot, now, policy, superseded=more or slot.at < (latest or slot.at))
        ]
    )


def _latest(slots: Sequence[Slot], now: datetime, policy: Policy) -> datetime | None:
    """Return the instant of the last slot, if it will run: those before it are superseded."""
    open_slots = [slot.at for slot in slots if not slot.rests]
    if not open_slots:
        return None
    late = now - open_slots[-1]
    return open_slots[-1] if late <= max(policy.max_lateness, ON_TIME) else None


def _reason(slot: Slot, now: datetime, policy: Policy, *, superseded: bool) -> str:
    late = now - slot.at
    if slot.rests or late <= ON_TIME:
        return slot.rests
    if policy.catch_up is CatchUp.SKIP:
        return f"missed by {length(late)} (catch_up is skip)"
    if policy.catch_up is CatchUp.LATEST and superseded:
        return SUPERSEDED
    if late > policy.max_lateness:
        return f"missed by {length(late)} (max_lateness is {length(policy.max_lateness)})"
    return ""


def length(span: timedelta) -> str:
    """Return a length of time in words, its two largest units: "2 d 3 h", "40 s"."""
    seconds = int(span.total_seconds())
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
