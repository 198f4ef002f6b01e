"""Letters around a subscription, and what is kept of one until somebody took it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from publisher.model.subscribers import SubscriberId

LetterId = NewType("LetterId", int)


class LetterKind(StrEnum):
    """What a letter is for."""

    CONFIRMATION = "confirmation"
    WELCOME = "welcome"
    GOODBYE = "goodbye"


class Posted(StrEnum):
    """What became of a letter at once."""

    SENT = "sent"
    KEPT = "kept"  # put off by the other side, or nobody was there to take it: tried again
    NOT = "not"  # one of its kind went before, or it must not be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLetter:
    """A letter that nobody has taken yet: all it is made of, so that each try sends the same.

    `choice` is what its reader asked for, as the button has it. `period` is the stretch of time in
    which one of its kind goes. `made` is when it was asked for, `since` when it was first put off.
    """

    id: LetterId
    kind: LetterKind
    subscriber: SubscriberId
    choice: str
    period: str
    made: datetime
    since: datetime | None = None
