"""What a refusal means: nobody there, trouble there, or trouble with us. Pure.

Serves sending, and whoever reads what comes back later. RFC 3463 and RFC 5248 say what the codes
mean; the large providers' own words go before them, for they say more than their codes do. What is
in doubt is never hard: an address suppressed by mistake is a reader lost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.model.editions import Refusal

HARD, SOFT, POLICY = Refusal.HARD, Refusal.SOFT, Refusal.POLICY

WORN_OUT = (5, timedelta(days=14))
"""So many soft failures in a row, over so long a time, end like a hard one."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in an answer, and what they mean whatever the code beside them."""

    words: str  # a regular expression
    refusal: Refusal
    example: str


PHRASES: tuple[Phrase, ...] = (
    Phrase(r"gr[ea]y-?\s?list", SOFT, "450 4.2.0 Greylisted, try again later"),
    Phrase(
        r"receiving (e?mail|messages) (too quickly|at (a|too high a) rate)",
        SOFT,
        "550 5.2.1 The user you are trying to contact is receiving mail at a rate that … (Gmail)",
    ),
    Phrase(
        r"too many (concurrent |simultaneous )?(smtp )?(connections|sessions)",
        SOFT,
        "421 4.7.0 Too many connections: less at a time is wanted, nobody is blocked",
    ),
    Phrase(
        r"\b(spam|spamming|bulk ?mail|unsolicited|phish|virus|malware)",
        POLICY,
        "550 5.7.1 Our system has detected that this message is likely unsolicited mail (Gmail)",
    ),
    Phrase(
        r"(block|black|deny).?list|\bblocked\b|\bbanned\b|spamhaus|\bS3140\b|\bS3150\b",
        POLICY,
        "550 5.7.1 … part of their network is on our block list (S3140) (Outlook)",
    ),
    Phrase(
        r"\b(dmarc|spf|dkim|arc)\b|unauthenticated|not authenticated|authentication (check|fail)",
        POLICY,
        "550 5.7.515 Access denied, sending domain does not meet the authentication level (Outlook)",
    ),
    Phrase(
        r"reputation|unusual rate|rate.?limit|too many messages"
        r"|user complaints|\[?TSS\d\d|\[PH\d\d|\[BL\d\d|\bRP-00\d|\bSC-00\d|\bDY-00\d",
        POLICY,
        "421 4.7.0 [TSS04] Messages temporarily deferred due to user complaints (Yahoo)",
    ),
    Phrase(
        r"\bPTR\b|reverse (dns|lookup|hostname)|IP name lookup|policy (reasons?|violation|restrictions?)"
        r"|against (our |local )?policy|relay(ing)?( access)? (denied|not permitted|prohibited)"
        r"|unable to relay",
        POLICY,
        "554 5.7.1 Relay access denied (Postfix)",
    ),
    Phrase(
        r"(message|size|mail) (is |was )?(too (big|large)|exceeds)|maximum (message )?size",
        POLICY,
        "552 5.2.3 Message size exceeds fixed limit",
    ),
    Phrase(
        r"over.?quota|quota (is )?exceeded|exceeded (its|their|the|your) (storage|quota)"
        r"|mailbox (is )?full|out of storage|insufficient (system )?storage",
        SOFT,
        "552 5.2.2 The email account that you tried to reach is over quota (Gmail)",
    ),
)
"""Asked in this order, before any code."""

CODES: dict[str, Refusal] = {
    "5.1.1": HARD,  # no such mailbox
    "5.1.2": HARD,  # no such domain
    "5.1.6": HARD,  # the mailbox has moved, and nobody says where
    "5.1.7": POLICY,  # the sender's address
    "5.1.8": POLICY,  # the sender's domain
    "5.1.10": HARD,  # the domain takes no mail (RFC 7505)
    "5.2.1": HARD,  # the mailbox is disabled
    "5.2.3": POLICY,  # too long
    "5.3.4": POLICY,  # too big
    "4.3.4": POLICY,
    "4.5.3": SOFT,  # too many recipients: for one message, or for a while
    "5.5.3": SOFT,
    "4.7.1": SOFT,  # what greylisting says when it does not call itself so
}
"""Enhanced codes with a meaning of their own; all others go by their second number."""

SUBJECTS: dict[str, Refusal] = {"5": POLICY, "6": POLICY, "7": POLICY}
"""Second numbers that concern the sender: protocol, content, security. The rest is soft."""

UNKNOWN = (
    r"(user|mailbox|recipient|account|address|alias)('s)? (is |was )?"
    r"(unknown|not found|does(n't| not) exist|disabled|deactivated|closed)"
    r"|(unknown|no such|invalid|non-?existent) (local )?(user|mailbox|recipient|account|address)"
    r"|no mailbox here|does(n't| not) have an? \S+ account|not our customer"
)
"""Words for nobody there; they count where no enhanced code says more."""

BASIC: dict[str, Refusal] = {
    "530": POLICY,
    "534": POLICY,
    "535": POLICY,
    "538": POLICY,
    "554": POLICY,  # says nothing but "no": as a rule to us
}
"""Answers without an enhanced code and without words we know; the rest is soft."""

VAGUE = frozenset({"", "5.0.0", "5.1.0", "5.5.0"})
"""Enhanced codes that say no more than 550 does."""

_PHRASES = tuple((re.compile(one.words, re.IGNORECASE), one.refusal) for one in PHRASES)
_UNKNOWN = re.compile(UNKNOWN, re.IGNORECASE)
_ENHANCED = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_BASIC = re.compile(r"\s*([45]\d\d)(?!\d)")


def refusal_of(code: str, reason: str) -> Refusal | None:
    """Return what an answer means: its code (`5.1.1`, `550`) and its words; None without a code.

    What is said for now only (4xx) is never hard.
    """
    reason = " ".join(reason.split())
    basic = _found(_BASIC, code) or _found(_BASIC, reason)
    enhanced = _found(_ENHANCED, code) or (_found(_ENHANCED, reason) if basic else "")
    if not (basic or enhanced):
        return None
    for words, refusal in _PHRASES:
        if words.search(reason):
            return refusal
    for_good = (enhanced or basic).startswith("5")
    if enhanced in VAGUE:
        if for_good and _UNKNOWN.search(reason):
            return HARD
        return SOFT if enhanced else BASIC.get(basic, SOFT)
    return CODES.get(enhanced) or SUBJECTS.get(enhanced.split(".")[1], SOFT)


def is_greylisted(code: str, reason: str) -> bool:
    """Tell whether the answer means "come back later", as some servers greet every newcomer."""
    if _PHRASES[0][0].search(reason):
        return True
    found = _found(_ENHANCED, code) or _found(_ENHANCED, reason)
    return found == "4.7.1" and refusal_of(code, reason) is SOFT


def worn_out(failures: Sequence[datetime]) -> bool:
    """Tell whether soft failures, with no success between them, are enough to stop writing."""
    count, span = WORN_OUT
    return len(failures) >= count and max(failures) - min(failures) >= span


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text) if pattern is _BASIC else pattern.search(text)
    return found[1] if found else ""
