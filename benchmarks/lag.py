"""A wire with a delay: octets arrive as many milliseconds later as were asked for, each way."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class End(asyncio.Protocol):
    """One side of a connection: what it reads leaves at the other side, later."""

    def __init__(self, delay: float, other: "End | None" = None) -> None:
        self.other = other
        self._delay = delay
        self.out: asyncio.Transport | None = None
        self.early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with what had come already."""
        assert isinstance(transport, asyncio.Transport)
        self.out = transport
        for data in self.early:
            transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Pass octets on, later."""
        asyncio.get_running_loop().call_later(self._delay, self._pass_on, data)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Pass on the end, too."""
        asyncio.get_running_loop().call_later(self._delay, self._close_other)

    def _pass_on(self, data: bytes) -> None:
        assert self.other is not None
        if self.other.out is None:
            self.other.early.append(data)
        else:
            self.other.out.write(data)

    def _close_other(self) -> None:
        if self.other is not None and self.other.out is not None:
            self.other.out.close()


async def serve(port: int, milliseconds: float) -> None:
    """Listen on a free loopback port, say which, and pass everything on to `port`."""
    loop, delay, dialling = asyncio.get_running_loop(), milliseconds / 1000, set()

    def accept() -> End:
        near = End(delay)
        near.other = End(delay, near)
        task = loop.create_task(loop.create_connection(lambda: near.other, "127.0.0.1", port))
        dialling.add(task)
        task.add_done_callback(dialling.discard)
        return near

    server = await loop.create_server(accept, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running(port: int, milliseconds: float) -> Iterator[int]:
    """Run a slow way to `port` in a process of its own and yield where it begins."""
    command = [sys.executable, "-m", "benchmarks.lag", str(port), str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
