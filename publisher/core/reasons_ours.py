"""The words by which mail systems say that it is about us: who we are, what we send, how fast. Data.

Serves `core.reasons`, which says how they are asked.
"""

from dataclasses import dataclass

from publisher.model.editions import Refusal

HARD, SOFT, POLICY = Refusal.HARD, Refusal.SOFT, Refusal.POLICY


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its name, whose fault it is, the words (any of these expressions) and the codes for it."""

    name: str
    refusal: Refusal
    words: tuple[str, ...]
    codes: tuple[str, ...] = ()


ABOUT_US: tuple[Reason, ...] = (
    Reason(
        "greylisted",
        SOFT,
        (r"gr[ea]y-?\s?list",),
    ),
    Reason(
        "undefined",
        SOFT,
        (
            "may not exist",
            "permission to post",
            "mailer error",
        ),
    ),
    Reason(
        "toomanyconn",
        SOFT,
        (
            "too many (concurrent |simultaneous |open )?(smtp )?(connections|sessions)",
            "(concurrent|connection) (count|limit|rate)",
            "maximum (number of )?connections",
            "no connections allowed",
        ),
    ),
    Reason(
        "ratelimited",
        SOFT,
        (
            "receiving (e?mail|messages) (too quickly|at (a|too high a) rate)",
            "exceeded .{0,30}(hourly|daily|rate)",
            "too many (recipients|messages|mails|emails)",
            "rate.?limit",
            "throttl",
            "please slow down",
            "sending rate",
            "mail rate",
        ),
        (
            "4.5.3",
            "5.5.3",
            "4.7.28",
        ),
    ),
    Reason(
        "policy:requireptr",
        POLICY,
        (
            r"\bPTR\b",
            "reverse[- ]?(dns|lookup|hostname|ip|mapping)",
            "(ip|client|host) ?name lookup fail",
            "no reverse",
            "missing rdns",
            "rdns",
            "cannot (find|resolve) your (hostname|ip|reverse)",
            "unresolvable (relay|client)",
            "domain of sender address .{0,60}resolve",
            "fix (your )?(reverse )?dns",
        ),
        (
            "5.7.25",
            "4.7.25",
        ),
    ),
    Reason(
        "policy:authfailure",
        POLICY,
        (
            r"\b(dmarc|spf|dkim|arc)\b",
            "unauthenticated",
            "not authenticated",
            "authentication (check|fail|level|required)",
            "domainkeys",
            "sender policy framework",
        ),
        (
            "5.7.20",
            "5.7.21",
            "5.7.22",
            "5.7.23",
            "5.7.24",
            "5.7.26",
            "5.7.27",
            "5.7.30",
            "5.7.515",
            "5.7.509",
        ),
    ),
    Reason(
        "policy:virusdetected",
        POLICY,
        (
            r"(?<!@)\b(virus|malware|worm|trojan|infected|phish\w*|eicar)\b",
            "virus[- ]?(found|detect|infect)",
        ),
    ),
    Reason(
        "policy:spamdetected",
        POLICY,
        (
            r"\b(spam|spammy|spamming|bulk ?mail|junk|unsolicited|uce|ube)\b",
            "spam ?(score|filter|content|message|detected|like)",
            "looks like spam",
            "considered (as )?spam",
            "spamassassin",
            "rspamd",
        ),
    ),
    Reason(
        "policy:badreputation",
        POLICY,
        (
            "reputation",
            "user complaints",
            r"\[?TSS\d\d",
            r"\[PH\d\d",
            r"\bRP-00\d",
            r"\bSC-00\d",
            r"\bDY-00\d",
            "unusual rate",
            "senderbase",
            "low trust",
        ),
    ),
    Reason(
        "policy:norelaying",
        POLICY,
        (
            "relay(ing)?( access| mail)? (denied|not (permitted|allowed)|prohibited|forbidden)",
            "unable to relay",
            "(not|no) (permitted to |allowed to )?relay",
            "relaying",
            "we do not relay",
            "as a relay",
            "insecure mail relay",
            "not a gateway",
        ),
    ),
    Reason(
        "policy:blocked",
        POLICY,
        (
            "(block|black|deny|real-?time)[- ]?list",
            r"\bblocked\b",
            r"\bbanned\b",
            r"\bdnsbl\b",
            r"\brbl\b",
            "spamhaus",
            r"\bS3140\b",
            r"\bS3150\b",
            r"\[BL\d\d",
            (
                "(ip|client|host|connection|server|network|"
                "access)( address)? .{0,30}(refused|rejected|denied|blocked|forbidden|"
                "not allowed|not permitted)"
            ),
            "(bad|invalid|wrong) helo",
            "helo command rejected",
            "dynamic ip",
            "residential",
            "connections? .{0,20}not accepted",
            "blocklist",
        ),
    ),
    Reason(
        "policy:rejected",
        POLICY,
        (
            r"\bsender\b",
            r"\bverif\w* fail",
            r"fail\w* (to )?verif",
            "could not (be )?verif",
            r"\bcall-?(out|back)\b",
            r"\b(return.?path|envelope.?from|mail from|from (address|domain|header))\b",
            "address .{0,30}not listed in",
            r"\byour (e-?mail )?(account|address|mailbox|domain|server|host|network|ip)\b",
        ),
        (
            "5.1.7",
            "5.1.8",
        ),
    ),
    Reason(
        "policy:policyviolation",
        POLICY,
        (
            "policy",
            "policies",
            "not (allowed|permitted|accepted) (by|for|due)",
            "prohibited",
            "violat",
            "administrative(ly)? (prohibit|refus|den)",
            "message (was )?(refused|rejected|not allowed)",
            "access denied",
            "denied by",
            "delivery not authori[sz]ed",
            "not authori[sz]ed",
            "content (rejected|restrict)",
            "restricted",
        ),
    ),
    Reason(
        "policy:contenterror",
        POLICY,
        (
            (
                r"\b(attachment|mime|header)s?\b.{0,40}(reject|not allowed|invalid|malformed|"
                "denied|error|block)"
            ),
            "not (rfc|standards?) compliant",
            "non-?compliant",
            r"rfc ?\d{3,4} (complian|violat)",
            "improper use of 8-bit",
            "multiple .{0,20}header",
            "bare (lf|cr)",
        ),
        (
            "5.6.0",
            "5.6.9",
        ),
    ),
)
