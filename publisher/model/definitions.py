"""What operators write, after validation: the publication, its feeds, schedules and adapters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from publisher.model.clusters import ClusterSettings
from publisher.model.podcasts import Podcast


class Action(StrEnum):
    """What a schedule does."""

    COLLECT = "collect"
    PUBLISH = "publish"
    DIGEST = "digest"
    ALERT = "alert"
    RECEIPTS = "receipts"
    TIDY = "tidy"


MAX_LATENESS = timedelta(hours=6)
"""Of a schedule that names none."""

MAILED = (Action.DIGEST, Action.ALERT)
"""What people may subscribe to."""


class CatchUp(StrEnum):
    """What happens to slots missed while nobody was running."""

    LATEST = "latest"
    ALL = "all"
    SKIP = "skip"


class Overflow(StrEnum):
    """What becomes of the stories beyond a digest's limit."""

    CARRY = "carry"  # they come next time
    SUMMARISE = "summarise"  # their titles stand under "More on the web"


class OnCrash(StrEnum):
    """What happens to messages that were on the wire when a process died."""

    RESEND = "resend"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """`[publication]`: who publishes. `url` ends with a slash; `language` is BCP 47."""

    title: str
    url: str
    language: str = "en"
    timezone: str = "UTC"
    postal_address: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterDefinition:
    """An adapter as written: its type and its raw options (validated by the adapter's own schema).

    `where` is `file: key`, for error messages.
    """

    name: str
    type: str
    options: Mapping[str, object] = field(default_factory=dict)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDefinition:
    """One `[[sources]]` table; `key` names the source for ever: `type:address` as written."""

    key: str
    adapter: AdapterDefinition
    every: timedelta | None = None  # None = adaptive
    keep_ids: bool = False


