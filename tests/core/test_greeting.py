"""Letters to one person: once in their time, never half sent, and a choice that comes back as it went."""

import datetime as dt
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.greeting import VALID, Greeting
from publisher.errors import (
    ConfigError,
    DeliveryError,
    NotFound,
    TokenError,
    TransportUnavailable,
)
from publisher.model.definitions import (
    Action,
    FeedDefinition,
    MailSettings,
    Publication,
    ScheduleDefinition,
)
from publisher.model.editions import DeliveryId, Outcome, OutcomeState
from publisher.model.letters import LetterId, PendingLetter, Posted
from publisher.model.messages import Body, Message, Parcel
from publisher.model.subscribers import Subscriber, SubscriberId, SubscriberStatus

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
FEEDS = {
    slug: FeedDefinition(slug=slug, title=slug.title()) for slug in ("harbour", "tides", "arts")
}
SCHEDULES = {
    slug: ScheduleDefinition(slug=slug, action=Action.DIGEST, feeds=tuple(FEEDS))
    for slug in ("morning", "weekend")
}
OFFERED = [(feed, schedule) for feed in FEEDS for schedule in SCHEDULES]


class Desk:
    """A greeting over fakes: tokens that can be read, letters that are their view, people in memory."""

    name, leaves_machine = "desk", True

    def __init__(self, *, sample=False, feeds=FEEDS):
        self.time, self.error, self.state = NOON, None, OutcomeState.ACCEPTED
        self.suppressed, self.counted = "", []
        self.notes, self.carried, self.views, self.complaints = set(), [], [], []
        self.kept, self.reason, self.down = {}, "550 no", False
        self.person = Subscriber(
            id=SubscriberId(7),
            email="ada@example.org",
            status=SubscriberStatus.PENDING,
            joined=NOON,
            sample=sample,
        )
        self.greeting = Greeting(
            publication=Publication(title="Gazette", url="https://g.example/"),
            mail=MailSettings(sender="news@g.example"),
            feeds=feeds,
            schedules=SCHEDULES,
            store=self,
            clock=self,
            tokens=self,
            wording=self,
            format=self,
            press=self,
            transport=self.opened,
            complain=lambda *said: self.complaints.append(said),
        )

    def now(self):
        return self.time

    def note_letter(self, transport, day):
        self.counted.append((transport, day))

    def barred(self, _email):
        return self.suppressed

    def nearest(self, language, fallback):
        return language or fallback

    def sign(self, purpose, value):
        return f"{purpose}~{value}"

    def read(self, purpose, token):
        found, _, value = token.partition("~")
        if found != purpose:
            raise TokenError("token", "is not valid here")
        return value

    def render(self, view):
        self.views.append(view)
        return view.kind, Message(html=Body(frame=()), text=Body(frame=()))

    def compile(self, _message, envelope):
        self.envelope = envelope
        return self

    def parcel(self, copy, delivery, *, sample=False):
        return Parcel(
            delivery=delivery,
            sender="",
            recipient=copy.email,
            message_id=self.envelope.edition,
            pieces=(),
            sample=sample,
        )

    @contextmanager
    def opened(self):
        yield self

    def send(self, parcels, ledger):
        if self.error:
            raise self.error
        for parcel in parcels:
            assert ledger.turn([], [parcel]) == {parcel.delivery}
            self.carried.append(parcel.message_id)
            ledger.turn(
                [Outcome(delivery=DeliveryId(0), state=self.state, reason=self.reason)], []
            )

    def post_letter(self, kind, subscriber, choice, period, now, due):
        if (kind, period) in self.notes:
            return None
        self.notes.add((kind, period))
        made = PendingLetter(
            id=LetterId(len(self.notes)),
            kind=kind,
            subscriber=subscriber,
            choice=choice,
            period=period,
            made=now,
        )
        self.kept[made.id] = (due, made)
        return made

    def take_letter(self, now, due):
        found = min(
            ((when, one.id) for when, one in self.kept.values() if when <= now), default=None
        )
        if found is None:
            return None
        self.kept[found[1]] = (due, self.kept[found[1]][1])
        return self.kept[found[1]][1]

    def put_off_letter(self, number, since, due):
        self.kept[number] = (due, replace(self.kept[number][1], since=since))

    def drop_letter(self, number, *, again=False):
        _, letter = self.kept.pop(number)
        if again:
            self.notes.discard((letter.kind, letter.period))

    def subscriber(self, number):
        if number != self.person.id:
            raise NotFound(str(number), "there is no such subscriber")
        return self.person

    @property
    def token(self):
        return self.views[-1].button_url.partition("/confirm/")[2]


