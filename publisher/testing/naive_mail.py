"""The slow, obvious way to build a digest: an `EmailMessage` per copy.

Serves tests as the oracle of the spliced letter, and benchmarks as its baseline. Pure.
"""

from datetime import UTC
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from publisher.kit.mime import message_id
from publisher.model.messages import Copy, Envelope


def naive_mail(envelope: Envelope, copy: Copy, html: str, text: str) -> bytes:
    """Return the whole message as Python's email package writes it, CRLF line ends."""
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    mail["From"] = envelope.sender
    mail["To"] = f"{copy.name} <{copy.email}>" if copy.name else copy.email
    mail["Subject"] = copy.subject
    mail["Date"] = format_datetime(envelope.date.astimezone(UTC))
    mail["Message-ID"] = message_id(envelope.edition, copy.recipient, envelope.domain)
    mail["List-Unsubscribe"] = f"<{copy.unsubscribe_url}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()
