"""Tidying: little by little until nothing old is left, and no further when told to stop."""

import datetime as dt

from publisher.core.tidying import Tidying
from publisher.model.editions import EditionId

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
KEEP = dt.timedelta(days=90)


class Desk:
    """A store of old editions, each with so many rows, of which 100 go at a time; and a clock."""

    def __init__(self, *rows):
        self.rows = dict(enumerate(rows, 1))
        self.asked = set()

    def now(self):
        return NOON

    def fold_edition(self, before, now, limit=100):
        self.asked.add((before, now))
        for number, left in self.rows.items():
            if left:
                self.rows[number] = max(0, left - limit)
                return EditionId(number), left - self.rows[number]
        return None


def test_everything_old_goes_little_by_little():
    desk = Desk(250, 0, 30)
    assert Tidying(store=desk, clock=desk, keep=KEEP).tidy() == (2, 280)
    assert desk.asked == {(NOON - KEEP, NOON)}


def test_nothing_old_is_nothing_to_do():
    desk = Desk()
    assert Tidying(store=desk, clock=desk, keep=KEEP).tidy() == (0, 0)


def test_it_ends_when_told_to():
    desk = Desk(250)
    told = iter([False, True])
    assert Tidying(store=desk, clock=desk, keep=KEEP).tidy(lambda: next(told)) == (1, 100)
