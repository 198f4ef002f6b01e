"""Fetching: validators, caps, redirects, and the guard against private addresses."""

import contextlib
import gzip
import socket
import ssl
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import FetchError
from publisher.net import HttpFetcher, Limits, public_address, retry_after, same_server
from publisher.net.allowance import Allowance
from publisher.net.bodies import BadBody, unpacked
from publisher.net.turns import Turns
from tests.sources.loopback import site
from tests.sources.raw_server import world

TLS = Path(__file__).parents[1] / "delivery/tls"


@pytest.fixture
def here():
    with site() as running:
        yield running


@pytest.fixture
def fetcher():
    return HttpFetcher(contact="https://g.example/bot", allow_private=True)


def test_it_says_who_asks_and_sends_both_validators_as_they_were(here, fetcher):
    here.document(
        "/feed", b"<rss/>", ETag='W/"a b"', Last_Modified="Thu, 01 Jan 2041 00:00:00 GMT"
    )
    answer = fetcher.get(here.url + "/feed", etag='W/"a b"', last_modified="whatever they said")
    _, headers = here.asked[0]
    assert headers["user-agent"].startswith("publisher/")
    assert "(+https://g.example/bot)" in headers["user-agent"]
    assert headers["if-none-match"] == 'W/"a b"'
    assert headers["if-modified-since"] == "whatever they said"
    assert "cookie" not in headers
    assert "referer" not in headers
    assert answer.status == 200
    assert answer.body == b"<rss/>"
    assert answer.headers["etag"] == 'W/"a b"'


def test_not_modified_is_an_answer(here, fetcher):
    here.document("/feed", b"", 304, ETag='"1"')
    assert fetcher.get(here.url + "/feed", etag='"1"').status == 304


def test_no_validator_is_invented(here, fetcher):
    here.document("/feed", b"x")
    fetcher.get(here.url + "/feed")
    assert "if-modified-since" not in here.asked[0][1]
    assert "if-none-match" not in here.asked[0][1]


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("br", brotli.compress),
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:70_000]) + gzip.compress(data[70_000:])),
        ("gzip", lambda data: gzip.compress(data) + b"\0" * 500),  # padding
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),  # as some servers mean it
        ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
        ("identity", bytes),
        ("utf-8", bytes),  # some servers name a charset here
    ],
)
def test_bodies_are_unpacked(here, fetcher, coding, pack):
    data = bytes(range(256)) * 1000
    here.document("/f", pack(data), Content_Encoding=coding)
    assert fetcher.get(here.url + "/f").body == data
    assert here.asked[0][1]["accept-encoding"] == "gzip, br"


