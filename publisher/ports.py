"""Every port of the house in one file: who calls it, what it promises, what it may raise.

Use-cases in `core` are written against these protocols only; `app` hands in the implementations.

Adapter convention (sources, enrichers, formats, delivery): an adapter is one module with
`Options` (a msgspec Struct: its TOML keys without `type`) and `create(options, context)`, where
`context` is the `…Context` below. The registry finds it by module name, or by entry point.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from publisher.model.allowances import Allowance
from publisher.model.archives import FeedRecord, FeedState, Member, Newest
from publisher.model.articles import (
    Article,
    ArticleId,
    Collected,
    CollectedArticle,
    KnownArticle,
    SourceState,
)
from publisher.model.definitions import ScheduleDefinition
from publisher.model.editions import (
    Candidate,
    Choice,
    Delivery,
    DeliveryId,
    DeliveryState,
    Edition,
    EditionContent,
    EditionId,
    EditionState,
    Issue,
    OpenEdition,
    Outcome,
    ReaderGroup,
    Trouble,
    Wait,
)
from publisher.model.findings import DocumentReport, MailReport
from publisher.model.keeping import Marks, Repaired
from publisher.model.messages import Copy, Envelope, Message, Parcel
from publisher.model.sheets import LedgerLine, Ledgers, Sheet
from publisher.model.subscribers import (
    Complaint,
    ImportVerdict,
    NewSubscriber,
    Subscriber,
    SubscriberId,
    SubscriberStatus,
    Suppression,
)
from publisher.model.timetable import Occurrence, PlannedRun, Run, RunId, RunState, ScheduleState
from publisher.model.views import DigestView, Document, FeedView, LetterView, SiteView


class Clock(Protocol):
    """The only source of time; tests hold it still."""

    def now(self) -> datetime:
        """Return the instant, aware, UTC."""
        ...


# Collecting


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An HTTP answer. `url` is where the redirects ended; header names are lower-case.

    `body` is decompressed and complete (a cut body is a FetchError). `permanent` is the new address
    when every hop was a 301 or 308.
    """

    status: int
    url: str
    body: bytes = b""
    headers: Mapping[str, str]
    permanent: str = ""


class Fetcher(Protocol):
    """HTTP for sources; implemented by `net`, faked in tests."""

    def get(
        self, url: str, *, accept: str = "*/*", etag: str = "", last_modified: str = ""
    ) -> Fetched:
        """Fetch with conditional headers; answers 200 and 304 (and 226) are returned.

        Raises FetchError for every other answer, refused addresses, timeouts and oversize bodies.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """What a source may use: its permanent key, the publication's folder, HTTP."""

    key: str
    root: Path
    fetcher: Fetcher
    language: str = ""
    base_url: str = ""  # the publication's; pictures beside a story are served below it
    allow_outside: bool = False  # `extract` on the command line may read any path


class Source(Protocol):
    """Where articles come from; called by core.collecting in worker threads, one call at a time."""

    def collect(self, state: SourceState, now: datetime) -> Collected:
        """Read what is there now. Writes nothing. Raises SourceError only."""
        ...


# Enriching


class Library(Protocol):
    """The posting index of stored articles, for enrichers that relate one to others."""

    def size(self) -> int:
        """Return how many articles are indexed."""
        ...

    def index(self, article: ArticleId, terms: Mapping[str, float]) -> None:
        """Replace the article's terms and their weights."""
        ...

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return in how many articles each known term stands."""
        ...

    def postings(
        self, terms: Sequence[str], budget: int
    ) -> Mapping[str, Sequence[tuple[int, float]]]:
        """Return (article id, weight) lists term by term, in the order given, up to `budget` rows in all."""
        ...


class KeyPoints(Protocol):
    """Computes key points where none were supplied."""

    def points(self, title: str, text: str, count: int, language: str = "") -> tuple[str, ...]:
        """Return at most `count` whole clean sentences of the text, in text order. Pure, total."""
        ...


class ReadAlso(Protocol):
    """Relates an article to others of the library."""

    def index(self, article: ArticleId, title: str, text: str, library: Library) -> None:
        """Make the article findable."""
        ...

    def related(
        self, article: ArticleId, title: str, text: str, count: int, library: Library
    ) -> tuple[ArticleId, ...]:
        """Return at most `count` other articles, best first; none rather than unrelated ones."""
        ...


# Formats


class DocumentFormat(Protocol):
    """Renders a feed as one document; deterministic: same view, same bytes."""

    name: str
    extension: str
    media_type: str

    def render(self, view: FeedView) -> bytes:
        """Render; an entry that cannot be expressed is left out, never the document. Raises FormatError."""
        ...


class Pages(Protocol):
    """Renders pages for people and machines around the feeds (index, feed page, articles, OPML, sitemap)."""

    def site(self, view: SiteView) -> Sequence[Document]:
        """Return every page of the site. Raises TemplateError."""
        ...


class Inspector(Protocol):
    """Judges a mail as it would travel, before it does; implemented by `lint.mail`."""

    def inspect(self, mail: bytes) -> MailReport:
        """Return what is found, errors first. Never raises, whatever the octets."""
        ...


class Judge(Protocol):
    """Judges a document for machines before it goes out; implemented by `lint.feeds`."""

    def inspect(
        self, data: bytes, *, url: str = "", media_type: str = "", now: datetime | None = None
    ) -> DocumentReport:
        """Return what is found, errors first. Never raises, whatever the octets."""
        ...


class DigestFormat(Protocol):
    """Renders an edition once, with merge fields and blocks."""

    def render(self, view: DigestView) -> Message:
        """Render and inline. Raises TemplateError."""
        ...

    def subject(self, template: str, view: DigestView) -> str:
        """Render a schedule's subject for the stories in `view` (lead first). Raises TemplateError."""
        ...


