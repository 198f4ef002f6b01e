"""Amazon's notifications of bounces, complaints and deliveries, as they come by mail.

Serves `read_report`. Pure, total. Source: "Amazon SNS notification contents for Amazon SES".
"""

import json
import re
from collections.abc import Mapping, Sequence

from publisher.model.receipts import Action, Notice, ReportKind

_START = re.compile(
    r"^\s*\{(?=.{0,2000}\W(?:notificationType|eventType)\W)", re.MULTILINE | re.DOTALL
)


def read_notification(text: str) -> tuple[ReportKind, tuple[Notice, ...], str] | None:
    """Return the kind, what is said of each recipient and the type of a complaint; None for no such text."""
    said = _object(text)
    if isinstance(said.get("Message"), str):  # in the envelope of Amazon SNS
        said = _object(str(said["Message"]))
    kind = str(said.get("notificationType") or said.get("eventType") or "").lower()
    body = said.get(kind)
    if not isinstance(body, Mapping) or kind not in _READ:
        return None
    feedback = _text(body, "complaintFeedbackType") or "abuse" if kind == "complaint" else ""
    return _KINDS[kind], _READ[kind](body), feedback


def _object(text: str) -> Mapping[str, object]:
    """Return the first JSON object of a text that says what it notifies of, {} for none."""
    found = _START.search(text)
    try:
        said, _ = json.JSONDecoder(strict=False).raw_decode(
            text[found.end() - 1 :] if found else "{}"
        )
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, Mapping) else {}


def _complained(body: Mapping[str, object]) -> tuple[Notice, ...]:
    named = _each(body.get("complainedRecipients"))
    return tuple(Notice(recipient=_text(one, "emailAddress")) for one in named)


def _bounced(body: Mapping[str, object]) -> tuple[Notice, ...]:
    subtype = str(body.get("bounceSubType") or "")
    return tuple(
        Notice(
            recipient=_text(one, "emailAddress"),
            status=_text(one, "status"),
            diagnostic=(_text(one, "diagnosticCode").removeprefix("smtp; ") or subtype),
        )
        for one in _each(body.get("bouncedRecipients"))
    )


def _delivered(body: Mapping[str, object]) -> tuple[Notice, ...]:
    listed = body.get("recipients")
    named = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    response = _text(body, "smtpResponse")
    return tuple(
        Notice(recipient=one, action=Action.DELIVERED, diagnostic=response) for one in named
    )


def _each(listed: object) -> Sequence[Mapping[str, object]]:
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


_READ = {"bounce": _bounced, "complaint": _complained, "delivery": _delivered}
_KINDS = {
    "bounce": ReportKind.DELIVERY,
    "complaint": ReportKind.FEEDBACK,
    "delivery": ReportKind.DELIVERY,
}
