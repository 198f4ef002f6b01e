"""One edition for the digest's tests, and its copies as readers get them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from publisher import assets
from publisher.core.arranging import Arranger
from publisher.formats.digest import create
from publisher.kit.mime import MimePress
from publisher.kit.templating import Templates
from publisher.model.articles import ArticleId, Link
from publisher.model.messages import Copy, Envelope, Message
from publisher.model.views import DigestView, SectionView, StoryView

MOMENT = datetime(2026, 11, 23, 7, 30, tzinfo=ZoneInfo("Europe/Berlin"))
BASE = "https://gazette.example/"


def story(number: int, feed: str, title: str, standfirst: str = "", **more: Any) -> StoryView:
    usual: dict[str, Any] = {
        "url": f"{BASE}articles/{number}/",
        "summary": standfirst,
        "language": "en",
        "published": MOMENT,
    }
    return StoryView(
        id=ArticleId(number),
        feeds=(feed,),
        title=title,
        standfirst=standfirst,
        **{**usual, **more},
    )


def link(title: str, path: str) -> Link:
    return Link(title=title, url=BASE + path)


STORIES = (
    story(
        1,
        "harbour",
        "Night ferry returns after eleven years, with bicycles and a library on board",
        "The first sailing left Quay 4 at 22:10 with 312 passengers. Tickets stay at the old price "
        "until March.",
        image=BASE + "articles/1/night-ferry.png",
        key_points=(
            "The line runs every night except Sundays, 9 hours each way.",
            "312 passengers sailed on the first night; the ship holds 540.",
            "The city pays 2.1 million a year, less than the old subsidy.",
        ),
        also_at=(link("Port Daily", "port"), link("Coast Radio", "coast")),
        read_also=(
            link("What the crew learned on the trial trip", "trip"),
            link("Why the old line closed", "line"),
        ),
        minutes=2,
    ),
    story(
        2,
        "harbour",
        "Dredging starts two weeks early",
        "Work moves to nights so that the fish market stays open.",
        updated=MOMENT - timedelta(minutes=50),
        read_also=(link("The map of closed quays, in words", "quays"),),
    ),
    story(
        3,
        "culture",
        "The rope works becomes a concert hall",
        "420 metres long, and every one of them rings.",
        image=BASE + "articles/3/rope-works.png",
        key_points=("The hall opens on 12 December with a choir at each end.",),
    ),
    story(
        4,
        "harbour",
        "Seal pup found in lock gate is back at sea",
        "It gained four kilos in three weeks.",
        note="Readers asked: it is well.",
    ),
    story(
        5,
        "culture",
        "Vierhundert Bücher, die zu spät kommen dürfen",
        "Ohne Stempel, ohne Gebühren.",
        language="de",
    ),
)


SECTIONS = (
    SectionView(slug="harbour", title="Harbour"),
    SectionView(slug="culture", title="Culture"),
)


def edition(**more: Any) -> DigestView:
    usual: dict[str, Any] = {
        "publication": "The Harbour Gazette",
        "url": BASE,
        "language": "en",
        "postal_address": "1 Quay Street, Harbour",
        "title": "Morning digest",
        "number": 214,
        "date": MOMENT,
        "timezone": "Europe/Berlin",
        "stories": STORIES,
        "sections": SECTIONS,
    }
    return DigestView(**{**usual, **more})


def templates() -> Templates:
    return Templates(None, assets.templates())


@cache
def render(view: DigestView) -> Message:
    """Render once per view: many tests look at the same one."""
    return create(None, templates()).render(view)


def places_of(
    view: DigestView, chosen: Iterable[int], lines: Iterable[int] = ()
) -> Mapping[str, tuple[str, ...]]:
    """Return the places of a selection: its first story leads, the others stand in sections."""
    sections = {story.id: story.feeds[0] for story in view.stories}
    wanted, left = ([ArticleId(number) for number in some] for some in (chosen, lines))
    return Arranger({}).arrange(wanted, left, sections).places


VALUES = {
    "subject": "Night ferry returns",
    "preheader": "The first sailing left Quay 4 at 22:10 with 312 passengers.",
    "section": "Harbour",
    "extent": "5 stories, 6 minutes",
    "name": "Ada <Lindqvist>",
    "email": "ada@example.org",
    "why": "You get this on weekdays at 07:30 because you subscribed on 3 May 2026.",
    "view_url": BASE + "editions/7/VIEW",
    "unsubscribe_url": BASE + "unsubscribe/LEAVE",
    "preferences_url": BASE + "preferences/CHANGE",
    "feed_url": BASE + "feeds/harbour/",
}


def bodies(
    view: DigestView,
    chosen: Iterable[int] = (1, 2, 3, 4, 5),
    lines: Iterable[int] = (),
    message: Message | None = None,
    **values: str,
) -> tuple[str, str]:
    """Return HTML and text of one copy with these stories, lead first, and these by title."""
    message = message or render(view)
    envelope = Envelope(
        edition="morning-7",
        domain="gazette.example",
        date=MOMENT,
        sender="The Harbour Gazette <news@gazette.example>",
        envelope_sender="news@gazette.example",
    )
    copy = Copy(
        recipient="1",
        email="ada@example.org",
        name="Ada",
        subject=VALUES["subject"],
        places=places_of(view, chosen, lines),
        values={**VALUES, **values},
        unsubscribe_url=VALUES["unsubscribe_url"],
    )
    return MimePress().compile(message, envelope).bodies(copy)
