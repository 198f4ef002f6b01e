"""Source `wordpress`: a WordPress site by its REST API: whole texts, categories, authors, and edits.

Touches the network through the Fetcher. Where the API is, and how far each kind of post was read,
stands in the cursor. Two questions are asked for each kind, because neither finds all: what is dated
after the last time (a scheduled post comes without having been edited) and what was edited since.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

import msgspec
from msgspec import Meta

from publisher.errors import FetchError, SourceError
from publisher.kit.api_backlog import LARGEST, take_stock, within
from publisher.kit.api_pages import (
    PER_PAGE,
    ApiPage,
    Ask,
    Interface,
    Mark,
    Row,
    Walked,
    Wanted,
    read_answer,
    walk,
)
from publisher.kit.dates import as_instant
from publisher.kit.wordpress_posts import By, read_posts
from publisher.kit.wordpress_root import Place, find_place, route
from publisher.model.articles import (
    SOURCE,
    Collected,
    CollectedArticle,
    SourceProblem,
    SourceState,
)
from publisher.ports import NO_HEADERS, Fetched, SourceContext

OVERLAP: Mapping[By, timedelta] = {"date": timedelta(hours=24), "modified": timedelta(hours=3)}
"""How far before the last post a question begins. A site's own clock runs when somebody visits, so a
scheduled post may come hours after its date; dates are compared in the site's local time, which
repeats an hour each autumn; and answers may come from a cache."""

EMBED = "author,wp:featuredmedia,wp:term"
CLOSED = "its REST API does not answer strangers: give username and password"
REFUSED = "the key is refused: username and application password do not fit"
Address = Annotated[str, Meta(extra={"kind": "web address"})]
Backlog = Annotated[int, Meta(ge=1, le=LARGEST)]
Kind = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
Kinds = Annotated[tuple[Kind, ...], Meta(min_length=1)]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `wordpress` source."""

    url: Address  # the site's, or that of its API (…/wp-json)
    types: Kinds = ("posts",)  # names in the API: posts, pages, or a kind of the site's own
    backlog: Backlog = 100  # stories of before that are taken at first, the newest first
    username: str = ""  # with `password`: for a site that does not answer strangers
    password: str = ""  # an application password of that user; best as `{ env = "…" }`


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What was read of one kind of post."""

    rows: Sequence[Row]
    walks: Sequence[Walked]
    cursor: Mapping[str, str]
    partial: bool = False


class WordPress:
    """The source."""

    def __init__(self, options: Options, context: SourceContext) -> None:
        self._options = options
        said = f"{options.username}:{options.password}" if options.password else ""
        coded = base64.b64encode(said.encode()).decode()
        self._interface = Interface(
            fetcher=context.fetcher,
            name="REST API",
            turned_away=REFUSED if said else CLOSED,
            headers={"Authorization": f"Basic {coded}"} if said else NO_HEADERS,
            secrets=(options.password, coded) if said else (),
            login_for=options.url if said else "",
        )

    def collect(self, state: SourceState, now: datetime) -> Collected:
        """Read what is new and what was edited. Raises FetchError and ParseError."""
        if bool(self._options.username) != bool(self._options.password):
            raise FetchError(self._options.url, "username and password belong together")
        place = Place.of(state.cursor)
        known = bool(place.root)
        if not known:
            place = find_place(self._interface, self._options.url)
        try:
            taken = self._take_all(place, state, now)
        except FetchError as error:
            if error.status != HTTPStatus.NOT_FOUND or not known:
                raise
            place = find_place(self._interface, self._options.url)  # the API may have moved
            taken = self._take_all(place, state, now)
        return self._collected(place, taken, now)

    def _collected(self, place: Place, taken: Sequence[_Taken], now: datetime) -> Collected:
        """Return what all kinds brought, together."""
        walks = [one for kind in taken for one in kind.walks]
        waits = [one.wait for one in walks if one.wait]
        rows = {row.article.external_id: row for kind in taken for row in kind.rows}
        cursor = place.cursor()
        for kind in taken:
            cursor |= kind.cursor
        return Collected(
            articles=tuple(self._named(row.article, place) for row in rows.values()),
            problems=tuple(problem for one in walks for problem in one.problems),
            unchanged=all(one.unchanged for one in walks),
            partial=any(kind.partial for kind in taken),
            fresh_until=now + max(waits) if waits else None,
            cursor=cursor,
        )

    def _named(self, article: CollectedArticle, place: Place) -> CollectedArticle:
        """Let an article say which site it was taken from."""
        said = {"title": place.title, "url": self._options.url, "home": place.home}
        known = {key: value for key, value in said.items() if value}
        return replace(article, attributes={SOURCE: known}) if place.title else article

    def _take_all(self, place: Place, state: SourceState, now: datetime) -> list[_Taken]:
        return [self._take(place.root, kind, state, now) for kind in self._options.types]

    def _take(self, root: str, kind: str, state: SourceState, now: datetime) -> _Taken:
        """Read one kind of post: everything at first, then what is new and what was edited."""
        new = Mark.of(state.cursor, f"{kind}.date")
        if new.since is None:
            return self._first(root, kind, now)
        edited = Mark.of(state.cursor, f"{kind}.modified")
        horizon = state.cursor.get(f"{kind}.horizon", "")
        came = walk(self._ask(root, kind, "date"), new, now, OVERLAP["date"])
        try:
            went = walk(self._ask(root, kind, "modified"), edited, now, OVERLAP["modified"])
        except SourceError as error:  # what is new comes through all the same
            wait = error.retry_after if isinstance(error, FetchError) else None
            problem = SourceProblem(where=f"edits of {kind}", message=error.reason)
            went = Walked(problems=(problem,), mark=edited, wait=wait)
        return _Taken(
            rows=within((*came.rows, *went.rows), horizon),
            walks=(came, went),
            cursor={
                **came.mark.cursor(f"{kind}.date"),
                **went.mark.cursor(f"{kind}.modified"),
                **({f"{kind}.horizon": horizon} if horizon else {}),
            },
            partial=True,
        )

    def _first(self, root: str, kind: str, now: datetime) -> _Taken:
        """Read the newest posts."""
        stock = take_stock(self._ask(root, kind, "date"), now, self._options.backlog)
        return _Taken(
            rows=stock.rows,
            walks=(stock.walked,),
            cursor={
                **stock.walked.mark.cursor(f"{kind}.date"),
                **Mark(since=stock.edited).cursor(f"{kind}.modified"),
                **({f"{kind}.horizon": stock.horizon} if stock.horizon else {}),
            },
        )

    def _ask(self, root: str, kind: str, by: By) -> Ask:
        """Return what fetches a page of one kind of post, newest first by one of its dates."""

        def ask(wanted: Wanted) -> ApiPage | None:
            url = route(root, f"wp/v2/{kind}", _query(wanted, by))
            try:
                answer = self._interface.get(url, wanted.etag, wanted.last_modified)
            except FetchError as error:
                if error.status == HTTPStatus.BAD_REQUEST and wanted.page > 1:
                    return ApiPage(beyond=True)
                if error.status == HTTPStatus.NOT_FOUND:
                    reason = f'the REST API there has no "{kind}" (404)'
                    raise FetchError(error.subject, reason, status=error.status) from error
                raise
            if answer.status == HTTPStatus.NOT_MODIFIED:
                return None
            rows, problems, count = read_answer(read_posts, answer, url, by)
            return ApiPage(
                rows=rows,
                problems=problems,
                more=_more(answer, wanted.page, count),
                total=_number(answer, "x-wp-total"),
                at=as_instant(answer.headers.get("date", "")),
                etag=answer.headers.get("etag", ""),
                last_modified=answer.headers.get("last-modified", ""),
            )

        return ask


def _query(wanted: Wanted, by: By) -> dict[str, str]:
    """Return the parameters of a question."""
    query = {"per_page": str(PER_PAGE), "page": str(wanted.page), "orderby": by, "order": "desc"}
    if wanted.since:
        name = "after" if by == "date" else "modified_after"
        query[name] = wanted.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**query, "_embed": EMBED}


def _more(answer: Fetched, page: int, count: int) -> bool:
    """Tell whether other pages follow; a proxy may have dropped the header that says so."""
    pages = _number(answer, "x-wp-totalpages")
    return count == PER_PAGE if pages is None else page < pages


def _number(answer: Fetched, header: str) -> int | None:
    """Return the number in a header, None when there is none."""
    said = answer.headers.get(header, "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None  # noqa: PLR2004 - digits


def create(options: Options, context: SourceContext) -> WordPress:
    """Make the source."""
    return WordPress(options, context)
