"""Stores of S3's kind for tests: a real one (rclone's), and one on loopback that misbehaves as told."""

import contextlib
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.serving import serving

KEY, SECRET = "AKIAHARBOUR", "a-secret-of-the-quay"
LIST = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"

Fault = Callable[[BaseHTTPRequestHandler], None]


@contextlib.contextmanager
def rclone(folder: Path, *more: str) -> Iterator[str]:
    """Serve a folder of buckets; yields the address. Yields "" where rclone is not installed."""
    beside = Path(sys.executable).parent / "rclone"
    program = str(beside) if beside.exists() else shutil.which("rclone")
    if program is None:
        yield ""
        return
    command = [program, "serve", "s3", "--auth-key", f"{KEY},{SECRET}", "--addr", "127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--config", "", "--dir-cache-time", "1ms", *more, str(folder)],
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stderr is not None
        try:
            found = None
            while found is None:
                line = server.stderr.readline()
                assert line, "rclone ended"
                found = re.search(r"Starting s3 server on \[(http://[^/]+)/\]", line)
            reader = threading.Thread(target=server.stderr.read, daemon=True)
            reader.start()
            yield found[1]
        finally:
            server.terminate()
            server.wait()
            reader.join()


@dataclass
class Store:
    """What the store on loopback holds and was asked. `faults` by verb are used up one by one."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    always: dict[str, Fault] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    most: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def counted(self) -> Counter[str]:
        """Return how often each verb was asked."""
        return Counter(line.split()[0] for line in self.asked)


def says(status: int, body: str = "", **headers: str) -> Fault:
    """Answer with a status and a body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        data = body.encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def error(status: int, code: str, message: str = "No.", **headers: str) -> Fault:
    """Answer with an error of S3's."""
    return says(
        status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>", **headers
    )


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than comes, then close."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"<List")
    handler.close_connection = True


def drop(handler: BaseHTTPRequestHandler) -> None:
    """Close without a word."""
    handler.close_connection = True


class _Handler(BaseHTTPRequestHandler):
    """Does what is asked, or what the fault says that is due."""

    protocol_version = "HTTP/1.1"
    here: Store

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        verb, here = self.command, self.here
        with here.lock:
            here.asked.append(f"{verb} {self.path}")
            here.hosts.append(self.headers["Host"])
            waiting = here.faults.get(verb, [])
            fault = waiting.pop(0) if waiting else here.always.get(verb)
        with contextlib.suppress(OSError):
            (fault or self.well(body))(self)

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def well(self, body: bytes) -> Fault:
        key, here = self.path.partition("?")[0].removeprefix("/gazette/"), self.here
        with here.lock:
            if self.command == "PUT":
                here.objects[key] = body
                here.headers[key] = {k.lower(): v for k, v in self.headers.items()}
                return says(200)
            if self.command == "DELETE":
                here.objects.pop(key, None)
                return says(204)
            if self.command == "POST":
                for one in ET.fromstring(body).iter("Key"):
                    here.objects.pop(one.text or "", None)
                return says(200, "<DeleteResult/>")
            keys = "".join(f"<Contents><Key>{name}</Key></Contents>" for name in here.objects)
            return says(200, LIST.replace("<IsT", f"{keys}<IsT", 1))

    def log_message(self, *arguments: object) -> None:
        """Keep quiet."""


@contextlib.contextmanager
def store() -> Iterator[Store]:
    """Serve a bucket called `gazette` until the test ends."""
    here = Store()
    with serving(type("Handler", (_Handler,), {"here": here})) as here.url:
        try:
            yield here
        finally:
            here.stop.set()
