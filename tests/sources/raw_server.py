"""A server on every loopback address that sends whatever bytes a test wants, HTTP or not."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Answer = Callable[["Line"], None]


@dataclass
class Line:
    """One connection: what was asked, and how to answer."""

    socket: socket.socket
    path: str
    head: str
    stop: threading.Event

    def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.socket.sendall(piece)

    def document(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        """A proper answer that closes the connection."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
        self.say("\r\n".join([*lines, *headers, "", ""]).encode("latin-1"), body)

    def begin(self, *headers: str) -> None:
        self.say("\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode("latin-1"))

    def for_ever(self, piece: bytes, pause: float = 0.0) -> None:
        """Send the same until nobody listens any more."""
        while not self.stop.wait(pause):
            self.say(piece)


@dataclass
class World:
    """Answers by path; any address of 127.0.0.0/8 is one of its hosts."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    accepted: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


def _missing(line: Line) -> None:
    line.document(b"", status="404 Not Found")


def _serve(world: World, connection: socket.socket) -> None:
    with contextlib.suppress(OSError), connection:
        while head := _head(connection):
            path = head.split(" ", 2)[1]
            world.asked.append(path)
            family = path.rpartition("/")[0] + "/*"
            answer = world.answers.get(path) or world.answers.get(family) or _missing
            line = Line(connection, path, head, world.stop)
            answer(line)
            if not getattr(answer, "stays", False):
                return


def _head(connection: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return ""
        data += piece
    return data.decode("latin-1")


@contextlib.contextmanager
def world() -> Iterator[World]:
    """Serve until the test ends."""
    here = World()
    with socket.create_server(("0.0.0.0", 0), backlog=200) as listener:
        here.port = listener.getsockname()[1]

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    here.accepted += 1
                    threading.Thread(target=_serve, args=(here, connection), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield here
        finally:
            here.stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
