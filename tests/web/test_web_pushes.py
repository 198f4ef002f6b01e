"""Being pushed to over real connections: the cases of the public list (websub.rocks), by their numbers.

A publication of ours on one side, a publisher with its hub on the other.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from publisher.model.pushes import ListeningState
from tests.web.push_site import HubPeer, PushedSite, ask, atom, hubbing, is_alive, rss

Start = Callable[..., PushedSite]


@pytest.fixture
def peer() -> Iterator[HubPeer]:
    with hubbing() as one:
        yield one


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    made: list[PushedSite] = []

    def begin(source: str, **more: Any) -> PushedSite:
        made.append(PushedSite(tmp_path / str(len(made)), source, **more))
        return made[-1]

    yield begin
    for site in made:
        site.close()


@pytest.fixture
def ours(peer: HubPeer, start: Start) -> PushedSite:
    """A publication that listens already."""
    peer.pages["/feed"] = atom("Sturgeon"), [links(peer)]
    site = start(f"{peer.url}/feed")
    assert is_alive(site.follow())
    return site


def links(peer: HubPeer, hub: str = "/hub", topic: str = "/feed") -> tuple[str, str]:
    return "Link", f'<{peer.url}{hub}>; rel="hub", <{peer.url}{topic}>; rel="self"'


def tags(peer: HubPeer, name: str, hub: str = "/hub", topic: str = "/feed") -> str:
    return (
        f'<{name} rel="hub" href="{peer.url}{hub}"/><{name} rel="self" href="{peer.url}{topic}"/>'
    )


def topics(peer: HubPeer) -> list[str]:
    return [form["hub.topic"].removeprefix(peer.url) for _, form in peer.asked]


# Discovery: 100 to 104


def test_subscriber_100_http_header_discovery(ours: PushedSite, peer: HubPeer) -> None:
    ((path, form),) = peer.asked
    assert path == "/hub"
    assert form["hub.mode"] == "subscribe"
    assert form["hub.topic"] == f"{peer.url}/feed"
    assert form["hub.callback"] == ours.callback()
    assert form["hub.lease_seconds"] == "864000"
    assert 40 <= len(form["hub.secret"]) < 200
    assert len(ours.listening.token) >= 40
    assert peer.answers == [(200, b"no/one guesses+this")]
    assert ours.is_alive()


def test_subscriber_101_html_tag_discovery(peer: HubPeer, start: Start) -> None:
    """What is pushed then is a page: the feed is asked at once, but not all the time."""
    head = '<link rel="alternate" type="application/atom+xml" href="/feed">'
    page = f"<!DOCTYPE html><html><head>{head}{tags(peer, 'link', topic='/')}</head><body>x</body></html>"
    peer.pages["/"] = page.encode(), [("Content-Type", "text/html")]
    peer.pages["/feed"] = atom("Sturgeon"), []
    site = start(f"{peer.url}/")
    assert is_alive(site.follow())
    assert topics(peer) == ["/"]
    peer.pages["/feed"] = atom("Sturgeon", "Marten"), []
    for minutes, titles in ((0, ["Sturgeon"]), (1, ["Marten", "Sturgeon"])):
        site.clock.advance(timedelta(minutes=minutes))
        assert peer.push(page.encode(), kind="text/html").status == 202
        site.carry()
        assert site.titles == titles
    assert site.complaints == []


def test_subscriber_102_atom_feed_discovery(peer: HubPeer, start: Start) -> None:
    peer.pages["/feed"] = atom("Sturgeon", links=tags(peer, "link")), []
    assert is_alive(start(f"{peer.url}/feed").follow())
    assert topics(peer) == ["/feed"]


def test_subscriber_103_rss_feed_discovery(peer: HubPeer, start: Start) -> None:
    peer.pages["/feed"] = rss("Sturgeon", links=tags(peer, "atom:link")), []
    assert is_alive(start(f"{peer.url}/feed").follow())
    assert topics(peer) == ["/feed"]


def test_subscriber_104_discovery_priority(peer: HubPeer, start: Start) -> None:
    wrong = tags(peer, "link", hub="/wrong", topic="/wrong")
    peer.pages["/feed"] = atom("Sturgeon", links=wrong), [links(peer)]
    assert is_alive(start(f"{peer.url}/feed").follow())
    assert [path for path, _ in peer.asked] == ["/hub"]
    assert topics(peer) == ["/feed"]


# Subscribing: 200 to 205


def test_subscriber_200_a_different_self(peer: HubPeer, start: Start) -> None:
    peer.pages["/feed"] = atom("Sturgeon"), [links(peer, topic="/feed?self=other")]
    assert is_alive(start(f"{peer.url}/feed").follow())
    assert topics(peer) == ["/feed?self=other"]


@pytest.mark.parametrize("status", [302, 301], ids=["201", "202"])
def test_subscriber_201_and_202_a_topic_that_redirects(
    peer: HubPeer, start: Start, status: int
) -> None:
    peer.moved["/old"] = status, "/feed?redirect=complete"
    whole = "/feed?redirect=complete"
    peer.pages[whole] = atom("Sturgeon"), [links(peer, topic=whole)]
    site = start(f"{peer.url}/old")
    assert is_alive(site.follow())
    assert topics(peer) == [whole]
    peer.push(atom("Sturgeon", "Marten"))
    site.carry()
    assert site.titles == ["Marten", "Sturgeon"]


@pytest.mark.parametrize("status", [307, 308], ids=["203", "204"])
def test_subscriber_203_and_204_a_hub_that_redirects(
    peer: HubPeer, start: Start, status: int
) -> None:
    peer.moved["/moved"] = status, f"{peer.url}/hub"
    peer.pages["/feed"] = atom("Sturgeon"), [links(peer, hub="/moved")]
    assert is_alive(start(f"{peer.url}/feed").follow())
    (first, said), (second, again) = peer.asked
    assert (first, second) == ("/moved", "/hub")
    assert said == again


@pytest.mark.parametrize("status", [301, 302, 303])
def test_no_other_redirect_of_a_hub_is_followed(peer: HubPeer, start: Start, status: int) -> None:
    peer.moved["/moved"] = status, f"{peer.url}/hub"
    peer.pages["/feed"] = atom("Sturgeon"), [links(peer, hub="/moved")]
    row = start(f"{peer.url}/feed").follow()
    assert row.state is ListeningState.FAILED
    assert row.error == f"answered {status}"


def test_a_hub_that_redirects_for_ever_fails(peer: HubPeer, start: Start) -> None:
    peer.moved["/moved"] = 307, "/moved"
    peer.pages["/feed"] = atom("Sturgeon"), [links(peer, hub="/moved")]
    assert start(f"{peer.url}/feed").follow().error == "redirects more than 3 times"


def test_subscriber_205_an_invalid_topic_is_rejected(peer: HubPeer, start: Start) -> None:
    peer.pages["/feed"] = atom("Sturgeon"), [links(peer)]
    peer.topic = f"{peer.url}/other"
    row = start(f"{peer.url}/feed").follow()
    assert [answer.status for answer in peer.answers] == [404]
    assert (row.state, row.waits) == (ListeningState.ASKING, True)


# Distribution: 300 to 302


def test_subscriber_300_delivery(ours: PushedSite, peer: HubPeer) -> None:
    assert peer.push(atom("Sturgeon", "Marten")) == (202, b"")
    assert ours.titles == ["Sturgeon"]  # kept, not read yet: a hub is answered quickly
    ours.carry()
    assert ours.titles == ["Marten", "Sturgeon"]
    row = ours.listening
    assert (row.pushes, row.dropped, row.last) == (1, 0, ours.clock.now())


@pytest.mark.parametrize("method", ["sha1", "sha384", "sha512"])
def test_hubs_sign_as_they_can(ours: PushedSite, peer: HubPeer, method: str) -> None:
    peer.push(atom("Marten"), method=method)
    ours.carry()
    assert ours.titles == ["Marten", "Sturgeon"]


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "somebody else's"},
        {"secret": ""},
        {"method": "md5"},
        {"method": ""},
    ],
    ids=["301", "no secret", "weak method", "302"],
)
def test_subscriber_301_and_302_what_is_not_signed_is_dropped(
    ours: PushedSite, peer: HubPeer, how: dict[str, str]
) -> None:
    """The answer is that of a good one, section 7 asks for a 2xx; it is counted, and told once."""
    for _ in range(2):
        assert peer.push(atom("Marten"), **how) == (202, b"")
    ours.carry()
    assert ours.titles == ["Sturgeon"]
    row = ours.listening
    assert (row.pushes, row.dropped, row.last) == (0, 2, None)
    ((source, reason),) = ours.complaints
    assert source == ours.key
    assert "dropped" in reason


# Beyond the list


def test_a_push_is_judged_exactly_as_if_it_had_been_polled(
    ours: PushedSite, peer: HubPeer
) -> None:
    """Replayed, polled afterwards: one article; validators and the next poll stay."""
    before = ours.app.store.source_states([ours.key])
    for _ in range(2):
        peer.push(atom("Marten"))
        ours.carry()
    assert ours.titles == ["Marten", "Sturgeon"]
    assert ours.app.store.source_states([ours.key]) == before
    peer.pages["/feed"] = atom("Marten", "Sturgeon"), [links(peer)]
    report = ours.collect()
    assert (report.new, report.changed, report.same) == (0, 0, 2)


def test_what_is_pushed_and_no_feed_has_the_source_polled(ours: PushedSite, peer: HubPeer) -> None:
    for body in (b"", b"\xff\x00", atom("Cut")[:-9]):
        assert peer.push(body).status == 202
    ours.carry()
    assert ours.titles == ["Sturgeon"]
    assert len(ours.complaints) == 1
    state = ours.app.store.source_states([ours.key])[ours.key]
    assert state.next_check == ours.clock.now()
    assert state.failures == 0


@pytest.mark.parametrize("token", ["x", "x" * 5_000, "%00", "..%2f", "ä"])
def test_an_address_that_nobody_has_is_gone(ours: PushedSite, token: str) -> None:
    from urllib.parse import quote

    address = f"{ours.url}websub/callback/{quote(token, safe='%')}"
    assert ask(address, b"x").status in {404, 410}
    query = "?hub.mode=subscribe&hub.challenge=c&hub.topic="
    assert ask(address + query).status == 404


def announced(address: str, size: int) -> int:
    """Announce a body that never comes; return the status that comes all the same."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=20)
    with closing(connection):
        connection.putrequest("POST", urlsplit(address).path)
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        return connection.getresponse().status


