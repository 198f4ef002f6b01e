"""Editions online: whole ones and the archive for everybody, and each reader's own copy.

Serves readers who follow "Read online" in a mail, and search engines. Nothing here changes anything
(promise 7). Pages of one reader carry a signed link; nobody may keep or index them.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import HttpMethod, Request, Response, route

from publisher.core.copying import PREFERENCES, UNSUBSCRIBE, VIEW
from publisher.core.online import Archive, Reading
from publisher.errors import NotFound
from publisher.kit.templating import trusted
from publisher.model.editions import Delivery, DeliveryId, EditionId
from publisher.web.documents import path_of
from publisher.web.linked_data import archive_data, edition_data, script_safe
from publisher.web.pages import (
    HTML,
    MAIL_CSP,
    MAX_AGE,
    PRIVATE,
    SECURITY,
    Desk,
    conditional,
    desk_of,
    reply,
)
from publisher.web.public import masked, read_number
from publisher.web.shelf import loaded

_READ = [HttpMethod.GET, HttpMethod.HEAD]
_NUMBER = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)  # below what every database holds


@route("/editions", http_method=_READ, sync_to_thread=True)
def archive(request: Request[Any, Any, Any]) -> Response[Any]:
    """List past editions, newest first; `?schedule=` keeps to one, `?page=` counts from 1."""
    desk = desk_of(request)
    if not path_of(request).endswith("/"):
        query = f"?{request.url.query}" if request.url.query else ""
        headers = {"location": f"{desk.base}editions/{query}", "cache-control": MAX_AGE}
        return reply(b"", "text/plain; charset=utf-8", status=301, headers=headers)
    page = request.query_params.get("page", "1")
    found = desk.app.online.archive(request.query_params.get("schedule", ""), _count(page))
    values = archive_values(desk, found)
    return conditional(request, loaded(desk.render("editions.html", values), HTML))


@route("/editions/{number:str}", http_method=_READ, sync_to_thread=True)
def edition(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show what everybody may read of an edition."""
    desk = desk_of(request)
    online = desk.app.online
    reading = online.edition(EditionId(_count(request.path_params["number"])))
    older, newer = online.neighbours(reading)
    url = desk.publication.url
    data = edition_data(reading, publication=desk.publication.title, url=url)
    values = {"older": older, "newer": newer, "data": trusted(script_safe(data))}
    body = desk.render("edition.html", edition_values(desk, reading, **values))
    return conditional(request, loaded(body, HTML))


@route("/editions/{number:str}/{token:str}", http_method=_READ, sync_to_thread=True)
def personal_edition(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show one reader's own selection, in their order and language."""
    desk = desk_of(request)
    online = desk.app.online
    try:
        delivery = _delivery(desk, request)
    except NotFound:
        return _whole(desk, EditionId(_count(request.path_params["number"])))
    reading = online.copy(delivery)
    sign, person = desk.app.tokens.sign, str(delivery.subscriber)
    whole = f"{desk.base}editions/{reading.id}" if online.shows(reading.id) else ""
    copy = {
        "whole": whole,
        "email": masked(delivery.email),
        "mail": f"{desk.base}editions/{delivery.edition}/{request.path_params['token']}/mail",
        "unsubscribe": f"{desk.base}unsubscribe/{sign(UNSUBSCRIBE, person)}",
        "preferences": f"{desk.base}preferences/{sign(PREFERENCES, person)}",
    }
    return desk.page("edition.html", edition_values(desk, reading, copy=copy))


@route("/editions/{number:str}/{token:str}/mail", http_method=_READ, sync_to_thread=True)
def mail(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show one reader's copy just as it was mailed."""
    desk = desk_of(request)
    delivery = _delivery(desk, request)
    desk.app.online.copy(delivery)  # is there one that may be shown?
    html, _ = desk.app.composed(desk.app.store.edition(delivery.edition)).bodies(delivery)
    headers = {**SECURITY, "content-security-policy": MAIL_CSP, **PRIVATE}
    return reply(html.encode(), HTML, headers=headers)


def edition_values(desk: Desk, reading: Reading, **values: object) -> Mapping[str, object]:
    """Return the variables of `edition.html`; `copy` is set on a reader's own page only."""
    usual = {"copy": None, "older": None, "newer": None, "data": ""}
    return {
        "site": desk.app.site,
        "edition": reading,
        "language": reading.language,
        "address": f"{desk.publication.url}editions/{reading.id}",
        **usual,
        **values,
    }


def archive_values(desk: Desk, found: Archive) -> Mapping[str, object]:
    """Return the variables of `editions.html`."""
    who = desk.publication
    name = found.schedule.title or found.schedule.slug if found.schedule else who.title
    data = archive_data(found.editions, publication=who.title, url=who.url, name=name)

    def place(page: int) -> str:
        asked = {"schedule": found.schedule.slug if found.schedule else "", "page": page}
        query = urlencode({k: v for k, v in asked.items() if v and (k, v) != ("page", 1)})
        return f"editions/?{query}" if query else "editions/"

    return {
        "site": desk.app.site,
        "archive": found,
        "address": f"{who.url}{place(found.page)}",
        "older": f"{desk.base}{place(found.page + 1)}" if found.more else "",
        "newer": f"{desk.base}{place(found.page - 1)}" if found.page > 1 else "",
        "data": trusted(script_safe(data)),
    }


def _whole(desk: Desk, number: EditionId) -> Response[Any]:
    """Lead on to what everybody may read of an edition that ended long ago. Raises NotFound.

    Its copies are no longer known one by one (`tidy`).
    """
    if not (desk.app.store.edition(number).folded and desk.app.online.shows(number)):
        raise NotFound(f"edition {number}", "has no such copy")
    headers = {"location": f"{desk.base}editions/{number}", **PRIVATE}
    return reply(b"", "text/plain; charset=utf-8", status=303, headers=headers)


def _delivery(desk: Desk, request: Request[Any, Any, Any]) -> Delivery:
    """Return the copy a signed link is about. Raises TokenError, NotFound."""
    number = _count(request.path_params["number"])
    token = request.path_params["token"]
    delivery = desk.app.store.delivery(DeliveryId(read_number(desk, VIEW, token)))
    if delivery.edition != number:
        raise NotFound(f"edition {number}", "has no such copy")
    return delivery


def _count(written: str) -> int:
    """Return a number as written in an address. Raises NotFound."""
    if not _NUMBER.fullmatch(written):
        raise NotFound("number", "is none that is ever given")
    return int(written)
