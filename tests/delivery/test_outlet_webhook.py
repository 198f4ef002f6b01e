"""The webhook outlet posts to a receiver on loopback that checks every signature as its users would."""

import base64
import hashlib
import hmac
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from publisher.delivery import outlet_webhook
from publisher.errors import ConfigError, OutletError, OutletUnavailable
from publisher.kit.asking import Patience
from publisher.kit.webhooks import key_of
from publisher.model.views import Document
from publisher.ports import TransportContext
from publisher.testing.outlets import OutletContract, UnreachableOutletContract, make_document
from tests.delivery.buckets import cut, drop, says
from tests.serving import serving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver:
    """What arrived; `faults` answer the first requests, `always` all of them."""

    def __init__(self):
        self.url, self.faults, self.always = "", [], None
        self.attempts, self.events, self.standing = [], [], {}
        self.lock = threading.Lock()

    def take(self, headers, body):
        """Check the signature by the words of the specification, and do what the event says."""
        with self.lock:
            said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            wanted = hmac.new(key_of(SECRET), said, hashlib.sha256).digest()
            signatures = headers["webhook-signature"].split()
            assert f"v1,{base64.b64encode(wanted).decode()}" in signatures
            event = json.loads(body)
            self.events.append((headers["webhook-id"], event))
            data = event["data"]
            if event["type"] == "document.published" and "content" in data:
                content = data["content"]
                plain = data["encoding"] == "utf-8"
                octets = content.encode() if plain else base64.b64decode(content)
                assert hashlib.sha256(octets).hexdigest() == data["sha256"]
                assert len(octets) == data["size"]
                self.standing[data["path"]] = octets
            elif event["type"] == "document.removed":
                self.standing.pop(data["path"], None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    here: Receiver

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.here.lock:
            self.here.attempts.append(self.headers["webhook-id"])
            fault = self.here.faults.pop(0) if self.here.faults else self.here.always
        if fault is None:
            self.here.take(self.headers, body)
        (fault or says(204))(self)

    def log_message(self, *arguments):
        """Keep quiet."""


@contextmanager
def receiver():
    here = Receiver()
    with serving(type("Handler", (_Handler,), {"here": here})) as url:
        here.url = f"{url}/documents"
        yield here


@pytest.fixture
def there():
    with receiver() as here:
        yield here


def opened(url, *, pauses=None, **options):
    waited = [] if pauses is None else pauses
    settings = {"url": url, "secret": SECRET, **options}
    context = TransportContext(name="hook", root=Path("/"))
    patience = Patience(pause=waited.append, chance=lambda: 1.0)
    return outlet_webhook.create(outlet_webhook.Options(**settings), context, patience)


class TestContract(OutletContract):
    @pytest.fixture(autouse=True)
    def _receiver(self, there):
        self.there = there

    def open(self):
        return opened(self.there.url)

    def standing(self):
        return self.there.standing


class TestUnreachable(UnreachableOutletContract):
    def open(self):
        return opened("http://127.0.0.1:9/documents")


def test_an_event_says_what_a_receiver_needs(there):
    feed = Document(path="feeds/ü.rss", data="<ü/>".encode(), media_type="application/rss+xml")
    picture = Document(path="media/a.png", data=b"\x89PNG\xff", media_type="image/png")
    opened(there.url, connections=1).write([feed, picture])
    (_, first), (_, second) = there.events
    assert first["type"] == "document.published"
    assert first["timestamp"].endswith("Z")
    assert first["data"] == {
        "path": "feeds/ü.rss",
        "media_type": "application/rss+xml",
        "size": 5,
        "sha256": hashlib.sha256(feed.data).hexdigest(),
        "encoding": "utf-8",
        "content": "<ü/>",
    }
    assert second["data"]["encoding"] == "base64"
    opened(there.url).remove(["media/a.png"])
    assert there.events[-1][1]["type"] == "document.removed"
    assert there.events[-1][1]["data"] == {"path": "media/a.png"}


def test_content_stays_here_when_it_is_not_wanted_or_large(there):
    opened(there.url, content=False).write([make_document("a.rss")])
    opened(there.url, max_bytes=3).write([make_document("b.rss", b"1234")])
    assert all("content" not in event["data"] for _, event in there.events)
    assert [event["data"]["size"] for _, event in there.events] == [6, 4]


def test_what_is_tried_again_is_the_same_message(there):
    there.faults = [says(503), drop, cut]
    pauses = []
    opened(there.url, pauses=pauses).write([make_document("a.rss")])
    assert len(there.attempts) == 4
    assert len(set(there.attempts)) == 1
    assert len(pauses) == 3
    assert set(there.standing) == {"a.rss"}


def test_other_documents_are_other_messages(there):
    opened(there.url).write([make_document(f"{n}.rss") for n in range(20)])
    assert len({number for number, _ in there.events}) == 20


def test_an_old_secret_signs_as_well(there):
    """The receiver knows only the old one."""
    opened(there.url, secret="a new one", old_secret=SECRET).write([make_document("a.rss")])
    assert set(there.standing) == {"a.rss"}


@pytest.mark.parametrize("status", [413, 422])
def test_one_that_is_refused_keeps_back_no_other(there, status):
    there.faults = [says(status)]
    documents = [make_document(name) for name in ("a", "b", "c")]
    with pytest.raises(OutletError, match=f"answered {status}") as caught:
        opened(there.url, connections=1).write(documents)
    assert not isinstance(caught.value, OutletUnavailable)
    assert caught.value.written == ("b", "c")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (says(401), "look at `secret`"),
        (says(404), "answered 404"),
        (says(410), "answered 410"),
        (says(500), "answered 500"),
        (says(308, Location="https://elsewhere.example/"), "leads to https://elsewhere.example/"),
        (drop, "is not reached"),
    ],
)
def test_a_receiver_that_takes_nothing_is_left_alone(there, fault, told):
    there.always = fault
    with pytest.raises(OutletUnavailable, match=told) as caught:
        opened(there.url, connections=2).write([make_document(f"{n}.rss") for n in range(50)])
    assert caught.value.written == ()
    assert len(set(there.attempts)) <= 2
    assert "\n" not in str(caught.value)


def test_a_secret_that_is_none_is_told():
    with pytest.raises(ConfigError, match=r"outlets\.hook\.secret: is not base64"):
        opened("http://127.0.0.1:9/", secret="whsec_%%%")


def test_no_secret_is_shown():
    outlet = opened("http://127.0.0.1:9/")
    assert SECRET not in outlet.form
