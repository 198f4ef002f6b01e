"""A lean SMTP sink in a process of its own: looks for the end of each message and nothing else."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """Answers every command; pipelining is announced. The first message of all is told."""

    seen = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._out = transport
        self._held = b""
        self._body = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer all that is whole."""
        self._held += data
        while self._step():
            pass

    def _step(self) -> bool:
        mark = END if self._body else b"\r\n"
        place = self._held.find(mark)
        if place < 0:
            return False
        line, self._held = self._held[:place], self._held[place + len(mark) :]
        if self._body:
            self._body = False
            self._out.write(b"250 ok\r\n")
            if not Sink.seen:
                Sink.seen = True
                print("first", flush=True)
        else:
            self._out.write(self._answer(line[:4].upper()))
        return True

    def _answer(self, verb: bytes) -> bytes:
        self._body = verb == b"DATA"
        if self._body:
            return b"354 go\r\n"
        if verb == b"EHLO":
            return b"250-sink\r\n250 PIPELINING\r\n"
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"


async def serve() -> None:
    """Listen on a free loopback port, say which, and serve until killed."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def process() -> Iterator[subprocess.Popen[str]]:
    """Run the sink in a process of its own; its lines are the port, and `first` in due time."""
    command = [sys.executable, "-m", "benchmarks.sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        try:
            yield sink
        finally:
            sink.terminate()


@contextmanager
def running() -> Iterator[int]:
    """Run the sink in a process of its own and yield its port."""
    with process() as sink:
        yield int(sink.stdout.readline())


if __name__ == "__main__":
    asyncio.run(serve())
