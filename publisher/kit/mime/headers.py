"""Header fields as bytes: one validating, folding encoder for all of a message's head.

Serves the letter. Own folding, because Python's policies turn a List-Unsubscribe longer than a
line into RFC 2047 words, which no reader follows (python/cpython#85725). Every function returns
whole fields with CRLF. Pure; FormatError for what cannot be said in a header.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote

from publisher.errors import FormatError
from publisher.kit.mime.addresses import ascii_domain

MAX_LINE = 998  # octets without CRLF, RFC 5322 section 2.1.1
_WISHED_LINE = 78
_WORD_LINE = 76  # of a line that holds encoded words, RFC 2047 section 2
_MAX_WORD = 75
_WORD_FRAME = len("=?utf-8?q?" + "?=")
_QUOTABLE = 64  # longer display names are written as encoded words, which fold

_FORBIDDEN = re.compile("[\r\n\x00]")
_NAME = re.compile(r"[!-9;-~]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_FOLD_POINT = re.compile(r"(?<=[^ ]) (?=[^ ])")
_UNSAFE = re.compile(r'[ "<>\\^`{|}]')
_HOST = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?)([^/?#:@]+)")
_ANGLED = re.compile(r"<([^<>]*)>")
_IN_ANGLES = re.compile(r"[!-;=?-~]+")  # what is visible in ASCII, less the angles
# The set that is safe in a phrase as well (RFC 2047 section 5 rule 3).
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q_CODES = ["_" if c == ord(" ") else chr(c) if c in _Q_SAFE else f"={c:02X}" for c in range(256)]
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def single_line(text: str) -> str:
    """Return text fit for a header: controls and line ends become one space, bidi overrides go."""
    return " ".join(_BIDI.sub("", _CONTROLS.sub(" ", text)).split())


def url_safe(url: str) -> str:
    """Percent-encode what may not stand in a URL (RFC 3986 section 2), leaving what is encoded.

    A host that is not ASCII is written as A-labels, as resolvers and mail readers want it.
    """
    if url.isascii() and url.isprintable() and not _UNSAFE.search(url):
        return url
    host = _HOST.match(url)
    if host is not None and not host[2].isascii():
        with suppress(ValueError):
            url = host[1] + ascii_domain(host[2]) + url[host.end() :]
    return quote(url.encode("utf-8", "replace"), safe="!#$%&'()*+,/:;=?@[]~")


@lru_cache(maxsize=512)  # a subject is shared by all copies with the same stories
def unstructured(name: str, value: str) -> bytes:
    """Encode free text (Subject): folded at single spaces, or as RFC 2047 words.

    Raises FormatError for CR, LF and NUL.
    """
    _check(name, value)
    if not _is_plain(value):
        return f"{name}: {_encoded_words(value, len(name) + 2)}\r\n".encode("ascii")
    lines = [f"{name}:"]
    for word in _FOLD_POINT.split(value):
        if len(lines[-1]) + 1 + len(word) > _WISHED_LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return ("\r\n".join(lines).rstrip(" ") + "\r\n").encode("ascii")


def mailbox(name: str, display: str, address: str) -> bytes:
    """Encode one `display <address>`; `address` is checked already, and written as UTF-8 (RFC 6532).

    Raises FormatError for CR, LF and NUL in the display name.
    """
    if not display.strip():
        _check(name, display)
        return f"{name}: {address}\r\n".encode()
    return _phrase_and_angle(name, display, address)


def _phrase_and_angle(name: str, display: str, inner: str) -> bytes:
    phrase = _phrase(name, display)
    column = len(f"{name}: {phrase}".rpartition("\r\n")[2])
    gap = " " if column + len(inner) + 3 <= _WORD_LINE else "\r\n "
    return f"{name}: {phrase}{gap}<{inner}>\r\n".encode()


def list_id(value: str) -> bytes:
    """Encode `Title <slug.domain>` (RFC 2919): the title may be any text, the id is ASCII."""
    title, bracket, rest = value.rpartition("<")
    try:
        identifier = ascii_domain(rest.removesuffix(">"))
    except ValueError:
        identifier = ""
    if not bracket or not rest.endswith(">") or not identifier:
        raise FormatError("List-Id", f"needs the form `Title <slug.domain>`, not {value!r}")
    if not title.strip():
        return f"List-Id: <{identifier}>\r\n".encode("ascii")
    return _phrase_and_angle("List-Id", title.strip(), identifier)


def urls(name: str, addresses: Sequence[str]) -> bytes:
    """Encode `<url>, <url>` (RFC 2369, RFC 5064): never an encoded word, folded after commas only.

    Raises FormatError for a URL with spaces, brackets or line ends, or above 998 octets.
    """
    written = []
    for address in addresses:
        url = address if address.isascii() else url_safe(address)
        if not _IN_ANGLES.fullmatch(url):
            raise FormatError(name, f"{address[:80]!r} is not a URL")
        written.append(f"<{url}>")
    return _folded(name, written)


def verbatim(name: str, value: str) -> bytes:
    """Write a structured value as it is, folded after `, ` only.

    Raises FormatError when it is not printable ASCII or an unfoldable stretch passes 998 octets.
    """
    _check(name, value)
    if not (value.isascii() and value.isprintable()):
        raise FormatError(name, "takes printable ASCII only")
    return _folded(name, value.split(", "))


def _folded(name: str, items: list[str]) -> bytes:
    lines = [f"{name}: {items[0]}"]
    if len(items) == 1 and items[0] and len(lines[0]) <= MAX_LINE:  # hot: two in every copy
        return f"{lines[0]}\r\n".encode("ascii")
    for item in items[1:]:
        lines[-1] += ","
        if len(lines[-1]) + len(item) + 2 > _WISHED_LINE:
            lines.append("")
        lines[-1] += f" {item}"
    if max(map(len, lines)) > MAX_LINE:
        raise FormatError(name, f"does not fit into a line of {MAX_LINE} octets")
    return ("\r\n".join(lines).rstrip(" ") + "\r\n").encode("ascii")


def further(name: str, value: str) -> bytes:
    """Encode an operator's or format's extra field by what its name says it holds."""
    if not _NAME.fullmatch(name):
        raise FormatError(name or "header", "is not a header field's name")
    if name.lower().startswith("list-") or name.lower() in {"archived-at", "feedback-id"}:
        if not value.isascii():
            value = _ANGLED.sub(lambda found: f"<{url_safe(found[1])}>", value)
        return verbatim(name, value)
    return unstructured(name, value)


def _check(name: str, value: str) -> None:
    if _FORBIDDEN.search(value):
        raise FormatError(name, "may not hold line ends or NUL (header injection)")


def _is_plain(value: str) -> bool:
    return (
        value.isascii()
        and value.isprintable()
        and "=?" not in value
        and value == value.strip()
        and all(len(word) < MAX_LINE - _MAX_WORD for word in _FOLD_POINT.split(value))
    )


def _phrase(name: str, display: str) -> str:
    """Return a display name as atoms, as a quoted string, or as encoded words."""
    short = len(display) <= _QUOTABLE
    if short and _ATOMS.fullmatch(display) and "=?" not in display:  # most names by far
        return display
    _check(name, display)
    if short and _is_plain(display):
        escaped = display.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _encoded_words(display, len(name) + 2)


def _encoded_words(text: str, column: int) -> str:
    """Return RFC 2047 words of whole characters, none past column 76; the shorter of Q and B."""
    raw = text.encode("utf-8", "replace")
    q_form = "".join(_Q_CODES[octet] for octet in raw)
    use_q = len(q_form) <= (len(raw) + 2) // 3 * 4
    words = []
    room = _WORD_LINE - column
    chunk = b""
    for character in text:
        octets = character.encode("utf-8", "replace")
        if chunk and len(_word(chunk + octets, use_q=use_q)) > min(room, _MAX_WORD):
            words.append(_word(chunk, use_q=use_q))
            room, chunk = _WORD_LINE - 1, b""
        chunk += octets
    return "\r\n ".join([*words, _word(chunk, use_q=use_q)])


def _word(raw: bytes, *, use_q: bool) -> str:
    if use_q:
        return f"=?utf-8?q?{''.join(_Q_CODES[octet] for octet in raw)}?="
    return f"=?utf-8?b?{b64encode(raw).decode('ascii')}?="
