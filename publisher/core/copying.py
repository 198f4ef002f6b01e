"""Copy: what one recipient of an edition gets, as places, values and headers; nothing is rendered.

Serves composing, which says in which language. Pure but for what an object remembers: a copy is a
function of (edition, subscriber). Hot: it runs once a recipient, so that what can be known of an
edition is known before the first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from publisher.core.arranging import ROOM, Arranger, section_of
from publisher.model.articles import ArticleId
from publisher.model.definitions import Publication, ScheduleDefinition
from publisher.model.editions import Delivery, DeliveryId, Edition
from publisher.model.messages import Copy, Literal, Message, Part
from publisher.model.subscribers import SubscriberId
from publisher.model.views import DigestView, StoryView
from publisher.ports import DigestFormat, Letter, Tokens, Wording

UNSUBSCRIBE = "unsubscribe"
PREFERENCES = "preferences"
VIEW = "view"

KEPT = 1_024
"""How many selections a version remembers; many readers have the same one."""

PREHEADER = 110
"""Characters of the line that mail programs show beside the subject."""

_VALUE = 512
"""Octets kept free for the value of each merge field of the frame."""


class Chosen(NamedTuple):
    """One selection, arranged, with what it says to everybody who has it."""

    places: Mapping[str, tuple[str, ...]]
    subject: str
    values: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Version:
    """An edition in one language. `title` names a feed by its slug."""

    edition: Edition
    schedule: ScheduleDefinition
    publication: Publication
    title: Callable[[str], str]
    format: DigestFormat
    tokens: Tokens
    wording: Wording
    view: DigestView
    message: Message
    letter: Letter

    @cached_property
    def mark(self) -> str:
        """Return the message's mark."""
        return self.message.mark

    @cached_property
    def _stories(self) -> Mapping[ArticleId, StoryView]:
        return {story.id: story for story in self.view.stories}

    @cached_property
    def _order(self) -> Mapping[ArticleId, int]:
        return {story.id: place for place, story in enumerate(self.view.stories)}

    @cached_property
    def _feeds(self) -> Mapping[ArticleId, tuple[str, ...]]:
        return {story.id: story.feeds for story in self.view.stories}

    @cached_property
    def _first(self) -> Mapping[ArticleId, str]:
        return {story.id: next(iter(story.feeds), "") for story in self.view.stories}

    @cached_property
    def _minutes(self) -> Mapping[ArticleId, int]:
        return {story.id: story.minutes for story in self.view.stories}

    @cached_property
    def _preheaders(self) -> Mapping[ArticleId, str]:
        return {story.id: preheader(story) for story in self.view.stories}

    @cached_property
    def _arranger(self) -> Arranger:
        html = self.message.html
        fields = sum(not isinstance(part, Literal) for part in html.frame)
        room = ROOM - octets(html.frame) - _VALUE * fields
        return Arranger({key: octets(pieces) for key, pieces in html.blocks.items()}, room)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.publication.timezone)

    @cached_property
    def _chosen(self) -> dict[tuple[object, ...], Chosen]:
        return {}

    @cached_property
    def _subjects(self) -> dict[ArticleId, str]:
        return {}

    def copy(self, delivery: Delivery) -> Copy:
        """Return what differs in one recipient's copy."""
        chosen = self.chosen(delivery)
        base, sign = self.publication.url, self.tokens.sign
        person = str(delivery.subscriber)
        feeds = delivery.feeds or self.edition.feeds
        preferences = f"{base}preferences/{sign(PREFERENCES, person)}"
        unsubscribe = f"{base}unsubscribe/{sign(UNSUBSCRIBE, person)}"
        view = f"{base}editions/{delivery.edition}/{sign(VIEW, str(delivery.id))}"
        values = {
            **chosen.values,
            "name": delivery.name,
            "email": delivery.email,
            "why": self._why(delivery, feeds),
            "view_url": view,
            "unsubscribe_url": unsubscribe,
            "preferences_url": preferences,
            "feed_url": f"{preferences}#feed",
        }
        return Copy(
            recipient=person,
            email=delivery.email,
            name=delivery.name,
            subject=chosen.subject,
            places=chosen.places,
            values=values,
            unsubscribe_url=unsubscribe,
            archived_at=view,
        )

    def proof(self) -> Copy:
        """Return a copy with every block there is, each story in every size, for judges.

        What is told in brief to one reader, or by title, leads the mail of another.
        """
        blocks = self.message.html.blocks
        told = [key for key in blocks if key.startswith(("section:", "story:", "brief:"))]
        places = {
            "lead": tuple(key for key in blocks if key.startswith("lead:")),
            "stories": tuple(told),
            "more": ("more", *(key for key in blocks if key.startswith("line:"))),
        }
        return replace(self.copy(everything(self.edition)), places=places)

    def chosen(self, delivery: Delivery) -> Chosen:
        """Return a reader's selection arranged, made once for all who have the same."""
        key = (delivery.articles, delivery.more, delivery.feeds)
        found = self._chosen.get(key)
        if found is None:
            if len(self._chosen) >= KEPT:
                self._chosen.clear()
            found = self._chosen[key] = self._choose(delivery)
        return found

    def _choose(self, delivery: Delivery) -> Chosen:
        order = self._order
        stories = sorted(filter(order.__contains__, delivery.articles), key=order.__getitem__)
        lines = sorted(filter(order.__contains__, delivery.more), key=order.__getitem__)
        sections = self._sections(stories, frozenset(delivery.feeds))
        made = self._arranger.arrange(stories, lines, sections)
        told = made.stories
        subject = self._subject(told)
        minutes = sum(map(self._minutes.__getitem__, told))
        values = {
            "subject": subject,
            "preheader": self._preheaders[told[0]] if told else self.view.title,
            "section": self.title(sections[told[0]] if told else ""),
            "extent": self.wording.extent(self.view.language, len(told), max(1, minutes)),
        }
        return Chosen(made.places, subject, values)

    def _sections(
        self, stories: Sequence[ArticleId], wanted: frozenset[str]
    ) -> Mapping[ArticleId, str]:
        """Return the section of each story. Most are in one feed, and that one is wanted."""
        first, feeds = self._first, self._feeds
        return {
            number: slug
            if (slug := first[number]) in wanted
            else section_of(feeds[number], wanted)
            for number in stories
        }

    def _subject(self, stories: tuple[ArticleId, ...]) -> str:
        """Return the subject of a selection; most templates ask for nothing but its lead."""
        template = self.schedule.subject
        if not stories or "stories" in template:
            return self._subject_of(template, stories)
        if stories[0] not in self._subjects:
            self._subjects[stories[0]] = self._subject_of(template, stories)
        return self._subjects[stories[0]]

    def _subject_of(self, template: str, stories: tuple[ArticleId, ...]) -> str:
        view = replace(self.view, stories=tuple(self._stories[number] for number in stories))
        return self.format.subject(template, view)

    def _why(self, delivery: Delivery, feeds: tuple[str, ...]) -> str:
        joined = delivery.joined.astimezone(self._zone).date() if delivery.joined else None
        titles = tuple(map(self.title, feeds))
        return self.wording.why(self.view.language, self.schedule, titles, joined)


def everything(edition: Edition) -> Delivery:
    """Return a delivery of a whole edition to nobody, for previews and judges."""
    return Delivery(
        id=DeliveryId(0),
        edition=edition.id,
        subscriber=SubscriberId(0),
        email="reader@example.org",
        articles=edition.articles,
        feeds=edition.feeds,
    )


def octets(parts: Sequence[Part]) -> int:
    """Return the octets of the fixed text among parts, in UTF-8."""
    return sum(len(part.text.encode()) for part in parts if isinstance(part, Literal))


def preheader(lead: StoryView) -> str:
    """Return what stands beside the subject in a list of mails: the lead in a line."""
    words = " ".join((lead.standfirst or lead.summary or lead.title).split())
    if len(words) <= PREHEADER:
        return words
    return words[: PREHEADER - 1].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
