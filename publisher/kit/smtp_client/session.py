"""An open, secured, authenticated SMTP session that carries one message after the other.

Serves the lanes. Touches one connection through its wire. With PIPELINING (RFC 2920) the whole
envelope is one write, and that of message N+1 may leave together with the body of message N: one
round trip a message instead of four. Every status is checked all the same.
"""

import re

from publisher.kit.smtp_client.envelopes import Envelopes
from publisher.kit.smtp_client.replies import Reply
from publisher.kit.smtp_client.settings import SmtpSettings
from publisher.kit.smtp_client.verdicts import Verdict, at_data, at_end, at_recipient, at_sender
from publisher.kit.smtp_client.wire import ConnectionEnded, Wire
from publisher.model.messages import Parcel

_GO_ON = 354
_DONE = 2
_STRAY_LINE_END = re.compile(rb"\r\n|\r|\n")


class Session:
    """One conversation after its login.

    `carried` counts the messages given to it, `answered` those it answered since it was taken up;
    `reused` tells that it rested between two sends, `sender_taken` that MAIL of the envelope at hand
    was answered: what comes then is about its recipient.
    """

    def __init__(self, wire: Wire, settings: SmtpSettings, features: dict[str, str]) -> None:
        self.wire = wire
        self.settings = settings
        self.pipelining = "PIPELINING" in features
        self.carried = 0
        self.answered = 0
        self.reused = False
        self._heard = 0  # answers to the envelope at hand
        self._envelopes = Envelopes(settings, features)
        self._open = False  # a MAIL was accepted and no message ended it: RSET comes first

    @property
    def sender_taken(self) -> bool:
        """Tell whether the envelope at hand got beyond MAIL."""
        return self._heard > int(self._open)

    @property
    def worn(self) -> bool:
        """Tell whether the relay's limit of messages a connection is reached."""
        return self.carried >= self.settings.messages_per_connection

    def unfit(self, parcel: Parcel) -> Verdict | None:
        """Judge without asking what this relay cannot carry: too large, not in its alphabet."""
        return self._envelopes.unfit(parcel)

    def envelope(self, parcel: Parcel) -> bytes:
        """Return a pipelined envelope; DATA stands last in its group (RFC 2920 section 3.1)."""
        return b"".join(self._commands(parcel))

    async def offer(self, parcel: Parcel, *, written: bool) -> Verdict | None:
        """Offer an envelope; None means that the relay waits for the message.

        `written`: its commands have left together with the message before. Raises ConnectionEnded
        (nothing of this parcel was taken), TransportRejected.
        """
        commands = self._commands(parcel)
        self._heard = 0
        if self.pipelining:
            if not written:
                self.wire.write(b"".join(commands))
            replies = [await self._reply() for _ in commands[:-1]]
            replies.append(await self._reply(data=True))
        else:
            replies = []
            for command in commands:
                self.wire.write(command)
                replies.append(await self._reply(data=command == b"DATA\r\n"))
                if replies[-1].kind not in {_DONE, _GO_ON // 100}:
                    break
        if self._open and replies.pop(0).kind != _DONE:
            self.wire.end("the server refuses RSET")
            raise ConnectionEnded("the server refuses RSET")
        return await self._judge(replies)

    async def deliver(self, parcel: Parcel, tail: bytes) -> Verdict:
        """Send the message and return the relay's verdict.

        `tail` leaves with it: the next envelope, or QUIT. Raises ConnectionEnded;
        `wire.message_gone` then tells whether the relay may have the message.
        """
        self.carried += 1
        self._open = False
        if self.wire.unasked:  # it would be taken for the answer to this message
            self.wire.message_gone = False
            self.wire.end("the server answers what it was not asked")
            raise ConnectionEnded("the server answers what it was not asked")
        pieces = parcel.pieces if parcel.dotless else (stuffed(parcel.data),)
        self.wire.write_message(pieces, b".\r\n", tail)
        reply = await self.wire.reply(self.settings.timeouts.message)
        self.answered += 1
        if not self.wire.message_gone:
            self.wire.end("the server answered before the message was complete")
            if reply.kind == _DONE:
                raise ConnectionEnded("the server accepted a message that was not complete")
        return at_end(reply)

    async def quit(self) -> None:
        """Say goodbye and close; the answer does not matter any more (RFC 5321 4.1.1.10)."""
        self.wire.write(b"QUIT\r\n")
        await self.wire.close()

    def _commands(self, parcel: Parcel) -> list[bytes]:
        commands = self._envelopes.commands(parcel)
        return [b"RSET\r\n", *commands] if self._open else commands

    async def _reply(self, *, data: bool = False) -> Reply:
        timeouts = self.settings.timeouts
        reply = await self.wire.reply(timeouts.data if data else timeouts.command)
        if not self.wire.alive and reply.code == 421:  # noqa: PLR2004 - RFC 5321 section 3.8
            raise ConnectionEnded(str(reply), told=True)
        self._heard += 1
        return reply

    async def _judge(self, replies: list[Reply]) -> Verdict | None:
        """Judge the answers to MAIL, RCPT and DATA; shorter when a refusal ended the exchange."""
        peer = self.settings.peer
        waits = replies[-1].code == _GO_ON
        self._open = replies[0].kind == _DONE and not waits
        if replies[0].kind != _DONE:
            verdict = at_sender(replies[0], peer)
        elif replies[1].kind != _DONE:
            verdict = at_recipient(replies[1], peer)
        elif not waits:
            verdict = at_data(replies[-1], peer)
        else:
            return None
        if waits and replies[1].kind != _DONE:
            # RFC 2920 section 3.1: nobody to write to, and yet the server waits for a message.
            self.wire.write(b".\r\n")
            await self._reply(data=True)
        elif waits:
            self.wire.end("the server takes a message without a sender")
        return verdict


def stuffed(data: bytes) -> bytes:
    """Return a message with dots doubled (RFC 5321 section 4.5.2), ending in a line end.

    Lines that begin with a dot after a bare CR or LF are given whole line ends first, so that no
    server can take them for the end of the message (SMTP smuggling).
    """
    if b"\n." in data or b"\r." in data or data.startswith(b"."):
        whole = b"\r\n" + _STRAY_LINE_END.sub(b"\r\n", data)
        data = whole.replace(b"\r\n.", b"\r\n..")[2:]
    return data if data.endswith(b"\r\n") else data + b"\r\n"
