"""An edition compiled for splicing: MIME once per edition, a parcel per recipient.

Serves core.sending through the ports Press and Letter. Pure: a parcel depends on (envelope,
message, copy, keys) only, so that every attempt and every relay sends the same bytes (same Date,
Message-ID, boundary and signature). List-Unsubscribe as RFC 2369 and RFC 8058 want it.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC
from email.utils import format_datetime
from hashlib import sha256

from publisher.errors import AddressError, FormatError
from publisher.kit.mime import headers
from publisher.kit.mime.addresses import ascii_address, ascii_domain, parse_mailbox, wire_address
from publisher.kit.mime.segments import Body
from publisher.model.messages import Copy, Envelope, Message, Parcel
from publisher.ports import Signer

_OWN_FIELDS = frozenset(
    {"from", "to", "cc", "bcc", "sender", "reply-to", "return-path", "subject", "date"}
    | {"message-id", "mime-version", "content-type", "content-transfer-encoding"}
    | {"content-language", "list-id", "list-unsubscribe", "list-unsubscribe-post", "archived-at"}
    | {"dkim-signature"}
)
_ONE_CLICK = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
_UNFIT = re.compile(r"[^A-Za-z0-9-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def message_id(edition: str, recipient: str, domain: str) -> str:
    """Return `<edition.hash@domain>`: the same at every attempt, without the address.

    Raises ValueError when `domain` is none.
    """
    return Identifiers(edition, domain).of(recipient)


class Identifiers:
    """The Message-IDs of an edition. Raises ValueError when `domain` is none."""

    def __init__(self, edition: str, domain: str) -> None:
        label = _UNFIT.sub("-", edition).strip("-") or "edition"
        self._seed = f"{domain}\0{edition}\0"
        self._before = f"<{label[:64]}."
        self._after = f"@{ascii_domain(domain)}>"

    def of(self, recipient: str) -> str:
        """Return the one of a subscriber."""
        digest = sha256(f"{self._seed}{recipient}".encode()).hexdigest()
        return f"{self._before}{digest[:24]}{self._after}"


def boundary(edition: str, domain: str) -> str:
    """Return an edition's boundary; quoted-printable never holds `=_` (RFC 2045 section 6.7)."""
    return "=_" + sha256(f"boundary\0{domain}\0{edition}".encode()).hexdigest()[:32]


class CompiledLetter:
    """The port Letter over segments."""

    def __init__(self, message: Message, envelope: Envelope, signer: Signer | None = None) -> None:
        self._identifiers = Identifiers(envelope.edition, envelope.domain)
        self._sender = ascii_address(envelope.envelope_sender) if envelope.envelope_sender else ""
        self._text = Body(message.text, html=False)
        self._html = Body(message.html, html=True)
        head, middle = [*_head(envelope)], [*_middle(message, envelope)]
        self._head, self._middle = b"".join(head), b"".join(middle)
        self._seal = signer.seal([*head, *middle], envelope.date) if signer else None
        mark = boundary(envelope.edition, envelope.domain)
        flowed = "; format=flowed; delsp=yes" if message.flowed else ""
        self._text_head = _part_head(mark, f"plain; charset=utf-8{flowed}", first=True)
        self._html_head = _part_head(mark, "html; charset=utf-8", first=False)
        self._closing = f"\r\n--{mark}--\r\n".encode("ascii")

    def parcel(self, copy: Copy, delivery: int, *, sample: bool = False) -> Parcel:
        """Fill one copy. Raises AddressError when this address or name cannot be written to."""
        recipient = wire_address(copy.email)
        try:
            to = headers.mailbox("To", copy.name, recipient)
        except FormatError as error:
            raise AddressError(recipient, f"has a name that {error.reason}") from None
        identifier = self._identifiers.of(copy.recipient)
        plain: dict[str, bytes] = {}
        named = [
            to,
            headers.unstructured("Subject", copy.subject),
            f"Message-ID: {identifier}\r\n".encode("ascii"),
        ]
        links = _links(copy)
        body = [
            self._text_head,
            *self._text.chunks(copy.places, copy.values, plain),
            self._html_head,
            *self._html.chunks(copy.places, copy.values, plain),
            self._closing,
        ]
        signature = b""
        if self._seal is not None:
            signature = self._seal.sign([*named, *links], b"".join(body))
        return Parcel(
            delivery=delivery,
            sender=self._sender,
            recipient=recipient,
            message_id=identifier,
            pieces=(signature, self._head, *named, self._middle, *links, b"\r\n", *body),
            sample=sample,
            dotless=True,
        )

    def bodies(self, copy: Copy) -> tuple[str, str]:
        """Return the HTML and the text of one copy, for pages and previews."""
        return (
            self._html.filled(copy.places, copy.values),
            self._text.filled(copy.places, copy.values),
        )


