"""Numbers for machines that watch: what this process sends, and what the ledger holds.

Serves `/metrics` in the Prometheus text format; the only importer of prometheus-client. Counters
are this process's own, gauges come from the store and are the same whichever process is asked.
Labels are few: a transport's name, a large provider or `other`, an outcome. Touches nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from publisher.kit.providers import PROVIDERS, group_of
from publisher.model.editions import DeliveryState, EditionState, Outcome, OutcomeState
from publisher.model.hubs import TopicFigures
from publisher.model.messages import Parcel
from publisher.model.sheets import Ledgers
from publisher.ports import Ledger, Transport

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OTHER = "other"
"""Who is not of a large provider: a label a domain would be one more time series a domain."""

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)
"""Seconds. A turn is one transaction: a millisecond or two on a good disk, half a minute locked."""

WAITING_EDITIONS = (
    EditionState.PREPARING,
    EditionState.REVIEW,
    EditionState.OPEN,
    EditionState.PAUSED,
)


@dataclass(frozen=True, slots=True)
class Described:
    """A metric as the reference describes it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    says: str


COPIES = Described(
    "publisher_copies_total",
    "counter",
    ("transport", "domain", "outcome"),
    "What transports told this process of copies: accepted, failed, deferred, uncertain, returned.",
)
TURNS = Described(
    "publisher_turn_seconds",
    "histogram",
    ("transport",),
    "How long a turn of the ledger took: one transaction before messages go out.",
)
EDITIONS = Described(
    "publisher_editions", "gauge", ("state",), "Editions that are neither done nor cancelled."
)
LEDGER = Described(
    "publisher_ledger_copies", "gauge", ("state",), "Copies of open editions by their state."
)
OLDEST = Described(
    "publisher_oldest_queued_seconds",
    "gauge",
    (),
    "How long the oldest copy has waited that could go out now; 0 when none waits.",
)
STORE = Described(
    "publisher_store_up", "gauge", (), "1 when the store answered; 0, and no other gauge counts."
)
HUB = Described(
    "publisher_hub_subscriptions",
    "gauge",
    ("state",),
    "Subscriptions at our WebSub hub: all, waiting for a change, failing to take one.",
)
PUSHED = Described(
    "publisher_pushed_sources",
    "gauge",
    ("state",),
    "Sources at the hubs they name: asking, alive, doubtful, failed, leaving.",
)
QUESTIONS = Described(
    "publisher_model_questions_total",
    "counter",
    ("outcome",),
    "What came of asking a language model for key points: answered, refused, failed.",
)
FELL_BACK = Described(
    "publisher_model_points_fell_back_total",
    "counter",
    (),
    "Key points of a language model that the article does not support: extracted ones stand instead.",
)
METRICS = (COPIES, TURNS, EDITIONS, LEDGER, OLDEST, HUB, PUSHED, QUESTIONS, FELL_BACK, STORE)

# A second series for each of ours, which says no more than when the process began.
disable_created_metrics()  # type: ignore[no-untyped-call]  # theirs has no types


class Metrics:
    """One process's metrics. Safe to use from several threads."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._copies = self._counter(COPIES)
        self._turns = Histogram(
            TURNS.name, TURNS.says, TURNS.labels, buckets=BUCKETS, registry=self._registry
        )
        self._questions = self._counter(QUESTIONS)
        self._fell_back = self._counter(FELL_BACK)
        self._editions = self._gauge(EDITIONS)
        self._ledger = self._gauge(LEDGER)
        self._oldest = self._gauge(OLDEST)
        self._hub = self._gauge(HUB)
        self._pushed = self._gauge(PUSHED)
        self._store = self._gauge(STORE)

    def _counter(self, what: Described) -> Counter:
        name = what.name.removesuffix("_total")
        return Counter(name, what.says, what.labels, registry=self._registry)

    def _gauge(self, what: Described) -> Gauge:
        return Gauge(what.name, what.says, what.labels, registry=self._registry)

    def text(
        self,
        ledgers: Ledgers | None,
        now: datetime,
        topics: Sequence[TopicFigures] = (),
        pushed: Mapping[str, int] | None = None,
    ) -> bytes:
        """Return all of them; `ledgers` None when the store did not answer.

        `pushed` counts what we listen to by its state.
        """
        known = ledgers or Ledgers()
        for state in WAITING_EDITIONS:
            self._editions.labels(state.value).set(known.states.get(state.value, 0))
        for copy in DeliveryState:
            self._ledger.labels(copy.value).set(known.copies.get(copy, 0))
        since = known.queued_since
        self._oldest.set(max(0.0, (now - since).total_seconds()) if since else 0.0)
        self._hub.labels("all").set(sum(one.subscribers for one in topics))
        self._hub.labels("waiting").set(sum(one.waiting for one in topics))
        self._hub.labels("failing").set(sum(one.failing for one in topics))
        for where, number in (pushed or {}).items():
            self._pushed.labels(where).set(number)
        self._store.set(int(ledgers is not None))
        return generate_latest(self._registry)

    def measured(self, transport: Transport) -> Transport:
        """Return a transport whose turns and outcomes are counted."""
        return Measured(transport, self)

    def count(self, transport: str, domain: str, outcome: OutcomeState) -> None:
        """Count one outcome."""
        self._copies.labels(transport, domain, outcome.value).inc()

    def wrote(self, *, answered: int, refused: int, failed: int, fell_back: int) -> None:
        """Count what came of questions to a language model."""
        outcomes = (("answered", answered), ("refused", refused), ("failed", failed))
        for outcome, number in outcomes:
            self._questions.labels(outcome).inc(number)
        self._fell_back.inc(fell_back)

    def time(self, transport: str, seconds: float) -> None:
        """Count one turn."""
        self._turns.labels(transport).observe(seconds)


class Measured:
    """A transport that is measured while it works as before."""

    def __init__(self, inner: Transport, metrics: Metrics) -> None:
        self.name = inner.name
        self.leaves_machine = inner.leaves_machine
        self._inner = inner
        self._metrics = metrics

    def send(self, parcels: Iterator[Parcel], ledger: Ledger) -> None:
        """Carry what the ledger lets go, as the transport does."""
        self._inner.send(parcels, _MeasuredLedger(ledger, self.name, self._metrics))

    def close(self) -> None:
        """Close the transport."""
        self._inner.close()


class _MeasuredLedger:
    """A ledger whose turns are timed; remembers the domains of what is on its way."""

    def __init__(self, inner: Ledger, transport: str, metrics: Metrics) -> None:
        self._inner = inner
        self._transport = transport
        self._metrics = metrics
        self._domains: dict[int, str] = {}

    def turn(self, outcomes: Sequence[Outcome], next: Sequence[Parcel]) -> frozenset[int]:  # noqa: A002  the port's word
        begin = perf_counter()
        allowed = self._inner.turn(outcomes, next)
        self._metrics.time(self._transport, perf_counter() - begin)
        self._count(outcomes)
        self._domains.update(
            (parcel.delivery, _provider(parcel.recipient))
            for parcel in next
            if parcel.delivery in allowed
        )
        return allowed

    def stopping(self) -> bool:
        """Ask the ledger inside."""
        return self._inner.stopping()

    def _count(self, outcomes: Iterable[Outcome]) -> None:
        for one in outcomes:
            domain = self._domains.pop(one.delivery, OTHER)
            self._metrics.count(one.transport or self._transport, domain, one.state)


def _provider(recipient: str) -> str:
    domain = group_of(recipient.rpartition("@")[2])
    return domain if domain in PROVIDERS else OTHER
