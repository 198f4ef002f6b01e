"""Merge fields and blocks in a rendered digest: marks that survive inlining, then parts.

Serves formats that make a `Message`. Pure. A template writes a field (`{{ field.why }}`) and opens
and closes blocks (`{{ block("story:7") }}` … `{{ end() }}`); what it renders is text with marks,
which `parts` cuts into literals, slots and nested blocks.

Every mark holds a hash of the content it stands in, so that no story can contain one: a feed that
could write `unsubscribe_url` into a picture's address would learn who reads it.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from publisher.errors import TemplateError
from publisher.model.messages import Block, Literal, Part, Slot, SlotKind

HOST = "https://slot.invalid/"
"""A field that is an address is an address while it is inlined (`.invalid`: RFC 6761)."""

URL_FIELDS = "_url"
"""Fields of this ending hold addresses."""


class Marks:
    """The marks of one rendering. `seed` is anything that only this content gives."""

    def __init__(self, seed: str, names: Iterable[str], kind: SlotKind) -> None:
        self._nonce = blake2b(seed.encode("utf-8", "replace"), digest_size=12).hexdigest()
        self._kind = kind
        self._keys: list[str] = []
        self.fields = {name: self._field(name) for name in names}
        self.sentinel = f"<!--end:{self._nonce}-->"
        nonce = re.escape(self._nonce)
        self._mark = re.compile(
            rf"(?:{re.escape(HOST)})?slot-{nonce}-([a-z_]+)-"
            rf"|<!--block:{nonce}:([0-9]+)-->\n?"
            rf"|(<!--/block:{nonce}-->)\n?"
        )

    def _field(self, name: str) -> str:
        return f"{HOST if name.endswith(URL_FIELDS) else ''}slot-{self._nonce}-{name}-"

    def block(self, key: str) -> str:
        """Return the mark that opens a block; blocks nest."""
        if key not in self._keys:
            self._keys.append(key)
        return f"<!--block:{self._nonce}:{self._keys.index(key)}-->"

    def end(self) -> str:
        """Return the mark that closes the innermost open block."""
        return f"<!--/block:{self._nonce}-->"

    def parts(self, rendered: str, template: str) -> tuple[Part, ...]:
        """Cut a rendered text at its marks. Raises TemplateError for unbalanced or changed ones."""
        open_blocks: list[tuple[str, list[Part]]] = [("", [])]
        for piece in self._pieces(rendered):
            if isinstance(piece, str):
                open_blocks.append((piece, []))
            elif piece is not None:
                open_blocks[-1][1].append(piece)
            elif len(open_blocks) > 1:
                key, inner = open_blocks.pop()
                open_blocks[-1][1].append(Block(key, tuple(inner)))
            else:
                raise TemplateError(template, "closes a block that is not open")
        if len(open_blocks) > 1:
            raise TemplateError(template, f"does not close the block {open_blocks[-1][0]}")
        found = tuple(open_blocks[0][1])
        rest = f"slot-{self._nonce[:4]}"
        if any(rest in text.lower() for text in _texts(found)):
            raise TemplateError(template, "changes a merge field: fields take no filter")
        return found

    def _pieces(self, rendered: str) -> Iterator[Literal | Slot | str | None]:
        """Yield literals and slots, the key of each block that opens, None for each that closes."""
        start = 0
        for mark in self._mark.finditer(rendered):
            if mark.start() > start:
                yield Literal(rendered[start : mark.start()])
            start = mark.end()
            if mark[1]:
                url = mark[1].endswith(URL_FIELDS)
                yield Slot(mark[1], SlotKind.URL if url else self._kind)
            else:
                yield self._keys[int(mark[2])] if mark[2] else None
        if start < len(rendered):
            yield Literal(rendered[start:])


def _texts(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Block):
            yield from _texts(part.parts)
        elif isinstance(part, Literal):
            yield part.text
