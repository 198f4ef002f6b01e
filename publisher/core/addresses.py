"""Which text is an address somebody can be written to: pure, shared by every way people come in."""

import re

from publisher.errors import AddressError

LONGEST = 254
MIN_LABELS = 2
LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}")
LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?", re.UNICODE)


def valid_address(text: str) -> str:
    """Return the address without surrounding space and `mailto:`. Raises AddressError.

    The part of RFC 5321 section 4.1.2 that is really used: no quoted local parts, no address
    literals; dots not first, last or doubled; a domain of at least two labels.
    """
    address = text.strip().removeprefix("mailto:").strip("<>")
    local, at, domain = address.rpartition("@")
    if not at or not local:
        raise AddressError(text.strip() or "(empty)", "not an e-mail address")
    if len(address) > LONGEST or not LOCAL.fullmatch(local) or ".." in f".{local}.":
        raise AddressError(address, "the part before @ is not valid")
    labels = domain.split(".")
    if len(labels) < MIN_LABELS or not all(LABEL.fullmatch(label) for label in labels):
        raise AddressError(address, "the domain is not valid")
    return address
