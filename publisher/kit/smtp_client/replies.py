"""SMTP replies from octets, however they are cut (RFC 5321 section 4.2).

Serves the connection. Pure: octets in, replies out. Refuses what no honest server says, so that a
hostile or broken one can neither fill the memory nor hold a connection for ever.
"""

import re
from dataclasses import dataclass

MAX_LINE = 2_048  # octets; RFC 5321 section 4.5.3.1.5 asks for 512
MAX_LINES = 128  # of one reply; EHLO answers have about a dozen
_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*?))?\r?", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
_SHOWN = 300


class BadReply(Exception):
    """What came is not an SMTP reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply: its code and its lines without code and line end."""

    code: int
    lines: tuple[str, ...]

    @property
    def kind(self) -> int:
        """Return the first digit: 2 done, 3 go on, 4 not now, 5 never."""
        return self.code // 100

    @property
    def enhanced(self) -> str:
        """Return the enhanced status code (RFC 3463) that the text begins with, or ""."""
        found = _ENHANCED.match(self.lines[0])
        return found[1] if found and int(found[1][0]) == self.kind else ""

    @property
    def status(self) -> str:
        """Return the most exact code there is: `5.1.1`, else `550`."""
        return self.enhanced or str(self.code)

    def __str__(self) -> str:
        """Return one printable line for people, cut to a decent length."""
        text = " ".join(" ".join(self.lines).split())
        shown = "".join(c if c.isprintable() else "?" for c in text)
        return f"{self.code} {shown}"[:_SHOWN].rstrip()


class ReplyReader:
    """Collects octets; hands out each reply once it is whole."""

    __slots__ = ("_buffer", "_code", "_lines")

    def __init__(self) -> None:
        self._buffer = b""
        self._code = 0
        self._lines: list[str] = []

    @property
    def idle(self) -> bool:
        """Tell whether nothing has come in beyond the last whole reply."""
        return not self._buffer and not self._lines

    def feed(self, octets: bytes) -> list[Reply]:
        """Return the replies completed by these octets. Raises BadReply."""
        *lines, self._buffer = (self._buffer + octets).split(b"\n")
        if len(self._buffer) > MAX_LINE:
            raise BadReply(f"a reply line longer than {MAX_LINE} octets")
        return [reply for line in lines if (reply := self._line(line)) is not None]

    def _line(self, line: bytes) -> Reply | None:
        if len(line) > MAX_LINE:
            raise BadReply(f"a reply line longer than {MAX_LINE} octets")
        found = _LINE.fullmatch(line)
        if found is None:
            raise BadReply(f"not an SMTP reply: {line[:60]!r}")
        digits, mark, text = found.groups()
        code, said = int(digits), (text or b"").decode("utf-8", "replace")
        if mark != b"-" and not self._lines:  # most replies are one line
            return Reply(code, (said,))
        if self._lines and code != self._code:
            raise BadReply(f"a reply that changes from {self._code} to {code}")
        self._code = code
        self._lines.append(said)
        if mark == b"-":
            if len(self._lines) >= MAX_LINES:
                raise BadReply(f"a reply of more than {MAX_LINES} lines")
            return None
        reply = Reply(code, tuple(self._lines))
        self._lines.clear()
        return reply
