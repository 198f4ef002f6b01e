"""A lean SMTP sink on loopback that counts: who got how many copies, and were they the same."""

import asyncio
import hashlib
import re
import threading
from collections import Counter, defaultdict
from typing import Self

END = b"\r\n.\r\n"
RECIPIENT = re.compile(rb"RCPT TO:<([^>]*)>", re.IGNORECASE)


class Talk(asyncio.Protocol):
    """One connection; what arrives whole is counted before it is answered."""

    def __init__(self, sink: "Sink", number: int) -> None:
        self._sink = sink
        self._number = number

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = transport
        self._held = bytearray()
        self._body = False
        self._recipient = ""
        self._sink.opened(self)
        transport.write(b"220 sink\r\n")

    def connection_lost(self, _error: Exception | None) -> None:
        self._sink.closed(self)

    def data_received(self, data: bytes) -> None:
        before = max(0, len(self._held) - len(END))
        self._held += data
        while self._step(before):
            before = 0

    def _step(self, after: int) -> bool:
        mark = END if self._body else b"\r\n"
        place = self._held.find(mark, after)
        if place < 0:
            return False
        line = bytes(self._held[:place])
        del self._held[: place + len(mark)]
        if self._body:
            self._body = False
            self._sink.keep(self._recipient, line, self._number)
            self._out.write(b"250 2.0.0 kept\r\n")
        else:
            self._out.write(self._answer(line))
        return True

    def _answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        self._body = verb == b"DATA"
        if self._body:
            return b"354 go on\r\n"
        if found := RECIPIENT.match(line):
            self._recipient = found[1].decode()
        if verb == b"EHLO":
            return b"250-sink\r\n250 PIPELINING\r\n" if self._sink.pipelining else b"250 sink\r\n"
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"


class Sink:
    """The server; use it as a context manager.

    `copies` counts messages by recipient, `carried` by connection; there were `connections` so far.
    """

    def __init__(self) -> None:
        self.copies: Counter[str] = Counter()
        self.versions: defaultdict[str, set[str]] = defaultdict(set)
        self.carried: Counter[int] = Counter()
        self.connections = 0
        self.pipelining = True
        self._open: set[Talk] = set()
        self.port = 0
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def keep(self, recipient: str, message: bytes, connection: int) -> None:
        with self._changed:
            self.copies[recipient] += 1
            self.versions[recipient].add(hashlib.sha256(message).hexdigest())
            self.carried[connection] += 1
            self._changed.notify_all()

    def opened(self, talk: Talk) -> None:
        self._open.add(talk)
        self._idle.clear()

    def closed(self, talk: Talk) -> None:
        self._open.discard(talk)
        if not self._open:
            self._idle.set()

    def forget(self) -> None:
        """Begin a new edition."""
        with self._changed:
            self.copies.clear()
            self.versions.clear()

    def wait_for(self, count: int, timeout: float = 120) -> None:
        """Wait until so many messages have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.copies.total() >= count, timeout)

    def settle(self) -> None:
        """Wait until every connection of dead processes was read to its end."""
        asyncio.run_coroutine_threadsafe(self._settled(), self._loop).result(30)

    async def _settled(self) -> None:
        await asyncio.sleep(0)  # who has connected is let in first
        await self._idle.wait()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _serve(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._main())

    def _accept(self) -> Talk:
        self.connections += 1
        return Talk(self, self.connections)

    async def _main(self) -> None:
        self._stop, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        server = await self._loop.create_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for talk in [*self._open]:
            talk._out.abort()
        await asyncio.sleep(0)
