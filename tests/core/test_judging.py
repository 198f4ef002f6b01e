"""A reason is told by words before codes; what is in doubt, put off or about us is never hard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.judging import judge, judge_notice
from publisher.core.reasons import REASONS
from publisher.model.receipts import Action, Notice, ReceiptClass, Report, ReportKind

WHO = "reader@port.example"


def verdict(words="", status="", action=Action.FAILED):
    return judge_notice(Notice(recipient=WHO, action=action, status=status, diagnostic=words))


@pytest.mark.parametrize(
    ("words", "status", "reason", "suppress"),
    [
        (
            "550 5.1.1 <reader@port.example>: Recipient address rejected: User unknown",
            "5.1.1",
            "userunknown",
            True,
        ),
        ("", "5.1.1", "userunknown", True),
        ("Sorry, no mailbox here by that name. (#5.1.1)", "", "userunknown", True),
        ("Benutzer unbekannt", "5.0.0", "userunknown", True),
        ("宛先不明です", "", "userunknown", True),
        (
            "Host or domain name not found. Name service error for name=port.example type=A",
            "5.4.4",
            "hostunknown",
            True,
        ),
        ("DNS lookup failure: host port.example not found", "", "hostunknown", True),
        ("556 5.1.10 Recipient address has null MX", "5.1.10", "notaccept", True),
        ("550 5.2.1 <reader@port.example>: account is disabled", "5.2.1", "disabled", True),
        ("551 5.1.6 The user has moved", "5.1.6", "hasmoved", True),
        ("552 5.2.2 Over quota", "5.2.2", "mailboxfull", False),
        (
            "The number of messages in recipient's mailbox exceeded the local limit.",
            "",
            "mailboxfull",
            False,
        ),
        ("Postfach ist voll", "5.0.0", "mailboxfull", False),
        ("552 5.3.4 Message size exceeds fixed limit", "5.3.4", "message-too-big", False),
        (
            "unable to connect: timed out; message has been in the queue too long",
            "4.4.7",
            "expired",
            False,
        ),
        ("Delivery failed 20 attempts: reader@port.example", "", "expired", False),
        ("550 5.7.26 This mail is unauthenticated", "5.7.26", "policy:authfailure", False),
        (
            "550 5.7.515 Access denied, sending domain does not meet the level",
            "5.7.515",
            "policy:authfailure",
            False,
        ),
        (
            "450 4.7.1 Access denied. IP name lookup failed [192.0.2.7]",
            "4.7.1",
            "policy:requireptr",
            False,
        ),
        (
            "554 5.7.1 Service unavailable; client host blocked using Spamhaus",
            "5.7.1",
            "policy:blocked",
            False,
        ),
        (
            "550 5.7.1 part of their network is on our block list (S3140)",
            "5.7.1",
            "policy:blocked",
            False,
        ),
        ("554 5.7.1 Relay access denied", "5.7.1", "policy:norelaying", False),
        ("553 5.1.8 Sender address rejected: Domain not found", "5.1.8", "policy:rejected", False),
        ("450 4.2.0 Greylisted, try again later", "4.2.0", "greylisted", False),
        (
            "450 4.1.1 <reader@port.example>: Recipient address rejected: unverified",
            "4.1.1",
            "userunknown",
            False,
        ),
        ("We don't like you", "", "undefined", False),
        ("", "", "undefined", False),
    ],
)
def test_reasons(words, status, reason, suppress):
    found = verdict(words, status)
    assert (found.reason, found.suppress) == (reason, suppress)
    assert found.meaning is (ReceiptClass.HARD if suppress else ReceiptClass.SOFT)


def test_an_address_may_spell_anything():
    words = "552 5.2.2 <user.unknown.spam@no-such-user.example>: quota exceeded"
    assert verdict(words, "5.2.2").reason == "mailboxfull"


def test_the_answering_servers_own_code_says_more_than_the_reports_field():
    assert verdict("450 4.7.1 IP name lookup failed", "4.4.7").status == "4.7.1"
    assert verdict("550 5.1.1 User unknown", "5.0.0").status == "5.1.1"
    assert verdict("550 5.0.0 no", "5.2.1").status == "5.2.1"


@given(
    st.sampled_from([one for one in Action if one is not Action.FAILED]),
    st.sampled_from(["5.1.1", "4.4.1", ""]),
)
def test_only_a_failure_ends_anything(action, status):
    found = verdict("550 5.1.1 User unknown", status, action)
    assert not found.suppress
    assert found.meaning is not ReceiptClass.HARD


@given(st.text(max_size=300), st.sampled_from(["", "4.1.1", "4.2.2", "4.7.1", "4.0.0"]))
def test_what_is_said_for_now_is_never_hard(words, status):
    plain = "".join(mark for mark in words if not mark.isdigit())
    assert not verdict(f"450 {plain}", status or "4.0.0").suppress


@pytest.mark.parametrize(
    "reason", [one for one in REASONS if one.name.startswith("policy:")], ids=lambda one: one.name
)
def test_codes_about_us_never_count_against_the_reader(reason):
    for code in reason.codes:
        assert not verdict("", code).suppress


def test_each_of_several_recipients_is_judged_alone():
    gone = Notice(recipient="gone@port.example", status="5.1.1")
    full = Notice(recipient="full@port.example", status="5.2.2")
    came = Notice(recipient="came@port.example", action=Action.DELIVERED)
    found = judge(Report(kind=ReportKind.DELIVERY, notices=(full, came, gone)))
    assert found.meaning is ReceiptClass.HARD
    assert found.recipients == ("full@port.example", "gone@port.example")
    assert [one.suppress for one in found.verdicts] == [False, False, True]


@pytest.mark.parametrize(
    ("report", "meaning", "reason", "suppress"),
    [
        (Report(kind=ReportKind.FEEDBACK, feedback="abuse"), "complaint", "abuse", True),
        (Report(kind=ReportKind.FEEDBACK, feedback="opt-out"), "complaint", "opt-out", True),
        (Report(kind=ReportKind.FEEDBACK, feedback="not-spam"), "not-a-bounce", "not-spam", False),
        (Report(kind=ReportKind.AUTHENTICATION), "not-a-bounce", "authentication-report", False),
        (Report(kind=ReportKind.DISPOSITION), "not-a-bounce", "read-receipt", False),
        (Report(kind=ReportKind.ANSWER), "auto-reply", "vacation", False),
        (Report(kind=ReportKind.HUMAN), "not-a-bounce", "human", False),
        (
            Report(
                kind=ReportKind.DELIVERY, notices=(Notice(recipient=WHO, action=Action.DELIVERED),)
            ),
            "not-a-bounce",
            "delivered",
            False,
        ),
        (
            Report(
                kind=ReportKind.DELIVERY,
                notices=(Notice(recipient=WHO, action=Action.DELAYED, status="4.4.1"),),
            ),
            "soft",
            "delayed",
            False,
        ),
    ],
)
def test_kinds(report, meaning, reason, suppress):
    found = judge(report)
    assert (found.meaning, found.reason, found.suppress) == (meaning, reason, suppress)


@given(st.text(), st.text(max_size=12))
def test_total(words, status):
    assert verdict(words, status).reason
