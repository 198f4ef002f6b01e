"""The numbers of `/metrics` for whoever watches the machine; serves Prometheus and its like.

They are not for the public. `[web] metrics` gives them an address of their own; without it they
stand beside the pages, and only for a program on this machine while the publication is not public:
a proxy that adds no header and passes its own Host (nginx's plain proxy_pass) looks like one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from litestar import HttpMethod, Request, Response, route

from publisher.app import App
from publisher.core.push_rules import counts
from publisher.errors import StoreError
from publisher.kit.metrics import MEDIA_TYPE
from publisher.model.hubs import TopicFigures
from publisher.model.sheets import Ledgers
from publisher.web.pages import desk_of, reply

KEPT = timedelta(seconds=10)
"""How long the ledger's figures are good enough: counting walks every open edition."""

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@dataclass(slots=True)
class Figures:
    """The figures of the ledger and the hub, read again when they have grown old. Safe between threads."""

    app: App
    _read: datetime | None = None
    _kept: Ledgers | None = None
    topics: Sequence[TopicFigures] = ()
    pushed: Mapping[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def at(self, now: datetime) -> Ledgers | None:
        """Return them, None when the store does not answer."""
        with self._lock:
            if self._read is None or not timedelta(0) <= now - self._read < KEPT:
                try:
                    self._kept = self.app.store.ledgers(now)
                    self.topics = self.app.store.topic_figures()
                    self.pushed = counts(self.app.store.listenings(), now)
                except StoreError:
                    self._kept = None
                self._read = now
            return self._kept


@route("/metrics", http_method=[HttpMethod.GET, HttpMethod.HEAD], sync_to_thread=True)
def metrics(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answer beside the pages, with 404 to whoever may be the public."""
    desk = desk_of(request)
    known = desk.app.definitions
    public = known.web.metrics or not _is_here(known.publication.url)
    return desk.problem(404) if public or not _is_direct(request) else _numbers(request)


@route("/metrics", http_method=[HttpMethod.GET, HttpMethod.HEAD], sync_to_thread=True)
def metrics_alone(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answer on the address of their own."""
    return _numbers(request)


def _numbers(request: Request[Any, Any, Any]) -> Response[Any]:
    """Return every metric in the Prometheus text format."""
    desk = desk_of(request)
    figures: Figures = request.app.state.figures
    now = desk.app.now()
    ledgers = figures.at(now)
    body = desk.app.measure().text(ledgers, now, figures.topics, figures.pushed)
    return reply(body, MEDIA_TYPE, headers={"cache-control": "no-store"})


def _is_direct(request: Request[Any, Any, Any]) -> bool:
    """Return whether a program on this machine asks, by this machine's own name."""
    if any(name in request.headers for name in FORWARDED):
        return False
    peer = request.client.host if request.client else ""
    return _is_loopback(peer) and _is_here(f"//{request.headers.get('host', '')}")


def _is_here(address: str) -> bool:
    """Return whether an address names this machine for itself."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return host == "localhost" or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
