"""The store itself: every subject's verbs in one class; serves `app` as `ports.Store`."""

from collections.abc import Callable

from publisher.store.alarms import AlarmVerbs
from publisher.store.alerts import AlertVerbs
from publisher.store.articles import ArticleVerbs
from publisher.store.braking import BrakeVerbs
from publisher.store.clusters import ClusterVerbs
from publisher.store.collected import CollectedVerbs
from publisher.store.contents import ContentVerbs
from publisher.store.database import Database
from publisher.store.documents import DocumentVerbs
from publisher.store.editions import EditionVerbs
from publisher.store.feeding import FeedingVerbs
from publisher.store.freezing import FreezingVerbs
from publisher.store.hubs import HubVerbs
from publisher.store.keeping import KeepingVerbs
from publisher.store.letters import LetterVerbs
from publisher.store.listing import ListingVerbs
from publisher.store.messages import MessageVerbs
from publisher.store.meters import MeterVerbs
from publisher.store.placements import PlacementVerbs
from publisher.store.pushes import PushVerbs
from publisher.store.repairing import RepairVerbs
from publisher.store.runs import RunVerbs
from publisher.store.sheets import SheetVerbs
from publisher.store.sources import SourceVerbs
from publisher.store.subscribers import SubscriberVerbs
from publisher.store.tidying import TidyVerbs
from publisher.store.topics import TopicVerbs
from publisher.store.turns import TurnVerbs
from publisher.store.warming import WarmingVerbs
from publisher.store.witness import WitnessFile
from publisher.store.writing import WritingVerbs


class SqlStore(
    SourceVerbs,
    CollectedVerbs,
    ArticleVerbs,
    ClusterVerbs,
    DocumentVerbs,
    RunVerbs,
    AlertVerbs,
    FreezingVerbs,
    EditionVerbs,
    ContentVerbs,
    MessageVerbs,
    TurnVerbs,
    FeedingVerbs,
    RepairVerbs,
    ListingVerbs,
    SheetVerbs,
    BrakeVerbs,
    WarmingVerbs,
    SubscriberVerbs,
    AlarmVerbs,
    LetterVerbs,
    MeterVerbs,
    HubVerbs,
    PushVerbs,
    TidyVerbs,
    TopicVerbs,
    PlacementVerbs,
    KeepingVerbs,
    WritingVerbs,
):
    """One publication's memory on SQLite or PostgreSQL; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        identity: str,
        authority: str,
        permalink: Callable[[str], str],
        witness: WitnessFile | None = None,
    ) -> None:
        super().__init__(database)
        self._identity = identity
        self._authority = authority
        self._witness = witness
        self._permalink = permalink
        self._selections = {}
        self._contents = {}

    def close(self) -> None:
        """Close; may be called twice."""
        self._db.close()
