"""Compose: an edition once a language as a letter, then each recipient's copy of it.

A copy is a pure function of (edition, subscriber): the same at every attempt (promise 3). It costs
no rendering: the blocks of the reader's own stories are joined in the reader's own order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr
from functools import cached_property
from threading import RLock
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from publisher.core.arranging import ROOM, arrange, section_of
from publisher.model.articles import ArticleId
from publisher.model.definitions import (
    FeedDefinition,
    MailSettings,
    Publication,
    ScheduleDefinition,
)
from publisher.model.editions import Delivery, DeliveryId, Edition, EditionContent
from publisher.model.messages import Copy, Envelope, Literal, Message, Parcel, Part
from publisher.model.subscribers import SubscriberId
from publisher.model.views import DigestView, SectionView, StoryView
from publisher.ports import DigestFormat, Letter, Press, Tokens, Wording

UNSUBSCRIBE = "unsubscribe"
PREFERENCES = "preferences"
VIEW = "view"

KEPT = 1_024
"""How many selections a version remembers; many readers have the same one."""

PREHEADER = 110
"""Characters of the line that mail programs show beside the subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """The compose use-case."""

    publication: Publication
    mail: MailSettings
    feeds: Mapping[str, FeedDefinition]
    format: DigestFormat
    press: Press
    tokens: Tokens
    wording: Wording

    def compose(
        self, edition: Edition, schedule: ScheduleDefinition, content: EditionContent
    ) -> "Composed":
        """Return an edition ready for splicing. Raises TemplateError, RenderError, FormatError.

        It is rendered in the publication's language now, in others when a reader asks for one.
        """
        composed = Composed(composer=self, edition=edition, schedule=schedule, content=content)
        composed.version(self.publication.language)
        return composed

    def view(
        self,
        edition: Edition,
        schedule: ScheduleDefinition,
        content: EditionContent,
        language: str,
    ) -> DigestView:
        """Return the whole edition: every story that is not hidden, in edition order."""
        zone = zone_of(schedule, self.publication)
        return DigestView(
            publication=self.publication.title,
            url=self.publication.url,
            language=language,
            postal_address=self.publication.postal_address,
            contact=self.publication.contact,
            title=schedule.title or schedule.slug,
            number=edition.number,
            date=edition.opened.astimezone(ZoneInfo(zone)),
            timezone=zone,
            stories=tuple(story for story in content.stories if not story.hidden),
            sections=tuple(
                SectionView(slug=slug, title=self.title(slug))
                for slug in ("", *(edition.feeds or schedule.feeds))
            ),
            note=content.note,
            template=schedule.template,
        )

    def title(self, slug: str) -> str:
        """Return a feed's title; the publication's for one that is no longer defined."""
        feed = self.feeds.get(slug)
        return feed.title if feed else self.publication.title

    def envelope(self, edition: Edition, schedule: ScheduleDefinition) -> Envelope:
        """Return what all copies share outside the bodies."""
        address, domain = return_path(self.publication, self.mail)
        title = schedule.title or self.publication.title
        return Envelope(
            edition=f"{schedule.slug}-{edition.id}",
            domain=domain,
            date=edition.opened,
            sender=self.mail.sender,
            envelope_sender=address,
            reply_to=self.mail.reply_to,
            list_id=f"{title} <{schedule.slug}.{domain}>",
            headers={
                "List-Archive": f"<{self.publication.url}>",
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "OOF, AutoReply",
            },
        )


