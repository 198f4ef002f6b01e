"""A publication that listens at hubs, and a peer that is publisher and hub, for the tests of pushes.

The peer does what the public list of cases (websub.rocks) does to a subscriber: it asks back while
the request is still waiting, redirects topics and hubs, signs well, badly or not at all.
"""

import hmac
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from publisher import config
from publisher.app import App
from publisher.app.listening import carry_pushes, listen
from publisher.model.pushes import Listening, ListeningState
from publisher.web.server import WebServer
from tests.serving import serving
from tests.web.websub_site import free_port

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ATOM = "application/atom+xml"
PUBLICATION = """
[publication]
title = "The Harbour Gazette"
url = "{url}"
[collect]
allow_private_addresses = true
{more}
"""
FEED = """
title = "Harbour news"
[[sources]]
type = "feed"
url = "{source}"
{more}
"""


class MovedClock:
    """A clock that tests move."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, step: timedelta) -> None:
        self.moment += step


class PushedSite:
    """One publication on a real port that takes from one source."""

    def __init__(
        self,
        root: Path,
        source: str,
        *,
        more: str = "[websub]\nallow_private_addresses = true",
        source_more: str = "",
        clock: Any = None,
    ) -> None:
        self.root, self.key = root, f"feed:{source}"
        self.clock = clock or MovedClock()
        self.url = f"http://127.0.0.1:{free_port()}/"
        (root / "feeds").mkdir(parents=True)
        (root / "publisher.toml").write_text(PUBLICATION.format(url=self.url, more=more))
        self.define(source, source_more)
        self.complaints: list[tuple[str, str]] = []
        self.app = self.open()
        self.server = WebServer(self.app, self.url.removeprefix("http://").rstrip("/"))
        self.server.start()

    def define(self, source: str, more: str = "") -> None:
        """Write the feed that takes from a source."""
        path = self.root / "feeds/port.toml"
        path.write_text(FEED.format(source=source, more=more))

    def schedule(self, slug: str, text: str) -> None:
        """Write a schedule, and put it in force."""
        (self.root / "schedules").mkdir(exist_ok=True)
        (self.root / f"schedules/{slug}.toml").write_text(text)
        self.app.replace_definitions(config.load(self.root))

    def open(self) -> App:
        """Open the publication, as another process would."""
        return App.open(
            self.root, clock=self.clock, complain=lambda *what: self.complaints.append(what)
        )

    def close(self) -> None:
        self.server.stop()
        self.app.close()

    def collect(self) -> Any:
        (report,) = self.app.collect(everything=True)
        return report

    def listen(self) -> None:
        """Ask hubs, whether or not it is time to plan."""
        self.app.heard.planned = None
        listen(self.app)

    def follow_all(self) -> None:
        """Collect, and listen."""
        assert not self.collect().error
        self.listen()

    def follow(self) -> Listening:
        """Collect, listen, and return what came of it at the one hub."""
        self.follow_all()
        return self.listening

    def carry(self) -> None:
        carry_pushes(self.app)

    def callback(self, row: Listening | None = None) -> str:
        return f"{self.url}websub/callback/{(row or self.listening).token}"

    @property
    def listening(self) -> Listening:
        (row,) = self.app.store.listenings()
        return row

    def is_alive(self) -> bool:
        """Tell whether polling may rely on the hub."""
        return self.key in self.app.store.alive_sources(self.clock.now(), timedelta(minutes=15))

    @property
    def titles(self) -> list[str]:
        found = self.app.store.articles(now=self.clock.now())
        return sorted(article.title for article in found)


class Answer(NamedTuple):
    status: int
    body: bytes = b""


def ask(address: str, body: bytes | None = None, **headers: str) -> Answer:
    """Make one request; no redirect is followed."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(
        address, body, named, method="GET" if body is None else "POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Answer(answer.status, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read())


