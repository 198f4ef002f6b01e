"""Where programs hand in articles: `POST /api/v1/articles`, with the token of an inbox.

Serves operators' own programs. What is answered 202 is stored: handing the same in again changes
nothing. Answers are JSON; errors name everything that is wrong.
"""

from contextlib import suppress
from typing import Any

import msgspec
from litestar import HttpMethod, Request, Response, route
from litestar.concurrency import sync_to_thread

from publisher.app import App
from publisher.app.listening import follow
from publisher.errors import ParseError, StoreError
from publisher.kit.inbox_articles import MAX_OCTETS
from publisher.model.articles import SourceReport
from publisher.model.definitions import SourceDefinition
from publisher.web.pages import desk_of, reply
from publisher.web.turnstile import Turnstile

ASKED = 3_600
"""Requests from one place in an hour."""

GUESSED = 20
"""Wrong tokens from one place in an hour."""

_JSON = "application/json"
_PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex"}


@route("/api/v1/articles", http_method=[HttpMethod.POST], request_max_body_size=MAX_OCTETS)
async def articles(request: Request[Any, Any, Any]) -> Response[Any]:
    """Take one article, or a list of at most a hundred; all of them are stored, or none."""
    desk = desk_of(request)
    host = request.client.host if request.client else ""
    asked: Turnstile = request.app.state.inbox_turnstile
    guessed: Turnstile = request.app.state.guess_turnstile
    now = desk.app.now()
    if not asked.lets(host, now):
        return _wrong(429, "too many requests from here; try again in an hour", wait="3600")
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    opens = token.strip() if kind.lower() == "bearer" else ""
    inbox = await sync_to_thread(desk.app.sources.inbox_of, opens) if opens else None
    if inbox is None:
        # Only now: whoever has the token is never held up by others who guess.
        if not guessed.lets(host, now):
            return _wrong(
                429, "too many wrong tokens from here; try again in an hour", wait="3600"
            )
        return _wrong(401, "send the token of an inbox: Authorization: Bearer …")
    return await sync_to_thread(_taken, desk.app, inbox, await request.body())


def _taken(app: App, inbox: SourceDefinition, data: bytes) -> Response[bytes]:
    """Store what is handed in, and answer."""
    try:
        report = app.sources.hand_in(inbox, data)
    except ParseError as error:
        return _wrong(422, error.reason)
    except StoreError:
        return _wrong(503, "the store cannot be used now; nothing was stored", wait="60")
    with suppress(StoreError):  # it is stored; what follows is made up for at the next collection
        follow(app, [report])
    return _said(202, _counts(report))


def _counts(report: SourceReport) -> dict[str, int]:
    names = ("new", "changed", "same", "duplicate", "filtered")
    return {name: int(getattr(report, name)) for name in names}


def _wrong(status: int, reason: str, wait: str = "") -> Response[bytes]:
    """Answer with what is wrong, one thing a line."""
    more = {"retry-after": wait} if wait else {}
    if status == 401:  # noqa: PLR2004 - Unauthorized
        more["www-authenticate"] = "Bearer"
    return _said(status, {"errors": reason.splitlines()}, more)


def _said(status: int, body: object, more: dict[str, str] | None = None) -> Response[bytes]:
    return reply(
        msgspec.json.encode(body) + b"\n",
        _JSON,
        status=status,
        headers={**_PRIVATE, **(more or {})},
    )
