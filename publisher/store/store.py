"""The store itself: every subject's verbs in one class; serves `app` as `ports.Store`."""

from collections.abc import Callable
from datetime import datetime

from publisher.store.alarms import AlarmVerbs
from publisher.store.alerts import AlertVerbs
from publisher.store.articles import ArticleVerbs
from publisher.store.braking import BrakeVerbs
from publisher.store.collected import CollectedVerbs
from publisher.store.contents import ContentVerbs
from publisher.store.database import Database
from publisher.store.deliveries import DeliveryVerbs
from publisher.store.editions import EditionVerbs
from publisher.store.freezing import FreezingVerbs
from publisher.store.listing import ListingVerbs
from publisher.store.messages import MessageVerbs
from publisher.store.meters import MeterVerbs
from publisher.store.runs import RunVerbs
from publisher.store.schema import meta
from publisher.store.sheets import SheetVerbs
from publisher.store.subscribers import SubscriberVerbs
from publisher.store.turns import TurnVerbs
from publisher.store.types import micros, moment


class SqlStore(
    CollectedVerbs,
    ArticleVerbs,
    RunVerbs,
    AlertVerbs,
    FreezingVerbs,
    EditionVerbs,
    ContentVerbs,
    MessageVerbs,
    TurnVerbs,
    DeliveryVerbs,
    ListingVerbs,
    SheetVerbs,
    BrakeVerbs,
    SubscriberVerbs,
    AlarmVerbs,
    MeterVerbs,
):
    """One publication's memory on SQLite or PostgreSQL; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        identity: str,
        beat: int | None,
        permalink: Callable[[str], str],
    ) -> None:
        super().__init__(database)
        self._identity = identity
        self._last_beat = None if beat is None else moment(beat)
        self._permalink = permalink
        self._selections = {}
        self._contents = {}

    def close(self) -> None:
        """Close; may be called twice."""
        self._db.close()

    def beat(self, now: datetime) -> None:
        """Write the heartbeat (promise 5)."""
        row = {"key": "beat", "value": str(micros(now))}
        with self._db.write() as tx:
            upsert = self._db.insert(meta).values(row)
            tx.execute(upsert.on_conflict_do_update(index_elements=["key"], set_=row))

    def identity(self) -> str:
        """Return the publication's permanent uuid, minted when the store was made."""
        return self._identity

    def last_beat(self) -> datetime | None:
        """Return the last heartbeat before this process's."""
        return self._last_beat
