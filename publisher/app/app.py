"""One publication, opened: its use-cases, each handed the parts it needs.

Serves the command line, the web pages and the scheduler.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING

from publisher.app.parts import Parts, document_format, logos
from publisher.core.alerting import Alerting
from publisher.core.composing import UNSETTLED, Composed, Composer
from publisher.core.contents import Contents
from publisher.core.editing import Opening
from publisher.core.greeting import Greeting
from publisher.core.hubs import hub_addresses
from publisher.core.keeping import Keeper
from publisher.core.leading import policy
from publisher.core.recording import Owed
from publisher.core.sending import Sender
from publisher.core.subscribing import Subscribing, offered
from publisher.core.tidying import Tidying
from publisher.core.viewing import head, site
from publisher.core.warming import Warming
from publisher.errors import ConfigError, NotFound
from publisher.kit.mime import MimePress
from publisher.model.articles import SourceReport, SourceState
from publisher.model.definitions import (
    MAX_LATENESS,
    Definitions,
    FeedDefinition,
    ScheduleDefinition,
)
from publisher.model.editions import Edition, EditionContent, EditionId, EditionState
from publisher.model.subscribers import ImportRow
from publisher.model.views import SiteView, StoryView
from publisher.ports import (
    Clock,
    DigestFormat,
    Progress,
    Tokens,
)

if TYPE_CHECKING:
    # What only some processes do is loaded when it is done: a sender publishes nothing.
    from publisher.app.mirrors import Mirrors
    from publisher.app.sources import Sources
    from publisher.app.writing import PointWriting
    from publisher.core.feeding import Feeding, Shared
    from publisher.core.gathering import Gathering
    from publisher.core.hubbing import Experience, Hub
    from publisher.core.mirroring import Mirrored
    from publisher.core.online import Online
    from publisher.core.publishing import Publisher as Publishing
    from publisher.core.publishing import PublishReport
    from publisher.core.revising import Revising

KEPT_LETTERS = 4
"""How many compiled editions stay in memory; each holds one inlined message."""


class App(Parts):
    """One publication, opened: its use-cases over its parts."""

    def __init__(
        self,
        definitions: Definitions,
        *,
        clock: Clock | None = None,
        complain: Callable[[str, str], None] | None = None,
    ) -> None:
        super().__init__(definitions, clock=clock, complain=complain)
        self._composing = RLock()
        self.held = ""
        """Why nothing is sent from the store, as it was last looked at (`app.keeping`)."""
        # Apart, so that old editions read online push out none that is being sent.
        self._sent: dict[EditionId, Composed] = {}
        self._shown: dict[EditionId, Composed] = {}
        self._unrecorded: dict[EditionId, Owed] = {}
        self._hubs_unsure = True

    def replace_definitions(self, definitions: Definitions) -> None:
        """Put newly read definitions in force; compiled letters and transports are made anew."""
        with self._lock:
            super().replace_definitions(definitions)
            self._sent.clear()
            self._shown.clear()
            self.__dict__.pop("_shared", None)

    @cached_property
    def _shared(self) -> "Shared":
        """Return what readers' own feeds have in common, until definitions change."""
        from publisher.core.feeding import Shared

        return Shared()

    @cached_property
    def _hubs_known(self) -> "Experience":
        """Return what this process has found out about hubs and callbacks."""
        from publisher.core.hubbing import Experience

        return Experience()

    @cached_property
    def mirrors(self) -> "Mirrors":
        """Return what brings documents to further outlets."""
        from publisher.app.mirrors import Mirrors

        return Mirrors(self)

    @cached_property
    def sources(self) -> "Sources":
        """Return what collects, and what operators do about sources."""
        from publisher.app.sources import Sources

        return Sources(self)

    @cached_property
    def point_writing(self) -> "PointWriting":
        """Return what has key points written where a model is asked for them."""
        from publisher.app.writing import PointWriting

        return PointWriting(self, lambda: self.held)

    @property
    def subscribing(self) -> Subscribing:
        """Return the subscribe use-case."""
        return Subscribing(
            store=self.store,
            clock=self.clock,
            feeds=self.definitions.feeds,
            schedules=self.definitions.schedules,
        )

    @property
    def greeting(self) -> Greeting:
        """Return the greet use-case."""
        return Greeting(
            publication=self.definitions.publication,
            mail=self.definitions.mail,
            feeds=self.definitions.feeds,
            schedules=self.definitions.schedules,
            store=self.store,
            clock=self.clock,
            tokens=self.tokens,
            wording=self.wording,
            format=self.letters,
            press=MimePress(lambda: self.signer),
            transport=self.one_letter_transport,
            complain=self.letter_failed,
        )

    def carry_letters(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Try the letters that are due again; return how many. Raises StoreError.

        None goes by itself from a store that may be a copy.
        """
        return 0 if self.held else self.greeting.posting.carry_due(stop)

    @property
    def alerting(self) -> Alerting:
        """Return the alert use-case."""
        return Alerting(store=self.store, clock=self.clock, calendar=self.calendar)

    @property
    def keeper(self) -> Keeper:
        """Return the keep use-case."""
        return Keeper(store=self.store, clock=self.clock, allowed=self._max_lateness)

    def _max_lateness(self, slug: str) -> timedelta:
        schedule = self.definitions.schedules.get(slug)
        return schedule.max_lateness if schedule else MAX_LATENESS

    @property
    def sender(self) -> Sender:
        """Return the send use-case."""
        return Sender(
            store=self.store,
            clock=self.clock,
            workers=self.workers,
            on_crash=self.definitions.mail.on_crash,
            pause=self.definitions.mail.pause,
            ahead=self.ahead,
            unrecorded=self._unrecorded,
            warming=self.warming,
        )

    def warming(self, transport: str) -> Warming | None:
        """Return how a transport warms up, None for one that is warm."""
        curve = self.definitions.warm_ups.get(transport)
        if curve is None:
            return None
        zone = self.definitions.publication.timezone
        return Warming(transport=transport, curve=curve, zone=zone)

    @property
    def composer(self) -> Composer:
        """Return the compose use-case."""
        press = MimePress(lambda: self.signer)
        made = self.composer_with(self.digest_format, self.tokens, press)
        return replace(made, shelf=self.store)

    def composer_with(
        self, form: DigestFormat, tokens: Tokens, press: MimePress | None = None
    ) -> Composer:
        """Return the compose use-case over another format and other tokens.

        Without a press nothing is signed: that is for trying a look.
        """
        return Composer(
            publication=self.definitions.publication,
            mail=self.definitions.mail,
            feeds=self.definitions.feeds,
            format=form,
            press=press or MimePress(),
            tokens=tokens,
            wording=self.wording,
        )

    @property
    def contents(self) -> Contents:
        """Return the freeze use-case."""
        return Contents(
            store=self.store,
            feeds=self.definitions.feeds,
            illustrate=self.illustrate,
        )

    @property
    def tidying(self) -> Tidying:
        """Return the tidy use-case."""
        return Tidying(store=self.store, clock=self.clock, keep=self.definitions.keep)

    @property
    def online(self) -> "Online":
        """Return the use-case of reading editions online."""
        from publisher.core.online import Online

        return Online(
            store=self.store,
            publication=self.definitions.publication,
            feeds=self.definitions.feeds,
            schedules=self.definitions.schedules,
            wording=self.wording,
        )

    @property
    def feeding(self) -> "Feeding":
        """Return the use-case of readers' own feeds."""
        from publisher.core.feeding import Feeding

        return Feeding(
            store=self.store,
            publication=self.definitions.publication,
            feeds=self.definitions.feeds,
            tokens=self.tokens,
            clock=self.clock,
            shared=self._shared,
        )

    @property
    def site(self) -> SiteView:
        """Return what every page says of the publication and its public feeds, without entries."""
        made = self.definitions
        heads = [head(made.publication, feed) for feed in made.feeds.values() if feed.public]
        return site(made.publication, heads, archive=self._archive, by_mail=self.offers_mail)

    @property
    def _archive(self) -> bool:
        """Tell whether there are schedules whose editions everybody may read."""
        from publisher.core.online import archived

        return bool(archived(self.definitions.schedules, self.definitions.feeds))

    @property
    def hubs(self) -> tuple[str, ...]:
        """Return where programs ask to be told of changes: our own hub first."""
        return hub_addresses(self.definitions.publication.url, self.definitions.websub)

    @property
    def offers_mail(self) -> bool:
        """Tell whether there is a public feed that some mail carries."""
        return any(offered(self.definitions.feeds, self.definitions.schedules))

    @property
    def revising(self) -> "Revising":
        """Return the revise use-case."""
        from publisher.core.revising import Revising

        return Revising(store=self.store, contents=self.contents)

    @property
    def opening(self) -> Opening:
        """Return the open use-case; what it opens is `preparing` until it was composed."""
        return Opening(
            store=self.store,
            clock=self.clock,
            calendar=self.calendar,
            home=self.definitions.publication.timezone,
            weights={slug: feed.weight for slug, feed in self.definitions.feeds.items()},
            leads=policy(self.definitions.clusters),
            prepare=True,
        )

    def seed(self) -> tuple[ImportRow, ...]:
        """Read the sample subscribers once into a new store; () when that was done before."""
        name, memory = self.definitions.samples, "subscribers:samples"
        if not name or self.store.source_states([memory]) or self.store.count_subscribers():
            return ()
        try:
            data = (self.definitions.root / name).read_bytes()
        except OSError as error:
            reason = f"cannot read {name}: {error.strerror}"
            raise ConfigError("publisher.toml: subscribers.samples", reason) from error
        rows = self.subscribing.import_csv(data, sample=True)
        self.store.save_state(SourceState(key=memory, last_success=self.clock.now()))
        return rows

    def collect(
        self,
        slugs: Sequence[str] = (),
        *,
        everything: bool = False,
        progress: Progress | None = None,
    ) -> tuple[SourceReport, ...]:
        """Collect what is due for these feeds (all by default), then enrich what is new."""
        reports = self.sources.collect(self.feeds(slugs), everything=everything, progress=progress)
        self.enrich(progress)
        return reports

    def enrich(self, progress: Progress | None = None) -> int:
        """Give new and changed articles key points and Read also; return how many."""
        from publisher.app.enriching import enriched

        return enriched(self, progress)

    def publish(
        self, slugs: Sequence[str] = (), progress: Progress | None = None
    ) -> "PublishReport":
        """Write the documents of these feeds (all by default) and the site around them."""
        from publisher.app.websub import tell
        from publisher.core.reselecting import Reselector

        Reselector(store=self.store, clock=self.clock).reselect(self.feeds())
        written = self.feeds()
        gathered = self.gathering.gather(written, self.clock.now())
        known = {feed.slug: feed for feed in (*written, *gathered.feeds)}
        whole = set(slugs) >= {feed.slug for feed in written}
        if not whole:
            self.feeds([slug for slug in slugs if slug not in known])  # says what is unknown
        chosen = tuple(known.values()) if whole or not slugs else [known[slug] for slug in slugs]
        report = self.publishing.publish(chosen, tuple(known.values()), progress, gathered.states)
        tell(self)
        if report.changed or report.removed:
            self.mirrors.changed()
        return report

    @property
    def gathering(self) -> "Gathering":
        """Return the gather use-case."""
        from publisher.core.gathering import Gathering

        made = self.definitions
        return Gathering(store=self.store, publication=made.publication, kinds=made.more_feeds)

    @property
    def hub(self) -> "Hub | None":
        """Return the hub use-case, None without `[websub]`."""
        from publisher.app.websub import hub

        return hub(self, self._hubs_known)

    def carry_changes(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Bring changes to who subscribed to them, and to other hubs; return how many. Raises StoreError.

        The first time in a process it looks for changes that one before it could not note any more.
        None goes by itself from a store that may be a copy.
        """
        from publisher.app.websub import carry, tell

        if self.held:
            return 0
        if self._hubs_unsure:
            tell(self)
            self._hubs_unsure = False
        return carry(self.hub, stop)

    def carry_documents(self, stop: Callable[[], bool] = lambda: False) -> Sequence["Mirrored"]:
        """Bring documents to further outlets where it is time to. Raises StoreError.

        None goes by itself from a store that may be a copy.
        """
        return () if self.held else self.mirrors.carry(stop)

    def tell_hubs(self) -> None:
        """Tell other hubs what is due, without the rest of the work. Raises StoreError."""
        from publisher.core.hubbing import MOST

        made = None if self.held else self.hub
        for _ in range(MOST):
            if made is None or not made.tell_hub():
                break

    @property
    def publishing(self) -> "Publishing":
        """Return the publish use-case."""
        from publisher.core.publishing import Publisher as Publishing

        names = {name for feed in self.definitions.feeds.values() for name in feed.formats}
        names |= set(
            FeedDefinition(slug="", title="").formats if self.definitions.more_feeds else ()
        )
        return Publishing(
            store=self.store,
            clock=self.clock,
            publication=self.definitions.publication,
            formats={name: document_format(name) for name in sorted(names)},
            pages=self.pages,
            outlets=[self.output],
            media=self.picture,
            judge=self.judge,
            archive=self._archive,
            by_mail=self.offers_mail,
            hubs=self.hubs,
            logos=logos(self.definitions.theme),
            look=self.guard.templates.state,
        )

    def illustrate(self, stories: Sequence[StoryView]) -> tuple[StoryView, ...]:
        """Return stories with the pictures that mail shows, made where needed. Raises StoreError."""
        from publisher.app.pictures import illustrator

        shown = illustrator(self).illustrate(stories)
        self.mirrors.changed()  # whoever opens the mail asks for them where the pages are
        return shown

    def composed(self, edition: Edition) -> Composed:
        """Return an edition compiled (kept for the next caller). Raises RenderError, NotFound."""
        kept = self._shown if edition.id not in self._sent else self._sent
        return self._compose(edition, self.contents.of, kept, final=False)

    def frozen(self, edition: Edition) -> Composed:
        """Return an edition compiled from what it says for good. Raises RenderError, NotFound.

        Of an open one the messages are kept: it goes out like that.
        """
        final = edition.state is EditionState.OPEN
        return self._compose(edition, self.contents.freeze, self._sent, final=final)

    def afresh(self, edition: Edition) -> Composed:
        """Return the same as templates are now, unless somebody has it as it was."""
        self.store.forget_messages(edition.id)
        with self._composing:
            self._sent.pop(edition.id, None)
        return self.frozen(edition)

    def let_go(self, edition: Edition, composed: Composed) -> None:
        """Keep what was composed, and looked at, as an edition goes out that is open by now."""
        if edition.state is EditionState.OPEN:
            gone = composed.let_go(edition)
            with self._composing:
                self._sent[edition.id] = gone

    def _compose(
        self,
        edition: Edition,
        read: Callable[[Edition, ScheduleDefinition], EditionContent],
        letters: dict[EditionId, Composed],
        *,
        final: bool,
    ) -> Composed:
        schedule = self.definitions.schedules.get(edition.schedule)
        if schedule is None:
            raise NotFound(f"schedule {edition.schedule}", "is no longer defined")
        content = read(edition, schedule)
        with self._composing:
            kept = letters.get(edition.id)
            # Editors of another process may have changed it since.
            fits = kept is not None and kept.content.version == content.version
            if kept is None or not (fits and self._stands(kept, edition, final=final)):
                kept = self.composer.compose(edition, schedule, content, final=final)
                while len(letters) >= KEPT_LETTERS:
                    letters.pop(next(iter(letters)))
                letters[edition.id] = kept
            return kept

    def _stands(self, composed: Composed, edition: Edition, *, final: bool) -> bool:
        """Tell whether a letter is still what it was made for: it may have been let go anew."""
        if not final:
            return not (composed.final and edition.state in UNSETTLED)
        known = self.store.kept_messages(edition.id, composed.content.version)
        return composed.final and composed.marks.items() <= known.items()
