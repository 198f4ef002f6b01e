"""What a store promises of alarms: one note per cause and day, whoever writes it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from publisher.ports import Store
from publisher.testing.store_world import NOON

CAUSE, DAY = "run:morning", "2026-11-24"


class AlarmContract:
    """Notes of what the operators were told."""

    def test_a_cause_is_noted_once_a_day(self, store: Store) -> None:
        """Another day, or another cause, is another note."""
        assert store.note_alarm(CAUSE, DAY, NOON)
        assert not store.note_alarm(CAUSE, DAY, NOON + timedelta(hours=1))
        assert store.note_alarm(CAUSE, "2026-11-25", NOON + timedelta(days=1))
        assert store.note_alarm("run:evening", DAY, NOON)

    def test_what_was_not_accepted_may_be_told_again(self, store: Store) -> None:
        """Only the note of that cause and day goes; taking back what is not there is no error."""
        store.note_alarm(CAUSE, DAY, NOON)
        store.note_alarm("run:evening", DAY, NOON)
        store.forget_alarm(CAUSE, DAY)
        store.forget_alarm(CAUSE, "1970-01-01")
        assert store.note_alarm(CAUSE, DAY, NOON)
        assert not store.note_alarm("run:evening", DAY, NOON)

    def test_of_many_at_once_one_is_first(self, store: Store) -> None:
        """Whoever notes it sends the message."""
        with ThreadPoolExecutor(4) as threads:
            told = list(threads.map(lambda _: store.note_alarm(CAUSE, DAY, NOON), range(12)))
        assert told.count(True) == 1

    def test_old_notes_go_by_themselves(self, store: Store) -> None:
        """A month later the note is gone, which nobody can tell but by its day."""
        store.note_alarm(CAUSE, DAY, NOON)
        store.note_alarm("run:evening", "2027-01-01", NOON + timedelta(days=38))
        assert store.note_alarm(CAUSE, DAY, NOON + timedelta(days=38))
