"""Reads a mail that came back into a `Report`; serves the package."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from publisher.kit.bounces import answers, prose
from publisher.kit.bounces.amazon import read_notification
from publisher.kit.bounces.mail import Part, leaves, read_part
from publisher.kit.bounces.status import TYPES, address_of, read_status
from publisher.model.receipts import Action, Notice, Report, ReportKind, Returned

_RETURNED = frozenset(
    {
        *("message/rfc822", "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers"),
        *("message/global", "message/global-headers", "text/rfc822", "message/partial"),
    }
)
_FEEDBACK = "message/feedback-report"
_DISPOSITION = frozenset(
    {"message/disposition-notification", "message/global-disposition-notification"}
)
_ANGLES = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
_BARE = re.compile(r"[^\s<>,;\"()]+@[^\s<>,;\"()]+")
_FIELD = re.compile(r"^([A-Za-z-]+):[ \t]*(.*)$", re.MULTILINE)
_ADDRESSED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to")
_FINAL = re.compile(r"^final-recipient[ \t]*:", re.MULTILINE | re.IGNORECASE)
_RCPT = re.compile(r"^original-rcpt-to[ \t]*:[ \t]*(.*)$", re.MULTILINE | re.IGNORECASE)
_APPLE = "x-apple-unsubscribe"
_HOTMAIL = "x-hmxmroriginalrecipient"
_WORDS, _BRIEF, _HEADER = 4_000, 12, 4_000
_SENT_BY = re.compile(r"staff@hotmail|complaint about message", re.IGNORECASE)


def read_report(data: bytes) -> Report:
    """Return what a mail says. Pure, total; takes mails in bytes as they are stored or carried."""
    mail = read_part(data)
    parts = list(leaves(mail))
    back = next((read_part(part.bytes()) for part in parts if part.type in _RETURNED), None)
    words = _words(mail, parts)
    report = Report(
        kind=ReportKind.HUMAN,
        returned=_returned(back) if back is not None else _torn(parts),
        addressed=tuple(
            address
            for name in _ADDRESSED
            for value in mail.values(name)
            for address in _all(value)
        ),
        sender=next(iter(_all(mail.header("from"))), ""),
        subject=mail.header("subject"),
        words=words,
    )
    if (noted := read_notification(words)) is not None:
        kind, notices, feedback = noted
        return replace(report, kind=kind, notices=notices, feedback=feedback)
    return (
        _complaint(mail, parts, back, report)
        or _delivery(mail, parts, report)
        or _other(mail, parts, report)
    )


def _complaint(
    mail: Part, parts: Sequence[Part], back: Part | None, report: Report
) -> Report | None:
    """Return a complaint, or what looks like one and is about how our mail was authenticated."""
    for part in parts:
        if part.type == _FEEDBACK:
            fields = _fields(part.text())
            kind = fields.get("feedback-type", "abuse").strip().lower()
            if kind.startswith("auth"):
                return replace(report, kind=ReportKind.AUTHENTICATION, feedback=kind)
            named = [address_of(one) for one in _RCPT.findall(part.text())] or [_to(back)]
            return _complained(report, kind, named)
    if back is not None and (
        _HOTMAIL in back.headers or _SENT_BY.search(f"{report.sender} {report.subject}")
    ):
        return _complained(
            report, "abuse", [address_of(back.headers.get(_HOTMAIL, "")) or _to(back)]
        )
    if _APPLE in mail.headers:
        return _complained(report, "opt-out", [report.sender])
    return None


def _complained(report: Report, kind: str, named: Sequence[str]) -> Report:
    notices = tuple(Notice(recipient=one) for one in dict.fromkeys(named) if "@" in one)
    return replace(report, kind=ReportKind.FEEDBACK, feedback=kind, notices=notices)


def _delivery(mail: Part, parts: Sequence[Part], report: Report) -> Report | None:
    """Return a delivery report: by its fields, else by its words."""
    notices = _fields_of(parts)
    if notices:
        return replace(report, kind=ReportKind.DELIVERY, notices=tuple(_known(notices, report)))
    failed = tuple(dict.fromkeys(_all(mail.headers.get("x-failed-recipients", ""))))
    if not failed and not _tells_of_failure(mail, report):
        return None
    named = failed or _named(report)
    if not named and not answers.from_mailer(mail):
        return None
    found = [
        Notice(recipient=one, action=_action(report), diagnostic=_about(report.words, one, named))
        for one in named
    ]
    told = Notice(recipient="", action=_action(report), diagnostic=_flat(report.words))
    return replace(report, kind=ReportKind.DELIVERY, notices=tuple(found) or (told,))


def _fields_of(parts: Sequence[Part]) -> list[Notice]:
    """Return what stands in status reports; one without its label is known by its fields."""
    found = [notice for part in parts if part.type in TYPES for notice in read_status(part.text())]
    if found:
        return found
    for part in parts:
        if part.type in _RETURNED and (inner := _forwarded(part)):
            return inner
        if part.type == "text/plain" and (start := _FINAL.search(text := part.text())) is not None:
            return list(
                read_status(
                    text[: start.end() + _WORDS][text.rfind("\n\n", 0, start.start()) + 1 :]
                )
            )
    return []


def _forwarded(part: Part) -> list[Notice]:
    """Return what stands in a report that was itself sent on as an attachment."""
    inner = read_part(part.bytes())
    reports = [one for one in leaves(inner) if one.type in TYPES]
    return [notice for one in reports for notice in read_status(one.text())]


def _tells_of_failure(mail: Part, report: Report) -> bool:
    """Tell whether prose is a mail system's: by its sender, else by subject and envelope."""
    if answers.from_mailer(mail):
        return not answers.in_somebodys_name(mail)
    if answers.is_letter(report.subject) or answers.is_answer(mail):
        return False
    return answers.says_failed(report.subject)


