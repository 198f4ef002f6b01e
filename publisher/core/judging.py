"""What came back means: for the reader, and whether this event alone ends writing to them. Pure.

Serves receiving and the command `receipts read`. A code says less than the words beside it, and a
mistake costs a reader: what is in doubt, put off, or about us never counts as hard.
"""

import re
from collections.abc import Sequence

from publisher.core.reasons import REASONS, UNKNOWN
from publisher.core.reasons_ours import Reason
from publisher.core.refusing import plain, refusal_of
from publisher.model.editions import Refusal
from publisher.model.receipts import (
    Action,
    Notice,
    Receipt,
    ReceiptClass,
    Report,
    ReportKind,
    Verdict,
)

_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_BASIC = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
_BY_WORDS = tuple((re.compile("|".join(one.words), re.IGNORECASE), one) for one in REASONS)
_BY_CODE = {code: one for one in REASONS for code in one.codes}
_ABOUT_US = {
    code: one for code, one in _BY_CODE.items() if one.refusal is Refusal.POLICY and code[2] == "7"
}
"""Codes that name a fault of ours more exactly than words do (RFC 7372)."""

_WELCOME = frozenset({"not-spam", "not-junk"})
_DONE = {Action.DELIVERED, Action.RELAYED, Action.EXPANDED}
_GRAVEST = (ReceiptClass.COMPLAINT, ReceiptClass.HARD, ReceiptClass.SOFT)
_VAGUE = re.compile(r"[45]\.0\.\d+")


def judge(report: Report) -> Receipt:
    """Return what a report means."""
    if report.kind is ReportKind.FEEDBACK:
        return _complaint(report)
    if report.kind is ReportKind.DELIVERY:
        return _delivery(report)
    if report.kind is ReportKind.ANSWER:
        return Receipt(meaning=ReceiptClass.AUTO_REPLY, reason="vacation")
    reasons = {
        ReportKind.DISPOSITION: "read-receipt",
        ReportKind.AUTHENTICATION: "authentication-report",
    }
    return Receipt(meaning=ReceiptClass.NOT_A_BOUNCE, reason=reasons.get(report.kind, "human"))


def judge_notice(notice: Notice) -> Verdict:
    """Return what is said of one recipient."""
    status = _status(notice)
    if notice.action in _DONE:
        return Verdict(
            recipient=notice.recipient,
            meaning=ReceiptClass.NOT_A_BOUNCE,
            reason=str(notice.action),
            status=status,
        )
    if notice.action is Action.DELAYED:
        reason, hard = "delayed", False
    else:
        reason, hard = _why(status, notice.diagnostic)
    return Verdict(
        recipient=notice.recipient,
        meaning=ReceiptClass.HARD if hard else ReceiptClass.SOFT,
        reason=reason,
        status=status,
        suppress=hard,
    )


def _why(status: str, words: str) -> tuple[str, bool]:
    """Return the reason of a failure, and whether it is for good."""
    said = plain(words)
    found = _ABOUT_US.get(status) or _by_words(said) or _BY_CODE.get(_for_good(status))
    refusal = refusal_of(status, words)
    if found is None:
        found = _by_refusal(refusal)
    name, fault = (found.name, found.refusal) if found else (UNKNOWN, refusal or Refusal.SOFT)
    # A bare 554 says nothing but "no"; an enhanced code for policy outweighs words for nobody there.
    if (
        refusal is Refusal.POLICY
        and fault is not Refusal.POLICY
        and _CODE.search(f"{status} {words}")
    ):
        return "policy:policyviolation", False
    return name, fault is Refusal.HARD and not _put_off(status, words)


def _for_good(status: str) -> str:
    """Return a code as it would be were it not for now only."""
    return f"5{status[1:]}" if status not in _BY_CODE and status else status


def _by_words(said: str) -> Reason | None:
    return next((reason for pattern, reason in _BY_WORDS if pattern.search(said)), None)


def _by_refusal(refusal: Refusal | None) -> Reason | None:
    wanted = {Refusal.HARD: "userunknown", Refusal.POLICY: "policy:policyviolation"}
    name = wanted.get(refusal) if refusal else None
    return next((one for one in REASONS if one.name == name), None)


def _put_off(status: str, words: str) -> bool:
    """Tell whether a failure is one of patience: what is said for now only is never hard."""
    basic = _BASIC.search(words)
    return status.startswith("4") or (
        not status and basic is not None and basic[1].startswith("4")
    )


def _status(notice: Notice) -> str:
    """Return the most telling code: the answering server's own, then the report's field."""
    found = _CODE.search(notice.diagnostic)
    if found is not None and (not _VAGUE.fullmatch(found[1]) or not notice.status):
        return found[1]
    return notice.status


def _complaint(report: Report) -> Receipt:
    recipients = tuple(notice.recipient for notice in report.notices)
    if report.feedback in _WELCOME:
        return Receipt(meaning=ReceiptClass.NOT_A_BOUNCE, reason=report.feedback)
    reason = report.feedback or "abuse"
    verdicts = tuple(
        Verdict(recipient=one, meaning=ReceiptClass.COMPLAINT, reason=reason, suppress=True)
        for one in recipients
    )
    return Receipt(
        meaning=ReceiptClass.COMPLAINT,
        reason=reason,
        recipients=recipients,
        suppress=True,
        verdicts=verdicts,
    )


def _delivery(report: Report) -> Receipt:
    verdicts = tuple(judge_notice(notice) for notice in report.notices)
    gravest = _gravest(verdicts)
    not_reached = (one for one in verdicts if one.meaning is not ReceiptClass.NOT_A_BOUNCE)
    return Receipt(
        meaning=gravest.meaning,
        reason=gravest.reason,
        recipients=tuple(
            dict.fromkeys(one.recipient for one in not_reached if "@" in one.recipient)
        ),
        status=gravest.status,
        suppress=gravest.suppress,
        verdicts=verdicts,
    )


def _gravest(verdicts: Sequence[Verdict]) -> Verdict:
    for meaning in _GRAVEST:
        for one in verdicts:
            if one.meaning is meaning:
                return one
    return verdicts[0]
