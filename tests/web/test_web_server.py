"""The server binds first, answers on its address, and goes away promptly."""

import http.client
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from publisher import config
from publisher.errors import ServerError
from publisher.web.server import WebServer, listen


@pytest.fixture
def server(site: Any) -> Iterator[WebServer]:
    running = WebServer(site.app, "127.0.0.1:0")
    running.start()
    yield running
    running.stop()


def port_of(server: WebServer) -> int:
    return int(re.fullmatch(r"http://127\.0\.0\.1:(\d+)/", server.address)[1])  # type: ignore[index]


def ask(server: WebServer, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_pages_come_over_a_real_connection(server: WebServer) -> None:
    status, page = ask(server, "/")
    assert (status, "The Harbour Gazette" in page) == (200, True)
    assert ask(server, "/", "HEAD") == (200, "")
    assert ask(server, "/healthz")[0] == 200


@pytest.mark.parametrize(
    "path", ["/../publisher.toml", "/feeds/../../publisher.toml", "//etc/passwd"]
)
def test_raw_paths_do_not_climb(server: WebServer, path: str) -> None:
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=10) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"[publication]" not in answer


def test_a_port_in_use_is_one_clear_line(site: Any, server: WebServer) -> None:
    bind = f"127.0.0.1:{port_of(server)}"
    with pytest.raises(ServerError) as caught:
        WebServer(site.app, bind).start()
    line = str(caught.value)
    assert line.startswith(f"{bind}: is in use")
    assert "--bind" in line
    assert caught.value.exit_code == 69


@pytest.mark.parametrize("bind", ["192.0.2.1:0", "nowhere.invalid:80", "127.0.0.1:99999", "x"])
def test_an_impossible_address_is_one_clear_line(bind: str) -> None:
    with pytest.raises(ServerError, match=re.escape(bind)):
        listen(bind)


def test_stopping_is_prompt_and_frees_the_address(site: Any) -> None:
    running = WebServer(site.app, "127.0.0.1:0")
    running.start()
    bind = f"127.0.0.1:{port_of(running)}"
    idle = http.client.HTTPConnection("127.0.0.1", port_of(running), timeout=10)
    idle.request("GET", "/healthz")
    idle.getresponse().read()  # the connection stays open: it must not hold up the end
    began = time.monotonic()
    running.stop()
    running.stop()
    assert time.monotonic() - began < 2
    idle.close()
    assert not any(thread.name == "web" for thread in threading.enumerate())
    again = WebServer(site.app, bind)
    again.start()
    assert ask(again, "/healthz")[0] == 200
    again.stop()


def test_signals_are_left_alone(site: Any) -> None:
    """Whatever stood there stands there: a shell's background job, say, ignores SIGINT."""
    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)]
    running = WebServer(site.app, "127.0.0.1:0")
    running.start()
    try:
        assert [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)] == before
    finally:
        running.stop()


def test_a_path_in_the_address_may_stay_or_go(site: Any, server: WebServer) -> None:
    text = (site.root / "publisher.toml").read_text()
    text = text.replace("http://127.0.0.1:8080/", "https://press.example/gazette/")
    (site.root / "publisher.toml").write_text(text)
    site.app.replace_definitions(config.load(site.root))
    for path in ("/gazette/feeds/harbour.rss", "/feeds/harbour.rss", "/gazette/", "/gazette"):
        assert ask(server, path)[0] == 200
    for path in (site.leave_path(), f"/gazette{site.leave_path()}"):
        status, page = ask(server, path)
        assert status == 200
        assert 'href="/gazette/style.css"' in page
    assert ask(server, "/gazettes/")[0] == 404
