"""Source `listing`: a page that lists stories, for sites without a feed; read by CSS selectors.

Touches the network through the Fetcher. Pages are read in a process of their own, because a
stranger's page decides how long that takes. A page on which nothing is found is an error of this
source: a site that was rebuilt, or an error page. What is known stays.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from publisher.errors import SourceError
from publisher.kit.full_text import Followed, follow
from publisher.kit.listing_page import Listing, Rules, read_listing
from publisher.kit.unchanged import unchanged
from publisher.kit.worker import read_apart
from publisher.model.articles import (
    SOURCE,
    Collected,
    CollectedArticle,
    SourceProblem,
    SourceState,
)
from publisher.ports import Fetched, SourceContext

ACCEPT = "text/html, application/xhtml+xml, */*;q=0.3"
SECONDS = 10.0
"""How long one page may be read."""

SEEN = 5_000
"""Stories that are remembered, so that pages are followed only as far as there is something new."""

Css = Annotated[str, Meta(extra={"kind": "css selector"})]
Address = Annotated[str, Meta(extra={"kind": "web address"})]
Pages = Annotated[int, Meta(ge=1, le=20)]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `listing` source."""

    url: Address  # the page that lists stories
    item: Css  # what one story is on the page, such as `article.teaser`
    title: Css = ""  # within the item; its first heading, or its first link's words
    link: Css = ""  # within the item; its first link
    date: Css = ""  # within the item; its `time` element
    summary: Css = ""  # within the item; none
    image: Css = ""  # within the item; its first picture
    author: Css = ""  # within the item; none
    next: Css = ""  # on the page: the link to the next page of the list
    pages: Pages = 1  # pages of the list that are read, as long as something on them is new
    date_format: str = ""  # how dates are written, as strptime has it; usual forms need none
    fetch_full_text: bool = False  # read each new story's own page, as its robots.txt allows


class ListingSource:
    """The source. What it saw last stands in the cursor."""

    def __init__(self, options: Options, context: SourceContext) -> None:
        self._options = options
        self._context = context
        names = ("item", "title", "link", "date", "summary", "image", "author", "next")
        said = {name: getattr(options, name) for name in names}
        self._rules = Rules(**said, date_format=options.date_format)

    def collect(self, state: SourceState, now: datetime) -> Collected:
        """Read the list. Raises FetchError, and ParseError when nothing is found on it."""
        waiting = bool(state.cursor.get("waiting"))
        answer = self._context.fetcher.get(
            self._options.url,
            accept=ACCEPT,
            etag="" if waiting else state.etag,
            last_modified="" if waiting else state.last_modified,
        )
        if (same := unchanged(answer, state)) is not None:
            return same
        seen = state.cursor.get("seen", "").split()
        # While something waits on a later page, a first page that is known says nothing of it.
        read, problems = self._read(answer, set() if waiting else set(seen))
        articles = _once(article for page in read for article in page.articles)
        named = [_named(one, read[0].title, self._options.url) for one in articles]
        told = self._followed(named, state.cursor.get("followed", ""), now)
        marks = [_mark(article) for article in articles]
        waits = told.later or bool(problems)
        cursor = {
            "seen": " ".join(list(dict.fromkeys([*marks, *seen]))[:SEEN]),
            "followed": told.notes,
            "waiting": "yes" if waits else "",  # then the page is read again, changed or not
        }
        return Collected(
            articles=told.articles,
            problems=(
                *(problem for page in read for problem in page.problems),
                *problems,
                *told.problems,
            ),
            kept=told.kept,
            partial=self._options.pages > 1,
            etag=answer.headers.get("etag", ""),
            last_modified=answer.headers.get("last-modified", ""),
            cursor={key: value for key, value in cursor.items() if value},
        )

    def _read(self, answer: Fetched, seen: set[str]) -> tuple[list[Listing], list[SourceProblem]]:
        """Read the first page, and those after it as long as they hold something new."""
        read = [self._page(answer)]
        asked = {self._options.url, answer.url}
        while len(read) < self._options.pages:
            following = read[-1].next
            old = bool(seen) and all(_mark(one) in seen for one in read[-1].articles)
            if not following or following in asked or old:
                break
            asked.add(following)
            try:
                read.append(self._page(self._context.fetcher.get(following, accept=ACCEPT)))
            except SourceError as error:  # what the first pages say comes through
                return read, [SourceProblem(where=following, message=error.reason)]
        return read, []

    def _page(self, answer: Fetched) -> Listing:
        """Read one page in a process of its own. Raises ParseError."""
        kind = answer.headers.get("content-type", "")
        arguments = (answer.body, answer.url, kind, self._rules)
        return read_apart(answer.url, SECONDS, read_listing, *arguments)

    def _followed(
        self, articles: Sequence[CollectedArticle], notes: str, now: datetime
    ) -> Followed:
        """Return the stories, where it is wanted with the texts of their own pages."""
        if not self._options.fetch_full_text:
            return Followed(articles=tuple(articles))
        partial = self._options.pages > 1
        return follow(articles, notes, self._context.pages, now, partial=partial)


def _once(articles: Iterable[CollectedArticle]) -> list[CollectedArticle]:
    """Return articles without those that a later page repeats."""
    return list({article.external_id: article for article in reversed([*articles])}.values())[::-1]


def _mark(article: CollectedArticle) -> str:
    """Return a few digits for what a list names."""
    return hashlib.blake2b(article.external_id.encode(), digest_size=5).hexdigest()


def _named(article: CollectedArticle, title: str, url: str) -> CollectedArticle:
    """Let an article say which site it was taken from."""
    said: Mapping[str, str] = {"title": title, "url": url, "home": url}
    return replace(article, attributes={SOURCE: said}) if title else article


def create(options: Options, context: SourceContext) -> ListingSource:
    """Make the source."""
    return ListingSource(options, context)
