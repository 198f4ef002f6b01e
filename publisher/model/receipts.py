"""Receipts: what came back for something that was sent, as it stands there and as it is understood."""

from dataclasses import dataclass
from enum import StrEnum


class ReportKind(StrEnum):
    """What sort of mail came back, before anybody asks what it means."""

    DELIVERY = "delivery"  # what became of a message (RFC 3464, or in prose)
    FEEDBACK = "feedback"  # somebody complained (RFC 5965)
    AUTHENTICATION = "authentication"  # how our mail was authenticated (RFC 6591, RFC 7489)
    DISPOSITION = "disposition"  # read, or thrown away (RFC 8098)
    ANSWER = "answer"  # a machine answered for somebody (RFC 3834)
    HUMAN = "human"


class Action(StrEnum):
    """What a delivery report says of one recipient (RFC 3464 section 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a report says of one recipient; `recipient` and `status` are as written, "" for none.

    `diagnostic` holds the words that tell why, on one line.
    """

    recipient: str
    action: Action = Action.FAILED
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The headers of the message that a report is about, as far as it was sent back."""

    message_id: str = ""
    recipient: str = ""
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A mail that came back, as read. `feedback` is the type of a complaint, in lower case.

    `addressed` are the addresses it was delivered to: a token may stand there. `words` are what it
    says to people, without what it sent back. `sender` is who wrote it, "" for nobody.
    """

    kind: ReportKind
    notices: tuple[Notice, ...] = ()
    feedback: str = ""
    returned: Returned = Returned()
    addressed: tuple[str, ...] = ()
    sender: str = ""
    subject: str = ""
    words: str = ""


class ReceiptClass(StrEnum):
    """What a receipt means for the reader it is about."""

    HARD = "hard"  # there is nobody at this address
    SOFT = "soft"  # trouble there, or with us: one such event means nothing
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto-reply"
    NOT_A_BOUNCE = "not-a-bounce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one notice means: `suppress` whether this event alone ends writing to the recipient."""

    recipient: str
    meaning: ReceiptClass
    reason: str
    status: str = ""
    suppress: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A report, understood: the gravest of its verdicts, and all of them.

    `recipients` are those who were not reached, or who complained; `status` the enhanced code (RFC
    3463) as written, "" when there is none.
    """

    meaning: ReceiptClass
    reason: str
    recipients: tuple[str, ...] = ()
    status: str = ""
    suppress: bool = False
    verdicts: tuple[Verdict, ...] = ()