@dataclass
class HubPeer:
    """`pages` are documents with their headers, by path; `hubs` say what a hub answers, by path.

    A hub that answers 202 asks back: while the request waits if `at_once`. `topic` replaces the
    topic it asks back about, `lease` is what it grants ("" says nothing).
    """

    url: str = ""
    pages: dict[str, tuple[bytes, list[tuple[str, str]]]] = field(default_factory=dict)
    moved: dict[str, tuple[int, str]] = field(default_factory=dict)
    hubs: dict[str, int] = field(default_factory=lambda: {"/hub": 202})
    at_once: bool = True
    topic: str = ""
    lease: str = "864000"
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    active: dict[str, dict[str, str]] = field(default_factory=dict)
    confirmed: Callable[[], None] = lambda: None

    def take(self, path: str, form: dict[str, str]) -> int:
        """Answer a request at a hub."""
        self.asked.append((path, form))
        status = self.hubs.get(urlsplit(path).path, 404)
        if status == 202 and self.at_once:
            self.verify(form)
        return status

    def verify(self, form: dict[str, str] | None = None) -> Answer:
        """Ask a callback back."""
        form = form or self.asked[-1][1]
        said = {
            "hub.mode": form["hub.mode"],
            "hub.topic": self.topic or form["hub.topic"],
            "hub.challenge": "no/one guesses+this",
        }
        if self.lease:
            said["hub.lease_seconds"] = self.lease
        answer = self.call(form["hub.callback"], said)
        if answer == (200, b"no/one guesses+this"):
            if form["hub.mode"] == "subscribe":
                self.active[form["hub.callback"]] = form
                self.confirmed()
            else:
                self.active.pop(form["hub.callback"], None)
        return answer

    def call(self, callback: str, said: dict[str, str]) -> Answer:
        """Say something to a callback with GET."""
        self.answers.append(ask(f"{callback}?{urlencode(said)}"))
        return self.answers[-1]

    def push(
        self, body: bytes, *, method: str = "sha256", secret: str | None = None, kind: str = ATOM
    ) -> Answer:
        """Bring something to whoever is subscribed; `method` "" signs nothing."""
        ((callback, form),) = self.active.items()
        headers = {"Content_Type": kind, "Link": f'<{self.url}/hub>; rel="hub"'}
        if method:
            key = form["hub.secret"] if secret is None else secret
            signature = hmac.new(key.encode(), body, method).hexdigest()
            headers["X_Hub_Signature"] = f"{method}={signature}"
        return ask(callback, body, **headers)


class PeerHandler(BaseHTTPRequestHandler):
    """Answers for a peer."""

    served: HubPeer

    def log_message(self, *_arguments: object) -> None:
        return

    def do_GET(self) -> None:
        peer = self.served
        if self.path in peer.moved:
            status, to = peer.moved[self.path]
            self._answer(status, b"", [("Location", to)])
        elif self.path in peer.pages:
            self._answer(200, *peer.pages[self.path])
        else:
            self._answer(404, b"", [])

    def do_POST(self) -> None:
        peer = self.served
        data = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path in peer.moved:
            peer.asked.append((self.path, dict(parse_qsl(data))))
            status, to = peer.moved[self.path]
            self._answer(status, b"", [("Location", to)])
        else:
            self._answer(peer.take(self.path, dict(parse_qsl(data))), b"so it is\n", [])

    def _answer(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def hubbing() -> Iterator[HubPeer]:
    """Serve a peer on a free port."""
    peer = HubPeer()

    class Handler(PeerHandler):
        served = peer

    with serving(Handler) as peer.url:
        yield peer


def atom(*titles: str, links: str = "") -> bytes:
    """Return a feed of stories with these titles."""
    entries = "".join(
        f"<entry><id>urn:x:{title}</id><title>{title}</title><updated>2026-11-24T06:00:00Z</updated>"
        f"<content type='html'>&lt;p&gt;{title} has come in.&lt;/p&gt;</content></entry>"
        for title in titles
    )
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id>'
        f"<title>Port</title>{links}{entries}</feed>"
    ).encode()


def rss(*titles: str, links: str = "") -> bytes:
    """Return the same as RSS."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{title}</guid><title>{title}</title>"
        f"<description>{title} has come in.</description></item>"
        for title in titles
    )
    return (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Port</title>'
        f"<link>https://port.example/</link><description>d</description>{links}{items}</channel></rss>"
    ).encode()


def is_alive(row: Listening) -> bool:
    return row.state is ListeningState.ALIVE