class LetterFormat(Protocol):
    """Renders a letter to one person."""

    def render(self, view: LetterView) -> tuple[str, Message]:
        """Return the subject, and a message without merge fields. Raises RenderError."""
        ...


class Wording(Protocol):
    """What mails and pages say in the reader's language; cached, because it is asked per reader."""

    def nearest(self, language: str, fallback: str) -> str:
        """Return the tag for which there are words: `de` for `de-AT`; else the fallback; else `en`.

        Readers of the fallback's words get the fallback itself, with its region.
        """
        ...

    def extent(self, language: str, stories: int, minutes: int) -> str:
        """Return "6 stories, 4 minutes". Raises TemplateError for words that cannot be used."""
        ...

    def rhythm(self, language: str, schedule: ScheduleDefinition) -> str:
        """Return when a schedule runs, for a label ("weekdays at 07:30"); "" when words cannot say it."""
        ...

    def coming(self, language: str, schedule: ScheduleDefinition, feed: str) -> str:
        """Return what comes, and when, as a line: "Harbour news: weekdays at 07:30"."""
        ...

    def why(
        self,
        language: str,
        schedule: ScheduleDefinition,
        feeds: Sequence[str],
        since: date | None,
    ) -> str:
        """Return the sentence that says why somebody gets this: rhythm, titles of feeds, day of joining.

        What is unknown is left out. Raises TemplateError for words that cannot be used.
        """
        ...


class Seal(Protocol):
    """Signs messages that share some of their header fields."""

    def sign(self, fields: Sequence[bytes], body: bytes) -> bytes:
        """Return signature fields, to stand above all others. Pure; called by several threads.

        The message has the shared fields and `fields`, each name once, each whole with its CRLF,
        and `body` in canonical form (RFC 6376 section 3.4.4).
        """
        ...


class Signer(Protocol):
    """Signs mail, so that mailbox providers know whose it is; implemented by kit.dkim."""

    def seal(self, shared: Sequence[bytes], when: datetime) -> Seal:
        """Return what signs messages with these fields in common, as if signed at `when`."""
        ...


class Letter(Protocol):
    """An edition compiled for splicing."""

    def parcel(self, copy: Copy, delivery: int, *, sample: bool = False) -> Parcel:
        """Fill one copy and sign it. Pure. Raises AddressError when this address cannot be written to."""
        ...

    def bodies(self, copy: Copy) -> tuple[str, str]:
        """Return the HTML and the text of one copy, for pages and previews."""
        ...


class Press(Protocol):
    """Compiles a message into a letter (MIME once per edition)."""

    def compile(self, message: Message, envelope: Envelope) -> Letter:
        """Compile. Raises RenderError when a fixed header cannot be expressed."""
        ...


# Pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture fit for mail: its bytes, and the size in CSS pixels at which it is shown."""

    data: bytes
    media_type: str
    width: int
    height: int


class Pictures(Protocol):
    """Makes pictures fit for mail, whoever sent them; called by core.illustrating in threads."""

    def fit(self, data: bytes) -> Picture:
        """Return it resized and without metadata; same bytes, same picture. Raises ParseError."""
        ...

    def measure(self, data: bytes) -> tuple[int, int]:
        """Return the width and height at which it is shown as it is. Raises ParseError."""
        ...


# Sending


