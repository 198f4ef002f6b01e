"""Source `hfeed`: a page whose stories are marked up as h-entry (microformats2), as on the IndieWeb.

Touches the network through the Fetcher. Pages are read in a process of their own, because a
stranger's page decides how long that takes. A page without any h-entry is an error of this source.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from publisher.kit.feed_entries import FeedDocument
from publisher.kit.microformats import read_hfeed
from publisher.kit.unchanged import unchanged
from publisher.kit.worker import read_apart
from publisher.model.articles import SOURCE, Collected, SourceState
from publisher.ports import Fetched, SourceContext

ACCEPT = "text/html, application/xhtml+xml, */*;q=0.3"
SECONDS = 10.0
"""How long one page may be read."""

Address = Annotated[str, Meta(extra={"kind": "web address"})]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an `hfeed` source."""

    url: Address  # the page


class HFeed:
    """The source. A story's permanent id is its `u-uid`, else its address."""

    def __init__(self, options: Options, context: SourceContext) -> None:
        self._url = options.url
        self._fetcher = context.fetcher

    def collect(self, state: SourceState, now: datetime) -> Collected:  # noqa: ARG002 - the port's
        """Read the page. Raises FetchError, and ParseError when it holds no entry."""
        answer = self._fetcher.get(
            self._url, accept=ACCEPT, etag=state.etag, last_modified=state.last_modified
        )
        if (same := unchanged(answer, state)) is not None:
            return same
        document = self._read(answer)
        known: Mapping[str, str] = {
            name: said
            for name, said in (("title", document.title), ("url", self._url), ("home", answer.url))
            if said
        }
        return Collected(
            articles=tuple(
                replace(article, attributes={SOURCE: known}) for article in document.articles
            ),
            etag=answer.headers.get("etag", ""),
            last_modified=answer.headers.get("last-modified", ""),
        )

    def _read(self, answer: Fetched) -> FeedDocument:
        """Read the page in a process of its own. Raises ParseError."""
        kind = answer.headers.get("content-type", "")
        return read_apart(answer.url, SECONDS, read_hfeed, answer.body, answer.url, kind)


def create(options: Options, context: SourceContext) -> HFeed:
    """Make the source."""
    return HFeed(options, context)
