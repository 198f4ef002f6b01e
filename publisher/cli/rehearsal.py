"""A digest made for looking at: composed as it would be, but neither opened nor remembered.

Serves `preview` and `send`. Reads the store, writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from publisher.cli.linting import report_row
from publisher.errors import NotFound
from publisher.model.articles import Article, ArticleId
from publisher.model.definitions import ScheduleDefinition
from publisher.model.editions import (
    Delivery,
    DeliveryId,
    Edition,
    EditionId,
    EditionState,
)
from publisher.model.findings import MailReport
from publisher.model.messages import Parcel
from publisher.model.subscribers import Subscriber, SubscriberId
from publisher.model.timetable import RunId

if TYPE_CHECKING:
    from publisher.app import App

SOMEBODY = "reader@example.org"
NOBODY = SubscriberId(0)
REMEMBERED = 1_000
"""How many past editions and deliveries are looked at for what was sent before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """One copy of a digest that was not opened; `about` says in words which stories it holds."""

    edition: Edition
    parcel: Parcel
    subject: str
    html: str
    text: str
    titles: Sequence[str]
    about: str
    judged: MailReport

    def problems(self) -> list[str]:
        """Return what makes it unfit to be sent."""
        return [str(found) for found in self.judged.errors]

    def report(self) -> dict[str, object]:
        """Return sizes in octets, links, what is wrong and what could be better."""
        row = report_row(self.judged)
        del row["findings"]
        return {
            "subject": self.subject,
            "stories": list(self.titles),
            **row,
            "problems": self.problems(),
            "advice": [str(found) for found in self.judged.warnings],
        }


def rehearse(
    app: "App", schedule: ScheduleDefinition, address: str = "", *, test: bool = False
) -> Rehearsed:
    """Compose the digest that would come next, for one address.

    A subscriber's address gets what they would get; any other one gets every story. `test` makes
    links that belong to nobody, and a Message-ID of its own. Raises NotFound without any story,
    AddressError and RenderError.
    """
    now = app.clock.now()
    person = _person(app, address)
    stories, about = _stories(app, schedule, person, now)
    last = next(iter(app.store.editions(schedule=schedule.slug, limit=1)), None)
    edition = Edition(
        id=EditionId(int(now.timestamp()) if test else 0),
        run=RunId(0),
        schedule=schedule.slug,
        slot=now.isoformat(timespec="seconds"),
        number=last.number + 1 if last else 1,
        state=EditionState.OPEN,
        title=schedule.title,
        articles=tuple(story.id for story in stories),
        feeds=schedule.feeds,
        opened=now,
        audience=1,
    )
    return _compose(app, schedule, edition, _delivery(edition, address, person, test=test), about)


def _compose(
    app: "App", schedule: ScheduleDefinition, edition: Edition, delivery: Delivery, about: str
) -> Rehearsed:
    content = app.contents.build(edition, schedule)
    composed = app.composer.compose(edition, schedule, content)
    copy = composed.version(delivery.language).copy(delivery)
    html, text = composed.bodies(delivery)
    parcel = composed.parcel(delivery)
    return Rehearsed(
        edition=edition,
        parcel=parcel,
        subject=copy.subject,
        html=html,
        text=text,
        titles=tuple(story.title for story in composed.view.stories),
        about=about,
        judged=app.inspector.inspect(parcel.data),
    )


def _person(app: "App", address: str) -> Subscriber | None:
    try:
        return app.store.find_subscriber(address) if address else None
    except NotFound:
        return None


def _delivery(
    edition: Edition, address: str, person: Subscriber | None, *, test: bool
) -> Delivery:
    from publisher.core.addresses import valid_address

    made = Delivery(
        id=DeliveryId(0),
        edition=edition.id,
        subscriber=NOBODY,
        email=valid_address(address or SOMEBODY),
        articles=edition.articles,
    )
    if person is None:
        return made
    told = replace(
        made,
        name=person.name,
        language=person.language,
        timezone=person.timezone,
        sample=person.sample,
        joined=person.joined,
    )
    return told if test else replace(told, subscriber=person.id)


def _stories(
    app: "App", schedule: ScheduleDefinition, person: Subscriber | None, now: datetime
) -> tuple[list[Article], str]:
    """Return the stories of the next digest, and which ones they are in words."""
    wished = {wanted.feed for wanted in person.subscriptions} if person else set()
    feeds = [slug for slug in schedule.feeds if slug in wished] or list(schedule.feeds)
    found: dict[ArticleId, Article] = {}
    for slug in feeds:
        listed = app.store.articles(feed=slug, limit=REMEMBERED, now=now)
        found.update((article.id, article) for article in listed)
    if not found:
        raise NotFound(schedule.slug, "there are no stories yet; `publisher collect` brings some")
    ranked = sorted(found.values(), key=_rank)
    sent = _sent(app, schedule, person)
    fresh = [article for article in ranked if article.id not in sent]
    number = schedule.max_articles
    if fresh:
        return fresh[:number], f"it holds what comes next: {_several(len(fresh[:number]))}"
    return ranked[:number], f"no story is new, so it holds the latest {len(ranked[:number])}"


def _rank(article: Article) -> tuple[bool, int, float, int]:
    return (
        not article.pinned,
        -article.priority,
        -article.published.timestamp(),
        -article.id,
    )


def _sent(app: "App", schedule: ScheduleDefinition, person: Subscriber | None) -> set[ArticleId]:
    if person is not None:
        past = app.store.deliveries_to(person.id, REMEMBERED)
        return {article for delivery in past for article in delivery.articles}
    editions = app.store.editions(schedule=schedule.slug, limit=REMEMBERED)
    return {article for edition in editions for article in edition.articles}


def _several(number: int) -> str:
    return f"{number} {'story' if number == 1 else 'stories'}"
