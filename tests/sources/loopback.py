"""A real HTTP server on loopback whose answers a test writes."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.serving import serving

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """Answers by path; `asked` holds (path, headers) of every request."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def document(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        """Answer with a whole document."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.answers[path] = answer

    def redirect(self, path: str, to: str, status: int = 301) -> None:
        """Answer with a redirect."""
        self.document(path, b"", status, Location=to)


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """Serve until the test ends."""
    here = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            here.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            answer = here.answers.get(self.path)
            if answer is None:
                self.send_error(404)
                return
            with contextlib.suppress(OSError):
                answer(self)

        def log_message(self, *arguments: object) -> None:
            """Keep quiet."""

    with serving(Handler) as here.url:
        try:
            yield here
        finally:
            here.stop.set()
