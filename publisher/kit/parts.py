"""Merge fields, places and blocks in a rendered digest: marks that survive inlining, then a body.

Serves formats that make a `Message`. Pure. A template writes a field (`{{ field.why }}`), opens a
place (`{{ place("stories") }}`) and in it blocks (`{{ block("story:7") }}`), and closes either with
`{{ end() }}`. What it renders is text with marks, which `body` cuts into a frame and its blocks.

Every mark holds a hash of the content it stands in, so that no story can contain one: a feed that
could write `unsubscribe_url` into a picture's address would learn who reads it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from publisher.errors import TemplateError
from publisher.model.messages import Body, Literal, Part, Piece, Place, Slot, SlotKind

HOST = "https://slot.invalid/"
"""A field that is an address is an address while it is inlined (`.invalid`: RFC 6761)."""

URL_FIELDS = "_url"
"""Fields of this ending hold addresses."""


class Marks:
    """The marks of one rendering. `seed` is anything that only this content gives."""

    def __init__(self, seed: str, names: Iterable[str], kind: SlotKind) -> None:
        self._nonce = blake2b(seed.encode("utf-8", "replace"), digest_size=12).hexdigest()
        self._kind = kind
        self.fields = {name: self._field(name) for name in names}
        self.sentinel = f"<!--end:{self._nonce}-->"

    def _field(self, name: str) -> str:
        return f"{HOST if name.endswith(URL_FIELDS) else ''}slot-{self._nonce}-{name}-"

    def place(self, name: str) -> str:
        """Return the mark that opens a place of the frame."""
        return self._open("place", name)

    def block(self, key: str) -> str:
        """Return the mark that opens a block inside a place."""
        return self._open("block", key)

    def _open(self, what: str, name: str) -> str:
        # In hexadecimal: no name can end a comment.
        return f"<!--{what}:{self._nonce}:{name.encode('utf-8', 'replace').hex()}-->"

    def end(self) -> str:
        """Return the mark that closes the innermost open block or place."""
        return f"<!--/end:{self._nonce}-->"

    def body(self, rendered: str, template: str) -> Body:
        """Cut a rendered text at its marks. Raises TemplateError for misplaced or changed ones."""
        cut = _Cut(template)
        for kind, said in self._tokens(rendered):
            if kind in {"place", "block"}:
                cut.open(kind, bytes.fromhex(said).decode("utf-8", "replace"))
            elif kind == "end":
                cut.close()
            else:
                cut.add(self._slot(said) if kind == "field" else Literal(said))
        found = cut.finish()
        rest = f"slot-{self._nonce[:4]}"
        if any(rest in text.lower() for text in _texts(found)):
            raise TemplateError(template, "changes a merge field: fields take no filter")
        return found

    def _slot(self, name: str) -> Slot:
        return Slot(name, SlotKind.URL if name.endswith(URL_FIELDS) else self._kind)

    def _tokens(self, rendered: str) -> Iterator[tuple[str, str]]:
        """Yield what stands in a rendered text: fields, places, blocks, ends, and text between."""
        nonce = re.escape(self._nonce)
        marks = re.compile(
            rf"(?:{re.escape(HOST)})?slot-{nonce}-(?P<field>[a-z_]+)-"
            rf"|<!--place:{nonce}:(?P<place>[0-9a-f]+)-->\n?"
            rf"|<!--block:{nonce}:(?P<block>[0-9a-f]+)-->\n?"
            rf"|(?P<end><!--/end:{nonce}-->)\n?"
        )
        start = 0
        for mark in marks.finditer(rendered):
            if mark.start() > start:
                yield "text", rendered[start : mark.start()]
            start = mark.end()
            kind = mark.lastgroup or "text"
            yield kind, mark[kind]
        if start < len(rendered):
            yield "text", rendered[start:]


@dataclass(slots=True)
class _Cut:
    """A body while it is cut: text goes to the block that is open, or to the frame."""

    template: str
    frame: list[Part] = field(default_factory=list)
    blocks: dict[str, list[Piece]] = field(default_factory=dict)
    place: str = ""
    block: str = ""

    def open(self, kind: str, name: str) -> None:
        """Open a place, or a block of the open place."""
        if self.block or (kind == "place" and self.place):
            raise TemplateError(self.template, f"opens {kind} {name} inside another")
        if kind == "place":
            if Place(name) in self.frame:
                raise TemplateError(self.template, f"has the place {name} twice")
            self.frame.append(Place(name))
            self.place = name
            return
        if not self.place:
            raise TemplateError(self.template, f"opens the block {name} outside any place")
        if name in self.blocks:
            raise TemplateError(self.template, f"has the block {name} twice")
        self.blocks[name] = []
        self.block = name

    def close(self) -> None:
        """Close what was opened last."""
        if self.block:
            self.block = ""
        elif self.place:
            self.place = ""
        else:
            raise TemplateError(self.template, "closes a block that is not open")

    def add(self, piece: Piece) -> None:
        """Add text or a field where the cut stands."""
        if self.block:
            self.blocks[self.block].append(piece)
        elif not self.place:
            self.frame.append(piece)
        elif not isinstance(piece, Literal) or piece.text.strip():
            raise TemplateError(self.template, f"has text between the blocks of {self.place}")

    def finish(self) -> Body:
        """Return what was cut."""
        if self.block or self.place:
            raise TemplateError(self.template, f"does not close {self.block or self.place}")
        blocks = {key: tuple(pieces) for key, pieces in self.blocks.items()}
        return Body(frame=tuple(self.frame), blocks=blocks)


def _texts(body: Body) -> Iterator[str]:
    for parts in (body.frame, *body.blocks.values()):
        yield from (part.text for part in parts if isinstance(part, Literal))
