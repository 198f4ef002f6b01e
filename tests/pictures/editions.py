"""One edition in four languages, its stories translated, so that pictures look like somebody's mail."""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from publisher.core.arranging import Arranger
from publisher.kit.mime import MimePress
from publisher.kit.wording import Phrasebook
from publisher.model.articles import ArticleId, Link
from publisher.model.definitions import Action, ScheduleDefinition
from publisher.model.messages import Copy, Envelope
from publisher.model.views import DigestView, SectionView, StoryView
from tests.formats.editions import BASE, MOMENT, render, templates

LANGUAGES = ("en", "de", "ar", "zh")
THEMES = ("newspaper", "plain", "compact")
FERRY = BASE + "media/night-ferry.png"
SLUGS = ("harbour", "culture")
TOLD = 6
"""Stories told; those after them stand in "more on the web"."""

MORNING = ScheduleDefinition(slug="morning", action=Action.DIGEST, when="every weekday at 07:30")


@cache
def texts(language: str) -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))


def links(titles: list[str]) -> tuple[Link, ...]:
    return tuple(Link(title=t, url=f"{BASE}articles/{20 + n}/") for n, t in enumerate(titles))


def story(number: int, given: Mapping[str, Any], language: str) -> StoryView:
    leads = number == 1
    return StoryView(
        id=ArticleId(number),
        feeds=(SLUGS[given.get("section", 0)],),
        title=given["title"],
        url=f"{BASE}articles/{number}/",
        standfirst=given.get("standfirst", ""),
        language=language,
        image=FERRY if leads else "",
        image_width=600 if leads else 0,
        image_height=220 if leads else 0,
        image_alt=given.get("alt", ""),
        key_points=tuple(given.get("key_points", ())),
        also_at=links(given.get("also_at", [])),
        read_also=links(given.get("read_also", [])),
        published=MOMENT - timedelta(hours=12),
        updated=MOMENT - timedelta(minutes=50) if given.get("updated") else None,
        note=given.get("note", ""),
    )


@cache
def view(template: str, language: str) -> DigestView:
    said = texts(language)
    return DigestView(
        publication=said["publication"],
        url=BASE,
        language=language,
        postal_address=said["postal_address"],
        contact="editor@gazette.example",
        title=said["title"],
        number=214,
        date=MOMENT,
        timezone="Europe/Berlin",
        stories=tuple(story(n, item, language) for n, item in enumerate(said["stories"], 1)),
        sections=tuple(
            SectionView(slug=slug, title=title)
            for slug, title in zip(SLUGS, said["sections"], strict=True)
        ),
        note="" if template == "alert" else said["note"],
        template=template,
    )


def copy(shown: DigestView, told: int) -> Copy:
    """Return a reader's copy: the first stories told, the others as lines, in words of its language."""
    book = Phrasebook(templates())
    said = texts(shown.language)
    numbers = [one.id for one in shown.stories]
    sections = {one.id: one.feeds[0] for one in shown.stories}
    left = numbers[told:] if told > 1 else []
    values = {
        "subject": shown.stories[0].title,
        "preheader": shown.stories[0].standfirst,
        "section": said["sections"][0],
        "extent": book.extent(shown.language, told, 4),
        "name": "Ada",
        "email": "ada@example.org",
        "why": book.why(shown.language, MORNING, said["sections"], date(2026, 5, 3)),
        "view_url": BASE + "editions/7/VIEW",
        "unsubscribe_url": BASE + "unsubscribe/LEAVE",
        "preferences_url": BASE + "preferences/CHANGE",
        "feed_url": BASE + "feeds/harbour/",
    }
    return Copy(
        recipient="1",
        email="ada@example.org",
        name="Ada",
        subject=values["subject"],
        places=Arranger({}).arrange(numbers[:told], left, sections).places,
        values=values,
        unsubscribe_url=values["unsubscribe_url"],
    )


@cache
def bodies(template: str, language: str) -> tuple[str, str]:
    """Return HTML and text of one reader's copy."""
    shown = view(template, language)
    envelope = Envelope(
        edition="morning-7",
        domain="gazette.example",
        date=MOMENT,
        sender="The Harbour Gazette <news@gazette.example>",
        envelope_sender="news@gazette.example",
    )
    letter = MimePress().compile(render(shown), envelope)
    return letter.bodies(copy(shown, 1 if template == "alert" else TOLD))
