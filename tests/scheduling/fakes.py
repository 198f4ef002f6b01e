"""A store of runs in memory with the semantics of ports.Runs, and clocks that tests move."""

import datetime as dt
import heapq
import itertools
import time
from dataclasses import replace
from threading import Lock

from publisher.model.timetable import Run, RunId, RunState, ScheduleState


def instant(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


class FakeRuns:
    """Compare-and-set on the cursor, unique (schedule, key); counts the races that were lost."""

    def __init__(self):
        self.lock = Lock()
        self.states = {}
        self.rows = {}
        self.keys = {}
        self.waiting = []
        self.lost = 0
        self.numbers = itertools.count(1)

    def schedule_states(self):
        with self.lock:
            return dict(self.states)

    def start_schedule(self, schedule, fingerprint, cursor, first=()):
        with self.lock:
            if schedule in self.states:
                self.lost += 1
                return False
            self.states[schedule] = ScheduleState(
                schedule=schedule, fingerprint=fingerprint, cursor=cursor
            )
            self._plan(schedule, first)
            return True

    def restart_schedule(self, schedule, old, new, cursor):
        with self.lock:
            state = self.states[schedule]
            if state.fingerprint != old:
                return False
            self.states[schedule] = replace(state, fingerprint=new, cursor=cursor)
            return True

    def advance_schedule(self, schedule, expected, cursor, runs):
        with self.lock:
            if self.states[schedule].cursor != expected:
                self.lost += 1
                return []
            self.states[schedule] = replace(self.states[schedule], cursor=cursor)
            return self._plan(schedule, runs)

    def add_run(self, schedule, run):
        with self.lock:
            made = self._plan(schedule, [run])
            return (made[0], True) if made else (self.rows[schedule, run.key], False)

    def claim_run(self, owner, now, lease_until, schedule=None):
        with self.lock:
            if not self.waiting or self.waiting[0][0] > now:
                return None
            *_, key = heapq.heappop(self.waiting)
            run = self.rows[key]
            return self._set(run, state=RunState.RUNNING, attempts=run.attempts + 1, started=now)

    def finish_run(self, run, owner, state, reason, now):
        with self.lock:
            self._set(self.rows[self.keys[run]], state=state, reason=reason, finished=now)
            return True

    def pause_schedule(self, schedule, until, paused):
        with self.lock:
            state = self.states[schedule]
            self.states[schedule] = replace(state, paused=paused, paused_until=until)

    def history(self, schedule=None, limit=50):
        rows = [row for row in self.rows.values() if schedule in {None, row.schedule}]
        return sorted(rows, key=lambda row: (row.due, row.id), reverse=True)[:limit]

    def _set(self, run, **changes):
        self.rows[run.schedule, run.key] = replace(run, **changes)
        return self.rows[run.schedule, run.key]

    def _plan(self, schedule, runs):
        written = []
        for planned in runs:
            if (schedule, planned.key) not in self.rows:
                row = Run(
                    id=RunId(next(self.numbers)),
                    schedule=schedule,
                    key=planned.key,
                    slot=planned.slot,
                    due=planned.due,
                    state=planned.state,
                    reason=planned.reason,
                )
                self.rows[schedule, planned.key] = row
                self.keys[row.id] = (schedule, planned.key)
                if row.state is RunState.WAITING:
                    heapq.heappush(self.waiting, (row.due, row.id, self.keys[row.id]))
                written.append(row)
        return written


class HandClock:
    """Stands still until moved."""

    def __init__(self, text):
        self.time = instant(text)

    def now(self):
        return self.time

    def go(self, **lengths):
        self.time += dt.timedelta(**lengths)
        return self.time


class FastClock:
    """Runs `times` as fast as the system's."""

    def __init__(self, text, times):
        self.begin, self.times, self.real = instant(text), times, time.monotonic()

    def now(self):
        return self.begin + dt.timedelta(seconds=(time.monotonic() - self.real) * self.times)
