"""`/metrics`: numbers for a program that asks directly, nothing for the public."""

from contextlib import closing
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from litestar.testing import TestClient
from litestar.types import Receive, Scope, Send
from prometheus_client.parser import text_string_to_metric_families

from publisher import config
from publisher.app.sending import send_due
from publisher.errors import ServerError, StoreBusy
from publisher.web.measures import FORWARDED, KEPT
from publisher.web.server import WebServer, create_app, listen

HERE = "http://127.0.0.1:8080"


@pytest.fixture(autouse=True)
def here(site: Any) -> None:
    """Let the client ask from this machine, by its own name."""
    site.client = asking(site, "127.0.0.1")


def asking(site: Any, peer: str) -> TestClient[Any]:
    """Return a client at an address."""
    inner = create_app(site.app)

    async def seen(scope: Scope, receive: Receive, send: Send) -> None:
        scope["client"] = (peer, 4711)
        await inner(scope, receive, send)

    return TestClient(seen, base_url=HERE)


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


@pytest.mark.parametrize("host", ["news.example", "publisher", "127.0.0.1.example:8080", "[", ""])
def test_another_host_s_name_finds_nothing(site: Any, host: str) -> None:
    assert site.client.get("/metrics", headers={"host": host}).status_code == 404


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1"])
def test_this_machine_s_own_names_are_answered(site: Any, host: str) -> None:
    assert site.client.get("/metrics", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "proxy"])
def test_another_machine_finds_nothing(site: Any, peer: str) -> None:
    assert asking(site, peer).get("/metrics").status_code == 404


def test_a_public_publication_s_numbers_need_an_address_of_their_own(site: Any) -> None:
    """A proxy that adds nothing and names us as we name ourselves is not told from a program."""
    change(site, "http://127.0.0.1:8080/", "https://press.example/")
    assert site.client.get("/metrics").status_code == 404


def test_with_an_address_of_their_own_they_stand_nowhere_else(site: Any) -> None:
    change(site, "[web]", '[web]\nmetrics = "127.0.0.1:9108"')
    assert site.client.get("/metrics").status_code == 404
    server = WebServer(site.app, "127.0.0.1:0", alone=True)
    server.start()
    try:
        with urlopen(f"{server.address}metrics") as answer:
            assert b"publisher_store_up 1.0" in answer.read()
        with pytest.raises(HTTPError, match="404"):
            urlopen(server.address)
    finally:
        server.stop()


def test_their_address_in_use_names_its_setting(site: Any) -> None:
    with closing(listen("127.0.0.1:0")) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ServerError, match=r"\[web\] metrics"):
            WebServer(site.app, bind, alone=True).start()


def change(site: Any, old: str, new: str) -> None:
    file = site.root / "publisher.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    site.app.replace_definitions(config.load(site.root))


def test_head_and_post(site: Any) -> None:
    answer = site.client.head("/metrics")
    assert (answer.status_code, answer.content) == (200, b"")
    assert site.client.post("/metrics").status_code == 405
