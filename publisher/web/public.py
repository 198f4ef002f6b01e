"""Leaving and coming back, and the answer to "are you well?".

Serves readers who follow a link in a mail, mail programs that unsubscribe with one click
(RFC 8058), and whoever watches the machine. Only POST changes anything, and only what its signed
token is about.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from litestar import HttpMethod, Request, Response, route
from litestar.params import RawBody

from publisher.core.copying import PREFERENCES as CHANGE
from publisher.core.copying import UNSUBSCRIBE
from publisher.errors import StoreError, TokenError
from publisher.model.subscribers import Subscriber, SubscriberId, SubscriberStatus
from publisher.web.forms import one, read_form
from publisher.web.pages import PRIVATE, Desk, desk_of, reply

UNDO = "undo-unsubscribe"
UNDO_WITHIN = timedelta(days=1)
PLAIN = "text/plain; charset=utf-8"
_WRITTEN_TO = {SubscriberStatus.CONFIRMED, SubscriberStatus.PAUSED}
_LONGEST_NUMBER = 15  # digits: below what every database holds
_READ = [HttpMethod.GET, HttpMethod.HEAD]
_READ_AND_ACT = [*_READ, HttpMethod.POST]


@route("/unsubscribe/{token:str}", http_method=_READ_AND_ACT, sync_to_thread=True)
def unsubscribe(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """GET shows what a POST would do; POST leaves at once, or takes it back."""
    desk = desk_of(request)
    token = request.path_params["token"]
    person = read_person(desk, UNSUBSCRIBE, token)
    if request.method != HttpMethod.POST:
        left = person.status is SubscriberStatus.UNSUBSCRIBED
        return _leaving(desk, person, "left" if left else "ask")
    form = read_form(request.headers.get("content-type", ""), body)
    if undo := one(form, "undo"):
        return _take_back(desk, person, undo)
    by_program = "List-Unsubscribe" in form
    undo = ""
    if person.status is not SubscriberStatus.UNSUBSCRIBED:
        now = desk.app.now()
        desk.app.store.set_status(person.id, SubscriberStatus.UNSUBSCRIBED, now)
        if person.status is not SubscriberStatus.SUPPRESSED:
            stamp = f"{person.id}:{person.status.value}:{int(now.timestamp())}"
            undo = desk.app.tokens.sign(UNDO, stamp)
        if not by_program and person.status in _WRITTEN_TO:
            desk.app.greeting.say_goodbye(person)
    if by_program:
        # For a program, which shows it to nobody: broken words must not turn this into an error.
        return reply(b"You are unsubscribed.\n", PLAIN, headers=PRIVATE)
    return _leaving(desk, person, "done", undo)


@route("/healthz", http_method=_READ, sync_to_thread=True)
def health(request: Request[Any, Any, Any]) -> Response[Any]:
    """Tell whether pages and store work: 200 or 503, with the scheduler's last sign of life."""
    desk = desk_of(request)
    answer: dict[str, str | None] = {"status": "ok", "at": desk.app.now().isoformat()}
    try:
        marks = desk.app.store.marks()
        answer["last_beat"] = marks.beat.isoformat() if marks.beat else None
        if marks.held:
            answer["sending"] = f"held back: {marks.held}; `publisher resume` releases it"
    except StoreError:
        answer["status"] = "the store cannot be used"
    status = 200 if answer["status"] == "ok" else 503
    headers = {"cache-control": "no-store"}
    body = msgspec.json.encode(answer)
    return reply(body, "application/json", status=status, headers=headers)


def read_number(desk: Desk, purpose: str, token: str) -> int:
    """Return the number a token holds. Raises TokenError."""
    value = desk.app.tokens.read(purpose, token)
    if not (value.isascii() and value.isdigit()) or len(value) > _LONGEST_NUMBER:
        raise TokenError("token", "holds no number")
    return int(value)


def read_person(desk: Desk, purpose: str, token: str) -> Subscriber:
    """Return whom a token is about. Raises TokenError, NotFound."""
    return desk.app.store.subscriber(SubscriberId(read_number(desk, purpose, token)))


def masked(email: str) -> str:
    """Return an address as a page may show it: the first letter and the domain."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _leaving(desk: Desk, person: Subscriber, step: str, undo: str = "") -> Response[bytes]:
    """Show the page of leaving: step is `ask`, `done`, `left` (before) or `back`."""
    change = desk.app.tokens.sign(CHANGE, str(person.id))
    values = {
        "step": step,
        "email": masked(person.email),
        "undo": undo,
        "preferences": f"{desk.base}preferences/{change}",
    }
    return desk.page("unsubscribe.html", values, language=person.language)


def _take_back(desk: Desk, person: Subscriber, undo: str) -> Response[bytes]:
    """Restore the status there was before leaving, within a day, for the one who left."""
    number, status, stamp = desk.app.tokens.read(UNDO, undo).split(":")
    left = datetime.fromtimestamp(int(stamp), UTC)
    if int(number) != person.id or desk.app.now() - left > UNDO_WITHIN:
        raise TokenError("undo", "is too old or about somebody else")
    if person.status is SubscriberStatus.UNSUBSCRIBED:
        desk.app.store.set_status(person.id, SubscriberStatus(status), desk.app.now())
    return _leaving(desk, person, "back")
