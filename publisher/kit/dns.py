"""TXT records, asked of the resolvers that this machine uses (RFC 1035). Serves `doctor`.

Touches the network and /etc/resolv.conf. Standard library only, which knows addresses of hosts
but no other records.
"""

import secrets
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

CONFIGURATION = Path("/etc/resolv.conf")
PORT = 53
SECONDS = 3.0
"""How long one resolver is waited for."""

_TXT, _INTERNET = 16, 1
_RECURSE, _ANSWER, _CUT, _CODE = 0x0100, 0x8000, 0x0200, 0x000F
_GOOD, _NO_SUCH_NAME = 0, 3
_HEADER = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")
_POINTER = 0xC0
_LARGEST = 65_535
_LONGEST_LABEL = 63

Server = tuple[str, int]


def resolvers() -> tuple[Server, ...]:
    """Return the resolvers of this machine; one on this machine itself when none is named."""
    words: list[list[str]] = []
    with suppress(OSError):
        words = [line.split() for line in CONFIGURATION.read_text("utf-8", "replace").splitlines()]
    named = [line[1] for line in words if len(line) > 1 and line[0] == "nameserver"]
    return tuple((host, PORT) for host in named or ["127.0.0.1"])


def txt(
    name: str, servers: Sequence[Server] = (), seconds: float = SECONDS
) -> tuple[str, ...] | None:
    """Return the texts that stand at a name, () for none; None when nobody could say.

    The strings of a record are joined. `name` is ASCII.
    """
    for server in servers or resolvers():
        number = secrets.randbelow(1 << 16)
        try:
            query = _query(name, number)
            answer = _ask_briefly(server, query, seconds)
            if _HEADER.unpack_from(answer)[1] & _CUT:
                answer = _ask_at_length(server, query, seconds)
            return _texts(answer, number)
        except (OSError, ValueError, IndexError, struct.error):
            continue  # silent, unreachable, or talking nonsense: the next one may know
    return None


def _query(name: str, number: int) -> bytes:
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".")]
    if not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        raise ValueError(f"{name} is no name")
    asked = b"".join(bytes([len(label)]) + label for label in labels)
    header = _HEADER.pack(number, _RECURSE, 1, 0, 0, 0)
    return header + asked + b"\0" + struct.pack("!HH", _TXT, _INTERNET)


def _ask_briefly(server: Server, query: bytes, seconds: float) -> bytes:
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as link:
        link.settimeout(seconds)
        link.connect(server)  # answers of others are dropped
        link.send(query)
        return link.recv(_LARGEST)


def _ask_at_length(server: Server, query: bytes, seconds: float) -> bytes:
    with socket.create_connection(server, seconds) as link, link.makefile("rb") as answers:
        link.sendall(struct.pack("!H", len(query)) + query)
        (size,) = struct.unpack("!H", answers.read(2))
        return answers.read(size)


def _texts(answer: bytes, number: int) -> tuple[str, ...]:
    """Return the TXT records of an answer. Raises ValueError, IndexError, struct.error for nonsense."""
    said, flags, questions, records, _, _ = _HEADER.unpack_from(answer)
    code = flags & _CODE
    if said != number or not flags & _ANSWER or code not in {_GOOD, _NO_SUCH_NAME}:
        raise ValueError("is no answer to the question")
    place = _HEADER.size
    for _ in range(questions):
        place = _past_name(answer, place) + 4
    found = []
    for _ in range(records):
        place = _past_name(answer, place)
        kind, _, _, size = _RECORD.unpack_from(answer, place)
        place += _RECORD.size
        if kind == _TXT:
            found.append(_joined(answer[place : place + size]))
        place += size
    if place > len(answer):
        raise ValueError("is cut short")
    return tuple(found)


def _past_name(answer: bytes, place: int) -> int:
    """Return where a name ends: after its empty label, or after a pointer to the rest of it."""
    while size := answer[place]:
        if size & _POINTER == _POINTER:
            return place + 2
        place += 1 + size
    return place + 1


def _joined(data: bytes) -> str:
    """Return the strings of a TXT record as one text."""
    text, place = b"", 0
    while place < len(data):
        text += data[place + 1 : place + 1 + data[place]]
        place += 1 + data[place]
    return text.decode("utf-8", "replace")
