"""A loopback SMTP server that remembers who got how many copies of what."""

import socket
from collections import Counter
from threading import Condition

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Plain(Controller):
    """An aiosmtpd server on any free loopback port."""

    def factory(self):
        return SMTP(self.handler, hostname="sink.example", data_size_limit=None)


class Sink:
    """Counts copies per recipient; `wait_for` blocks until enough have come."""

    def __init__(self):
        self.copies = Counter()
        self.identities = {}
        self._changed = Condition()
        with socket.create_server(("127.0.0.1", 0)) as free:  # aiosmtpd must be told a port
            self.port = free.getsockname()[1]
        self._server = Plain(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        head = envelope.content.partition(b"\r\n\r\n")[0].decode()
        identity = next(
            line for line in head.splitlines() if line.lower().startswith("message-id:")
        )
        with self._changed:
            for recipient in envelope.rcpt_tos:
                self.copies[recipient] += 1
                self.identities.setdefault(recipient, set()).add(identity)
            self._changed.notify_all()
        return "250 2.0.0 kept"

    def wait_for(self, count, timeout=60):
        with self._changed:
            assert self._changed.wait_for(lambda: self.copies.total() >= count, timeout)

    def __enter__(self):
        self._server.start()
        return self

    def __exit__(self, *_error):
        self._server.stop()
