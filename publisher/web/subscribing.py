"""Subscribing by mail: the form, and the page behind the button of a confirmation.

Serves people without an account. The form says the same to everybody, so that nobody learns whose
address is known; only the POST behind a letter's own link changes what somebody gets.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from litestar import HttpMethod, Request, Response, route
from litestar.params import RawBody

from publisher.core.addresses import valid_address
from publisher.core.copying import PREFERENCES
from publisher.core.greeting import Claim
from publisher.core.subscribing import offered
from publisher.errors import AddressError, PublisherError, StoreError
from publisher.kit.mime import wire_address
from publisher.model.definitions import Action
from publisher.model.subscribers import NewSubscriber, SubscriberStatus
from publisher.web.forms import Form, one, read_form
from publisher.web.pages import Desk, desk_of
from publisher.web.preferences import Pair, rows, ticked
from publisher.web.public import masked
from publisher.web.turnstile import Turnstile

_METHODS = [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST]
_LONGEST_INPUT = 320


@route("/subscribe", http_method=_METHODS, sync_to_thread=True)
def subscribe(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """GET shows the form; POST writes to the address, whoever it is."""
    desk = desk_of(request)
    definitions = desk.app.definitions
    offers = set(offered(definitions.feeds, definitions.schedules))
    if not offers:
        return desk.problem(404)
    if request.method != HttpMethod.POST:
        return _form(desk, chosen=_usual(desk, offers, request.query_params.get("feed", "")))
    form = read_form(request.headers.get("content-type", ""), body)
    wanted = sorted(ticked(form) & offers)
    email = _address(form)
    if not email or not wanted:
        problem = "nothing_chosen" if email else "no_such_address"
        return _form(desk, form, chosen=set(wanted), problem=problem)
    turnstile: Turnstile = request.app.state.turnstile
    if not turnstile.lets(request.client.host if request.client else "", desk.app.now()):
        return desk.problem(429, headers={"retry-after": "3600"})
    new = NewSubscriber(
        email=email,
        name=one(form, "name"),
        status=SubscriberStatus.PENDING,
        subscriptions=tuple(wanted),
    )
    return _mailed(desk, lambda: desk.app.greeting.ask(new))


@route("/confirm/{token:str}", http_method=_METHODS, sync_to_thread=True)
def confirm(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """GET shows what the button does; POST confirms, or sends a new link for one that expired."""
    desk = desk_of(request)
    greeting = desk.app.greeting
    claim = greeting.claim(request.path_params["token"])
    if request.method != HttpMethod.POST:
        return _claimed(desk, claim)
    form = read_form(request.headers.get("content-type", ""), body)
    if claim.step == "expired" and "again" in form:
        return _mailed(desk, lambda: greeting.invite(claim.person, claim.wanted))
    return _claimed(desk, replace(claim, person=greeting.accept(claim)))


def _address(form: Form) -> str:
    """Return the address in a form, "" for one that no mail can be sent to."""
    try:
        email = valid_address(one(form, "email", _LONGEST_INPUT))
        wire_address(email)
    except AddressError:
        return ""
    return email


def _usual(desk: Desk, offers: Collection[Pair], feed: str) -> set[Pair]:
    """Return what is ticked at first: of the feed asked for, else of all, the first digest."""
    first: dict[str, Pair] = {}
    for slug, schedule in desk.app.definitions.schedules.items():
        if schedule.action is Action.DIGEST:
            for pair in sorted(offers):
                if pair[1] == slug:
                    first.setdefault(pair[0], pair)
    return {first[feed]} if feed in first else set(first.values())


def _form(
    desk: Desk, form: Form | None = None, *, chosen: Collection[Pair], problem: str = ""
) -> Response[bytes]:
    words = desk.words()
    values = {
        "step": "ask",
        "rows": rows(desk, (), chosen, words.language),
        "email": one(form or {}, "email", _LONGEST_INPUT),
        "name": one(form or {}, "name"),
        "problem": words.say(problem) if problem else "",
    }
    return desk.page("subscribe.html", values, status=422 if problem else 200)


def _mailed(desk: Desk, send: Callable[[], object]) -> Response[bytes]:
    """Send, and say where to look; or that the mail could not be sent, and to try again."""
    try:
        send()
    except StoreError:
        raise
    except PublisherError:  # greeting has complained about it
        return desk.problem(503, name="mail", headers={"retry-after": "300"})
    return desk.page("subscribe.html", {"step": "sent"})


def _claimed(desk: Desk, claim: Claim) -> Response[bytes]:
    person = claim.person
    change = desk.app.tokens.sign(PREFERENCES, str(person.id))
    values = {
        "step": claim.step,
        "email": masked(person.email),
        "preferences": f"{desk.base}preferences/{change}",
    }
    return desk.page("confirm.html", values, language=person.language)
