"""How being pushed to begins, goes on and ends: leases, other hubs, doubt, crashes, several processes.

Over real connections; one test has another publication of ours, with its own hub, on the other side.
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Event
from typing import Any

import pytest

from publisher.app.listening import carry_pushes, listen, read_pushes
from publisher.core.push_rules import LATE
from publisher.model.articles import SourceReport
from publisher.model.pushes import ListeningState
from publisher.scheduling import scheduler
from tests.web.conftest import HeldClock
from tests.web.push_site import HubPeer, PushedSite, ask, atom, hubbing, is_alive
from tests.web.websub_site import HubSite

Start = Callable[..., PushedSite]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def peer() -> Iterator[HubPeer]:
    with hubbing() as one:
        yield one


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    made: list[PushedSite] = []

    def begin(source: str, **more: Any) -> PushedSite:
        made.append(PushedSite(tmp_path / f"ours{len(made)}", source, **more))
        return made[-1]

    yield begin
    for site in made:
        site.close()


@pytest.fixture
def ours(peer: HubPeer, start: Start) -> PushedSite:
    """A publication that listens already."""
    offer(peer)
    site = start(f"{peer.url}/feed")
    assert is_alive(site.follow())
    return site


def offer(peer: HubPeer, *hubs: str, titles: tuple[str, ...] = ("Sturgeon",)) -> None:
    """Let the feed name hubs."""
    said = [f'<{peer.url}{hub}>; rel="hub"' for hub in hubs or ("/hub",)]
    header = ", ".join([*said, f'<{peer.url}/feed>; rel="self"'])
    peer.pages["/feed"] = atom(*titles), [("Link", header)]


def modes(peer: HubPeer) -> list[str]:
    return [form["hub.mode"] for _, form in peer.asked]


def test_a_publication_is_pushed_to_by_another(made: Path, tmp_path: Path, start: Start) -> None:
    """Our own hub on one side, ourselves on the other: subscribe, hear, leave."""
    shutil.copytree(made, tmp_path / "theirs")
    there = HubSite(tmp_path / "theirs", clock := HeldClock())
    try:
        here = start(there.feed(), clock=clock)
        assert here.follow().state is ListeningState.ASKING
        there.app.carry_changes()
        assert is_alive(here.listening)
        assert there.subscribers() == 1
        there.write("Marten")
        there.app.carry_changes()
        before = set(here.titles)
        here.carry()
        assert set(here.titles) - before == {"Marten"}
        report = here.collect()
        assert (report.new, report.changed, report.error) == (0, 0, "")
        here.define(there.feed(), "push = false")
        here.app.replace_definitions(here.open().definitions)
        here.listen()
        there.app.carry_changes()
        assert there.subscribers() == 0
        assert here.app.store.listenings() == []
    finally:
        there.close()


def test_a_lease_is_renewed_before_it_ends(ours: PushedSite, peer: HubPeer) -> None:
    first = ours.listening
    assert first.until == ours.clock.now() + 10 * DAY
    assert first.due is not None
    ours.clock.moment = first.due - MINUTE
    ours.listen()
    assert len(peer.asked) == 1
    ours.clock.moment = first.due
    ours.listen()
    again = ours.listening
    assert (again.token, again.secret) == (first.token, first.secret)
    assert again.until == first.due + 10 * DAY
    assert peer.asked[0][1] == peer.asked[1][1]


def test_what_a_hub_grants_is_honoured(peer: HubPeer, start: Start) -> None:
    offer(peer)
    peer.lease = "3600"
    site = start(f"{peer.url}/feed")
    row = site.follow()
    now = site.clock.now()
    assert row.until == now + HOUR
    assert row.due is not None
    assert now + 40 * MINUTE < row.due < now + HOUR


def test_a_lease_that_is_not_renewed_ends(ours: PushedSite, peer: HubPeer) -> None:
    """Polling is as before from then on, what is pushed is refused, and a new one begins."""
    old = ours.callback()
    peer.hubs["/hub"] = 500
    ours.clock.advance(9 * DAY)
    ours.listen()
    assert is_alive(ours.listening)
    assert ours.listening.error == "answered 500: so it is"
    assert ours.is_alive()
    ours.app.collect(everything=True)
    ours.clock.advance(DAY)
    assert not ours.is_alive()
    assert ask(old, b"late").status == 410
    ours.listen()
    state = ours.app.store.source_states([ours.key])[ours.key]
    assert state.next_check is not None
    assert state.next_check <= ours.clock.now()
    peer.hubs["/hub"] = 202
    ours.clock.advance(2 * DAY)
    ours.listen()
    ours.listen()
    assert is_alive(ours.listening)
    assert ours.callback() != old
    assert len(ours.complaints) == 1


def test_another_hub_is_tried_while_one_fails(peer: HubPeer, start: Start) -> None:
    offer(peer, "/broken", "/hub")
    peer.hubs["/broken"] = 500
    site = start(f"{peer.url}/feed")
    site.follow_all()
    site.listen()
    broken, good = site.app.store.listenings()
    assert broken.state is ListeningState.FAILED
    assert broken.error == "answered 500: so it is"
    assert is_alive(good)
    assert (broken.token, broken.secret) != (good.token, good.secret)
    site.clock.advance(2 * DAY)
    site.listen()
    assert [path for path, _ in peer.asked] == ["/broken", "/hub"]


def test_a_hub_that_does_not_ask_back_has_failed(peer: HubPeer, start: Start) -> None:
    offer(peer)
    peer.at_once = False
    site = start(f"{peer.url}/feed")
    site.follow()
    site.clock.advance(HOUR)
    site.listen()
    row = site.listening
    assert (row.state, row.error) == (ListeningState.FAILED, "has not asked back for 1 hour")
    assert peer.verify().status == 404  # too late: another address is asked for now
    site.clock.advance(2 * HOUR)
    site.listen()
    assert peer.verify().status == 200
    assert site.is_alive()


def test_a_hub_may_deny_at_any_time(ours: PushedSite, peer: HubPeer) -> None:
    callback, topic = ours.callback(), ours.listening.topic
    other = {"hub.mode": "denied", "hub.topic": "https://other.example/", "hub.reason": "no"}
    assert peer.call(callback, other).status == 404
    assert is_alive(ours.listening)
    said = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": "not\x1b[31m paid"}
    assert peer.call(callback, said).status == 200
    row = ours.listening
    assert (row.state, row.error) == (ListeningState.FAILED, "the hub denied it: not [31m paid")
    assert ask(callback, b"x").status == 410
    ours.clock.advance(30 * DAY)
    ours.listen()
    assert len(peer.asked) == 1


@pytest.mark.parametrize("how", ["push = false", "gone", "no hub any more"])
def test_what_is_not_wanted_any_more_is_left(ours: PushedSite, peer: HubPeer, how: str) -> None:
    callback = ours.callback()
    if how == "no hub any more":
        peer.pages["/feed"] = atom("Sturgeon"), []
        ours.collect()
    else:
        source = f"{peer.url}/feed" if how == "push = false" else f"{peer.url}/other"
        ours.define(source, how if "=" in how else "")
        ours.app.replace_definitions(ours.open().definitions)
    ours.listen()
    assert modes(peer) == ["subscribe", "unsubscribe"]
    assert peer.asked[1][1]["hub.callback"] == callback
    assert peer.active == {}
    assert ours.app.store.listenings() == []
    assert ask(callback, b"x").status == 410
    assert peer.call(callback, {"hub.mode": "unsubscribe"}).status == 404


def test_a_hub_that_is_not_there_is_told_for_a_day_that_we_leave(
    ours: PushedSite, peer: HubPeer
) -> None:
    peer.hubs["/hub"] = 500
    ours.define(f"{peer.url}/feed", "push = false")
    ours.app.replace_definitions(ours.open().definitions)
    for _ in range(12):
        ours.listen()
        ours.clock.advance(3 * HOUR)
    assert ours.app.store.listenings() == []
    assert 3 <= modes(peer).count("unsubscribe") <= 12


def test_a_hub_that_brings_no_news_is_doubted(ours: PushedSite, peer: HubPeer) -> None:
    """It is asked again; a push ends the doubt."""
    ours.collect()
    offer(peer, titles=("Sturgeon", "Marten"))
    ours.clock.advance(DAY)
    assert ours.collect().new == 1
    assert ours.is_alive()  # the push may come a little later
    ours.clock.advance(LATE)
    assert not ours.is_alive()
    ours.listen()
    assert len(peer.asked) == 2
    assert not ours.is_alive()
    peer.push(atom("Sturgeon", "Marten", "Heron"))
    assert ours.is_alive()
    assert ours.complaints[-1][1] == "polling found news that its hub has not brought"


def test_a_crash_after_the_answer_loses_nothing(ours: PushedSite, peer: HubPeer) -> None:
    """Neither before it is read, nor between reading and noting that it was."""
    peer.push(atom("Marten"))
    ours.app.close()
    other = ours.open()
    try:
        store, now = other.store, ours.clock.now()
        taken = store.take_waiting(now, now + MINUTE)
        assert taken  # and this process dies
        assert read_pushes(other) == ()
        ours.clock.advance(MINUTE)
        (report,) = read_pushes(other)
        assert report.new == 1
        store.keep_push(store.listenings()[0], taken.body, taken.content_type, now, most=9)
        (report,) = read_pushes(other)
        assert (report.new, report.same) == (0, 1)
    finally:
        other.close()


def test_too_much_at_once_is_to_come_again(ours: PushedSite, peer: HubPeer) -> None:
    row, now = ours.listening, ours.clock.now()
    for number in range(100):
        assert ours.app.store.keep_push(row, f"{number}".encode(), "", now, most=100)
    assert peer.push(atom("Marten")).status == 503


def test_several_processes_ask_a_hub_once(ours: PushedSite, peer: HubPeer) -> None:
    row = ours.listening
    assert row.due is not None
    ours.clock.moment = row.due
    others = [ours.open() for _ in range(3)]
    try:
        for other in others:
            assert listen(other) in {0, 1}
        assert len(peer.asked) == 2
    finally:
        for other in others:
            other.close()


def test_a_copy_of_a_store_asks_nobody(ours: PushedSite, peer: HubPeer) -> None:
    ours.clock.advance(9 * DAY)
    ours.app.held = "a copy"
    carry_pushes(ours.app)
    assert len(peer.asked) == 1


def test_nobody_is_asked_who_could_not_call(peer: HubPeer, start: Start) -> None:
    """A publication that only this machine finds."""
    offer(peer)
    site = start(f"{peer.url}/feed", more="")
    assert not site.collect().error
    site.listen()
    assert (peer.asked, site.app.store.listenings()) == ([], [])


def test_a_hub_in_our_own_network_is_not_asked(peer: HubPeer, start: Start) -> None:
    """Whatever a stranger's feed says."""
    offer(peer)
    site = start(f"{peer.url}/feed")
    site.collect()
    root = site.root / "publisher.toml"
    text = root.read_text().replace(site.url, "https://gazette.org/")
    root.write_text(text.replace("[websub]\nallow_private_addresses = true", ""))
    site.app.replace_definitions(site.open().definitions)
    site.listen()
    row = site.listening
    assert row.state is ListeningState.FAILED
    assert "is a private address" in row.error
    assert peer.asked == []


