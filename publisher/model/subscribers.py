"""Subscribers, their subscriptions, and addresses that must not be written to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

SubscriberId = NewType("SubscriberId", int)


class SubscriberStatus(StrEnum):
    """Where a person stands; only `confirmed` ones are written to."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"


class SubscriberKind(StrEnum):
    """A person, or a chat or social channel that is written to like one."""

    PERSON = "person"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a subscriber wants: this feed, at this cadence (a schedule's slug)."""

    feed: str
    schedule: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One person. `email` as they wrote it; looked up case-insensitively.

    `by_feed` when editions go into a feed of their own instead of a mail; `feed_key` is part of that
    feed's address, which everybody has.
    """

    id: SubscriberId
    email: str
    name: str = ""
    language: str = ""
    timezone: str = ""
    status: SubscriberStatus = SubscriberStatus.CONFIRMED
    kind: SubscriberKind = SubscriberKind.PERSON
    subscriptions: tuple[Subscription, ...] = ()
    joined: datetime
    consent_at: datetime | None = None
    sample: bool = False
    by_feed: bool = False
    feed_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscriber:
    """What `subscribers add`, an import row or the web form asks for, already validated."""

    email: str
    name: str = ""
    language: str = ""
    timezone: str = ""
    status: SubscriberStatus = SubscriberStatus.CONFIRMED
    subscriptions: tuple[tuple[str, str], ...] = ()  # (feed, schedule)
    consent_at: datetime | None = None
    sample: bool = False
    by_feed: bool | None = None  # None: nobody said
    implied: bool = False  # nobody named the subscriptions: they are for people not known yet


class ImportVerdict(StrEnum):
    """What became of one row of an import."""

    ADDED = "added"
    UPDATED = "updated"
    SAME = "same"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """The report on one row; `line` counts from 1 with the heading as line 1."""

    line: int
    email: str
    verdict: ImportVerdict
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that must not be written to, and why."""

    email: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Somebody called a copy spam. `evidence` names the report, so that it counts once."""

    evidence: str
    subscriber: SubscriberId
    at: datetime
