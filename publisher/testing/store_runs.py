"""What a store promises of schedules and runs (promise 1)."""

import pytest

from publisher.errors import NotFound
from publisher.model.timetable import RunId, RunState
from publisher.ports import LEASE, Store
from publisher.testing.store_world import DAILY, MINUTE, NOON, planned

LATER = NOON + LEASE


class RunContract:
    """Schedules and runs."""

    def test_a_schedule_is_started_once(self, store: Store) -> None:
        """The first process writes it with its first runs; the second is told so."""
        assert store.start_schedule(DAILY, "f1", NOON, [planned("a")])
        assert not store.start_schedule(DAILY, "f2", NOON + MINUTE, [planned("b")])
        state = store.schedule_states()[DAILY]
        assert (state.fingerprint, state.cursor, state.paused) == ("f1", NOON, False)
        assert [run.key for run in store.history()] == ["a"]

    def test_an_edited_schedule_restarts_once(self, store: Store) -> None:
        """Only who saw the old fingerprint moves the cursor."""
        store.start_schedule(DAILY, "f1", NOON)
        assert store.restart_schedule(DAILY, "f1", "f2", NOON + MINUTE)
        assert not store.restart_schedule(DAILY, "f1", "f3", NOON)
        assert store.schedule_states()[DAILY].cursor == NOON + MINUTE
        assert not store.restart_schedule("other", "", "f", NOON)

    def test_the_cursor_is_compared_and_set(self, store: Store) -> None:
        """Who lost the race writes nothing; a key that exists is kept as it is."""
        store.start_schedule(DAILY, "f", NOON)
        runs = store.advance_schedule(DAILY, NOON, LATER, [planned("a"), planned("b")])
        assert [(run.key, run.state) for run in runs] == [
            ("a", RunState.WAITING),
            ("b", RunState.WAITING),
        ]
        assert store.advance_schedule(DAILY, NOON, LATER, [planned("c")]) == []
        again = store.advance_schedule(DAILY, LATER, LATER + MINUTE, [planned("b"), planned("d")])
        assert [run.key for run in again] == ["d"]
        assert len(store.history(DAILY)) == 3

    def test_a_key_makes_one_run(self, store: Store) -> None:
        """Sending by hand twice under one key is one run; other schedules have their own."""
        run, created = store.add_run(DAILY, planned("manual:x"))
        assert created
        assert store.add_run(DAILY, planned("manual:x", due=LATER)) == (run, False)
        assert store.add_run("weekly", planned("manual:x"))[1]
        assert store.run(run.id) == run
        with pytest.raises(NotFound):
            store.run(RunId(404))

    def test_skipped_runs_are_kept_with_their_reason_and_never_claimed(self, store: Store) -> None:
        """Every skip stores why."""
        store.start_schedule(DAILY, "f", NOON)
        skipped = planned("a")
        skipped = type(skipped)(
            key="a", slot="a", due=NOON, state=RunState.SKIPPED, reason="holiday: Reformationstag"
        )
        store.advance_schedule(DAILY, NOON, LATER, [skipped])
        (run,) = store.history(DAILY)
        assert (run.state, run.reason) == (RunState.SKIPPED, "holiday: Reformationstag")
        assert store.claim_run("me", LATER, LATER + LEASE) is None

    def test_due_runs_are_claimed_oldest_first_and_once(self, store: Store) -> None:
        """What is not due waits; a claimed run is nobody else's until its lease ends."""
        for key, due in (("b", NOON), ("a", NOON - MINUTE), ("future", LATER + MINUTE)):
            store.add_run(DAILY, planned(key, due))
        first = store.claim_run("me", NOON, LATER)
        assert first is not None
        assert (first.key, first.state, first.attempts) == ("a", RunState.RUNNING, 1)
        assert first.started == NOON
        second = store.claim_run("other", NOON, LATER, schedule=DAILY)
        assert second is not None
        assert second.key == "b"
        assert store.claim_run("third", NOON, LATER) is None
        assert store.owners() == ["me", "other"]

    def test_claims_may_be_limited_to_a_schedule(self, store: Store) -> None:
        """`send` runs its own schedule only."""
        store.add_run(DAILY, planned("a"))
        assert store.claim_run("me", NOON, LATER, schedule="weekly") is None
        assert store.claim_run("me", NOON, LATER, schedule=DAILY) is not None

    def test_a_run_ends_with_its_reason(self, store: Store) -> None:
        """Only its owner ends it, once."""
        store.add_run(DAILY, planned("a"))
        run = store.claim_run("me", NOON, LATER)
        assert run is not None
        assert not store.finish_run(run.id, "other", RunState.DONE, "", NOON)
        assert store.finish_run(run.id, "me", RunState.FAILED, "no relay", NOON + MINUTE)
        assert not store.finish_run(run.id, "me", RunState.DONE, "", NOON)
        ended = store.run(run.id)
        assert (ended.state, ended.reason) == (RunState.FAILED, "no relay")
        assert ended.finished == NOON + MINUTE
        assert store.owners() == []

    def test_an_expired_lease_is_taken_over(self, store: Store) -> None:
        """The slow owner notices at its next word."""
        store.add_run(DAILY, planned("a"))
        run = store.claim_run("slow", NOON, LATER)
        assert run is not None
        assert store.claim_run("quick", LATER - MINUTE / 60, LATER) is None
        assert store.extend_run(run.id, "slow", LATER + LEASE)
        assert store.claim_run("quick", LATER, LATER + LEASE) is None
        taken = store.claim_run("quick", LATER + LEASE, LATER + 2 * LEASE)
        assert taken is not None
        assert (taken.id, taken.attempts) == (run.id, 2)
        assert not store.extend_run(run.id, "slow", LATER + 3 * LEASE)
        assert not store.finish_run(run.id, "slow", RunState.DONE, "", LATER)

    def test_runs_of_dead_owners_wait_again(self, store: Store) -> None:
        """No lease needs to expire when the owner is known to be dead."""
        store.add_run(DAILY, planned("a"))
        store.claim_run("dead", NOON, LATER)
        assert store.release_runs(["alive"]) == 0
        assert store.release_runs([]) == 0
        assert store.release_runs(["dead", "alive"]) == 1
        taken = store.claim_run("me", NOON, LATER)
        assert taken is not None
        assert taken.attempts == 2

    def test_history_is_newest_first(self, store: Store) -> None:
        """By when runs were due, over one schedule or all."""
        for minute in (1, 3, 2):
            store.add_run(DAILY, planned(str(minute), NOON + minute * MINUTE))
        store.add_run("weekly", planned("w", NOON))
        assert [run.key for run in store.history()] == ["3", "2", "1", "w"]
        assert [run.key for run in store.history(DAILY, limit=2)] == ["3", "2"]

    def test_schedules_are_paused_and_resumed(self, store: Store) -> None:
        """Until an instant, for good, or not any more."""
        with pytest.raises(NotFound):
            store.pause_schedule(DAILY, None, paused=True)
        store.start_schedule(DAILY, "f", NOON)
        store.pause_schedule(DAILY, LATER, paused=True)
        state = store.schedule_states()[DAILY]
        assert (state.paused, state.paused_until) == (True, LATER)
        store.pause_schedule(DAILY, LATER, paused=False)
        state = store.schedule_states()[DAILY]
        assert (state.paused, state.paused_until) == (False, None)
