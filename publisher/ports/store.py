"""The whole store: one class implements all of it, a use-case names only what it uses.

Each verb is one transaction, begun and ended inside it. Any verb may raise StoreError.
"""

from typing import Protocol

from publisher.ports.articles import Articles, Documents, Topics
from publisher.ports.clustering import Clusters
from publisher.ports.deliveries import Brakes, Days, Deliveries, Meters
from publisher.ports.delivery import Placements
from publisher.ports.editions import Editions, Messages, Sheets
from publisher.ports.hubs import Hubs
from publisher.ports.keeping import Keeping, Tidied
from publisher.ports.people import Mailbox
from publisher.ports.pushes import Pushes
from publisher.ports.runs import Runs
from publisher.ports.writing import Writings


class Store(
    Articles,
    Clusters,
    Documents,
    Topics,
    Placements,
    Runs,
    Editions,
    Messages,
    Deliveries,
    Sheets,
    Brakes,
    Days,
    Mailbox,
    Meters,
    Hubs,
    Pushes,
    Keeping,
    Tidied,
    Writings,
    Protocol,
):
    """The store of one publication, plus looking after it."""

    def close(self) -> None:
        """Close; may be called twice."""
        ...
