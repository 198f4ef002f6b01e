"""Bytes from strangers as text: by mark, by what fits, by what is declared.

Serves the sources. Pure, total. A document that decodes as UTF-8 is UTF-8 whatever it says: chance
agreement of other encodings is rare, wrong labels are not.
"""

import codecs
import re

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
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_DECLARED = re.compile(
    rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)|<meta[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# Python also knows codecs that are no charsets (punycode, unicode_escape).
_FAMILIES = (
    *("utf", "iso", "cp", "koi8", "gb", "big5"),
    *("euc", "shift", "tis", "hz", "ascii", "johab", "mac"),
)
_SEVEN_BIT = ("iso2022", "hz", "utf-7")
_HEAD = 2048


def decode_document(data: bytes, content_type: str = "") -> str:
    """Return a document's text without byte order mark.

    `content_type` is the HTTP header; its charset wins over the document's own declaration
    (RFC 7303 section 3), but neither wins over a byte order mark or bytes that are UTF-8.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := _sixteen_bit(data[:4]):
        return data.decode(wide, "replace")
    labels = [_known(label) for label in _labels(data, content_type)]
    if labels and labels[0].startswith(_SEVEN_BIT):
        return data.decode(labels[0], "replace")
    for encoding in ("utf-8", *filter(None, labels)):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return _mended(data)


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
    """Return Python's name of an encoding, widened as browsers do; "" for none of ours."""
    try:
        name = codecs.lookup(label).name
        "".encode(name)
    except (LookupError, ValueError):
        return ""
    return _WIDER.get(name, name) if name.startswith(_FAMILIES) else ""


def _mended(data: bytes) -> str:
    """Return UTF-8 with single bad bytes read as windows-1252, or all of it as windows-1252."""
    good = len(re.findall(rb"[\xc3-\xf4][\x80-\xbf]+", data))
    bad = data.decode("utf-8", "replace").count("\ufffd")
    return data.decode("utf-8" if good > bad else "cp1252", _HANDLER)


def _read_as_latin1(error: UnicodeError) -> tuple[str, int]:
    """Read a bad byte as Latin-1 (a codec error handler); `strip_illegal` makes it cp1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


_HANDLER = "publisher.latin1"
codecs.register_error(_HANDLER, _read_as_latin1)