@given(st.binary(max_size=3000), st.integers(1, 700), st.sampled_from(["gzip", "deflate", "br"]))
def test_it_makes_no_difference_in_which_pieces_a_body_comes(data, size, coding):
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}[coding]
    packed = pack(data)
    pieces = [packed[n : n + size] for n in range(0, len(packed), size)]
    assert b"".join(unpacked(pieces, coding)) == data
    if data:
        with pytest.raises(BadBody):
            b"".join(unpacked([packed[: len(packed) // 2]], coding))


@given(
    st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "gzip, deflate", "x, y"])
)
def test_unpacking_is_total(data, coding):
    with contextlib.suppress(BadBody):
        assert isinstance(b"".join(unpacked([data], coding)), bytes)


def test_a_connection_serves_again_and_one_that_was_let_go_is_made_anew():
    def goes(line):
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def stays(line):
        goes(line)

    stays.stays = True  # the server keeps it open
    with world() as here:
        here.answers |= {"/stays": stays, "/goes": goes}
        http = HttpFetcher(allow_private=True)
        for _ in range(3):
            assert http.get(here.url("/stays")).body == b"ok"
        assert here.accepted == 1
        for _ in range(3):  # says nothing of closing, and closes
            assert http.get(here.url("/goes")).body == b"ok"
        assert http.get(here.url("/stays", "127.0.0.9")).body == b"ok"


def test_connections_that_stay_open_are_few():
    def stays(line):
        line.say(b"HTTP/1.1 304 Not Modified\r\n\r\n")

    stays.stays = True
    with world() as here:
        here.answers["/f"] = stays
        http = HttpFetcher(allow_private=True)
        for number in range(1, 100):
            assert http.get(here.url("/f", f"127.0.0.{number}"), etag='"1"').status == 304
        assert http._connections._count == sum(map(len, http._connections._kept.values())) == 32


def test_a_host_gets_two_requests_at_a_time_and_another_host_waits_for_nobody():
    three, go = threading.Semaphore(0), threading.Event()

    def slow(line):
        three.release()
        go.wait(10)
        line.document(b"ok")

    with world() as here:
        here.answers |= {"/slow": slow, "/f": lambda line: line.document(b"ok")}
        http = HttpFetcher(allow_private=True)
        with ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(http.get, here.url("/slow")) for _ in range(3)]
            assert three.acquire(timeout=10)
            assert three.acquire(timeout=10)
            assert http.get(here.url("/f", "127.0.0.2")).body == b"ok"
            assert not three.acquire(timeout=0.1)
            go.set()
            assert [one.result().body for one in asked] == [b"ok"] * 3


def test_who_waits_for_a_turn_loses_no_time_by_it_and_does_not_wait_for_ever():
    turns, allowed = Turns(1, longest=0.05), Allowance(Limits(seconds=0.001), bool)
    with turns.at("a", allowed), pytest.raises(TimeoutError, match="busy"), turns.at("a", allowed):
        pytest.fail("there was a turn")
    waiting, through = threading.Event(), []

    def second():
        allowed = Allowance(Limits(seconds=0.05), bool)
        waiting.set()
        with patient.at("a", allowed):
            through.append(allowed.patience(1.0))

    patient = Turns(1)
    with patient.at("a", Allowance(Limits(), bool)):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        thread.join(0.1)  # longer than the fetch may take
    thread.join(10)
    assert through
    assert patient._busy == turns._busy == {}


def test_what_is_new_only_is_asked_for_where_something_is_known(here, fetcher):
    here.document("/f", b"delta", 226, IM="feed", ETag='"2"')
    assert fetcher.get(here.url + "/f", etag='"1"').status == 226
    fetcher.get(here.url + "/f")
    assert [headers.get("a-im") for _, headers in here.asked] == ["feed", None]


def test_a_304_that_nobody_asked_for_is_an_error(here, fetcher):
    here.document("/f", b"", 304)
    with pytest.raises(FetchError, match="nobody asked for"):
        fetcher.get(here.url + "/f")
    assert fetcher.get(here.url + "/f", headers={"if-none-match": '"1"'}).status == 304


def test_a_redirect_is_read_as_utf_8(here, fetcher):
    here.document("/caf%C3%A9", b"ok")
    here.document("/a", b"", 302, Location="/café".encode().decode("latin-1"))
    assert fetcher.get(here.url + "/a").body == b"ok"


def test_gzip_is_unpacked_and_the_cap_counts_what_comes_out(here):
    here.document("/small", gzip.compress(b"x" * 5000), Content_Encoding="gzip")
    here.document("/bomb", gzip.compress(b"\0" * 5_000_000), Content_Encoding="gzip")
    fetcher = HttpFetcher(allow_private=True, limits=Limits(bytes=100_000))
    assert len(fetcher.get(here.url + "/small").body) == 5000
    with pytest.raises(FetchError, match="more than 100000 bytes"):
        fetcher.get(here.url + "/bomb")


def test_a_body_that_cannot_be_unpacked_is_an_error(here, fetcher):
    here.document("/feed", zlib.compress(b"x" * 500)[:-9] + b"garbage!!", Content_Encoding="gzip")
    with pytest.raises(FetchError):
        fetcher.get(here.url + "/feed")


def test_a_cut_body_is_an_error_and_never_half_a_document(here, fetcher):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"only this")
        handler.close_connection = True

    here.answers["/feed"] = cut
    with pytest.raises(FetchError):
        fetcher.get(here.url + "/feed")


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_sends_a_byte_now_and_then_is_left(here, part):
    def drip(handler):
        if part == "body":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not here.stop.wait(0.02):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    here.answers["/feed"] = drip
    fetcher = HttpFetcher(allow_private=True, limits=Limits(seconds=0.4))
    begun = time.monotonic()
    with pytest.raises(FetchError, match=r"took longer than 0\.4 s"):
        fetcher.get(here.url + "/feed")
    assert time.monotonic() - begun < 5
    here.document("/next", b"fine")
    assert fetcher.get(here.url + "/next").body == b"fine"