class Ledger(Protocol):
    """The transport's side of the ledger; one `turn` is one transaction."""

    def turn(
        self,
        outcomes: Sequence[Outcome],
        next: Sequence[Parcel],  # noqa: A002  the ledger's word: what goes next
    ) -> frozenset[int]:
        """Record outcomes, mark `next` as sending, and answer which of them may go.

        Re-checks lease, pause and consent. A parcel not in the answer must not be written to the
        wire and needs no outcome. Every turn, also an empty one, prolongs the lease: a transport
        that waits takes one in each quarter of LEASE. Raises StoreError: then nothing more may be
        sent.
        """
        ...

    def stopping(self) -> bool:
        """Tell whether this process is to end: what is on the wire is finished, nothing begun."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportContext:
    """What a transport may use. `write` is standard output for the `stdout` transport.

    `fresh` looks the reference of one of its keys up again, as a token in a file is renewed while
    publisher runs; it raises ConfigError. `allowances` are rates shared with other processes.
    """

    name: str
    root: Path
    host: str = "localhost"  # what EHLO says
    write: Callable[[bytes], None] | None = None
    fresh: Callable[[str], str] | None = None
    allowances: "Allowances | None" = None


class Allowances(Protocol):
    """Rates that all processes of a publication keep together; called by transports.

    A process draws a slice, which lasts a fraction of a second, and spends it by itself. `bucket`
    names a rate (a transport and a group of domains), `limit` is in messages a second, 0 for none;
    `slow_start` in seconds. Raises StoreError.
    """

    def draw(self, bucket: str, limit: float, slow_start: float) -> Allowance:
        """Take what may go now."""
        ...

    def slow_down(self, bucket: str, limit: float, observed: float) -> None:
        """Halve a rate (`observed` messages a second where there is no limit): the other side asks."""
        ...

    def slowed(self, prefix: str) -> Mapping[str, float]:
        """Return the buckets of a prefix that are cut, each with the part of its rate that is left."""
        ...


class Transport(Protocol):
    """An adapter that carries messages; called by core.sending.

    `leaves_machine` False means that nothing can reach a real reader (Maildir, files, a loopback
    relay is NOT such a thing): only such transports take sample subscribers.
    """

    name: str
    leaves_machine: bool

    def send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        """Carry every parcel the ledger lets go, and hand in one outcome for each of those.

        Pulls `parcels` lazily. Raises TransportUnavailable or TransportRejected when the rest of the
        batch did not happen (outcomes so far have been handed in), StoreError from the ledger.
        """
        ...

    def close(self) -> None:
        """Release connections; may be called twice."""
        ...


class Outlet(Protocol):
    """An adapter that publishes documents."""

    def write(self, documents: Iterable[Document]) -> Sequence[str]:
        """Publish; unchanged ones are left alone. Return the paths that changed. Raises OutletError."""
        ...

    def remove(self, paths: Iterable[str]) -> None:
        """Take documents away; those that are not there are passed over. Raises OutletError."""
        ...

    def lacks(self, paths: Iterable[str]) -> bool:
        """Tell whether any of these documents is missing there. Raises OutletError."""
        ...


class Tokens(Protocol):
    """Signed, opaque, purpose-bound tokens."""

    def sign(self, purpose: str, value: str) -> str:
        """Return a URL-safe token that holds `value` for one purpose."""
        ...

    def read(self, purpose: str, token: str) -> str:
        """Return the value. Raises TokenError."""
        ...


# Scheduling


class Calendar(Protocol):
    """Turns a schedule's rule into occurrences."""

    def occurrences(
        self, schedule: ScheduleDefinition, after: datetime, zone: str
    ) -> Iterator[Occurrence]:
        """Yield occurrences strictly after `after`, strictly increasing, in the IANA zone."""
        ...

    def fingerprint(self, schedule: ScheduleDefinition) -> str:
        """Return a text that changes when the schedule fires at other times."""
        ...

    def rests(self, schedule: ScheduleDefinition, occurrence: Occurrence) -> str:
        """Return why the schedule rests on that day ("holiday: Reformationstag"), or ""."""
        ...

    def describe(self, schedule: ScheduleDefinition) -> str:
        """Return the rule in English, for operators ("weekdays at 07:30")."""
        ...

    def offset(self, zone: str, slot: str) -> int | None:
        """Return the zone's UTC offset in minutes at a local slot; None for an unknown zone."""
        ...


class Workers(Protocol):
    """Knows which owners of leases are alive."""

    def me(self) -> str:
        """Return this process's owner name."""
        ...

    def dead(self, owner: str) -> bool:
        """Tell whether an owner is certainly gone (same machine, no such process)."""
        ...


