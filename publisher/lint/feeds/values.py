"""Values as the formats spell them: addresses, ids, languages, types, numbers.

Serves the judges. Pure: each check returns what is wrong and what to do, "" when nothing is.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache


def names(text: str) -> frozenset[str]:
    """Return a set of names that is written as one line."""
    return frozenset(text.split())


Check = Callable[[str], str]
"""Judges a value: what is wrong and what to do, "" when nothing is."""

_BAD = re.compile(r"[\x00-\x20\x7f<>\"{}|\\^`]")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HIER = re.compile(r"https?://[^/?#]+(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(?:[^@/?#]*@)?(\[[0-9A-Fa-f:.]+\]|[^:@/?#\[\]]+)(?::\d{0,5})?(?=[/?#]|\Z)")
_TAG = re.compile(
    r"tag:(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
    r",(\d{4})(?:-(\d\d)(?:-(\d\d))?)?:[A-Za-z0-9;/?:@&=+$.\-_!~*'()%,]*"
    r"(?:#[A-Za-z0-9;/?:@&=+$.\-_!~*'()%,]*)?"
)
_URN = re.compile(
    r"urn:[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]:(?:[A-Za-z0-9()+,\-.:=@;$_!*'/~&?#]|%[0-9A-Fa-f]{2})+",
    re.IGNORECASE,
)
_UUID = re.compile(
    r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
_TOKEN = r"[A-Za-z0-9!#$&^_.+-]+"  # noqa: S105 - of a media type
_MEDIA = re.compile(rf"{_TOKEN}/{_TOKEN}(?:\s*;\s*{_TOKEN}=(?:{_TOKEN}|\"[^\"]*\"))*")
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*(?:-[A-WYZa-wyz0-9](?:-[A-Za-z0-9]{2,8})+)*"
    r"(?:-[xX](?:-[A-Za-z0-9]{1,8})+)?|[xXiI](?:-[A-Za-z0-9]{1,8})+"
)
# ISO 639-1: two letters that are none of these are a mistake (often a country's).
_TWO_LETTERS = names(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy"
    " da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu"
    " hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv"
    " kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr"
    " nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq"
    " sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi"
    " yo za zh zu"
)
_ATOMS = r"[^\s@<>()\",:;\[\]\\.]+"
_EMAIL = re.compile(rf"[^\s@<>()\",:;\[\]\\]+@{_ATOMS}(?:\.{_ATOMS})*")
_CONTACT = re.compile(rf"(?:mailto:)?({_EMAIL.pattern})(\s*\([^()]*(?:\([^()]*\)[^()]*)*\))?")
_WHOLE = re.compile(r"[0-9]+")


def uri(text: str) -> str:
    """Judge a reference, relative or not (RFC 3986, RFC 3987)."""
    return _uri(text.strip())


@lru_cache(maxsize=8192)
def _uri(text: str) -> str:
    if _BAD.search(text):
        return "holds a character that no address may have: percent-encode it"
    if _PERCENT.search(text):
        return "holds a % that begins no code: write %25"
    scheme = _SCHEME.match(text)
    name = scheme[1].lower() if scheme else ""
    if name == "tag":
        return _tag(text)
    if name == "urn":
        return _urn(text)
    if name in {"http", "https", "ftp"} and not _is_http(text[len(name) + 1 :]):
        return "is no address: write https://, a host, then the path"
    return ""


def _is_http(rest: str) -> bool:
    return rest.startswith("//") and bool(_HOST.match(rest[2:]))


def exact(text: str) -> str:
    """Judge a reference of Atom, in which space counts (RFC 4287 section 2)."""
    return "has space around it: take it away" if text != text.strip() else _uri(text)


def absolute(text: str) -> str:
    """Judge an address that must stand for itself."""
    text = text.strip()
    if not _SCHEME.match(text):
        return "is no whole address: begin it with https://"
    return _uri(text)


def web(text: str) -> str:
    """Judge an address that must be fetchable."""
    text = text.strip()
    if not _HIER.fullmatch(text):
        return "is no web address: begin it with https://"
    return _uri(text)


def is_relative(text: str) -> bool:
    """Tell whether a reference needs a place to count from."""
    return not _SCHEME.match(text.strip())


def _tag(text: str) -> str:
    found = _TAG.fullmatch(text)
    if not found:
        return "is no tag: write tag:AUTHORITY,YYYY-MM-DD:NAME, as RFC 4151 has it"
    year, month, day = found.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return "is a tag with a day that there is not: write tag:AUTHORITY,YYYY-MM-DD:NAME"
    return ""


def _urn(text: str) -> str:
    if text.lower().startswith("urn:uuid:") and not _UUID.fullmatch(text):
        return "is no UUID: write 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12"
    return "" if _URN.fullmatch(text) else "is no URN: write urn:NAMESPACE:NAME (RFC 8141)"


def identity(text: str) -> str:
    """Judge an id, which is compared letter by letter (RFC 4287 section 4.2.6)."""
    if text != text.strip():
        return "has space around it, which is part of an id: take it away"
    return absolute(text)


@lru_cache(maxsize=1024)
def media_type(text: str) -> str:
    """Judge a media type (RFC 6838)."""
    good = _MEDIA.fullmatch(text.strip())
    return "" if good else "is no media type: write one like image/jpeg"


@lru_cache(maxsize=1024)
def language(text: str) -> str:
    """Judge a language tag (RFC 5646)."""
    text = text.strip()
    primary = text.partition("-")[0].lower()
    known = len(primary) != 2 or primary in _TWO_LETTERS  # noqa: PLR2004 - ISO 639-1
    return "" if known and _LANGUAGE.fullmatch(text) else "is no language: write a tag like en-GB"


def email(text: str) -> str:
    """Judge a mail address alone (RFC 5322 section 3.4.1)."""
    good = _EMAIL.fullmatch(text.strip())
    return "" if good else "is no mail address: write it like editor@example.org"


def contact(text: str) -> str:
    """Judge a person of RSS: an address, and perhaps a name in brackets."""
    good = _EMAIL.search(text) or text.strip().lower().startswith("mailto:")
    return "" if good else "is no mail address: write editor@example.org (Name), or use dc:creator"


def nameless(text: str) -> str:
    """Return what a person of RSS lacks that is an address alone."""
    found = _CONTACT.fullmatch(text.strip())
    if found is None:
        return "is in another order than readers know: write editor@example.org (Name)"
    return "" if found[2] else "has no name: write editor@example.org (Name)"


def whole(text: str) -> str:
    """Judge a count from 0."""
    return "" if _WHOLE.fullmatch(text.strip()) else "is no whole number: write one from 0"


def positive(text: str) -> str:
    """Judge a count from 1."""
    good = _WHOLE.fullmatch(text.strip()) and text.strip().strip("0")
    return "" if good else "is no whole number from 1: write one"


def boolean(text: str) -> str:
    """Judge a yes or no of XML."""
    return one_of("true", "false")(text)


class one_of:  # noqa: N801 - reads as the check it makes
    """A check for one of a few words."""

    __slots__ = ("message", "words")

    def __init__(self, *words: str) -> None:
        """Know the words."""
        self.words = frozenset(words)
        self.message = f"is not known: write {', '.join(words[:-1])} or {words[-1]}"

    def __call__(self, text: str) -> str:
        """Judge a value."""
        return "" if text.strip() in self.words else self.message


# RFC 3986 section 6.2.2: capitals in codes, and no codes for letters, digits and -._~
_NEEDLESS = re.compile(
    r"%(?:[0-9A-Fa-f]?[a-f]|2[DEde]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])"
)
_CANONICAL = re.compile(r"(https?)://([^/?#]*)([^?#]*)", re.IGNORECASE)


def uncanonical(text: str) -> str:
    """Return what could be spelled otherwise in an id (RFC 4287 section 4.2.6.1)."""
    found = _CANONICAL.match(text.strip())
    if not found:
        return ""
    scheme, host, path = found.groups()
    port = ":80" if scheme.lower() == "http" else ":443"
    if host.startswith("@") or _NEEDLESS.search(text):
        return "can be spelled otherwise: percent-encode what must be, with capitals"
    dots = "/./" in path or "/../" in path or path.endswith(("/.", "/.."))
    if scheme != scheme.lower() or host != host.lower() or host.endswith((port, ":")) or dots:
        return "can be spelled otherwise: write it small, without port and dots"
    return "" if path else "can be spelled otherwise: end the host with /"


def no_address(text: str) -> str:
    """Note a name that is an address: people see it, and machines collect it."""
    return "is a mail address: write a name" if _EMAIL.fullmatch(text.strip()) else ""
