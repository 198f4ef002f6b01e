"""Every key operators may write, with its type, default and meaning, as msgspec Structs.

Serves checking (what is allowed), building (the values) and the generated settings reference,
which prints the descriptions below. Adapters bring the keys of their own tables as `Options`.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from publisher.config.clusters import ClustersTable
from publisher.config.collecting import CollectTable, EnrichTable, ImagesTable
from publisher.config.look import ThemeTable
from publisher.config.mailing import DkimTable, PauseTable
from publisher.config.podcasts import PodcastTable
from publisher.config.websub import WebsubTable

Duration = Annotated[str, Meta(extra={"kind": "duration"})]
Every = Annotated[str, Meta(extra={"kind": "every"})]
Slug = Annotated[str, Meta(extra={"kind": "slug"})]
Zone = Annotated[str, Meta(extra={"kind": "time zone"})]
ScheduleZone = Annotated[str, Meta(extra={"kind": "time zone or subscriber"})]
Language = Annotated[str, Meta(extra={"kind": "language"})]
WebAddress = Annotated[str, Meta(extra={"kind": "web address"})]
BaseAddress = Annotated[str, Meta(extra={"kind": "base address"})]
Email = Annotated[str, Meta(extra={"kind": "mail address"})]
Sender = Annotated[str, Meta(extra={"kind": "sender"})]
Bind = Annotated[str, Meta(extra={"kind": "host:port"})]
Network = Annotated[str, Meta(extra={"kind": "network"})]
StoreAddress = Annotated[str, Meta(extra={"kind": "store address"})]
Days = Annotated[str, Meta(extra={"kind": "dates"})]
Rule = Annotated[str, Meta(extra={"kind": "rule"})]
Hours = Annotated[str, Meta(extra={"kind": "hours"})]
Filled = Annotated[str, Meta(extra={"kind": "text that is not empty"})]
Table = dict[str, object]
SUBJECT = "{{ lead.title }}"
"""The subject of a schedule that names none."""


class PublicationTable(Struct, frozen=True, kw_only=True):
    """Who publishes."""

    title: Annotated[
        Filled, Meta(description="The publication's name; default: the folder's.")
    ] = "Publication"
    url: Annotated[
        BaseAddress,
        Meta(
            description="Public base of permalinks, feeds and subscriber pages; may hold a path."
        ),
    ] = "http://127.0.0.1:8080/"
    language: Annotated[Language, Meta(description="Language of pages and digests (BCP 47).")] = (
        "en"
    )
    timezone: Annotated[Zone, Meta(description="IANA zone of every schedule that names none.")] = (
        "UTC"
    )
    postal_address: Annotated[
        str, Meta(description="Stands in every digest; without it no mail leaves the machine.")
    ] = ""
    contact: Annotated[Email, Meta(description="Where readers reach the editors.")] = ""


class StoreTable(Struct, frozen=True, kw_only=True):
    """Where articles, subscribers and the ledger are kept."""

    url: Annotated[
        StoreAddress,
        Meta(
            description="`sqlite:///PATH` (from the folder) or `postgresql://USER@HOST/DATABASE`."
        ),
    ] = "sqlite:///var/publisher.db"
    keep: Annotated[
        Duration,
        Meta(
            description="How long an edition that ended keeps its deliveries; a schedule with"
            ' `action = "tidy"` then folds them into sums.'
        ),
    ] = "90d"
    witness: Annotated[
        Filled,
        Meta(
            description="A small file, kept apart from the store and its copies, that tells how far it came."
        ),
    ] = "var/witness.json"


class OutputTable(Struct, frozen=True, kw_only=True):
    """Where documents are written."""

    directory: Annotated[Filled, Meta(description="Folder of feeds and pages.")] = "public"
    more_feeds: Annotated[
        tuple[Literal["all", "tag", "author", "source"], ...],
        Meta(
            description="Feeds besides those in `feeds/`, of the articles in all public ones: `all` at"
            " `feeds/all`, one for each tag at `feeds/tag/SLUG`, for each author, for each source."
        ),
    ] = ()
    precompress: Annotated[
        bool,
        Meta(
            description="Write `.br` and `.gz` beside documents, for a web server before publisher"
            " (`export-config` says so to it)."
        ),
    ] = False
    outlets: Annotated[
        tuple[str, ...],
        Meta(
            description="Further outlets that get every document: `s3`, `webhook`, `directory`, or the"
            " name of an `[outlets.NAME]` table."
        ),
    ] = ()


class WebTable(Struct, frozen=True, kw_only=True):
    """Where `run` serves the pages."""

    bind: Annotated[Bind, Meta(description="Address and port to listen on.")] = "127.0.0.1:8080"
    metrics: Annotated[
        Bind,
        Meta(
            description="Address and port that serve `/metrics` alone, to whoever reaches it; "
            "default: beside the pages, while the publication's address is this machine's own."
        ),
    ] = ""
    slow_down: Annotated[
        bool,
        Meta(
            description="Programs that ask for the same feed again and again, many times faster than"
            " it is published, are answered 429 and told when to come back."
        ),
    ] = True
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Meta(description="Addresses or networks whose X-Forwarded-* headers count."),
    ] = ()


class MailTable(Struct, frozen=True, kw_only=True):
    """The sender, and how digests travel."""

    sender: Annotated[
        Sender,
        Meta(description="From: a name and an address; default: the title and the contact."),
    ] = field(name="from", default="")
    reply_to: Annotated[Email, Meta(description="Where answers go.")] = ""
    transport: Annotated[
        str, Meta(description="Which `[transports.*]` carries digests; schedules may name others.")
    ] = "outbox"
    on_crash: Annotated[
        Literal["resend", "hold"],
        Meta(description="What becomes of mail that was on the wire when a process died."),
    ] = "resend"
    fallback: Annotated[
        tuple[str, ...], Meta(description="Other transports to try when this one is down.")
    ] = ()
    pause: Annotated[PauseTable, Meta(description="When an edition stops by itself.")] = (
        PauseTable()
    )
    dkim: Annotated[DkimTable | None, Meta(description="Signing keys.", extra={"lazy": True})] = (
        None
    )


class ReceiptsTable(Struct, frozen=True, kw_only=True):
    """Where bounces and complaints come back."""

    address: Annotated[
        Email, Meta(description="Return address; each copy gets its own token.")
    ] = ""
    mailboxes: Annotated[
        tuple[str, ...],
        Meta(description="Where to read them: `imap+tls://…`, `maildir:…`, `lmtp:HOST:PORT`."),
    ] = ()
    forward_replies_to: Annotated[Email, Meta(description="Where people's answers go on to.")] = ""


class AlertsTable(Struct, frozen=True, kw_only=True):
    """Where the operator is told of trouble."""

    to: Annotated[
        tuple[Email, ...],
        Meta(description="The operators' addresses; without any, nobody is told by mail."),
    ] = ()
    transport: Annotated[
        str, Meta(description="Which transport carries alarms; default: that of `[mail]`.")
    ] = ""


class EngineTable(Struct, frozen=True, kw_only=True):
    """Who executes work."""

    type: Annotated[
        Literal["local", "procrastinate"],
        Meta(description="In this process, or on many machines over PostgreSQL."),
    ] = "local"
    workers: Annotated[int, Meta(ge=1, le=256, description="How many things run at once.")] = 2


class SubscribersTable(Struct, frozen=True, kw_only=True):
    """Who is there from the start."""

    samples: Annotated[
        str,
        Meta(description="A CSV of sample subscribers, read once into an empty store."),
    ] = ""


class PublicationFile(Struct, frozen=True, kw_only=True):
    """`publisher.toml`."""

    publication: Annotated[PublicationTable, Meta(description="Who publishes.")] = (
        PublicationTable()
    )
    store: Annotated[StoreTable, Meta(description="Where things are kept.")] = StoreTable()
    output: Annotated[OutputTable, Meta(description="Where documents go.")] = OutputTable()
    outlets: Annotated[
        dict[str, Table], Meta(description="Options of the outlets named in `[output]`.")
    ] = {}
    web: Annotated[WebTable, Meta(description="Where pages are served.")] = WebTable()
    mail: Annotated[MailTable, Meta(description="The sender, and how digests travel.")] = (
        MailTable()
    )
    receipts: Annotated[
        ReceiptsTable | None, Meta(description="Where bounces come back.", extra={"lazy": True})
    ] = None
    alerts: Annotated[AlertsTable, Meta(description="Where trouble is told.")] = AlertsTable()
    transports: Annotated[
        dict[str, Table],
        Meta(description="One table a transport: `type`, and the keys of that type."),
    ] = {}
    theme: Annotated[ThemeTable, Meta(description="The look of mails and pages.")] = ThemeTable()
    engine: Annotated[EngineTable, Meta(description="Who executes work.")] = EngineTable()
    collect: Annotated[CollectTable, Meta(description="Manners of the collector.")] = (
        CollectTable()
    )
    enrich: Annotated[EnrichTable, Meta(description="What is added to articles.")] = EnrichTable()
    images: Annotated[ImagesTable, Meta(description="Pictures in digests.")] = ImagesTable()
    clusters: Annotated[ClustersTable, Meta(description="Stories told twice.")] = ClustersTable()
    websub: Annotated[WebsubTable, Meta(description="Feeds that arrive at once.")] = WebsubTable()
    subscribers: Annotated[SubscribersTable, Meta(description="Who is there from the start.")] = (
        SubscribersTable()
    )


class SourceTable(Struct, frozen=True, kw_only=True):
    """The keys that every `[[sources]]` table has, whatever its type."""

    type: Annotated[str, Meta(description="Which kind of source.")]
    every: Annotated[
        Every, Meta(description="How often to look: `adaptive`, or a duration such as `15m`.")
    ] = "adaptive"
    keep_ids: Annotated[
        bool,
        Meta(
            description="New articles keep the id that they had elsewhere (a guid that is a URI), so that"
            " readers who move to this feed see none twice; for moving a feed, not for others' feeds."
        ),
    ] = False


class AdapterTable(Struct, frozen=True, kw_only=True):
    """The key that every adapter's table has."""

    type: Annotated[str, Meta(description="Which adapter.")]


