"""The parts of one opened publication: store, tokens, templates, transports, each made once.

Serves the composition root. Parts are made when first used, so that what a command does not need
costs nothing.
"""

import mimetypes
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from datetime import datetime
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path, PurePosixPath
from threading import RLock
from typing import TYPE_CHECKING, Self, cast

from publisher import assets, config, registry
from publisher.app.allowances import StoreAllowances
from publisher.app.operators import write
from publisher.core.alarming import Alarm
from publisher.core.sending import Ahead, in_turn
from publisher.engine.ahead import Threads
from publisher.engine.clock import SystemClock
from publisher.engine.workers import LocalWorkers
from publisher.errors import ConfigError, RenderError, TemplateError, UsageError
from publisher.kit.calendar import Almanac
from publisher.kit.looks import SafeDigest, SafeLetters, SafePages
from publisher.kit.templating import Guard, Templates
from publisher.kit.tokens import SignedTokens
from publisher.kit.wording import Phrasebook
from publisher.model.definitions import (
    AdapterDefinition,
    Definitions,
    FeedDefinition,
    ScheduleDefinition,
    SourceDefinition,
)
from publisher.model.views import Document
from publisher.ports import (
    Clock,
    Dial,
    DigestFormat,
    DocumentFormat,
    Inspector,
    Judge,
    LetterFormat,
    Outlet,
    Pages,
    Signer,
    Source,
    SourceContext,
    Store,
    Transport,
    TransportContext,
)
from publisher.store import open_store

if TYPE_CHECKING:
    from publisher.app.signing import Signing
    from publisher.core.pushes import Memory
    from publisher.kit.metrics import Metrics
    from publisher.kit.polite_pages import PolitePages
    from publisher.net import HttpFetcher

PAGE_SECONDS = 20.0
"""How long the page of one story may take to come; many wait behind it."""


