"""Looks for the feed of a site when its address holds a page: where the page says, then where feeds are.

Serves the `feed` source, which fetches and reads. What a page names is believed: while it is out of
order for the moment nothing else is taken in its place, or a feed of comments would stay for good.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from publisher.errors import FetchError, ParseError
from publisher.kit.feed_links import named_feeds, usual_feeds
from publisher.kit.feed_reader import NotAFeed
from publisher.ports import Fetched

T = TypeVar("T")

NAMED = 5
"""Feeds that a page names and that are tried."""

PASSING = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


def search_feed(
    page: Fetched, html: str, fetch: Callable[[str], Fetched], read: Callable[[Fetched], T]
) -> tuple[T, Fetched, str] | None:
    """Return the first feed found, the answer that held it, and its address; None when there is none.

    Raises FetchError when a place cannot be judged now: nobody answers, or it is to be asked later;
    and ParseError when a feed that the page names cannot be read.
    """
    named = named_feeds(page.headers.get("link", ""), html, page.url)[:NAMED]
    for address in (*named, *usual_feeds(page.url)):
        try:
            answer = fetch(address)
            return read(answer), answer, address
        except ParseError as error:
            if address in named and not isinstance(error, NotAFeed):
                raise
        except FetchError as error:
            if _passes(error, named=address in named):
                raise
    return None


def _passes(error: FetchError, *, named: bool) -> bool:
    """Tell whether it may be another answer later; at a place that is only guessed a fault is a no."""
    if error.status is None or error.status in PASSING:
        return True
    return named and error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
