"""A mailbox on an IMAP server (RFC 3501), read and never changed: EXAMINE and BODY.PEEK only.

Serves the `imap` source. Touches the network by the connection that it is given. What a server claims
of sizes is not believed: nothing larger than asked for is read.
"""

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from publisher.errors import FetchError, ParseError

PORTS = {"imap+tls": 993, "imap+starttls": 143, "imap": 143}
MOST = 100
"""Messages named in one command; lines have an end (RFC 2683 section 3.2.1.5)."""

_SIZE = re.compile(rb"UID (\d+).*?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+).*?UID (\d+)", re.DOTALL)


class Refused(FetchError):
    """The server does not let us in, or has no such mailbox: asking again does not help."""


class _Client(imaplib.IMAP4):
    """imaplib's client over a connection that is there already, with an upper bound for literals."""

    def __init__(self, sock: socket.socket, host: str, largest: int) -> None:
        self._given, self._largest = sock, largest
        self.flooded = False
        super().__init__(host)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002 - imaplib's
        return self._given

    def read(self, size: int) -> bytes:
        """Read a literal. Raises imaplib's abort for one that nobody asked for."""
        if size > self._largest:
            self.flooded = True
            raise self.abort(f"the server sends {size} bytes at once")
        return super().read(size)


class Mailbox:
    """One mailbox, opened for reading. `where` names it in errors."""

    def __init__(self, sock: socket.socket, host: str, where: str, largest: int) -> None:
        self._where = where
        self._host = host
        try:
            self._client = _Client(sock, host, largest)
        except (imaplib.IMAP4.error, OSError) as error:
            raise FetchError(where, f"no IMAP server answers: {_plain(error)}") from error

    def secure(self, trusted: ssl.SSLContext) -> None:
        """Begin TLS (STARTTLS). Raises FetchError."""
        try:
            self._client.starttls(trusted)
        except (imaplib.IMAP4.error, OSError) as error:
            raise FetchError(self._where, f"TLS cannot be begun: {_plain(error)}") from error

    def enter(self, user: str, password: str) -> None:
        """Log in. Raises Refused and FetchError; the password stands in no error."""
        try:
            self._client.login(user, password)
        except imaplib.IMAP4.abort as error:
            raise FetchError(self._where, "the server hung up at the login") from error
        except imaplib.IMAP4.error as error:
            raise Refused(self._where, "user and password are refused") from error
        except (OSError, ValueError) as error:
            raise FetchError(self._where, f"the login failed: {_plain(error)}") from error

    def examine(self, name: str) -> str:
        """Open a mailbox for reading; return its UIDVALIDITY. Raises Refused and FetchError."""
        quoted = '"' + encoded(name).replace("\\", "\\\\").replace('"', '\\"') + '"'
        code, _ = self._ask("select", quoted, True)  # noqa: FBT003 - imaplib's `readonly`
        if code != "OK":
            raise Refused(self._where, f'there is no mailbox "{name}"')
        _, said = self._client.response("UIDVALIDITY")
        return said[0].decode("ascii", "replace") if said and said[0] else ""

    def uids(self, after: int) -> Sequence[int]:
        """Return the numbers of messages that came after one, in order. Raises FetchError."""
        # n:* names the last message also when its number is smaller (RFC 3501 section 6.4.8).
        code, said = self._ask("uid", "SEARCH", "UID", f"{after + 1}:*")
        if code != "OK":
            raise FetchError(self._where, "the server does not list its messages")
        found = b" ".join(one for one in said if isinstance(one, bytes))
        return sorted({int(one) for one in found.split() if one.isdigit() and int(one) > after})

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return how many bytes messages have, as the server says. Raises FetchError."""
        found: dict[int, int] = {}
        for begin in range(0, len(uids), MOST):
            named = ",".join(map(str, uids[begin : begin + MOST]))
            _, said = self._ask("uid", "FETCH", named, "(UID RFC822.SIZE)")
            for line in said:
                match = _SIZE.search(line) if isinstance(line, bytes) else None
                if match:
                    uid, size = (match[1], match[2]) if match[1] else (match[4], match[3])
                    found[int(uid)] = int(size)
        return found

    def message(self, uid: int) -> bytes:
        """Return a message as it is; b"" when it is gone. Nothing is marked.

        Raises FetchError, and ParseError when it is larger than was said: the connection is of no use
        any more then, but nobody needs to ask for that message again.
        """
        try:
            _, said = self._ask("uid", "FETCH", str(uid), "(BODY.PEEK[])")
        except FetchError as error:
            if self._client.flooded:
                raise ParseError(self._where, "is larger than the server said") from error
            raise
        for part in said:
            if isinstance(part, tuple) and len(part) > 1:
                return bytes(part[1])
        return b""

    def leave(self) -> None:
        """Say goodbye, if anybody listens still."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._client.logout()

    def _ask(self, command: str, *words: object) -> tuple[str, list[Any]]:
        """Give a command. Raises FetchError."""
        try:
            code, said = getattr(self._client, command)(*words)
        except (imaplib.IMAP4.error, OSError, ValueError, IndexError) as error:
            raise FetchError(self._where, f"the server failed: {_plain(error)}") from error
        return str(code), list(said)


def encoded(name: str) -> str:
    """Return a mailbox's name in modified UTF-7 (RFC 3501 section 5.1.3)."""
    parts: list[str] = []
    for plain, other in re.findall(r"([ -~]*)([^ -~]*)", name):
        parts.append(plain.replace("&", "&-"))
        if other:
            base = base64.b64encode(other.encode("utf-16-be")).decode("ascii")
            parts.append(f"&{base.rstrip('=').replace('/', ',')}-")
    return "".join(parts)


def _plain(error: BaseException) -> str:
    """Return an error in words, whatever imaplib put into it."""
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split())[:200] or type(error).__name__
