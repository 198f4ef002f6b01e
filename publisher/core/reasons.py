"""Why a message did not arrive, in one word, by the words that mail systems use. Data; serves judging.

The names are Sisimai's where it has one, with `policy:` before those that are about us. Asked in this
order; what is in doubt stands before what is hard.
"""

from publisher.core.reasons_ours import ABOUT_US, HARD, POLICY, SOFT, Reason

SOMEBODY = (
    r"(user|mailbox|recipient|address|account|name|userid|alias|addressee|e-?mail|destination|login|person|here)"
    r"(\(?s\)?|'s)?"
)
IS = r"(is |was |has |are |you entered |that you (tried|are trying) to reach )?"
UNKNOWN_TO_THEM = (
    r"(unknown|not found|no found|does(n't| not) (exist|have)|not exist|could(n't| not) be found|invalid"
    r"|not listed|unavailable|cannot be found|not known|undeliverable|not (a )?valid|rejected|incorrect"
    r"|not (our|a) customer|not recogni[sz]ed|not available|non-?existent|wasn't found|not a known"
    r"|isn't listed|hasn't|not have|no such|unrouteable)"
)
NO_SUCH = r"(unknown|no such|invalid|non-?existent|bad|illegal|unroute?able|incorrect|wrong|unrecogni[sz]ed)"
OF_THEIRS = r"(destination|local|virtual|final|delivery|e-?mail|mail|system|recipient'?s?)"