def test_redirects_are_followed_and_only_permanent_ones_are_remembered(here, fetcher):
    here.document("/new", b"here")
    here.redirect("/old", "/new", 301)
    here.redirect("/older", here.url + "/old", 308)
    here.redirect("/for-now", "/new", 302)
    here.redirect("/mixed", "/for-now", 301)
    assert fetcher.get(here.url + "/older").permanent == here.url + "/new"
    assert fetcher.get(here.url + "/for-now").permanent == ""
    mixed = fetcher.get(here.url + "/mixed")
    assert (mixed.permanent, mixed.url) == ("", here.url + "/new")
    assert fetcher.get(here.url + "/new").permanent == ""


def test_own_headers_go_to_their_server_alone(here, fetcher):
    with site() as other:
        here.redirect("/a", "/b", 302)
        here.redirect("/b", other.url + "/c", 302)
        other.redirect("/c", here.url + "/d", 302)
        here.document("/d", b"x")
        fetcher.get(here.url + "/a", headers={"Authorization": "Basic eDp5"})
        assert [headers.get("authorization") for _, headers in here.asked] == ["Basic eDp5"] * 3
        assert ["authorization" in headers for _, headers in other.asked] == [False]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("https://h.example/a", "https://H.example:443/b", True),
        ("https://h.example/a", "http://h.example/a", False),
        ("https://h.example/a", "https://h.example:8443/a", False),
        ("https://h.example/", "https://www.h.example/", False),
        ("https://h.example/", "https://[::1", False),
    ],
)
def test_what_one_server_is(one, other, expected):
    assert same_server(one, other) is expected


def test_a_header_in_several_lines_is_one(here, fetcher):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Link", '</a>; rel="alternate"')
        handler.send_header("Link", "</b>; rel=shortlink")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    here.answers["/"] = answer
    found = fetcher.get(here.url + "/").headers["link"]
    assert found == '</a>; rel="alternate", </b>; rel=shortlink'


def test_a_loop_ends(here, fetcher):
    here.redirect("/a", "/b")
    here.redirect("/b", "/a")
    with pytest.raises(FetchError, match="redirects"):
        fetcher.get(here.url + "/a")
    assert len(here.asked) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x/", "http://[", ""])
def test_a_redirect_leads_only_to_the_web(here, fetcher, target):
    here.redirect("/a", target)
    with pytest.raises(FetchError):
        fetcher.get(here.url + "/a")
    assert len(here.asked) == 1


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x.example/", "http://", "x", "http://[::1"]
)
def test_only_web_addresses_are_fetched(fetcher, url):
    with pytest.raises(FetchError, match="only http and https"):
        fetcher.get(url)


def test_other_answers_carry_status_and_wait(here, fetcher):
    with pytest.raises(FetchError, match="answered 404"):
        fetcher.get(here.url + "/nothing")
    here.document("/busy", b"", 429, Retry_After="120")
    with pytest.raises(FetchError) as caught:
        fetcher.get(here.url + "/busy")
    assert caught.value.status == 429
    assert caught.value.retry_after == timedelta(seconds=120)


@pytest.mark.parametrize("status", [429, 503])
def test_patience_is_asked_for_by_one_feed_and_not_by_all_of_its_host(here, fetcher, status):
    """A host may serve thousands of feeds, each with a limit of its own; core waits for each one."""
    here.document("/a", b"", status, Retry_After="120")
    here.document("/b", b"b")
    with pytest.raises(FetchError, match=f"answered {status}"):
        fetcher.get(here.url + "/a")
    assert fetcher.get(here.url + "/b").body == b"b"