def _action(report: Report) -> Action:
    return (
        Action.DELAYED
        if answers.says_delayed(f"{report.subject}\n{report.words}")
        else Action.FAILED
    )


def _known(notices: Sequence[Notice], report: Report) -> list[Notice]:
    """Return notices with what the words say where the fields say too little."""
    known = []
    for notice in notices:
        recipient = notice.recipient or next(iter(_named(report)), "")
        words = notice.diagnostic or _about(
            report.words, recipient, [one.recipient for one in notices]
        )
        known.append(replace(notice, recipient=recipient, diagnostic=words))
    return known


def _other(mail: Part, parts: Sequence[Part], report: Report) -> Report:
    """Return a receipt of a reader, an answer of a machine, or a letter."""
    if any(part.type in _DISPOSITION for part in parts):
        return replace(report, kind=ReportKind.DISPOSITION)
    return replace(report, kind=ReportKind.ANSWER if answers.is_answer(mail) else ReportKind.HUMAN)


def _named(report: Report) -> tuple[str, ...]:
    ours = frozenset(one.casefold() for one in (*report.addressed, report.sender))
    return prose.failed(report.words.split("\n"), ours, report.returned.recipient)


def _about(words: str, recipient: str, others: Sequence[str]) -> str:
    """Return what is said of one recipient: from the line that names it to the next one's; else all."""
    lines = words.split("\n")
    start = next((number for number, line in enumerate(lines) if _names(line, recipient)), None)
    if start is None:
        return _flat(words)
    rest = [one for one in others if one.casefold() != recipient.casefold()]
    end = next(
        (
            number
            for number in range(start + 1, len(lines))
            if any(_names(lines[number], one) for one in rest)
            and not _names(lines[number], recipient)
        ),
        len(lines),
    )
    here = _flat("\n".join(lines[start:end]))
    # Some say why first, and whom then.
    return here if len(here) > len(recipient) + _BRIEF else _flat(words)


def _names(line: str, recipient: str) -> bool:
    return bool(recipient) and recipient.casefold() in line.casefold()


def _flat(words: str) -> str:
    return " ".join(words.split())[:_WORDS]


def _words(mail: Part, parts: Sequence[Part]) -> str:
    """Return what is said to people."""
    texts = [part for part in parts if part.type == "text/plain"]
    if not texts and mail.type == "text/html":
        texts = [mail]
    said = [line for part in texts for line in prose.said(part.text())]
    return "\n".join(said)[: prose.LONGEST]


def _returned(back: Part) -> Returned:
    return Returned(
        message_id=back.headers.get("message-id", ""),
        recipient=_to(back),
        unsubscribe=back.headers.get("list-unsubscribe", ""),
    )


def _torn(parts: Sequence[Part]) -> Returned:
    """Return what stands of a message that was sent back within the text."""
    for part in parts:
        if part.type == "text/plain":
            text = part.text()
            rest = text[len("\n".join(prose.said(text))) :]
            fields = _fields(rest[: prose.LONGEST])
            if "to" in fields or "message-id" in fields:
                addresses = _all(fields.get("to", ""))
                return Returned(
                    message_id=fields.get("message-id", ""),
                    recipient=addresses[0] if len(addresses) == 1 else "",
                    unsubscribe=fields.get("list-unsubscribe", ""),
                )
    return Returned()


def _fields(text: str) -> Mapping[str, str]:
    """Return the fields of a text, lower-case names, the first of each."""
    fields: dict[str, str] = {}
    for found in _FIELD.finditer(text):
        fields.setdefault(found[1].lower(), found[2].strip())
    return fields


def _to(back: Part | None) -> str:
    """Return whom the message that was sent back was for, "" for several or nobody."""
    addresses = _all(back.header("to")) if back is not None else ()
    return addresses[0] if len(addresses) == 1 else ""


def _all(value: str) -> tuple[str, ...]:
    """Return the addresses of a header."""
    value = value[:_HEADER]
    return tuple(_ANGLES.findall(value)) or tuple(_BARE.findall(value))
