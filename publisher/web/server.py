"""The server in its thread: binds first, serves until stopped, and never takes a signal.

Serves the command line's `run`. Touches one listening socket and one thread of its own.
"""

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from urllib.parse import quote

import structlog
import uvicorn
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from publisher.app import App
from publisher.errors import NotFound, PublisherError, ServerError, StoreError, TokenError
from publisher.web import (
    documents,
    editions,
    hub,
    inbox,
    measures,
    preferences,
    private,
    public,
    pushes,
    subscribing,
)
from publisher.web.feeds import FeedDoor
from publisher.web.pages import Desk
from publisher.web.turnstile import Turnstile

BODY_LIMIT = 64 * 1024  # octets of a form
GRACE = 3  # seconds that answers under way are given when stopping
BACKLOG = 512
LAST_PORT = 65_535
PAGES_SETTING = "--bind or [web] bind"
PAGES: tuple[HTTPRouteHandler, ...] = (
    documents.front,
    documents.document,
    documents.feeds,
    documents.feed_document,
    private.private_feed,
    editions.archive,
    editions.edition,
    editions.personal_edition,
    editions.mail,
    public.unsubscribe,
    public.health,
    hub.websub,
    pushes.callback,
    inbox.articles,
    measures.metrics,
    preferences.preferences,
    subscribing.subscribe,
    subscribing.confirm,
)
_STATUS_RANGE = range(400, 600)

log = structlog.get_logger("publisher.web")


class WebServer:
    """The pages of one publication on one address (`host:port`; port 0 means any free one).

    `alone` serves its metrics there and nothing else.
    """

    def __init__(self, app: App, bind: str, *, alone: bool = False) -> None:
        self._app = app
        self._bind = bind
        self._alone = alone
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: Thread | None = None
        self._address = ""

    @property
    def address(self) -> str:
        """Return where the pages are (`http://host:port/`), "" before the start."""
        return self._address

    def start(self) -> None:
        """Bind, then serve in a thread; returns when requests are answered. Raises ServerError."""
        self._socket = listen(self._bind, "[web] metrics" if self._alone else PAGES_SETTING)
        self._address = _address(self._socket)
        trusted = list(self._app.definitions.web.trusted_proxies)
        settings = uvicorn.Config(
            create_alone(self._app) if self._alone else create_asgi(self._app),
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=bool(trusted),
            forwarded_allow_ips=trusted or None,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
            http="httptools",
            ws="none",
        )
        self._server = _Server(settings)
        self._thread = Thread(target=self._serve, name="web", daemon=True)
        self._thread.start()
        self._server.ready.wait()
        if not self._server.started:
            self.stop()
            raise ServerError(self._bind, "the server did not start; the log says why")

    def stop(self) -> None:
        """Stop answering, let answers under way end, and free the address; may be called twice."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(GRACE + 2)
        if self._socket is not None:
            self._socket.close()
        self._server = self._thread = self._socket = None

    def _serve(self) -> None:
        server, listener = self._server, self._socket
        if server is None or listener is None:
            return
        try:
            asyncio.run(server.serve(sockets=[listener]))
        except Exception:
            log.exception("web.ended", address=self._address)
        finally:
            server.ready.set()


class _Server(uvicorn.Server):
    """The server, with a sign of readiness and without a hand on signals."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets=sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to the command line, in whatever thread this runs."""
        yield


def create_app(app: App) -> Litestar:
    """Return the web application of a publication (see `create_asgi` for what is served)."""
    return _application(app, PAGES)


def create_alone(app: App) -> Litestar:
    """Return the web application that serves the metrics and nothing else."""
    return _application(app, [measures.metrics_alone])


def _application(app: App, handlers: Sequence[HTTPRouteHandler]) -> Litestar:
    desk = Desk(app=app)
    app.measure()
    made = Litestar(
        route_handlers=handlers,
        state=State(
            {
                "desk": desk,
                "turnstile": Turnstile(),
                "hub_turnstile": Turnstile(hub.ASKED),
                "inbox_turnstile": Turnstile(inbox.ASKED),
                "guess_turnstile": Turnstile(inbox.GUESSED),
                "figures": measures.Figures(app),
            }
        ),
        exception_handlers={
            HTTPException: _on_http(desk),
            PublisherError: _on_publisher(desk),
            Exception: _on_any(desk),
        },
        openapi_config=None,
        request_max_body_size=BODY_LIMIT,
        logging_config=None,
        debug=False,
    )
    made.asgi_handler = FeedDoor(desk, made.asgi_handler)
    return made


def create_asgi(app: App) -> ASGIApp:
    """Return the web application behind the path of the publication's address.

    A proxy may hand that path on or take it away: both work.
    """
    inner = create_app(app)

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        prefix = Desk(app=app).base.rstrip("/")
        path = scope.get("path", "")
        if prefix and (path == prefix or path.startswith(prefix + "/")):
            rest = path[len(prefix) :] or "/"
            shorter: Any = {**scope, "path": rest, "raw_path": quote(rest).encode()}
            scope = shorter
        await inner(scope, receive, send)

    return outer


def listen(bind: str, setting: str = PAGES_SETTING) -> socket.socket:
    """Return a listening socket for `host:port`. Raises ServerError naming address and setting."""
    host, _, written = bind.rpartition(":")
    try:
        port = range(LAST_PORT + 1).index(
            int(written)
        )  # getaddrinfo would take any number, modulo
        found = socket.getaddrinfo(
            host.strip("[]") or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, place = found[0]
    except (OSError, ValueError, OverflowError):
        raise ServerError(bind, "is no address of this machine; write HOST:PORT") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(BACKLOG)
        listener.settimeout(0)
    except (OSError, OverflowError) as error:
        listener.close()
        raise ServerError(bind, _reason(error, setting)) from None
    return listener


def _reason(error: Exception, setting: str) -> str:
    """Say what is wrong with an address, and what to do."""
    advice = f"choose another address with {setting}"
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"is in use by another program; stop that one, or {advice}"
    if number == errno.EACCES:
        return f"may not be used without special rights; {advice}"
    if number == errno.EADDRNOTAVAIL:
        return f"is no address of this machine; {advice}"
    return f"{os.strerror(number) if number else error}; {advice}"


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - shown, not bound
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


Handler = Callable[[Request[Any, Any, Any], Any], Response[bytes]]


def _on_http(desk: Desk) -> Handler:
    def handle(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
        status = error.status_code if error.status_code in _STATUS_RANGE else 500
        if status >= 500:  # noqa: PLR2004 - the class of server errors
            _log(request, error)
        return desk.problem(status, headers=error.headers or {})

    return handle


def _on_publisher(desk: Desk) -> Handler:
    def handle(request: Request[Any, Any, Any], error: PublisherError) -> Response[bytes]:
        if isinstance(error, NotFound | TokenError):
            return desk.problem(404)
        _log(request, error)
        if isinstance(error, StoreError):
            return desk.problem(503, headers={"retry-after": "60"})
        return desk.problem(500)

    return handle


def _on_any(desk: Desk) -> Handler:
    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        _log(request, error)
        return desk.problem(500)

    return handle


def _log(request: Request[Any, Any, Any], error: Exception) -> None:
    """Write down what failed; of the path only its first part, because the rest may be a token."""
    area = str(request.scope["path"]).split("/")[1:2]
    trace = None if isinstance(error, PublisherError) else error
    log.error("web.failed", area=area[0] if area else "", error=str(error), exc_info=trace)
