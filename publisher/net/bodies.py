"""Bodies of answers: unpacked piece by piece, so that no answer grows beyond what is allowed.

Serves the rest of `net`. A packed body may say in a kilobyte what fills the memory; each coding is
unpacked by at most so much at a time. A body that ends early is an error, never half a document.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import brotli

PIECE = 64 * 1024
MAX_CODINGS = 2
"""Codings one inside the other; each may be a bomb of its own."""


MAX_MEMBERS = 1_000
"""Members of one gzip body; to begin each costs as much as to unpack a thousand bytes."""


class BadBody(ValueError):
    """A body that is not what its Content-Encoding says."""


class _Unpacker(Protocol):
    def unpack(self, data: bytes) -> Iterator[bytes]:
        """Yield what comes out, in pieces. Raises BadBody."""
        ...

    def end(self) -> None:
        """Raise BadBody when something is missing."""
        ...


class _Zlib:
    """gzip (several members, as RFC 1952 section 2.2 allows) and deflate with or without its frame."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._inner = zlib.decompressobj(bits)
        self._begun = False
        self._members = 1

    def unpack(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inner.eof:
                if self._bits != _GZIP or not data.startswith(b"\x1f\x8b"):
                    return  # what follows the end is padding
                self._members += 1
                if self._members > MAX_MEMBERS:
                    raise BadBody(f"has more than {MAX_MEMBERS} members")
                self._inner = zlib.decompressobj(self._bits)
            try:
                piece = self._inner.decompress(data, PIECE)
            except zlib.error as error:
                if self._begun or self._bits != _DEFLATE:
                    raise BadBody(f"cannot be unpacked: {error}") from error
                self._begun, self._inner = True, zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._begun = True
            data = self._inner.unconsumed_tail or self._inner.unused_data
            if piece:
                yield piece

    def end(self) -> None:
        if self._begun and not self._inner.eof:
            raise BadBody("ends before its end")


class _Brotli:
    """Brotli (RFC 7932)."""

    def __init__(self) -> None:
        self._inner = brotli.Decompressor()
        self._begun = False

    def unpack(self, data: bytes) -> Iterator[bytes]:
        self._begun = self._begun or bool(data)
        try:
            if self._inner.is_finished():
                return  # padding
            piece = self._inner.process(data, output_buffer_limit=PIECE)
            while piece or not self._inner.can_accept_more_data():
                yield piece
                if self._inner.is_finished():
                    return
                piece = self._inner.process(b"", output_buffer_limit=PIECE)
        except brotli.error as error:
            raise BadBody(f"cannot be unpacked: {error}") from error

    def end(self) -> None:
        if self._begun and not self._inner.is_finished():
            raise BadBody("ends before its end")


_GZIP = 16 + zlib.MAX_WBITS
_DEFLATE = zlib.MAX_WBITS


def _unpackers(coding: str) -> list[_Unpacker]:
    """Return what undoes a Content-Encoding, the last coding first. Raises BadBody.

    Names that are no coding are passed over: some servers name a charset there.
    """
    known: list[_Unpacker] = []
    for name in reversed([word.strip().lower() for word in coding.split(",")]):
        if name in {"gzip", "x-gzip"}:
            known.append(_Zlib(_GZIP))
        elif name == "deflate":
            known.append(_Zlib(_DEFLATE))
        elif name == "br":
            known.append(_Brotli())
        elif name in {"zstd", "compress", "x-compress"}:
            raise BadBody(f"comes packed as {name}, which was not asked for")
    if len(known) > MAX_CODINGS:
        raise BadBody(f"is packed more than {MAX_CODINGS} times")
    return known


def unpacked(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Yield a body without its Content-Encoding, in pieces. Raises BadBody."""
    unpackers = _unpackers(coding) if coding else []
    for unpacker in unpackers:
        pieces = _through(unpacker, pieces)
    yield from pieces


def _through(unpacker: _Unpacker, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from unpacker.unpack(piece)
    unpacker.end()
