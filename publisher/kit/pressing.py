"""Compressed forms of documents: Brotli (RFC 7932) and gzip (RFC 1952); the only importer of brotli.

Serves the pages and the directory outlet. Pure: the same bytes each time.
"""

import gzip
from collections.abc import Callable, Iterator, Mapping

SUFFIXES = {"br": ".br", "gzip": ".gz"}
"""What servers expect beside a document (nginx gzip_static, Caddy precompressed), best first."""

WORTH_PRESSING = 512
"""Octets below which a compressed answer is hardly shorter."""

QUICK, BEST = 5, 9
"""Brotli's effort for an answer that waits, and for a file that is written once."""

_PRESSED = ("text/", "application/rss", "application/atom", "application/xml", "application/json")
_PRESSED_MORE = ("application/feed+json", "image/svg")


def is_pressable(media_type: str, size: int) -> bool:
    """Tell whether a document of this type and size is worth compressing."""
    return size >= WORTH_PRESSING and media_type.startswith(_PRESSED + _PRESSED_MORE)


def press(data: bytes, *, effort: int = QUICK) -> Mapping[str, bytes]:
    """Return the forms that are shorter than the data, by their names in Content-Encoding."""
    made = {name: make(data, effort) for name, make in _MAKERS.items()}
    return {name: form for name, form in made.items() if len(form) < len(data)}


class PressedOnce(Mapping[str, bytes]):
    """The forms of an answer that nobody else gets: only the one asked for is made."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __getitem__(self, name: str) -> bytes:
        """Make a form."""
        return _MAKERS[name](self._data, QUICK)

    def __iter__(self) -> Iterator[str]:
        """Name what there could be."""
        return iter(_MAKERS)

    def __len__(self) -> int:
        """Count what there could be."""
        return len(_MAKERS)


def _brotli(data: bytes, effort: int) -> bytes:
    import brotli

    return bytes(brotli.compress(data, mode=brotli.MODE_TEXT, quality=effort))


def _gzip(data: bytes, effort: int) -> bytes:
    return gzip.compress(data, compresslevel=9 if effort > QUICK else 6, mtime=0)


_MAKERS: Mapping[str, Callable[[bytes, int], bytes]] = {"br": _brotli, "gzip": _gzip}
