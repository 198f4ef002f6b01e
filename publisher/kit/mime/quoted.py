"""Quoted-printable that can be cut anywhere: every encoded piece begins and ends at column 0.

Serves the letter: pieces encoded on their own may be joined in any order without changing one
another, because each ends in a hard or soft line break. No line begins with a dot, so that the
bytes are the same before and after SMTP's dot-stuffing (RFC 5321 section 4.5.2); no line ends in a
space and none holds two in a row, so that relaxed canonicalisation (RFC 6376 section 3.4.4) leaves
them as they are. Pure.
"""

import re

SOFT_BREAK = b"=\r\n"
_WIDTH = 75  # and the "=" of a soft break makes 76, the limit of RFC 2045 section 6.7 rule 5

_UNCHANGED = frozenset([*b"\n", *range(ord(" "), ord("~") + 1)]) - {ord("=")}
_CODES = [bytes([octet]) if octet in _UNCHANGED else b"=%02X" % octet for octet in range(256)]
_LINE_END = re.compile("\r\n?")
_UNWANTED = (b".", b"From ")
"""What no line begins with; mbox writers put ">" before the second, which breaks signatures."""


def encode(text: str) -> bytes:
    """Encode text, fixed or of one copy; any of the three line ends becomes a hard line break."""
    escaped = _escaped(text).replace(b"  ", b" =20").replace(b" \n", b"=20\n")
    lines = [
        _wrap(line) if len(line) > _WIDTH or line.startswith(_UNWANTED) else line
        for line in escaped.split(b"\n")
    ]
    if lines[-1]:
        lines[-1] += SOFT_BREAK
    return b"\r\n".join(lines)


def unix(text: str) -> str:
    """Return text with every line end as "LF"."""
    return _LINE_END.sub("\n", text) if "\r" in text else text


def _escaped(text: str) -> bytes:
    """Return text with `=XX` for all but line feeds, spaces and what is visible in ASCII."""
    text = unix(text)
    if text.isascii() and text.replace("\n", "").isprintable():  # the common case, much faster
        return text.replace("=", "=3D").encode("ascii")
    return b"".join(map(_CODES.__getitem__, text.encode("utf-8", "replace")))


def _wrap(line: bytes) -> bytes:
    lines, start = [], 0
    while start < len(line):
        spelt = b"=%02X" % line[start] if line.startswith(_UNWANTED, start) else b""
        rest = start + 1 if spelt else start
        end = _cut(line, rest, _WIDTH - len(spelt))
        lines.append(spelt + line[rest:end])
        start = end
    return SOFT_BREAK.join(lines)


def _cut(line: bytes, start: int, width: int) -> int:
    """Return where at most `width` octets from `start` end, never inside an `=XX`."""
    end = start + width
    if end >= len(line):
        return len(line)
    escape = line.rfind(b"=", end - 2, end)
    return end if escape < 0 else escape
