"""Greet: the letters around a subscription, and the button that makes it one.

Serves the pages behind `/subscribe` and `/confirm/`, and `subscribers add --invite`. Whoever fills in
a form may not be whom the address belongs to: it changes nobody who is known, and what it asks for
travels in the letter's own button, so that each letter confirms what it was written for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from publisher.core.composing import return_path
from publisher.core.copying import PREFERENCES, UNSUBSCRIBE
from publisher.core.posting import Posting
from publisher.errors import NotFound, PublisherError, TokenError
from publisher.model.definitions import (
    FeedDefinition,
    MailSettings,
    Publication,
    ScheduleDefinition,
)
from publisher.model.letters import LetterKind, PendingLetter, Posted
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

        Strangers are added as pending. Raises DeliveryError when the letter was refused for good, and
        others when it cannot be made; then they may ask again at once.
        """
        try:
            person = self.store.find_subscriber(new.email)
        except NotFound:
            person, _ = self.store.add_subscriber(new, self.clock.now())
        if person.status is SubscriberStatus.CONFIRMED:
            self._welcome(person)
        else:
            self.invite(person, new.subscriptions)

    def invite(self, person: Subscriber, wanted: Iterable[Pair] = ()) -> Posted:
        """Send a confirmation, one an hour, and none to a suppressed address."""
        if person.status is SubscriberStatus.SUPPRESSED:
            return Posted.NOT
        return self.posting.post(LetterKind.CONFIRMATION, person, _choice(wanted))

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
        with suppress(PublisherError):  # complained about; they have left
            self.posting.post(LetterKind.GOODBYE, person)

    def _welcome(self, person: Subscriber) -> None:
        self.posting.post(LetterKind.WELCOME, person)

    @property
    def posting(self) -> Posting:
        """Return the post use-case for these letters."""
        return Posting(
            store=self.store,
            clock=self.clock,
            zone=self.publication.timezone,
            transport=self.transport,
            complain=self.complain,
            make=self._parcel,
        )

    def _button(self, letter: PendingLetter) -> str:
        """Return where a letter's button leads: the same at each try."""
        person = str(letter.subscriber)
        if letter.kind is LetterKind.CONFIRMATION:
            asked = f"{person}:{letter.made.date()}:{letter.choice}"
            return f"confirm/{self.tokens.sign(CONFIRM, asked)}"
        if letter.kind is LetterKind.WELCOME:
            return f"preferences/{self.tokens.sign(PREFERENCES, person)}"
        return f"confirm/{self.tokens.sign(RETURN, person)}"

    def _parcel(self, pending: PendingLetter, person: Subscriber) -> Parcel:
        """Return a letter as mail: to the address alone, because the name may be anybody's words."""
        who = self.publication
        language = self.wording.nearest(person.language, who.language)
        leave = f"{who.url}unsubscribe/{self.tokens.sign(UNSUBSCRIBE, str(person.id))}"
        greets = pending.kind is LetterKind.WELCOME
        view = LetterView(
            kind=pending.kind,
            publication=who.title,
            url=who.url,
            language=language,
            button_url=who.url + self._button(pending),
            postal_address=who.postal_address,
            contact=who.contact,
            unsubscribe_url=leave if greets else "",
            lines=tuple(self._coming(person, language)) if greets else (),
        )
        subject, message = self.format.render(view)
        named = f"{pending.kind}-{pending.period}"
        letter = self.press.compile(message, self._envelope(named, pending.made))
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


def _choice(wanted: Iterable[Pair]) -> str:
    """Return pairs as short text, `morning=harbour,culture;weekend=harbour`; "" for too many."""
    by_schedule: dict[str, list[str]] = {}
    for feed, schedule in wanted:
        by_schedule.setdefault(schedule, []).append(feed)
    text = ";".join(f"{schedule}={','.join(feeds)}" for schedule, feeds in by_schedule.items())
    return text if len(text) <= LONGEST_CHOICE else ""
