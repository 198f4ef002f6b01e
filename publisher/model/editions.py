"""Editions, the ledger of deliveries, and what transports say at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from publisher.model.articles import ArticleId
from publisher.model.subscribers import SubscriberId
from publisher.model.timetable import RunId
from publisher.model.views import StoryView

EditionId = NewType("EditionId", int)
DeliveryId = NewType("DeliveryId", int)


class EditionState(StrEnum):
    """`open` is being sent (or ready to be); `review` waits for approval; the rest rest.

    `preparing` was opened and is being composed and judged: nobody gets it yet.
    """

    PREPARING = "preparing"
    REVIEW = "review"
    OPEN = "open"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


SHOWN = (EditionState.OPEN, EditionState.PAUSED, EditionState.DONE)
"""States in which everybody may read an edition, as far as it is public."""


ENDED_EDITIONS = (EditionState.CANCELLED, EditionState.DONE)
"""States in which nothing more is sent, unless somebody says `retry`."""


class DeliveryState(StrEnum):
    """The ledger's states (guarantees, section Ledger)."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An article that may enter an edition.

    `feeds` maps each of the schedule's feeds it entered to its place there (a growing number).
    `length` is that of its text where it stands in a cluster.
    """

    id: ArticleId
    title: str
    published: datetime
    feeds: Mapping[str, int]
    cluster: int | None = None
    source: str = ""
    length: int = 0
    priority: int = 0
    pinned: bool = False


Rank = tuple[float, ...]


def as_stored(candidate: Candidate) -> Rank:
    """Return the rank by which stories come in the order in which they were stored."""
    return (candidate.id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMemory:
    """One feed as one reader remembers it: begins after `start`, dealt with up to `watermark`."""

    feed: str
    start: int
    watermark: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderGroup:
    """Subscribers of a schedule who remember the same, so that one choice serves them all.

    `subscribed` are the feeds they get through this schedule; `memory` covers all feeds they ever
    had. `owed` were left over below a watermark; `sent` were sent above one (alerts, other feeds).
    """

    subscribed: tuple[str, ...]
    memory: tuple[FeedMemory, ...]
    owed: frozenset[ArticleId] = frozenset()
    sent: frozenset[ArticleId] = frozenset()
    size: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A group's selection in reading order, titles only (`more`), and what is carried over (`owed`)."""

    articles: tuple[ArticleId, ...]
    more: tuple[ArticleId, ...] = ()
    owed: tuple[ArticleId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The frozen result of a digest run: these articles, this audience.

    `number` counts the schedule's editions from 1. `subject` is that of the whole edition. `folded` is
    when its deliveries were dropped because it ended long ago: only `counts` are left of them.
    """

    id: EditionId
    run: RunId
    schedule: str
    slot: str
    number: int
    state: EditionState
    reason: str = ""
    title: str = ""
    subject: str = ""
    transport: str = ""
    articles: tuple[ArticleId, ...] = ()
    feeds: tuple[str, ...] = ()
    opened: datetime
    audience: int = 0
    counts: Mapping[DeliveryState, int] = field(default_factory=dict)
    folded: datetime | None = None

    @property
    def complete(self) -> bool:
        """Tell whether every recipient ended as accepted, failed, suppressed or uncertain."""
        return sum(self.counts.get(state, 0) for state in ENDED) == self.audience


ENDED = (
    DeliveryState.ACCEPTED,
    DeliveryState.FAILED,
    DeliveryState.SUPPRESSED,
    DeliveryState.UNCERTAIN,
)


GOOD = (DeliveryState.ACCEPTED, DeliveryState.SUPPRESSED)
"""Ends as they should be."""

BAD = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)
"""Ends that somebody should look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionContent:
    """What an edition says: its stories in reading order, frozen when it was opened.

    Every copy is made from this, whatever becomes of the articles afterwards. Editors change it
    while the edition is held; `version` counts from 1 and rises with each change. `note` is what
    they say at the top.
    """

    stories: tuple[StoryView, ...]
    note: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An edition as readers see it: what it says (None when that was never frozen), no accounting."""

    id: EditionId
    schedule: str
    number: int
    state: EditionState
    opened: datetime
    content: EditionContent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One ledger row joined with what a copy needs of the subscriber.

    `articles`, `more` (titles only) and `feeds` (what they subscribed to) are their own selection.
    `joined` is when they agreed to be written to, or were added where nobody noted that. `since` is
    when it was first put off by the other side (None: never, or an operator's retry came after it).
    """

    id: DeliveryId
    edition: EditionId
    subscriber: SubscriberId
    email: str
    name: str = ""
    language: str = ""
    timezone: str = ""
    sample: bool = False
    joined: datetime | None = None
    state: DeliveryState = DeliveryState.QUEUED
    reason: str = ""
    attempts: int = 0
    articles: tuple[ArticleId, ...] = ()
    more: tuple[ArticleId, ...] = ()
    feeds: tuple[str, ...] = ()
    message_id: str = ""
    transport: str = ""
    at: datetime | None = None
    since: datetime | None = None


BY_FEED = "feed"
"""Stands where a transport's name would for what is put into a reader's own feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one edition told one person: stories in edition order, and the feeds they had them by.

    `version` is that of what the edition says, 0 when that was never frozen.
    """

    edition: EditionId
    opened: datetime
    articles: tuple[ArticleId, ...]
    feeds: tuple[str, ...] = ()
    version: int = 0


class Refusal(StrEnum):
    """Whose fault it is that a copy was refused, and so what follows."""

    HARD = "hard"  # there is nobody at this address: it is not written to again
    SOFT = "soft"  # the mailbox or its server has trouble: counted, and for long enough ends alike
    POLICY = "policy"  # the sender or the message is refused: never counts against the reader


class OutcomeState(StrEnum):
    """What a transport may say of one parcel at once."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    RETURNED = "returned"  # never offered to the other side: back to the queue, no attempt counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the transport said of one parcel.

    `code` is the reply's code as it stood (`250`, `4.7.1`…), `reason` one line for people,
    `until` when a deferred one may be tried again (None: the sender's own back-off decides), `wait`
    after how long a returned one is worth claiming again (None: at once).
    `refusal` is what the sender makes of the code; a failed copy with a HARD one suppresses the
    address.
    """

    delivery: DeliveryId
    state: OutcomeState
    reason: str = ""
    code: str = ""
    message_id: str = ""
    transport: str = ""
    until: datetime | None = None
    wait: timedelta | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEdition:
    """The intent to open an edition: everything but the choices, which a pure function makes.

    `prepare` opens it as `preparing`. `offset` limits the audience to subscribers whose zone has
    that UTC offset in minutes at the slot (schedules in the subscriber's own time), None means
    everybody. `only` is the one article of an alert: watermarks stay where they are. `rank` (pure)
    orders the edition, and everybody's stories in it: what sorts first comes first.
    """

    run: RunId
    schedule: str
    slot: str
    title: str
    transport: str
    feeds: tuple[str, ...]
    now: datetime
    min_articles: int = 1
    max_articles: int = 12
    review: bool = False
    prepare: bool = False
    offset: int | None = None
    only: ArticleId | None = None
    rank: Callable[[Candidate], Rank] = as_stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why a copy is not sent now, in words for people, and when it may be."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    """What one pass over an edition's queue came to.

    `note` says why it stopped; `waits` why the rest is not due yet, though nothing is wrong;
    `last` when the last of those is due that this pass left to wait for their provider's rate.
    """

    edition: EditionId
    counts: Mapping[DeliveryState, int]
    audience: int
    complete: bool
    note: str = ""
    waits: str = ""
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What went wrong with an edition since it was last released from a pause.

    `failed` of `tried` copies ended refused; `blocked` are those of them refused by policy, by
    recipients' domain.
    """

    failed: int = 0
    tried: int = 0
    blocked: Mapping[str, int] = field(default_factory=dict)