@dataclass(frozen=True, kw_only=True)
class Composed:
    """An edition ready for splicing; knows how to make each recipient's copy. Thread-safe."""

    composer: Composer
    edition: Edition
    schedule: ScheduleDefinition
    content: EditionContent

    @cached_property
    def _versions(self) -> dict[str, "Version"]:
        """By the language of a version, and by every language that was asked for."""
        return {}

    @cached_property
    def _lock(self) -> RLock:
        return RLock()

    @property
    def view(self) -> DigestView:
        """Return the whole edition in the publication's language."""
        return self.version(self.composer.publication.language).view

    def version(self, language: str) -> "Version":
        """Return the edition in the language nearest to one, rendered once. Raises RenderError."""
        known = self._versions.get(language)
        if known is not None:
            return known
        home = self.composer.publication.language
        wanted = self.composer.wording.nearest(language or home, home)
        with self._lock:
            if wanted not in self._versions:
                self._versions[wanted] = self._render(wanted)
            self._versions[language] = self._versions[wanted]
            return self._versions[wanted]

    def _render(self, language: str) -> "Version":
        composer = self.composer
        view = composer.view(self.edition, self.schedule, self.content, language)
        message = composer.format.render(view)
        envelope = composer.envelope(self.edition, self.schedule)
        return Version(
            composed=self,
            view=view,
            message=message,
            letter=composer.press.compile(message, envelope),
        )

    def render_all(self, languages: Iterable[str]) -> tuple["Version", ...]:
        """Return the versions that readers of these languages get. Raises RenderError.

        What cannot be rendered must show before the first copy goes out.
        """
        versions = [self.version(language) for language in ("", *languages)]
        return tuple({version.view.language: version for version in versions}.values())

    def parcel(self, delivery: Delivery) -> Parcel:
        """Return the copy of one ledger row. Raises AddressError, RenderError."""
        version = self.version(delivery.language)
        return version.letter.parcel(version.copy(delivery), delivery.id, sample=delivery.sample)

    def bodies(self, delivery: Delivery) -> tuple[str, str]:
        """Return HTML and text of the copy of one ledger row. Raises RenderError."""
        version = self.version(delivery.language)
        return version.letter.bodies(version.copy(delivery))

    def everything(self) -> Delivery:
        """Return a delivery of the whole edition to nobody, for previews and judges."""
        return Delivery(
            id=DeliveryId(0),
            edition=self.edition.id,
            subscriber=SubscriberId(0),
            email="reader@example.org",
            articles=self.edition.articles,
            feeds=self.edition.feeds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One selection, arranged, with what it says to everybody who has it."""

    places: Mapping[str, tuple[str, ...]]
    subject: str
    values: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Version:
    """An edition in one language."""

    composed: Composed
    view: DigestView
    message: Message
    letter: Letter

    @cached_property
    def _stories(self) -> Mapping[ArticleId, StoryView]:
        return {story.id: story for story in self.view.stories}

    @cached_property
    def _order(self) -> Mapping[ArticleId, int]:
        return {story.id: place for place, story in enumerate(self.view.stories)}

    @cached_property
    def _sizes(self) -> Mapping[str, int]:
        return {key: octets(pieces) for key, pieces in self.message.html.blocks.items()}

    @cached_property
    def _room(self) -> int:
        """Return what blocks may take: less the frame, and half a kilobyte a field for values."""
        fields = sum(not isinstance(part, Literal) for part in self.message.html.frame)
        return ROOM - octets(self.message.html.frame) - 512 * fields

    @cached_property
    def _chosen(self) -> dict[tuple[object, ...], Chosen]:
        return {}

    @cached_property
    def _subjects(self) -> dict[ArticleId, str]:
        return {}

    @cached_property
    def _preheaders(self) -> Mapping[ArticleId, str]:
        return {story.id: preheader(story) for story in self.view.stories}

    def copy(self, delivery: Delivery) -> Copy:
        """Return what differs in one recipient's copy."""
        chosen = self.chosen(delivery)
        composer = self.composed.composer
        base, sign = composer.publication.url, composer.tokens.sign
        person = str(delivery.subscriber)
        feeds = delivery.feeds or self.composed.edition.feeds
        unsubscribe = f"{base}unsubscribe/{sign(UNSUBSCRIBE, person)}"
        view = f"{base}editions/{delivery.edition}/{sign(VIEW, str(delivery.id))}"
        values = {
            **chosen.values,
            "name": delivery.name,
            "email": delivery.email,
            "why": self._why(delivery, feeds),
            "view_url": view,
            "unsubscribe_url": unsubscribe,
            "preferences_url": f"{base}preferences/{sign(PREFERENCES, person)}",
            "feed_url": f"{base}feeds/{feeds[0]}/" if feeds else base,
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
        return replace(self.copy(self.composed.everything()), places=places)

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
        stories = sorted((n for n in delivery.articles if n in order), key=order.__getitem__)
        lines = sorted((n for n in delivery.more if n in order), key=order.__getitem__)
        wanted = frozenset(delivery.feeds)
        feeds = {number: self._stories[number].feeds for number in stories}
        sections = {number: section_of(feeds[number], wanted) for number in stories}
        made = arrange(stories, lines, sections, self._sizes, self._room)
        lead = self._stories[made.stories[0]] if made.stories else None
        wording = self.composed.composer.wording
        minutes = sum(self._stories[number].minutes for number in made.stories)
        subject = self._subject(made.stories)
        section = sections[lead.id] if lead else ""
        values = {
            "subject": subject,
            "preheader": self._preheaders[lead.id] if lead else self.view.title,
            "section": self.composed.composer.title(section),
            "extent": wording.extent(self.view.language, len(made.stories), max(1, minutes)),
        }
        return Chosen(places=made.places, subject=subject, values=values)

    def _subject(self, stories: tuple[ArticleId, ...]) -> str:
        """Return the subject of a selection; most templates ask for nothing but its lead."""
        template = self.composed.schedule.subject
        if not stories or "stories" in template:
            return self._subject_of(template, stories)
        if stories[0] not in self._subjects:
            self._subjects[stories[0]] = self._subject_of(template, stories)
        return self._subjects[stories[0]]

    def _subject_of(self, template: str, stories: tuple[ArticleId, ...]) -> str:
        view = replace(self.view, stories=tuple(self._stories[number] for number in stories))
        return self.composed.composer.format.subject(template, view)

    def _why(self, delivery: Delivery, feeds: tuple[str, ...]) -> str:
        composer = self.composed.composer
        zone = ZoneInfo(composer.publication.timezone)
        joined = delivery.joined.astimezone(zone).date() if delivery.joined else None
        titles = tuple(composer.title(slug) for slug in feeds)
        return composer.wording.why(self.view.language, self.composed.schedule, titles, joined)


def return_path(publication: Publication, mail: MailSettings) -> tuple[str, str]:
    """Return the address that mail is sent from, and the domain that its identifiers belong to."""
    address = parseaddr(mail.sender)[1]
    host = urlsplit(publication.url).hostname or "localhost"
    return address, address.rpartition("@")[2] or host


def zone_of(schedule: ScheduleDefinition, publication: Publication) -> str:
    """Return the time zone in which an edition is dated."""
    return schedule.timezone if "/" in schedule.timezone else publication.timezone


def octets(parts: Sequence[Part]) -> int:
    """Return the octets of the fixed text among parts, in UTF-8."""
    return sum(len(part.text.encode()) for part in parts if isinstance(part, Literal))


def preheader(lead: StoryView) -> str:
    """Return what stands beside the subject in a list of mails: the lead in a line."""
    words = " ".join((lead.standfirst or lead.summary or lead.title).split())
    if len(words) <= PREHEADER:
        return words
    return words[: PREHEADER - 1].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
