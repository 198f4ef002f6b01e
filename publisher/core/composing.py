"""Compose: an edition once as a letter, then each recipient's copy of it.

A copy is a pure function of (edition, subscriber): the same at every attempt (promise 3).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from functools import cached_property
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from publisher.core.viewing import section_of, story
from publisher.model.articles import ArticleId
from publisher.model.definitions import (
    FeedDefinition,
    MailSettings,
    Publication,
    ScheduleDefinition,
)
from publisher.model.editions import Delivery, Edition
from publisher.model.messages import Copy, Envelope, Message, Parcel, StoryCard
from publisher.model.views import DigestView, StoryView
from publisher.ports import Articles, DigestFormat, Letter, Press, Tokens

UNSUBSCRIBE = "unsubscribe"
PREFERENCES = "preferences"
VIEW = "view"
BARE = ("every", "daily", "hourly", "on ", "once", "at ")
"""Beginnings of a rule in words that need no \"on\" before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """The compose use-case. `describe` puts a schedule's rule into words."""

    store: Articles
    publication: Publication
    mail: MailSettings
    feeds: Mapping[str, FeedDefinition]
    format: DigestFormat
    press: Press
    tokens: Tokens
    describe: Callable[[ScheduleDefinition], str]

    def compose(self, edition: Edition, schedule: ScheduleDefinition) -> "Composed":
        """Render and compile one edition. Raises StoreError, TemplateError, RenderError."""
        view = self.view(edition, schedule)
        message = self.format.render(view)
        return Composed(
            composer=self,
            edition=edition,
            schedule=schedule,
            view=view,
            message=message,
            letter=self.press.compile(message, self._envelope(edition, schedule)),
        )

    def view(self, edition: Edition, schedule: ScheduleDefinition) -> DigestView:
        """Return the whole edition: every story in edition order, those of one section together."""
        articles = self.store.articles_by_id(edition.articles)
        places = self.store.memberships(edition.articles)
        stories: list[StoryView] = []
        for number in edition.articles:
            if number not in articles:
                continue
            feed = section_of(places.get(number, ()), schedule.feeds, self.feeds)
            title = feed.title if feed else self.publication.title
            stories.append(
                story(articles[number], title, feed, edition.notes.get(str(number), ""))
            )
        zone = schedule.timezone if "/" in schedule.timezone else self.publication.timezone
        return DigestView(
            publication=self.publication.title,
            url=self.publication.url,
            language=self.publication.language,
            postal_address=self.publication.postal_address,
            title=schedule.title or schedule.slug,
            number=edition.number,
            date=edition.opened.astimezone(ZoneInfo(zone)),
            timezone=zone,
            stories=tuple(stories),
            template=schedule.template,
        )

    def _envelope(self, edition: Edition, schedule: ScheduleDefinition) -> Envelope:
        host = urlsplit(self.publication.url).hostname or "localhost"
        address = parseaddr(self.mail.sender)[1]
        domain = address.rpartition("@")[2] or host
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
    """An edition ready for splicing; knows how to make each recipient's copy."""

    composer: Composer
    edition: Edition
    schedule: ScheduleDefinition
    view: DigestView
    message: Message
    letter: Letter

    @cached_property
    def _cards(self) -> Mapping[ArticleId, StoryCard]:
        return {card.id: card for card in self.message.stories}

    @cached_property
    def _stories(self) -> Mapping[ArticleId, StoryView]:
        return {item.id: item for item in self.view.stories}

    @cached_property
    def _chosen(self) -> dict[tuple[ArticleId, ...], tuple[frozenset[str], Mapping[str, str]]]:
        return {}

    @cached_property
    def _rhythm(self) -> str:
        """Return when the schedule runs, as it stands in a sentence."""
        words = self.composer.describe(self.schedule)
        return words if words.startswith(BARE) else f"on {words}"

    def parcel(self, delivery: Delivery) -> Parcel:
        """Return the copy of one ledger row. Raises AddressError."""
        return self.letter.parcel(self.copy(delivery), delivery.id, sample=delivery.sample)

    def copy(self, delivery: Delivery) -> Copy:
        """Return what differs in one recipient's copy."""
        keys, shared = self._selection(delivery.articles)
        base, sign = self.composer.publication.url, self.composer.tokens.sign
        person = str(delivery.subscriber)
        values = {
            **shared,
            "name": delivery.name,
            "email": delivery.email,
            "why": self._reason(delivery.joined),
            "view_url": f"{base}editions/{self.edition.id}/{sign(VIEW, str(delivery.id))}",
            "unsubscribe_url": f"{base}unsubscribe/{sign(UNSUBSCRIBE, person)}",
            "preferences_url": f"{base}preferences/{sign(PREFERENCES, person)}",
            "feed_url": f"{base}feeds/{self.schedule.feeds[0]}/" if self.schedule.feeds else base,
        }
        return Copy(
            recipient=person,
            email=delivery.email,
            name=delivery.name,
            subject=shared["subject"],
            keys=keys,
            values=values,
            unsubscribe_url=values["unsubscribe_url"],
            archived_at=values["view_url"],
        )

    def _selection(
        self, articles: Sequence[ArticleId]
    ) -> tuple[frozenset[str], Mapping[str, str]]:
        """Return block keys and shared values of one selection, made once for all who have it."""
        selection = tuple(number for number in articles if number in self._cards)
        if selection not in self._chosen:
            self._chosen[selection] = self._choose(selection)
        return self._chosen[selection]

    def _choose(self, selection: Sequence[ArticleId]) -> tuple[frozenset[str], Mapping[str, str]]:
        cards = [self._cards[number] for number in selection]
        lead, rest = cards[:1], cards[1:]
        keys = {f"lead:{card.id}" for card in lead}
        keys |= {f"story:{card.id}" for card in rest}
        keys |= {f"section:{card.section}" for card in rest}
        view = replace(self.view, stories=tuple(self._stories[number] for number in selection))
        count = len(cards)
        first = view.stories[0] if view.stories else None
        shared = {
            "subject": self.composer.format.subject(self.schedule.subject, view),
            "preheader": (first.standfirst or first.title) if first else self.view.title,
            "story_count": str(count),
            "stories_word": "story" if count == 1 else "stories",
            "minutes": str(sum(card.minutes for card in cards)),
        }
        return frozenset(keys), shared

    def _reason(self, joined: datetime | None) -> str:
        since = ""
        if joined is not None:
            local = joined.astimezone(ZoneInfo(self.composer.publication.timezone))
            since = f" on {local.day} {local:%B %Y}"
        return f"You get this {self._rhythm} because you subscribed{since}."
