"""A digest made for looking at: composed as it would be, but neither opened nor remembered.

Serves `preview`, `editions preview` and `send`. Keeps nothing in the store.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from publisher.cli.linting import report_row
from publisher.core.leading import leaders
from publisher.errors import NotFound
from publisher.model.articles import Article, ArticleId
from publisher.model.definitions import Action, ScheduleDefinition
from publisher.model.editions import (
    Delivery,
    DeliveryId,
    DeliveryState,
    Edition,
    EditionId,
    EditionState,
)
from publisher.model.findings import MailReport
from publisher.model.messages import Parcel
from publisher.model.subscribers import Subscriber, SubscriberId, SubscriberStatus
from publisher.model.timetable import RunId

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.core.composing import Composed

NOBODY = SubscriberId(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """One copy of a digest to look at; `about` says in words which stories it holds."""

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
    app: "App",
    schedule: ScheduleDefinition,
    address: str = "",
    *,
    test: bool = False,
    few: bool = False,
) -> Rehearsed:
    """Compose the digest that a run would open now, for one address; the store makes the choice.

    A subscriber gets the octets that they would get, nobody named every story. A `test` goes to any
    address: its links belong to nobody, and it has a Message-ID of its own. `few` looks at some of the
    readers alone, for those who only ask whether it is fit to be sent. Raises NotFound without any
    story, or for somebody who would get nothing, AddressError and RenderError.
    """
    person = _person(app, address, test=test)
    if schedule.action is Action.ALERT:
        return _alert(app, schedule, address, person, test=test)
    opened = app.opening.rehearse(schedule, person.id if person else None, few=few)
    edition, delivery = opened or (_latest(app, schedule), None)
    if address and not test:
        delivery = _theirs(person, delivery, schedule)
    number = len(delivery.articles if delivery else edition.articles)
    about = f"it holds what comes next: {_several(number)}"
    if opened is None:
        about = f"nothing is new to anybody who gets it, so it holds the latest {_several(number)}"
    if not test:
        return _compose(app, schedule, edition, delivery, about)
    edition = replace(edition, id=EditionId(int(app.clock.now().timestamp())))
    return _compose(app, schedule, edition, _to(address, edition, person, delivery), about)


def _alert(
    app: "App",
    schedule: ScheduleDefinition,
    address: str,
    person: Subscriber | None,
    *,
    test: bool,
) -> Rehearsed:
    """Compose the newest story as an alert, for whoever asks."""
    edition = _latest(app, schedule)
    delivery = _to(address, edition, person, None) if address else None
    if delivery is not None and person is not None and not test:
        delivery = replace(delivery, subscriber=person.id, joined=person.joined)
    return _compose(app, schedule, edition, delivery, f"it holds the newest {_several(1)}")


def reread(app: "App", edition: Edition, address: str = "") -> Rehearsed:
    """Compose an edition as it reads now: all of it, or one subscriber's own copy.

    Raises NotFound for somebody who is not in its audience, AddressError and RenderError.
    """
    delivery = None
    if address:
        person = app.store.find_subscriber(address)
        try:
            delivery = app.store.delivery_to(person.id, edition.id)
        except NotFound:
            reason = f"is not among the readers of edition {edition.id}"
            raise NotFound(address, reason) from None
    composed = app.composed(edition)
    hidden = {story.id for story in composed.content.stories if story.hidden}
    mine = delivery or composed.everything()
    number = sum(one not in hidden for one in mine.articles)
    if not number:
        raise NotFound(address or f"edition {edition.id}", "every story of it is hidden")
    return _rehearsed(app, composed, mine, f"it holds {_several(number)}")


def _compose(
    app: "App",
    schedule: ScheduleDefinition,
    edition: Edition,
    delivery: Delivery | None,
    about: str,
) -> Rehearsed:
    content = app.contents.build(edition, schedule)
    composer = replace(app.composer, shelf=None)  # there is no such edition to keep a message of
    composed = composer.compose(edition, schedule, content)
    return _rehearsed(app, composed, delivery or composed.everything(), about)


def _rehearsed(app: "App", composed: "Composed", delivery: Delivery, about: str) -> Rehearsed:
    version = composed.version(delivery.language)
    copy = version.copy(delivery)
    html, text = composed.bodies(delivery)
    parcel = composed.parcel(delivery)
    mine = set(delivery.articles)
    return Rehearsed(
        edition=composed.edition,
        parcel=parcel,
        subject=copy.subject,
        html=html,
        text=text,
        titles=tuple(story.title for story in version.view.stories if story.id in mine),
        about=about,
        judged=app.inspector.inspect(parcel.data),
    )


def _person(app: "App", address: str, *, test: bool) -> Subscriber | None:
    try:
        return app.store.find_subscriber(address) if address else None
    except NotFound:
        if not test:
            raise
        return None


def _theirs(
    person: Subscriber | None, delivery: Delivery | None, schedule: ScheduleDefinition
) -> Delivery:
    """Return a subscriber's copy. Raises NotFound, saying why they would get none."""
    if delivery is not None and delivery.state is DeliveryState.QUEUED:
        return delivery
    reason = f"would get nothing by {schedule.slug} now: nothing is new to them"
    if delivery is not None:
        reason = f"would get nothing: {delivery.reason}"
    elif person and person.status is not SubscriberStatus.CONFIRMED:
        reason = f"is {person.status}: only confirmed people are written to"
    elif person and all(wanted.schedule != schedule.slug for wanted in person.subscriptions):
        reason = f"subscribes to nothing by {schedule.slug}"
    raise NotFound(person.email if person else "", f"{reason}; `explain` tells more")


