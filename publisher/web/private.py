"""Readers' own feeds over HTTP.

Serves feed readers. Reading marks nothing (promise 7). An address is a secret between one reader and
us: nobody may keep, index or pass on what stands there, and no log holds it.
"""

import re
from dataclasses import replace
from typing import Any

from litestar import HttpMethod, Request, Response, route

from publisher.app.parts import document_format
from publisher.core.feeding import FORMATS, SLUG
from publisher.errors import NotFound
from publisher.kit.media_types import FEEDS
from publisher.kit.pressing import PressedOnce
from publisher.web.conditions import is_current
from publisher.web.pages import PRIVATE, conditional, desk_of
from publisher.web.shelf import Loaded

_READ = [HttpMethod.GET, HttpMethod.HEAD]
_NAME = re.compile(rf"([A-Za-z0-9_-]+)\.({'|'.join(FORMATS)})")
_HEADERS = {**PRIVATE, "cache-control": "private, no-cache"}


@route(f"/feeds/{SLUG}/{{name:str}}", http_method=_READ, sync_to_thread=True)
def private_feed(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answer with a reader's own feed; 410 when its address was taken back, or its reader left."""
    desk = desk_of(request)
    feeding = desk.app.feeding
    named = _NAME.fullmatch(request.path_params["name"])
    if named is None:
        return desk.problem(404)
    try:
        person = feeding.reader(named[1])
    except NotFound:
        person = None
    if person is None:
        return desk.problem(410, name="private")
    words = desk.words(feeding.language(person))
    title = words.say("private_feed.title", publication=desk.publication.title)
    said = (title, words.say("private_feed.description"))
    telling = feeding.telling(person)
    kind, digest = FEEDS[f".{named[2]}"], feeding.mark(person, telling, *said)
    # Most who ask have it: whether they do is known before it is made.
    made = Loaded(data=b"", pressed=PressedOnce(b""), digest=digest, media_type=kind)
    if not is_current(made.etags, None, request.headers.get("if-none-match"), None):
        data = document_format(named[2]).render(feeding.view(person, telling, *said))
        made = replace(made, data=data, pressed=PressedOnce(data))
    return conditional(request, made, _HEADERS)
