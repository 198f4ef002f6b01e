"""Feeds over HTTP: requests a second for 200 and 304, to nginx with the same files in the same run.

Both serve on this machine and are asked by wrk over 16 connections that stay open, one after the
other, in rounds. Ours is a process of its own that serves the pages as `publisher run` does.
"""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.feeds import stored
from benchmarks.measure import Figure
from publisher.app import App
from publisher.cli.exporting import site_of
from publisher.kit.server_config import nginx
from publisher.web.server import WebServer

SBIN = "/usr/sbin:/usr/local/sbin:/usr/bin:/bin"
ROUNDS, SECONDS, CONNECTIONS = 3, 2, 16
DOCUMENT = "feeds/f0.atom"
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
WHOLE = """daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log stderr crit;
events {{ }}
http {{ access_log off; keepalive_requests 1000000;
client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
{text} }}"""


def serve(root: Path) -> None:
    """Serve a publication's pages until the standard input ends; say where."""
    app = App.open(root)
    web = replace(app.definitions.web, slow_down=False)
    app.replace_definitions(replace(app.definitions, web=web))
    server = WebServer(app, "127.0.0.1:0")
    server.start()
    print(server.address, flush=True)
    sys.stdin.read()
    server.stop()
    app.close()


@contextmanager
def ours(root: Path) -> Iterator[str]:
    """Serve in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.polling", str(root)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        yield process.stdout.readline().strip()
        process.stdin.close()


@contextmanager
def theirs(program: str, app: App, folder: Path, port: int = 18_765) -> Iterator[str]:
    """Serve the same files by nginx with the snippet that publisher writes for it."""
    text = nginx(site_of(app)).replace("listen 80;", f"listen 127.0.0.1:{port};")
    (folder / "nginx.conf").write_text(WHOLE.format(folder=folder, text=text), encoding="utf-8")
    with subprocess.Popen([program, "-c", str(folder / "nginx.conf")]) as process:
        yield f"http://127.0.0.1:{port}/"
        process.terminate()


def asked(wrk: str, address: str, headers: Sequence[str]) -> float:
    """Return how many requests a second are answered."""
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s"]
    for header in headers:
        command += ["-H", header]
    done = subprocess.run([*command, address], capture_output=True, text=True, check=True)
    found = _RATE.search(done.stdout)
    if found is None or "Non-2xx" in done.stdout:
        raise RuntimeError(done.stdout)
    return float(found[1])


def tag_of(address: str) -> str:
    """Return a document's ETag, waiting until the server listens."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    until = time.monotonic() + 10
    while True:
        try:
            with urllib.request.urlopen(request) as answer:
                return str(answer.headers["ETag"])
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise


def figure(what: str, mine: Callable[[], float], other: Callable[[], float]) -> Figure:
    """Ask both in turn."""
    pairs = [(mine(), other()) for _ in range(ROUNDS)]
    ratios = [one / two for one, two in pairs]
    return Figure(
        what=what,
        rate=statistics.median(one for one, _ in pairs),
        unit="requests/s",
        baseline="nginx, one worker",
        ratio=statistics.median(ratios),
        low=min(ratios),
        high=max(ratios),
    )


def everything() -> list[Figure]:
    """Measure 200 and 304 on a feed of fifty entries; nothing where nginx or wrk is missing."""
    program, wrk = shutil.which("nginx", path=SBIN), shutil.which("wrk")
    if not (program and wrk):
        return []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "gazette")
        app = stored(root, feeds=1, each=50)
        app.replace_definitions(replace(app.definitions, precompress=True))
        app.publish()
        with ours(root) as here, theirs(program, app, Path(folder)) as there:
            figures = []
            for what in ("200", "304"):
                rates = []
                for base in (here, there):
                    headers = ["Accept-Encoding: gzip"]
                    tag = tag_of(base + DOCUMENT)
                    headers += [f"If-None-Match: {tag}"] if what == "304" else []
                    rates.append(
                        lambda base=base, headers=headers: asked(wrk, base + DOCUMENT, headers)
                    )
                figures.append(figure(f"feed {what}", *rates))
        app.close()
        return figures


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
