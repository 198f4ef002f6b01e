"""A WebSub peer on this machine: finds hubs, subscribes, confirms, takes what is pushed to it.

It does what the public list of cases (websub.rocks) asks of a subscriber: the Link header counts
before links in the document, redirects are followed as they are meant, an intent that is not its own is
refused, and what is not signed with its secret is thrown away although it is answered well.
"""

import hmac
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree as ET

from tests.serving import serving

ATOM = "{http://www.w3.org/2005/Atom}"
LINK = re.compile(r'<([^>]*)>;\s*rel="?([^";,]+)"?')
TAG = re.compile(r"<link\b[^>]*>")
ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


class Found(NamedTuple):
    """What discovery came to."""

    hub: str
    topic: str


class Got(NamedTuple):
    """What was pushed, and whether it was kept."""

    path: str
    headers: HTTPMessage
    body: bytes
    kept: bool


class Reply(NamedTuple):
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Peer:
    """`before` may answer in place of the peer; `places` are paths that redirect."""

    url: str = ""
    wanted: dict[str, tuple[str, str, str]] = field(
        default_factory=dict
    )  # path: mode, topic, secret
    intents: list[dict[str, str]] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    places: dict[str, tuple[int, str]] = field(default_factory=dict)
    before: Callable[[str, str], Reply | None] = lambda _method, _path: None

    def discover(self, address: str, accept: str = "*/*") -> Found:
        """Find hub and topic of an address: in the header first, then in the document."""
        request = urllib.request.Request(address, headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=20) as answer:
            links = in_header(answer.headers)
            return of(
                links if "hub" in dict(links) else in_document(answer.headers, answer.read())
            )

    def subscribe(
        self,
        found: Found,
        path: str = "/callback?id=7",
        *,
        secret: str = "",
        mode: str = "subscribe",
        **more: str,
    ) -> tuple[int, str]:
        """Ask a hub; a redirect of a hub (307, 308) is followed with the same request."""
        self.wanted[urlsplit(path).path] = (mode, found.topic, secret)
        said = {
            "hub.mode": mode,
            "hub.topic": found.topic,
            "hub.callback": self.url + path,
            **more,
        }
        if secret:
            said["hub.secret"] = secret
        return post(found.hub, urlencode(said).encode())

    def take(self, method: str, target: str, headers: HTTPMessage, body: bytes) -> Reply:
        """Answer a request to this peer."""
        self.asked.append(f"{method} {target}")
        if (instead := self.before(method, target)) is not None:
            return instead
        path = urlsplit(target).path
        if path in self.places:
            status, to = self.places[path]
            return Reply(status, headers=(("Location", to),))
        if method == "GET":
            return self._confirm(path, target)
        mode, topic, secret = self.wanted.get(path, ("", "", ""))
        kept = bool(topic) and mode == "subscribe" and signed(headers, secret, body)
        self.got.append(Got(target, headers, body, kept))
        return Reply(200)

    def _confirm(self, path: str, target: str) -> Reply:
        said = {name: values[-1] for name, values in parse_qs(urlsplit(target).query).items()}
        self.intents.append(said)
        mode, topic, _ = self.wanted.get(path, ("", "", ""))
        if (said.get("hub.mode"), said.get("hub.topic")) != (mode, topic):
            return Reply(404)
        return Reply(200, said["hub.challenge"].encode())

    @property
    def kept(self) -> list[bytes]:
        """What was pushed and believed."""
        return [one.body for one in self.got if one.kept]


def signed(headers: HTTPMessage, secret: str, body: bytes) -> bool:
    """Tell whether a push is signed with the secret; without a secret none needs to be."""
    if not secret:
        return True
    method, _, said = headers.get("X-Hub-Signature", "").partition("=")
    made = hmac.new(secret.encode(), body, sha256).hexdigest()
    return method == "sha256" and hmac.compare_digest(made, said)


def of(links: list[tuple[str, str]]) -> Found:
    """Return the first hub and the topic."""
    first = dict(reversed(links))
    return Found(first["hub"], first["self"])


def in_header(headers: HTTPMessage) -> list[tuple[str, str]]:
    """Return relations and addresses of the Link header."""
    return [(rel, href) for href, rel in LINK.findall(", ".join(headers.get_all("Link", [])))]


def in_document(headers: HTTPMessage, body: bytes) -> list[tuple[str, str]]:
    """Return relations and addresses in a document."""
    kind = headers.get_content_type()
    if kind == "application/feed+json":
        feed = json.loads(body)
        hubs = [("hub", one["url"]) for one in feed["hubs"] if one["type"] == "WebSub"]
        return [("self", feed["feed_url"]), *hubs]
    if kind == "text/html":
        tags = [dict(ATTRIBUTE.findall(tag)) for tag in TAG.findall(body.decode())]
        return [(tag["rel"], tag["href"]) for tag in tags if "href" in tag]
    tree = ET.fromstring(body)
    return [(one.get("rel", ""), one.get("href", "")) for one in tree.iter(f"{ATOM}link")]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None


def post(address: str, body: bytes, hops: int = 3, **headers: str) -> tuple[int, str]:
    """Post a form and return status and text; 307 and 308 are followed."""
    named = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    request = urllib.request.Request(address, body, named, method="POST")
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            if error.code in {307, 308} and hops:
                return post(error.headers["Location"], body, hops - 1, **headers)
            return error.code, error.read().decode()


@contextmanager
def running() -> Iterator[Peer]:
    """Serve a peer on a free port."""
    peer = Peer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            return

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            reply = peer.take(method, self.path, self.headers, self.rfile.read(length))
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(reply.body)
            except OSError:
                return  # who asked has read enough

    with serving(Handler) as peer.url:
        yield peer
