"""A made-up story and all the pages around it, for rendering every template without a store.

Serves `check`. Every field holds something, so that a template that asks for one finds it.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from publisher.errors import TokenError
from publisher.model.articles import ArticleId, Enclosure, Link
from publisher.model.definitions import Definitions, FeedDefinition, ScheduleDefinition
from publisher.model.editions import Edition, EditionContent, EditionId, EditionState
from publisher.model.timetable import RunId
from publisher.model.views import (
    ArchiveLinks,
    ArticlePage,
    DigestView,
    EntryView,
    FeedView,
    LetterView,
    SectionView,
    SiteView,
    SourceView,
    StoryView,
)

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.core.online import Reading
    from publisher.ports import Pages

MOMENT = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
TITLE = "A story to try the templates with"
LINK = Link(title="Another story", url="https://example.org/another")
CHOICE = {"value": "x", "words": "X", "chosen": True}
OFFERS = {"title": TITLE, "description": TITLE, "offers": [CHOICE, {**CHOICE, "chosen": False}]}


class Unsigned:
    """Tokens of nobody: to try a look makes no key."""

    def sign(self, purpose: str, value: str) -> str:
        """Return what stands for a token."""
        return f"{purpose}-{value}"

    def read(self, purpose: str, token: str) -> str:
        """Raise TokenError: there is none."""
        raise TokenError(purpose, f"{token} was never signed")


def digest_view(definitions: Definitions, schedule: ScheduleDefinition) -> DigestView:
    """Return an edition of three stories in two sections."""
    who = definitions.publication
    feeds = [(feed.slug, feed.title) for feed in definitions.feeds.values()] or [("", who.title)]
    stories = tuple(_story(number, feeds[min(number, len(feeds)) - 1][0]) for number in (1, 2, 3))
    return DigestView(
        publication=who.title,
        url=who.url,
        language=who.language,
        postal_address=who.postal_address,
        title=schedule.title,
        number=1,
        date=MOMENT,
        timezone=who.timezone,
        stories=stories,
        sections=tuple(SectionView(slug=slug, title=title) for slug, title in feeds),
        note="A note of the editors.",
        template=schedule.template,
    )


def letter_views(definitions: Definitions) -> tuple[LetterView, ...]:
    """Return every letter to one person, with everything that one may hold."""
    from publisher.formats.letters import KINDS

    who = definitions.publication
    return tuple(
        LetterView(
            kind=kind,
            publication=who.title,
            url=who.url,
            language=who.language,
            button_url=who.url,
            postal_address=who.postal_address,
            contact=who.contact,
            unsubscribe_url=who.url,
            lines=(TITLE,),
        )
        for kind in KINDS
    )


def edition(
    definitions: Definitions, schedule: ScheduleDefinition
) -> tuple[Edition, ScheduleDefinition, EditionContent]:
    """Return what a composer makes an edition of: the same stories."""
    view = digest_view(definitions, schedule)
    opened = Edition(
        id=EditionId(1),
        run=RunId(1),
        schedule=schedule.slug,
        slot="",
        number=1,
        state=EditionState.OPEN,
        articles=tuple(story.id for story in view.stories),
        feeds=tuple(definitions.feeds),
        opened=MOMENT,
    )
    return opened, schedule, EditionContent(stories=view.stories, note=view.note, version=1)


def site_view(definitions: Definitions) -> SiteView:
    """Return a site of every feed, with two stories in each."""
    who = definitions.publication
    return SiteView(
        title=who.title,
        url=who.url,
        language=who.language,
        timezone=who.timezone,
        postal_address=who.postal_address,
        contact=who.contact,
        feeds=tuple(_feed(definitions, feed) for feed in definitions.feeds.values()),
        updated=MOMENT,
        subscribe=f"{who.url}subscribe",
        styles={"feed.css": who.language},
    )


def render_site(definitions: Definitions, pages: "Pages") -> None:
    """Render what `publish` writes around the feeds. Raises RenderError."""
    site = site_view(definitions)
    pages.around(site)
    for feed in site.feeds:
        older = f"{feed.home}archive/1/"
        pages.feed(site, replace(feed, archive=ArchiveLinks(previous=older)))
        links = ArchiveLinks(current=feed.home, previous=older, is_archive=True)
        pages.feed(site, replace(feed, home=f"{feed.home}archive/2/", archive=links))
        told = [entry for entry in feed.entries if entry.page_path]
        pages.stories(site, [ArticlePage(entry=entry, feeds=(feed,)) for entry in told])


def render_pages(app: "App") -> None:
    """Render the pages that `run` answers with. Raises TemplateError where those would fall back."""
    from publisher.core.online import Archive
    from publisher.web.editions import archive_values, edition_values
    from publisher.web.pages import Desk
    from publisher.web.preferences import OwnFeed

    desk = Desk(app=app, guard=app.strict_guard)
    around = {"email": "r…@example.org", "preferences": "/preferences/x"}
    for step in ("ask", "done", "left", "back"):
        for undo in ("", "token"):
            desk.page("unsubscribe.html", {"step": step, "undo": undo, **around})
    form = {"rows": [OFFERS], "zones": [CHOICE], "languages": [CHOICE], "name": "", "leave": "/x"}
    own = OwnFeed(address="/x", others={"RSS": "/x"})
    for saved, renewed in ((True, False), (False, True), (False, False)):
        for by_feed in (True, False):
            told = {"saved": saved, "renewed": renewed, "problem": "" if saved else "x"}
            mine = {"silent": saved, "by_feed": by_feed, "own": own if by_feed else None}
            desk.page("preferences.html", {**form, **around, **told, **mine})
    asked = {"rows": [OFFERS], "email": "", "name": "", "problem": "x"}
    for step in ("ask", "sent"):
        desk.page("subscribe.html", {"step": step, **asked})
    for step in ("ask", "done", "expired", "barred"):
        desk.page("confirm.html", {"step": step, **around})
    reading = _reading(app)
    desk.page("edition.html", edition_values(desk, reading, older=reading, newer=reading))
    copy = {"whole": "/x", "mail": "/x", "unsubscribe": "/x", **around}
    desk.page("edition.html", edition_values(desk, reading, copy=copy))
    schedules = (*app.definitions.schedules.values(),)
    for chosen, editions in ((None, (reading,)), (schedules[0] if schedules else None, ())):
        past = Archive(editions=editions, schedules=schedules, schedule=chosen, page=2, more=True)
        desk.page("editions.html", archive_values(desk, past))
    desk.page("problem.html", {"heading": "x", "text": "x", "status": 404})


def _reading(app: "App") -> "Reading":
    """Return an edition as it is read online."""
    from publisher.core.online import Reading, Section

    who = app.definitions.publication
    lead, told, brief = (_story(number, "") for number in (1, 2, 3))
    return Reading(
        id=EditionId(1),
        schedule="x",
        title=TITLE,
        number=1,
        date=MOMENT,
        timezone=who.timezone,
        language=who.language,
        note="A note of the editors.",
        kicker=who.title,
        stories=(lead, told, brief),
        sections=(Section(slug="", title=TITLE, told=(told,), brief=(brief,)),),
        lines=(brief,),
        extent="3 stories",
    )


def _story(number: int, section: str) -> StoryView:
    return StoryView(
        id=ArticleId(number),
        feeds=(section,),
        title=f"{TITLE}, {number}",
        url=f"https://example.org/{number}",
        standfirst="What it is about, in a line.",
        summary="What it is about, in a line.",
        language="en",
        authors=("Somebody",),
        image="https://example.org/picture.png",
        image_width=600,
        image_height=220,
        key_points=("The first point.", "The second point."),
        read_also=(LINK,),
        published=MOMENT,
        minutes=2,
        updated=MOMENT,
        also_at=(LINK,),
        note="A note of the editor.",
    )


def _feed(definitions: Definitions, feed: FeedDefinition) -> FeedView:
    who = definitions.publication
    home = f"{who.url}feeds/{feed.slug}/"
    elsewhere = _entry(1)
    own = replace(_entry(2), page_path="articles/2/index.html", url=f"{who.url}articles/2/")
    return FeedView(
        slug=feed.slug,
        uid="urn:uuid:00000000-0000-4000-8000-000000000000",
        title=feed.title,
        description=feed.description,
        language=feed.language or who.language,
        home=home,
        links={name: f"{who.url}feeds/{feed.slug}.{name}" for name in feed.formats},
        publication=who.title,
        contact=who.contact,
        updated=MOMENT,
        entries=(elsewhere, own),
        site=who.url,
        ended=feed.ended,
    )


def _entry(number: int) -> EntryView:
    return EntryView(
        id=ArticleId(number),
        uid=f"urn:uuid:00000000-0000-4000-8000-00000000000{number}",
        title=f"{TITLE}, {number}",
        url=f"https://example.org/{number}",
        summary="What it is about, in a line.",
        html="<p>What it is about.</p>",
        text="What it is about.",
        language="en",
        authors=("Somebody",),
        tags=("tag",),
        image="https://example.org/picture.png",
        enclosures=(Enclosure(url="https://example.org/sound.mp3", type="audio/mpeg"),),
        key_points=("The first point.",),
        read_also=(LINK,),
        published=MOMENT,
        updated=MOMENT,
        standfirst="What it is about, in a line.",
        dek="More of it.",
        source=SourceView(title="A source", url="https://source.example/feed"),
    )
