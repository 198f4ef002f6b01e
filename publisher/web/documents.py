"""What `publish` wrote, over HTTP: feeds, archive pages, article pages, OPML, sitemap, pictures.

Serves feed readers and people. Conditional requests, HEAD and gzip as in RFC 9110; feeds may be read
from scripts of other sites. Moved feeds redirect, ended ones are gone after a last word.
"""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from litestar import HttpMethod, Request, Response, route

from publisher.app import App
from publisher.core.hubs import link_header
from publisher.core.illustrating import PROXIED
from publisher.errors import RenderError
from publisher.kit.media_types import OPML, TYPES, is_feed
from publisher.model.definitions import FeedDefinition
from publisher.web.feeds import SHARED
from publisher.web.pages import MAX_AGE, PRIVATE, SECURITY, Desk, conditional, desk_of, reply
from publisher.web.shelf import Loaded, Shelf

LAST_WORD = timedelta(days=30)
"""How long an ended feed is served, counted from its last change, before it answers 410."""

# Their address is the hash of their bytes.
FOR_EVER = "public, max-age=31536000, immutable"
METHODS = [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS]
ALLOW = "GET, HEAD, OPTIONS"
STYLE = "style.css"
_FEED = re.compile(r"feeds/(?P<slug>[a-z0-9-]+)(?P<rest>[./].*)")
_FEED_PAGE = re.compile(r"feeds/.+/index\.html")
_PREFLIGHT = {
    "access-control-allow-methods": ALLOW,
    "access-control-allow-headers": "If-None-Match, If-Modified-Since, A-IM",
    "access-control-max-age": "86400",
}


@route("/", http_method=METHODS, sync_to_thread=True)
def front(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answer with the first page."""
    return _serve(request)


@route("/{path:path}", http_method=METHODS, sync_to_thread=True)
def document(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answer with any other document of the output folder."""
    return _serve(request)


# Readers' own feeds have a route below this path: the framework then looks no further for others.
@route("/feeds", http_method=METHODS, sync_to_thread=True)
def feeds(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answer with the page of all feeds."""
    return _serve(request)


@route("/feeds/{path:path}", http_method=METHODS, sync_to_thread=True)
def feed_document(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answer with any document of a feed that the door has left to us."""
    return _serve(request)


def _serve(request: Request[Any, Any, Any]) -> Response[Any]:
    desk = desk_of(request)
    path = path_of(request)
    if request.method == HttpMethod.OPTIONS:
        return _options(path)
    shelf = Shelf(desk.app.definitions.root / desk.app.definitions.output)
    if elsewhere := _left(desk, shelf, path):
        return elsewhere
    name = _name(path)
    loaded = shelf.load(name)
    if loaded is not None:
        return _answer(request, name, loaded, desk)
    return _instead(desk, shelf, path)


def path_of(request: Request[Any, Any, Any]) -> str:
    """Return the path asked for, relative, with the last slash that the framework takes away."""
    path = str(request.scope["path"]).strip("/")
    raw = request.scope["raw_path"].partition(b"?")[0]  # some servers leave the query in
    return f"{path}/" if path and raw.endswith(b"/") else path


def _left(desk: Desk, shelf: Shelf, path: str) -> Response[Any] | None:
    """Answer for a feed that has moved or ended; None for everything else."""
    feed = _FEED.fullmatch(path)
    if feed is None:
        return None
    if moved := _moved(desk, feed["slug"]):
        return _redirect(f"{desk.base}feeds/{moved.slug}{quote(feed['rest'])}")
    if is_feed(path) and is_over(desk.app, shelf, feed["slug"]):
        return desk.problem(410, headers={"cache-control": MAX_AGE, **SHARED})
    return None


def _instead(desk: Desk, shelf: Shelf, path: str) -> Response[Any]:
    """Answer where there is no document of that name."""
    if path == STYLE:
        return _shipped_style(desk)
    if shelf.holds_folder(path):
        return _redirect(f"{desk.base}{quote(path)}/")
    moved = desk.app.store.moved_to(_name(path))
    if moved is None:
        return _missing(desk, shelf)
    if moved:
        return _redirect(f"{desk.base}{quote(moved.removesuffix('index.html'))}")
    return desk.problem(410, headers={"cache-control": MAX_AGE, **SHARED})


def _name(path: str) -> str:
    """Return the document behind an address."""
    if path == "opml":
        return OPML
    return f"{path}index.html" if not path or path.endswith("/") else path


def _answer(
    request: Request[Any, Any, Any], name: str, loaded: Loaded, desk: Desk
) -> Response[Any]:
    headers = {"cache-control": FOR_EVER if name.startswith(PROXIED) else MAX_AGE}
    url, hubs = desk.publication.url, () if "/archive/" in name else desk.app.hubs
    if is_feed(name):
        headers |= {"link": link_header(url, name, hubs), **SHARED}
    elif _FEED_PAGE.fullmatch(name):
        # Programs are given the feed itself at this address: no cache may mix the two up.
        headers["vary"] = "Accept"
        if hubs:
            headers["link"] = link_header(url, name.removesuffix("index.html"), hubs)
    elif name == OPML:
        headers |= SHARED
    return conditional(request, loaded, headers)


def _options(path: str) -> Response[Any]:
    headers = {"allow": ALLOW}
    if is_feed(path) or path == "opml":
        headers |= {**SHARED, **_PREFLIGHT}
    return Response(content=b"", status_code=204, headers=headers)


def _redirect(target: str) -> Response[Any]:
    headers = {"location": target, "cache-control": MAX_AGE, **SHARED}
    return reply(b"", "text/plain; charset=utf-8", status=301, headers=headers)


def _moved(desk: Desk, slug: str) -> FeedDefinition | None:
    """Return the feed that once had this slug, unless one has it today."""
    feeds = desk.app.definitions.feeds
    if slug in feeds:
        return None
    return next((feed for feed in feeds.values() if slug in feed.was), None)


def is_over(app: App, shelf: Shelf, slug: str) -> bool:
    """Tell whether a feed has ended and its readers had time to see the last word."""
    feed = app.definitions.feeds.get(slug)
    if feed is None or not feed.ended:
        return False
    changed = [shelf.modified(f"feeds/{slug}.{name}") for name in feed.formats]
    last = max((moment for moment in changed if moment), default=None)
    return last is not None and last + LAST_WORD < app.now()


def _shipped_style(desk: Desk) -> Response[Any]:
    """Return the stylesheet from the templates while nothing is published."""
    try:
        text = desk.app.guard.text(f"web/{STYLE}", {})
    except RenderError:
        return desk.problem(404)
    headers = {"cache-control": "no-cache", **SECURITY}
    return reply(text.encode(), TYPES[".css"], headers=headers)


def _missing(desk: Desk, shelf: Shelf) -> Response[Any]:
    if shelf.load("index.html") is not None:
        return desk.problem(404)
    return desk.problem(
        503,
        name="first",
        headers={**PRIVATE, "retry-after": "5"},
    )
