"""How much of a document is read: entries, mark-up, attributes. Parsers have no limits of their own.

Serves `kit.feed_reader`. Pure, in linear time. The figures keep what a process may need below ten
seconds and 300 MB: feedparser takes a millisecond an entry, 20 µs an element and quadratic time for
attributes, libxml2 120 bytes an element.
"""

import re

from publisher.errors import ParseError
from publisher.model.articles import SourceProblem

MAX_DOCUMENT = 16 * 1024 * 1024
"""Bytes of a document; over HTTP fewer come through."""

MAX_ENTRIES = 5_000
MAX_ATTRIBUTES = 1_000
"""Attributes of one element."""

TOO_MANY = f"has an element with more than {MAX_ATTRIBUTES} attributes"

MAX_MARKUP, MAX_LOOSE = 1_000_000, 300_000
"""Tags of a document, and of one that feedparser must read; eight references count as one."""

_OPENING = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_CLOSING = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_END = re.compile(r"</(?:\w+:)?(?:channel|rss|feed|rdf)\s*>", re.IGNORECASE)
_LONG_TAG = re.compile(r"<[A-Za-z_][^<>]{4000,}")


def within_entries(text: str) -> tuple[str, tuple[SourceProblem, ...]]:
    """Return a document without what follows its 5,000th entry, and the problem that this is.

    Feeds give their newest entries first. What stands after the last entry stays.
    """
    if text.count("<") <= MAX_ENTRIES:
        return text, ()
    openings = [match.start() for match in _OPENING.finditer(text)]
    if len(openings) <= MAX_ENTRIES:
        return text, ()
    cut = openings[MAX_ENTRIES]
    tail = max((match.end() for match in _CLOSING.finditer(text, cut)), default=0)
    if not tail:
        tail = next((match.start() for match in _END.finditer(text, openings[-1])), len(text))
    return text[:cut] + text[tail:], (too_many(len(openings)),)


def too_many(entries: int) -> SourceProblem:
    """Return the problem of a document with so many entries."""
    return SourceProblem(
        where=f"entry {MAX_ENTRIES + 1}",
        message=f"is not read, nor are those after it: the first {MAX_ENTRIES} of {entries} are",
    )


def check(text: str, url: str, most: int = MAX_MARKUP) -> None:
    """Raise ParseError for more mark-up than can be read."""
    if text.count("<") + text.count("&") // 8 > most:
        raise ParseError(url, f"has more than {most} tags")
    for tag in _LONG_TAG.finditer(text):
        if tag[0].count("=") > MAX_ATTRIBUTES:
            raise ParseError(url, TOO_MANY)
