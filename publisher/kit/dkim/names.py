"""Names and texts of the DNS records that a signature points to, and whom a domain may sign for.

Serves the command line and the checks of the settings. Pure.
"""

_STRING = 255
"""Octets of one string in a TXT record (RFC 1035 section 3.3.14); a record joins several."""


def record_name(selector: str, domain: str) -> str:
    """Return where verifiers look for the public key (RFC 6376 section 3.6.2.1)."""
    return f"{selector}._domainkey.{domain}"


def txt_strings(text: str) -> tuple[str, ...]:
    """Return a record's text in the strings that DNS can hold; joined they are the text."""
    return tuple(text[at : at + _STRING] for at in range(0, len(text), _STRING))


def aligned(domain: str, sender: str) -> bool:
    """Tell whether a signature of `domain` counts for mail from `sender`, both as A-labels.

    DMARC compares organisations (RFC 7489 section 3.1.1), which only a list of public suffixes
    tells apart; here one must be the other or stand above it, which needs no list.
    """
    one, other = (name.lower().rstrip(".") for name in (domain, sender))
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
