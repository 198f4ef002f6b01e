"""A rendered digest with merge fields, and one recipient's copy of it.

A message is rendered and inlined once per edition and language; a parcel is made per recipient by
joining blocks (the stories in that person's selection, in their order) and filling slots. A parcel
is a pure function of (edition, subscriber): same Date, Message-ID and boundary at every attempt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256


class SlotKind(StrEnum):
    """How a value is written where the slot stands."""

    TEXT = "text"  # plain text part, as it is
    FLOWED = "flowed"  # a paragraph, or part of a line, of a text part that is `flowed`
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
class Place:
    """Where a copy's own blocks stand, in its own order: `lead`, `stories`, `more`."""

    name: str


Piece = Literal | Slot
Part = Literal | Slot | Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One part of a message: a frame that all copies share, and the blocks they choose from.

    Keys of blocks: `lead:ID`, `story:ID`, `brief:ID` and `line:ID` are one story in its sizes,
    `section:SLUG` a feed's heading, `more` the heading above lines.
    """

    frame: tuple[Part, ...]
    blocks: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What an edition and its feeds are called when it goes out, and what its subject is made of.

    `title`, `subject`, `when` and `cron` are those of its schedule; `feeds` maps slugs to titles.
    """

    publication: str
    title: str
    subject: str
    when: str = ""
    cron: str = ""
    feeds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An edition rendered once in one language; both bodies hold the same places and blocks.

    `text` uses bare line feeds and holds no line longer than 998 octets once filled; with `flowed`
    its line breaks are those of RFC 3676, with DelSp. `names` are what copies are made with besides.
    """

    html: Body
    text: Body
    language: str = "en"
    flowed: bool = False
    names: Names | None = None

    @property
    def mark(self) -> str:
        """Return what tells messages apart: equal ones have the same, 32 letters."""
        return sha256(repr(self).encode("utf-8", "replace")).hexdigest()[:32]


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

    `places` names for each place the keys of its blocks in order; `values` fill the slots; `subject`
    is header text.
    `unsubscribe_url` goes into List-Unsubscribe (https first) beside `unsubscribe_mailto` ("" = none).
    `recipient` is the subscriber's permanent number as text, the only thing of theirs that enters the
    Message-ID (hashed).
    """

    recipient: str
    email: str
    name: str
    subject: str
    places: Mapping[str, tuple[str, ...]]
    values: Mapping[str, str]
    unsubscribe_url: str
    unsubscribe_mailto: str = ""
    archived_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One recipient's copy, ready for a transport.

    `delivery` is the ledger row's id (0 for test sends). `pieces` joined are the whole message with
    CRLF line ends, not dot-stuffed: copies share most of them, so that one which waits costs next to
    nothing. `dotless` vouches that none of its lines begins with a dot and that all but the recipient
    is ASCII: looking again would cost SMTP more than sending. `sample` parcels are refused by
    transports that leave the machine.
    """

    delivery: int
    sender: str
    recipient: str
    message_id: str
    pieces: tuple[bytes, ...]
    sample: bool = False
    dotless: bool = False

    @property
    def data(self) -> bytes:
        """Return the whole message, joined anew each time."""
        return b"".join(self.pieces)

    @property
    def size(self) -> int:
        """Return its octets."""
        return sum(map(len, self.pieces))
