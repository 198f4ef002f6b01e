"""Sites' interfaces in JSON, asked page by page from the newest down to where they were left.

Serves the sources `wordpress` and `ghost`. Touches the network through the Fetcher. A walk takes a
bounded number of pages; what is left over is asked for the next time. Pages are counted from the
newest, so that what is published or edited meanwhile pushes rows to later pages and none is missed;
when rows were taken away, the pages to which the next ones may have been pulled are asked for again.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlsplit, urlunsplit

from publisher.errors import FetchError, ParseError, SourceError
from publisher.kit.dates import as_instant
from publisher.kit.decode import decode_document
from publisher.kit.worker import read_apart
from publisher.model.articles import CollectedArticle, SourceProblem
from publisher.net import same_server
from publisher.ports import NO_HEADERS, Fetched, Fetcher

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 20.0
"""How long one answer may be read."""

PER_PAGE = 25
"""Stories of one page: with all that comes along, some hundred kilobytes."""

MOST = 20
"""Pages of one walk in one collection."""

SECOND, MOST_IN_VAIN = 2, 2
"""A second page that is gone when it is asked for, and how often a walk begins anew for that."""

TURNED_AWAY = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One story of an interface, and the instant by which the walk goes, None when it says none."""

    article: CollectedArticle
    moment: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiPage:
    """One page of an answer. `more` tells that others follow, `total` how many rows there are in all.

    `at` is when the server answered, by its own clock. `beyond` tells that there are no longer so many
    pages as were asked for.
    """

    rows: tuple[Row, ...] = ()
    problems: tuple[SourceProblem, ...] = ()
    more: bool = False
    total: int | None = None
    at: datetime | None = None
    beyond: bool = False
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: one page of what is newer than `since` (None: of everything), newest first."""

    since: datetime | None
    page: int
    etag: str = ""
    last_modified: str = ""


Ask = Callable[[Wanted], ApiPage | None]
"""Fetches a page; None when it has not changed. Raises SourceError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a walk came.

    While one is under way, `top` is the newest it saw, `page` comes next, and `total` is how many rows
    there were when the last one came.
    """

    since: datetime | None = None
    top: datetime | None = None
    page: int = 1
    total: int | None = None
    etag: str = ""
    last_modified: str = ""

    @classmethod
    def of(cls, cursor: Mapping[str, str], name: str) -> "Mark":
        """Return what a cursor says of the walk `name`."""
        page, total = (cursor.get(f"{name}.{key}", "") for key in ("page", "total"))
        return cls(
            since=as_instant(cursor.get(f"{name}.since", "")),
            top=as_instant(cursor.get(f"{name}.top", "")),
            page=int(page) if re.fullmatch(r"[1-9][0-9]{0,5}", page) else 1,
            total=int(total) if re.fullmatch(r"[0-9]{1,9}", total) else None,
            etag=cursor.get(f"{name}.etag", ""),
            last_modified=cursor.get(f"{name}.modified", ""),
        )

    def cursor(self, name: str) -> Mapping[str, str]:
        """Return it for a cursor, empty members left out."""
        said = {
            "since": self.since.isoformat() if self.since else "",
            "top": self.top.isoformat() if self.top else "",
            "page": str(self.page) if self.page > 1 else "",
            "total": "" if self.total is None else str(self.total),
            "etag": self.etag,
            "modified": self.last_modified,
        }
        return {f"{name}.{key}": value for key, value in said.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a walk came to. `whole` tells that it reached its end, `wait` how long the server wants peace."""

    rows: tuple[Row, ...] = ()
    problems: tuple[SourceProblem, ...] = ()
    mark: Mark
    whole: bool = True
    unchanged: bool = False
    wait: timedelta | None = None


