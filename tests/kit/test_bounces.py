"""What comes back is read whatever mail system wrote it, in whatever order, case, wrapping or state."""

import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.judging import judge
from publisher.kit.bounces import read_report
from publisher.model.receipts import Action, ReportKind

READER = "reader@port.example"
FIELDS = {
    "Final-Recipient": f"rfc822; {READER}",
    "Original-Recipient": f"rfc822;{READER}",
    "Action": "failed",
    "Status": "5.1.1",
    "Diagnostic-Code": "smtp; 550 5.1.1 User unknown",
}
SENT_BACK = f"To: {READER}\nMessage-ID: <7.42@gazette.example>\nList-Unsubscribe: <https://gazette.example/u/t>\n"


def mail(body, **headers):
    lines = {
        "From": "MAILER-DAEMON@mx.example",
        "To": "bounces+token@gazette.example",
        "Subject": "failure notice",
    }
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    return ("".join(f"{name}: {value}\n" for name, value in lines.items()) + f"\n{body}").encode()


def report(
    fields=FIELDS,
    prose="It could not be delivered.",
    kind="message/delivery-status",
    back=SENT_BACK,
):
    about = "".join(f"{name}: {value}\n" for name, value in fields.items())
    parts = [
        f"Content-Type: text/plain; charset=utf-8\n\n{prose}\n",
        f"Content-Type: {kind}\n\nReporting-MTA: dns; mx.example\n\n{about}",
        f"Content-Type: text/rfc822-headers\n\n{back}",
    ]
    body = "".join(f"--cut\n{part}\n" for part in parts) + "--cut--\n"
    return mail(body, Content_Type='multipart/report; report-type=delivery-status; boundary="cut"')


def read(data):
    found = read_report(data)
    return found.kind, [(one.recipient, one.action, one.status) for one in found.notices]


def test_a_delivery_report():
    found = read_report(report())
    assert found.kind is ReportKind.DELIVERY
    (notice,) = found.notices
    assert (notice.recipient, notice.action, notice.status) == (READER, Action.FAILED, "5.1.1")
    assert notice.diagnostic == "550 5.1.1 User unknown"
    assert found.returned.message_id == "<7.42@gazette.example>"
    assert found.returned.recipient == READER
    assert found.returned.unsubscribe == "<https://gazette.example/u/t>"
    assert found.addressed == ("bounces+token@gazette.example",)