def test_polling_goes_on_but_more_rarely(ours: PushedSite, peer: HubPeer) -> None:
    """A quarter as often while the hub is alive; as before when it is not."""

    def wait() -> timedelta:
        ours.collect()
        state = ours.app.store.source_states([ours.key])[ours.key]
        assert state.next_check is not None
        assert state.why == ("its hub tells of news" if ours.is_alive() else state.why)
        assert ours.is_alive() or state.next_check == ours.clock.now() + state.interval
        return (state.next_check - ours.clock.now()) / state.interval

    offer(peer, titles=("Sturgeon", "Marten"))
    assert wait() == 4
    ours.clock.advance(10 * DAY)
    assert wait() == 1


def test_a_running_publication_listens_and_tells_of_what_comes(
    peer: HubPeer, start: Start
) -> None:
    """From the first poll to the story, without a hand; an alert follows as after each collection."""
    offer(peer)
    site = start(f"{peer.url}/feed")
    site.schedule("collect", 'action = "collect"\nwhen = "every 15m"\nfirst = "now"')
    site.schedule("alert", 'action = "alert"\nfeeds = ["port"]')
    told: list[SourceReport] = []
    alive, came = Event(), Event()
    peer.confirmed = alive.set

    def pushed(report: SourceReport) -> None:
        told.append(report)
        came.set()

    made = scheduler(site.app, pushed=pushed)
    made.start()
    try:
        assert alive.wait(60)
        assert peer.push(atom("Sturgeon", "Marten")).status == 202
        assert came.wait(60)
    finally:
        assert made.stop()
    assert [(one.source, one.new, one.same) for one in told] == [(site.key, 1, 1)]
    assert len(site.app.store.history("alert")) == 2  # one a story
    assert site.complaints == []


SERVE = """
import sys
from pathlib import Path
from threading import Event
from publisher.app import App
from publisher.web.server import WebServer
from tests.web.push_site import MovedClock
server = WebServer(App.open(Path(sys.argv[1]), clock=MovedClock()), "127.0.0.1:0")
server.start()
print(server.address, flush=True)
Event().wait()
"""


def test_a_process_that_is_killed_after_its_answer_loses_nothing(
    ours: PushedSite, peer: HubPeer
) -> None:
    """SIGKILL as soon as the hub has its 202, again and again."""
    titles = [f"Heron {number}" for number in range(3)]
    for title in titles:
        command = [sys.executable, "-c", SERVE, str(ours.root)]
        with Popen(command, stdout=PIPE, text=True) as process:
            assert process.stdout
            address = process.stdout.readline().strip()
            ((callback, form),) = peer.active.items()
            peer.active = {callback.replace(ours.url, address): form}
            assert peer.push(atom(title)).status == 202
            peer.active = {callback: form}
            process.kill()
    ours.carry()
    assert ours.titles == sorted([*titles, "Sturgeon"])