class Parts:
    """One publication's parts. Thread-safe: made under a lock, the store guards itself."""

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
        self._transports: dict[str, Transport] = {}
        self._retired: list[Transport | Threads] = []
        self._complained: dict[str, str] = {}
        self.metrics: Metrics | None = None

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        clock: Clock | None = None,
        complain: Callable[[str, str], None] | None = None,
    ) -> Self:
        """Read the definitions of a folder. Raises DefinitionError."""
        return cls(config.load(root), clock=clock, complain=complain)

    @property
    def definitions(self) -> Definitions:
        """Return the definitions in force."""
        return self._definitions

    def replace_definitions(self, definitions: Definitions) -> None:
        """Put newly read definitions in force; transports are made anew, and so is a new look."""
        with self._lock:
            before, self._definitions = self._definitions, definitions
            if definitions.theme != before.theme:
                for made in ("templates", "guard", "digest_format", "pages"):
                    self.__dict__.pop(made, None)
            self.__dict__.pop("signing", None)
            # One of them may be sending at this moment: closed before the next pass, see send_due.
            self._retired.extend(self._transports.values())
            if "_threads" in self.__dict__:
                self._retired.append(self.__dict__.pop("_threads"))
            self._transports.clear()

    def close(self) -> None:
        """Release transports and store; may be called twice."""
        with self._lock:
            self.close_retired()
            for transport in self._transports.values():
                transport.close()
            self._transports.clear()
            if "_threads" in self.__dict__:
                self._threads.close()
            if "store" in self.__dict__:
                self.store.close()

    def close_retired(self) -> None:
        """Close what sent by definitions that are no longer in force."""
        while self._retired:
            self._retired.pop().close()

    # Parts, each made once

    @cached_property
    def store(self) -> Store:
        """Return the publication's store, made when missing. Raises StoreError."""
        return open_store(
            self.definitions.store_url,
            self.definitions.root,
            permalink=lambda slug: f"{self.definitions.publication.url}articles/{slug}/",
            witness=Path(self.definitions.witness),
            today=self.clock.now().date(),
        )

    @cached_property
    def tokens(self) -> SignedTokens:
        """Return the signer of links (`secrets/tokens.key`, made when missing)."""
        return SignedTokens.load(self.definitions.root / "secrets" / "tokens.key")

    @cached_property
    def signing(self) -> "Signing | None":
        """Return how mail is signed, None without `[mail.dkim]`. Raises DefinitionError."""
        if "dkim" not in self.definitions.sections:
            return None
        from publisher.app.signing import signing

        return signing(self.definitions)

    @property
    def signer(self) -> Signer | None:
        """Return what signs mail, None without `[mail.dkim]`. Raises DefinitionError."""
        return self.signing.signer if self.signing else None

    @property
    def ahead(self) -> Ahead:
        """Return how copies are made: in threads when they are signed with RSA."""
        try:
            many = self.signing.threads if self.signing else 0
        except ConfigError:
            many = 0  # nothing can be composed, which is told there
        return self._threads.ahead if many else in_turn

    @cached_property
    def _threads(self) -> Threads:
        return Threads(self.signing.threads if self.signing else 1)

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
        return Templates(
            self.definitions.root / "templates", assets.templates(), self.definitions.theme
        )

    @cached_property
    def guard(self) -> Guard:
        """Return what renders the publication's own templates, and falls back when they fail."""
        return Guard(templates=self.templates, told=self._fell_back)

    @property
    def strict_guard(self) -> Guard:
        """Return one that raises instead of falling back (`check`)."""
        return Guard(templates=self.templates, strict=True)

    def _fell_back(self, what: str, error: RenderError) -> None:
        """Complain once as long as it stays the same, and alarm the operators."""
        reason = f"{error}; the shipped look is used instead"
        if self._complained.get(what) != reason:
            self._complained[what] = reason
            self.complain("template", reason)
        name = error.template if isinstance(error, TemplateError) else what
        self.alarm.tell(f"template:{name}", f"template {name} cannot be used", reason)

    @property
    def wording(self) -> Phrasebook:
        """Return the wording, with nothing remembered: words count as they are now."""
        return Phrasebook(self.guard)

    @cached_property
    def heard(self) -> "Memory":
        """Return what this process remembers of its sources' hubs."""
        from publisher.core.pushes import Memory

        return Memory()

    @cached_property
    def fetcher(self) -> "HttpFetcher":
        """Return HTTP for sources."""
        return self._fetcher()

    def _fetcher(self, seconds: float = 60.0) -> "HttpFetcher":
        from publisher.net import HttpFetcher, Limits

        settings = self.definitions.collect
        return HttpFetcher(
            contact=settings.contact or self.definitions.publication.contact,
            allow_private=settings.allow_private_addresses,
            limits=Limits(seconds=seconds),
        )

    @cached_property
    def dial(self) -> Dial:
        """Return what connects to mailboxes."""
        from publisher.net import Dialler

        return Dialler(allow_private=self.definitions.collect.allow_private_addresses)

    @cached_property
    def page_reader(self) -> "PolitePages":
        """Return the reader of pages that strangers link."""
        from publisher.kit.polite_pages import PolitePages

        return PolitePages(self._fetcher(seconds=PAGE_SECONDS))

    def source(self, definition: SourceDefinition) -> Source:
        """Make a source. Raises ConfigError."""
        context = SourceContext(
            key=definition.key,
            root=self.definitions.root,
            fetcher=self.fetcher,
            pages=self.page_reader,
            dial=self.dial,
            language=self.definitions.publication.language,
            base_url=self.definitions.publication.url,
        )
        return cast("Source", self._adapter("sources", definition.adapter, context))

    @cached_property
    def alarm(self) -> Alarm:
        """Return what tells the operators of trouble (`[alerts]`)."""
        return Alarm(
            store=lambda: self.store,
            clock=self.clock,
            definitions=lambda: self.definitions,
            write=self.write_to_operators,
            complain=self._hear,
        )

    def _hear(self, subject: str, reason: str) -> None:
        """Complain to whoever listens by then: `run --once` puts itself in between."""
        self.complain(subject, reason)

    def write_to_operators(self, subject: str, text: str) -> None:
        """Send the operators a message now. Raises DeliveryError, ConfigError."""
        made = self.definitions
        # One of its own: that of the editions may be sending in another thread.
        name = made.alerts.transport or made.mail.transport
        transport = self._open_transport(name, apart=True)
        with closing(transport):
            now, signer = self.clock.now(), self._signer_for_alarms()
            write(made, transport, now, subject, text, self.complain, signer=signer)

    def _signer_for_alarms(self) -> Signer | None:
        """Return the signer if it can be used: that it cannot may be what an alarm is about."""
        try:
            return self.signer
        except ConfigError:
            return None

    def one_letter_transport(self) -> AbstractContextManager[Transport]:
        """Return the transport that carries mail, opened for one letter. Raises ConfigError."""
        # As above: that of the editions may be sending in another thread.
        return closing(self._open_transport(self.definitions.mail.transport, apart=True))

    def letter_failed(self, kind: str, reason: str) -> None:
        """Complain of a letter that could not be sent, and alarm the operators."""
        self._hear(f"letter {kind}", reason)
        self.alarm.tell("letters", f"a letter ({kind}) could not be sent", reason)

    def transport(self, name: str) -> Transport:
        """Return a transport, kept open until closed. Raises ConfigError."""
        with self._lock:
            if name not in self._transports:
                made = self._open_transport(name)
                self._transports[name] = self.metrics.measured(made) if self.metrics else made
            return self._transports[name]

    def measure(self) -> "Metrics":
        """Return what counts this process's work, from the first call on; editions opened later."""
        from publisher.kit.metrics import Metrics

        with self._lock:
            if self.metrics is None:
                self.metrics = Metrics()
            return self.metrics

    def _open_transport(self, name: str, *, apart: bool = False) -> Transport:
        """Open a transport; one apart draws on no shared rate, so that a letter never queues for it."""
        definition = self.definitions.transports.get(name)
        if definition is None:
            known = ", ".join(self.definitions.transports) or "none"
            raise ConfigError(f"transport {name}", f"is not defined; there are: {known}")
        context = TransportContext(
            name=name,
            root=self.definitions.root,
            host=parseaddr(self.definitions.mail.sender)[1].rpartition("@")[2] or "localhost",
            write=_to_stdout,
            fresh=lambda key: str(config.settle(definition.options.get(key, ""))),
            # By the true time, whatever the publication's clock says: a rate is the wire's affair.
            allowances=None if apart else StoreAllowances(lambda: self.store, SystemClock()),
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

    def feeds(self, slugs: Sequence[str] = ()) -> tuple[FeedDefinition, ...]:
        """Return the feeds named, or all. Raises UsageError for an unknown one."""
        known = self.definitions.feeds
        for slug in slugs:
            if slug not in known:
                near = registry.did_you_mean(slug, known) or "; each is a file in feeds/"
                raise UsageError(f"feed {slug}", f"is not defined{near}")
        return tuple(known[slug] for slug in slugs or known)

    def schedule(self, slug: str) -> ScheduleDefinition:
        """Return a schedule. Raises UsageError for an unknown one."""
        known = self.definitions.schedules
        if slug not in known:
            near = registry.did_you_mean(slug, known) or "; each is a file in schedules/"
            raise UsageError(f"schedule {slug}", f"is not defined{near}")
        return known[slug]

    @property
    def output(self) -> Outlet:
        """Return the outlet of the output folder, which holds every document."""
        outlet = registry.load("delivery", "outlet_directory")
        context = TransportContext(name="output", root=self.definitions.root)
        options = outlet.Options(
            path=str(self.definitions.output), precompress=self.definitions.precompress
        )
        return cast("Outlet", outlet.create(options, context))

    def outlet(self, definition: AdapterDefinition) -> Outlet:
        """Make an outlet besides that. Raises ConfigError."""
        context = TransportContext(name=definition.name, root=self.definitions.root)
        return cast("Outlet", self._adapter("delivery", definition, context))

    def picture(self, path: str) -> Document | None:
        """Return a picture of the publication's folder as a document, None when there is none."""
        media_type = mimetypes.guess_type(path)[0] or ""
        if ".." in PurePosixPath(path).parts or not media_type.startswith("image/"):
            return None
        root = self.definitions.root.resolve()
        try:
            beside = (root / path).resolve()
            if not beside.is_relative_to(root):
                return None
            return Document(path=f"media/{path}", data=beside.read_bytes(), media_type=media_type)
        except (
            OSError,
            RuntimeError,
            ValueError,
        ) as error:  # also a loop of links, a name with NUL
            self.complain(path, f"picture cannot be read: {getattr(error, 'strerror', error)}")
            return None

    @cached_property
    def digest_format(self) -> DigestFormat:
        """Return the digest format over the publication's templates."""
        return _digest(self.guard)

    @cached_property
    def pages(self) -> Pages:
        """Return the format of the site's pages over the publication's templates."""
        return _pages(self.guard)

    @cached_property
    def letters(self) -> LetterFormat:
        """Return the format of letters to one person over the publication's templates."""
        return _letters(self.guard)

    def strict_looks(self) -> tuple[DigestFormat, Pages, LetterFormat]:
        """Return digest, pages and letters that raise where those would fall back."""
        guard = self.strict_guard
        return _digest(guard), _pages(guard), _letters(guard)

    @cached_property
    def inspector(self) -> Inspector:
        """Return what judges a mail before it goes."""
        from publisher.lint.mail import MailInspector

        return MailInspector()

    @cached_property
    def judge(self) -> Judge:
        """Return what judges a document before it is published."""
        from publisher.lint.feeds import DocumentInspector

        return DocumentInspector()

    def now(self) -> datetime:
        """Return the clock's time."""
        return self.clock.now()


# One by one: who only sends has no use for what pages need.


def _digest(guard: Guard) -> SafeDigest:
    return SafeDigest(create=registry.load("formats", "digest").create, guard=guard)


def _pages(guard: Guard) -> SafePages:
    return SafePages(create=registry.load("formats", "pages").create, guard=guard)


def _letters(guard: Guard) -> SafeLetters:
    return SafeLetters(create=registry.load("formats", "letters").create, guard=guard)


def plain(kind: str, name: str) -> object:
    """Make an adapter that takes no options and no context."""
    return registry.load(kind, name).create(None, None)


def document_format(name: str) -> DocumentFormat:
    """Return a format of feeds. Raises ConfigError."""
    return cast("DocumentFormat", plain("formats", name))


def logos(theme: Mapping[str, object]) -> tuple[str, ...]:
    """Return the addresses of the masthead's pictures (`[theme.logo]`)."""
    logo = theme.get("logo")
    found = logo.items() if isinstance(logo, Mapping) else ()
    return tuple(str(value) for key, value in found if key in {"url", "dark_url"})


def _to_stdout(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
