"""Greet: the letters around a subscription, and the button that makes it one.

Serves the pages behind `/subscribe` and `/confirm/`, and `subscribers add --invite`. Whoever fills in
a form may not be whom the address belongs to: it changes nobody who is known, and what it asks for
travels in the letter's own button, so that each letter confirms what it was written for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from publisher.core.alarming import hand_over
from publisher.core.composing import return_path
from publisher.core.copying import PREFERENCES, UNSUBSCRIBE
from publisher.errors import DeliveryError, NotFound, PublisherError, TokenError
from publisher.model.definitions import (
    FeedDefinition,
    MailSettings,
    Publication,
    ScheduleDefinition,
)
from publisher.model.messages import Copy, Envelope, Parcel
from publisher.model.subscribers import (
    NewSubscriber,
    Subscriber,
    SubscriberId,
    SubscriberStatus,
)
from publisher.model.views import LetterView
from publisher.ports import Clock, LetterFormat, Mailbox, Press, Tokens, Transport, Wording

CONFIRM = "confirm"
RETURN = "return"
VALID = timedelta(days=7)
"""How long the button of a confirmation works; `[confirmation] ends` says so in every language."""

LONGEST_CHOICE = 1_000
"""Characters of a choice that a link still holds; a longer one is left to the preference page."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the button of a letter stands for: who presses it, and what they asked for then."""

    person: Subscriber
    wanted: tuple[Pair, ...] = ()
    expired: bool = False

    @property
    def step(self) -> str:
        """Return what a page says of it: `done`, `barred`, `expired`, or `ask` to go on."""
        if self.person.status is SubscriberStatus.CONFIRMED:
            return "done"
        if self.person.status is SubscriberStatus.SUPPRESSED:
            return "barred"
        return "expired" if self.expired else "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """The greet use-case. `transport` opens what carries mail, for one letter.

    `complain` hears of every letter that could not be sent: its kind, and why.
    """

    publication: Publication
    mail: MailSettings
    feeds: Mapping[str, FeedDefinition]
    schedules: Mapping[str, ScheduleDefinition]
    store: Mailbox
    clock: Clock
    tokens: Tokens
    wording: Wording
    format: LetterFormat
    press: Press
    transport: Callable[[], AbstractContextManager[Transport]]
    complain: Callable[[str, str], None]

    def ask(self, new: NewSubscriber) -> None:
        """Write to an address that somebody gave, whoever it is: what it gets depends on them.

        Strangers are added as pending. Raises DeliveryError and others when nothing could be sent;
        then they may ask again at once.
        """
        try:
            person = self.store.find_subscriber(new.email)
        except NotFound:
            person, _ = self.store.add_subscriber(new, self.clock.now())
        if person.status is SubscriberStatus.CONFIRMED:
            self._welcome(person)
        else:
            self.invite(person, new.subscriptions)

    def invite(self, person: Subscriber, wanted: Iterable[Pair] = ()) -> bool:
        """Send a confirmation; False when one went this hour, or the address is suppressed."""
        if person.status is SubscriberStatus.SUPPRESSED:
            return False
        now = self.clock.now()
        token = self.tokens.sign(CONFIRM, f"{person.id}:{now.date()}:{_choice(wanted)}")
        return self._send("confirmation", person, f"{now:%Y-%m-%dT%H}", f"confirm/{token}")

    def claim(self, token: str) -> Claim:
        """Return what a link in a letter is about. Raises TokenError, NotFound."""
        try:
            number, day, choice = self.tokens.read(CONFIRM, token).split(":", 2)
        except TokenError:
            return Claim(person=self._person(self.tokens.read(RETURN, token)))
        issued, today = date.fromisoformat(day), self.clock.now().date()
        return Claim(
            person=self._person(number),
            wanted=tuple(self._possible(choice)),
            expired=today - issued > VALID,
        )

    def accept(self, claim: Claim) -> Subscriber:
        """Confirm, with the choices of the claim, and send a welcome; nothing when it must not be."""
        if claim.step != "ask":
            return claim.person
        now, person = self.clock.now(), claim.person
        if claim.wanted:
            self.store.subscribe(person.id, claim.wanted, now)
        person = self.store.set_status(person.id, SubscriberStatus.CONFIRMED, now)
        with suppress(PublisherError):  # complained about; the subscription stands
            self._welcome(person)
        return person

    def say_goodbye(self, person: Subscriber) -> None:
        """Tell somebody who left that they did, with a way back. Never raises PublisherError."""
        token = self.tokens.sign(RETURN, str(person.id))
        with suppress(PublisherError):  # complained about; they have left
            self._send("goodbye", person, self._today(), f"confirm/{token}")

    def _welcome(self, person: Subscriber) -> None:
        token = self.tokens.sign(PREFERENCES, str(person.id))
        self._send("welcome", person, self._today(), f"preferences/{token}")

    def _send(self, kind: str, person: Subscriber, period: str, button: str) -> bool:
        """Send a letter, one of its kind in a period; False when one went before.

        Nobody is written to at a suppressed address, also not who left before it was suppressed.
        """
        now, cause = self.clock.now(), f"{kind}:{person.id}"
        if self.store.barred(person.email) or not self.store.note_alarm(cause, period, now):
            return False
        try:
            self._carry(self._parcel(kind, person, period, button, now), person)
        except BaseException as error:
            self.store.forget_alarm(cause, period)
            if isinstance(error, PublisherError):
                self.complain(kind, str(error))
            raise
        return True

    def _carry(self, parcel: Parcel, person: Subscriber) -> None:
        """Hand a letter over; samples are not written to beyond this machine."""
        with self.transport() as transport:
            if person.sample and transport.leaves_machine:
                return
            for refused in hand_over(transport, [parcel]):
                reason = refused.reason or "did not take the letter"
                raise DeliveryError(f"transport {transport.name}", reason)
            self.store.note_letter(transport.name, self._today())

    def _parcel(
        self, kind: str, person: Subscriber, period: str, button: str, now: datetime
    ) -> Parcel:
        """Return a letter as mail: to the address alone, because the name may be anybody's words."""
        who = self.publication
        language = self.wording.nearest(person.language, who.language)
        leave = f"{who.url}unsubscribe/{self.tokens.sign(UNSUBSCRIBE, str(person.id))}"
        greets = kind == "welcome"
        view = LetterView(
            kind=kind,
            publication=who.title,
            url=who.url,
            language=language,
            button_url=who.url + button,
            postal_address=who.postal_address,
            contact=who.contact,
            unsubscribe_url=leave if greets else "",
            lines=tuple(self._coming(person, language)) if greets else (),
        )
        subject, message = self.format.render(view)
        letter = self.press.compile(message, self._envelope(f"{kind}-{period}", now))
        copy = Copy(
            recipient=str(person.id),
            email=person.email,
            name="",
            subject=subject,
            places={},
            values={},
            unsubscribe_url=view.unsubscribe_url,
        )
        return letter.parcel(copy, 0, sample=person.sample)

    def _envelope(self, name: str, now: datetime) -> Envelope:
        address, domain = return_path(self.publication, self.mail)
        return Envelope(
            edition=name,
            domain=domain,
            date=now,
            sender=self.mail.sender,
            envelope_sender=address,
            reply_to=self.mail.reply_to,
            headers={
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
            },
        )

    def _coming(self, person: Subscriber, language: str) -> Iterator[str]:
        """Yield what a person gets, and when, a line each."""
        for wish in person.subscriptions:
            if self._carries((wish.feed, wish.schedule)):
                feed, schedule = self.feeds[wish.feed], self.schedules[wish.schedule]
                yield self.wording.coming(language, schedule, feed.title)

    def _possible(self, choice: str) -> Iterator[Pair]:
        """Yield the pairs of a choice that are still to be had."""
        for part in filter(None, choice.split(";")):
            schedule, _, feeds = part.partition("=")
            yield from filter(self._carries, ((feed, schedule) for feed in feeds.split(",")))

    def _carries(self, pair: Pair) -> bool:
        feed, schedule = pair
        known = feed in self.feeds and schedule in self.schedules
        return known and feed in self.schedules[schedule].feeds

    def _person(self, number: str) -> Subscriber:
        return self.store.subscriber(SubscriberId(int(number)))

    def _today(self) -> str:
        """Return the day by the publication's clock."""
        zone = ZoneInfo(self.publication.timezone)
        return self.clock.now().astimezone(zone).date().isoformat()


def _choice(wanted: Iterable[Pair]) -> str:
    """Return pairs as short text, `morning=harbour,culture;weekend=harbour`; "" for too many."""
    by_schedule: dict[str, list[str]] = {}
    for feed, schedule in wanted:
        by_schedule.setdefault(schedule, []).append(feed)
    text = ";".join(f"{schedule}={','.join(feeds)}" for schedule, feeds in by_schedule.items())
    return text if len(text) <= LONGEST_CHOICE else ""
