"""A body compiled to quoted-printable: any selection of blocks, in any order, is one `b"".join`.

Serves the letter: each fixed piece is encoded once per edition and language; per recipient only
values are. What is joined is at the same time the wire form (no line begins with a dot, so that
dot-stuffing changes nothing) and the canonical form (single spaces, none at the end of a line, so
that RFC 6376's relaxed canonicalisation changes nothing): a signer may hash it as it is. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import groupby
from typing import NamedTuple

from publisher.errors import FormatError
from publisher.kit.flowing import flow
from publisher.kit.mime.headers import url_safe
from publisher.kit.mime.quoted import SOFT_BREAK, encode, unix
from publisher.model import messages
from publisher.model.messages import Literal, Place, Slot, SlotKind

Places = Mapping[str, tuple[str, ...]]
Run = tuple[int, ...]
"""Pieces that stand together, by their numbers: of values from 0 on, of fixed text from -1 down."""

_KEPT = 4_096
"""Encoded values remembered of each field: many copies share a subject, an extent, a reason."""

_PLAIN = re.compile(r"[A-Za-z0-9!#$%()*+,/:;?@_~-][A-Za-z0-9!#$%()*+,./:;?@_~-]{0,74}")
"""Values that stand in every part as they are: one word in one line, with nothing to escape."""


class _Field(NamedTuple):
    """A merge field with what it has said before, encoded."""

    number: int
    name: str
    kind: SlotKind
    kept: dict[str, bytes]


class Body:
    """One part of a message, compiled."""

    __slots__ = ("_body", "_fields", "_fixed", "_frame", "_html", "_open", "_text")

    def __init__(self, body: messages.Body, *, html: bool) -> None:
        frame = _ended(body.frame)
        self._body = messages.Body(frame=frame, blocks=body.blocks)
        self._html = html
        self._fields: dict[Slot, _Field] = {}
        self._text: list[bytes] = []
        self._open = {
            key: self._run(pieces) for key, pieces in body.blocks.items() if _is_open(pieces)
        }
        self._frame = tuple(self._runs(frame))
        self._fixed = {
            key: b"".join(encode(piece.text) for piece in pieces if isinstance(piece, Literal))
            for key, pieces in body.blocks.items()
            if key not in self._open
        }

    def _runs(self, frame: Iterable[messages.Part]) -> Iterator[Run | str]:
        """Yield the frame as runs of pieces and names of places."""
        for is_place, parts in groupby(frame, lambda part: isinstance(part, Place)):
            if is_place:
                yield from (part.name for part in parts if isinstance(part, Place))
            else:
                yield self._run(part for part in parts if not isinstance(part, Place))

    def _run(self, pieces: Iterable[messages.Piece]) -> Run:
        return tuple(map(self._number, pieces))

    def _number(self, piece: messages.Piece) -> int:
        if isinstance(piece, Literal):
            self._text.insert(0, encode(piece.text))
            return -len(self._text)
        field = _Field(len(self._fields), piece.name, piece.kind, {})
        return self._fields.setdefault(piece, field).number

    def chunks(
        self, places: Places, values: Mapping[str, str], plain: dict[str, bytes]
    ) -> list[bytes]:
        """Return one copy's quoted-printable chunks. Raises FormatError for a missing value.

        `plain` holds, by field, what the copy's other body has encoded already and is the same here.
        """
        pieces = [*self._written(values, plain), *self._text]
        found: list[bytes] = []
        for part in self._frame:
            if isinstance(part, tuple):
                found += map(pieces.__getitem__, part)
            elif part in places:
                self._tell(places[part], pieces, found)
        return found

    def _written(self, values: Mapping[str, str], plain: dict[str, bytes]) -> list[bytes]:
        written = []
        try:
            for field in self._fields.values():
                known = plain.get(field.name)
                if known is None:
                    value = values[field.name]
                    known = field.kept.get(value) or self._write(field, value, plain)
                written.append(known)
        except KeyError as missing:
            raise _absent(missing.args[0]) from None
        return written

    def _tell(self, keys: tuple[str, ...], pieces: list[bytes], found: list[bytes]) -> None:
        """Add the blocks of a place; most hold no value."""
        if self._open.keys().isdisjoint(keys):
            found += map(self._fixed.__getitem__, keys)
            return
        for key in keys:
            if key in self._open:
                found += map(pieces.__getitem__, self._open[key])
            else:
                found.append(self._fixed[key])

    def _write(self, field: "_Field", value: str, plain: dict[str, bytes]) -> bytes:
        if _PLAIN.fullmatch(value):
            written = plain[field.name] = value.encode("ascii") + SOFT_BREAK
            return written
        if len(field.kept) >= _KEPT:
            field.kept.clear()
        written = field.kept[value] = encode(written_value(value, field.kind, html=self._html))
        return written

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
        if slot.name not in values:
            raise _absent(slot.name)
        return written_value(values[slot.name], slot.kind, html=self._html)


def _is_open(pieces: Iterable[messages.Piece]) -> bool:
    return any(isinstance(piece, Slot) for piece in pieces)


def _absent(field: str) -> FormatError:
    return FormatError(f"merge field {field}", "has no value for this copy")


def written_value(value: str, kind: SlotKind, *, html: bool) -> str:
    """Return a value as it stands in its part.

    Addresses are percent-encoded, what is long in a flowed text goes on in further lines, and in
    HTML all is escaped.
    """
    if kind is SlotKind.FLOWED:
        return flow(value)
    safe = url_safe(value) if kind is SlotKind.URL else value
    return escape(safe, quote=True) if html else safe


def _ended(frame: tuple[messages.Part, ...]) -> tuple[messages.Part, ...]:
    """End the body in a line break of its own; a soft one would swallow the boundary's."""
    last = frame[-1] if frame else None
    if isinstance(last, Literal) and unix(last.text).endswith("\n"):
        return frame
    if isinstance(last, Literal):
        return (*frame[:-1], Literal(last.text + "\n"))
    return (*frame, Literal("\n"))