class SelectTable(Struct, frozen=True, kw_only=True):
    """Which articles enter. A rule is `field:value`, `field:~regular expression` or words."""

    all_of: Annotated[
        tuple[Rule, ...],
        Meta(
            description="An article meets all of these. Fields: `tag`, `author`, `title`, `text`, `url`,"
            " `source`, `language`; expressions are RE2's."
        ),
    ] = field(name="all", default=())
    any_of: Annotated[tuple[Rule, ...], Meta(description="… at least one of these.")] = field(
        name="any", default=()
    )
    none_of: Annotated[tuple[Rule, ...], Meta(description="… and none of these.")] = field(
        name="none", default=()
    )


class FeedFile(Struct, frozen=True, kw_only=True):
    """`feeds/SLUG.toml`."""

    title: Annotated[str, Meta(description="The feed's name; default: made of the slug.")] = ""
    description: Annotated[str, Meta(description="One line on what it brings.")] = ""
    language: Annotated[Language, Meta(description="Default: the publication's.")] = ""
    public: Annotated[bool, Meta(description="Listed on the site and the preference page.")] = True
    formats: Annotated[tuple[str, ...], Meta(min_length=1, description="Documents to write.")] = (
        "rss",
        "atom",
        "json",
    )
    limit: Annotated[
        int,
        Meta(ge=1, le=1_000, description="Entries in the document; older ones go to archives."),
    ] = 50
    full_text: Annotated[bool, Meta(description="Whole articles, or summaries only.")] = True
    key_points: Annotated[
        int, Meta(ge=0, le=10, description="Computed per article when none are supplied; 0: none.")
    ] = 3
    read_also: Annotated[
        int, Meta(ge=0, le=20, description="Related articles under each; 0: none.")
    ] = 3
    key_points_in_text: Annotated[
        bool,
        Meta(
            description="Key points stand above the text of entries, too; JSON Feed has them as"
            " `_key_points` anyway."
        ),
    ] = True
    read_also_in_text: Annotated[
        bool,
        Meta(
            description="Related articles stand below the text of entries, too; Atom has them as"
            " links and JSON Feed as `_related` anyway."
        ),
    ] = True
    category_scheme: Annotated[
        WebAddress,
        Meta(
            description="Names the list that our own tags are from (Atom `scheme`, RSS `domain`);"
            " default: the publication's address."
        ),
    ] = ""
    weight: Annotated[
        int,
        Meta(
            ge=-20,
            le=20,
            description="In digests, each point makes its stories count 6 h fresher.",
        ),
    ] = 0
    sources: Annotated[
        tuple[Table, ...], Meta(description="Where its articles come from: one table a source.")
    ] = ()
    select: Annotated[SelectTable, Meta(description="Which articles enter.")] = SelectTable()
    podcast: Annotated[
        PodcastTable | None, Meta(description="Makes the RSS a podcast; default: it is none.")
    ] = None
    was: Annotated[
        tuple[Slug, ...], Meta(description="Old slugs: readers are sent on, subscriptions follow.")
    ] = ()
    ended: Annotated[bool, Meta(description="Says so in a last entry, then is gone (410).")] = (
        False
    )


