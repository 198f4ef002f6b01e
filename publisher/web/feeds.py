"""Feed documents over HTTP, answered before the framework is asked: they are most of all requests.

Serves readers of feeds. What is no plain request for a feed that stands in the output folder is handed
on to the pages. Conditional requests, compression and HEAD as in RFC 9110, deltas as in RFC 3229.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from time import monotonic
from typing import NamedTuple

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from publisher.core.freshness import FLOOR, fresh_for
from publisher.core.hubs import link_header
from publisher.web.conditions import weighted
from publisher.web.deltas import Versions, asks_for_delta
from publisher.web.pages import SECURITY, Desk, answered
from publisher.web.patience import CHEAP, Patience, counted
from publisher.web.shelf import Loaded, Shelf, Version, version_of

SHARED = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Last-Modified, Link",
}
"""Feeds may be read from scripts of other sites."""

STYLED = ("application/rss+xml", "application/atom+xml")
GENERIC = "application/xml; charset=utf-8"
"""What browsers show in a feed's own style: of the types above Chromium shows the source, and Firefox
saves a file. To programs both say the same."""

ARCHIVED = 86_400
"""Seconds an archive page may be kept: it is replaced only when a story is hidden."""

MOST = 256
"""Documents remembered, each with its compressed forms: some tens of megabytes of usual feeds."""

LOOK_AGAIN = 10.0
"""Seconds after which it is made sure again where a document lies, through links."""

_SUFFIXES = (".rss", ".atom", ".json")
_DOCUMENT = re.compile(
    r"/(feeds/(?!private/)(?P<slug>[\w/-]+?)(?:/archive/[\w-]+)?\.(?:rss|atom|json))"
)
_PAGE = re.compile(r"/(feeds/(?!private/)(?P<slug>[\w/-]+?))/?")
_KINDS = {
    "application/atom+xml": "atom",
    "application/rss+xml": "rss",
    "application/feed+json": "json",
}


class Asked(NamedTuple):
    """A request as far as it matters: lower-case header names."""

    method: str
    path: str
    headers: Mapping[str, str]
    host: str


class Answer(NamedTuple):
    """What is answered; the body of an answer to HEAD is left out when it is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Found:
    """A document that answers, and what is said of it besides.

    `until` is when its feed may change. It stands while its file is of the same version and the
    definitions are the same; where it lies is looked at again `after` a while.
    """

    name: str
    place: str
    version: Version | None
    loaded: Loaded
    headers: dict[str, str]
    archived: bool
    until: datetime
    definitions: object
    after: float


