"""A mail in its parts, read forgivingly: what comes back is cut, relabelled and rewrapped on its way.

Serves the readers of this package. Pure, total. The library's parser loses what stands behind a wrong
boundary and reads status reports by their label alone; here a boundary that is not declared is found.
"""

import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from publisher.kit.decode import decode_document

LARGEST, PARTS, DEPTH = 512 * 1024, 50, 8
"""Bytes, parts and levels looked at: a report stands before what it sends back."""

_END_OF_LINE = re.compile(rb"\r\n?")
_HEAD = re.compile(rb"[ \t]*([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_BOUNDARY = re.compile(r"boundary\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;\"]+))", re.IGNORECASE)
_LIKELY = re.compile(rb"^(--[^\s-][^\n]{0,98}?)(?:--)?[ \t]*$", re.MULTILINE)
_NAME = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its headers (lower-case names, the first of each, unfolded) and its bytes."""

    headers: Mapping[str, str]
    body: bytes
    all: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def type(self) -> str:
        """Return the media type in lower case, "text/plain" where none can be read."""
        found = _NAME.match(self.headers.get("content-type", "").strip().lower())
        return found[0] if found else "text/plain"

    def bytes(self) -> bytes:
        """Return the body without its transfer encoding; what cannot be decoded stays as it is."""
        encoding = self.headers.get("content-transfer-encoding", "").strip().lower()
        if encoding == "base64":
            try:
                return binascii.a2b_base64(self.body)
            except binascii.Error:
                return self.body
        return quopri.decodestring(self.body) if encoding == "quoted-printable" else self.body

    def text(self) -> str:
        """Return the body as text."""
        return decode_document(self.bytes(), self.headers.get("content-type", ""))

    def values(self, name: str) -> tuple[str, ...]:
        """Return all values of a header, in order."""
        return tuple(value for key, value in self.all if key == name)

    def header(self, name: str) -> str:
        """Return a header decoded (RFC 2047) on one line, "" when absent."""
        value = self.headers.get(name, "")
        if "=?" not in value:
            return value
        try:
            return " ".join(str(make_header(decode_header(value))).split())
        except (HeaderParseError, LookupError, ValueError, TypeError):
            return value


def read_part(data: bytes) -> Part:
    """Return a mail, or a part of one, as headers and body."""
    lines = _END_OF_LINE.sub(b"\n", data[:LARGEST]).lstrip(b"\n").split(b"\n")
    if lines[0].startswith((b"From ", b">From ")):
        lines = lines[1:]  # the separator of an mbox
    fields: list[list[bytes]] = []
    end = 0
    for line in lines:
        if line[:1] in (b" ", b"\t") and line.strip() and fields:
            fields[-1].append(line)
        elif _HEAD.match(line):
            fields.append([line])
        else:
            break
        end += 1
    # A line that is neither header nor empty belongs to the body.
    end += end < len(lines) and not lines[end].strip()
    read = tuple(_field(one) for one in fields)
    headers: dict[str, str] = {}
    for name, value in read:
        headers.setdefault(name, value)
    return Part(headers, b"\n".join(lines[end:]), read)


def _field(lines: list[bytes]) -> tuple[str, str]:
    found = _HEAD.match(b"\n".join(lines))
    if found is None:
        return "", ""
    value = found[2]
    try:
        said = value.decode("utf-8")
    except UnicodeDecodeError:
        said = value.decode("latin-1")
    return found[1].decode("ascii").lower(), " ".join(said.split())


def leaves(part: Part, depth: int = 0) -> Iterator[Part]:
    """Yield the parts that hold no others, in order; a message that was sent back is one."""
    if depth < DEPTH and (inner := list(_inner(part))):
        for one in inner:
            yield from leaves(one, depth + 1)
    elif part.type.startswith("multipart/"):
        # Its boundaries were lost on the way: all of it is text.
        yield Part({**part.headers, "content-type": "text/plain"}, part.body)
    else:
        yield part


def _inner(part: Part) -> Iterator[Part]:
    """Yield the parts within one, by the boundary that is declared or, failing that, by one in use."""
    if not part.type.startswith("multipart/"):
        return
    found = _BOUNDARY.search(part.headers.get("content-type", ""))
    declared = b"--" + (found[1] or found[2]).strip().encode("utf-8", "replace") if found else b""
    mark = declared if declared and declared in part.body else _in_use(part.body)
    if mark:
        yield from _cut(part.body, mark)


def _in_use(body: bytes) -> bytes:
    """Return the line that parts a body where none is declared: the first that comes again."""
    seen: set[bytes] = set()
    for found in _LIKELY.finditer(body):
        if found[1] in seen:
            return found[1]
        seen.add(found[1])
    return b""


def _cut(body: bytes, mark: bytes) -> Iterator[Part]:
    pieces = re.split(rb"^" + re.escape(mark) + rb"(?:--)?[ \t]*$", body, flags=re.MULTILINE)
    preamble = pieces[0].strip(b"\n")
    if preamble and b"\n" in preamble:
        yield Part({"content-type": "text/plain"}, preamble)
    for piece in pieces[1 : PARTS + 1]:
        inner = piece.removeprefix(b"\n")
        if inner.strip():
            # A part without headers begins with an empty line (RFC 2046 section 5.1).
            yield Part({}, inner[1:]) if inner.startswith(b"\n") else read_part(inner)