@given(
    st.permutations(list(FIELDS)),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_order_case_line_ends_and_folding_mean_nothing(order, case, end, folded):
    fields = {
        case(name): FIELDS[name].replace(" ", "\n\t") if folded else FIELDS[name] for name in order
    }
    data = report(fields).replace(b"\n", end.encode())
    assert read(data) == (ReportKind.DELIVERY, [(READER, Action.FAILED, "5.1.1")])


@given(
    st.sampled_from(
        [
            "Impossible de remettre le message.",
            "メールを配信できませんでした。",
            "لم يتم تسليم الرسالة",
            "Не удалось доставить письмо.",  # noqa: RUF001  Russian
        ]
    )
)
def test_the_language_of_the_prose_means_nothing(prose):
    found = judge(read_report(report(prose=prose)))
    assert (found.reason, found.recipients, found.suppress) == ("userunknown", (READER,), True)


@pytest.mark.parametrize("missing", list(FIELDS))
def test_any_one_field_may_be_missing(missing):
    fields = {name: value for name, value in FIELDS.items() if name != missing}
    found = judge(read_report(report(fields)))
    assert (found.meaning, found.recipients) == ("hard", (READER,))


def test_addresses_of_any_script():
    fields = FIELDS | {
        "Final-Recipient": "utf-8; \\x{5F62}@port.example",
        "Original-Recipient": "",
    }
    found = read_report(report(fields, kind="message/global-delivery-status"))
    assert [one.recipient for one in found.notices] == ["形@port.example"]
    raw = FIELDS | {"Final-Recipient": "utf-8; 形@port.example", "Original-Recipient": ""}
    assert read_report(report(raw)).notices[0].recipient == "形@port.example"


def test_whom_we_wrote_to_comes_before_whom_it_was_forwarded_to():
    fields = FIELDS | {"Final-Recipient": "rfc822; other@elsewhere.example"}
    assert read_report(report(fields)).notices[0].recipient == READER
    quoted = FIELDS | {
        "Original-Recipient": "rfc822;reader+2Bnews@port.example",
        "Final-Recipient": "rfc822; reader+news@port.example",
    }
    assert read_report(report(quoted)).notices[0].recipient == "reader+news@port.example"


def test_several_recipients_in_one_group_of_fields():
    both = "\n".join(
        f"{name}: {value}"
        for one in ("a", "b")
        for name, value in (
            FIELDS
            | {
                "Final-Recipient": f"rfc822; {one}@port.example",
                "Original-Recipient": f"rfc822; {one}@port.example",
            }
        ).items()
    )
    found = read_report(report({"X-First": "1\n" + both}))
    assert [one.recipient for one in found.notices] == ["a@port.example", "b@port.example"]


@pytest.mark.parametrize(
    "damage",
    [
        (b"--cut", b"--lost"),
        (b'; boundary="cut"', b""),
        (b"--cut--", b""),
        (b"message/delivery-status", b"text/plain"),
        (b"--cut\n", b""),
    ],
)
def test_boundaries_and_labels_may_be_wrong(damage):
    found = judge(read_report(report().replace(*damage)))
    assert (found.meaning, found.recipients) == ("hard", (READER,))


def test_a_report_that_was_sent_on():
    body = (
        b"Content-Type: text/plain\n\nSee below.\n--o\nContent-Type: message/rfc822\n\n" + report()
    )
    data = (
        mail("", Content_Type='multipart/mixed; boundary="o"', From="postmaster@gate.example")
        + b"--o\n"
        + body
        + b"\n--o--\n"
    )
    assert judge(read_report(data)).recipients == (READER,)


PROSE = [
    """Hi. This is the qmail-send program at mx.example.

<reader@port.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

To: else@where.example
""",
    """----- The following addresses had permanent fatal errors -----
<reader@port.example>

----- Transcript of session follows -----
>>> RCPT To:<reader@port.example>
<<< 550 5.1.1 <reader@port.example>... User unknown
""",
    """A message that you sent could not be delivered. The following address failed:

  reader@port.example
    host mx.example: 550 No such user here

------ This is a copy of the message, including all the headers. ------

From: news@gazette.example
""",
    """Your message

  To: Reader
  Subject: News

did not reach the following recipient(s):

reader@port.example on Thu, 29 Apr 2027 16:51:51
    The recipient name is not recognized
""",
    """Invalid final delivery userid: reader@port.example

Original message follows.

From: news@gazette.example
To: x@y.example
""",
    "Ihre Nachricht an <reader@port.example> konnte nicht zugestellt werden: Empfänger unbekannt.\n",
]


@pytest.mark.parametrize("prose", PROSE)
def test_failures_told_to_people_only(prose):
    found = judge(read_report(mail(prose)))
    assert (found.meaning, found.reason, found.recipients) == ("hard", "userunknown", (READER,))


@pytest.mark.parametrize("prose", PROSE)
def test_a_persons_letter_about_a_failure_is_a_letter(prose):
    data = mail(
        prose, From="Ann <ann@port.example>", Subject="Re: Undelivered Mail Returned to Sender"
    )
    assert read_report(data).kind is ReportKind.HUMAN


def test_warnings_are_no_failures():
    prose = f"Your message to <{READER}> has not yet been delivered. Delivery attempts will continue.\n"
    found = judge(read_report(mail(prose, Subject="Warning: message delayed 24 hours")))
    assert (found.meaning, found.reason, found.suppress) == ("soft", "delayed", False)


COMPLAINT = """--f
Content-Type: text/plain

A complaint.
--f
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: x/1
Version: 1
{extra}
--f
Content-Type: message/rfc822

{back}
--f--
"""


def complaint(kind="abuse", extra=f"Original-Rcpt-To: {READER}\n"):
    return mail(
        COMPLAINT.format(kind=kind, extra=extra, back=SENT_BACK),
        From="feedback@mail.example",
        Subject="FW: News",
        Content_Type='multipart/report; report-type=feedback-report; boundary="f"',
    )


def test_complaints():
    assert judge(read_report(complaint())).recipients == (READER,)
    assert judge(read_report(complaint(extra=""))).recipients == (READER,)
    redacted = complaint(extra="").replace(
        f"To: {READER}".encode(), b"To: <Undisclosed Recipients>"
    )
    found = judge(read_report(redacted))
    assert (found.meaning, found.recipients, found.suppress) == ("complaint", (), True)
    assert judge(read_report(complaint("not-spam"))).meaning == "not-a-bounce"
    assert judge(read_report(complaint("auth-failure"))).reason == "authentication-report"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)", "Subject": "News"},
        {"Subject": "Automatic reply: News"},
        {"Subject": "Abwesenheitsnotiz: News"},
        {"Subject": "自動返信: News"},
        {"X_Autoreply": "yes", "Subject": "Re: News"},
        {"Precedence": "auto_reply", "Subject": "News"},
    ],
)
def test_answers_of_machines(headers):
    data = mail(
        "I am away until Monday. Write to ann@port.example.\n",
        **({"From": "Reader <reader@port.example>"} | headers),
    )
    assert read_report(data).kind is ReportKind.ANSWER