@given(st.lists(st.sampled_from(OFFERED), unique=True), st.integers(0, 8))
def test_a_choice_comes_back_as_it_went(wanted, days):
    desk = Desk()
    assert desk.greeting.invite(desk.person, wanted) is Posted.SENT
    desk.time += dt.timedelta(days=days)
    claim = desk.greeting.claim(desk.token)
    assert claim.person == desk.person
    assert sorted(claim.wanted) == sorted(wanted)
    assert claim.expired is (days > VALID.days)


def test_what_is_no_longer_there_is_left_out_of_a_choice():
    desk, later = Desk(), Desk(feeds={"tides": FEEDS["tides"]})
    desk.greeting.invite(desk.person, OFFERED)
    assert set(later.greeting.claim(desk.token).wanted) == {
        ("tides", "morning"),
        ("tides", "weekend"),
    }


def test_a_letter_goes_once_in_its_time():
    desk = Desk()
    sent = []
    for minutes in (0, 20, 39, 1, 30):
        desk.time += dt.timedelta(minutes=minutes)
        sent.append(desk.greeting.invite(desk.person))
    assert sent == [Posted(word) for word in ("sent", "not", "not", "sent", "not")]
    assert desk.carried == ["confirmation-2026-11-24T12", "confirmation-2026-11-24T13"]


def test_a_letter_that_was_refused_may_be_asked_for_again():
    desk = Desk()
    desk.state = OutcomeState.FAILED
    with pytest.raises(DeliveryError, match="550 no"):
        desk.greeting.invite(desk.person)
    assert [kind for kind, _ in desk.complaints] == ["confirmation"]
    assert (desk.notes, desk.kept) == (set(), {})
    desk.greeting.say_goodbye(desk.person)
    assert [kind for kind, _ in desk.complaints] == ["confirmation", "goodbye"]
    desk.state = OutcomeState.ACCEPTED
    assert desk.greeting.invite(desk.person) is Posted.SENT


@pytest.mark.parametrize(
    ("way", "told"), [("down", 1), ("deferred", 0), ("uncertain", 0), ("returned", 0)]
)
def test_a_letter_that_was_put_off_is_sent_again_as_it_was(way, told):
    desk = Desk()
    if way == "down":
        desk.error = TransportUnavailable("desk", "does not answer")
    else:
        desk.state = OutcomeState(way)
    assert desk.greeting.invite(desk.person, OFFERED[:2]) is Posted.KEPT
    assert len(desk.complaints) == told
    assert desk.greeting.invite(desk.person) is Posted.NOT
    post = desk.greeting.posting
    assert post.carry_due() == 0, "a minute has not passed"
    desk.time += dt.timedelta(minutes=2)
    assert post.carry_due() == 1
    desk.error, desk.state = None, OutcomeState.ACCEPTED
    desk.time += dt.timedelta(minutes=6)
    assert post.carry_due() == 1
    assert (desk.kept, len(set(desk.carried))) == ({}, 1)
    assert len({view.button_url for view in desk.views}) == 1
    assert desk.counted == [("desk", "2026-11-24")]
    assert post.carry_due() == 0


def test_a_greylisted_letter_waits_as_long_as_it_is_asked_to():
    desk = Desk()
    desk.state, desk.reason = OutcomeState.DEFERRED, "450 4.2.0 Greylisted, try again in 7 minutes"
    desk.greeting.invite(desk.person)
    desk.state, desk.time = OutcomeState.ACCEPTED, desk.time + dt.timedelta(minutes=6)
    assert desk.greeting.posting.carry_due() == 0
    desk.time += dt.timedelta(minutes=2)
    assert desk.greeting.posting.carry_due() == 1


