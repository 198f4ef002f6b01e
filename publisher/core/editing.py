"""Which stories a reader gets in an edition: pure choices among what is news to the reader.

`Opening` asks the store to freeze articles and audience with these choices.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from types import MappingProxyType

from publisher.core.leading import Policy, policy
from publisher.core.pacing import pace_of
from publisher.model.articles import ArticleId
from publisher.model.clusters import ClusterSettings
from publisher.model.definitions import Overflow, ScheduleDefinition
from publisher.model.editions import (
    Candidate,
    Choice,
    Delivery,
    Edition,
    OpenEdition,
    Rank,
    ReaderGroup,
)
from publisher.model.subscribers import SubscriberId
from publisher.model.timetable import ALERT, Run, RunId
from publisher.ports import Calendar, Clock, Editions

Chooser = Callable[[Sequence[Candidate], ReaderGroup], Choice]


STEP = timedelta(hours=6)
"""How much fresher one point of a feed's weight makes its stories count."""

LINES = 30
"""How many stories beyond the limit are told by title where the rest is summarised."""

Weights = Mapping[str, int]
EVEN: Weights = MappingProxyType({})
"""No feed weighs more than another."""


def rank(candidate: Candidate, weights: Weights = EVEN) -> Rank:
    """Return the key by which better stories sort first.

    Pinned ones, then priority, then the newest (a feed's weight makes its stories count as fresher),
    then those stored last. The same for every reader of an edition.
    """
    weight = max((weights.get(feed, 0) for feed in candidate.feeds), default=0)
    freshness = candidate.published + weight * STEP
    return (not candidate.pinned, -candidate.priority, -freshness.timestamp(), -candidate.id)


FIRST = policy(ClusterSettings())
"""Who leads a cluster where nobody said: the story published first."""


def chooser(limit: int, overflow: Overflow = Overflow.CARRY, leads: Policy = FIRST) -> Chooser:
    """Return the choice for editions of at most `limit` stories, of those that are news to a reader.

    They are given best first. Of a cluster one is told: a pinned one, else whom the policy says of
    those that the reader may get. What is over is carried over (owed, all of its cluster, for which of
    it leads may change until then), or told by title, up to `LINES` of them.
    """
    lines = LINES if overflow is Overflow.SUMMARISE else 0

    def choose(candidates: Sequence[Candidate], _group: ReaderGroup) -> Choice:
        clusters = defaultdict(list)
        for one in candidates:
            clusters[-one.id if one.cluster is None else one.cluster].append(one)
        leading = {min(one, key=_order).id for one in clusters.values()}
        unique = [one for one in candidates if one.id in leading]
        over = limit + lines
        left = {one.cluster for one in unique[over:]} - {None}
        rest = {one.id for one in unique[over:]}
        return Choice(
            articles=_ids(unique[:limit]),
            more=_ids(unique[limit:over]),
            owed=_ids([one for one in candidates if one.id in rest or one.cluster in left]),
        )

    def _order(one: Candidate) -> tuple[object, ...]:
        return (not one.pinned, *leads(one))

    return choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The open use-case; `home` is the zone of readers who named none, `weights` those of feeds.

    `leads` says which of a cluster is told. With `prepare`, what it opens is `preparing` until
    somebody lets it go.
    """

    store: Editions
    clock: Clock
    calendar: Calendar
    home: str
    weights: Weights = field(default_factory=lambda: EVEN)
    leads: Policy = FIRST
    prepare: bool = False

    def open(self, run: Run, schedule: ScheduleDefinition, transport: str) -> Edition | None:
        """Find or create the run's edition; None when nobody has anything to get.

        A run keyed `slot@offset` (schedules in the reader's own time) takes only readers whose zone
        has that offset, in minutes, at the slot. Raises StoreError.
        """
        slot, at, offset = run.key.partition("@")
        by_hand = run.key.startswith(("manual:", ALERT))
        own_time = bool(at) and not by_hand and schedule.timezone == "subscriber"
        intent = replace(
            self._intent(schedule, transport, run.slot),
            run=run.id,
            offset=int(offset) if own_time else None,
            only=run.article,
        )

        def compatible(zone: str) -> bool:
            known = self.calendar.offset(zone, slot)
            here = self.calendar.offset(self.home, slot) if known is None else known
            return here == int(offset)

        return self.store.open_edition(
            intent,
            self._chooser(schedule),
            compatible if own_time else None,
            pace_of(schedule, self.home),
        )

    def rehearse(
        self,
        schedule: ScheduleDefinition,
        subscriber: SubscriberId | None = None,
        *,
        few: bool = False,
    ) -> tuple[Edition, Delivery | None] | None:
        """Return the edition that a run by hand would open now, and one subscriber's row of it.

        Nothing is kept of it. With `few` it is that of some readers. None when nobody has anything
        to get. Raises StoreError.
        """
        slot = self.clock.now().isoformat(timespec="seconds")
        intent = self._intent(schedule, schedule.transport, slot)
        return self.store.rehearse(intent, self._chooser(schedule), subscriber, few=few)

    def _intent(self, schedule: ScheduleDefinition, transport: str, slot: str) -> OpenEdition:
        """Return the intent to open an edition for everybody, under a run to be named."""
        return OpenEdition(
            run=RunId(0),
            schedule=schedule.slug,
            slot=slot,
            title=schedule.title or schedule.slug,
            transport=transport,
            feeds=schedule.feeds,
            now=self.clock.now(),
            min_articles=max(1, schedule.min_articles),
            max_articles=schedule.max_articles,
            review=schedule.review.required,
            prepare=self.prepare,
            rank=partial(rank, weights=self.weights),
        )

    def _chooser(self, schedule: ScheduleDefinition) -> Chooser:
        return chooser(schedule.max_articles, schedule.overflow, self.leads)


def _ids(candidates: Sequence[Candidate]) -> tuple[ArticleId, ...]:
    return tuple(candidate.id for candidate in candidates)
