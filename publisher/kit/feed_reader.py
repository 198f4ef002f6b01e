"""Feeds of any format to articles: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, CDF and JSON Feed.

Serves the `feed` source, which calls `read_feed` in a killable process: hostile documents make
parsers run for ever. Touches nothing. Well-formed documents are read by `kit.feed_strict`, all others
by feedparser; what comes out is the same.
"""

import re
from dataclasses import replace
from typing import Any

from publisher.errors import ParseError
from publisher.kit.decode import decode_document
from publisher.kit.feed_articles import document_of
from publisher.kit.feed_bounds import MAX_DOCUMENT, MAX_LOOSE, check, within_entries
from publisher.kit.feed_entries import FeedDocument
from publisher.kit.feed_loose import read_loosely
from publisher.kit.feed_rhythm import skipped
from publisher.kit.feed_texts import Strange
from publisher.kit.json_feed import looks_like_json, read_json_feed
from publisher.kit.page_html import looks_like_html
from publisher.kit.text import strip_illegal

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7});")
_ROOT = re.compile(r"<((?:[\w-]+:)?(?:rss|feed|rdf|channel))[\s>/]", re.IGNORECASE)
_HEAD = 20_000


class NotAFeed(ParseError):
    """The document is a web page, not a feed; it may point at one."""


def read_feed(data: bytes, url: str, content_type: str = "") -> FeedDocument:
    """Return a feed document of any format; `url` is what relative addresses count from.

    `content_type` is the HTTP header. An entry that cannot be read is a problem, the others come
    through. Raises ParseError for what is empty, cut off, or no feed (NotAFeed: a web page).
    """
    if len(data) > MAX_DOCUMENT:
        raise ParseError(url, f"is larger than {MAX_DOCUMENT // 1024 // 1024} MiB")
    text = strip_illegal(decode_document(data, content_type)).strip()
    if not text:
        raise ParseError(url, "is empty")
    if looks_like_json(text):
        return read_json_feed(text, url)
    root = _ROOT.search(_DECLARATION.sub("", text)[:_HEAD])
    if root is None:
        if looks_like_html(text):
            raise NotAFeed(url, "is a web page, not a feed")
        raise ParseError(url, "is neither RSS, Atom, RDF nor JSON Feed")
    if not _is_closed(text, root[1]):
        raise ParseError(url, f"is cut off: </{root[1]}> is missing")
    hours, days = skipped(text)
    text, problems = within_entries(text)
    check(text, url)
    document = document_of(_tables(prepared(text), url), url)
    return replace(
        document,
        problems=document.problems + problems,
        skip_hours=hours,
        skip_days=days,
    )


def prepared(text: str) -> str:
    """Return a document as parsers may have it: no XML declaration, no references to illegal characters."""
    return _without_illegal_references(_DECLARATION.sub("", text))


def _tables(text: str, url: str) -> Any:
    """Return a document's tables."""
    # lxml is loaded by the child that reads, not by whoever knows a source of feeds.
    from publisher.kit.feed_strict import read_strictly  # noqa: PLC0415 - see above

    root = _ROOT.search(text)
    if root and "<!" not in text[: root.start()].replace("<!--", ""):
        try:
            return read_strictly(text.encode(), url)
        except Strange:
            pass
    check(text, url, MAX_LOOSE)
    try:
        return read_loosely(text, url)
    except Exception as error:
        raise ParseError(url, f"cannot be read: {error!r}"[:300]) from error


def _is_closed(text: str, root: str) -> bool:
    """Tell whether the root element ends."""
    return bool(
        text.rstrip().endswith(f"</{root}>")
        or re.search(rf"</{re.escape(root)}\s*>|<{re.escape(root)}[^<>]*/>", text, re.IGNORECASE)
    )


def _without_illegal_references(text: str) -> str:
    """Return the text without character references to what XML forbids."""
    if "&#" not in text:
        return text
    illegal = {one for one in set(_REFERENCE.findall(text)) if not _is_legal(one)}
    return (
        _REFERENCE.sub(lambda one: "" if one[0] in illegal else one[0], text) if illegal else text
    )


def _is_legal(reference: str) -> bool:
    """Tell whether XML allows the character of a reference."""
    digits = reference[2:-1]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    legal = code < 0x110000 and not 0xD800 <= code < 0xE000  # noqa: PLR2004 - Unicode's borders
    return legal and bool(strip_illegal(chr(code)))