def _to(
    address: str, edition: Edition, person: Subscriber | None, delivery: Delivery | None
) -> Delivery:
    """Return a test's copy: a subscriber's choice of stories, or all, with links of nobody's."""
    from publisher.core.addresses import valid_address

    made = delivery or Delivery(
        id=DeliveryId(0),
        edition=edition.id,
        subscriber=NOBODY,
        email=address,
        name=person.name if person else "",
        language=person.language if person else "",
        sample=person.sample if person else False,
        articles=edition.articles,
        feeds=edition.feeds,
    )
    return replace(
        made,
        id=DeliveryId(0),
        edition=edition.id,
        subscriber=NOBODY,
        email=valid_address(address),
    )


def _latest(app: "App", schedule: ScheduleDefinition) -> Edition:
    """Return an edition of the latest stories, for when there is nothing to open.

    Raises NotFound without any story.
    """
    now = app.clock.now()
    found: dict[ArticleId, Article] = {}
    for slug in schedule.feeds:
        listed = app.store.articles(feed=slug, limit=schedule.max_articles, now=now)
        found.update((article.id, article) for article in listed)
    if not found:
        raise NotFound(schedule.slug, "there are no stories yet; `publisher collect` brings some")
    alert = schedule.action is Action.ALERT
    if alert:
        found = {n: one for n, one in found.items() if one.priority >= schedule.min_priority}
    if not found:
        raise NotFound(schedule.slug, f"no story has priority {schedule.min_priority} or more")
    limit = 1 if alert else schedule.max_articles
    ranked = sorted(leaders(found.values()), key=_newest if alert else _rank)[:limit]
    last = next(iter(app.store.editions(schedule=schedule.slug, limit=1)), None)
    return Edition(
        id=EditionId(0),
        run=RunId(0),
        schedule=schedule.slug,
        slot=now.isoformat(timespec="seconds"),
        number=last.number + 1 if last else 1,
        state=EditionState.OPEN,
        title=schedule.title,
        articles=tuple(article.id for article in ranked),
        feeds=schedule.feeds,
        opened=now,
    )


def _rank(article: Article) -> tuple[bool, int, float, int]:
    return (
        not article.pinned,
        -article.priority,
        -article.published.timestamp(),
        -article.id,
    )


def _newest(article: Article) -> tuple[float, int]:
    return (-article.published.timestamp(), -article.id)


def _several(number: int) -> str:
    return f"{number} {'story' if number == 1 else 'stories'}"
