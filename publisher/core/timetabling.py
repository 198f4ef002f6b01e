"""Timetable: see which slots of which schedules are due, and write a run for each, once.

Any number of processes may do this at once: a schedule's cursor moves by compare-and-set, together
with the runs it passed, and a run's key is unique (guarantees, promise 1). The cursor only ever
moves on, so that a clock that goes back fires nothing twice.
"""

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from publisher.core.alerting import alerts
from publisher.core.catching_up import Policy, Slot, decide, length
from publisher.errors import PublisherError, StoreError
from publisher.model.definitions import Action, ScheduleDefinition
from publisher.model.timetable import Occurrence, PlannedRun, Run, RunState, ScheduleState
from publisher.ports import Calendar, Runs

PER_READER = "subscriber"
"""The time zone of schedules that run where each reader lives."""

AT_MOST = 1_000
"""Slots of one schedule written in one transaction; what is left follows in the next tick."""

FOLLOW = timedelta(hours=1)
"""The cursor follows the clock at least this closely, also when nothing is due."""

FIRST = "first"
"""The key of the run that `first = "now"` asks for."""

_ORDER = {action: number for number, action in enumerate(Action)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What one look at the clock came to.

    `runs` were written for slots, waiting or skipped; `work` tells that some run waits to be taken;
    `next` is when the next slot falls due (None: never); `notes` are (schedule, what an operator
    should know).
    """

    runs: tuple[Run, ...] = ()
    work: bool = False
    next: datetime | None = None
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Tick:
    now: datetime
    work: bool = False
    runs: list[Run] = field(default_factory=list)
    next: list[datetime] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The timetable use-case. `zones` gives the time zones that readers live in."""

    store: Runs
    calendar: Calendar
    zones: Callable[[], Collection[str]] = tuple
    _upcoming: dict[str, tuple[object, datetime | None]] = field(default_factory=dict, init=False)
    _behind: set[str] = field(default_factory=set, init=False)

    def tick(self, schedules: Mapping[str, ScheduleDefinition], now: datetime) -> Ticked:
        """Write every run that has fallen due. Raises StoreError.

        A schedule that cannot be used is noted; the others go on.
        """
        tick = _Tick(now=now)
        states = dict(self.store.schedule_states())
        # Collecting before publishing before mailing, when they fall due together.
        for definition in sorted(
            schedules.values(), key=lambda item: (_ORDER[item.action], item.slug)
        ):
            try:
                self._look(definition, states, tick)
            except StoreError:
                raise
            except PublisherError as error:
                tick.notes.append((definition.slug, str(error)))
        return Ticked(
            runs=tuple(tick.runs),
            work=tick.work or any(run.state is RunState.WAITING for run in tick.runs),
            next=min(tick.next, default=None),
            notes=tuple(tick.notes),
        )

    def _look(
        self, definition: ScheduleDefinition, states: Mapping[str, ScheduleState], tick: _Tick
    ) -> None:
        fingerprint = self.calendar.fingerprint(definition)
        state = states.get(definition.slug)
        if state is None:
            state = self._start(definition, fingerprint, states, tick)
        elif state.fingerprint != fingerprint:
            state = self._restart(definition, state, fingerprint, tick)
        self._advance(definition, state, tick)

    def _start(
        self,
        definition: ScheduleDefinition,
        fingerprint: str,
        states: Mapping[str, ScheduleState],
        tick: _Tick,
    ) -> ScheduleState:
        """Remember a schedule never seen, or one seen under an older name."""
        before = next((states[slug] for slug in definition.was if slug in states), None)
        cursor = before.cursor if before else _second(tick.now)
        first = self._first(definition, tick.now) if before is None else ()
        state = ScheduleState(schedule=definition.slug, fingerprint=fingerprint, cursor=cursor)
        if not self.store.start_schedule(definition.slug, fingerprint, cursor, first):
            return state
        tick.work = tick.work or any(run.state is RunState.WAITING for run in first)
        if before is None or not before.paused:
            return state
        self.store.pause_schedule(definition.slug, before.paused_until, paused=True)
        return replace(state, paused=True, paused_until=before.paused_until)

    def _first(self, definition: ScheduleDefinition, now: datetime) -> tuple[PlannedRun, ...]:
        """Return what a schedule begins with; a new alert passes over what was there before it."""
        if definition.first == "now":
            return (_first(now),)
        if definition.action is Action.ALERT:
            return alerts(self.store, definition, now, "it was there before this schedule")
        return ()

    def _restart(
        self,
        definition: ScheduleDefinition,
        state: ScheduleState,
        fingerprint: str,
        tick: _Tick,
    ) -> ScheduleState:
        """Begin anew from now: slots that the new rule had in the past never were."""
        slug, now = definition.slug, _second(tick.now)
        if self.store.restart_schedule(slug, state.fingerprint, fingerprint, now):
            reason = (
                f"the rule changed from {state.fingerprint} to {fingerprint}: "
                f"a slot that fell due after {_instant(state.cursor)} and has not run is dropped"
            )
            edited = PlannedRun(
                key=f"edited:{now:%Y-%m-%dT%H:%M:%S}Z",
                slot=_instant(now),
                due=now,
                state=RunState.SKIPPED,
                reason=reason,
            )
            self.store.add_run(slug, edited)
            tick.notes.append((slug, reason))
        return replace(state, fingerprint=fingerprint, cursor=now)

    def _advance(self, definition: ScheduleDefinition, state: ScheduleState, tick: _Tick) -> None:
        slug, now = definition.slug, tick.now
        self._watch_the_clock(state, tick)
        zones = self._zones(definition)
        seen = (state.fingerprint, state.cursor, zones)
        due: list[tuple[str, Occurrence]] = []
        known, upcoming = self._upcoming.get(slug, (None, None))
        if known != seen or (upcoming is not None and upcoming <= now):
            due, upcoming = self._due(definition, state, zones, now)
        if due:
            runs, cursor = self._decided(definition, state, due, now, upcoming)
            tick.runs += self.store.advance_schedule(slug, state.cursor, cursor, runs)
        else:
            self._upcoming[slug] = (seen, upcoming)
            if now - state.cursor >= FOLLOW:
                self.store.advance_schedule(slug, state.cursor, _second(now), ())
        if upcoming is not None:
            tick.next.append(upcoming)

    def _due(
        self,
        definition: ScheduleDefinition,
        state: ScheduleState,
        zones: Collection[str],
        now: datetime,
    ) -> tuple[list[tuple[str, Occurrence]], datetime | None]:
        """Return (key, occurrence) of the slots that are due, and when the next one is."""
        due: list[tuple[str, Occurrence]] = []
        for key, occurrence in self._occurrences(definition, state.cursor, zones):
            # What falls due together is passed by the cursor together.
            full = len(due) >= AT_MOST and occurrence.at > due[-1][1].at
            if occurrence.at > now or full:
                return due, occurrence.at
            due.append((key, occurrence))
        return due, None

    def _decided(
        self,
        definition: ScheduleDefinition,
        state: ScheduleState,
        due: list[tuple[str, Occurrence]],
        now: datetime,
        upcoming: datetime | None,
    ) -> tuple[tuple[PlannedRun, ...], datetime]:
        """Return the runs of the slots that are due, and where the cursor goes with them.

        Slots of different UTC offsets are for different readers: none of them supersedes another.
        """
        groups: dict[str, list[Slot]] = {}
        for key, occurrence in due:
            slot = Slot(
                key=key,
                slot=occurrence.local.isoformat(),
                at=occurrence.at,
                rests=state.rests(occurrence.at) or self.calendar.rests(definition, occurrence),
            )
            groups.setdefault(key.partition("@")[2], []).append(slot)
        more = upcoming is not None and upcoming <= now
        policy = Policy(catch_up=definition.catch_up, max_lateness=definition.max_lateness)
        runs = [run for slots in groups.values() for run in decide(slots, now, policy, more=more)]
        runs.sort(key=lambda run: run.due)
        return tuple(runs), due[-1][1].at if more else _second(now)

    def _zones(self, definition: ScheduleDefinition) -> tuple[str, ...]:
        if definition.timezone != PER_READER:
            return (definition.timezone,)
        known = (zone for zone in self.zones() if self._known(zone))
        return tuple(sorted(set(known)))

    def _known(self, zone: str) -> bool:
        return self.calendar.offset(zone, "2024-01-01T00:00") is not None

    def _occurrences(
        self, definition: ScheduleDefinition, after: datetime, zones: Collection[str]
    ) -> Iterator[tuple[str, Occurrence]]:
        """Yield keys and occurrences in order; in readers' own zones one for each UTC offset."""
        if definition.timezone != PER_READER:
            for occurrence in self.calendar.occurrences(definition, after, definition.timezone):
                yield occurrence.slot, occurrence
            return
        by_zone = [self._keyed(definition, after, zone) for zone in zones]
        passed: dict[str, None] = {}
        for key, occurrence in heapq.merge(*by_zone, key=lambda pair: (pair[1].at, pair[0])):
            if key not in passed:
                passed[key] = None
                yield key, occurrence

    def _keyed(
        self, definition: ScheduleDefinition, after: datetime, zone: str
    ) -> Iterator[tuple[str, Occurrence]]:
        for occurrence in self.calendar.occurrences(definition, after, zone):
            offset = self.calendar.offset(zone, occurrence.slot)
            yield f"{occurrence.slot}@{offset}", occurrence

    def _watch_the_clock(self, state: ScheduleState, tick: _Tick) -> None:
        """Note once when the clock stands well before the last slot that ran."""
        slug = state.schedule
        if tick.now >= state.cursor:
            self._behind.discard(slug)
        elif state.cursor - tick.now > FOLLOW and slug not in self._behind:
            self._behind.add(slug)
            back = length(state.cursor - tick.now)
            tick.notes.append((slug, f"the clock went back by {back}: nothing runs until then"))


def _first(now: datetime) -> PlannedRun:
    return PlannedRun(key=FIRST, slot=_instant(now), due=_second(now))


def _second(instant: datetime) -> datetime:
    """Return the instant in whole seconds: slots are, and any store keeps those exactly."""
    return instant.replace(microsecond=0)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
