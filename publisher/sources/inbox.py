"""Source `inbox`: articles that programs hand in, over HTTP or by `publisher articles add`.

Touches nothing: what is handed in is judged and stored at once, as if it had been collected.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from publisher.kit.inbox_articles import read_articles
from publisher.kit.worker import read_apart
from publisher.model.articles import Collected, SourceState
from publisher.ports import SourceContext

SECONDS = 10.0
"""How long articles that are handed in together may be read."""

Filled = Annotated[str, Meta(extra={"kind": "text that is not empty"})]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an `inbox` source."""

    name: Filled  # what this inbox is called
    token: str = ""  # opens it over HTTP; best as `{ env = "…" }`; without, it is shut there


class Inbox:
    """The source. An article's permanent id is the `id` that it is handed in with."""

    def __init__(self, options: Options, context: SourceContext) -> None:
        self.name = options.name
        self.token = options.token
        self._base_url = context.base_url

    def collect(self, state: SourceState, now: datetime) -> Collected:  # noqa: ARG002 - the port's
        """Bring nothing: what was handed in is stored already."""
        return Collected(unchanged=True, partial=True)

    def read(self, data: bytes) -> Collected:
        """Return what is handed in as JSON. Raises ParseError that names everything wrong."""
        articles = read_apart("articles", SECONDS, read_articles, data, self._base_url)
        return Collected(articles=articles, partial=True)


def create(options: Options, context: SourceContext) -> Inbox:
    """Make the source."""
    return Inbox(options, context)