# Store: one class implements all five; a use-case names only those it uses.
# Each verb is one transaction, begun and ended inside it. Any verb may raise StoreError.


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionResult:
    """What a collection of one source decided, to be written together.

    `new` pairs a collected article with (feed slug, mailable) for each feed it enters; `changed`
    pairs the stored id with the new content, whether the edit is significant, and the memberships it
    has now. `joined` are stored articles of other sources that this one brought again, with the feeds
    they enter thereby. `state` replaces the source's state.
    """

    state: SourceState
    now: datetime
    new: Sequence[tuple[CollectedArticle, Sequence[tuple[str, bool]]]] = ()
    changed: Sequence[tuple[ArticleId, CollectedArticle, bool, Sequence[tuple[str, bool]]]] = ()
    joined: Sequence[tuple[ArticleId, Sequence[tuple[str, bool]]]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleChanges:
    """What an operator sets on a stored article; None leaves it."""

    title: str | None = None
    hidden: bool | None = None
    pinned: bool | None = None
    priority: int | None = None
    tags: tuple[str, ...] | None = None


class Articles(Protocol):
    """The article store; used by collecting, enriching, publishing, editing."""

    def tag(self, name: str) -> str:
        """Return the permanent id of what has this name for ever (a tag URI, RFC 4151)."""
        ...

    def source_states(self, keys: Collection[str]) -> Mapping[str, SourceState]:
        """Return what is remembered of these sources; unknown ones are absent."""
        ...

    def known(self, source: str, external_ids: Collection[str]) -> Mapping[str, KnownArticle]:
        """Return the stored articles of one source by external id."""
        ...

    def known_urls(self, urls: Collection[str]) -> Mapping[str, ArticleId]:
        """Return stored articles by canonical URL (model.urls.canonical_url), over all sources."""
        ...

    def articles_at(self, urls: Collection[str]) -> Mapping[str, Sequence[ArticleId]]:
        """Return the stored articles readers find at each address, pages of ours included."""
        ...

    def feeds_with_articles(self) -> Mapping[str, int]:
        """Return how many articles have ever entered each feed."""
        ...

    def save_collected(self, result: CollectionResult) -> Sequence[ArticleId]:
        """Write articles, memberships and the source's state together.

        Mints uid (the `tag` of source and external id), slug and id for new ones
        (`published` falls back to `now`, remembered). `content_hash` is model.content.content_hash.
        Memberships of changed ones are replaced (kept ones keep their place), those of joined ones
        added. Returns the ids of new then changed articles, in the order given. Saving the same twice
        changes nothing.
        """
        ...

    def save_state(self, state: SourceState) -> None:
        """Replace one source's state (after an error)."""
        ...

    def unenriched(self, limit: int = 500) -> Sequence[ArticleId]:
        """Return articles whose content changed since `save_enrichment` last saw them, oldest first."""
        ...

    def save_enrichment(
        self,
        article: ArticleId,
        *,
        key_points: Sequence[str] | None = None,
        related: Sequence[ArticleId] | None = None,
    ) -> None:
        """Store computed key points and Read also; None leaves them. Supplied key points stay."""
        ...

    def article(self, article: ArticleId) -> Article:
        """Return one. Raises NotFound."""
        ...

    def articles_by_id(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Article]:
        """Return those that exist."""
        ...

    def cluster_mates(
        self, articles: Collection[ArticleId]
    ) -> Mapping[ArticleId, Sequence[Article]]:
        """Return the other articles of each one's cluster; those without any are absent."""
        ...

    def find_article(self, name: str) -> Article:
        """Return by id, uid, slug or URL. Raises NotFound."""
        ...

    def articles(
        self,
        *,
        feed: str | None = None,
        states: Collection[str] = ("published",),
        limit: int | None = None,
        offset: int = 0,
        now: datetime,
    ) -> Sequence[Article]:
        """Return articles, pinned ones first, then newest publication first; `now` decides `scheduled`."""
        ...

    def articles_from(
        self, sources: Collection[str], after: int = 0, limit: int = 500
    ) -> Sequence[Article]:
        """Return stored articles of these sources, in any state, whose ids follow `after`, by id."""
        ...

    def memberships(self, articles: Collection[ArticleId]) -> Mapping[ArticleId, Sequence[str]]:
        """Return the feeds each article has entered."""
        ...

    def change_article(
        self, article: ArticleId, changes: ArticleChanges, now: datetime
    ) -> Article:
        """Apply an operator's changes. Raises NotFound."""
        ...

    def set_memberships(self, feed: str, articles: Collection[ArticleId], now: datetime) -> int:
        """Make a feed hold exactly these (after its selection changed); additions are never mailed."""
        ...

    def library(self) -> Library:
        """Return the posting index."""
        ...


class Documents(Protocol):
    """What publishing remembers; used by publishing and the pages."""

    def newest(self, now: datetime) -> Newest:
        """Return how new all that is stored is: without a change there, no feed has one."""
        ...

    def feed_states(self, now: datetime) -> Mapping[str, FeedState]:
        """Return how many readable articles each feed holds and how new they are."""
        ...

    def feed_members(self, feed: str, now: datetime) -> Sequence[Member]:
        """Return the readable articles of a feed, in no order."""
        ...

    def readable_slugs(self, slugs: Collection[str], now: datetime) -> frozenset[str]:
        """Return which of these are slugs of articles that may be shown."""
        ...

    def feed_records(self) -> Mapping[str, FeedRecord]:
        """Return what the last complete publish of each feed made; "" is the site around them."""
        ...

    def record_feed(self, feed: str, record: FeedRecord, gone: Mapping[str, str]) -> None:
        """Remember a complete publish, and where what stood at each path of `gone` is found now.

        An older move to a path that is gone leads on; what exists again has not moved.
        """
        ...

    def forget_feeds(self, feeds: Iterable[str]) -> None:
        """Forget what was made of feeds that are no more."""
        ...

    def moved_to(self, path: str) -> str | None:
        """Return where a document is found that stood at a path once: "" nowhere, None no such."""
        ...

    def moves(self) -> Mapping[str, str]:
        """Return every path that has moved, with its target; "" is nowhere."""
        ...


class Runs(Protocol):
    """Schedules' memory and their runs; used by timetabling and scheduling."""

    def schedule_states(self) -> Mapping[str, ScheduleState]:
        """Return what is remembered of each schedule."""
        ...

    def start_schedule(
        self, schedule: str, fingerprint: str, cursor: datetime, first: Sequence[PlannedRun] = ()
    ) -> bool:
        """Remember a schedule never seen, with its first runs; False when another process was first."""
        ...

    def restart_schedule(self, schedule: str, old: str, new: str, cursor: datetime) -> bool:
        """Replace the fingerprint `old` by `new` and move the cursor; False when another was first."""
        ...

    def advance_schedule(
        self, schedule: str, expected: datetime, cursor: datetime, runs: Sequence[PlannedRun]
    ) -> Sequence[Run]:
        """Compare-and-set the cursor and write the runs (same key: kept). [] when another was first."""
        ...

    def add_run(self, schedule: str, run: PlannedRun) -> tuple[Run, bool]:
        """Find or create a run; True when it was created (manual runs, alerts)."""
        ...

    def unalerted(
        self, schedule: str, feeds: Sequence[str], now: datetime, since: datetime, priority: int
    ) -> Sequence[ArticleId]:
        """Return stories worth an alert that have no run `alert:ID` of the schedule, oldest first.

        Mailable and readable, in one of the feeds, of at least that priority; come in or dated
        `since` then, or readable only now; none dated more than a day before that.
        """
        ...

    def claim_run(
        self, owner: str, now: datetime, lease_until: datetime, schedule: str | None = None
    ) -> Run | None:
        """Take the oldest due run that waits, or whose owner's lease has expired; None when none."""
        ...

    def extend_run(self, run: RunId, owner: str, lease_until: datetime) -> bool:
        """Prolong the lease; False when it was lost."""
        ...

    def finish_run(
        self, run: RunId, owner: str, state: RunState, reason: str, now: datetime
    ) -> bool:
        """End a run with its reason; False when the lease was lost."""
        ...

    def release_runs(self, owners: Collection[str]) -> int:
        """Return the running runs of dead owners to waiting."""
        ...

    def run(self, run: RunId) -> Run:
        """Return one. Raises NotFound."""
        ...

    def history(self, schedule: str | None = None, limit: int = 50) -> Sequence[Run]:
        """Return runs, newest first."""
        ...

    def pause_schedule(
        self,
        schedule: str,
        until: datetime | None,
        paused: bool,  # noqa: FBT001  the verb is always called with its names
    ) -> None:
        """Pause (until an instant, or for good) or resume. Raises NotFound."""
        ...


class Pacing(Protocol):
    """When each reader may get the next alert of a schedule; pure."""

    @property
    def within(self) -> timedelta:
        """Return for how long an alert counts."""
        ...

    def wait(
        self, now: datetime, zone: str, gone: Sequence[datetime], planned: Sequence[datetime]
    ) -> Wait | None:
        """Return until when a reader's next alert waits, None when it may go now.

        `gone` is when their other alerts went, `planned` when those will that wait already.
        """
        ...


class Warming(Protocol):
    """How many copies a transport may take on a day while it is new; pure."""

    @property
    def transport(self) -> str:
        """Return whose days are counted."""
        ...

    def day(self, at: datetime) -> str:
        """Return the day an instant belongs to."""
        ...

    def room(self, now: datetime, editions: int, letters: int) -> int | None:
        """Return how many more copies may go today, beside these; None: as many as there are."""
        ...


class Editions(Protocol):
    """Editions; used by editing, composing, the command line and the pages."""

    def open_edition(
        self,
        intent: OpenEdition,
        choose: Callable[[Sequence[Candidate], ReaderGroup], Choice],
        compatible: Callable[[str], bool] | None = None,
        pacing: Pacing | None = None,
    ) -> Edition | None:
        """Find or create the run's edition with its whole audience in one transaction.

        Readers are grouped by what they remember; `choose` (pure) is called once per group, with
        the candidates that are news to it, best first by the intent's `rank`, and the deliveries are
        written set-based. Groups given fewer than `min_articles` are left out (they are owed
        everything next time). Confirmed but suppressed addresses enter as `suppressed`.
        `compatible` filters the audience by the subscriber's time zone. With `pacing` the copies of
        those who may not get them yet are written as deferred. None when nobody gets anything:
        then nothing was written.
        """
        ...

    def edition(self, edition: EditionId) -> Edition:
        """Return one with its counts. Raises NotFound."""
        ...

    def edition_of_run(self, run: RunId) -> Edition | None:
        """Return the run's edition."""
        ...

    def rehearse(
        self,
        intent: OpenEdition,
        choose: Callable[[Sequence[Candidate], ReaderGroup], Choice],
        subscriber: SubscriberId | None = None,
    ) -> tuple[Edition, Delivery | None] | None:
        """Open an edition as `open_edition` would, under a run of its own, and undo all of it.

        Returns what was opened, and the subscriber's row of it (None: they would not get it). None
        when nobody would get anything.
        """
        ...

    def editions(
        self,
        *,
        schedule: str | None = None,
        states: Collection[EditionState] = (),
        limit: int | None = 50,
    ) -> Sequence[Edition]:
        """Return editions with counts, newest first; no states means all."""
        ...

    def issue(self, edition: EditionId) -> Issue:
        """Return what one edition says, without its accounting. Raises NotFound."""
        ...

    def issues(
        self,
        schedules: Collection[str],
        *,
        before: EditionId | None = None,
        after: EditionId | None = None,
        limit: int = 30,
        offset: int = 0,
    ) -> Sequence[Issue]:
        """Return frozen editions of these schedules that went out or are going out, newest first.

        `before` takes those older than an edition; `after` those newer, the nearest first.
        """
        ...

    def sendable(self, now: datetime) -> Sequence[Edition]:
        """Return open editions that have deliveries to claim now, oldest first."""
        ...

    def tried(self, edition: EditionId) -> int:
        """Return how many copies that wait were tried already, so that they may have arrived."""
        ...

    def content(self, edition: EditionId) -> EditionContent | None:
        """Return what an edition says, None when it was not frozen yet. Raises NotFound."""
        ...

    def save_content(
        self, edition: EditionId, content: EditionContent, expected: int
    ) -> EditionContent:
        """Replace version `expected` (0: there is none yet); return it with its new version.

        A version is replaced only while the edition rests, no copy of it was tried that may have
        arrived and none is in a worker's hand. Raises Conflict for that, or when somebody else was
        first, and NotFound.
        """
        ...

    def approve_edition(
        self,
        number: EditionId,
        states: Collection[EditionState],
        version: int,
        subject: str,
        now: datetime,
        reason: str = "",
    ) -> Edition:
        """Let an edition go that is in one of `states` and says what it says in `version`.

        Who would get nothing but hidden stories is suppressed, and taken in again when one is shown
        later. Raises Conflict when state or version are others, and NotFound.
        """
        ...

    def languages(self, edition: EditionId) -> Sequence[str]:
        """Return the different languages of an edition's readers ("" for who named none)."""
        ...

    def set_subject(self, edition: EditionId, subject: str) -> None:
        """Remember the whole edition's subject."""
        ...

    def move_edition(
        self, edition: EditionId, states: Collection[EditionState], to: EditionState, reason: str
    ) -> Edition:
        """Change the state if it is one of `states` (cancelling suppresses what is queued). Raises Conflict."""
        ...

    def finish_editions(self, now: datetime) -> Sequence[Edition]:
        """Mark open editions whose audience adds up as done, and return them."""
        ...

    def next_due(self, now: datetime) -> datetime | None:
        """Return when the next deferred delivery of an open edition may be tried."""
        ...


class Sheets(Protocol):
    """Editions in figures; used by the command line and the metrics. Nothing here writes."""

    def sheet(self, edition: EditionId, now: datetime, domains: int = 12) -> Sheet:
        """Return an edition's balance sheet, with its largest domains. Raises NotFound."""
        ...

    def sending(self) -> Sequence[EditionId]:
        """Return editions of which somebody holds copies right now, oldest first."""
        ...

    def page(
        self,
        edition: EditionId,
        states: Collection[DeliveryState] = (),
        *,
        domain: str = "",
        after: DeliveryId | None = None,
        limit: int = 5_000,
    ) -> Sequence[LedgerLine]:
        """Return ledger rows after one, ordered by id; no states means all, no domain every one."""
        ...

    def ledgers(self, now: datetime) -> Ledgers:
        """Return all editions that are not finished, in figures."""
        ...


class Deliveries(Protocol):
    """The ledger; used by sending only."""

    def claim(
        self,
        edition: EditionId,
        owner: str,
        now: datetime,
        lease_until: datetime,
        limit: int = 500,
        pacing: Pacing | None = None,
    ) -> Sequence[Delivery]:
        """Take a batch: queued, or deferred and due. Claimed is not sending.

        `pacing` defers (again) those whose readers may not get them yet; no try is counted.
        """
        ...

    def turn(
        self,
        edition: EditionId,
        owner: str,
        outcomes: Sequence[Outcome],
        next: Sequence[DeliveryId],  # noqa: A002  the ledger's word: what goes next
        now: datetime,
        lease_until: datetime,
    ) -> frozenset[int]:
        """Record outcomes, mark `next` as sending, prolong this owner's leases; one transaction.

        Answers which of `next` may go: still claimed by this owner, edition open, subscriber
        confirmed and not suppressed (others become suppressed with the reason, or are released).
        Accepted ones move the reader's memory (watermark, owed) in the same transaction; a failed
        one that says HARD suppresses its address.
        """
        ...

    def release(self, edition: EditionId, owner: str, now: datetime) -> int:
        """Return what this owner has claimed but not begun to the queue."""
        ...

    def sweep(
        self,
        now: datetime,
        dead: Collection[str],
        resend: bool,  # noqa: FBT001  the verb is always called with its names
    ) -> tuple[int, int]:
        """Settle expired leases and those of dead owners; return (returned, uncertain).

        Claimed → queued, sending → uncertain (→ queued again when `resend`).
        """
        ...

    def owners(self) -> Sequence[str]:
        """Return who holds leases on deliveries or runs."""
        ...

    def deliveries(
        self, edition: EditionId, states: Collection[DeliveryState] = (), limit: int | None = None
    ) -> Sequence[Delivery]:
        """Return ledger rows, ordered by id."""
        ...

    def delivery(self, delivery: DeliveryId) -> Delivery:
        """Return one row. Raises NotFound."""
        ...

    def retry(self, edition: EditionId, states: Collection[DeliveryState], now: datetime) -> int:
        """Queue failed, deferred or uncertain ones again; reopens a finished edition."""
        ...

    def delivery_to(self, subscriber: SubscriberId, edition: EditionId) -> Delivery:
        """Return one person's row of an edition. Raises NotFound."""
        ...

    def deliveries_to(self, subscriber: SubscriberId, limit: int = 50) -> Sequence[Delivery]:
        """Return what one person was sent, newest first."""
        ...


class Days(Protocol):
    """What transports that warm up took on each day; used by sending, shared by all processes."""

    def taken(self, transport: str, day: str) -> tuple[int, int]:
        """Return how many copies and how many letters a transport took on a day."""
        ...

    def take(self, warming: Warming, wanted: int, now: datetime) -> int:
        """Count copies that are about to go, as many of `wanted` as today still takes; return them."""
        ...

    def give_back(self, transport: str, day: str, number: int) -> None:
        """Count copies no more that a transport did not take after all."""
        ...


class Suppressing(Protocol):
    """Addresses that must not be written to; used by sending and by whoever reads what comes back."""

    def suppress(self, email: str, reason: str, now: datetime) -> None:
        """Never write to this address again (idempotent; needs no subscriber)."""
        ...

    def barred(self, email: str) -> str:
        """Return why an address must not be written to, "" when it may be."""
        ...

    def soft_failures(self, subscriber: SubscriberId) -> Sequence[datetime]:
        """Return when the person's copies failed softly since the last that was accepted."""
        ...


class Brakes(Protocol):
    """Why an edition stops by itself; used by sending, and by whoever reads what comes back."""

    def complain(self, complaint: Complaint, now: datetime) -> bool:
        """Record a complaint: its author is unsubscribed, the address suppressed.

        False, and nothing done, for evidence that was recorded before. Raises NotFound.
        """
        ...

    def trouble(self, edition: EditionId) -> Trouble:
        """Return what went wrong with an edition since it was last released. Raises NotFound."""
        ...

    def complaints(self, since: datetime) -> int:
        """Return how many complaints came in since then, or since they last were forgiven."""
        ...

    def accepted(self, since: datetime, most: int) -> int:
        """Return how many copies of all editions were accepted in that time; counts to `most`."""
        ...

    def tried_at(self, edition: EditionId, domain: str) -> int:
        """Return how many copies to a domain were tried, since the edition was released."""
        ...

    def brake(self, edition: EditionId, cause: str, reason: str, now: datetime) -> bool:
        """Pause an open edition of which somebody still waits; False when there is none such.

        Where the cause is too many errors, whom it suppressed since it was released is suppressed no
        more, whether somebody waits or not: so many addresses do not die at once.
        """
        ...


class Subscribers(Suppressing, Protocol):
    """People; used by subscribing, the command line and the pages."""

    def add_subscriber(
        self, new: NewSubscriber, now: datetime
    ) -> tuple[Subscriber, ImportVerdict]:
        """Add or update by address: joins subscriptions, never revives an unsubscribed or suppressed one."""
        ...

    def import_subscribers(
        self, rows: Sequence[NewSubscriber], now: datetime
    ) -> Sequence[ImportVerdict]:
        """Add many in one transaction (callers pass chunks); one verdict per row, in order."""
        ...

    def subscriber(self, subscriber: SubscriberId) -> Subscriber:
        """Return one. Raises NotFound."""
        ...

    def find_subscriber(self, email: str) -> Subscriber:
        """Return by address, case-insensitively. Raises NotFound."""
        ...

    def subscribers(
        self,
        *,
        status: SubscriberStatus | None = None,
        after: SubscriberId | None = None,
        limit: int | None = None,
    ) -> Sequence[Subscriber]:
        """Return people ordered by id."""
        ...

    def reader_zones(self) -> Sequence[str]:
        """Return the different time zones of confirmed subscribers ("" for who named none)."""
        ...

    def count_subscribers(self) -> int:
        """Return how many there are in any state."""
        ...

    def set_status(
        self, subscriber: SubscriberId, status: SubscriberStatus, now: datetime
    ) -> Subscriber:
        """Change the status (idempotent). Queued copies are settled when their turn comes."""
        ...

    def subscribe(
        self, subscriber: SubscriberId, subscriptions: Sequence[tuple[str, str]], now: datetime
    ) -> Subscriber:
        """Set exactly these (feed, schedule) pairs; memory of feeds had before is kept."""
        ...

    def change_subscriber(
        self,
        subscriber: SubscriberId,
        *,
        name: str | None = None,
        language: str | None = None,
        timezone: str | None = None,
    ) -> Subscriber:
        """Change what a person says of themselves; None leaves it."""
        ...

    def unsuppress(self, email: str) -> bool:
        """Lift a suppression; False when there was none."""
        ...

    def suppressions(self) -> Sequence[Suppression]:
        """Return all suppressions."""
        ...

    def erase(self, subscriber: SubscriberId, now: datetime) -> None:
        """Forget a person: ledger rows stay countable without the address; the suppression, if any, stays."""
        ...


class Alarms(Protocol):
    """What somebody was told, and when, so that they are told it once: operators, and new readers."""

    def note_alarm(self, cause: str, day: str, now: datetime) -> bool:
        """Note a cause once per local day (`2026-11-24`), or another name of a stretch of time.

        False when that was done before.
        """
        ...

    def forget_alarm(self, cause: str, day: str) -> None:
        """Take a note back: the message was not accepted."""
        ...


class Messages(Protocol):
    """Messages as they go out, kept from the first copy on; used by composing."""

    def message(self, edition: EditionId, version: int, language: str) -> Message | None:
        """Return the message of a version of what an edition says, None when none is kept."""
        ...

    def kept_messages(self, edition: EditionId, version: int) -> Mapping[str, str]:
        """Return the marks of the messages kept of this version, by language."""
        ...

    def keep_message(self, edition: EditionId, version: int, message: Message) -> Message:
        """Keep a message unless another of this version is kept; return the one that is.

        Raises NotFound.
        """
        ...

    def forget_messages(self, edition: EditionId) -> None:
        """Forget an edition's messages if nobody has it: it goes as templates are by then.

        The same happens when it is let go (again).
        """
        ...


class Meters(Protocol):
    """What the store keeps for Allowances: one row a bucket, one transaction a slice."""

    def draw(self, bucket: str, limit: float, slow_start: float, now: datetime) -> Allowance:
        """Take what may go now."""
        ...

    def slow_down(self, bucket: str, limit: float, observed: float, now: datetime) -> None:
        """Halve a rate, once in ten seconds at most; it doubles again every ten minutes."""
        ...

    def slowed(self, prefix: str, now: datetime) -> Mapping[str, float]:
        """Return the buckets of a prefix that are cut, each with the part of its rate that is left."""
        ...


class Mailbox(Subscribers, Alarms, Protocol):
    """What greeting needs of the store: people, and which letters they had."""

    def note_letter(self, transport: str, day: str) -> None:
        """Count a letter that a transport took on a day."""
        ...


class Keeping(Protocol):
    """The store's own marks; used by keeping (promise 5)."""

    def identity(self) -> str:
        """Return the publication's permanent uuid, minted when the store was made."""
        ...

    def beat(self, now: datetime) -> None:
        """Write the heartbeat, and count a step."""
        ...

    def marks(self, *, settled: bool = False) -> Marks:
        """Return what the store and its witness say; `settled` waits for a witness being made."""
        ...

    def attest(self) -> None:
        """Note every step outside the store from now on; the witness is made when there is none."""
        ...

    def hold_back(self, reason: str) -> Sequence[Edition]:
        """Let nothing be sent from this store until `let_go`; pause what is open, and return that."""
        ...

    def repair(
        self,
        now: datetime,
        dead: Collection[str],
        resend: bool,  # noqa: FBT001  the verb is always called with its names
        dry: bool,  # noqa: FBT001  as above
    ) -> Repaired:
        """Put the ledger right in one transaction; `dry` only says what would be done."""
        ...

    def let_go(self) -> None:
        """Trust this store again: it goes on from here, and every other copy of it is held back."""
        ...

    def count_as_sent(self, number: EditionId, reason: str, now: datetime) -> int:
        """Settle what waits of a paused edition as uncertain, which counts as sent, and open it.

        Returns how many. Raises Conflict, NotFound.
        """
        ...


class Store(
    Articles,
    Documents,
    Runs,
    Editions,
    Messages,
    Deliveries,
    Sheets,
    Brakes,
    Days,
    Mailbox,
    Meters,
    Keeping,
    Protocol,
):
    """The store of one publication, plus looking after it."""

    def close(self) -> None:
        """Close; may be called twice."""
        ...


# Composing a publication


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichSettings:
    """How many key points and Read also links an article gets (the largest of its feeds)."""

    key_points: int = 3
    read_also: int = 3


class Progress(Protocol):
    """Told about long work, for progress bars; `total` None while unknown."""

    def __call__(self, done: int, total: int | None, what: str) -> None:
        """Report."""
        ...


LEASE = timedelta(seconds=60)
"""How long a claimed run or batch stays with a silent worker."""
