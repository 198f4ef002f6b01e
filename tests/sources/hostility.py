"""Every way of a hostile server that the collector has to survive, by name."""

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import brotli

from tests.sources.raw_server import Line, World

MIB = 1024 * 1024
RSS = (
    b"<rss version='2.0'><channel><title>T</title><item><title>One</title></item></channel></rss>"
)
PAGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    b"<body><p>Checking that you are human.</p></body></html>"
)


@dataclass(frozen=True)
class Trick:
    """What a server answers, and what the error has to say; `where` when it is the address."""

    answer: Callable[[Line], None]
    says: str
    where: str = ""


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def packed(body: Callable[[], bytes], coding: str) -> Callable[[Line], None]:
    return lambda line: line.document(body(), f"Content-Encoding: {coding}")


def leads_to(target: str, status: str = "302 Found") -> Callable[[Line], None]:
    return lambda line: line.document(b"", f"Location: {target}", status=status)


def whole(body: bytes, *headers: str, status: str = "200 OK") -> Callable[[Line], None]:
    return lambda line: line.document(body, *headers, status=status)


def raw(*pieces: bytes) -> Callable[[Line], None]:
    return lambda line: line.say(*pieces)


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Callable[[Line], None]:
    def answer(line: Line) -> None:
        line.say(start)
        line.for_ever(piece, pause)

    return answer


def farther(line: Line) -> None:
    number = int(line.path.rpartition("/")[2] or 0)
    line.document(b"", f"Location: /farther/{number + 1}", status="301 Moved")


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ZEROS = b"\0" * (8 * MIB)
NEVER = "took longer than"
LARGE = "more than"


def tricks(reachable: str, private: str) -> dict[str, Trick]:
    """All tricks; `reachable` and `private` are the addresses of two hosts, the second forbidden."""
    members = gzip.compress(ZEROS, 9)
    return {
        "gzip bomb": Trick(packed(lambda: members * 60, "gzip"), LARGE),
        "deflate bomb": Trick(packed(lambda: deflated(ZEROS), "deflate"), LARGE),
        "zlib bomb": Trick(packed(lambda: zlib.compress(ZEROS, 9), "deflate"), LARGE),
        "brotli bomb": Trick(packed(lambda: brotli.compress(ZEROS * 8, quality=3), "br"), LARGE),
        "bomb in a bomb": Trick(packed(lambda: gzip.compress(members * 60), "gzip, gzip"), LARGE),
        "packed many times": Trick(whole(RSS, f"Content-Encoding: {'gzip, ' * 20}br"), "packed"),
        "packed nothings": Trick(
            endless(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 500), "members"
        ),
        "packed unasked": Trick(whole(b"(\xb5/\xfd", "Content-Encoding: zstd"), "zstd"),
        "packed and cut": Trick(packed(lambda: gzip.compress(RSS * 9)[:-20], "gzip"), "end"),
        "not packed": Trick(whole(RSS, "Content-Encoding: gzip"), "unpacked"),
        "endless body": Trick(endless(OK + b"\r\n", b"x" * 65536), LARGE),
        "endless redirects": Trick(farther, "redirects", "/farther/0"),
        "redirect to itself": Trick(leads_to("/redirect-to-itself"), "redirects"),
        "redirect inside": Trick(leads_to(f"{private}/secret"), "private address"),
        "redirect to mapped": Trick(
            leads_to(private.replace("127.66.0.1", "[::ffff:127.66.0.1]") + "/secret"), "private"
        ),
        "redirect to metadata": Trick(leads_to("http://169.254.169.254/latest"), "private"),
        "redirect to a file": Trick(leads_to("file:///etc/passwd"), "only http"),
        "redirect to an odd file": Trick(leads_to("%66ile:///etc/passwd"), "answered 404"),
        "redirect to a share": Trick(leads_to("\\\\private\\share"), "only http|answered|address"),
        "redirect to a script": Trick(leads_to("javascript:alert(1)"), "only http"),
        "redirect with a name": Trick(
            leads_to(reachable.replace("//", "//a:b@") + "/x"), "user name"
        ),
        "redirect to nowhere": Trick(whole(b"", status="302 Found"), "nowhere"),
        "slow head": Trick(endless(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x", 0.05), NEVER),
        "slow lines": Trick(endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.05), NEVER),
        "slow body": Trick(endless(OK + b"Content-Length: 99999\r\n\r\n", b"x", 0.05), NEVER),
        "slow chunks": Trick(endless(CHUNKED, b"1\r\nx\r\n", 0.05), NEVER),
        "silence": Trick(lambda line: line.stop.wait(30), NEVER),
        "long length": Trick(raw(OK, b"Content-Length: 5000\r\n\r\n", RSS), "IncompleteRead"),
        "short length": Trick(raw(OK, b"Content-Length: 60\r\n\r\n", RSS), "cut"),
        "two lengths": Trick(
            raw(OK, b"Content-Length: 5\r\nContent-Length: 500\r\n\r\n", RSS), "ength"
        ),
        "bot page": Trick(whole(PAGE, "Content-Type: text/html"), "page"),
        "nothing": Trick(whole(b""), "empty"),
        "unasked 304": Trick(whole(b"", status="304 Not Modified"), "304"),
        "giant header": Trick(endless(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65536), "header line"),
        "many headers": Trick(endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 999), "headers"),
        "giant status": Trick(endless(b"HTTP/1.1 200 ", b"y" * 65536), "line|status|long"),
        "endless 100": Trick(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 999), LARGE),
        "bad chunk": Trick(raw(CHUNKED, b"zz\r\n", RSS), "chunk"),
        "negative chunk": Trick(endless(CHUNKED + b"-5\r\n", b"x" * 65536), "negative"),
        "endless chunk size": Trick(endless(CHUNKED, b"0" * 65536), "chunk|" + LARGE),
        "endless trailers": Trick(endless(CHUNKED + b"0\r\n", b"X: y\r\n" * 999), LARGE),
        "cut chunks": Trick(raw(CHUNKED, b"5\r\nhello\r\n"), "prematurely|Incomplete"),
        "HTTP/0.9": Trick(raw(RSS), "<rss|status|HTTP|Bad"),
        "other protocol": Trick(raw(b"220 mail.example ESMTP\r\n"), "220|HTTP|status"),
        "hang up": Trick(lambda line: None, "closed|reset|ended|Remote"),
        "partial": Trick(whole(RSS, status="206 Partial Content"), "answered 206"),
    }


def path_of(name: str) -> str:
    return "/" + name.replace(" ", "-").replace("/", "-").replace(".", "-")


def prepared(here: World) -> dict[str, Trick]:
    """Let a world answer with every trick."""
    found = tricks(here.url("", "127.0.0.1"), here.url("", "127.66.0.1"))
    for name, trick in found.items():
        here.answers[path_of(name)] = trick.answer
    here.answers["/farther/*"] = farther
    return found
