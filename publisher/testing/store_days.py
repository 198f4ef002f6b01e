"""What a store promises of transports that warm up: one count a day, whoever takes from it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.ports import Store
from publisher.testing.store_world import NOON

DAY = "2026-11-24"


@dataclass(frozen=True)
class Ten:
    """A transport that takes ten messages a day, letters included; None lifts the limit."""

    most: int | None = 10
    transport: str = "relay"

    def day(self, at: datetime) -> str:
        """Return the UTC day."""
        return at.date().isoformat()

    def room(self, _now: datetime, editions: int, letters: int) -> int | None:
        """Return what is left of ten."""
        return None if self.most is None else max(0, self.most - editions - letters)


class DayContract:
    """Days of transports."""

    def test_a_day_takes_so_many_and_no_more(self, store: Store) -> None:
        """Each day, and each transport, has its own."""
        assert store.taken("relay", DAY) == (0, 0)
        assert store.take(Ten(), 4, NOON) == 4
        assert store.take(Ten(), 4, NOON) == 4
        assert store.take(Ten(), 4, NOON) == 2
        assert store.take(Ten(), 4, NOON) == 0
        assert store.taken("relay", DAY) == (10, 0)
        assert store.take(Ten(), 4, NOON + timedelta(days=1)) == 4
        assert store.take(Ten(transport="other"), 20, NOON) == 10

    def test_what_was_not_taken_is_given_back(self, store: Store) -> None:
        """To the day it was counted on."""
        store.take(Ten(), 10, NOON)
        store.give_back("relay", DAY, 3)
        assert store.take(Ten(), 9, NOON) == 3
        store.give_back("relay", "1970-01-01", 3)
        assert store.taken("relay", DAY) == (10, 0)

    def test_letters_are_counted_beside(self, store: Store) -> None:
        """They are never refused; what they leave is the editions'."""
        store.note_letter("relay", DAY)
        store.note_letter("relay", DAY)
        assert store.taken("relay", DAY) == (0, 2)
        assert store.take(Ten(), 99, NOON) == 8
        for _ in range(5):
            store.note_letter("relay", DAY)
        assert store.taken("relay", DAY) == (8, 7)
        assert store.take(Ten(), 1, NOON) == 0

    def test_a_warm_transport_takes_everything_and_is_still_counted(self, store: Store) -> None:
        """So that a limit set at noon knows of the morning."""
        assert store.take(Ten(most=None), 99, NOON) == 99
        assert store.taken("relay", DAY) == (99, 0)

    def test_of_many_at_once_no_more_than_the_day_go(self, store: Store) -> None:
        """Processes share a day."""
        with ThreadPoolExecutor(4) as threads:
            taken = list(threads.map(lambda _: store.take(Ten(), 1, NOON), range(24)))
        assert sum(taken) == 10
        assert store.taken("relay", DAY) == (10, 0)
