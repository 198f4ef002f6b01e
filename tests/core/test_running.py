"""Runs end with a state and a reason, whatever their action does."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from publisher.core.running import Runner
from publisher.errors import StoreBusy, TemplateError
from publisher.model.definitions import Action, ScheduleDefinition
from publisher.model.timetable import Run, RunId, RunState

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Queue:
    waiting: list
    ended: dict = field(default_factory=dict)
    released: list = field(default_factory=list)

    def release_runs(self, owners):
        self.released += owners
        return 1

    def claim_run(self, owner, now, lease_until, schedule=None):
        assert lease_until > now
        return self.waiting.pop(0) if self.waiting else None

    def finish_run(self, run, owner, state, reason, now):
        self.ended[run] = (state, reason)
        return True


class Noon:
    def now(self):
        return NOON


class Me:
    def me(self):
        return "me"

    def dead(self, owner):
        return False


def run(number, schedule="morning"):
    return Run(
        id=RunId(number),
        schedule=schedule,
        key=str(number),
        slot="",
        due=NOON,
        state=RunState.RUNNING,
    )


def runner(queue, work):
    schedules = {
        "morning": ScheduleDefinition(slug="morning", action=Action.DIGEST),
        "receipts": ScheduleDefinition(slug="receipts", action=Action.RECEIPTS),
    }
    return Runner(
        store=queue,
        clock=Noon(),
        workers=Me(),
        schedules=lambda: schedules,
        actions={Action.DIGEST: work},
    )


def test_each_run_ends_with_what_its_action_said():
    queue = Queue([run(1), run(2)])
    runner(queue, lambda run, _schedule: (RunState.DONE, f"did {run.key}")).work()
    assert queue.ended == {1: (RunState.DONE, "did 1"), 2: (RunState.DONE, "did 2")}


def test_a_failing_run_keeps_its_reason_and_the_next_goes_on():
    def work(run, _schedule):
        if run.id == 1:
            raise TemplateError("digest.html", "no variable named leed", line=12)
        if run.id == 2:
            raise ZeroDivisionError("division by zero")
        return RunState.DONE, ""

    queue = Queue([run(1), run(2), run(3)])
    runner(queue, work).work()
    assert queue.ended[1] == (RunState.FAILED, "digest.html:12: no variable named leed")
    assert queue.ended[2][0] is RunState.FAILED
    assert "division by zero" in queue.ended[2][1]
    assert queue.ended[3] == (RunState.DONE, "")


def test_runs_nobody_can_do_are_skipped_with_a_reason():
    queue = Queue([run(1, "gone"), run(2, "receipts")])
    runner(queue, lambda _run, _schedule: (RunState.DONE, "")).work()
    assert queue.ended[1] == (RunState.SKIPPED, "the schedule is no longer defined")
    assert queue.ended[2][0] is RunState.SKIPPED


def test_a_store_that_refuses_ends_the_work_and_leaves_the_run_for_later():
    def work(_run, _schedule):
        raise StoreBusy("store", "locked")

    queue = Queue([run(1)])
    with pytest.raises(StoreBusy):
        runner(queue, work).work()
    assert queue.ended == {}


def test_a_run_the_store_broke_off_is_given_back_as_soon_as_the_store_answers_again():
    answers = iter([StoreBusy("store", "locked"), (RunState.DONE, "")])

    def work(_run, _schedule):
        answer = next(answers)
        if isinstance(answer, StoreBusy):
            raise answer
        return answer

    queue = Queue([run(1), run(1)])
    made = runner(queue, work)
    with pytest.raises(StoreBusy):
        made.work()
    assert queue.released == []
    made.work()
    assert queue.released == ["me"]
    made.work()
    assert queue.released == ["me"], "once is enough"
    assert queue.ended == {1: (RunState.DONE, "")}
