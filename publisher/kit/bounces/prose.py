"""Failures told to people only: whom a mail system could not reach, and the words that say why.

Serves `read_report`. Pure, total. There are a hundred such forms; what they share is read: the words
stand before what is sent back, and the address stands at the head of a line, in brackets, or after
words like "to".
"""

import re
from collections.abc import Iterator, Sequence

from publisher.kit.bounces import phrases

ADDRESS = r"[^\s<>()\[\]:;,\"'|@=/]+@[^\s<>()\[\]:;,\"'|@]*[^\s<>()\[\]:;,\"'|@.!?]"
LONGEST, LINES, WIDEST, NEAR = 20_000, 400, 2_000, 80
"""Characters and lines of a report, characters of a line, and beside an address, that are looked at."""

_ANY = re.compile(rf"(?:\"[^\"\n]{{1,64}}\"@[^\s<>()\[\]:;,\"'|@]+|{ADDRESS})")
_BACK = re.compile(rf"[\s>*=+_#|-]*(?:{'|'.join(phrases.BACK)})", re.IGNORECASE)
_HEADER = re.compile(
    r"(received|return-path|message-id|mime-version|x-[\w-]+|subject|date|from|to|dkim-signature|content-type)\s*:",
    re.IGNORECASE,
)
_OURS = re.compile(rf"(?:{'|'.join(phrases.OURS)})[\s:=<\"'(]*$", re.IGNORECASE)
_THEIRS = re.compile(rf"(?:{'|'.join(phrases.THEIRS)})[\s:=<\"'(\[]*$", re.IGNORECASE)
_AT_HEAD = re.compile(r"[\s<\"'*>-]*$")
_AFTER = re.compile(r"[>\"')\]]*(?:$|[\s:,;(.-])")


def said(text: str) -> list[str]:
    """Return the lines that a mail system says itself: those before what it sends back."""
    lines = text[:LONGEST].split("\n")[:LINES]
    for number, line in enumerate(lines):
        if number and (_BACK.match(line) or _is_header(lines, number)):
            return lines[:number]
    return lines


def failed(lines: Sequence[str], ours: frozenset[str], returned: str) -> tuple[str, ...]:
    """Return the addresses that were not reached, in order, each once, as written.

    `ours` are addresses of the report's own sender and recipient; `returned` is whom the message
    that was sent back was for.
    """
    found = [(weight, address) for line in lines for weight, address in _addresses(line)]
    foreign = [one for one in found if one[1].casefold() not in ours]
    found = foreign or [one for one in found if one[0] > 1]
    best = max((weight for weight, _ in found), default=0)
    named = {address.casefold(): address for weight, address in reversed(found) if weight == best}
    if best < _STRONG and returned.casefold() in {address.casefold() for _, address in found}:
        # Where weak evidence and what was sent back agree, nothing else was meant.
        return (returned,)
    if best:
        return tuple(
            dict.fromkeys(
                named[key] for _, address in found if (key := address.casefold()) in named
            )
        )
    return (returned,) if returned else ()


_STRONG = 3


def _addresses(line: str) -> Iterator[tuple[int, str]]:
    """Yield addresses with how surely each is that of somebody who was not reached."""
    for found in _ANY.finditer(line[:WIDEST]):
        before, after = (
            line[max(0, found.start() - NEAR) : found.start()],
            line[found.end() :][:NEAR],
        )
        if _OURS.search(before):
            continue
        yield _weight(before, after), found[0]


def _weight(before: str, after: str) -> int:
    """Return how surely an address is that of somebody who was not reached, 1 to 3."""
    answered = after.lstrip("> ").startswith("...")
    if answered or "rcpt to" in before.lower() or (_AT_HEAD.match(before) and _AFTER.match(after)):
        return _STRONG
    return 2 if _THEIRS.search(before) else 1


def _is_header(lines: Sequence[str], number: int) -> bool:
    """Tell whether the headers of a message begin at a line."""
    here = [line for line in lines[number : number + 6] if not line[:1].isspace()]
    return (
        len(here) > 1
        and all(_HEADER.match(line) for line in here[:3])
        and bool(_HEADER.match(lines[number]))
    )
