"""A rendered digest with merge fields, and one recipient's copy of it.

A message is rendered and inlined once per edition and language; a parcel is made per recipient by
choosing blocks (the stories in that person's selection) and filling slots. A parcel is a pure
function of (edition, subscriber): same Date, Message-ID and boundary at every attempt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from publisher.model.articles import ArticleId


class SlotKind(StrEnum):
    """How a value is written where the slot stands."""

    TEXT = "text"  # plain text part, as it is
    HTML = "html"  # escaped for element content and double-quoted attributes
    URL = "url"  # already a URL: percent-encoded, then escaped


@dataclass(frozen=True, slots=True)
class Literal:
    """Fixed text."""

    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A merge field. Names are `SELECTION_VALUES` and `RECIPIENT_VALUES` of model.views."""

    name: str
    kind: SlotKind = SlotKind.TEXT


@dataclass(frozen=True, slots=True)
class Block:
    """Parts that stand in a copy only if `key` is among the keys chosen for it.

    Keys: `story:ID`, `lead:ID`, `section:NAME`, `more:ID` and what a format adds.
    """

    key: str
    parts: tuple["Part", ...]


Part = Literal | Slot | Block


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCard:
    """What selection-level wording needs of one story: its section (feed title), title, minutes."""

    id: ArticleId
    section: str
    title: str
    minutes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An edition rendered once: both bodies as parts, and the stories in edition order.

    `text` uses bare line feeds and holds no line longer than 998 octets once filled.
    """

    html: tuple[Part, ...]
    text: tuple[Part, ...]
    stories: tuple[StoryCard, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What all copies of an edition share outside the bodies.

    `edition` and `domain` seed Message-ID and boundary; `date` is when the edition opened.
    `sender` is the From mailbox as written by the operator; `envelope_sender` the MAIL FROM address.
    `list_id` is `Title <slug.domain>` (RFC 2919). `headers` are further fixed headers.
    """

    edition: str
    domain: str
    date: datetime
    sender: str
    envelope_sender: str
    reply_to: str = ""
    list_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What differs between two copies.

    `keys` are the chosen block keys; `values` fill the slots; `subject` is header text.
    `unsubscribe_url` goes into List-Unsubscribe (https first) beside `unsubscribe_mailto` ("" = none).
    `recipient` is the subscriber's permanent number as text, the only thing of theirs that enters the
    Message-ID (hashed).
    """

    recipient: str
    email: str
    name: str
    subject: str
    keys: frozenset[str]
    values: Mapping[str, str]
    unsubscribe_url: str
    unsubscribe_mailto: str = ""
    archived_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One recipient's copy, ready for a transport.

    `delivery` is the ledger row's id (0 for test sends). `data` is the whole message with CRLF line
    ends, not dot-stuffed. `dotless` vouches that none of its lines begins with a dot: looking again
    would cost SMTP more than sending. `sample` parcels are refused by transports that leave the
    machine.
    """

    delivery: int
    sender: str
    recipient: str
    message_id: str
    data: bytes
    sample: bool = False
    dotless: bool = False
