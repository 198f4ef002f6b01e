"""E-mail addresses as the wire wants them: checked, domains as A-labels.

Serves the header encoder and the SMTP transport. Standard library only and pure. Domains are
mapped as in UTS 46 (non-transitional, without the Bidi and joiner rules): Python's own codec is
IDNA 2003, which turns `ß` into `ss` and so writes to somebody else's domain.
"""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from publisher.errors import AddressError

_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_ODD_DOTS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_QUOTED = re.compile(r'"([ !#-\[\]-~]|\\[ -~])*"')
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_DOTS = re.compile("[\u3002\uff0e\uff61]")  # full stops that UTS 46 maps to "."
_MAX_LOCAL = 64  # octets, RFC 5321 section 4.5.3.1.1
_MAX_ADDRESS = 254  # octets, RFC 5321 section 4.5.3.1.3 less the angle brackets
_MAX_DOMAIN = 253
_SHOWN = 80  # characters of an address in an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A display name (decoded, "" when there is none) and an address as written."""

    name: str
    address: str


def parse_mailbox(text: str) -> Mailbox:
    """Read `Name <address>`, `"Name" <address>` or a bare address, as an operator writes it."""
    text = text.strip()
    head, bracket, tail = text.rpartition("<")
    if not bracket or not tail.endswith(">"):
        return Mailbox(name="", address=text)
    name = head.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return Mailbox(name=name, address=tail[:-1].strip())


def ascii_address(address: str) -> str:
    """Return the address as it goes on the wire: local part unchanged, domain as A-labels.

    Raises AddressError for what no plain SMTP relay takes: what `wire_address` refuses, and a
    local part that is not ASCII (RFC 6531 would be needed).
    """
    wire = wire_address(address)
    if not wire.isascii():
        reason = "has letters before the @ that plain SMTP cannot carry (RFC 6531)"
        raise AddressError(_shown(address), reason)
    return wire


def wire_address(address: str) -> str:
    """Return the address for an envelope: as `ascii_address`, but the local part may be Unicode.

    Only relays that offer SMTPUTF8 take such a one. Raises AddressError for what none takes: no
    `@`, controls or spaces, no usable domain, more than 254 octets.
    """
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise AddressError(_shown(address), "is not an e-mail address")
    wire = f"{_local_part(local, address)}@{_domain_part(domain, address)}"
    if len(wire.encode()) > _MAX_ADDRESS:
        raise AddressError(_shown(address), f"is longer than {_MAX_ADDRESS} characters")
    return wire


def _local_part(local: str, address: str) -> str:
    if _DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local) or _is_wide(local):
        wire = local
    elif _ODD_DOTS.fullmatch(local):  # some carriers gave out "a..b@" and "a.@"
        wire = f'"{local}"'
    else:
        raise AddressError(_shown(address), "has characters before the @ that are not allowed")
    if len(wire.encode()) > _MAX_LOCAL:
        raise AddressError(_shown(address), f"has more than {_MAX_LOCAL} characters before the @")
    return wire


def _is_wide(local: str) -> bool:
    """Tell whether it is a dot-atom in which letters may be of any script (RFC 6532 section 3.2)."""
    folded = "".join(c if c.isascii() else "x" if c.isprintable() else " " for c in local)
    return not local.isascii() and bool(_DOT_ATOM.fullmatch(folded))


def _domain_part(domain: str, address: str) -> str:
    if domain.startswith("[") and domain.endswith("]"):
        try:
            ipaddress.ip_address(domain[1:-1].removeprefix("IPv6:"))
        except ValueError:
            raise AddressError(_shown(address), "has no usable domain after the @") from None
        return domain
    try:
        return ascii_domain(domain)
    except ValueError as error:
        raise AddressError(_shown(address), str(error)) from None


@lru_cache(maxsize=4_096)  # most readers share a few
def ascii_domain(domain: str) -> str:
    """Return a host name with every label in ASCII. Raises ValueError."""
    if domain.isascii():
        labels = domain.split(".")
    else:
        mapped = unicodedata.normalize("NFKC", "".join(map(_fold, _DOTS.sub(".", domain))))
        labels = [_a_label(label) for label in mapped.split(".")]
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("has no usable domain after the @")
    name = ".".join(labels)
    if len(name) > _MAX_DOMAIN:
        raise ValueError("has too long a domain")
    return name


def _fold(character: str) -> str:
    """Fold one character's case, keeping what IDNA 2008 tells apart (RFC 5894 section 7.2)."""
    return character.lower() if character in "ßẞς" else character.casefold()


def _a_label(label: str) -> str:
    """Return one mapped label as `xn--…` (RFC 5890); letters, marks and digits only (RFC 5892)."""
    if label.isascii():
        return label
    for character in label:
        category = unicodedata.category(character)
        if category[0] not in "LM" and category != "Nd" and character not in "-·":
            raise ValueError("has a domain with characters that domains cannot have")
    if unicodedata.category(label[0])[0] == "M":
        raise ValueError("has a domain that begins with a combining mark")
    return "xn--" + label.encode("punycode").decode("ascii")


def _shown(address: str) -> str:
    """Return the address for one line of an error, with controls made visible, not too long."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in address)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
