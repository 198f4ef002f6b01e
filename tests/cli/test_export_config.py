"""The snippets for web servers, each tried in the real server: it answers feeds as publisher does."""

import gzip
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from publisher.kit.server_config import Site, caddy, nginx, systemd

SBIN = "/usr/sbin:/usr/local/sbin:/usr/bin:/bin"
PRESSED = b"<!-- pressed beforehand -->"
ODD = 'odd "page" $1'


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args, **_kwargs):
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirects)


def ask(url, **headers):
    try:
        with OPENER.open(urllib.request.Request(url, headers=headers), timeout=5) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@contextmanager
def running(command, port):
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        try:
            until = time.monotonic() + 15
            while True:
                assert server.poll() is None, server.stderr.read().decode()
                assert time.monotonic() < until, "the server does not listen"
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except ConnectionError:
                    continue
            yield
        finally:
            server.terminate()


def nginx_of(tmp_path, site, port):
    text = nginx(site).replace("listen 80;", f"listen 127.0.0.1:{port};")
    whole = f"""daemon off; master_process off; pid {tmp_path}/pid; error_log stderr;
events {{ }}
http {{ access_log off;
client_body_temp_path {tmp_path}/b; proxy_temp_path {tmp_path}/p; fastcgi_temp_path {tmp_path}/f;
uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;
{text} }}"""
    (tmp_path / "nginx.conf").write_text(whole)
    return [shutil.which("nginx", path=SBIN), "-c", str(tmp_path / "nginx.conf")]


def caddy_of(tmp_path, site, port):
    text = caddy(site).replace("http://gazette.example\n", f"http://127.0.0.1:{port}\n")
    whole = (
        f"{{\n\tadmin off\n\tauto_https off\n\tstorage file_system {tmp_path}/caddy\n}}\n{text}"
    )
    (tmp_path / "Caddyfile").write_text(whole)
    path = str(tmp_path / "Caddyfile")
    return [shutil.which("caddy", path=SBIN), "run", "--adapter", "caddyfile", "--config", path]


SERVERS = {"nginx": nginx_of, "caddy": caddy_of}


@pytest.fixture(params=["/", "/news/"])
def base(request):
    return request.param


@pytest.fixture
def site(tmp_path, base):
    """A small folder under a base."""
    public = tmp_path / "pub lic"
    files = {
        "index.html": "<h1>front</h1>",
        "opml.xml": "<opml/>",
        "feeds/harbour.rss": "<rss/>" + " " * 2_000,
        "feeds/harbour.atom": "<feed/>",
        "feeds/harbour.json": "{}",
        "feeds/harbour/index.html": "<h1>harbour</h1>",
    }
    for path, text in files.items():
        (public / path).parent.mkdir(parents=True, exist_ok=True)
        (public / path).write_text(text)
    pressed = public / "feeds/harbour.rss.gz"
    pressed.write_bytes(gzip.compress(b"<rss/>" + b" " * 2_000 + PRESSED))
    return Site(
        url=f"http://gazette.example{base}",
        public=public,
        bind=f"127.0.0.1:{free_port()}",
        moved={
            "feeds/harbour/archive/1.rss": "feeds/harbour/archive/1-ab.rss",
            "articles/gone/index.html": "",
            f"articles/{ODD}/index.html": "",
        },
        was={"port": "harbour"},
        ended=("over",),
        max_age=900,
        pressed=True,
    )


@pytest.fixture(params=list(SERVERS))
def server(request, tmp_path, base, site):
    """Serve the folder; yield the address of its base."""
    if shutil.which(request.param, path=SBIN) is None:
        pytest.skip(f"{request.param} is not on this machine; `make tools` brings it")
    port = free_port()
    with running(SERVERS[request.param](tmp_path, site, port), port):
        yield f"http://127.0.0.1:{port}{base}"


def test_feeds_are_answered_with_their_types_and_may_be_read_by_scripts(server, base):
    kinds = {"rss": "rss+xml", "atom": "atom+xml", "json": "feed+json"}
    for name, kind in kinds.items():
        status, headers, _ = ask(f"{server}feeds/harbour.{name}")
        assert status == 200
        assert headers["content-type"] == f"application/{kind}; charset=utf-8"
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cache-control"] == "public, max-age=900"
        assert headers["x-content-type-options"] == "nosniff"
        assert f'<http://gazette.example{base}feeds/harbour.{name}>; rel="self"' in headers["link"]


def test_whoever_has_it_already_gets_304_and_the_rest_compressed(server):
    _, headers, _ = ask(f"{server}feeds/harbour.rss")
    assert ask(f"{server}feeds/harbour.rss", **{"If-None-Match": headers["etag"]})[0] == 304
    since = {"If-Modified-Since": headers["last-modified"]}
    assert ask(f"{server}feeds/harbour.rss", **since)[0] == 304
    _, pressed, body = ask(f"{server}feeds/harbour.rss", **{"Accept-Encoding": "gzip"})
    assert pressed["content-encoding"] == "gzip"
    assert gzip.decompress(body).endswith(PRESSED), "the form that lies beside it"
    assert "accept-encoding" in pressed["vary"].lower()


def test_pages_and_the_list_of_feeds_are_found(server):
    assert ask(server)[2] == b"<h1>front</h1>"
    status, headers, body = ask(f"{server}feeds/harbour/")
    assert (status, body) == (200, b"<h1>harbour</h1>")
    assert headers["content-type"] == "text/html; charset=utf-8"
    status, headers, body = ask(f"{server}opml")
    assert (status, body) == (200, b"<opml/>")
    assert headers["content-type"].startswith("text/x-opml")