class FeedDoor:
    """An ASGI application around the pages."""

    def __init__(self, desk: Desk, inner: ASGIApp) -> None:
        self._desk = desk
        self._inner = inner
        self._versions = Versions()
        self._patience = Patience()
        self._known: dict[tuple[str, str], _Found] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        answer = self.answer(_asked(scope)) if scope["type"] == ScopeType.HTTP else None
        if answer is None:
            await self._inner(scope, receive, send)
            return
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = b"" if scope.get("method") == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def answer(self, asked: Asked) -> Answer | None:
        """Return the answer to a request for a feed; None when the pages know better."""
        if asked.method not in {"GET", "HEAD"}:
            return None
        try:
            found = self._find(asked)
        except OSError:
            return None  # the pages say what is wrong
        if found is None:
            return None
        status, headers, body = answered(asked.headers, found.loaded, found.headers)
        if status == HTTPStatus.OK and (delta := self._delta(asked, found)):
            status, headers, body = delta
        self._versions.note(found.name, found.loaded)
        if wait := self._wait(asked, found, status):
            return _later(wait)
        kind = {} if status == HTTPStatus.NOT_MODIFIED else _content(asked, found, body)
        return Answer(status, {**kind, **headers}, body)

    def _find(self, asked: Asked) -> _Found | None:
        """Return the document that answers, as long as nothing has changed the one found before."""
        negotiated = not asked.path.endswith(_SUFFIXES)
        form = self._preferred(asked) if negotiated else ""
        if negotiated and not form:
            return None
        key = (asked.path, form)
        known = self._known.get(key)
        if known is None or not self._stands(known):
            known = self._look(asked.path, form)
            if known is None:
                self._known.pop(key, None)
                return None
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = known
        fresh = (
            ARCHIVED if known.archived else (known.until - self._desk.app.now()).total_seconds()
        )
        known.headers["cache-control"] = f"public, max-age={max(1, int(fresh))}"
        return known

    def _preferred(self, asked: Asked) -> str:
        """Return the format to answer with at the address of a page; "" for the page."""
        place = _PAGE.fullmatch(asked.path)
        feed = self._desk.app.definitions.feeds.get(place["slug"]) if place else None
        offered = feed.formats if feed else tuple(_KINDS.values())
        return preferred(asked.headers.get("accept", ""), offered)

    def _stands(self, known: _Found) -> bool:
        app = self._desk.app
        return (
            known.definitions is app.definitions
            and monotonic() < known.after
            and app.now() < known.until
            and version_of(known.place) == known.version
        )

    def _look(self, path: str, form: str) -> _Found | None:
        """Return a document that stands; None for feeds that moved or ended, of which pages tell."""
        place = (_PAGE if form else _DOCUMENT).fullmatch(path)
        if place is None:
            return None
        app, slug, name = self._desk.app, place["slug"], place[1] + (f".{form}" if form else "")
        feeds, made = app.definitions.feeds, app.definitions
        feed = feeds.get(slug)
        if feed.ended if feed else any(slug in other.was for other in feeds.values()):
            return None
        shelf = Shelf(made.root / made.output)
        where = shelf.place(name)
        version = version_of(str(where)) if where else None
        loaded = shelf.load(name)
        if loaded is None:
            return None
        archived, url = "/archive/" in name, self._desk.publication.url
        link = link_header(url, name, () if archived else app.hubs)
        headers = {**SECURITY, **SHARED, "link": link}
        if form:
            headers |= {"vary": "Accept", "content-location": f"{url}{name}"}
        elif loaded.media_type.startswith(STYLED):
            headers |= {"vary": "Accept"}
        now, home = app.now(), made.publication.timezone
        return _Found(
            name=name,
            place=str(where),
            version=version,
            loaded=loaded,
            headers=headers,
            archived=archived,
            until=now + fresh_for(slug, made.schedules, app.calendar, now, home),
            definitions=made,
            after=monotonic() + LOOK_AGAIN,
        )

    def _delta(self, asked: Asked, found: _Found) -> tuple[int, dict[str, str], bytes] | None:
        """Return what is new since the version a reader has, for readers that ask for it."""
        condition = asked.headers.get("if-none-match", "")
        if not condition or not asks_for_delta(asked.headers.get("a-im", "")):
            return None
        made = self._versions.since(found.name, found.loaded, condition)
        if made is None:
            return None
        part, base = made
        rest = {name: value for name, value in asked.headers.items() if name == "accept-encoding"}
        vary = {"vary": "A-IM, If-None-Match", "cache-control": "no-store, im"}
        _, headers, body = answered(rest, part, {**found.headers, **vary})
        return HTTPStatus.IM_USED, {**headers, "im": "feed", "delta-base": base}, body

    def _wait(self, asked: Asked, found: _Found, status: int) -> int:
        """Return how many seconds a program must wait that asks too often, 0 for all others."""
        web = self._desk.app.definitions.web
        place = counted(asked.host, behind_proxy=bool(web.trusted_proxies))
        if not place or not web.slow_down:
            return 0
        who = (place, asked.headers.get("user-agent", "")[:200], found.name)
        cost = CHEAP if status == HTTPStatus.NOT_MODIFIED else 1.0
        now = self._desk.app.now()
        fresh = timedelta(seconds=ARCHIVED) if found.archived else found.until - now
        return self._patience.wait(who, max(fresh, FLOOR), cost, now)


def preferred(accept: str, offered: Collection[str] = tuple(_KINDS.values())) -> str:
    """Return which of these formats a program wants where a page for people stands; "" for the page.

    A feed type wins ties: readers of feeds name text/html beside it, browsers name no feed type.
    """
    weights = dict(weighted(accept))
    page = max(weights.get("text/html", 0.0), weights.get("application/xhtml+xml", 0.0))
    ranked = {form: weights.get(kind, 0.0) for kind, form in _KINDS.items() if form in offered}
    best = max(ranked, key=ranked.__getitem__, default="")
    return best if best and ranked[best] > 0 and ranked[best] >= page else ""


def is_browser(accept: str) -> bool:
    """Tell whether somebody looks at a feed with a browser: it names HTML and no type of feed."""
    named = {kind for kind, weight in weighted(accept) if weight > 0}
    return "text/html" in named and not named & _KINDS.keys()


_HEEDED = frozenset(
    (b"accept", b"accept-encoding", b"a-im", b"if-none-match", b"if-modified-since", b"user-agent")
)


def _asked(scope: Scope) -> Asked:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    client = scope.get("client")
    return Asked(
        method=str(scope.get("method", "")),
        path=str(scope["path"]),
        headers={
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers
        },
        host=client[0] if client else "",
    )


def _content(asked: Asked, found: _Found, body: bytes) -> dict[str, str]:
    kind = found.loaded.media_type
    if kind.startswith(STYLED) and is_browser(asked.headers.get("accept", "")):
        kind = GENERIC
    return {"content-type": kind, "content-length": str(len(body))}


def _later(seconds: int) -> Answer:
    text = f"This feed was asked for very often. Ask again in {seconds} seconds.\n".encode()
    headers = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(text)),
        "retry-after": str(seconds),
        "cache-control": "no-store",
        **SHARED,
    }
    return Answer(HTTPStatus.TOO_MANY_REQUESTS, headers, text)