SEEN = """--d
Content-Type: text/plain

Read.
--d
Content-Type: message/disposition-notification

Disposition: manual-action/MDN-sent-manually; displayed
--d--
"""


def test_receipts_of_readers_and_letters():
    kind = "multipart/report; boundary=d"
    seen = mail(SEEN, From=READER, Subject="Read: News", Content_Type=kind)
    assert read_report(seen).kind is ReportKind.DISPOSITION
    assert read_report(mail("I like it.\n", From=READER, Subject="News")).kind is ReportKind.HUMAN


def test_amazons_notifications_by_mail():
    bounce = {
        "notificationType": "Bounce",
        "bounce": {
            "bouncedRecipients": [
                {
                    "emailAddress": READER,
                    "status": "5.1.1",
                    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                }
            ]
        },
    }
    plain = mail(
        json.dumps(bounce), From="no-reply@sns.example", Subject="AWS Notification Message"
    )
    wrapped = mail(
        json.dumps({"Type": "Notification", "Message": json.dumps(bounce)}),
        From="no-reply@sns.example",
        Subject="x",
    )
    for data in (plain, wrapped):
        found = judge(read_report(data))
        assert (found.meaning, found.recipients) == ("hard", (READER,))
    came = {
        "notificationType": "Delivery",
        "delivery": {"recipients": [READER], "smtpResponse": "250 ok"},
    }
    assert judge(read_report(mail(json.dumps(came), From="x@y.example"))).reason == "delivered"


@given(st.binary(max_size=400))
def test_total_on_any_bytes(data):
    judge(read_report(data))


@given(st.integers(0, 10_000), st.integers(0, 60))
def test_a_mail_may_be_cut_or_garbled_anywhere(seed, changes):
    rng = random.Random(seed)
    data = bytearray(report())
    for _ in range(changes):
        data[rng.randrange(len(data))] = rng.randrange(256)
    judge(read_report(bytes(data[: rng.randrange(len(data))])))


def samples(shared_dir):
    folder = shared_dir / "samples/bounces"
    for row in json.loads((folder / "manifest.json").read_bytes())["samples"]:
        yield row, (folder / row["file"]).read_bytes()


def lowered(recipients):
    return sorted(one.lower() for one in recipients)


def test_samples(shared_dir):
    for row, data in samples(shared_dir):
        found = judge(read_report(data))
        assert (found.meaning, found.reason) == (row["class"], row["reason"]), row["file"]
        assert lowered(found.recipients) == lowered(row["recipients"]), row["file"]
        assert found.suppress == row["suppress"], row["file"]


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_samples_with_other_line_ends(shared_dir, end):
    for row, data in samples(shared_dir):
        found = judge(read_report(data.replace(b"\r\n", b"\n").replace(b"\n", end)))
        assert (found.meaning, lowered(found.recipients)) == (
            row["class"],
            lowered(row["recipients"]),
        ), row["file"]


def test_samples_without_their_prose(shared_dir):
    """Where there are fields, the words for people may be in any language, or gone."""
    for row, data in samples(shared_dir):
        if b"Final-Recipient" not in data:
            continue
        start = (
            data.index(b"Content-Type: text/plain") if b"Content-Type: text/plain" in data else 0
        )
        end = re.search(rb"message/delivery-status", data[start:], re.IGNORECASE)
        if not start or end is None:
            continue
        words = re.compile(rb"(?<=\n)[A-Z][a-z' ]{20,}(?=\n)")
        changed = (
            data[:start]
            + words.sub(
                "しばらくしてから再度お試しください".encode(), data[start : start + end.start()]
            )
            + data[start + end.start() :]
        )
        found = judge(read_report(changed))
        assert (found.meaning, found.suppress) == (row["class"], row["suppress"]), row["file"]
