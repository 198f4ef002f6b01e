"""One key for one mailbox, however its address is written; serves the subscriber verbs. Pure."""

import unicodedata


def address_key(email: str) -> str:
    """Return the key by which an address is looked up: folded case, NFC, the domain in ASCII.

    Local parts are folded too: RFC 5321 section 2.4 lets a host tell `A@` from `a@`, none does, and
    two rows for one person would be two copies. Total: what is no address is folded as it stands.
    """
    folded = unicodedata.normalize("NFC", email.strip()).casefold()
    folded = unicodedata.normalize("NFC", folded)
    local, at, domain = folded.rpartition("@")
    try:
        domain = domain.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return folded
    return f"{local}{at}{domain}"
