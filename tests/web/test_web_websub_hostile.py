"""WebSub among strangers: slow, huge, gone, private, many; and what becomes of it with time."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from urllib.parse import urlencode

import pytest

from publisher.errors import FetchError
from publisher.net import HttpCaller, public_address
from publisher.web import hub
from tests.web.conftest import HeldClock
from tests.web.websub_peer import Peer, Reply, post, running
from tests.web.websub_site import HubSite

MINUTE = timedelta(minutes=1)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running() as one:
        yield one


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    copytree(made, tmp_path / "hub")
    return tmp_path / "hub"


@pytest.fixture
def ours(root: Path) -> Iterator[HubSite]:
    site = HubSite(root, HeldClock())
    yield site
    site.close()


@pytest.fixture
def strict(root: Path) -> Iterator[HubSite]:
    """A hub that asks no private address, as it is by default."""
    site = HubSite(root, HeldClock(), settings="max_per_host = 2\nmax_subscriptions = 3")
    yield site
    site.close()


def asks(site: HubSite, callback: str, **more: str) -> tuple[int, str]:
    said = {"hub.mode": "subscribe", "hub.topic": site.feed(), "hub.callback": callback, **more}
    return post(f"{site.url}websub", urlencode(said).encode())


def subscribed(site: HubSite, peer: Peer, path: str = "/callback", **more: str) -> None:
    assert peer.subscribe(site.found(), path, **more)[0] == 202
    site.app.carry_changes()


def test_a_slow_callback_is_given_up_and_holds_up_nobody(
    ours: HubSite, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.app.websub.SECONDS", 0.5)
    subscribed(ours, peer, "/slow")
    subscribed(ours, peer, "/quick")
    released = threading.Event()

    def before(method: str, path: str) -> Reply | None:
        if method == "POST" and path == "/slow":
            released.wait(20)
        return None

    peer.before = before
    ours.write("Sturgeon")
    try:
        ours.app.carry_changes()
        assert [one.path for one in peer.got] == ["/quick"]
        figures = ours.app.store.topic_figures()
        assert sum(one.failing for one in figures) == 1
    finally:
        released.set()


def test_a_huge_answer_is_not_read(ours: HubSite, peer: Peer) -> None:
    """Nor does it confirm anything, whatever it begins with."""
    subscribed(ours, peer)
    huge = b"x" * 20_000_000
    peer.before = lambda method, _: Reply(200, huge) if method == "POST" else None
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert all(not one.waiting for one in ours.app.store.topic_figures())
    peer.before = lambda method, _: Reply(200, huge) if method == "GET" else None
    peer.subscribe(ours.found(), "/other")
    ours.app.carry_changes()
    assert ours.subscribers() == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_callback_that_redirects_leads_us_nowhere(
    ours: HubSite, peer: Peer, status: int
) -> None:
    """To a private address least of all: neither an intent nor a push follows it."""
    subscribed(ours, peer)
    peer.before = lambda _, path: (
        Reply(status, headers=(("Location", f"{peer.url}/inside"),))
        if path.startswith(("/callback", "/new"))
        else None
    )
    ours.write("Sturgeon")
    peer.subscribe(ours.found(), "/new")
    ours.app.carry_changes()
    assert not [line for line in peer.asked if "/inside" in line]
    assert ours.subscribers() == 1
    assert sum(one.failing for one in ours.app.store.topic_figures()) == 1


def test_a_callback_that_is_gone_is_forgotten(ours: HubSite, peer: Peer) -> None:
    subscribed(ours, peer)
    peer.before = lambda method, _: Reply(410) if method == "POST" else None
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert ours.subscribers() == 0


def test_a_callback_that_fails_is_tried_again_with_what_is_there_then(
    ours: HubSite, peer: Peer
) -> None:
    subscribed(ours, peer)
    peer.before = lambda method, _: Reply(503) if method == "POST" else None
    ours.write("Sturgeon")
    ours.app.carry_changes()
    tries = len(peer.asked)
    ours.app.carry_changes()
    assert len(peer.asked) == tries  # not before its time
    ours.write("Salmon")
    peer.before = lambda _method, _path: None
    ours.clock.advance(2 * MINUTE)
    ours.app.carry_changes()
    (body,) = peer.kept
    assert b"Salmon" in body
    assert b"Sturgeon" in body
    assert body == ours.document()


def test_a_secret_that_changes_signs_from_the_moment_it_is_confirmed(
    ours: HubSite, peer: Peer
) -> None:
    subscribed(ours, peer, secret="old")
    peer.subscribe(ours.found(), "/callback", secret="new")
    peer.wanted["/callback"] = ("subscribe", ours.feed(), "old")
    peer.before = lambda method, _: Reply(404) if method == "GET" else None
    ours.app.carry_changes()  # not confirmed: the old one stays
    peer.before = lambda _method, _path: None
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert len(peer.kept) == 1
    subscribed(ours, peer, secret="new")
    ours.write("Salmon")
    ours.app.carry_changes()
    assert len(peer.kept) == 2


def test_a_lease_is_bounded_and_ends(ours: HubSite, peer: Peer) -> None:
    subscribed(ours, peer, "/short", **{"hub.lease_seconds": "1"})
    subscribed(ours, peer, "/long", **{"hub.lease_seconds": "999999999"})
    assert [one["hub.lease_seconds"] for one in peer.intents] == ["3600", str(30 * 86_400)]
    ours.clock.advance(60 * MINUTE)
    ours.write("Sturgeon")
    ours.app.carry_changes()
    assert [one.path for one in peer.got] == ["/long"]
    ours.clock.advance(timedelta(days=30))
    ours.write("Salmon")
    ours.app.carry_changes()
    assert len(peer.got) == 1
    assert ours.subscribers() == 0


def test_nobody_subscribes_in_anothers_name(ours: HubSite, peer: Peer) -> None:
    """Nor ends a subscription: the callback is asked, and it says no."""
    subscribed(ours, peer)
    said = {
        "hub.mode": "unsubscribe",
        "hub.topic": ours.feed(),
        "hub.callback": f"{peer.url}/callback",
    }
    assert post(f"{ours.url}websub", urlencode(said).encode())[0] == 202
    ours.app.carry_changes()
    assert ours.subscribers() == 1


@pytest.mark.parametrize(
    ("callback", "reason"),
    [
        ("http://127.0.0.1:1/x", "127.0.0.1 is a private address"),
        ("http://[::1]/x", "::1 is a private address"),
        ("http://10.0.0.7/x", "10.0.0.7 is a private address"),
        ("http://169.254.169.254/latest", "169.254.169.254 is a private address"),
        ("http://localhost/x", "localhost is a private address"),
        ("ftp://reader.example/x", "must be an http or https address"),
        ("http://user:word@reader.example/", "must be an http or https address"),
        ("http://reader.example:99999/", "must be an http or https address"),
        ("https://reader.example/" + "x" * 2_000, "must be an http or https address"),
        ("", "must be an http or https address"),
    ],
)
def test_callbacks_that_may_not_be_asked_are_refused(
    strict: HubSite, callback: str, reason: str
) -> None:
    status, text = asks(strict, callback)
    assert status == 400
    assert reason in text


def test_a_name_that_leads_to_a_private_address_is_not_asked(peer: Peer) -> None:
    """It is looked at when connecting, so that a name that answers otherwise by then gains nothing."""
    caller = HttpCaller(advice="allow it")
    named = peer.url.replace("127.0.0.1", "localhost")
    with pytest.raises(FetchError, match="is a private address; allow it"):
        caller.call("POST", f"{named}/callback", {}, b"x")
    assert peer.asked == []
    turned: list[str] = []

    def rebound(address: str) -> bool:
        turned.append(address)
        return len(turned) == 1 or public_address(address)

    rebinding = HttpCaller(reachable=rebound)
    assert rebinding.call("GET", f"{peer.url}/callback", {}).status == 404
    with pytest.raises(FetchError, match="is a private address"):
        rebinding.call("GET", f"{peer.url}/callback", {})
    assert len(peer.asked) == 1


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"hub.mode": "publish"}, "hub.mode"),
        ({"hub.mode": ""}, "hub.mode"),
        ({"hub.topic": ""}, "hub.topic"),
        ({"hub.topic": "https://elsewhere.example/feed"}, "hub.topic"),
        ({"hub.secret": "x" * 200}, "hub.secret"),
        ({"hub.secret": "é" * 100}, "hub.secret"),
        ({"hub.lease_seconds": "soon"}, "hub.lease_seconds"),
        ({"hub.lease_seconds": "-1"}, "hub.lease_seconds"),
        ({"hub.mode": "unsubscribe"}, "there is no subscription"),
    ],
)
def test_what_cannot_be_done_is_said_in_plain_words(
    strict: HubSite, more: dict[str, str], reason: str
) -> None:
    status, text = asks(strict, "https://reader.example/x", **more)
    assert status == 400
    assert text.startswith(reason)
    assert text.count("\n") == 1


def test_archive_pages_and_other_documents_are_no_topics(strict: HubSite) -> None:
    for path in ("feeds/harbour/archive/1.atom", "opml", "index.html", "feeds/../publisher.toml"):
        more = {"hub.topic": f"{strict.url}{path}"}
        assert asks(strict, "https://reader.example/x", **more)[0] == 400


def test_a_flood_fills_its_own_host_then_everything_then_is_shut_out(
    strict: HubSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = [asks(strict, f"https://one.example/{n}")[0] for n in range(3)]
    assert good == [202, 202, 400]
    assert "on this host" in asks(strict, "https://one.example/9")[1]
    assert asks(strict, "https://two.example/")[0] == 202
    assert "no further subscriptions" in asks(strict, "https://three.example/")[1]
    assert asks(strict, "https://one.example/0")[0] == 202  # who has a place keeps it
    turned = [asks(strict, "https://one.example/0")[0] for _ in range(hub.ASKED)]
    assert turned.count(429) == 7
    assert asks(strict, "https://one.example/0")[0] == 429


def test_a_hub_says_what_it_is_and_without_the_setting_there_is_none(
    ours: HubSite, site: object
) -> None:
    from urllib.request import urlopen

    with urlopen(f"{ours.url}websub", timeout=20) as answer:
        assert answer.read() == b"This is the WebSub hub of The Harbour Gazette.\n"
    assert site.client.get("/websub").status_code == 404  # type: ignore[attr-defined]
    assert site.client.post("/websub").status_code == 404  # type: ignore[attr-defined]


def test_a_restart_loses_nothing(ours: HubSite, peer: Peer) -> None:
    """Neither a request, nor a change that nobody could note before the process died."""
    peer.subscribe(ours.found(), "/callback")
    again = ours.open()
    assert again.carry_changes() == 1
    (ours.root / "articles/harbour/sturgeon.md").write_text("---\ntitle: S\n---\nSturgeon.\n")
    again.collect(["harbour"], everything=True)
    again.publishing.publish(again.feeds(), again.feeds())  # and then it died
    again.close()
    last = ours.open()
    last.carry_changes()
    last.close()
    assert peer.kept == [ours.document()]


def test_two_processes_bring_each_change_once(ours: HubSite, peer: Peer) -> None:
    for number in range(12):
        peer.subscribe(ours.found(), f"/callback{number}")
    ours.app.carry_changes()
    assert ours.subscribers() == 12
    ours.write("Sturgeon")
    others = [ours.open(), ours.open()]
    with ThreadPoolExecutor(2) as threads:
        done = sum(threads.map(lambda app: app.carry_changes(), others))
    for app in others:
        app.close()
    assert done == 12
    assert sorted(one.path for one in peer.got) == sorted(f"/callback{n}" for n in range(12))


def test_a_store_that_may_be_a_copy_brings_nothing(ours: HubSite, peer: Peer) -> None:
    subscribed(ours, peer)
    ours.write("Sturgeon")
    ours.app.held = "restored"
    assert ours.app.carry_changes() == 0
    assert peer.got == []


WORKER = """
import sys
from pathlib import Path
from publisher.app import App
from tests.web.conftest import HeldClock
App.open(Path(sys.argv[1]), clock=HeldClock()).carry_changes()
"""


def test_a_process_killed_while_it_brings_a_change_loses_nothing(
    ours: HubSite, peer: Peer, repository: Path
) -> None:
    """Nobody else brings it as long as it may still be on its way; then another process does."""
    subscribed(ours, peer)
    ours.write("Sturgeon")
    arrived, killed = threading.Event(), threading.Event()

    def hold(method: str, _target: str) -> Reply | None:
        if method == "POST" and not killed.is_set():
            arrived.set()
            killed.wait(20)
            return Reply(500)
        return None

    peer.before = hold
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(ours.root)], cwd=repository)
    assert arrived.wait(20)
    worker.kill()
    worker.wait()
    killed.set()
    assert ours.app.carry_changes() == 0
    ours.clock.advance(5 * MINUTE)
    ours.app.carry_changes()
    assert peer.kept == [ours.document()]
    assert ours.app.carry_changes() == 0
