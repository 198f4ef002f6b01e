"""Metrics count what transports tell, by few labels, and carry the ledger's figures."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from publisher.errors import TransportUnavailable
from publisher.kit.metrics import METRICS, Metrics
from publisher.model.editions import DeliveryState, Outcome, OutcomeState
from publisher.model.messages import Parcel
from publisher.model.sheets import Ledgers

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def parcel(number, recipient):
    return Parcel(
        delivery=number, sender="a@b.example", recipient=recipient, message_id="", pieces=()
    )


class Carrier:
    """A transport that tells of each parcel what the address says, a turn late as SMTP does."""

    name = "relay"
    leaves_machine = True
    closed = False

    def send(self, parcels, ledger):
        told = []
        for one in parcels:
            if one.recipient.startswith("down"):
                raise TransportUnavailable("relay", "is down")
            allowed = ledger.turn(told, [one])
            state = OutcomeState(one.recipient.partition("@")[0])
            told = [Outcome(delivery=one.delivery, state=state)] if allowed else []
        ledger.turn(told, [])

    def close(self):
        self.closed = True


class Book:
    """A ledger that lets go all but one delivery."""

    def __init__(self, barred=0):
        self.barred = barred
        self.told = []

    def turn(self, outcomes, next):  # noqa: A002
        self.told += outcomes
        return frozenset(one.delivery for one in next if one.delivery != self.barred)


def read(metrics, ledgers=None):
    """Return every sample by its name and labels."""
    text = metrics.text(ledgers, NOW).decode()
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_outcomes_are_counted_by_transport_and_provider():
    metrics, book, inner = Metrics(), Book(barred=3), Carrier()
    measured = metrics.measured(inner)
    assert (measured.name, measured.leaves_machine) == ("relay", True)
    people = [
        parcel(1, "accepted@GMAIL.com"),
        parcel(2, "accepted@quay.example"),
        parcel(3, "accepted@gmail.com"),
        parcel(4, "failed@isle.example"),
        parcel(5, "deferred@hotmail.co.uk"),
    ]
    measured.send(iter(people), book)
    found = read(metrics)
    name = "publisher_copies_total"
    assert {key: value for key, value in found.items() if key[0] == name} == {
        (name, "accepted", "gmail.com", "relay"): 1,
        (name, "accepted", "other", "relay"): 1,
        (name, "failed", "other", "relay"): 1,
        (name, "deferred", "outlook.com", "relay"): 1,
    }
    assert [one.delivery for one in book.told] == [1, 2, 4, 5]
    assert found["publisher_turn_seconds_count", "relay"] == 6
    measured.close()
    assert inner.closed


def test_what_was_told_before_an_accident_counts():
    metrics = Metrics()
    people = [parcel(1, "accepted@a.example"), parcel(2, "failed@a.example"), parcel(3, "down@x")]
    with pytest.raises(TransportUnavailable):
        metrics.measured(Carrier()).send(iter(people), Book())
    assert read(metrics)["publisher_copies_total", "accepted", "other", "relay"] == 1


def test_the_ledger_s_figures_are_named_also_when_they_are_nothing():
    metrics = Metrics()
    ledgers = Ledgers(
        states={"open": 2, "paused": 1},
        copies={DeliveryState.QUEUED: 7, DeliveryState.ACCEPTED: 90},
        queued_since=NOW - timedelta(seconds=90),
    )
    found = read(metrics, ledgers)
    assert found["publisher_editions", "open"] == 2
    assert found["publisher_editions", "review"] == 0
    assert found["publisher_ledger_copies", "queued"] == 7
    assert found["publisher_ledger_copies", "uncertain"] == 0
    assert found["publisher_oldest_queued_seconds",] == 90.0
    assert found["publisher_store_up",] == 1
    found = read(metrics, Ledgers())
    assert found["publisher_editions", "open"] == 0
    assert found["publisher_oldest_queued_seconds",] == 0.0
    assert read(metrics, None)["publisher_store_up",] == 0


def test_every_metric_is_described():
    metrics = Metrics()
    metrics.count("relay", "other", OutcomeState.ACCEPTED)
    metrics.time("relay", 0.002)
    families = text_string_to_metric_families(metrics.text(None, NOW).decode())
    shown = {family.name: (family.type, family.documentation) for family in families}
    assert shown == {one.name.removesuffix("_total"): (one.kind, one.says) for one in METRICS}
