"""An edition of invented stories, composed with the shipped templates, and its invented readers.

Serves tests and benchmarks of composing. Touches the shipped templates only.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from publisher import assets
from publisher.core.composing import Composed, Composer
from publisher.formats import digest
from publisher.kit.mime import MimePress
from publisher.kit.templating import Templates
from publisher.kit.tokens import SignedTokens
from publisher.kit.wording import Phrasebook
from publisher.model.articles import ArticleId, Link
from publisher.model.definitions import (
    Action,
    FeedDefinition,
    MailSettings,
    Publication,
    ScheduleDefinition,
)
from publisher.model.editions import (
    Delivery,
    DeliveryId,
    Edition,
    EditionContent,
    EditionId,
    EditionState,
)
from publisher.model.subscribers import SubscriberId
from publisher.model.timetable import RunId
from publisher.model.views import StoryView
from publisher.ports import DigestFormat

BASE = "https://gazette.example/"
MOMENT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def example_feeds(count: int) -> dict[str, FeedDefinition]:
    """Return so many feeds, `feed-0` and on."""
    slugs = [f"feed-{number}" for number in range(count)]
    return {slug: FeedDefinition(slug=slug, title=slug.capitalize()) for slug in slugs}


def example_story(number: int, feeds: Sequence[str], **changes: Any) -> StoryView:
    """Return a story of usual length."""
    story = StoryView(
        id=ArticleId(number),
        feeds=tuple(feeds),
        title=f"Headline {number} says what happened at the harbour, and to whom",
        url=f"{BASE}articles/{number}/",
        standfirst=f"Story {number} in a sentence that takes a line or two of the column. "
        "A second one adds what the first left out, and stops in time.",
        language="en",
        key_points=tuple(f"Point {n} of story {number} is one whole sentence." for n in (1, 2, 3)),
        read_also=(Link(title=f"What came before {number}", url=f"{BASE}before/{number}/"),),
        published=MOMENT - timedelta(minutes=number),
        minutes=2,
    )
    return replace(story, **changes)


def example_edition(
    stories: Sequence[StoryView], feeds: dict[str, FeedDefinition], **changes: Any
) -> Composed:
    """Return these stories as an edition, composed; `changes` are keys of the schedule."""
    schedule = ScheduleDefinition(
        slug="morning",
        action=Action.DIGEST,
        title="Morning digest",
        feeds=tuple(feeds),
        when="every weekday at 07:30",
    )
    edition = Edition(
        id=EditionId(7),
        run=RunId(1),
        schedule=schedule.slug,
        slot="2026-11-23T07:30",
        number=214,
        state=EditionState.OPEN,
        articles=tuple(story.id for story in stories),
        feeds=tuple(feeds),
        opened=MOMENT,
    )
    content = EditionContent(stories=tuple(stories), version=1)
    return example_composer(feeds).compose(edition, replace(schedule, **changes), content)


def example_composer(
    feeds: dict[str, FeedDefinition], form: DigestFormat | None = None
) -> Composer:
    """Return a composer over the shipped templates."""
    templates = Templates(None, assets.templates())
    return Composer(
        publication=Publication(
            title="The Harbour Gazette",
            url=BASE,
            timezone="Europe/Berlin",
            postal_address="1 Quay Street, Harbour",
        ),
        mail=MailSettings(sender="The Harbour Gazette <news@gazette.example>"),
        feeds=feeds,
        format=form or digest.create(None, templates),
        press=MimePress(),
        tokens=SignedTokens({1: bytes(32)}, 1),
        wording=Phrasebook(templates),
    )


def example_delivery(number: int, articles: Sequence[ArticleId], **changes: Any) -> Delivery:
    """Return the ledger row of one reader with these stories."""
    row = Delivery(
        id=DeliveryId(number),
        edition=EditionId(7),
        subscriber=SubscriberId(number),
        email=f"reader{number}@example.org",
        name=f"Reader {number}",
        joined=MOMENT - timedelta(days=number % 700),
        articles=tuple(articles),
    )
    return replace(row, **changes)


def personal_deliveries(
    composed: Composed, readers: int, *, feeds: int = 0, stories: int = 20, seed: int = 1
) -> list[Delivery]:
    """Return readers who each chose feeds at random, with their own stories in edition order.

    Each chose so many `feeds`, or with 0 any number of them.
    """
    dice = random.Random(seed)  # noqa: S311  invented readers, the same at every run
    rows = []
    for number in range(1, readers + 1):
        count = feeds or dice.randint(1, len(composed.edition.feeds))
        wanted = set(dice.sample(composed.edition.feeds, count))
        mine = [s.id for s in composed.content.stories if wanted.intersection(s.feeds)]
        chosen = tuple(slug for slug in composed.edition.feeds if slug in wanted)
        rows.append(example_delivery(number, mine[:stories], feeds=chosen))
    return rows