class ReviewTable(Struct, frozen=True, kw_only=True):
    """Whether a person must approve an edition."""

    required: Annotated[bool, Meta(description="Wait for `editions approve`.")] = False
    approve_within: Annotated[Duration, Meta(description="How long to wait.")] = "45m"
    otherwise: Annotated[
        Literal["skip", "send"], Meta(description="What happens when nobody decides.")
    ] = "skip"


class SkipTable(Struct, frozen=True, kw_only=True):
    """Days on which the schedule rests."""

    holidays: Annotated[
        str, Meta(description="Public holidays of a country or a part of it: `DE`, `DE-BE`.")
    ] = ""
    dates: Annotated[tuple[date, ...], Meta(description="Single days.")] = ()
    between: Annotated[
        tuple[Days, ...], Meta(description="Ranges, both ends included: `2026-12-27..2027-01-02`.")
    ] = ()


class PerPersonTable(Struct, frozen=True, kw_only=True):
    """How many alerts of the schedule one reader gets; further ones wait, none is dropped."""

    count: Annotated[int, Meta(ge=1, le=1_000, description="At most so many …")] = 3
    within: Annotated[Duration, Meta(description="… within any stretch of this length.")] = "1d"


class ScheduleFile(Struct, frozen=True, kw_only=True):
    """`schedules/SLUG.toml`."""

    action: Annotated[
        Literal["collect", "publish", "digest", "alert", "receipts", "tidy"],
        Meta(description="What is done."),
    ]
    title: Annotated[str, Meta(description="Its name; default: made of the slug.")] = ""
    feeds: Annotated[
        tuple[str, ...],
        Meta(min_length=1, description='Slugs of feeds; `["*"]` means every feed.'),
    ] = ("*",)
    when: Annotated[
        Filled,
        Meta(
            description='In words, such as "every weekday at 07:30"; or use `cron`.'
            " An alert may have neither: it follows each collection."
        ),
    ] = ""
    cron: Annotated[Filled, Meta(description="Five fields with crontab's meaning.")] = ""
    first: Annotated[
        Literal["next", "now"],
        Meta(description="Whether a new schedule waits for its slot or runs at once."),
    ] = "next"
    timezone: Annotated[
        ScheduleZone,
        Meta(description="IANA zone or `subscriber`; default: the publication's."),
    ] = ""
    subject: Annotated[
        str, Meta(description="Template of the subject: values, conditions and filters, no loops.")
    ] = SUBJECT
    template: Annotated[
        str,
        Meta(
            description="Which look: newspaper, plain, compact or yours; default: `newspaper`, or"
            " `alert` for alerts."
        ),
    ] = ""
    min_articles: Annotated[
        int, Meta(ge=0, le=1_000, description="Fewer: skipped, and carried over.")
    ] = 1
    max_articles: Annotated[
        int, Meta(ge=1, le=1_000, description="More: `overflow` says what becomes of the rest.")
    ] = 12
    overflow: Annotated[
        Literal["carry", "summarise"],
        Meta(description='The rest comes next time, or stands as titles under "More on the web".'),
    ] = "carry"
    public: Annotated[
        bool,
        Meta(description="Everybody may read its editions online, and find them in archives."),
    ] = True
    catch_up: Annotated[
        Literal["latest", "all", "skip"],
        Meta(description="What happens to slots missed while nobody was running."),
    ] = "latest"
    max_lateness: Annotated[
        Duration,
        Meta(
            description="A slot later than this is skipped, with the reason;"
            " a story that came in longer ago is not alerted."
        ),
    ] = "6h"
    quiet: Annotated[
        Hours,
        Meta(
            description="Alerts only: hours by each reader's clock in which they wait; empty: none."
        ),
    ] = "22:00-07:00"
    per_person: Annotated[
        PerPersonTable, Meta(description="Alerts only: how many one reader gets.")
    ] = PerPersonTable()
    min_priority: Annotated[
        int, Meta(description="Alerts only: stories of a lower priority are not alerted.")
    ] = 0
    spread: Annotated[Duration, Meta(description="Stable spread of the start over this time.")] = (
        "0m"
    )
    review: Annotated[ReviewTable, Meta(description="Whether a person must approve.")] = (
        ReviewTable()
    )
    skip: Annotated[SkipTable, Meta(description="Days of rest.")] = SkipTable()
    transport: Annotated[str, Meta(description="Default: that of `[mail]`.")] = ""
    ping: Annotated[
        WebAddress, Meta(description="Told about start, success and failure of each run.")
    ] = ""
    was: Annotated[tuple[Slug, ...], Meta(description="Old slugs of this schedule.")] = ()
