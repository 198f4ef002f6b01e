"""Which article of a cluster leads, and which of a document's members stand for theirs. Pure.

Serves editing (what is mailed), clustering and the documents.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from publisher.model.articles import ArticleId
from publisher.model.clusters import ClusterSettings, Lead


class Contender(Protocol):
    """What is asked of an article that may lead."""

    @property
    def id(self) -> ArticleId:
        """Return its id."""
        ...

    @property
    def source(self) -> str:
        """Return the key of its source."""
        ...

    @property
    def published(self) -> datetime:
        """Return when it was published."""
        ...

    @property
    def length(self) -> int:
        """Return how long its text is."""
        ...


class Clustered(Protocol):
    """What is asked of an article that may stand in a document."""

    @property
    def id(self) -> ArticleId:
        """Return its id."""
        ...

    @property
    def cluster(self) -> int | None:
        """Return its cluster, None for none."""
        ...

    @property
    def follows(self) -> bool:
        """Tell whether another one leads its cluster in documents."""
        ...


C = TypeVar("C", bound=Clustered)
Policy = Callable[[Contender], tuple[object, ...]]
"""Returns what sorts first for the one that leads."""


def policy(settings: ClusterSettings) -> Policy:
    """Return the order in which articles of one cluster come to lead."""
    places = {name: place for place, name in reversed([*enumerate(settings.prefer)])}
    longest = settings.lead is Lead.LONGEST

    def order(one: Contender) -> tuple[object, ...]:
        address = one.source.partition(":")[2]
        place = min(places.get(name, len(places)) for name in (one.source, address))
        return (place, -one.length if longest else 0, one.published, one.id)

    return order


def leaders(members: Iterable[C]) -> Sequence[C]:
    """Return those of a document's members that lead their clusters there, in their order.

    The one that led first goes on leading, so that no reader is shown a story again for the sake of
    another source; where it is not among them, the one stored first does.
    """
    known = list(members)
    leading: dict[int, C] = {}
    for one in known:
        if one.cluster is not None:
            leading[one.cluster] = min(one, leading.get(one.cluster, one), key=_first)
    return [one for one in known if one.cluster is None or leading[one.cluster] is one]


def _first(one: Clustered) -> tuple[bool, int]:
    return one.follows, one.id