def test_a_letter_is_given_up_in_the_end():
    desk = Desk()
    desk.state = OutcomeState.DEFERRED
    desk.greeting.invite(desk.person)
    tries = 0
    while desk.kept:
        desk.time += dt.timedelta(hours=1)
        tries += desk.greeting.posting.carry_due()
    assert dt.timedelta(hours=72) <= desk.time - NOON <= dt.timedelta(hours=74)
    assert 4 < tries < 12
    assert [kind for kind, _ in desk.complaints] == ["confirmation"]


@pytest.mark.parametrize("broken", ["send", "compile"])
def test_a_kept_letter_waits_for_its_operators_too(broken, monkeypatch):
    """A password that is not there, templates that are broken: nobody is there to ask anew."""

    def fails(*_arguments):
        raise ConfigError("transport relay", "SMTP_PASSWORD is not set")

    desk = Desk()
    desk.state = OutcomeState.DEFERRED
    desk.greeting.invite(desk.person)
    desk.state, desk.time = OutcomeState.ACCEPTED, desk.time + dt.timedelta(minutes=2)
    with monkeypatch.context() as patch:
        patch.setattr(desk, broken, fails)
        assert desk.greeting.posting.carry_due() == 1
    assert [kind for kind, _ in desk.complaints] == ["confirmation"]
    desk.time += dt.timedelta(minutes=6)
    assert desk.greeting.posting.carry_due() == 1
    assert (desk.kept, len(set(desk.carried))) == ({}, 1)


def test_a_letter_to_somebody_who_was_erased_meanwhile_holds_up_no_other():
    desk = Desk()
    desk.state = OutcomeState.DEFERRED
    desk.greeting.invite(desk.person)
    desk.greeting.say_goodbye(desk.person)
    first = min(desk.kept)
    due, letter = desk.kept[first]
    desk.kept[first] = (due, replace(letter, subscriber=SubscriberId(99)))
    desk.state, desk.time = OutcomeState.ACCEPTED, desk.time + dt.timedelta(minutes=2)
    assert desk.greeting.posting.carry_due() == 2


@pytest.mark.parametrize(
    ("status", "barred"),
    [(SubscriberStatus.CONFIRMED, ""), (SubscriberStatus.PENDING, "complained")],
)
def test_a_letter_that_nobody_needs_any_more_is_not_sent(status, barred):
    desk = Desk()
    desk.state = OutcomeState.DEFERRED
    desk.greeting.invite(desk.person)
    desk.state, desk.suppressed = OutcomeState.ACCEPTED, barred
    desk.person = replace(desk.person, status=status)
    desk.time += dt.timedelta(hours=1)
    desk.greeting.posting.carry_due()
    assert (desk.kept, len(desk.carried)) == ({}, 1)


def test_samples_never_leave_the_machine():
    desk = Desk(sample=True)
    desk.greeting.invite(desk.person)
    assert desk.carried == []
    desk.leaves_machine = False
    desk.greeting.say_goodbye(desk.person)
    assert desk.carried == ["goodbye-2026-11-24"]


def test_nobody_is_written_to_at_a_suppressed_address():
    """Also who left before they complained: they are shown as unsubscribed, whatever bars them."""
    desk = Desk()
    desk.suppressed = "complained"
    desk.person = replace(desk.person, status=SubscriberStatus.UNSUBSCRIBED)
    assert desk.greeting.invite(desk.person) is Posted.NOT
    desk.greeting.say_goodbye(desk.person)
    assert desk.carried == []
    assert desk.notes == set()


def test_a_letter_is_counted_when_it_was_taken():
    desk = Desk()
    desk.state = OutcomeState.FAILED
    with pytest.raises(DeliveryError):
        desk.greeting.invite(desk.person)
    assert desk.counted == []
    desk.state = OutcomeState.ACCEPTED
    assert desk.greeting.invite(desk.person) is Posted.SENT
    assert desk.counted == [("desk", "2026-11-24")]
