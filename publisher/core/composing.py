"""Compose: an edition once a language as a letter, then each recipient's copy of it.

A copy is a pure function of (edition, subscriber): the same at every attempt (promise 3). It costs
no rendering: the blocks of the reader's own stories are joined in the reader's own order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parseaddr
from functools import cache, cached_property
from threading import RLock
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from publisher.core.copying import Version, everything
from publisher.model.definitions import (
    FeedDefinition,
    MailSettings,
    Publication,
    ScheduleDefinition,
)
from publisher.model.editions import Delivery, Edition, EditionContent, EditionState
from publisher.model.messages import Envelope, Message, Names, Parcel
from publisher.model.views import DigestView, SectionView
from publisher.ports import DigestFormat, Messages, Press, Tokens, Wording

UNSETTLED = (EditionState.PREPARING, EditionState.REVIEW)
"""Where an edition may still come to look otherwise, whatever was kept of it."""

SHORTEST_SENDER_ID = 5


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
    shelf: Messages | None = None

    def compose(
        self,
        edition: Edition,
        schedule: ScheduleDefinition,
        content: EditionContent,
        *,
        final: bool = False,
    ) -> "Composed":
        """Return an edition ready for splicing. Raises TemplateError, RenderError, FormatError.

        It is rendered in the publication's language now, in others when a reader asks for one. A
        `final` one goes out: what is rendered is kept.
        """
        composed = Composed(
            composer=self,
            edition=edition,
            schedule=schedule,
            content=content,
            final=final,
        )
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

    def named(
        self, schedule: ScheduleDefinition, names: Names
    ) -> tuple["Composer", ScheduleDefinition]:
        """Return the use-case and a schedule as they were called when an edition began to go out."""
        feeds = {
            slug: replace(self.feeds.get(slug) or FeedDefinition(slug=slug, title=""), title=title)
            for slug, title in names.feeds.items()
        }
        publication = replace(self.publication, title=names.publication)
        mine = replace(self, publication=publication, feeds={**self.feeds, **feeds})
        said = {key: getattr(names, key) for key in ("title", "subject", "when", "cron")}
        return mine, replace(schedule, **said)

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
                "Feedback-ID": f"{edition.id}:{schedule.slug}:digest:{sender_id(domain)}",
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "OOF, AutoReply",
            },
        )


@dataclass(frozen=True, kw_only=True)
class Composed:
    """An edition ready for splicing; knows how to make each recipient's copy. Thread-safe.

    A `final` one goes out: what it renders is kept, and what was kept is not rendered anew.
    `drafts` are messages by language that were rendered before.
    """

    composer: Composer
    edition: Edition
    schedule: ScheduleDefinition
    content: EditionContent
    final: bool = False
    drafts: Mapping[str, Message] = field(default_factory=dict)

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
        composer, schedule = self.composer, self.schedule
        view = composer.view(self.edition, schedule, self.content, language)
        message = self._message(view)
        if message.names and message.names != self._names:
            # It began to go out under other names: so it goes on.
            composer, schedule = composer.named(schedule, message.names)
            view = composer.view(self.edition, schedule, self.content, language)
        envelope = composer.envelope(self.edition, schedule)
        return Version(
            edition=self.edition,
            schedule=schedule,
            publication=composer.publication,
            title=cache(composer.title),
            format=composer.format,
            tokens=composer.tokens,
            wording=composer.wording,
            view=view,
            message=message,
            letter=composer.press.compile(message, envelope),
        )

    def _message(self, view: DigestView) -> Message:
        """Return what goes out, or would: once a copy has gone, the same for ever."""
        number, version = self.edition.id, self.content.version
        shelf = None if self.edition.state in UNSETTLED else self.composer.shelf
        kept = shelf.message(number, version, view.language) if shelf else None
        if kept is not None:
            return kept
        made = self.drafts.get(view.language)
        made = made or replace(self.composer.format.render(view), names=self._names)
        return shelf.keep_message(number, version, made) if shelf and self.final else made

    @property
    def _names(self) -> Names:
        """Return what all is called by the definitions in force."""
        made, feeds = self.schedule, self.edition.feeds or self.schedule.feeds
        return Names(
            publication=self.composer.publication.title,
            title=made.title,
            subject=made.subject,
            when=made.when,
            cron=made.cron,
            feeds={slug: self.composer.title(slug) for slug in feeds},
        )

    @property
    def marks(self) -> Mapping[str, str]:
        """Return the marks of the messages that were composed so far, by language."""
        versions = tuple(self._versions.values())  # threads add to them
        return {version.view.language: version.mark for version in versions}

    def let_go(self, edition: Edition) -> "Composed":
        """Return the same as it goes out, the edition being open by now; nothing is rendered twice."""
        versions = tuple(self._versions.values())
        drafts = {one.view.language: one.message for one in versions}
        made = replace(self, edition=edition, final=True, drafts=drafts)
        made.render_all(drafts)
        return made

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
        return everything(self.edition)


def return_path(publication: Publication, mail: MailSettings) -> tuple[str, str]:
    """Return the address that mail is sent from, and the domain that its identifiers belong to."""
    address = parseaddr(mail.sender)[1]
    host = urlsplit(publication.url).hostname or "localhost"
    return address, address.rpartition("@")[2] or host


def sender_id(domain: str) -> str:
    """Return the last part of a Feedback-ID: 5 to 15 characters, the same for all mail of a domain.

    Mailbox providers count complaints by the parts, if the field is signed (support.google.com,
    "Feedback Loop"); none of them says anything of the reader.
    """
    name = "".join(one for one in domain.lower() if one.isascii() and one.isalnum())[:15]
    return name if len(name) >= SHORTEST_SENDER_ID else f"{name}mail"


def zone_of(schedule: ScheduleDefinition, publication: Publication) -> str:
    """Return the time zone in which an edition is dated."""
    return schedule.timezone if "/" in schedule.timezone else publication.timezone
