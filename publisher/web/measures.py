"""The numbers of `/metrics` for whoever watches the machine; serves Prometheus and its like.

Only a program that asks directly is answered: what comes through a proxy comes from the public.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from litestar import HttpMethod, Request, Response, route

from publisher.app import App
from publisher.errors import StoreError
from publisher.kit.metrics import MEDIA_TYPE
from publisher.model.sheets import Ledgers
from publisher.web.pages import desk_of, reply

KEPT = timedelta(seconds=10)
"""How long the ledger's figures are good enough: counting walks every open edition."""

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@dataclass(slots=True)
class Figures:
    """The ledger's figures, read again when they have grown old. Safe between threads."""

    app: App
    _read: datetime | None = None
    _kept: Ledgers | None = None
    _lock: Lock = field(default_factory=Lock)

    def at(self, now: datetime) -> Ledgers | None:
        """Return them, None when the store does not answer."""
        with self._lock:
            if self._read is None or not timedelta(0) <= now - self._read < KEPT:
                try:
                    self._kept = self.app.store.ledgers(now)
                except StoreError:
                    self._kept = None
                self._read = now
            return self._kept


@route("/metrics", http_method=[HttpMethod.GET, HttpMethod.HEAD], sync_to_thread=True)
def metrics(request: Request[Any, Any, Any]) -> Response[Any]:
    """Answer with every metric in the Prometheus text format; 404 through a proxy."""
    desk = desk_of(request)
    if any(name in request.headers for name in FORWARDED):
        return desk.problem(404)
    figures: Figures = request.app.state.figures
    now = desk.app.now()
    body = desk.app.measure().text(figures.at(now), now)
    return reply(body, MEDIA_TYPE, headers={"cache-control": "no-store"})
