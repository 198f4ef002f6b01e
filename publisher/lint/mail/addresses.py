"""Web addresses as mails hold them: loopback, scheme, placeholders and fields that nobody filled.

Serves the rules of mails. Pure.
"""

import re
from urllib.parse import SplitResult, urlsplit

PLACEHOLDER = re.compile(
    r"\{\{.{0,60}?(?:\}\}|$)|\{%.{0,60}?(?:%\}|$)|%7B%7B|\*\|.{0,60}?(?:\|\*|$)"
    r"|%%.{0,60}?(?:%%|$)|\[\[.{1,60}?\]\]|\$\{.{0,60}?\}",
    re.IGNORECASE | re.DOTALL,
)
"""What templates of several systems leave when a value is missing; a story's title may hold it too."""

UNFILLED = re.compile(r"\bslot\.invalid\b|\bslot-[0-9a-f]{24}-", re.IGNORECASE)
"""A merge field of our own that nobody filled (`kit/parts.py`)."""


def placeholder(text: str) -> str:
    """Return the first placeholder in a text, "" for none."""
    match = PLACEHOLDER.search(text)
    return " ".join(match[0].split()) if match else ""


def unfilled(text: str) -> str:
    """Return the first merge field of ours that a text still holds, "" for none."""
    match = UNFILLED.search(text)
    return match[0] if match else ""


def split(address: str) -> SplitResult | None:
    """Return an address taken apart; None when it cannot be."""
    try:
        return urlsplit(address.strip())
    except ValueError:
        return None


def is_loopback(address: str) -> bool:
    """Tell whether an address leads to this machine, where http is as good as https."""
    parts = split(address)
    host = (parts.hostname or "") if parts else ""
    local = host == "localhost" or host.endswith(".localhost") or host == "::1"
    return local or re.fullmatch(r"127\.\d+\.\d+\.\d+", host) is not None