def walk(  # noqa: PLR0913 - the last ones are seldom said
    ask: Ask,
    mark: Mark,
    now: datetime,
    overlap: timedelta,
    *,
    enough: int | None = None,
    size: int = PER_PAGE,
    most: int = MOST,
) -> Walked:
    """Walk from the newest row down to `overlap` before the mark, or over `most` pages of `size` rows.

    Rows that are `enough` end it, too. A page that fails ends the walk; what was read before is handed
    over, with the failure as a problem. Raises SourceError when the first one asked for fails.
    """
    under_way = _Walk(mark, overlap, size)
    for step in range(most):
        try:
            answer = ask(under_way.wanted())
        except SourceError as error:
            if step == 0:
                raise
            return under_way.broken(error, now)
        if answer is None:
            return Walked(mark=mark, unchanged=True)
        if under_way.take(answer):
            return under_way.ended(now)
        if under_way.is_enough(enough):
            break
    return under_way.left(now)


class _Walk:
    """A walk under way."""

    def __init__(self, mark: Mark, overlap: timedelta, size: int) -> None:
        self._mark = mark
        self._floor = mark.since - overlap if mark.since else None
        self._size = size
        self._page = mark.page
        self._top = mark.top
        self._total = mark.total
        self._at: datetime | None = None
        self._vain = 0
        self._only: ApiPage | None = None
        self._rows: dict[str, Row] = {}
        self._problems: list[SourceProblem] = []

    def is_enough(self, rows: int | None) -> bool:
        """Tell whether there are so many rows, or whether going on is in vain."""
        return self._vain > MOST_IN_VAIN or (rows is not None and len(self._rows) >= rows)

    def wanted(self) -> Wanted:
        """Return what to ask for next; validators are of the first page, when it was the only one."""
        if self._page > 1 or self._rows or self._floor is None:
            return Wanted(since=self._floor, page=self._page)
        return Wanted(
            since=self._floor,
            page=1,
            etag=self._mark.etag,
            last_modified=self._mark.last_modified,
        )

    def take(self, answer: ApiPage) -> bool:
        """Take a page; return whether the walk is at its end."""
        if answer.beyond:
            # What stood there was pulled to an earlier page, unless the site never gives a second one.
            self._vain += self._page == SECOND
            self._page = 1
            return False
        moments = [row.moment for row in answer.rows if row.moment]
        if self._page == 1:
            self._top = max([*moments, *([self._top] if self._top else [])], default=None)
            self._only = None if answer.more else answer
            self._at = answer.at
        self._problems += answer.problems
        for row in answer.rows:
            if row.moment is None or self._floor is None or row.moment > self._floor:
                self._rows[row.article.external_id] = row
        below = self._floor is not None and any(one <= self._floor for one in moments)
        return not self._stepped_back(answer) and (below or not answer.more)

    def _stepped_back(self, answer: ApiPage) -> bool:
        """Go on to the next page, or back to where rows may have been pulled; return whether so.

        New rows come first and push; so many as there are fewer now have been taken away at most.
        """
        before, self._total = self._total, answer.total
        gone = 0 if None in {before, answer.total} else (before or 0) - (answer.total or 0)
        if gone <= 0 or self._page == 1:
            self._page += 1
            return False
        self._page = max(1, self._page - -(-gone // self._size))
        return True

    def ended(self, now: datetime) -> Walked:
        """Return what came of a walk that reached its end.

        One page is asked for again at the same address, with validators. After many pages, thousands
        of rows edited within the overlap would be read each time: the next walk begins when this did.
        """
        one = self._only
        since = self._newest(now, None if one else self._at)
        if one and since == self._mark.since:
            mark = Mark(since=since, etag=one.etag, last_modified=one.last_modified)
            return self._walked(mark, whole=True)
        return self._walked(Mark(since=since), whole=True)

    def left(self, now: datetime, wait: timedelta | None = None) -> Walked:
        """Return what came of a walk that goes on the next time; the very first one does not."""
        newest = self._newest(now, self._at)
        if self._floor is None:
            return self._walked(Mark(since=newest), whole=False, wait=wait)
        mark = Mark(since=self._mark.since, top=newest, page=self._page, total=self._total)
        return self._walked(mark, whole=False, wait=wait)

    def broken(self, error: SourceError, now: datetime) -> Walked:
        """Return what came of a walk when a page failed."""
        where = f"page {self._page}"
        self._problems.append(SourceProblem(where=where, message=error.reason))
        return self.left(now, error.retry_after if isinstance(error, FetchError) else None)

    def _newest(self, now: datetime, at: datetime | None = None) -> datetime | None:
        """Return the newest instant seen; one in the future would hide all that comes until then."""
        seen = [one for one in (self._mark.since, self._top, at) if one]
        return min(max(seen), now) if seen else None

    def _walked(self, mark: Mark, *, whole: bool, wait: timedelta | None = None) -> Walked:
        return Walked(
            rows=tuple(self._rows.values()),
            problems=tuple(self._problems),
            mark=mark,
            whole=whole,
            wait=wait,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """How to speak with one: `headers` sent along, words for being turned away, `secrets` never shown.

    With `login_for` the headers hold a login, which that address's server alone may see, and nobody on
    the way.
    """

    fetcher: Fetcher
    name: str
    turned_away: str
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    secrets: tuple[str, ...] = ()
    login_for: str = ""

    def get(self, url: str, etag: str = "", last_modified: str = "") -> Fetched:
        """Fetch an address. Raises FetchError with one clear line and no secret in it."""
        plain = plain_address(url)
        if self.login_for and not same_server(url, self.login_for):
            reason = "is another server than that of url: write this address, if the password may go there"
            raise FetchError(plain, reason)
        if self.login_for and not _is_private(url):
            raise FetchError(plain, "a password is sent over https only")
        try:
            return self.fetcher.get(
                url,
                accept="application/json, text/html;q=0.5",
                etag=etag,
                last_modified=last_modified,
                headers=self.headers,
            )
        except FetchError as error:
            raise FetchError(
                plain, self._reason(error), status=error.status, retry_after=error.retry_after
            ) from None  # the error it came from has the secrets in its address

    def _reason(self, error: FetchError) -> str:
        if error.status in TURNED_AWAY:
            return f"{self.turned_away} ({error.status})"
        if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return f"no {self.name} there ({error.status})"
        said = error.reason
        for secret in filter(None, self.secrets):
            said = said.replace(secret, "…")
        return said


def _is_private(url: str) -> bool:
    """Tell whether nobody else sees what is sent to an address: TLS, or this machine."""
    parts = urlsplit(url)
    try:
        here = ip_address(parts.hostname or "").is_loopback
    except ValueError:
        here = parts.hostname == "localhost"
    return parts.scheme == "https" or here


def plain_address(url: str) -> str:
    """Return an address without what may be secret in it: query, fragment, user and password."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def read_answer(
    read: Callable[Concatenate[bytes, str, str, P], T],
    answer: Fetched,
    url: str,
    *more: P.args,
    **named: P.kwargs,
) -> T:
    """Return what `read(body, content type, address, …)` makes of an answer, in a killable process.

    Raises ParseError, also when reading takes too long.
    """
    kind = answer.headers.get("content-type", "")
    name = plain_address(url)
    return read_apart(name, SECONDS, read, answer.body, kind, url, *more, **named)


def read_json(data: bytes, content_type: str, url: str) -> Any:
    """Return the JSON of an answer. Raises ParseError that names the plain address."""
    name = plain_address(url)
    text = decode_document(data, content_type).strip()
    if not text:
        raise ParseError(name, "the answer is empty")
    if text.startswith("<"):
        raise ParseError(name, "a web page came instead of JSON: no REST API there")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ParseError(name, "the JSON is nested too deeply") from error
    except ValueError as error:
        raise ParseError(name, f"is no JSON, or is cut off: {error}") from error
