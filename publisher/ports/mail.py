"""Ports of a mail as bytes: its signature, its copies, the tokens in its links."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from publisher.model.messages import Copy, Envelope, Message, Parcel


class Seal(Protocol):
    """Signs messages that share some of their header fields."""

    def sign(self, fields: Sequence[bytes], body: bytes) -> bytes:
        """Return signature fields, to stand above all others. Pure; called by several threads.

        The message has the shared fields and `fields`, each name once, each whole with its CRLF,
        and `body` in canonical form (RFC 6376 section 3.4.4).
        """
        ...


class Signer(Protocol):
    """Signs mail, so that mailbox providers know whose it is; implemented by kit.dkim."""

    def seal(self, shared: Sequence[bytes], when: datetime) -> Seal:
        """Return what signs messages with these fields in common, as if signed at `when`."""
        ...


class Letter(Protocol):
    """An edition compiled for splicing."""

    def parcel(self, copy: Copy, delivery: int, *, sample: bool = False) -> Parcel:
        """Fill one copy and sign it. Pure. Raises AddressError when this address cannot be written to."""
        ...

    def bodies(self, copy: Copy) -> tuple[str, str]:
        """Return the HTML and the text of one copy, for pages and previews."""
        ...


class Press(Protocol):
    """Compiles a message into a letter (MIME once per edition)."""

    def compile(self, message: Message, envelope: Envelope) -> Letter:
        """Compile. Raises RenderError when a fixed header cannot be expressed."""
        ...


class Tokens(Protocol):
    """Signed, opaque, purpose-bound tokens."""

    def sign(self, purpose: str, value: str) -> str:
        """Return a URL-safe token that holds `value` for one purpose."""
        ...

    def read(self, purpose: str, token: str) -> str:
        """Return the value. Raises TokenError."""
        ...
