"""The composition root: the only place that knows concrete classes.

Serves the command line, the web pages and the scheduler. An `App` is one publication opened from
its folder; parts are made when first used, so that what a command does not need costs nothing.
"""

import mimetypes
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import cast

from publisher import assets, config, registry
from publisher.core.collecting import Collector
from publisher.core.composing import Composed, Composer
from publisher.core.editing import Opening
from publisher.core.enriching import Enricher
from publisher.core.publishing import Publisher as Publishing
from publisher.core.publishing import PublishReport
from publisher.core.reselecting import Reselector
from publisher.core.running import Ending, Runner
from publisher.core.sending import Sender
from publisher.core.subscribing import Subscribing
from publisher.engine.clock import SystemClock
from publisher.engine.workers import LocalWorkers
from publisher.errors import ConfigError, NotFound, PublisherError, RenderError, UsageError
from publisher.kit.calendar import Almanac
from publisher.kit.mime import MimePress
from publisher.kit.templating import Templates
from publisher.kit.tokens import SignedTokens
from publisher.model.articles import SourceReport, SourceState
from publisher.model.definitions import (
    Action,
    AdapterDefinition,
    Definitions,
    FeedDefinition,
    ScheduleDefinition,
    SourceDefinition,
)
from publisher.model.editions import Edition, EditionId, EditionState, SendReport
from publisher.model.subscribers import ImportRow
from publisher.model.timetable import Run, RunState
from publisher.model.views import Document
from publisher.net import HttpFetcher
from publisher.ports import (
    Clock,
    DigestFormat,
    DocumentFormat,
    EnrichSettings,
    KeyPoints,
    Outlet,
    Pages,
    Progress,
    ReadAlso,
    Source,
    SourceContext,
    Store,
    Transport,
    TransportContext,
)
from publisher.store import open_store

KEPT_LETTERS = 4
"""How many compiled editions stay in memory; each holds one inlined message."""


