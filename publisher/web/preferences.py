"""The page on which readers say what they get, and when: feeds by schedule, and a few facts.

Serves readers who follow the link in their mail. GET shows, POST saves; what the page does not show
(a feed that no digest carries today) stays as it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from litestar import HttpMethod, Request, Response, route
from litestar.params import RawBody

from publisher.core.composing import PREFERENCES, UNSUBSCRIBE
from publisher.core.subscribing import known_zone
from publisher.errors import UsageError
from publisher.model.definitions import Action, Definitions, FeedDefinition
from publisher.model.subscribers import Subscriber, SubscriberStatus
from publisher.web.forms import Form, one, read_form
from publisher.web.pages import Desk, desk_of
from publisher.web.public import masked, read_person

Pair = tuple[str, str]
LANGUAGES = {
    "cs": "Čeština", "da": "Dansk", "de": "Deutsch", "en": "English", "es": "Español",
    "et": "Eesti", "fi": "Suomi", "fr": "Français", "it": "Italiano", "ja": "日本語",
    "nb": "Norsk", "nl": "Nederlands", "pl": "Polski", "pt": "Português", "sv": "Svenska",
    "tr": "Türkçe", "uk": "Українська", "zh": "中文",
}  # fmt: skip
_REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One box to tick: a feed at one schedule. `value` is what the form sends back."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One feed with its schedules."""

    title: str
    description: str
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One line of a list to choose from."""

    value: str
    words: str
    chosen: bool


@route(
    "/preferences/{token:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST],
    sync_to_thread=True,
)
def preferences(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """GET shows the choices; POST saves them and shows them again."""
    desk = desk_of(request)
    token = request.path_params["token"]
    person = read_person(desk, PREFERENCES, token)
    if request.method != HttpMethod.POST:
        return _page(desk, person)
    form = read_form(request.headers.get("content-type", ""), body)
    if "save" not in form:  # not our form, or one that got lost on the way: nothing is ticked off
        return _page(desk, person)
    definitions = desk.app.definitions
    if problem := _problem(definitions, person, form):
        return _page(desk, person, problem=problem)
    desk.app.store.subscribe(person.id, wanted(definitions, person, form), desk.app.now())
    facts = {name: one(form, name) for name in ("name", "language", "timezone") if name in form}
    return _page(desk, desk.app.store.change_subscriber(person.id, **facts), saved=True)


def _problem(definitions: Definitions, person: Subscriber, form: Form) -> str:
    """Return what is wrong with the facts of a form, "" when nothing is."""
    try:
        known_zone(one(form, "timezone"))
    except UsageError:
        return "There is no such time zone. Nothing was saved."
    known = {"", *(option.value for option in _languages(definitions, person))}
    if one(form, "language") not in known:
        return "There is no such language. Nothing was saved."
    return ""


def offered(definitions: Definitions, person: Subscriber) -> Iterator[tuple[FeedDefinition, str]]:
    """Yield (feed, schedule) pairs a person may choose: public feeds, and those they have."""
    has = {(item.feed, item.schedule) for item in person.subscriptions}
    for feed in definitions.feeds.values():
        if feed.ended:
            continue
        for slug, schedule in definitions.schedules.items():
            carried = schedule.action is Action.DIGEST and feed.slug in schedule.feeds
            if carried and (feed.public or (feed.slug, slug) in has):
                yield feed, slug


def wanted(definitions: Definitions, person: Subscriber, form: Form) -> list[Pair]:
    """Return the pairs to store: those ticked among the offered, and those never shown."""
    shown = {(feed.slug, schedule) for feed, schedule in offered(definitions, person)}
    ticked = {
        (feed, schedule) for feed, _, schedule in (v.partition("/") for v in form.get("want", ()))
    }
    hidden = {(item.feed, item.schedule) for item in person.subscriptions} - shown
    return sorted((ticked & shown) | hidden)


def _page(
    desk: Desk, person: Subscriber, *, saved: bool = False, problem: str = ""
) -> Response[bytes]:
    definitions = desk.app.definitions
    leave = desk.app.tokens.sign(UNSUBSCRIBE, str(person.id))
    values = {
        "rows": _rows(desk, person),
        "zones": _zones(definitions, person, desk.app.now()),
        "languages": _languages(definitions, person),
        "name": person.name,
        "email": masked(person.email),
        "silent": person.status is SubscriberStatus.UNSUBSCRIBED,
        "leave": f"{desk.base}unsubscribe/{leave}",
        "saved": saved,
        "problem": problem,
    }
    return desk.page("preferences.html", values, status=422 if problem else 200)


def _rows(desk: Desk, person: Subscriber) -> tuple[Row, ...]:
    definitions = desk.app.definitions
    has = {(item.feed, item.schedule) for item in person.subscriptions}
    grouped: dict[str, list[Offer]] = {}
    for feed, slug in offered(definitions, person):
        schedule = definitions.schedules[slug]
        when = desk.app.calendar.describe(schedule)
        offer = Offer(
            value=f"{feed.slug}/{slug}",
            words=f"{schedule.title}, {when}" if schedule.title else when,
            chosen=(feed.slug, slug) in has,
        )
        grouped.setdefault(feed.slug, []).append(offer)
    feeds = definitions.feeds
    return tuple(
        Row(title=feeds[slug].title, description=feeds[slug].description, offers=tuple(offers))
        for slug, offers in grouped.items()
    )


def _zones(definitions: Definitions, person: Subscriber, now: datetime) -> tuple[Option, ...]:
    ours, theirs = definitions.publication.timezone, person.timezone
    names = dict.fromkeys(["", *([theirs] if theirs else []), *_all_zones()])

    def words(name: str) -> str:
        if name and name != theirs:
            return name
        text = f"{name or ours} (now {now.astimezone(ZoneInfo(name or ours)):%H:%M})"
        return text if name else f"As the publication: {text}"

    return tuple(Option(value=n, words=words(n), chosen=n == theirs) for n in names)


@lru_cache(maxsize=1)
def _all_zones() -> tuple[str, ...]:
    """Return the zones named by a region and a place, sorted."""
    return tuple(sorted(n for n in available_timezones() if n.partition("/")[0] in _REGIONS))


def _languages(definitions: Definitions, person: Subscriber) -> tuple[Option, ...]:
    """Return the languages something is published in, and the one the person has."""
    ours = definitions.publication.language
    codes = {feed.language for feed in definitions.feeds.values()} | {ours, person.language}
    known = sorted(code for code in codes if code)
    first = Option(
        value="", words=f"As the publication: {_language(ours)}", chosen=not person.language
    )
    rest = (
        Option(value=code, words=_language(code), chosen=code == person.language) for code in known
    )
    return (first, *rest)


def _language(code: str) -> str:
    """Return what speakers call a language, with its tag when that says more."""
    name = LANGUAGES.get(code.partition("-")[0].lower())
    if name is None:
        return code
    return f"{name} ({code})" if "-" in code else name
