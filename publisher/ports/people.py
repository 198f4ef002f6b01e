"""The store of people: what they want, and who must not be written to.

Each verb is one transaction, begun and ended inside it. Any verb may raise StoreError.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from publisher.model.letters import LetterId, LetterKind, PendingLetter
from publisher.model.subscribers import (
    ImportVerdict,
    NewSubscriber,
    Subscriber,
    SubscriberId,
    SubscriberStatus,
    Suppression,
)


class Suppressing(Protocol):
    """Addresses that must not be written to; used by sending and by whoever reads what comes back."""

    def suppress(self, email: str, reason: str, now: datetime) -> None:
        """Never write to this address again (idempotent; needs no subscriber)."""
        ...

    def barred(self, email: str) -> str:
        """Return why an address must not be written to, "" when it may be."""
        ...

    def soft_failures(self, subscriber: SubscriberId) -> Sequence[datetime]:
        """Return when the person's copies failed softly since the last that was accepted."""
        ...


class Subscribers(Suppressing, Protocol):
    """People; used by subscribing, the command line and the pages."""

    def add_subscriber(
        self, new: NewSubscriber, now: datetime
    ) -> tuple[Subscriber, ImportVerdict]:
        """Add or update by address: joins subscriptions, never revives an unsubscribed or suppressed one."""
        ...

    def import_subscribers(
        self, rows: Sequence[NewSubscriber], now: datetime
    ) -> Sequence[ImportVerdict]:
        """Add many in one transaction (callers pass chunks); one verdict per row, in order."""
        ...

    def subscriber(self, subscriber: SubscriberId) -> Subscriber:
        """Return one. Raises NotFound."""
        ...

    def find_subscriber(self, email: str) -> Subscriber:
        """Return by address, case-insensitively. Raises NotFound."""
        ...

    def subscribers(
        self,
        *,
        status: SubscriberStatus | None = None,
        after: SubscriberId | None = None,
        limit: int | None = None,
    ) -> Sequence[Subscriber]:
        """Return people ordered by id."""
        ...

    def reader_zones(self) -> Sequence[str]:
        """Return the different time zones of confirmed subscribers ("" for who named none)."""
        ...

    def count_subscribers(self) -> int:
        """Return how many there are in any state."""
        ...

    def set_status(
        self, subscriber: SubscriberId, status: SubscriberStatus, now: datetime
    ) -> Subscriber:
        """Change the status (idempotent). Queued copies are settled when their turn comes."""
        ...

    def subscribe(
        self, subscriber: SubscriberId, subscriptions: Sequence[tuple[str, str]], now: datetime
    ) -> Subscriber:
        """Set exactly these (feed, schedule) pairs; memory of feeds had before is kept."""
        ...

    def change_subscriber(
        self,
        subscriber: SubscriberId,
        *,
        name: str | None = None,
        language: str | None = None,
        timezone: str | None = None,
        by_feed: bool | None = None,
    ) -> Subscriber:
        """Change what a person says of themselves; None leaves it."""
        ...

    def renew_feed(self, subscriber: SubscriberId, key: str) -> Subscriber:
        """Give a person's feed another key: its address until now is nobody's. Raises NotFound."""
        ...

    def unsuppress(self, email: str) -> bool:
        """Lift a suppression; False when there was none."""
        ...

    def suppressions(self) -> Sequence[Suppression]:
        """Return all suppressions."""
        ...

    def erase(self, subscriber: SubscriberId, now: datetime) -> None:
        """Forget a person: ledger rows stay countable without the address; the suppression, if any, stays."""
        ...


class Alarms(Protocol):
    """What somebody was told, and when, so that they are told it once: operators, and new readers."""

    def note_alarm(self, cause: str, day: str, now: datetime) -> bool:
        """Note a cause once per local day (`2026-11-24`), or another name of a stretch of time.

        False when that was done before.
        """
        ...

    def forget_alarm(self, cause: str, day: str) -> None:
        """Take a note back: the message was not accepted."""
        ...


class Mailbox(Subscribers, Alarms, Protocol):
    """What greeting needs of the store: people, and the letters to them."""

    def post_letter(
        self,
        kind: LetterKind,
        subscriber: SubscriberId,
        choice: str,
        period: str,
        now: datetime,
        due: datetime,
    ) -> PendingLetter | None:
        """Keep a letter, due at `due`; None when one of its kind was posted in this period."""
        ...

    def take_letter(self, now: datetime, due: datetime) -> PendingLetter | None:
        """Return the letter that has been due longest; nobody else takes it until `due`."""
        ...

    def put_off_letter(self, number: LetterId, since: datetime, due: datetime) -> None:
        """Have a letter tried again at `due`; it was first put off at `since`."""
        ...

    def drop_letter(self, number: LetterId, *, again: bool = False) -> None:
        """Keep a letter no longer; `again` lets another of its kind be posted at once."""
        ...

    def note_letter(self, transport: str, day: str) -> None:
        """Count a letter that a transport took on a day."""
        ...
