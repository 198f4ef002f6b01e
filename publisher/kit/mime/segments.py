"""A body compiled to quoted-printable: any selection of blocks, in any order, is one `b"".join`.

Serves the letter: each fixed piece is encoded once per edition and language; per recipient only
values are. What is joined is at the same time the wire form (no line begins with a dot, so that
dot-stuffing changes nothing) and the canonical form (single spaces, none at the end of a line, so
that RFC 6376's relaxed canonicalisation changes nothing): a signer may hash it as it is. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape

from publisher.errors import FormatError
from publisher.kit.flowing import flow
from publisher.kit.mime.headers import url_safe
from publisher.kit.mime.quoted import encode_literal, encode_value, unix
from publisher.model import messages
from publisher.model.messages import Literal, Place, Slot, SlotKind

Places = Mapping[str, tuple[str, ...]]
Compiled = bytes | int
"""Encoded text, or the number of a slot."""

_KEPT = 4_096
"""Encoded values remembered: most stand in every copy, or in every copy of a selection."""


class Body:
    """One part of a message, compiled."""

    __slots__ = ("_blocks", "_body", "_frame", "_html", "_slots")

    def __init__(self, body: messages.Body, *, html: bool) -> None:
        frame = _ended(body.frame)
        self._body = messages.Body(frame=frame, blocks=body.blocks)
        self._html = html
        self._slots: dict[Slot, int] = {}
        self._frame = tuple(
            part.name if isinstance(part, Place) else self._compile(part) for part in frame
        )
        self._blocks = {
            key: _joined([self._compile(piece) for piece in pieces])
            for key, pieces in body.blocks.items()
        }

    def _compile(self, piece: messages.Piece) -> Compiled:
        if isinstance(piece, Literal):
            return encode_literal(piece.text)
        return self._slots.setdefault(piece, len(self._slots))

    def chunks(
        self, places: Places, values: Mapping[str, str], addresses: dict[str, bytes]
    ) -> list[bytes]:
        """Return one copy's quoted-printable chunks. Raises FormatError for a missing value.

        `addresses` holds those that the copy's other body has encoded already: mostly the same.
        """
        written = [self._write(slot, _of(values, slot), addresses) for slot in self._slots]
        found: list[bytes] = []
        for part in self._frame:
            if isinstance(part, bytes):
                found.append(part)
            elif isinstance(part, int):
                found.append(written[part])
            else:
                for key in places.get(part, ()):
                    block = self._blocks[key]
                    if isinstance(block, bytes):
                        found.append(block)
                    else:
                        found += [p if isinstance(p, bytes) else written[p] for p in block]
        return found

    def _write(self, slot: Slot, value: str, addresses: dict[str, bytes]) -> bytes:
        if slot.kind is not SlotKind.URL:
            return _encoded(value, slot.kind, self._html)
        written = written_value(value, slot.kind, html=self._html)
        if written not in addresses:
            addresses[written] = encode_value(written)
        return addresses[written]

    def filled(self, places: Places, values: Mapping[str, str]) -> str:
        """Return the body of one copy as text with Unix line ends and a final one."""
        return "".join(
            unix(part.text if isinstance(part, Literal) else self._value(part, values))
            for part in self._chosen(places)
        )

    def _chosen(self, places: Places) -> Iterator[Literal | Slot]:
        for part in self._body.frame:
            if isinstance(part, Place):
                for key in places.get(part.name, ()):
                    yield from self._body.blocks[key]
            else:
                yield part

    def _value(self, slot: Slot, values: Mapping[str, str]) -> str:
        return written_value(_of(values, slot), slot.kind, html=self._html)


def _joined(pieces: Sequence[Compiled]) -> bytes | Sequence[Compiled]:
    """Return a block as one piece where it holds no slot: most do not."""
    fixed = [piece for piece in pieces if isinstance(piece, bytes)]
    return b"".join(fixed) if len(fixed) == len(pieces) else pieces


def _of(values: Mapping[str, str], slot: Slot) -> str:
    value = values.get(slot.name)
    if value is None:
        raise FormatError(f"merge field {slot.name}", "has no value for this copy")
    return value


def written_value(value: str, kind: SlotKind, *, html: bool) -> str:
    """Return a value as it stands in its part.

    Addresses are percent-encoded, what is long in a flowed text goes on in further lines, and in
    HTML all is escaped.
    """
    if kind is SlotKind.FLOWED:
        return flow(value)
    safe = url_safe(value) if kind is SlotKind.URL else value
    return escape(safe, quote=True) if html else safe


@lru_cache(maxsize=_KEPT)
def _encoded(value: str, kind: SlotKind, html: bool) -> bytes:  # noqa: FBT001  hot, and private
    return encode_value(written_value(value, kind, html=html))


def _ended(frame: tuple[messages.Part, ...]) -> tuple[messages.Part, ...]:
    """End the body in a line break of its own; a soft one would swallow the boundary's."""
    last = frame[-1] if frame else None
    if isinstance(last, Literal) and unix(last.text).endswith("\n"):
        return frame
    if isinstance(last, Literal):
        return (*frame[:-1], Literal(last.text + "\n"))
    return (*frame, Literal("\n"))
