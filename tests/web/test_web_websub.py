"""WebSub over real connections: the cases of the public list (websub.rocks), by their numbers.

Our hub and our documents on one side, a peer of the tests on the other.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.web.conftest import HeldClock
from tests.web.websub_peer import Found, Peer, in_document, in_header, of, post, running
from tests.web.websub_site import HubSite

DAY = 86_400


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running() as one:
        yield one


@pytest.fixture
def ours(made: Path, tmp_path: Path) -> Iterator[HubSite]:
    import shutil

    root = tmp_path / "hub"
    shutil.copytree(made, root)
    site = HubSite(root, HeldClock())
    yield site
    site.close()


def opened(address: str) -> Any:
    import urllib.request

    return urllib.request.urlopen(address, timeout=20)


# A hub: 100 to 106


def test_hub_100_typical_subscription(ours: HubSite, peer: Peer) -> None:
    status, text = peer.subscribe(ours.found())
    assert (status, text) == (202, "The callback will be asked.\n")
    assert peer.intents == []  # later, not while the request waits
    ours.app.carry_changes()
    (intent,) = peer.intents
    assert intent["hub.mode"] == "subscribe"
    assert intent["hub.topic"] == ours.feed()
    assert intent["hub.lease_seconds"] == str(10 * DAY)
    assert len(intent["hub.challenge"]) > 20
    assert intent["id"] == "7"  # the callback's own query stays
    ours.write("Sturgeon")
    ours.app.carry_changes()
    (got,) = peer.got
    assert got.path == "/callback?id=7"
    assert got.body == ours.document()
    assert b"Sturgeon" in got.body
    assert got.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert of(in_header(got.headers)) == ours.found()
    assert "X-Hub-Signature" not in got.headers
    ours.app.carry_changes()
    assert len(peer.got) == 1


def test_hub_101_subscriber_includes_a_secret(ours: HubSite, peer: Peer) -> None:
    peer.subscribe(ours.found(), secret="between you and me")
    ours.app.carry_changes()
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert peer.got[0].headers["X-Hub-Signature"].startswith("sha256=")
    assert peer.kept == [ours.document()]


def test_hub_102_subscriber_sends_additional_parameters(ours: HubSite, peer: Peer) -> None:
    more = {"hub.verify": "async", "foo": "bar", "hub.unheard_of": "1"}
    assert peer.subscribe(ours.found(), **more)[0] == 202
    ours.app.carry_changes()
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert peer.kept == [ours.document()]


def test_hub_103_subscriber_subscribes_again_before_the_lease_ends(
    ours: HubSite, peer: Peer
) -> None:
    peer.subscribe(ours.found(), secret="old")
    ours.app.carry_changes()
    ours.clock.advance(timedelta(days=9))
    peer.subscribe(ours.found(), secret="new", **{"hub.lease_seconds": "864000"})
    ours.app.carry_changes()
    assert ours.subscribers() == 1
    ours.clock.advance(timedelta(days=9))
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert peer.kept == [ours.document()]  # once, signed with the new secret


def test_whatever_names_our_hub_can_be_subscribed_to_there(ours: HubSite) -> None:
    """In the document and in the header; archive pages name none, and are no topics."""
    public = ours.root / "public"
    hub = f"{ours.url}websub".encode()
    naming = {
        f"{ours.url}{path.relative_to(public)}".removesuffix("index.html")
        for path in (public / "feeds").rglob("*.*")
        if hub in path.read_bytes()
    }
    topics = {one.topic for one in ours.app.store.topic_figures()}
    assert naming == topics
    for topic in topics:
        with opened(topic) as answer:
            assert of(in_header(answer.headers)) == (f"{ours.url}websub", topic)


def test_the_numbers_say_how_many_subscribe(ours: HubSite, peer: Peer) -> None:
    peer.subscribe(ours.found())
    ours.app.carry_changes()
    with opened(f"{ours.url}metrics") as answer:
        text = answer.read().decode()
    assert 'publisher_hub_subscriptions{state="all"} 1.0' in text
    assert 'publisher_hub_subscriptions{state="failing"} 0.0' in text


def test_hub_104_unsubscription(ours: HubSite, peer: Peer) -> None:
    peer.subscribe(ours.found())
    ours.app.carry_changes()
    assert peer.subscribe(ours.found(), mode="unsubscribe")[0] == 202
    assert ours.subscribers() == 1  # until the callback has confirmed it
    ours.app.carry_changes()
    assert peer.intents[-1]["hub.mode"] == "unsubscribe"
    assert ours.subscribers() == 0
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert peer.got == []


def test_hub_105_content_that_is_no_feed(ours: HubSite, peer: Peer) -> None:
    """We publish no plain text that can be subscribed to; a feed's page for people can be."""
    peer.subscribe(ours.found("/"))
    ours.app.carry_changes()
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert peer.got[0].headers["Content-Type"] == "text/html; charset=utf-8"
    assert peer.kept == [ours.document("/")]


def test_hub_106_json_content(ours: HubSite, peer: Peer) -> None:
    peer.subscribe(ours.found(".json"))
    ours.app.carry_changes()
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert peer.got[0].headers["Content-Type"] == "application/feed+json; charset=utf-8"
    items = json.loads(peer.kept[0])["items"]
    assert "Sturgeon" in [item["title"] for item in items]


# A subscriber finds our hub: 100 to 104


@pytest.mark.parametrize("ending", [".atom", ".rss", ".json", "/"])
def test_subscriber_100_discovery_by_header(ours: HubSite, ending: str) -> None:
    with opened(ours.feed(ending)) as answer:
        assert of(in_header(answer.headers)) == ours.found(ending)


def test_subscriber_101_discovery_in_the_page_for_people(ours: HubSite) -> None:
    with opened(ours.feed("/")) as answer:
        assert of(in_document(answer.headers, answer.read())) == ours.found("/")


def test_subscriber_102_discovery_in_atom(ours: HubSite) -> None:
    with opened(ours.feed(".atom")) as answer:
        assert of(in_document(answer.headers, answer.read())) == ours.found(".atom")


def test_subscriber_103_discovery_in_rss_and_in_json(ours: HubSite) -> None:
    for ending in (".rss", ".json"):
        with opened(ours.feed(ending)) as answer:
            assert of(in_document(answer.headers, answer.read())) == ours.found(ending)


def test_subscriber_104_the_header_counts_first_and_says_the_same(
    ours: HubSite, peer: Peer
) -> None:
    assert peer.discover(ours.feed()) == ours.found()
    with opened(ours.feed()) as answer:
        inside = in_document(answer.headers, answer.read())
        header = in_header(answer.headers)
    assert [href for rel, href in header if rel == "hub"] == [
        href for rel, href in inside if rel == "hub"
    ]


# It subscribes: 200 to 205


def subscribed(ours: HubSite, peer: Peer, found: Found, **more: str) -> None:
    assert peer.subscribe(found, **more)[0] == 202
    ours.app.carry_changes()
    assert ours.subscribers() == 1
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert peer.kept == [ours.document()]


def test_subscriber_200_an_address_that_names_another_as_self(ours: HubSite, peer: Peer) -> None:
    """The page of a feed is the feed for programs, and says which."""
    found = peer.discover(ours.feed("/"), accept="application/atom+xml")
    assert found == ours.found()
    subscribed(ours, peer, found)


def test_subscriber_201_a_topic_behind_a_temporary_redirect(ours: HubSite, peer: Peer) -> None:
    peer.places["/elsewhere"] = (302, ours.feed())
    found = peer.discover(f"{peer.url}/elsewhere")
    assert found == ours.found()
    subscribed(ours, peer, found)


def test_subscriber_202_a_topic_that_has_moved_for_good(ours: HubSite, peer: Peer) -> None:
    """A renamed feed redirects from its old address."""
    path = ours.root / "feeds/harbour.toml"
    path.write_text(f'was = ["port"]\n{path.read_text()}')
    from publisher import config

    ours.app.replace_definitions(config.load(ours.root))
    ours.app.publish()
    found = peer.discover(ours.feed(slug="port"))
    assert found == ours.found()
    subscribed(ours, peer, found)


@pytest.mark.parametrize(("number", "status"), [(203, 307), (204, 308)])
def test_subscriber_203_and_204_a_hub_that_redirects(
    ours: HubSite, peer: Peer, number: int, status: int
) -> None:
    assert number in {203, 204}
    peer.places["/old-hub"] = (status, f"{ours.url}websub")
    subscribed(ours, peer, Found(f"{peer.url}/old-hub", ours.feed()))


def test_subscriber_205_rejects_an_intent_for_another_topic(ours: HubSite, peer: Peer) -> None:
    """Somebody else asks for it in the peer's name: the peer refuses, and our hub believes that."""
    peer.wanted["/callback"] = ("subscribe", "https://elsewhere.example/feed", "")
    said = {
        "hub.mode": "subscribe",
        "hub.topic": ours.feed(),
        "hub.callback": f"{peer.url}/callback",
    }
    assert post(f"{ours.url}websub", urlencode(said).encode())[0] == 202
    ours.app.carry_changes()
    assert len(peer.intents) == 1
    assert ours.subscribers() == 0
    ours.app.carry_changes()
    assert len(peer.intents) == 1  # it is not asked again


# It takes what is pushed: 300 to 302


def test_subscriber_300_takes_a_push(ours: HubSite, peer: Peer) -> None:
    subscribed(ours, peer, ours.found())
    assert ours.app.store.topic_figures()[0].waiting == 0


@pytest.mark.parametrize(
    ("number", "headers"), [(301, {"X-Hub-Signature": "sha256=00"}), (302, {})]
)
def test_subscriber_301_and_302_throws_away_what_is_not_signed_by_our_hub(
    ours: HubSite, peer: Peer, number: int, headers: dict[str, str]
) -> None:
    assert number in {301, 302}
    subscribed(ours, peer, ours.found(), secret="between you and me")
    status, _ = post(f"{peer.url}/callback?id=7", b"<feed>lies</feed>", **headers)
    assert status == 200  # well answered, so that nobody learns what a signature is like
    assert peer.got[-1].body == b"<feed>lies</feed>"
    assert peer.kept == [ours.document()]
