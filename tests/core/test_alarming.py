"""Telling the operators: once per cause and day, never in the way of the work."""

import datetime as dt
from pathlib import Path

import pytest

from publisher.core.alarming import PAUSE, Alarm, OpenLedger, hand_over
from publisher.errors import StoreBusy, TransportUnavailable
from publisher.model.definitions import AlertSettings, Definitions, Publication
from publisher.model.editions import DeliveryId, Outcome, OutcomeState
from publisher.model.messages import Parcel


class Notes:
    """Notes in memory, as many processes would share them."""

    def __init__(self):
        self.rows = set()
        self.asked = 0

    def note_alarm(self, cause, day, now):
        self.asked += 1
        new = (cause, day) not in self.rows
        self.rows.add((cause, day))
        return new

    def forget_alarm(self, cause, day):
        self.rows.discard((cause, day))


class Busy:
    def note_alarm(self, cause, day, now):
        raise StoreBusy("store", "is locked")


class Desk:
    """One process: an alarm whose mail is kept, or refused with `error`."""

    def __init__(self, store, to=("ops@example.org",), zone="Europe/Berlin"):
        self.time = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
        self.sent, self.complaints = [], []
        self.error = None
        self.definitions = Definitions(
            root=Path(),
            publication=Publication(title="Gazette", url="https://g.example/", timezone=zone),
            alerts=AlertSettings(to=to),
        )
        self.alarm = Alarm(
            store=lambda: store,
            clock=self,
            definitions=lambda: self.definitions,
            write=self.write,
            complain=lambda *said: self.complaints.append(said),
        )

    def now(self):
        return self.time

    def write(self, subject, text):
        if self.error:
            raise self.error
        self.sent.append((subject, text))


def test_one_message_per_cause_and_day_whichever_process_asks():
    notes = Notes()
    desks = [Desk(notes), Desk(notes)]
    for desk in desks * 3:
        desk.alarm.tell("run:morning", "failed", "why")
        desk.alarm.tell("run:evening", "failed too", "why")
    assert [desk.sent for desk in desks] == [[("failed", "why"), ("failed too", "why")], []]
    assert notes.asked == 4  # a cause that was told is not looked up again


def test_the_day_ends_at_midnight_of_the_publication():
    desk = Desk(Notes())
    desk.time = dt.datetime(2026, 11, 24, 22, 59, tzinfo=dt.UTC)
    assert desk.alarm.tell("x", "one", "")
    assert not desk.alarm.tell("x", "two", "")
    desk.time = dt.datetime(2026, 11, 24, 23, 0, tzinfo=dt.UTC)
    assert desk.alarm.tell("x", "three", "")
    assert [subject for subject, _ in desk.sent] == ["one", "three"]


def test_what_was_not_accepted_is_told_at_the_next_occasion_after_a_pause():
    desk = Desk(Notes())
    desk.error = TransportUnavailable("transport relay", "does not answer")
    assert not desk.alarm.tell("x", "s", "t")
    assert desk.complaints == [
        ("alarm", "the operators could not be told of x: transport relay: does not answer")
    ]
    desk.error = None
    assert not desk.alarm.tell("x", "s", "t")
    desk.time += PAUSE
    assert desk.alarm.tell("x", "s", "t")
    assert len(desk.sent) == 1
    assert len(desk.complaints) == 1


@pytest.mark.parametrize("error", [OSError("disk"), RuntimeError("bug"), ValueError("x")])
def test_telling_never_raises(error):
    desk = Desk(Notes())
    desk.error = error
    assert not desk.alarm.tell("x", "s", "t")
    assert len(desk.complaints) == 1


def test_a_store_that_cannot_be_asked_is_complained_about():
    desk = Desk(Busy())
    assert not desk.alarm.tell("x", "s", "t")
    assert desk.sent == []
    assert "locked" in desk.complaints[0][1]


def test_without_operators_nothing_is_noted():
    notes = Notes()
    desk = Desk(notes, to=())
    assert not desk.alarm.tell("x", "s", "t")
    assert notes.asked == 0


def parcel(number):
    said = {"sender": "a@b.example", "recipient": "c@d.example", "message_id": "<m@x>"}
    return Parcel(delivery=number, pieces=(), **said)


class Line:
    """A transport that says of every second parcel that it failed."""

    name, leaves_machine = "line", False

    def send(self, parcels, ledger):
        for one in parcels:
            assert one.delivery in ledger.turn((), [one])
            state = OutcomeState.FAILED if one.delivery % 2 else OutcomeState.ACCEPTED
            ledger.turn([Outcome(delivery=DeliveryId(one.delivery), state=state)], ())

    def close(self):
        pass


def test_handing_over_returns_what_was_not_accepted():
    failed = hand_over(Line(), [parcel(number) for number in range(4)])
    assert [outcome.delivery for outcome in failed] == [1, 3]
    assert OpenLedger().turn((), [parcel(3)]) == {3}
