"""Signatures as the world sees them: dkimpy, with the DNS records in a mapping."""

import re
from collections.abc import Mapping

import dkim


def verified(data: bytes, records: Mapping[str, str]) -> int:
    """Return how many DKIM signatures a message has when each of them holds, -1 when one does not.

    `records` maps names of TXT records, without a final dot, to their texts.
    """

    def ask(name, timeout=5):
        return records.get(name.decode().rstrip("."), "").encode() or None

    head = data.partition(b"\r\n\r\n")[0]
    number = len(re.findall(rb"(?im)^DKIM-Signature:", head))
    for index in range(number):
        try:
            if not dkim.DKIM(data).verify(idx=index, dnsfunc=ask):
                return -1
        except (dkim.DKIMException, ValueError):  # base64 that is none is a ValueError
            return -1
    return number


def fields_of(data: bytes) -> list[bytes]:
    """Return the header fields of a message, each whole."""
    head = data.partition(b"\r\n\r\n")[0] + b"\r\n"
    return re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", head)
