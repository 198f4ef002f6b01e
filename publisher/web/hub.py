"""Our own WebSub hub over HTTP: programs ask here to be told of a feed's changes, or no longer.

Serves programs that read feeds. A request is only kept: its callback is asked later, elsewhere
(core.hubbing). Answers are plain text, for whoever reads a log.
"""

from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.params import RawBody

from publisher.web.forms import read_form
from publisher.web.pages import desk_of, reply
from publisher.web.turnstile import Turnstile

ASKED = 300
"""Requests from one place in an hour; a service that reads for many is one place."""

_METHODS = [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST]
_PLAIN = "text/plain; charset=utf-8"
_PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex"}


@route("/websub", http_method=_METHODS, sync_to_thread=True)
def websub(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """GET says what this is; POST keeps a request until its callback has confirmed it."""
    desk = desk_of(request)
    hub = desk.app.hub if desk.app.definitions.websub.hub else None
    if hub is None:
        return desk.problem(404)
    if request.method != HttpMethod.POST:
        return _said(200, f"This is the WebSub hub of {desk.publication.title}.")
    turnstile: Turnstile = request.app.state.hub_turnstile
    if not turnstile.lets(request.client.host if request.client else "", desk.app.now()):
        return _said(429, "too many requests from here; try again in an hour", wait="3600")
    form = read_form(request.headers.get("content-type", ""), body)
    reason = hub.ask(form)
    return _said(400, reason) if reason else _said(202, "The callback will be asked.")


def _said(status: int, text: str, *, wait: str = "") -> Response[bytes]:
    headers = {**_PRIVATE, "retry-after": wait} if wait else _PRIVATE
    return reply(f"{text}\n".encode(), _PLAIN, status=status, headers=headers)
