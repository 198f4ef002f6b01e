"""Every port of the house: who calls it, what it promises, what it may raise; a room a subject.

Use-cases in `core` are written against these protocols only; `app` hands in the implementations.

Adapter convention (sources, enrichers, formats, delivery): an adapter is one module with
`Options` (a msgspec Struct: its TOML keys without `type`) and `create(options, context)`, where
`context` is the `…Context` of its port. The registry finds it by module name, or by entry point.
"""

from publisher.ports.articles import (
    ArticleChanges,
    Articles,
    CollectionResult,
    Documents,
    Relate,
    Topics,
)
from publisher.ports.clustering import Clusters
from publisher.ports.collecting import (
    NO_HEADERS,
    Dial,
    Fetched,
    Fetcher,
    Inbox,
    NoPages,
    PageReader,
    Source,
    SourceContext,
)
from publisher.ports.common import LEASE, Clock, Progress
from publisher.ports.deliveries import Brakes, Days, Deliveries, Meters
from publisher.ports.delivery import (
    Allowances,
    FinishedDocuments,
    Ledger,
    Outlet,
    Placements,
    Transport,
    TransportContext,
)
from publisher.ports.editions import Editions, Messages, Sheets
from publisher.ports.enriching import (
    EnrichSettings,
    ExplainsPoints,
    ExplainsTies,
    KeyPoints,
    Library,
    ReadAlso,
)
from publisher.ports.formats import (
    DigestFormat,
    DocumentFormat,
    Inspector,
    Judge,
    LetterFormat,
    Pages,
    Wording,
)
from publisher.ports.hubs import Answered, Caller, Hubs
from publisher.ports.keeping import Keeping, Tidied
from publisher.ports.mail import Letter, Press, Seal, Signer, Tokens
from publisher.ports.people import Alarms, Mailbox, Subscribers, Suppressing
from publisher.ports.pictures import Picture, Pictures
from publisher.ports.pushes import Pushable, Pushes
from publisher.ports.runs import Runs
from publisher.ports.store import Store
from publisher.ports.timing import Calendar, Pacing, Warming, Workers
from publisher.ports.writing import (
    Answer,
    Budget,
    Pointed,
    PointWriter,
    Purse,
    Service,
    Spent,
    WriterContext,
    Writings,
    Written,
)

__all__ = [
    "LEASE",
    "NO_HEADERS",
    "Alarms",
    "Allowances",
    "Answer",
    "Answered",
    "ArticleChanges",
    "Articles",
    "Brakes",
    "Budget",
    "Calendar",
    "Caller",
    "Clock",
    "Clusters",
    "CollectionResult",
    "Days",
    "Deliveries",
    "Dial",
    "DigestFormat",
    "DocumentFormat",
    "Documents",
    "Editions",
    "EnrichSettings",
    "ExplainsPoints",
    "ExplainsTies",
    "Fetched",
    "Fetcher",
    "FinishedDocuments",
    "Hubs",
    "Inbox",
    "Inspector",
    "Judge",
    "Keeping",
    "KeyPoints",
    "Ledger",
    "Letter",
    "LetterFormat",
    "Library",
    "Mailbox",
    "Messages",
    "Meters",
    "NoPages",
    "Outlet",
    "Pacing",
    "PageReader",
    "Pages",
    "Picture",
    "Pictures",
    "Placements",
    "PointWriter",
    "Pointed",
    "Press",
    "Progress",
    "Purse",
    "Pushable",
    "Pushes",
    "ReadAlso",
    "Relate",
    "Runs",
    "Seal",
    "Service",
    "Sheets",
    "Signer",
    "Source",
    "SourceContext",
    "Spent",
    "Store",
    "Subscribers",
    "Suppressing",
    "Tidied",
    "Tokens",
    "Topics",
    "Transport",
    "TransportContext",
    "Warming",
    "Wording",
    "Workers",
    "WriterContext",
    "Writings",
    "Written",
]