def test_neither_strangers_nor_what_is_too_large_are_read(ours: PushedSite) -> None:
    assert announced(f"{ours.url}websub/callback/nobody", 10) == 410
    assert announced(ours.callback(), 11_000_000) == 413
    assert ours.listening.dropped == 0


@pytest.mark.parametrize(
    "query",
    ["", "?hub.mode=subscribe", "?hub.mode=&hub.topic=&hub.challenge=", "?" + "x" * 20_000],
)
def test_a_hub_that_says_nothing_sensible_gets_404(ours: PushedSite, query: str) -> None:
    assert ask(ours.callback() + query).status in {400, 404, 414, 431}
    assert is_alive(ours.listening)


def test_a_challenge_is_plain_text(ours: PushedSite, peer: HubPeer) -> None:
    import urllib.request

    (form,) = peer.active.values()
    said = f"?hub.mode=subscribe&hub.topic={form['hub.topic']}&hub.challenge=%3Cscript%3E"
    with urllib.request.urlopen(ours.callback() + said, timeout=20) as answer:
        assert answer.read() == b"<script>"
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_hub_may_ask_back_later(peer: HubPeer, start: Start) -> None:
    """Until then nothing is taken; it may ask again if it lost our answer."""
    peer.pages["/feed"] = atom("Sturgeon"), [links(peer)]
    peer.at_once = False
    site = start(f"{peer.url}/feed")
    row = site.follow()
    assert row.state is ListeningState.ASKING
    assert ask(site.callback(), b"early").status == 404
    for _ in range(2):
        assert peer.verify().status == 200
    assert is_alive(site.listening)
    site.listen()
    assert len(peer.asked) == 1


def test_the_numbers_say_who_tells_of_news(ours: PushedSite) -> None:
    text = ask(f"{ours.url}metrics").body.decode()
    assert 'publisher_pushed_sources{state="alive"} 1.0' in text
    assert 'publisher_pushed_sources{state="failed"} 0.0' in text
