"""Bytes from strangers as text: by mark, by what fits, by what is declared, by what it looks like.

Serves the sources. Pure, total. A document that decodes as UTF-8 is UTF-8 whatever it says: chance
agreement of other encodings is rare, wrong labels are not.
"""

import codecs
import re
from collections.abc import Iterator

from publisher.kit.charset import charset_of

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# WHATWG Encoding: what these labels mean on the web is the wider set.
_WIDER = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "euc_jis_2004": "euc_jp",
}
_ALIASES = {"utf8mb4": "utf-8", "iso-8859-8-i": "iso8859-8", "unicode": "utf-8"}
_SERVERS_OWN = "cp1252"
"""What web servers add, as Latin-1, when nobody told them otherwise."""
_DECLARED = re.compile(
    rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)|<meta[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# Python also knows codecs that are no charsets (punycode, unicode_escape).
_FAMILIES = (
    *("utf", "iso", "cp", "koi8", "gb", "big5"),
    *("euc", "shift", "tis", "hz", "johab", "mac"),
)
_ESCAPED = {"iso2022": b"\x1b", "hz": b"~{", "utf-7": b"+"}
"""Encodings in which everything is ASCII, and what they cannot do without."""

_HEAD = 2048


def decode_document(data: bytes, content_type: str = "") -> str:
    """Return a document's text without byte order mark.

    Trusted in this order, as far as the bytes allow it: a byte order mark (RFC 7303 section 3); UTF-8
    that holds from end to end; the charset of the HTTP header `content_type`; the document's own
    declaration, which goes before a header that says Latin-1, because servers say that by themselves;
    UTF-8 with few mistakes; what the text looks like; windows-1252.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := _sixteen_bit(data[:4]):
        return data.decode(wide, "replace")
    labels = _trusted(data, content_type)
    for encoding in (*_escaped(data, labels), "utf-8", *labels):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return _mended(data)


def _trusted(data: bytes, content_type: str) -> list[str]:
    """Return the encodings that are named, the most trusted first."""
    labels = [known for label in _labels(data, content_type) if (known := _known(label))]
    if len(labels) > 1 and labels[0] == _SERVERS_OWN:
        labels.reverse()
    return labels


def _escaped(data: bytes, labels: list[str]) -> Iterator[str]:
    """Yield encodings of seven bits, which UTF-8 always fits: named ones, else Japan's by its marks."""
    for label in labels:
        if any(label.startswith(name) and mark in data for name, mark in _ESCAPED.items()):
            yield label
    if b"\x1b$" in data:
        yield "iso2022_jp"


def _sixteen_bit(start: bytes) -> str:
    """Return the UTF-16 in which a text begins with two ASCII characters (XML 1.0 appendix F)."""
    if re.fullmatch(rb"\0[\t-~]\0[\t-~]", start):
        return "utf-16-be"
    return "utf-16-le" if re.fullmatch(rb"[\t-~]\0[\t-~]\0", start) else ""


def _labels(data: bytes, content_type: str) -> list[str]:
    """Return the declared encodings, the outer one first."""
    header = _CHARSET.search(content_type)
    inner = _DECLARED.search(data[:_HEAD])
    found = [header[1]] if header else []
    if inner:
        found.append((inner[1] or inner[2]).decode("ascii", "replace"))
    return found


def _known(label: str) -> str:
    """Return Python's name of an encoding, widened as browsers do; "" for none of ours.

    UTF-16 and UTF-32 are none, as a label that can be read is not written in them, nor is ASCII, which
    UTF-8 has been tried for.
    """
    said = label.lower().removeprefix("x-")
    try:
        name = codecs.lookup(_ALIASES.get(said, said)).name
        "".encode(name)
    except (LookupError, ValueError):
        return ""
    wide = name.startswith(("utf-16", "utf-32"))
    return _WIDER.get(name, name) if name.startswith(_FAMILIES) and not wide else ""


def _mended(data: bytes) -> str:
    """Return UTF-8 with single bad bytes read as windows-1252, or all of it as what it looks like."""
    good = len(re.findall(rb"[\xc3-\xf4][\x80-\xbf]+", data))
    if good > data.decode("utf-8", "replace").count("\ufffd"):
        return data.decode("utf-8", _HANDLER)
    found = _known(charset_of(data)) or "cp1252"
    return data.decode(found, _HANDLER if found == "cp1252" else "replace")


def _read_as_latin1(error: UnicodeError) -> tuple[str, int]:
    """Read a bad byte as Latin-1 (a codec error handler); `strip_illegal` makes it cp1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


_HANDLER = "publisher.latin1"
codecs.register_error(_HANDLER, _read_as_latin1)
