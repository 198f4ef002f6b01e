"""Post: carry letters to one person, again and again until somebody takes them or says no.

Serves greeting, which knows what letters say, and whatever does what is due. A letter is kept before
it is handed over: neither a relay that is down, nor greylisting, nor a crash loses one. Each try
sends the same bytes, so that a copy that came twice is known by its Message-ID.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from publisher.core.alarming import hand_over
from publisher.core.refusing import is_greylisted
from publisher.core.retrying import asked_wait, next_try
from publisher.errors import DeliveryError, NotFound, PublisherError, StoreError
from publisher.model.editions import DeliveryId, Outcome, OutcomeState
from publisher.model.letters import LetterKind, PendingLetter, Posted
from publisher.model.messages import Parcel
from publisher.model.subscribers import Subscriber, SubscriberStatus
from publisher.ports import Clock, Mailbox, Transport

HELD = timedelta(minutes=15)
"""How long who carries a letter has it: longer than a relay may take to answer."""

Make = Callable[[PendingLetter, Subscriber], Parcel]

POINTLESS = {
    LetterKind.CONFIRMATION: (SubscriberStatus.CONFIRMED, SubscriberStatus.SUPPRESSED),
    LetterKind.WELCOME: (SubscriberStatus.UNSUBSCRIBED, SubscriberStatus.SUPPRESSED),
    LetterKind.GOODBYE: (SubscriberStatus.CONFIRMED, SubscriberStatus.SUPPRESSED),
}
"""Where its reader stands when nobody needs a letter any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """The post use-case. `transport` opens what carries mail, for one letter.

    `complain` hears of every letter that could not be sent: its kind, and why.
    """

    store: Mailbox
    clock: Clock
    zone: str
    transport: Callable[[], AbstractContextManager[Transport]]
    complain: Callable[[str, str], None]
    make: Make

    def post(self, kind: LetterKind, person: Subscriber, choice: str = "") -> Posted:
        """Send a letter, one of its kind in a period.

        Nobody is written to at a suppressed address, also not who left before it was suppressed.
        Raises DeliveryError when it was refused and others when it cannot be made: then it may be
        asked for again at once.
        """
        if self.store.barred(person.email):
            return Posted.NOT
        now = self.clock.now()
        period = f"{now:%Y-%m-%dT%H}" if kind is LetterKind.CONFIRMATION else self._day(now)
        letter = self.store.post_letter(kind, person.id, choice, period, now, now + HELD)
        return Posted.NOT if letter is None else self._carry(letter, person)

    def carry_due(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Try what is due again; return how many letters that was. Raises StoreError."""
        tried = 0
        while not stop():
            now = self.clock.now()
            letter = self.store.take_letter(now, now + HELD)
            if letter is None:
                break
            tried += 1
            self._try_again(letter)
        return tried

    def _try_again(self, letter: PendingLetter) -> None:
        try:
            person = self.store.subscriber(letter.subscriber)
        except NotFound:
            return  # erased this moment, and the letter with them
        if person.status in POINTLESS[letter.kind] or self.store.barred(person.email):
            self.store.drop_letter(letter.id)
            return
        try:
            self._carry(letter, person, again=True)
        except StoreError:
            raise
        except PublisherError:
            return  # complained about; the others go on

    def _carry(self, letter: PendingLetter, person: Subscriber, *, again: bool = False) -> Posted:
        """Make and hand over; a letter that was refused for good is given up.

        One that cannot be made, too, as long as whoever asked for it is there to ask again; later it
        waits for its operators as it does for a relay.
        """
        try:
            answer = self._tried(letter, person) if again else self._handed(letter, person)
            if answer is None:
                self.store.drop_letter(letter.id)
                return Posted.SENT
            if self._put_off(letter, answer):
                return Posted.KEPT
            raise DeliveryError(f"letter to {person.email}", answer.reason or "was not taken")
        except StoreError:
            raise  # the letter stands where it stood
        except PublisherError as error:
            self.store.drop_letter(letter.id, again=True)
            self.complain(letter.kind, str(error))
            raise

    def _tried(self, letter: PendingLetter, person: Subscriber) -> Outcome | None:
        """Make and hand over what was kept; that it cannot be made is like a temporary no."""
        try:
            return self._handed(letter, person)
        except StoreError:
            raise
        except PublisherError as error:
            self.complain(letter.kind, str(error))
            return _nobody_there(str(error))

    def _handed(self, letter: PendingLetter, person: Subscriber) -> Outcome | None:
        """Make a letter and hand it over; return why it was not taken, None when it was.

        Samples are not written to beyond this machine. Nobody there is like a temporary no: a
        letter in doubt, too, is sent again, because one too many does no harm.
        """
        parcel = self.make(letter, person)
        with self.transport() as transport:
            if person.sample and transport.leaves_machine:
                return None
            try:
                answers = hand_over(transport, [parcel])
            except DeliveryError as error:
                self.complain(letter.kind, str(error))
                return _nobody_there(str(error))
            if not answers:
                self.store.note_letter(transport.name, self._day(self.clock.now()))
            return answers[0] if answers else None

    def _put_off(self, letter: PendingLetter, answer: Outcome) -> bool:
        """Keep a letter for another try; False when it was refused for good, or for too long."""
        if answer.state is OutcomeState.FAILED:
            return False
        now = self.clock.now()
        since = letter.since or now
        due = next_try(
            letter.id,
            since,
            now,
            asked=answer.until - now if answer.until else answer.wait or asked_wait(answer.reason),
            greylisted=is_greylisted(answer.code, answer.reason),
        )
        if due is None:
            return False
        self.store.put_off_letter(letter.id, since, due)
        return True

    def _day(self, at: datetime) -> str:
        """Return the day by the publication's clock."""
        return at.astimezone(ZoneInfo(self.zone)).date().isoformat()


def _nobody_there(reason: str) -> Outcome:
    """Return what is as good as a temporary no."""
    return Outcome(delivery=DeliveryId(0), state=OutcomeState.DEFERRED, reason=reason)
