"""A plain letter: a few lines of text to one address, by a machine.

Serves the alarms. Pure: the same arguments give the same bytes. Auto-Submitted says that nobody is
to answer it automatically (RFC 3834 section 5); it belongs to no list.
"""

from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

from publisher.errors import FormatError
from publisher.kit.mime import headers
from publisher.kit.mime.addresses import ascii_address, ascii_domain, parse_mailbox, wire_address
from publisher.kit.mime.quoted import encode, unix
from publisher.model.messages import Parcel
from publisher.ports import Signer

_FIXED = (
    b"MIME-Version: 1.0\r\n",
    b"Auto-Submitted: auto-generated\r\n",
    b"X-Auto-Response-Suppress: All\r\n",
    b"Content-Type: text/plain; charset=utf-8\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
)


def plain_letter(
    *, sender: str, to: str, subject: str, text: str, date: datetime, signer: Signer | None = None
) -> Parcel:
    """Return a letter from `sender` (a name and an address) to one address, as delivery 0.

    Raises AddressError for an address that cannot be written to, FormatError for a sender that
    cannot be expressed.
    """
    box = parse_mailbox(sender)
    origin, recipient = ascii_address(box.address), wire_address(to)
    try:
        domain = ascii_domain(origin.rpartition("@")[2])
    except ValueError as error:
        raise FormatError(f"[mail] from {origin}", str(error)) from None
    said = repr((origin, recipient, subject, text, date.isoformat()))
    identifier = f"<alarm.{sha256(said.encode('utf-8', 'replace')).hexdigest()[:24]}@{domain}>"
    stamp = format_datetime(date.astimezone(UTC).replace(microsecond=0))
    fields = (
        headers.mailbox("From", box.name, origin),
        f"Date: {stamp}\r\n".encode("ascii"),
        headers.mailbox("To", "", recipient),
        headers.unstructured("Subject", headers.single_line(subject)),
        f"Message-ID: {identifier}\r\n".encode("ascii"),
        *_FIXED,
    )
    body = encode(unix(text).rstrip("\n") + "\n")
    signature = signer.seal(fields, date).sign((), _canonical(body)) if signer else b""
    return Parcel(
        delivery=0,
        sender=origin,
        recipient=recipient,
        message_id=identifier,
        pieces=(signature, *fields, b"\r\n", body),
        dotless=True,
    )


def _canonical(body: bytes) -> bytes:
    """Return a body as it is hashed: one that says nothing is hashed as nothing."""
    return body if body != b"\r\n" else b""
