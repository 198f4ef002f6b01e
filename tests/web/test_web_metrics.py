"""`/metrics`: numbers for a program that asks directly, nothing for the public."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from publisher.app.sending import send_due
from publisher.errors import StoreBusy
from publisher.web.measures import FORWARDED, KEPT


def asked(site: Any) -> dict[tuple[str, ...], float]:
    answer = site.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["cache-control"] == "no-store"
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_what_is_sent_here_is_counted_and_the_ledger_told(site: Any) -> None:
    readers = site.edition.audience
    before = asked(site)
    assert before["publisher_ledger_copies", "queued"] == readers > 0
    assert before["publisher_editions", "open"] == 1
    send_due(site.app)
    site.clock.advance(KEPT)
    after = asked(site)
    assert after["publisher_editions", "open"] == 0
    assert after["publisher_oldest_queued_seconds",] == 0
    name = site.app.definitions.mail.transport
    assert after["publisher_copies_total", "accepted", "other", name] == readers
    assert after["publisher_turn_seconds_count", name] >= 1


def test_the_ledger_is_counted_once_in_a_while(site: Any) -> None:
    before = asked(site)
    send_due(site.app)
    site.clock.advance(KEPT - timedelta(seconds=1))
    again = asked(site)
    assert again["publisher_editions", "open"] == before["publisher_editions", "open"] == 1
    site.clock.advance(timedelta(seconds=1))
    assert asked(site)["publisher_editions", "open"] == 0


def test_the_oldest_copy_s_wait_is_told(site: Any) -> None:
    site.clock.advance(timedelta(minutes=5))
    assert asked(site)["publisher_oldest_queued_seconds",] >= 300


class Locked:
    def ledgers(self, _now: object) -> None:
        raise StoreBusy("store", "locked")

    def close(self) -> None:
        """Close nothing."""


def test_a_store_that_does_not_answer_is_a_number_too(site: Any) -> None:
    site.app.__dict__["store"], kept = Locked(), site.app.store
    assert asked(site)["publisher_store_up",] == 0
    site.app.__dict__["store"] = kept
    assert asked(site)["publisher_store_up",] == 0
    site.clock.advance(KEPT)
    assert asked(site)["publisher_store_up",] == 1


@pytest.mark.parametrize("header", FORWARDED)
def test_the_public_finds_nothing(site: Any, header: str) -> None:
    answer = site.client.get("/metrics", headers={header: "192.0.2.7"})
    assert answer.status_code == 404
    assert "publisher_" not in answer.text


def test_head_and_post(site: Any) -> None:
    answer = site.client.head("/metrics")
    assert (answer.status_code, answer.content) == (200, b"")
    assert site.client.post("/metrics").status_code == 405