def test_moved_and_ended_ones_are_told(server, base):
    for old, new in {
        "feeds/port.rss": "feeds/harbour.rss",
        "feeds/port/": "feeds/harbour/",
        "feeds/harbour/archive/1.rss": "feeds/harbour/archive/1-ab.rss",
    }.items():
        status, headers, _ = ask(f"{server}{old}")
        assert status == 301
        assert headers["location"] == f"{base}{new}"
    assert ask(f"{server}feeds/over.atom")[0] == 410
    assert ask(f"{server}articles/gone/index.html")[0] == 410


def test_what_is_no_document_is_handed_on(server):
    assert ask(f"{server}subscribe")[0] == 502, "nobody answers there"


def test_what_only_publisher_knows_is_handed_on(server):
    """What is new since a version, and the feed where a page stands; nobody answers there."""
    assert ask(f"{server}feeds/harbour.rss", **{"A-IM": "feed"})[0] == 502
    for accept in (
        "application/rss+xml",
        "application/atom+xml, text/html",
        "application/feed+json",
    ):
        assert ask(f"{server}feeds/harbour/", Accept=accept)[0] == 502
        assert ask(server, Accept=accept)[0] == 200
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert ask(f"{server}feeds/harbour/", Accept=browser)[0] == 200
    for name, status in {"rss": 502, "atom": 502, "json": 200}.items():
        path = f"{server}feeds/harbour.{name}"
        assert ask(path, Accept=browser)[0] == status, "browsers are told another type"
        assert ask(path, Accept="application/rss+xml, text/html, */*;q=0.9")[0] == 200


class Answering(BaseHTTPRequestHandler):
    """Stands for publisher, with headers of its own."""

    def do_GET(self):
        self.send_response(200)
        for name, value in {"Content-Type": "application/xml", "Link": '<x>; rel="self"'}.items():
            self.send_header(name, value)
        self.send_header("Cache-Control", "no-store, im")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *said):
        pass


@pytest.mark.parametrize("name", SERVERS)
def test_what_publisher_answers_keeps_its_own_headers(tmp_path, name):
    if shutil.which(name, path=SBIN) is None:
        pytest.skip(f"{name} is not on this machine; `make tools` brings it")
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds/harbour.rss").write_text("<rss/>")
    port, kept = free_port(), ("content-type", "link", "cache-control")
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as publisher:
        Thread(target=publisher.serve_forever, daemon=True).start()
        site = Site(
            url="http://gazette.example/",
            public=tmp_path,
            bind=f"127.0.0.1:{publisher.server_port}",
            moved={},
            was={},
            ended=(),
        )
        with running(SERVERS[name](tmp_path, site, port), port):
            for path, asked in (
                ("harbour.rss", {"Accept": "text/html,*/*;q=0.8"}),
                ("harbour.rss", {"A-IM": "feed"}),
                ("private/token.atom", {}),
            ):
                address = f"http://127.0.0.1:{port}/feeds/{path}"
                _, headers, _ = ask(address, **asked)
                found = {one: headers.get_all(one) for one in kept}
                found["content-type"] = [one.partition(";")[0] for one in found["content-type"]]
                assert found == {
                    "content-type": ["application/xml"],
                    "link": ['<x>; rel="self"'],
                    "cache-control": ["no-store, im"],
                }
        publisher.shutdown()


class OnePersons(BaseHTTPRequestHandler):
    """Answers as publisher does where something is one person's."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Cache-Control", "private, no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_args):
        """Say nothing."""


@contextmanager
def publisher_at(bind):
    host, _, port = bind.rpartition(":")
    with ThreadingHTTPServer((host, int(port)), OnePersons) as behind:
        thread = Thread(target=behind.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            behind.shutdown()
            thread.join()


def test_what_is_one_persons_stays_theirs(server, site, base):
    secret = ("feeds/private/x.rss", "feeds/private/x.json", "preferences/x", "unsubscribe/x")
    with publisher_at(site.bind):
        for path in (*secret, "editions/1/x", "feeds/other.atom"):
            status, headers, body = ask(f"{server}{path}")
            assert (status, body.decode()) == (200, f"{base}{path}")
            if path != "feeds/other.atom":
                assert headers.get_all("cache-control") == ["private, no-cache"], path
                assert headers.get_all("access-control-allow-origin") is None, path
                assert headers["link"] is None


def test_no_log_of_nginx_holds_a_secret(site, base, tmp_path):
    if shutil.which("nginx", path=SBIN) is None:
        pytest.skip("nginx is not on this machine; `make tools` brings it")
    port, log = free_port(), tmp_path / "access.log"
    command = nginx_of(tmp_path, site, port)
    text = (tmp_path / "nginx.conf").read_text()
    (tmp_path / "nginx.conf").write_text(text.replace("access_log off;", f"access_log {log};", 1))
    with publisher_at(site.bind), running(command, port):
        for path in ("feeds/private/secret.atom", "preferences/secret", "feeds/harbour.rss"):
            assert ask(f"http://127.0.0.1:{port}{base}{path}")[0] == 200
    said = log.read_text()
    assert "harbour.rss" in said
    assert "secret" not in said


def test_the_command_writes_each_of_them(cli, publication):
    assert f"root {publication / 'public'};" in cli("export-config", "nginx").out
    assert "reverse_proxy 127.0.0.1:8080" in cli("export-config", "caddy").out
    unit = cli("export-config", "systemd", "--user", "www").out
    assert f"-C {publication} run" in unit
    assert "User=www" in unit
    assert cli("export-config", "apache").code == 2


def test_a_unit_quotes_what_systemd_would_read_otherwise(tmp_path):
    unit = systemd(tmp_path / "my 100% paper", ("/bin/publisher", "-C", "/a b/$x", "run"), "me")
    assert 'ExecStart=/bin/publisher -C "/a b/$$x" run' in unit
    assert "100%% paper" in unit
