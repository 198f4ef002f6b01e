"""Other senders on the same wire: Postfix's smtp-source and smtp-sink, smtplib, nodemailer's pool."""

import json
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import sink

TOOLS = Path(__file__).parents[1] / ".tools" / "node" / "node_modules"
SBIN = "/usr/sbin:/usr/local/sbin:/usr/bin:/bin"


def postfix(tool: str) -> str:
    """Return where one of Postfix's tools is, "" when it is not here."""
    return shutil.which(tool, path=SBIN) or ""


def has_nodemailer() -> bool:
    """Tell whether `make tools` has brought nodemailer."""
    return bool(shutil.which("node")) and (TOOLS / "nodemailer").is_dir()


@contextmanager
def receiving() -> Iterator[int]:
    """Run smtp-sink, or our own sink where there is none, and yield its port."""
    if not postfix("smtp-sink"):
        with sink.running() as port:
            yield port
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [postfix("smtp-sink"), "-u", "root", f"127.0.0.1:{port}", "1000"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _reach(port)
            yield port
        finally:
            process.terminate()


def _reach(port: int) -> None:
    """Wait until somebody listens. Raises ConnectionError after ten seconds."""
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionError:
            if time.monotonic() > until:
                raise
        else:
            return


def smtp_source(port: int, count: int, octets: int, connections: int) -> float:
    """Return the messages a second of Postfix's own load generator: one body, written in C."""
    command = [postfix("smtp-source"), "-s", str(connections), "-m", str(count)]
    command += ["-l", str(octets), "-f", "news@bench.example", "-t", "reader@example.org"]
    begun = time.perf_counter()
    subprocess.run([*command, f"127.0.0.1:{port}"], check=True)
    return count / (time.perf_counter() - begun)


def with_smtplib(port: int, count: int, data: bytes) -> float:
    """Return the messages a second of smtplib with one ready copy on one connection."""
    begun = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as relay:
        for number in range(count):
            relay.sendmail("news@bench.example", [f"reader{number}@example.org"], data)
    return count / (time.perf_counter() - begun)


def with_nodemailer(port: int, count: int, html: str, text: str, connections: int) -> float:
    """Return the messages a second of nodemailer's pool, which composes each one."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as bodies:
        json.dump({"html": html, "text": text}, bodies)
        bodies.flush()
        script = Path(__file__).with_name("nodemailer.mjs")
        words = (f"{TOOLS.parent}/", port, count, connections, bodies.name)
        command = ["node", str(script), *map(str, words)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(said)
    return float(found["messages"] / found["seconds"])