class MimePress:
    """The port Press. `signer` is asked for at every edition: it may be what cannot be used."""

    def __init__(self, signer: Callable[[], Signer | None] = lambda: None) -> None:
        self._signer = signer

    def compile(self, message: Message, envelope: Envelope) -> CompiledLetter:
        """Compile. Raises FormatError when a fixed header cannot be expressed; what `signer` does."""
        signer = self._signer()
        try:
            return CompiledLetter(message, envelope, signer)
        except AddressError as error:
            raise FormatError(f"[mail] address {error.subject}", error.reason) from None
        except ValueError as error:
            raise FormatError(f"[mail] domain {envelope.domain!r}", str(error)) from None


def _head(envelope: Envelope) -> Iterator[bytes]:
    """Yield the fixed fields that stand before the recipient's own."""
    for name, written in (("From", envelope.sender), ("Reply-To", envelope.reply_to)):
        if name == "From" and not written:
            raise FormatError("[mail] from", "is empty: digests need a sender")
        if written:
            box = parse_mailbox(written)
            yield headers.mailbox(name, box.name, ascii_address(box.address))
    date = format_datetime(envelope.date.astimezone(UTC).replace(microsecond=0))
    yield f"Date: {date}\r\n".encode("ascii")


def _middle(message: Message, envelope: Envelope) -> Iterator[bytes]:
    """Yield the fixed fields that stand after the recipient's own."""
    yield b"MIME-Version: 1.0\r\n"
    mark = boundary(envelope.edition, envelope.domain)
    content = f'Content-Type: multipart/alternative;\r\n boundary="{mark}"\r\n'
    yield content.encode("ascii")
    if _LANGUAGE.fullmatch(message.language):
        yield f"Content-Language: {message.language}\r\n".encode("ascii")
    if envelope.list_id:
        yield headers.list_id(envelope.list_id)
    taken = set(_OWN_FIELDS)
    for name, value in envelope.headers.items():
        if name.lower() in taken:
            raise FormatError(name, "is written by publisher itself")
        taken.add(name.lower())
        yield headers.further(name, value)


def _links(copy: Copy) -> list[bytes]:
    """Return the fields with this copy's own addresses, the web first (RFC 8058 section 3.1)."""
    fields = []
    ways = [copy.unsubscribe_url] if copy.unsubscribe_url else []
    if copy.unsubscribe_mailto:
        ways.append(_as_url(copy.unsubscribe_mailto))
    if ways:
        fields.append(headers.urls("List-Unsubscribe", ways))
    if copy.unsubscribe_url:
        fields.append(_ONE_CLICK)
    if copy.archived_at:
        fields.append(headers.urls("Archived-At", [copy.archived_at]))
    return fields


def _as_url(way: str) -> str:
    """Accept a bare address for the mailto form."""
    return way if ":" in way else f"mailto:{way}?subject=unsubscribe"


def _part_head(mark: str, subtype: str, *, first: bool) -> bytes:
    head = (
        f"--{mark}\r\nContent-Type: text/{subtype}\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return (head if first else "\r\n" + head).encode("ascii")
