"""The page on which readers say what they get, when, and how: by mail, or in a feed of their own.

Serves readers who follow the link in their mail. GET shows, POST saves; what the page does not show
(a feed that no digest carries today) stays as it was.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from secrets import token_hex
from typing import Any
from zoneinfo import available_timezones

from litestar import HttpMethod, Request, Response, route
from litestar.params import RawBody

from publisher.core.copying import PREFERENCES, UNSUBSCRIBE
from publisher.core.feeding import READERS
from publisher.core.subscribing import known_zone, offered
from publisher.errors import UsageError
from publisher.kit.locales import clock_time, language_name
from publisher.kit.words import Words
from publisher.model.definitions import Definitions, ScheduleDefinition
from publisher.model.subscribers import Subscriber, SubscriberStatus
from publisher.web.forms import Form, one, read_form
from publisher.web.pages import Desk, desk_of
from publisher.web.public import masked, read_person

Pair = tuple[str, str]
WAYS = ("mail", "feed")
_FACTS = ("name", "language", "timezone")
_OTHERS = {"rss": "RSS", "json": "JSON Feed"}
_KEY = 8  # octets of a key, which is signed as well
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
class OwnFeed:
    """A reader's own feed: the address to copy, and the same in other formats by their names."""

    address: str
    others: Mapping[str, str]


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
    if "renew" in form:
        again = desk.app.store.renew_feed(person.id, token_hex(_KEY))
        return _page(desk, again, renewed=True)
    if "save" not in form:  # not our form, or one that got lost on the way: nothing is ticked off
        return _page(desk, person)
    definitions = desk.app.definitions
    if problem := _problem(definitions, person, form):
        return _page(desk, person, problem=problem)
    desk.app.store.subscribe(person.id, wanted(definitions, person, form), desk.app.now())
    facts: dict[str, Any] = {name: one(form, name) for name in _FACTS if name in form}
    if (by := one(form, "by")) in WAYS:
        facts["by_feed"] = by == "feed"
    return _page(desk, desk.app.store.change_subscriber(person.id, **facts), saved=True)


def _problem(definitions: Definitions, person: Subscriber, form: Form) -> str:
    """Return the key of the words that say what is wrong with a form, "" when nothing is."""
    try:
        known_zone(one(form, "timezone"))
    except UsageError:
        return "no_such_zone"
    if one(form, "language") not in {"", *_tags(definitions, person)}:
        return "no_such_language"
    return ""


def ticked(form: Form) -> set[Pair]:
    """Return the pairs that a form sends back."""
    return {
        (feed, schedule) for feed, _, schedule in (v.partition("/") for v in form.get("want", ()))
    }


def wanted(definitions: Definitions, person: Subscriber, form: Form) -> list[Pair]:
    """Return the pairs to store: those ticked among the offered, and those never shown."""
    has = pairs_of(person)
    shown = set(offered(definitions.feeds, definitions.schedules, has))
    return sorted((ticked(form) & shown) | (has - shown))


def pairs_of(person: Subscriber) -> set[Pair]:
    """Return what somebody gets."""
    return {(item.feed, item.schedule) for item in person.subscriptions}


def _page(
    desk: Desk,
    person: Subscriber,
    *,
    saved: bool = False,
    renewed: bool = False,
    problem: str = "",
) -> Response[bytes]:
    definitions = desk.app.definitions
    words = desk.words(person.language)
    leave = desk.app.tokens.sign(UNSUBSCRIBE, str(person.id))
    values = {
        "rows": rows(desk, pairs_of(person), pairs_of(person), words.language),
        "zones": _zones(definitions, person, desk.app.now(), words),
        "languages": _languages(definitions, person, words),
        "name": person.name,
        "email": masked(person.email),
        "silent": person.status is SubscriberStatus.UNSUBSCRIBED,
        "leave": f"{desk.base}unsubscribe/{leave}",
        "by_feed": person.by_feed,
        "own": _own_feed(desk, person),
        "saved": saved,
        "renewed": renewed,
        "problem": words.say(problem) if problem else "",
    }
    status = 422 if problem else 200
    return desk.page("preferences.html", values, language=person.language, status=status)


def rows(
    desk: Desk, has: Collection[Pair], chosen: Collection[Pair], language: str
) -> tuple[Row, ...]:
    """Return what may be chosen by somebody who has these, with some of it ticked."""
    definitions = desk.app.definitions
    grouped: dict[str, list[Offer]] = {}
    for feed, slug in offered(definitions.feeds, definitions.schedules, has):
        schedule = definitions.schedules[slug]
        when = _when(desk, schedule, language)
        offer = Offer(
            value=f"{feed}/{slug}",
            words=", ".join(part for part in (schedule.title, when) if part) or slug,
            chosen=(feed, slug) in chosen,
        )
        grouped.setdefault(feed, []).append(offer)
    feeds = definitions.feeds
    return tuple(
        Row(title=feeds[slug].title, description=feeds[slug].description, offers=tuple(offers))
        for slug, offers in grouped.items()
    )


def _own_feed(desk: Desk, person: Subscriber) -> OwnFeed | None:
    """Return a person's feed, None for one who may not read it."""
    if person.status not in READERS:
        return None
    address = desk.app.feeding.address
    others = {name: address(person, form) for form, name in _OTHERS.items()}
    return OwnFeed(address=address(person, "atom"), others=others)


def _when(desk: Desk, schedule: ScheduleDefinition, language: str) -> str:
    """Return when a schedule runs; crontab lines have words in English only."""
    said = desk.app.wording.rhythm(language, schedule)
    english = language.partition("-")[0] == "en"
    return said or (desk.app.calendar.describe(schedule) if english else "")


def _zones(
    definitions: Definitions, person: Subscriber, now: datetime, words: Words
) -> tuple[Option, ...]:
    ours, theirs = definitions.publication.timezone, person.timezone
    names = dict.fromkeys(["", *([theirs] if theirs else []), *_all_zones()])

    def said(name: str) -> str:
        if name and name != theirs:
            return name
        zone = name or ours
        text = words.say("zone_now", zone=zone, time=clock_time(now, words.language, zone))
        return text if name else words.say("as_publication", value=text)

    return tuple(Option(value=n, words=said(n), chosen=n == theirs) for n in names)


@lru_cache(maxsize=1)
def _all_zones() -> tuple[str, ...]:
    """Return the zones named by a region and a place, sorted."""
    return tuple(sorted(n for n in available_timezones() if n.partition("/")[0] in _REGIONS))


def _tags(definitions: Definitions, person: Subscriber) -> list[str]:
    """Return the languages something is published in, and the one the person has."""
    ours = definitions.publication.language
    tags = {feed.language for feed in definitions.feeds.values()} | {ours, person.language}
    return sorted(tag for tag in tags if tag)


def _languages(definitions: Definitions, person: Subscriber, words: Words) -> tuple[Option, ...]:
    ours = _language(definitions.publication.language)
    first = Option(
        value="", words=words.say("as_publication", value=ours), chosen=not person.language
    )
    rest = (
        Option(value=tag, words=_language(tag), chosen=tag == person.language)
        for tag in _tags(definitions, person)
    )
    return (first, *rest)


def _language(tag: str) -> str:
    """Return what speakers call a language, with its tag when that says more."""
    name = language_name(tag)
    return f"{name} ({tag})" if "-" in tag and name != tag else name
