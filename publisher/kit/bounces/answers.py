"""Answers that no person wrote, and the words by which a mail system says that it failed.

Serves `read_report`. Pure. RFC 3834 says how an answer shows itself; the rest is what is seen.
"""

import re
from collections.abc import Sequence

from publisher.kit.bounces import phrases
from publisher.kit.bounces.mail import Part


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


_MAILERS, _FAILED, _DELAYED = map(_any_of, (phrases.MAILERS, phrases.FAILED, phrases.DELAYED))
_AUTOMATIC = re.compile(rf"\W*(?:{'|'.join(phrases.AWAY)})", re.IGNORECASE)
_LETTER = re.compile(
    rf"\s*(?:{'|'.join(phrases.LETTERS)})\s*(?:\[\d+\])?\s*[:\uff1a]", re.IGNORECASE
)
_MADE_BY_MACHINES = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-ms-exchange-inbox-rules-loop",
    "x-vacation",
    "x-mail-autoreply",
)


def from_mailer(mail: Part) -> bool:
    """Tell whether a mail system wrote this, by its sender."""
    return bool(_MAILERS.search(mail.header("from")))


def to_nobody(mail: Part) -> bool:
    """Tell whether it came with an empty envelope sender: nobody wants an answer (RFC 5321 section 4.5.5)."""
    return mail.headers.get("return-path", "").strip() == "<>"


def is_letter(subject: str) -> bool:
    """Tell whether a subject is that of an answer or a forwarded mail."""
    return bool(_LETTER.match(subject))


def in_somebodys_name(mail: Part) -> bool:
    """Tell whether the subject is that of an absent person's answer."""
    return bool(_AUTOMATIC.search(mail.header("subject")))


def says_failed(subject: str) -> bool:
    """Tell whether a subject says that something was not delivered."""
    return bool(_FAILED.search(subject))


def says_delayed(text: str) -> bool:
    """Tell whether a mail system says that it is still trying."""
    return bool(_DELAYED.search(text))


def is_answer(mail: Part) -> bool:
    """Tell whether a machine answered in somebody's name (RFC 3834 section 5)."""
    headers = mail.headers
    said = headers.get("auto-submitted", "").split(";")[0].split("(")[0].strip().lower()
    precedence = {headers.get(name, "").strip().lower() for name in ("precedence", "x-precedence")}
    return (
        said == "auto-replied"
        or any(name in headers for name in _MADE_BY_MACHINES)
        or bool({"auto_reply", "auto-reply", "autoreply"} & precedence)
        or bool(_AUTOMATIC.search(mail.header("subject")))
    )
