"""Where the hubs of our sources call: they ask back whether we asked, and bring what is new.

Serves WebSub hubs, who are strangers: an address nobody guesses says which listening is meant, and
a signature that what comes is theirs. A push is kept before it is answered, and read elsewhere
(core.push_reading); one that is not signed is answered in the same way, and dropped.
"""

from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from publisher.app.pushes import listener
from publisher.core.pushes import Heard
from publisher.net import Limits
from publisher.web.pages import desk_of, reply

_METHODS = [HttpMethod.GET, HttpMethod.POST]
_PLAIN = "text/plain; charset=utf-8"
_PRIVATE = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
    "x-content-type-options": "nosniff",
}
_STATUS = {
    Heard.KEPT: 202,
    Heard.DROPPED: 202,  # whoever guesses at signatures learns nothing (section 7.1.2)
    Heard.GONE: 410,
    Heard.EARLY: 404,
    Heard.FULL: 503,
}
_WAIT = {"retry-after": "300"}
LONGEST_QUERY = 10_000


@route(
    "/websub/callback/{token:str}",
    http_method=_METHODS,
    request_max_body_size=Limits().bytes,  # what a fetched feed may have, too
)
async def callback(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """GET confirms what we asked a hub for, with its challenge; POST takes what a hub brings."""
    if request.method == HttpMethod.GET:
        return await sync_to_thread(_confirm, request, token)
    desk = desk_of(request)
    made = await sync_to_thread(listener, desk.app)
    row, heard = await sync_to_thread(made.expects, token)
    if row is not None:
        body = await request.body()  # only now: strangers are not read
        said = request.headers
        signature, kind = said.get("x-hub-signature", ""), said.get("content-type", "")
        heard = await sync_to_thread(made.hear, row, signature, kind, body)
    return _said(_STATUS[heard], _WAIT if heard is Heard.FULL else {})


def _confirm(request: Request[Any, Any, Any], token: str) -> Response[Any]:
    """Echo the challenge of a hub that asks for what we asked for, else 404 (section 5.3)."""
    query = request.query_params
    said = {name: query.getall(name)[-1] for name in query}
    if len(request.scope["query_string"]) > LONGEST_QUERY:
        return _said(404)
    challenge = listener(desk_of(request).app).confirm(token, said)
    return _said(404) if challenge is None else reply(challenge, _PLAIN, headers=_PRIVATE)


def _said(status: int, more: dict[str, str] | None = None) -> Response[bytes]:
    """Answer in a word: a hub reads nothing else."""
    word = b"" if status == 202 else b"no\n"  # noqa: PLR2004  Accepted
    return reply(word, _PLAIN, status=status, headers={**_PRIVATE, **(more or {})})
