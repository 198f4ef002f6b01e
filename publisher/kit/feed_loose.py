"""Feeds that are not what they should be: ill-formed, with a document type, or odd.

Serves `kit.feed_reader`. Touches nothing. The only importer of feedparser.
"""

import io
from functools import cache
from typing import Any


def read_loosely(text: str, url: str) -> Any:
    """Return feedparser's result for a document without XML declaration; `feed`, `entries`, `version`.

    `url` is what relative addresses of links count from. Raises whatever feedparser does when its own
    code meets what it did not expect.
    """
    return _feedparser().parse(
        io.BytesIO(text.encode()),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": url,
        },
        sanitize_html=False,
        resolve_relative_uris=False,
    )


@cache
def _feedparser() -> Any:
    """Return feedparser, which takes a third of a reader's start and is seldom needed.

    Ids must never change when a feed moves (RFC 4287 section 4.2.6.1), but feedparser makes them
    absolute as soon as it knows where a document lies, which it needs to know for other addresses.
    """
    import feedparser
    import feedparser.api

    for parser in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
        parser.can_be_relative_uri = parser.can_be_relative_uri - {"id"}
    return feedparser