class App:
    """One publication, opened. Thread-safe: parts are made under a lock, the store guards itself."""

    def __init__(
        self,
        definitions: Definitions,
        *,
        clock: Clock | None = None,
        complain: Callable[[str, str], None] | None = None,
    ) -> None:
        self._definitions = definitions
        self.clock: Clock = clock or SystemClock()
        self.complain = complain or (lambda _subject, _reason: None)
        self._lock = RLock()
        self._letters: dict[EditionId, Composed] = {}
        self._transports: dict[str, Transport] = {}
        self._retired: list[Transport] = []

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        clock: Clock | None = None,
        complain: Callable[[str, str], None] | None = None,
    ) -> "App":
        """Read the definitions of a folder. Raises DefinitionError."""
        return cls(config.load(root), clock=clock, complain=complain)

    @property
    def definitions(self) -> Definitions:
        """Return the definitions in force."""
        return self._definitions

    def replace_definitions(self, definitions: Definitions) -> None:
        """Put newly read definitions in force; compiled letters and transports are made anew."""
        with self._lock:
            self._definitions = definitions
            self._letters.clear()
            # One of them may be sending at this moment: closed before the next pass, see send_due.
            self._retired.extend(self._transports.values())
            self._transports.clear()

    def close(self) -> None:
        """Release transports and store; may be called twice."""
        with self._lock:
            self._close_retired()
            for transport in self._transports.values():
                transport.close()
            self._transports.clear()
            if "store" in self.__dict__:
                self.store.close()

    def _close_retired(self) -> None:
        while self._retired:
            self._retired.pop().close()

    # Parts, each made once

    @cached_property
    def store(self) -> Store:
        """Return the publication's store, made when missing. Raises StoreError."""
        base = self.definitions.publication.url
        return open_store(
            self.definitions.store_url,
            self.definitions.root,
            permalink=lambda slug: f"{base}articles/{slug}/",
        )

    @cached_property
    def tokens(self) -> SignedTokens:
        """Return the signer of links (`secrets/tokens.key`, made when missing)."""
        return SignedTokens.load(self.definitions.root / "secrets" / "tokens.key")

    @cached_property
    def calendar(self) -> Almanac:
        """Return the calendar."""
        return Almanac()

    @cached_property
    def workers(self) -> LocalWorkers:
        """Return what knows which owners of leases are alive."""
        return LocalWorkers()

    @cached_property
    def templates(self) -> Templates:
        """Return the templates: the publication's own before the shipped ones."""
        own = self.definitions.root / "templates"
        return Templates(own if own.is_dir() else None, assets.templates())

    @cached_property
    def fetcher(self) -> HttpFetcher:
        """Return HTTP for sources."""
        settings = self.definitions.collect
        return HttpFetcher(
            contact=settings.contact or self.definitions.publication.contact,
            allow_private=settings.allow_private_addresses,
        )

    def source(self, definition: SourceDefinition) -> Source:
        """Make a source. Raises ConfigError."""
        context = SourceContext(
            key=definition.key,
            root=self.definitions.root,
            fetcher=self.fetcher,
            language=self.definitions.publication.language,
            base_url=self.definitions.publication.url,
        )
        return cast("Source", self._adapter("sources", definition.adapter, context))

    def transport(self, name: str) -> Transport:
        """Return a transport, kept open until closed. Raises ConfigError."""
        with self._lock:
            if name not in self._transports:
                self._transports[name] = self._open_transport(name)
            return self._transports[name]

    def _open_transport(self, name: str) -> Transport:
        definition = self.definitions.transports.get(name)
        if definition is None:
            known = ", ".join(self.definitions.transports) or "none"
            raise ConfigError(f"transport {name}", f"is not defined; there are: {known}")
        context = TransportContext(
            name=name,
            root=self.definitions.root,
            host=parseaddr(self.definitions.mail.sender)[1].rpartition("@")[2] or "localhost",
            write=_to_stdout,
        )
        transport = cast("Transport", self._adapter("delivery", definition, context))
        if transport.leaves_machine and not self.definitions.publication.postal_address:
            raise ConfigError(
                "publisher.toml: publication.postal_address",
                f"is empty; transport {name} leaves this machine, and mail must name a sender's address",
            )
        return transport

    def _adapter(self, kind: str, definition: AdapterDefinition, context: object) -> object:
        module = registry.load(kind, definition.type)
        return module.create(config.options(definition, module.Options), context)

    # Use-cases

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
    def sender(self) -> Sender:
        """Return the send use-case."""
        return Sender(
            store=self.store,
            clock=self.clock,
            workers=self.workers,
            on_crash=self.definitions.mail.on_crash,
        )

    @property
    def composer(self) -> Composer:
        """Return the compose use-case."""
        return Composer(
            store=self.store,
            publication=self.definitions.publication,
            mail=self.definitions.mail,
            feeds=self.definitions.feeds,
            format=self.digest_format,
            press=MimePress(),
            tokens=self.tokens,
            describe=self.calendar.describe,
        )

    @cached_property
    def digest_format(self) -> DigestFormat:
        """Return the digest format over the publication's templates."""
        return cast(
            "DigestFormat", registry.load("formats", "digest").create(None, self.templates)
        )

    def feeds(self, slugs: Sequence[str] = ()) -> tuple[FeedDefinition, ...]:
        """Return the feeds named, or all. Raises UsageError for an unknown one."""
        known = self.definitions.feeds
        for slug in slugs:
            if slug not in known:
                near = registry.did_you_mean(slug, known)
                raise UsageError(f"feed {slug}", f"is not defined{near}")
        return tuple(known[slug] for slug in slugs or known)

    def schedule(self, slug: str) -> ScheduleDefinition:
        """Return a schedule. Raises UsageError for an unknown one."""
        known = self.definitions.schedules
        if slug not in known:
            near = registry.did_you_mean(slug, known)
            raise UsageError(f"schedule {slug}", f"is not defined{near}")
        return known[slug]

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
        feeds = self.feeds(slugs)
        Reselector(store=self.store, clock=self.clock).reselect(self.feeds())
        collector = Collector(store=self.store, clock=self.clock, open_source=self.source)
        reports = collector.collect(feeds, everything=everything, progress=progress)
        self.enrich(progress)
        return reports

    def enrich(self, progress: Progress | None = None) -> int:
        """Give new and changed articles key points and Read also; return how many."""
        feeds = self.definitions.feeds.values()
        settings = EnrichSettings(
            key_points=max((feed.key_points for feed in feeds), default=3),
            read_also=max((feed.read_also for feed in feeds), default=3),
        )
        enricher = Enricher(
            store=self.store,
            key_points=cast("KeyPoints", _plain("enrich", "key_points")),
            read_also=cast("ReadAlso", _plain("enrich", "read_also")),
            complain=self.complain,
        )
        return enricher.enrich(settings, progress)

    def publish(
        self, slugs: Sequence[str] = (), progress: Progress | None = None
    ) -> PublishReport:
        """Write the documents of these feeds (all by default) and the site around them."""
        Reselector(store=self.store, clock=self.clock).reselect(self.feeds())
        return self.publishing.publish(self.feeds(slugs), self.feeds(), progress)

    @property
    def publishing(self) -> Publishing:
        """Return the publish use-case."""
        names = sorted({name for feed in self.definitions.feeds.values() for name in feed.formats})
        pages = registry.load("formats", "pages").create(None, self.templates)
        outlet = registry.load("delivery", "outlet_directory")
        context = TransportContext(name="output", root=self.definitions.root)
        options = outlet.Options(path=str(self.definitions.output))
        return Publishing(
            store=self.store,
            clock=self.clock,
            publication=self.definitions.publication,
            formats={name: cast("DocumentFormat", _plain("formats", name)) for name in names},
            pages=cast("Pages", pages),
            outlets=[cast("Outlet", outlet.create(options, context))],
            identity=self.store.identity(),
            media=self._picture,
        )

    def _picture(self, path: str) -> Document | None:
        """Return a picture of the publication's folder as a document, None when there is none."""
        root = self.definitions.root.resolve()
        beside = (root / path).resolve()
        media_type = mimetypes.guess_type(beside.name)[0] or ""
        if not beside.is_relative_to(root) or not media_type.startswith("image/"):
            return None
        try:
            return Document(path=f"media/{path}", data=beside.read_bytes(), media_type=media_type)
        except OSError as error:
            self.complain(path, f"picture cannot be read: {error.strerror}")
            return None

    def composed(self, edition: Edition) -> Composed:
        """Return an edition compiled (kept for the next caller). Raises RenderError, NotFound."""
        with self._lock:
            kept = self._letters.get(edition.id)
            if kept is None:
                schedule = self.definitions.schedules.get(edition.schedule)
                if schedule is None:
                    raise NotFound(f"schedule {edition.schedule}", "is no longer defined")
                kept = self.composer.compose(edition, schedule)
                while len(self._letters) >= KEPT_LETTERS:
                    self._letters.pop(next(iter(self._letters)))
                self._letters[edition.id] = kept
            return kept

    # Running

    def runner(self, tell: Callable[[Run, Ending], None] = lambda _run, _end: None) -> Runner:
        """Return the run use-case with an action for each kind of schedule built so far."""
        return Runner(
            store=self.store,
            clock=self.clock,
            workers=self.workers,
            schedules=lambda: self.definitions.schedules,
            actions={
                Action.COLLECT: self._run_collect,
                Action.PUBLISH: self._run_publish,
                Action.DIGEST: self._run_digest,
            },
            tell=tell,
        )

    def _run_collect(self, _run: Run, schedule: ScheduleDefinition) -> Ending:
        reports = self.collect(schedule.feeds)
        failed = [report for report in reports if report.error]
        for report in reports:
            for problem in report.problems:
                self.complain(problem.where, problem.message)
            if report.error:
                self.complain(report.source, report.error)
        new = sum(report.new for report in reports)
        changed = sum(report.changed for report in reports)
        line = f"{new} new, {changed} changed from {_count(len(reports), 'source')}"
        if failed:
            line += f"; {len(failed)} failed: {failed[0].source}: {failed[0].error}"
        worst = bool(reports) and len(failed) == len(reports)
        return (RunState.FAILED if worst else RunState.DONE), line

    def _run_publish(self, _run: Run, schedule: ScheduleDefinition) -> Ending:
        report = self.publish(schedule.feeds)
        line = f"{len(report.changed)} of {_count(report.documents, 'document')} changed"
        if report.failed:
            line += f"; failed: {report.failed[0][0]}: {report.failed[0][1]}"
        return (RunState.FAILED if report.failed else RunState.DONE), line

    def _run_digest(self, run: Run, schedule: ScheduleDefinition) -> Ending:
        transport = schedule.transport or self.definitions.mail.transport
        opening = Opening(
            store=self.store,
            clock=self.clock,
            calendar=self.calendar,
            home=self.definitions.publication.timezone,
        )
        edition = opening.open(run, schedule, transport)
        if edition is None:
            return RunState.SKIPPED, f"0 new articles (min {max(1, schedule.min_articles)})"
        try:
            composed = self.composed(edition)
            subject = self.digest_format.subject(schedule.subject, composed.view)
        except RenderError as error:
            open_states = (EditionState.OPEN, EditionState.REVIEW)
            self.store.move_edition(edition.id, open_states, EditionState.PAUSED, str(error))
            raise
        self.store.set_subject(edition.id, subject)
        stories = _count(len(edition.articles), "story", "stories")
        line = f"edition {edition.id}: {stories} for {_count(edition.audience, 'reader')}"
        return RunState.DONE, line

    def send_due(
        self,
        progress: Progress | None = None,
        stop: Callable[[], bool] = lambda: False,
        only: EditionId | None = None,
    ) -> tuple[SendReport, ...]:
        """Settle what dead workers held, then send every edition that has something due.

        Raises StoreError; an edition that cannot be composed is paused with the reason.
        """
        self._close_retired()
        self.store.release_runs([o for o in self.store.owners() if self.workers.dead(o)])
        self.sender.sweep()
        reports: list[SendReport] = []
        for edition in self.store.sendable(self.clock.now()):
            if stop():
                break
            if only is None or edition.id == only:
                reports.append(self._send_edition(edition, progress, stop))
        self.store.finish_editions(self.clock.now())
        return tuple(reports)

    def _send_edition(
        self, edition: Edition, progress: Progress | None, stop: Callable[[], bool]
    ) -> SendReport:
        """Send through the edition's transport, then through the fallbacks while it is down."""
        names = (
            edition.transport or self.definitions.mail.transport,
            *self.definitions.mail.fallback,
        )
        report = SendReport(
            edition=edition.id, counts=edition.counts, audience=edition.audience, complete=False
        )
        for name in dict.fromkeys(names):
            try:
                parcel = self.composed(edition).parcel
                transport = self.transport(name)
            except PublisherError as error:
                self.store.move_edition(
                    edition.id, (EditionState.OPEN,), EditionState.PAUSED, str(error)
                )
                return SendReport(
                    edition=edition.id,
                    counts=edition.counts,
                    audience=edition.audience,
                    complete=False,
                    note=str(error),
                )
            report = self.sender.send(edition, transport, parcel, progress, stop)
            if not report.note:
                break
        return report

    def now(self) -> datetime:
        """Return the clock's time."""
        return self.clock.now()


def _plain(kind: str, name: str) -> object:
    """Make an adapter that takes no options and no context."""
    return registry.load(kind, name).create(None, None)


def _to_stdout(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
