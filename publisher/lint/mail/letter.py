"""A mail taken apart: raw headers, the two parts decoded, the order of parts.

Serves the rules of mails. Pure; any octets give a letter, `readable` is False when they are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32

_FOLD = re.compile(r"\r?\n[ \t]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail. Header values are as written, unfolded; `parts` are the media types of the leaves."""

    data: bytes
    headers: tuple[tuple[str, str], ...] = ()
    html: str = ""
    text: str = ""
    parts: tuple[str, ...] = ()
    readable: bool = True

    def all(self, name: str) -> list[str]:
        """Return every header of that name."""
        return [value for key, value in self.headers if key.lower() == name]

    def first(self, name: str) -> str:
        """Return the first header of that name, "" for none."""
        return next(iter(self.all(name)), "")


def read(data: bytes) -> Letter:
    """Take a mail apart."""
    try:
        message = message_from_bytes(data, policy=compat32)
        leaves = list(_leaves(message))
        headers = tuple((name, _FOLD.sub(" ", str(value))) for name, value in message.raw_items())
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return Letter(data=data, readable=False)
    bodies = [leaf for leaf in leaves if leaf.get_content_disposition() != "attachment"]
    return Letter(
        data=data,
        headers=headers,
        html=_first(bodies, "text/html"),
        text=_first(bodies, "text/plain") if headers else "",
        parts=tuple(leaf.get_content_type() for leaf in leaves),
        readable=bool(headers),
    )


def words(value: str) -> str:
    """Return a header value with its encoded words decoded (RFC 2047)."""
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, TypeError, AttributeError):
        return value


def _leaves(message: Message) -> Iterator[Message]:
    for part in message.walk():
        if not part.is_multipart():
            yield part


def _first(leaves: list[Message], media_type: str) -> str:
    found = (leaf for leaf in leaves if leaf.get_content_type() == media_type)
    leaf = next(found, None)
    return _decoded(leaf) if leaf is not None else ""


def _decoded(leaf: Message) -> str:
    try:
        payload = leaf.get_payload(decode=True)
        octets = payload if isinstance(payload, bytes) else b""
        text = octets.decode(leaf.get_content_charset("utf-8"), "replace")
    except (ValueError, LookupError, TypeError, AttributeError):
        text = leaf.as_bytes().decode("utf-8", "replace")
    return text.replace("\r\n", "\n")
