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

_UNCHANGED = frozenset(range(ord("!"), ord("~") + 1)) - {ord("=")}
_VALUE_CODES = [
    bytes([octet]) if octet in _UNCHANGED else b"=%02X" % octet for octet in range(256)
]
_LITERAL_CODES = [*_VALUE_CODES]
_LITERAL_CODES[ord(" ")] = b" "
_LINE_END = re.compile("\r\n?")
_SPACES = re.compile(b"  +")


def encode_literal(text: str) -> bytes:
    """Encode fixed text; any of the three line ends becomes a hard line break."""
    return _encode(text, _LITERAL_CODES)


def encode_value(text: str) -> bytes:
    """Encode a merge value: as `encode_literal`, with every space written as `=20`.

    Nothing is left in it that dot-stuffing or a relaxed canonicalisation (RFC 6376 section 3.4.4)
    would touch.
    """
    if not (text.isascii() and text.isprintable()):
        return _encode(text, _VALUE_CODES)
    if not text:
        return b""
    # The common case, several times faster: visible ASCII and spaces.
    return _wrap(text.replace("=", "=3D").replace(" ", "=20").encode("ascii")) + SOFT_BREAK


def unix(text: str) -> str:
    """Return text with every line end as "LF"."""
    return _LINE_END.sub("\n", text)


def _encode(text: str, codes: list[bytes]) -> bytes:
    *closed, last = unix(text).encode("utf-8", "replace").split(b"\n")
    pieces = [_line(line, codes) + b"\r\n" for line in closed]
    if last:
        pieces.append(_line(last, codes, trailing_space=True) + SOFT_BREAK)
    return b"".join(pieces)


def _line(line: bytes, codes: list[bytes], *, trailing_space: bool = False) -> bytes:
    encoded = b"".join(map(codes.__getitem__, line))
    if b"  " in encoded:
        encoded = _SPACES.sub(_spelled_out, encoded)
    if encoded.endswith(b" ") and not trailing_space:
        encoded = encoded[:-1] + b"=20"
    if encoded.startswith(b"From "):  # mbox writers put ">" before it, which breaks signatures
        encoded = b"=46" + encoded[1:]
    return _wrap(encoded)


def _spelled_out(spaces: re.Match[bytes]) -> bytes:
    return b" " + b"=20" * (len(spaces[0]) - 1)


def _wrap(encoded: bytes) -> bytes:
    if len(encoded) <= _WIDTH and not encoded.startswith(b"."):
        return encoded
    pieces = []
    start = 0
    while start < len(encoded):
        dot = encoded.startswith(b".", start)
        end = _cut(encoded, start, _WIDTH - 2 if dot else _WIDTH)
        pieces.append(b"=2E" + encoded[start + 1 : end] if dot else encoded[start:end])
        start = end
    return SOFT_BREAK.join(pieces)


def _cut(encoded: bytes, start: int, width: int) -> int:
    """Return where a line of at most `width` octets from `start` ends, never inside an `=XX`."""
    end = start + width
    if end >= len(encoded):
        return len(encoded)
    escape = encoded.rfind(b"=", end - 2, end)
    return end if escape < 0 else escape
