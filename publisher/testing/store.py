"""The contract every store keeps; serves the tests of the built-in store and of others elsewhere.

Inherit from `StoreContract` and give a fixture `store` that yields an empty, open store. Each
subject's tests stand in a module of their own.
"""

import pytest

from publisher.errors import StoreError
from publisher.ports import Store
from publisher.testing.store_alarms import AlarmContract
from publisher.testing.store_alerts import AlertContract
from publisher.testing.store_articles import ArticleContract
from publisher.testing.store_brakes import BrakeContract
from publisher.testing.store_clusters import ClusterContract
from publisher.testing.store_contents import ContentContract
from publisher.testing.store_days import DayContract
from publisher.testing.store_deliveries import DeliveryContract
from publisher.testing.store_documents import DocumentContract
from publisher.testing.store_editions import EditionContract
from publisher.testing.store_enriching import EnrichingContract
from publisher.testing.store_feeding import FeedingContract
from publisher.testing.store_hubs import HubContract
from publisher.testing.store_keeping import KeepingContract
from publisher.testing.store_letters import LetterContract
from publisher.testing.store_memory import MemoryContract
from publisher.testing.store_messages import MessageContract
from publisher.testing.store_meters import MeterContract
from publisher.testing.store_outcomes import OutcomeContract
from publisher.testing.store_placements import PlacementContract
from publisher.testing.store_pushes import PushContract
from publisher.testing.store_repairs import RepairContract
from publisher.testing.store_runs import RunContract
from publisher.testing.store_sheets import SheetContract
from publisher.testing.store_subscribers import SubscriberContract
from publisher.testing.store_tidying import TidyContract
from publisher.testing.store_topics import TopicContract
from publisher.testing.store_world import NOON
from publisher.testing.store_writing import WritingContract


class StoreContract(
    ArticleContract,
    ClusterContract,
    EnrichingContract,
    DocumentContract,
    RunContract,
    EditionContract,
    ContentContract,
    DeliveryContract,
    FeedingContract,
    OutcomeContract,
    SheetContract,
    BrakeContract,
    DayContract,
    MemoryContract,
    MessageContract,
    AlertContract,
    SubscriberContract,
    TidyContract,
    TopicContract,
    PlacementContract,
    AlarmContract,
    MeterContract,
    KeepingContract,
    WritingContract,
    LetterContract,
    HubContract,
    PushContract,
    RepairContract,
):
    """All that a store promises."""

    def test_identity_is_permanent(self, store: Store) -> None:
        """A store knows who it is."""
        assert len(store.identity()) == 36
        assert store.identity() == store.identity()

    def test_a_closed_store_says_so(self, store: Store) -> None:
        """Closing twice is harmless; a verb after it is a StoreError."""
        store.close()
        store.close()
        with pytest.raises(StoreError):
            store.count_subscribers()
        with pytest.raises(StoreError):
            store.beat(NOON)
