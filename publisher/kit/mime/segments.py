"""A body cut into fixed bytes and merge fields, so that a copy is one `b"".join`.

Serves the letter: each fixed piece is made quoted-printable once per edition; per recipient only
values are encoded (measured: hundreds of times cheaper than building an EmailMessage). Pure, apart
from a bounded memory of the plans for the selections seen last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from publisher.errors import FormatError
from publisher.kit.mime.headers import url_safe
from publisher.kit.mime.quoted import SOFT_BREAK, encode_literal, encode_value, unix
from publisher.model.messages import Block, Literal, Part, Slot, SlotKind

_PLANS_KEPT = 128  # selections remembered per body; a plan is a list of references, not of copies


def fill_text(value: str, kind: SlotKind) -> str:
    """Return a value as it stands in the plain text part."""
    return url_safe(value) if kind is SlotKind.URL else value


def fill_html(value: str, kind: SlotKind) -> str:
    """Return a value as it stands in HTML content or a double-quoted attribute: always escaped."""
    return escape(url_safe(value) if kind is SlotKind.URL else value, quote=True)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Chunks of one selection; `fields` are (slot, places in `chunks` where its value goes)."""

    chunks: tuple[bytes, ...]
    fields: tuple[tuple[Slot, tuple[int, ...]], ...]


class Body:
    """One part of a message, compiled: its chunks for any selection of blocks."""

    __slots__ = ("_encoded", "_html", "_parts", "_plans")

    def __init__(self, parts: Sequence[Part], *, html: bool) -> None:
        self._parts = tuple(parts)
        self._html = html
        self._encoded = _encode_literals(self._parts)
        self._plans: dict[frozenset[str], _Plan] = {}

    def chunks(self, keys: frozenset[str], values: Mapping[str, str]) -> list[bytes]:
        """Return one copy's quoted-printable chunks. Raises FormatError for a missing value."""
        plan = self._plans.get(keys)
        if plan is None:
            if len(self._plans) >= _PLANS_KEPT:
                self._plans.clear()
            plan = self._plans[keys] = self._plan(keys)
        chunks = list(plan.chunks)
        for slot, places in plan.fields:
            encoded = encode_value(self._value(slot, values))
            for place in places:
                chunks[place] = encoded
        return chunks

    def filled(self, keys: frozenset[str], values: Mapping[str, str]) -> str:
        """Return the body of one copy as text with Unix line ends and a final one."""
        chosen = _choose(self._parts, keys)
        pieces = [
            unix(part.text if isinstance(part, Literal) else self._value(part, values))
            for part in chosen
        ]
        text = "".join(pieces)
        return text if pieces and pieces[-1].endswith("\n") else text + "\n"

    def _value(self, slot: Slot, values: Mapping[str, str]) -> str:
        value = values.get(slot.name)
        if value is None:
            raise FormatError(f"merge field {slot.name}", "has no value for this copy")
        return fill_html(value, slot.kind) if self._html else fill_text(value, slot.kind)

    def _plan(self, keys: frozenset[str]) -> _Plan:
        chunks: list[bytes] = []
        fields: dict[Slot, list[int]] = {}
        fixed: list[bytes] = []
        for part in _choose(self._parts, keys):
            if isinstance(part, Literal):
                fixed.append(self._encoded[part.text])
                continue
            fields.setdefault(part, []).append(len(chunks) + 1)
            chunks += (b"".join(fixed), b"")
            fixed.clear()
        chunks.append(_closed(b"".join(fixed)))
        return _Plan(
            chunks=tuple(chunks),
            fields=tuple((slot, tuple(places)) for slot, places in fields.items()),
        )


def _closed(last: bytes) -> bytes:
    """End the body in a hard line break; a soft one would swallow the boundary's."""
    if last.endswith(SOFT_BREAK):
        return last[: -len(SOFT_BREAK)] + b"\r\n"
    return last if last.endswith(b"\r\n") else last + b"\r\n"


def _choose(parts: Sequence[Part], keys: frozenset[str]) -> Iterator[Literal | Slot]:
    """Yield what stands in a copy: blocks whose key is not chosen fall out with all they hold."""
    for part in parts:
        if isinstance(part, Block):
            if part.key in keys:
                yield from _choose(part.parts, keys)
        else:
            yield part


def _encode_literals(parts: Sequence[Part]) -> dict[str, bytes]:
    encoded: dict[str, bytes] = {}
    for part in parts:
        if isinstance(part, Block):
            encoded |= _encode_literals(part.parts)
        elif isinstance(part, Literal):
            encoded[part.text] = encode_literal(part.text)
    return encoded
