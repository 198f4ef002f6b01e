"""A scriptable SMTP server on loopback: it answers as told, at every verb, and remembers it all.

A script maps a verb to what happens there: a reply (`"450 later"`), a `Fault`, or a list of these
used up one by one, the last one staying. Verbs: `connect`, `EHLO`, `STARTTLS`, `AUTH`, `MAIL`, `RCPT`,
`DATA`, `body` (in the middle of a message), `dot` (after it), `RSET`, `QUIT`. A key like
`RCPT reader3@` goes before the plain verb for lines that hold that text.
"""

import asyncio
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Self

TLS = Path(__file__).parent / "tls"


class Fault(Enum):
    """What a server may do instead of answering."""

    DROP = "closes the connection"
    RESET = "resets the connection"
    HANG = "never answers"
    DRIP = "answers one octet at a time, for ever"
    FLOOD = "answers with a line without end"
    RUBBISH = "answers with something else"


Action = str | Fault
Script = Mapping[str, Action | list[Action]]


@dataclass
class Received:
    """A message taken over."""

    sender: str
    recipient: str
    data: bytes
    connection: int


@dataclass
class Seen:
    """What the relay saw; read it when the client is done."""

    messages: list[Received] = field(default_factory=list)
    commands: list[list[str]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    after_body: list[str] = field(default_factory=list)
    secured: int = 0

    @property
    def recipients(self) -> Counter[str]:
        return Counter(message.recipient for message in self.messages)

    @property
    def verbs(self) -> Counter[str]:
        return Counter(line.split(" ")[0] for lines in self.commands for line in lines)


QUIET = 10
"""Rounds of the loop without a word after which a client has nothing more to say."""


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    return context


class Relay:
    """The server; use it as a context manager. `port` and `seen` are what tests need."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        features: Sequence[str] = ("PIPELINING", "SIZE 50000000", "8BITMIME"),
        implicit: bool = False,
        limit: int = 0,
        host: str = "127.0.0.1",
        notify_at: int = 0,
        path: str = "",
        forgetful: bool = False,
        until: threading.Event | None = None,
    ) -> None:
        self.host = host
        self.forgetful = forgetful  # offers PIPELINING, and drops what came with a command
        self.path = path  # a Unix socket instead of a port
        self.until = until  # answers to messages wait for it
        self.notify_at = notify_at
        self.reached = threading.Event()  # set when so many messages were taken over
        self._script = {k: [*v] if isinstance(v, list) else [v] for k, v in (script or {}).items()}
        self.features = list(features)
        self.implicit = implicit
        self.limit = limit  # messages a connection, then 421
        self.seen = Seen()
        self.port = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def heal(self) -> None:
        """Answer as usual from now on."""
        self._script.clear()

    def action(self, verb: str, line: str = "") -> Action | None:
        for key, actions in self._script.items():
            name, _, part = key.partition(" ")
            if name == verb and part and part in line:
                return actions.pop(0) if len(actions) > 1 else actions[0]
        actions = self._script.get(verb)
        return None if not actions else actions.pop(0) if len(actions) > 1 else actions[0]

    def _serve(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._main())

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()
        self._waiting: set[asyncio.Task[None]] = set()  # for the next command
        tls = server_tls() if self.implicit else None
        if self.path:
            server = await asyncio.start_unix_server(self._accept, self.path)
        else:
            server = await asyncio.start_server(self._accept, self.host, 0, ssl=tls)
            self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        await self._hear_the_rest()
        for _ in range(1_000):  # handshakes that came to nothing close a few rounds later
            if not server._active_count:
                break
            await asyncio.sleep(0.001)

    async def next_line(self, reader: asyncio.StreamReader) -> bytes:
        """Return the next command; whoever waits here has heard all there is."""
        task = asyncio.current_task()
        assert task is not None
        self._waiting.add(task)
        try:
            return await reader.readuntil(b"\n")
        finally:
            self._waiting.discard(task)

    async def _hear_the_rest(self) -> None:
        """Read to its end what the client left behind, then end the talks that wait for more."""
        deadline, quiet = self._loop.time() + 1, 0
        while self._talks and quiet < QUIET and self._loop.time() < deadline:
            await asyncio.sleep(0.001)  # a round of the loop: what has arrived is read in it
            quiet = 0 if self._talks - self._waiting else quiet + 1
        hanging = list(self._talks)
        for talk in hanging:
            talk.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            await Talk(self, reader, writer, len(self.seen.commands)).run()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, Gone):
            pass
        finally:
            self._talks.discard(task)
            writer.transport.abort()


class Gone(Exception):
    """The conversation ended as scripted."""


class Talk:
    """One connection."""

    def __init__(
        self,
        relay: Relay,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        number: int,
    ) -> None:
        self.relay, self.reader, self.writer, self.number = relay, reader, writer, number
        self.lines: list[str] = []
        relay.seen.commands.append(self.lines)
        self.tls = relay.implicit
        relay.seen.secured += self.tls
        self.sender: str | None = None
        self.recipient: str | None = None
        self.count = 0

    async def run(self) -> None:
        await self.answer("connect", "220 relay.test ready")
        while True:
            line = (await self.relay.next_line(self.reader)).decode().rstrip("\r\n")
            self.lines.append(line)
            if self.relay.forgetful:
                self.reader._buffer.clear()
            if "PIPELINING" not in self.relay.features and self.reader._buffer:
                self.relay.seen.violations.append(line)
            verb = line.split(" ")[0].upper()
            handler = getattr(self, f"on_{verb.lower()}", None)
            if handler is None:
                await self.say("500 5.5.2 what?")
            else:
                await handler(line)

    async def on_ehlo(self, line: str) -> None:
        features = [f for f in self.relay.features if not (f == "STARTTLS" and self.tls)]
        lines = ["relay.test", *features]
        text = "\r\n".join(f"250-{line}" for line in lines[:-1])
        await self.answer("EHLO", f"{text}\r\n250 {lines[-1]}" if text else f"250 {lines[-1]}")

    async def on_lhlo(self, line: str) -> None:
        await self.on_ehlo(line)

    async def on_helo(self, line: str) -> None:
        await self.answer("HELO", "250 relay.test")

    async def on_starttls(self, line: str) -> None:
        if await self.answer("STARTTLS", "220 go ahead"):
            await self.writer.start_tls(server_tls())
            self.tls = True
            self.relay.seen.secured += 1

    async def on_auth(self, line: str) -> None:
        if line.upper() == "AUTH LOGIN":
            for prompt in ("334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"):
                await self.say(prompt)
                self.lines.append((await self.reader.readuntil(b"\n")).decode().strip())
        if line.upper().startswith("AUTH XOAUTH2") and self.relay.action("challenge"):
            await self.say(f"334 {self.relay.action('challenge')}")
            self.lines.append((await self.reader.readuntil(b"\n")).decode().strip())
        await self.answer("AUTH", "235 2.7.0 welcome", line)

    async def on_mail(self, line: str) -> None:
        if self.relay.limit and self.count >= self.relay.limit:
            await self.say("421 4.7.0 enough for one connection")
            raise Gone
        if self.sender is not None:
            await self.say("503 5.5.1 nested MAIL")
        elif await self.answer("MAIL", "250 2.1.0 sender fine", line):
            self.sender = line

    async def on_rcpt(self, line: str) -> None:
        if self.sender is None:
            await self.say("503 5.5.1 MAIL first")
        elif await self.answer("RCPT", "250 2.1.5 recipient fine", line):
            self.recipient = line.partition("<")[2].partition(">")[0]

    async def on_data(self, line: str) -> None:
        nobody = self.recipient is None
        if nobody and "DATA nobody" not in self.relay._script:
            await self.say("503 5.5.1 no recipient")
            return
        if not await self.answer("DATA", "354 go on", line):
            return
        await self.maybe_fail("body")
        data = await self.body()
        if self.reader._buffer:
            self.relay.seen.after_body.append(bytes(self.reader._buffer[:4]).decode())
        sender, recipient = self.sender, self.recipient
        self.sender = self.recipient = None
        self.count += 1
        if nobody:
            await self.say("554 5.5.1 no valid recipients")
            return
        message = Received(sender or "", recipient or "", data, self.number)
        await self.answer("dot", f"250 2.0.0 queued as {self.count}", message.recipient, message)

    async def body(self) -> bytes:
        data = b"\r\n"
        while not data.endswith(b"\r\n.\r\n"):
            data += await self.reader.readuntil(b"\n")
        return data[:-3].replace(b"\r\n..", b"\r\n.")[2:]

    async def on_rset(self, line: str) -> None:
        self.sender = self.recipient = None
        await self.answer("RSET", "250 2.0.0 forgotten")

    async def on_quit(self, line: str) -> None:
        await self.answer("QUIT", "221 2.0.0 bye")
        raise Gone

    async def answer(
        self, verb: str, usual: str, line: str = "", message: Received | None = None
    ) -> bool:
        """Answer as scripted; tell whether it was a good answer."""
        action = self.relay.action(verb, line)
        if isinstance(action, Fault):
            await self.fail(action)
        text = usual if action is None else str(action)
        if message is not None and text.startswith("2"):
            # Noted before it is answered: the client may look as soon as it has the answer.
            self.relay.seen.messages.append(message)
            if len(self.relay.seen.messages) == self.relay.notify_at:
                self.relay.reached.set()
            if self.relay.until is not None:
                await asyncio.to_thread(self.relay.until.wait, 60)
        await self.say(text)
        if text.startswith("421"):
            raise Gone
        return text[0] in "23"

    async def maybe_fail(self, verb: str) -> None:
        action = self.relay.action(verb)
        if action is None:
            return
        await self.reader.read(1_000)
        self.writer.transport.pause_reading()
        if isinstance(action, str):
            await self.say(action)
            action = Fault.HANG
        await self.fail(action)

    async def say(self, text: str) -> None:
        self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()

    async def fail(self, fault: Fault) -> None:
        if fault is Fault.HANG:
            await self.relay._stop.wait()
        elif fault is Fault.DRIP:
            with suppress(OSError):
                while not self.writer.transport.is_closing():
                    self.writer.write(b"2")
                    await asyncio.sleep(0.02)
        elif fault is Fault.FLOOD:
            self.writer.write(b"250 " + b"x" * 100_000)
            await self.writer.drain()
            await self.relay._stop.wait()
        elif fault is Fault.RUBBISH:
            await self.say("HTTP/1.1 400 Bad Request")
            await self.relay._stop.wait()
        elif fault is Fault.RESET:
            raw = self.writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone
