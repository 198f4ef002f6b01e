"""A loopback world of feeds, each on a host of its own (127.x.y.z), served by a process apart.

Run as a program it serves until its standard input ends: the first line it prints is its port.
Every document has 27 KB and an ETag; whoever sends that tag is answered 304.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from benchmarks import material

OCTETS = 27_000
MARK = b"0000000"
"""Stands in the document wherever the feed's number belongs; as wide as any number."""

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Feed {mark}</title><link>https://site{mark}.example/</link><description>Of {mark}</description>
"""
ITEM = """<item><title>{title} {mark}</title><link>https://site{mark}.example/{number}.html</link>
<guid isPermaLink="false">{mark}-{number}</guid><pubDate>{date}</pubDate><category>harbour</category>
<description>{summary}</description><content:encoded><![CDATA[{html}]]></content:encoded></item>
"""


def template() -> bytes:
    """Return a document of about 27 KB: some twenty stories with links, lists and a picture."""
    newest = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    mark = MARK.decode()
    whole, number = HEAD.format(mark=mark), 0
    while len(whole) < OCTETS - 100:
        text = material.text(number, 10)
        blocks = "".join(f"<p>{block} Of <b>{mark}</b>.</p>" for block in text.split("\n\n"))
        link = (
            f'<p><a href="/more/{number}.html">More</a> <img src="/p/{number}.jpg" alt="Quay"></p>'
        )
        whole += ITEM.format(
            mark=mark,
            number=number,
            title=f"Story {number} of the harbour",
            date=format_datetime(newest - timedelta(hours=6 * number)),
            summary=text[:120],
            html=blocks + link,
        )
        number += 1
    return (whole + "</channel></rss>").encode()


def address(number: int, port: int) -> str:
    """Return where a feed stands; every one is a host of its own."""
    return f"http://127.{1 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}:{port}/{number:07d}.xml"


class _Site(asyncio.Protocol):
    """Answers requests on one connection; bodies never come."""

    def __init__(self, document: bytes) -> None:
        self._document = document
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in whole:
            self._transport.write(self._answer(request))

    def _answer(self, request: bytes) -> bytes:
        number = request.split(b" ", 2)[1][1:8]
        tag = b'"' + number + b'"'
        if tag in request:
            return b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\n\r\n" % tag
        body = self._document.replace(MARK, number)
        head = b"HTTP/1.1 200 OK\r\nETag: %b\r\nContent-Type: application/rss+xml\r\n" % tag
        return b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    document = template()
    server = await loop.create_server(lambda: _Site(document), "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@contextmanager
def world() -> Iterator[int]:
    """Serve the world in a process of its own; give its port."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.world"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdin
        yield int(process.stdout.readline())
        process.stdin.close()


if __name__ == "__main__":
    asyncio.run(_serve())
