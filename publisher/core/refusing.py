"""What a refusal means: nobody there, trouble there, or trouble with us. Pure.

Serves sending, and whoever reads what comes back later. RFC 3463 and RFC 5248 say what the codes
mean; the large providers' own words go before them, for they say more than their codes do. Names are
no words: an address or a link may spell anything. What is in doubt is never hard: an address
suppressed by mistake is a reader lost.
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
    always: bool = False  # also beside a code and words that say there is nobody


PHRASES: tuple[Phrase, ...] = (
    Phrase(r"gr[ea]y-?\s?list", SOFT, "450 4.2.0 Greylisted, try again later", always=True),
    Phrase(
        r"receiving (e?mail|messages) (too quickly|at (a|too high a) rate)",
        SOFT,
        "550 5.2.1 The user you are trying to contact is receiving mail at a rate that … (Gmail)",
        always=True,
    ),
    Phrase(
        r"too many (concurrent |simultaneous )?(smtp )?(connections|sessions)",
        SOFT,
        "421 4.7.0 Too many connections: less at a time is wanted, nobody is blocked",
        always=True,
    ),
    Phrase(
        r"\bsender\b|\bverif\w* fail|fail\w* (to )?verif|could not (be )?verif|\bcall-?(out|back)\b"
        r"|\b(return.?path|envelope.?from|mail from|from (address|domain))\b"
        r"|\byour (e-?mail )?(account|address|mailbox|domain|server|host|network|ip)\b",
        POLICY,
        "550 5.1.0 Sender address rejected: User unknown in virtual mailbox table (Postfix)",
        always=True,
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
"""Asked in this order, before any code; but where code and words agree that there is nobody, only
those that hold `always`: a word about spam or policy there is a remark.
"""

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
    r"(user|mailbox|recipient( address)?|\balias)('s)? (is |was )?"
    r"(unknown|not found|does(n't| not) exist|disabled|deactivated|closed)"
    r"|(unknown|no such|invalid|non-?existent) (local )?(user|mailbox|recipient)s?\b(?! (domain|host))"
    r"|account that you tried to reach (does(n't| not) exist|is disabled)"
    r"|no mailbox here|does(n't| not) have an? \S+ account|not our customer"
)
"""Words for nobody there; they count where no enhanced code says more.

An account or an address that is closed may as well be ours: without a code that is no such word.
"""

NOBODY = frozenset({"5.1.1", "5.1.2", "5.1.10"})
"""Codes for nobody there that outweigh a remark when the words say the same."""

BLOCKLIST = r"spamhaus|spamcop|sorbs\.|barracuda|abuseat|uribl|surbl|invaluement|mailspike|abusix"
"""Sites of block lists: a link to one says as much as the word."""


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

_PHRASES = tuple(
    (re.compile(one.words, re.IGNORECASE), one.refusal, one.always) for one in PHRASES
)
_UNKNOWN = re.compile(UNKNOWN, re.IGNORECASE)
_ENHANCED = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_BASIC = re.compile(r"\s*([45]\d\d)(?!\d)")
_AT_ONCE = re.compile(r"(?:4\d\d[ -]+)?5\.")
_LINK = re.compile(r"(?:\bhttps?://|\bwww\.)[^\s<>]+", re.IGNORECASE)
_ADDRESS = re.compile(
    r"""<[^<>\s]*>|<[^<>]*@[^<>]*>|"[^"]*"@[^\s<>,;()]+|[^\s<>,;:()\[\]"']+@[^\s<>,;:()"']+"""
)
_HOST = re.compile(r"(?<![\w.-])(?:[^\W_](?:[\w-]*\w)?\.)+[^\W\d_]{2,}(?![\w-])")
_BLOCKLIST = re.compile(BLOCKLIST, re.IGNORECASE)


def refusal_of(code: str, reason: str, sender: str = "") -> Refusal | None:
    """Return what an answer means: its code (`5.1.1`, `550`) and its words; None without a code.

    An answer that names the envelope's `sender` speaks of it. What is said for now only (4xx) is
    never hard.
    """
    reason = " ".join(reason.split())
    basic = _found(_BASIC, code) or _found(_BASIC, reason)
    enhanced = _found(_ENHANCED, code) or (_found(_ENHANCED, reason) if basic else "")
    if not (basic or enhanced):
        return None
    if basic.startswith("4") and enhanced.startswith("5") and not _AT_ONCE.match(reason):
        enhanced = ""  # a number further on in the words, not the server's own code
    words = plain(reason)
    means = _by_words(words, enhanced) or _by_code(words, basic, enhanced)
    return POLICY if means is HARD and _names(reason, sender) else means


def is_greylisted(code: str, reason: str) -> bool:
    """Tell whether the answer means "come back later", as some servers greet every newcomer."""
    if _PHRASES[0][0].search(plain(reason)):
        return True
    found = _found(_ENHANCED, code) or _found(_ENHANCED, reason)
    return found == "4.7.1" and refusal_of(code, reason) is SOFT


def worn_out(failures: Sequence[datetime]) -> bool:
    """Tell whether soft failures, with no success between them, are enough to stop writing."""
    count, span = WORN_OUT
    return len(failures) >= count and max(failures) - min(failures) >= span


def _by_words(words: str, enhanced: str) -> Refusal | None:
    agreed = enhanced in NOBODY and _UNKNOWN.search(words)
    for pattern, refusal, always in _PHRASES:
        if (always or not agreed) and pattern.search(words):
            return refusal
    return None


def _by_code(words: str, basic: str, enhanced: str) -> Refusal:
    for_good = (enhanced or basic).startswith("5")
    if enhanced in VAGUE:
        if for_good and _UNKNOWN.search(words):
            return HARD
        return SOFT if enhanced else BASIC.get(basic, SOFT)
    return CODES.get(enhanced) or SUBJECTS.get(enhanced.split(".")[1], SOFT)


def plain(reason: str) -> str:
    """Return what is said, with an @ for every address, link and host in it."""
    said = _LINK.sub(_site, " ".join(reason.split()))
    return _HOST.sub(_site, _ADDRESS.sub("@", said))


def _site(found: re.Match[str]) -> str:
    return "blocklist" if _BLOCKLIST.search(found[0]) else "@"


def _names(reason: str, sender: str) -> bool:
    named = (found.strip("<>.").casefold() for found in _ADDRESS.findall(reason))
    return bool(sender) and sender.casefold() in named


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text) if pattern is _BASIC else pattern.search(text)
    return found[1] if found else ""