REASONS: tuple[Reason, ...] = (
    *ABOUT_US,
    Reason(
        "message-too-big",
        POLICY,
        (
            (
                "(message|size|mail|e-?mail|header)s? (is |was |file )?(too (big|large|long)|"
                "(size )?exceed)"
            ),
            "maximum (message |header |fixed )?size",
            "size limit",
            "exceeds? .{0,40}(message|maximum).{0,12}size",
            "too large",
        ),
        (
            "5.2.3",
            "5.3.4",
            "4.3.4",
        ),
    ),
    Reason(
        "mailboxfull",
        SOFT,
        (
            "quota",
            "(mail|in)?box .{0,24}(is )?(full|exceed|limit)",
            "(exceed|over).{0,30}(storage|limit|quota|capacity|allocat)",
            "out of (storage|space)",
            "mailfolder is full",
            "not enough (storage|disk|space)",
            "disk full",
            "full mailbox",
            "too much mail",
            "(user|account|recipient|mailbox) .{0,24}(storage|space|full)",
            "exceeded the local limit",
            r"(mailbox|inbox|mail drop|account|user).{0,12}\bfull\b",
            "postfach.{0,20}voll",
            "speicherplatz",
            "boîte .{0,20}pleine",
            "buzón .{0,20}llen",
            "переполнен",
            "容量",
            "いっぱい",
            "已满",
            "dolu",
        ),
        (
            "5.2.2",
            "4.2.2",
        ),
    ),
    Reason(
        "expired",
        SOFT,
        (
            "expired",
            "been in the queue too long",
            (
                "(retry|retries|retry time|timeout|time ?limit|"
                "too many attempts).{0,24}(exceed|elapsed|reached|expired)"
            ),
            "delivery time",
            "could not be delivered (for|in|within)",
            "connection timed out",
            "not going to try again",
            "giving up(?! on)",
            "unable to deliver .{0,40}(days|hours)",
            r"(\d+) (failed )?attempts",
            "(timed? ?out|timeout)",
            "too old",
            "delivery timed out",
            "no attempt",
            "attempts? .{0,20}failed",
            r"for more than \d",
        ),
        (
            "4.4.7",
            "5.4.7",
        ),
    ),
    Reason(
        "hostunknown",
        HARD,
        (
            (
                "(host|domain|domain name|hostname)s? .{0,90}(not found|unknown|does(n't|"
                " not) exist|not exist|invalid|unresolvable|not known|could not be found|"
                "couldn't be found)"
            ),
            (
                "(unknown|no such|invalid|bad|illegal|unrouteable|unroutable|non-?existent|"
                "unresolvable) (host|domain|mail domain|address domain)"
            ),
            "nxdomain",
            r"dns (lookup )?(fail\w*|error)[^.]{0,20}not found",
            "recipient address rejected: (domain not found|unknown domain)",
            "unrouteable (mail )?domain",
            "couldn't find any host",
            "couldn't find a mail exchanger",
            "no (mx|mail exchange)( or a)?( record)?s?( for| found)",
            "all relevant mx records point to non-existent",
            "server (is )?not found",
            "no data known",
        ),
        ("5.1.2",),
    ),
    Reason(
        "networkerror",
        SOFT,
        (
            "network (is )?(unreachable|error)",
            "no route to host",
            "connection (refused|reset|lost|dropped|closed|was )",
            "(could not|couldn't|unable to|cannot) connect",
            "host (is )?unreachable",
            "name service error",
            "dns (error|lookup|fail)",
            "routing loop",
            "too many hops",
            "mail loop",
            "loop detected",
            "loops back",
            "hop count",
            "lost connection",
            r"temporar\w* (unable|lookup|dns)",
            "host .{0,30}(down|not respond)",
            "name server",
        ),
        (
            "5.4.6",
            "4.4.6",
            "5.4.14",
        ),
    ),
    Reason(
        "notaccept",
        HARD,
        (
            "null mx",
            "does(n't| not) accept (any )?(mail|e-?mail|messages)",
            "no mail (is )?accepted",
            "domain .{0,30}not accept",
        ),
        ("5.1.10",),
    ),
    Reason(
        "hasmoved",
        HARD,
        (
            "(has|have|user|account|address|recipient) moved",
            "(address|user|account) (has )?(been )?(changed|replaced)( to)?",
            "no longer (with|at|employed|works)",
            "new address",
        ),
        ("5.1.6",),
    ),
    Reason(
        "disabled",
        HARD,
        (
            (
                "(account|mailbox|user|recipient|address|alias|inbox|email)(('s)? (account|"
                "address|mailbox))? .{0,30}(disabled|deactivated|closed|inactive|suspend|"
                "locked|expired|terminated|discontinued|not active|blocked)"
            ),
            (
                "(disabled|deactivated|inactive|suspended|closed|dormant|"
                "discontinued) (account|mailbox|user|recipient|address)"
            ),
            "mailbox (is )?(currently )?(unavailable|disabled)[^.]*disabled",
            "temporarily disabled",
            "has been (disabled|suspended)",
            "currently suspended",
        ),
        ("5.2.1",),
    ),
    Reason(
        "userunknown",
        HARD,
        (
            rf"{SOMEBODY}[@ :<>\"'()]*((e-?mail )?(address|account|name|mailbox) )?{IS}{UNKNOWN_TO_THEM}",
            rf"{NO_SUCH} ?({OF_THEIRS}|or|:|-| )*{SOMEBODY}",
            r"no (such )?(mail ?box|user|account|recipient|person|one|valid (recipient|host))\b",
            "not (our|a) (customer|valid (user|mailbox|address))",
            "account that you tried to reach does(n't| not) exist",
            r"does(n't| not) have an? \S+ account",
            "delivery to .{0,40}not (possible|exist)",
            "(is|are) not a (known|valid) (user|recipient)",
            "check if (the )?address is correct",
            "not (a member|listed|present|registered|in our)",
            "permanent(ly)? (fatal )?error.{0,20}address",
            "nobody here",
            "no valid recipients?",
            "does not like recipient",
            "unbekannt",
            "existiert nicht",
            "nicht (bekannt|gefunden|vorhanden)",
            "inconnue?",
            "n'existe pas",
            "introuvable",
            "no existe",
            "desconocid",
            "non esiste",
            "sconosciut",
            "inesistente",
            "niet (bekend|gevonden|bestaat)",
            "onbekend",
            "не (существует|найден)",
            "неизвест",
            "нет такого",
            "存在しな",
            "リストにありません",
            "見つかりません",
            "宛先不明",
            "該当",
            "不存在",
            "查无",
            "找不到",
            "bulunamadı",
            "bilinmeyen",
            "nie istnieje",
            "nieznan",
            "غير موجود",
            "لا يوجد",
        ),
        (
            "5.1.1",
            "5.1.0",
            "5.1.3",
            "5.1.4",
        ),
    ),
    Reason(
        "systemfull",
        SOFT,
        (
            "insufficient (system )?(storage|resources|disk)",
            "no space left",
            "file system full",
            "disk is full",
        ),
        (
            "4.3.1",
            "5.3.1",
        ),
    ),
    Reason(
        "systemerror",
        SOFT,
        (
            (
                "(system|server|internal|configuration|local|temporary|operational|i/o|"
                r"delivery|software|command|unknown mail(er)?|temporar\w*) (error|failure|"
                "problem|trouble|unavailable)"
            ),
            r"service (not|un)\w*",
            r"temporar\w* (unavailable|fail|reject|defer|problem)",
            "try (again )?later",
            "unable to (process|open|deliver|write)",
            "mailer (error|problem)",
            "(command|program|process|pipe|script) (died|fail|exit|returned|line)",
            "exit (code|status)",
            "not accepting",
            "overload",
            "busy",
            "can't create",
            "cannot (open|write|create|append)",
            "out of memory",
        ),
        (
            "4.3.0",
            "5.3.0",
            "4.3.2",
            "5.3.2",
            "4.3.5",
            "5.3.5",
            "4.2.0",
            "4.4.0",
            "4.4.1",
            "4.4.2",
        ),
    ),
)
"""Asked in this order."""

UNKNOWN = "undefined"