class Expression(Protocol):
    """A regular expression that was compiled when the definitions were read."""

    def search(self, text: str) -> bool:
        """Tell whether it is found anywhere in the text, in time linear in the text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectRules:
    """Which articles enter: all of `all_of`, at least one of `any_of`, none of `none_of`.

    A rule is `field:value` or `field:~regular expression`; a bare value is looked for in title and text.
    `expressions` holds what each rule with a `~` searches for, by the rule as written.
    """

    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    expressions: Mapping[str, Expression] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDefinition:
    """One file in `feeds/`: an outgoing, subscribable selection of articles."""

    slug: str
    title: str
    description: str = ""
    language: str = ""
    public: bool = True
    formats: tuple[str, ...] = ("rss", "atom", "json")
    limit: int = 50
    full_text: bool = True
    key_points: int = 3
    read_also: int = 3
    key_points_in_text: bool = True
    read_also_in_text: bool = True
    category_scheme: str = ""
    weight: int = 0
    sources: tuple[SourceDefinition, ...] = ()
    select: SelectRules = field(default_factory=SelectRules)
    podcast: Podcast | None = None
    was: tuple[str, ...] = ()
    ended: bool = False
    gathers: str = ""  # what a feed that nobody wrote gathers, of model.topics.KINDS
    lenders: tuple[str, ...] = ()  # the feeds whose articles it gathers: another set, another feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Whether a person must approve an edition, by when, and what happens otherwise."""

    required: bool = False
    approve_within: timedelta = timedelta(minutes=45)
    otherwise: str = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipRules:
    """Days on which a schedule rests; `between` are inclusive ranges of local dates."""

    holidays: str = ""  # a country, or country and subdivision: "DE-BE"
    dates: tuple[date, ...] = ()
    between: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours by a reader's own clock in which no alert reaches them: from `begins` until `ends`.

    They cross midnight when `ends` comes first; the two differ.
    """

    begins: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """How many alerts one reader gets within a length of time."""

    count: int = 3
    within: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleDefinition:
    """One file in `schedules/`: when which action runs.

    Exactly one of `when` and `cron` is set; neither of an alert that follows each collection.
    `quiet`, `per_person` and `min_priority` count for alerts only.

    `timezone` is an IANA name or `subscriber`. `feeds` are slugs with `*` already resolved. `public`
    editions may be read online by everybody, as far as their stories stand in public feeds.
    """

    slug: str
    action: Action
    title: str = ""
    feeds: tuple[str, ...] = ()
    when: str = ""
    cron: str = ""
    first: str = "next"
    timezone: str = "UTC"
    subject: str = "{{ lead.title }}"
    template: str = "newspaper"
    min_articles: int = 1
    max_articles: int = 12
    overflow: Overflow = Overflow.CARRY
    public: bool = True
    catch_up: CatchUp = CatchUp.LATEST
    max_lateness: timedelta = MAX_LATENESS
    quiet: Quiet | None = None
    per_person: Cap = field(default_factory=Cap)
    min_priority: int = 0
    spread: timedelta = timedelta(0)
    review: Review = field(default_factory=Review)
    skip: SkipRules = field(default_factory=SkipRules)
    transport: str = ""
    ping: str = ""
    was: tuple[str, ...] = ()

    @property
    def follows(self) -> bool:
        """Tell whether it has no rule of its own: it runs after each collection."""
        return self.action is Action.ALERT and not (self.when or self.cron)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseSettings:
    """`[mail.pause]`: when an edition stops by itself. Shares are of 1; 0 never stops it.

    `errors` and `policy` count after so many copies tried as `after` says, `policy` and `complaints`
    after so many accepted in seven days as `accepted` says.
    """

    errors: float = 0.1
    policy: float = 0.05
    complaints: float = 0.003
    after: int = 100
    accepted: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """`[transports.NAME.warm_up]`: how many messages a new transport takes on its first days.

    `per_day` on the day it `begins`, each further day `growth` times as many, without a limit from
    `until` on. `reserve` is the share kept for letters to one person.
    """

    begins: date
    per_day: int = 50
    growth: float = 1.5
    until: int = 50_000
    reserve: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """`[mail]`: the sender and how digests travel. `sender` is a display name and an address."""

    sender: str = ""
    reply_to: str = ""
    transport: str = ""
    on_crash: OnCrash = OnCrash.RESEND
    fallback: tuple[str, ...] = ()
    pause: PauseSettings = field(default_factory=PauseSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """`[alerts]`: where the operators are told of trouble; `transport` "" is that of `[mail]`."""

    to: tuple[str, ...] = ()
    transport: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`[web]`: where the pages are served; `metrics` "" gives the numbers no address of their own."""

    bind: str = "127.0.0.1:8080"
    metrics: str = ""
    slow_down: bool = True
    trusted_proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectSettings:
    """`[collect]`: manners of the collector."""

    contact: str = ""
    allow_private_addresses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSettings:
    """`[images]`: pictures in digests; `width` in CSS pixels, `max_bytes` of one before resizing."""

    proxy: bool = True
    width: int = 600
    quality: int = 82
    max_bytes: int = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WebsubSettings:
    """`[websub]`: whether there is a hub of our own, other hubs to tell, and what our hub grants."""

    hub: bool = False
    hubs: tuple[str, ...] = ()
    lease: timedelta = timedelta(days=10)
    min_lease: timedelta = timedelta(hours=1)
    max_lease: timedelta = timedelta(days=30)
    max_subscriptions: int = 10_000
    max_per_host: int = 1_000
    allow_private_addresses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """A whole, valid publication as written in its folder `root`."""

    root: Path
    publication: Publication
    store_url: str = "sqlite:///var/publisher.db"
    keep: timedelta = timedelta(days=90)
    witness: str = "var/witness.json"
    precompress: bool = False
    more_feeds: tuple[str, ...] = ()
    output: Path = Path("public")
    outlets: Mapping[str, AdapterDefinition] = field(default_factory=dict)  # besides `output`
    enrichers: Mapping[str, AdapterDefinition] = field(default_factory=dict)  # `[enrich.…]`
    web: WebSettings = field(default_factory=WebSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    collect: CollectSettings = field(default_factory=CollectSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    images: ImageSettings = field(default_factory=ImageSettings)
    websub: WebsubSettings = field(default_factory=WebsubSettings)
    clusters: ClusterSettings = field(default_factory=ClusterSettings)
    transports: Mapping[str, AdapterDefinition] = field(default_factory=dict)
    warm_ups: Mapping[str, WarmUp] = field(default_factory=dict)  # by transport
    feeds: Mapping[str, FeedDefinition] = field(default_factory=dict)
    schedules: Mapping[str, ScheduleDefinition] = field(default_factory=dict)
    samples: str = ""  # `[subscribers] samples`: a CSV read once into an empty store
    theme: Mapping[str, object] = field(default_factory=dict)  # `[theme]`, as design tokens
    engine: AdapterDefinition = field(
        default_factory=lambda: AdapterDefinition(name="engine", type="local")
    )
    sections: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # receipts, dkim …
