"""Copies made ahead: each one once, in order, never too many, and errors where they belong."""

import threading
from dataclasses import dataclass

import pytest

from publisher.engine.ahead import LEAD, Threads
from publisher.errors import AddressError


@dataclass(frozen=True)
class Row:
    id: int


@pytest.fixture
def threads():
    made = Threads(2)
    yield made
    made.close()


ROWS = [Row(number) for number in range(200)]


def pairs(copy, rows):
    return ((row, copy) for row in rows)


def test_every_copy_comes_once_and_in_order(threads):
    found = [(row.id, made()) for row, made in threads.ahead(pairs(lambda row: row.id * 2, ROWS))]
    assert found == [(number, number * 2) for number in range(200)]


def test_few_are_made_before_they_are_taken(threads):
    begun = []

    def copy(row):
        begun.append(row.id)
        return row.id

    taken = threads.ahead(pairs(copy, ROWS))
    row, made = next(taken)
    assert (row.id, made()) == (0, 0)
    taken.close()
    threads.close()
    assert len(begun) <= 2 * LEAD + 1


def test_copies_are_made_at_the_same_time(threads):
    meeting = threading.Barrier(2, timeout=30)
    found = [made() for _, made in threads.ahead(pairs(lambda _row: meeting.wait(), ROWS[:2]))]
    assert sorted(found) == [0, 1]


def test_what_cannot_be_made_is_told_in_its_turn_and_the_others_go_on(threads):
    def copy(row):
        if row.id == 3:
            raise AddressError("ann", "is not an e-mail address")
        return row.id

    good, bad = [], []
    for row, made in threads.ahead(pairs(copy, ROWS[:6])):
        try:
            good.append(made())
        except AddressError:
            bad.append(row.id)
    assert (good, bad) == ([0, 1, 2, 4, 5], [3])


def test_the_end_of_the_taking_ends_the_making(threads):
    held = threading.Event()
    begun = []

    def copy(row):
        begun.append(row.id)
        if row.id > 0:
            held.wait(30)
        return row.id

    taken = threads.ahead(pairs(copy, ROWS))
    next(taken)[1]()
    taken.close()
    held.set()
    threads.close()
    assert len(begun) < 2 * LEAD, "what had not begun was called off"


def test_nothing_wanted_is_nothing_made(threads):
    assert list(threads.ahead(pairs(lambda row: row.id, ()))) == []
    threads.close()
    threads.close()