@pytest.fixture
def secure():
    """A server that speaks TLS, and counts handshakes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    greeted = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def relay(client):
            with contextlib.suppress(OSError), client:
                greeted.append(client)
                with context.wrap_socket(client, server_side=True) as spoken:
                    while spoken.recv(65536):
                        spoken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=relay, args=(client,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/f", greeted
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_tls_is_checked_and_a_connection_kept(secure, monkeypatch):
    url, greeted = secure
    with pytest.raises(FetchError, match="certificate"):
        HttpFetcher(allow_private=True).get(url)
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "certificate.pem"))
    http = HttpFetcher(allow_private=True)
    assert [http.get(url).body for _ in range(3)] == [b"ok"] * 3
    assert len(greeted) == 2  # one was refused, one served three times
    assert http._connections._secure is http._connections._secure


def test_a_server_that_never_greets_is_left(here):
    with world() as silent:
        http = HttpFetcher(allow_private=True, limits=Limits(seconds=0.5))
        with pytest.raises(FetchError, match="took longer than"):
            http.get(silent.url("/f").replace("http:", "https:"))
    with pytest.raises(FetchError, match=r"(?i)ssl"):
        HttpFetcher(allow_private=True).get(here.url.replace("http:", "https:") + "/f")


def test_retry_after_as_a_date_counts_from_the_answer():
    date, later = "Tue, 24 Nov 2026 12:00:00 GMT", "Tue, 24 Nov 2026 12:05:00 GMT"
    assert retry_after(later, date) == timedelta(minutes=5)
    assert retry_after(date, later) == timedelta(0)
    assert retry_after("soon") is None
    assert retry_after("") is None


@given(st.text(), st.text())
def test_retry_after_is_total(value, date):
    assert retry_after(value, date) is None or retry_after(value, date) >= timedelta(0)


def test_a_loopback_server_is_out_of_reach_by_default(here):
    here.document("/secret", b"secret")
    with pytest.raises(FetchError, match="private address"):
        HttpFetcher().get(here.url + "/secret")
    assert here.asked == []


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0", "127.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_no_spelling_of_this_machine_is_reached(here, host):
    port = here.url.rpartition(":")[2]
    with pytest.raises(FetchError):
        HttpFetcher().get(f"http://{host}:{port}/secret")
    assert here.asked == []


def test_each_hop_passes_the_guard(here):
    """The first host is let through; where it redirects to is looked at again."""
    port = here.url.rpartition(":")[2]
    here.redirect("/a", f"http://127.0.0.2:{port}/secret")
    here.document("/secret", b"secret")
    fetcher = HttpFetcher(reachable=lambda address: address == "127.0.0.1")
    with pytest.raises(FetchError, match=r"127\.0\.0\.2 is a private address"):
        fetcher.get(here.url + "/a")
    assert [path for path, _ in here.asked] == ["/a"]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1"),
        *("64:ff9b::a00:1", "2002:7f00:1::", "224.0.0.1", "255.255.255.255", "ff02::1"),
    ],
)
def test_private_addresses_in_every_dress(address):
    assert not public_address(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8"])
def test_public_addresses(address):
    assert public_address(address)


def test_a_name_that_resolves_to_a_private_address_is_refused_when_connecting(here):
    port = int(here.url.rpartition(":")[2])
    with pytest.raises(FetchError, match="private address"):
        HttpFetcher().get(f"http://localhost:{port}/secret")
    assert here.asked == []


def test_proxies_of_the_environment_are_ignored(here, fetcher, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    here.document("/feed", b"direct")
    assert fetcher.get(here.url + "/feed").body == b"direct"


def test_a_refused_connection_is_one_line(fetcher):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FetchError) as caught:
        fetcher.get(f"http://127.0.0.1:{port}/")
    assert "\n" not in str(caught.value)
    assert "object at 0x" not in str(caught.value)
